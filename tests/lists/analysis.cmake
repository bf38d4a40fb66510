# SPDX-License-Identifier: Apache-2.0
find_package(Eigen3 REQUIRED NO_MODULE)
sinkscope_test(unit analysis/metrics)
sinkscope_test(unit analysis/analysis)
sinkscope_test(unit analysis/feature_families)
sinkscope_test(unit analysis/value_space LIBS Eigen3::Eigen)
sinkscope_test(unit analysis/fisher_information)
sinkscope_test(unit analysis/spectral_features)
sinkscope_test(unit analysis/topology)
