# SPDX-License-Identifier: Apache-2.0
sinkscope_test(unit analysis/metrics)
sinkscope_test(unit analysis/analysis)
sinkscope_test(unit analysis/feature_families)
