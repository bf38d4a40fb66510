# SPDX-License-Identifier: Apache-2.0
# Views of one head (barcode, graph, spectrum, value space) and of probes.
target_sources(sinkscope_views PRIVATE
    head_follower.cpp
    head_follower.h
    seen_follower.cpp
    seen_follower.h
    models/head_barcode.cpp
    models/head_graph.cpp
    models/head_spectrum.cpp
    models/value_space.cpp
    paint/attention_graph.cpp
    paint/barcode.cpp
    paint/forest_plot.cpp
    paint/plot_axes.cpp
    paint/spectrum.cpp
    paint/value_space.cpp
    painted_view.cpp
    painted_view.h
    probe_setup.cpp
    probe_setup.h
)
