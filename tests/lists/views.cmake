# SPDX-License-Identifier: Apache-2.0
sinkscope_test(unit views/theme LIBS sinkscope_views)
sinkscope_test(unit views/models LIBS sinkscope_views)
sinkscope_test(unit views/paint LIBS sinkscope_views)
sinkscope_test(unit views/attention_graph LIBS sinkscope_views)
sinkscope_test(unit views/barcode LIBS sinkscope_views)
sinkscope_test(unit views/spectrum LIBS sinkscope_views)
sinkscope_test(gui views/every_view LIBS sinkscope_views LABELS gl DISPLAY)
sinkscope_test(gui views/figures LIBS sinkscope_views LABELS gl DISPLAY)
