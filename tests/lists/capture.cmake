# SPDX-License-Identifier: Apache-2.0
find_package(HDF5 REQUIRED COMPONENTS C) # to damage captures in ways that our own writer cannot
sinkscope_test(unit attention/statistics_builder)
sinkscope_test(unit capture/capture_store)
sinkscope_test(unit capture/capture_killed)
sinkscope_fuzz(capture LIBS hdf5::hdf5)
sinkscope_test(unit capture/capture_hostile LIBS hdf5::hdf5)
sinkscope_test(unit session/capture_consumer)
sinkscope_test(unit session/capture_run LIBS sinkscope_nn)
sinkscope_test(unit session/model_weights)
sinkscope_test(unit session/self_test LIBS sinkscope_nn)
sinkscope_test(unit session/probe LIBS sinkscope_nn)
