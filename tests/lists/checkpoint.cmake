# SPDX-License-Identifier: Apache-2.0
sinkscope_test(unit checkpoint/convert)
sinkscope_test(unit checkpoint/hub_cache)
sinkscope_test(unit checkpoint/load_model)
sinkscope_test(unit checkpoint/open)
sinkscope_test(unit checkpoint/safetensors)
sinkscope_test(unit checkpoint/wrong_names)
sinkscope_test(golden pytorch LIBS sinkscope_nn)
sinkscope_bench(convert)
