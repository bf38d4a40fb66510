# SPDX-License-Identifier: Apache-2.0
sinkscope_test(unit attention/head_attention)
sinkscope_test(golden forward LIBS sinkscope_nn)
