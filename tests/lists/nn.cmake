# SPDX-License-Identifier: Apache-2.0
sinkscope_test(unit attention/head_attention)
sinkscope_test(golden forward LIBS sinkscope_nn)
sinkscope_test(golden demo LIBS sinkscope_nn)
sinkscope_test(golden interventions LIBS sinkscope_nn)
sinkscope_test(unit model/model_spec)
sinkscope_test(unit nn/numerics)
sinkscope_test(unit nn/interventions LIBS sinkscope_nn)
sinkscope_test(unit nn/run_model LIBS sinkscope_nn)
if(SINKSCOPE_BENCH) # prints one line of JSON; tests/bench/compare_forward.py runs it
    add_executable(bench_forward bench/bench_forward.cpp)
    target_link_libraries(bench_forward PRIVATE sinkscope_nn sinkscope_core)
    set_target_properties(bench_forward PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests AUTOMOC OFF)
endif()
