# SPDX-License-Identifier: Apache-2.0
find_package(HDF5 REQUIRED COMPONENTS C) # to damage sweeps in ways that our own writer cannot
sinkscope_test(unit corpus/sample_set)
sinkscope_test(unit corpus/stem)
sinkscope_fuzz(samples)
sinkscope_test(unit capture/sweep_store LIBS hdf5::hdf5)
sinkscope_test(unit session/sweep_run LIBS sinkscope_nn)
sinkscope_test(unit math/rank_correlation)
sinkscope_test(unit analysis/sweep_table)
