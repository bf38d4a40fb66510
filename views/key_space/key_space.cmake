# SPDX-License-Identifier: Apache-2.0
# Parts of the panel that shows key spaces.
target_sources(sinkscope_views PRIVATE
    key_space/cloud_setup.cpp
    key_space/cloud_setup.h
    key_space/key_space_footer.cpp
    key_space/key_space_footer.h
    key_space/key_space_view.cpp
    key_space/key_space_view.h
    key_space/look_menu.cpp
    key_space/look_menu.h
    key_space/neighbour_list.cpp
    key_space/neighbour_list.h
    key_space/quality_strip.cpp
    key_space/quality_strip.h
    key_space/scene_recorder.cpp
    key_space/scene_recorder.h
)
