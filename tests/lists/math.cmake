# SPDX-License-Identifier: Apache-2.0
sinkscope_test(unit math/graph)
sinkscope_test(unit math/graph_reference)
sinkscope_test(unit math/pca)
sinkscope_test(unit math/principal_components)
sinkscope_test(unit math/umap)
sinkscope_test(unit math/alignment)
sinkscope_test(unit math/intrinsic_dimension)
sinkscope_test(unit math/projection_quality)
sinkscope_test(unit math/persistence)
sinkscope_test(unit math/barcode_features)
if(SINKSCOPE_BENCH) # prints one line of JSON; tests/bench/compare_persistence.py runs it
    add_executable(bench_persistence bench/bench_persistence.cpp)
    target_link_libraries(bench_persistence PRIVATE sinkscope_core)
    set_target_properties(bench_persistence PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests AUTOMOC OFF)
endif()
if(SINKSCOPE_BENCH) # prints one line of JSON; tests/bench/compare_graph.py runs it
    add_executable(bench_graph bench/bench_graph.cpp)
    target_link_libraries(bench_graph PRIVATE sinkscope_core)
    set_target_properties(bench_graph PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests AUTOMOC OFF)
endif()
find_package(Eigen3 REQUIRED NO_MODULE) # the other way to the same eigenvalues
sinkscope_test(unit math/spectral LIBS Eigen3::Eigen)
sinkscope_test(unit math/random_matrix)
if(SINKSCOPE_BENCH) # prints one line of JSON; tests/bench/compare_umap.py runs it
    add_executable(bench_umap bench/bench_umap.cpp)
    target_link_libraries(bench_umap PRIVATE sinkscope_core)
    set_target_properties(bench_umap PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests AUTOMOC OFF)
endif()
if(SINKSCOPE_BENCH) # prints one line of JSON; tests/bench/compare_pca.py runs it
    add_executable(bench_pca bench/bench_pca.cpp)
    target_link_libraries(bench_pca PRIVATE sinkscope_core)
    set_target_properties(bench_pca PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests AUTOMOC OFF)
endif()
