# SPDX-License-Identifier: Apache-2.0
find_package(Eigen3 REQUIRED NO_MODULE)
sinkscope_test(unit analysis/metrics)
sinkscope_test(unit analysis/analysis)
sinkscope_test(unit analysis/feature_families)
sinkscope_test(unit analysis/value_space LIBS Eigen3::Eigen)
sinkscope_test(unit analysis/fisher_information)
sinkscope_test(unit analysis/spectral_features)
sinkscope_test(unit analysis/topology)
if(SINKSCOPE_BENCH) # bench_features [MODEL]: milliseconds of every family
    add_executable(bench_features bench/bench_features.cpp)
    target_link_libraries(bench_features PRIVATE sinkscope_nn sinkscope_core)
    set_target_properties(bench_features PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests AUTOMOC OFF)
endif()
