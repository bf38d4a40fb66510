# SPDX-License-Identifier: Apache-2.0
sinkscope_test(unit inspect/matrices)
sinkscope_test(unit inspect/checkpoints)
sinkscope_test(unit inspect/reference)
