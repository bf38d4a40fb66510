# SPDX-License-Identifier: Apache-2.0
sinkscope_test(gui app/main_window LIBS sinkscope_app LABELS gl DISPLAY)
sinkscope_test(gui app/figure_cli LIBS sinkscope_app)
sinkscope_test(gui app/cache_dialog LIBS sinkscope_app)
sinkscope_test(gui app/sweep_dialog LIBS sinkscope_app)
sinkscope_test(gui app/tools LIBS sinkscope_app)
sinkscope_test(gui app/inspector_window LIBS sinkscope_app LABELS gl DISPLAY)
