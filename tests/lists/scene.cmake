# SPDX-License-Identifier: Apache-2.0
if(SINKSCOPE_GUI)
    sinkscope_test(unit scene/camera LIBS sinkscope_views)
    sinkscope_test(gui scene/canvas LIBS sinkscope_views LABELS gl DISPLAY)
    sinkscope_test(gui scene/key_space LIBS sinkscope_views LABELS gl DISPLAY)
    sinkscope_test(gui scene/clouds LIBS sinkscope_views LABELS gl DISPLAY)
    sinkscope_test(unit scene/raster LIBS sinkscope_views)
    sinkscope_bench(scene LIBS sinkscope_views Qt6::Test)
endif()
