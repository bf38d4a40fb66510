# SPDX-License-Identifier: Apache-2.0
# What shows the inside of a checkpoint: the tree of tensors, the heat map of a weight, its numbers.
target_sources(sinkscope_views PRIVATE
    inspector/difference_model.cpp
    inspector/difference_model.h
    inspector/number_list.cpp
    inspector/number_list.h
    inspector/tensor_follower.cpp
    inspector/tensor_follower.h
    inspector/tensor_tree_model.cpp
    inspector/tensor_tree_model.h
    inspector/tensor_tree_view.cpp
    inspector/tensor_tree_view.h
    inspector/weight_map_widget.cpp
    inspector/weight_map_widget.h
    paint/diverging_scale.cpp
    paint/tensor_plots.cpp
    paint/weight_map.cpp
)
