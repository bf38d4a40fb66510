# SPDX-License-Identifier: Apache-2.0
sinkscope_test(unit checkpoint/convert)
sinkscope_test(unit checkpoint/load_model)
sinkscope_test(unit checkpoint/open)
sinkscope_test(unit checkpoint/safetensors)
sinkscope_bench(convert)
