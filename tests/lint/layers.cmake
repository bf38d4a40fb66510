# SPDX-License-Identifier: Apache-2.0
# cmake -DROOT=<source> -P layers.cmake: one direction of dependencies, core <- views <- app. CMake's PRIVATE linking cannot see this,
# because Debian's torch and Qt headers lie on the compiler's default path.
set(failures "")

# forbid(GLOB pattern REGEX what ALLOW regex): no file may include what matches, except files whose path matches ALLOW.
function(forbid pattern regex why)
    cmake_parse_arguments(ARG "" "ALLOW" "" ${ARGN})
    file(GLOB_RECURSE sources RELATIVE ${ROOT} ${ROOT}/${pattern}/*.h ${ROOT}/${pattern}/*.cpp)
    foreach(source IN LISTS sources)
        if(ARG_ALLOW AND source MATCHES "${ARG_ALLOW}")
            continue()
        endif()
        file(STRINGS ${ROOT}/${source} lines REGEX "^ *# *include *[<\"](${regex})")
        foreach(line IN LISTS lines)
            set(failures "${failures}\n  ${source}: ${line}  (${why})")
        endforeach()
    endforeach()
    set(failures "${failures}" PARENT_SCOPE)
endfunction()

forbid(core "Q[A-Z][A-Za-z]*>|Q[a-zA-Z]*/|vtk" "core has no Qt and no VTK")
forbid(core "app/|views/" "core does not know what is built on it")
forbid(core "ATen/|torch/|c10/" "only core/nn includes torch" ALLOW "^core/nn/")
forbid(core "hdf5" "only core/capture includes HDF5" ALLOW "^core/capture/")
forbid(core/math "core/(capture|analysis|nn|model|session)/" "math knows no model and no capture")
forbid(core/analysis "core/(nn|session)/" "analysis does not run models")
forbid(core/nn "core/(analysis|capture|session)/" "the forward pass knows taps, not who listens")
forbid(views "ATen/|torch/|c10/|hdf5|app/|fstream" "views have no torch, no HDF5 and no files")
forbid(views/panels "views/panels/" "panels talk through Selection and SessionModel only")
forbid(app/cli "Q[A-Z][A-Za-z]*>|vtk|views/" "the command line has no Qt and no VTK")

if(failures)
    message(FATAL_ERROR "Includes against the direction of dependencies:${failures}")
endif()
