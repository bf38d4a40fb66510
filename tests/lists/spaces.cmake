# SPDX-License-Identifier: Apache-2.0
sinkscope_test(unit spaces/point_cloud)
sinkscope_test(unit spaces/rotary LIBS sinkscope_nn)
