# SPDX-License-Identifier: Apache-2.0
sinkscope_test(unit corpus/sample_set)
sinkscope_test(unit corpus/stem)
sinkscope_fuzz(samples)
