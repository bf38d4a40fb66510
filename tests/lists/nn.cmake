# SPDX-License-Identifier: Apache-2.0
sinkscope_test(unit attention/head_attention)
sinkscope_test(golden forward LIBS sinkscope_nn)
sinkscope_test(unit model/model_spec)
sinkscope_test(unit nn/numerics)
sinkscope_test(unit nn/run_model LIBS sinkscope_nn)
