# SPDX-License-Identifier: Apache-2.0
sinkscope_test(gui views/every_view LIBS sinkscope_views LABELS gl DISPLAY)
