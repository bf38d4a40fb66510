# SPDX-License-Identifier: Apache-2.0
# Debian's VTK-Qt module is built for Qt 5: VTK renders into a QOpenGLWidget of ours. Text is painted by Qt, so no font module of VTK.
find_package(Qt6 6.4 REQUIRED COMPONENTS OpenGL OpenGLWidgets)
find_package(VTK 9.1 REQUIRED COMPONENTS CommonCore CommonDataModel RenderingCore RenderingOpenGL2)
target_sources(sinkscope_views PRIVATE
    vtk/camera_history.h
    vtk/geometry_backend.cpp
    vtk/geometry_backend.h
    vtk/key_space_align.cpp
    vtk/key_space_align.h
    vtk/key_space_axis.cpp
    vtk/key_space_axis.h
    vtk/key_space_data.cpp
    vtk/key_space_data.h
    vtk/key_space_looks.cpp
    vtk/key_space_looks.h
    vtk/key_space_quality.cpp
    vtk/key_space_quality.h
    vtk/key_space_recipe.cpp
    vtk/key_space_scene.cpp
    vtk/key_space_scene.h
    vtk/key_space_text.cpp
    vtk/label_layout.cpp
    vtk/label_layout.h
    vtk/point_actors.cpp
    vtk/point_actors.h
    vtk/point_pick.cpp
    vtk/point_pick.h
    vtk/point_scene.cpp
    vtk/point_scene.h
    vtk/point_shader.cpp
    vtk/point_shader.h
    vtk/raster_lines.cpp
    vtk/raster_lines.h
    vtk/raster_stamp.cpp
    vtk/raster_stamp.h
    vtk/raster_view.cpp
    vtk/raster_view.h
    vtk/scene_camera.cpp
    vtk/scene_camera.h
    vtk/scene_lines.cpp
    vtk/scene_lines.h
    vtk/scene_morph.cpp
    vtk/scene_morph.h
    vtk/scene_overlay.cpp
    vtk/scene_overlay.h
    vtk/scene_raster.cpp
    vtk/scene_raster.h
    vtk/scene_legend.cpp
    vtk/scene_legend.h
    vtk/scene_state.h
    vtk/canvas_keys.cpp
    vtk/scene_vector.cpp
    vtk/scene_vector.h
    vtk/vtk_canvas.cpp
    vtk/vtk_canvas.h
    vtk/vtk_surface.cpp
    vtk/vtk_surface.h
    vtk/vtk_target.cpp
    vtk/vtk_target.h
)
target_link_libraries(sinkscope_views PRIVATE Qt6::OpenGL ${VTK_LIBRARIES})
vtk_module_autoinit(TARGETS sinkscope_views MODULES ${VTK_LIBRARIES})
