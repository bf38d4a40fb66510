# SPDX-License-Identifier: Apache-2.0
# cmake -DROOT=<source> -P smells.cmake: constructions that the design rules out, each found by its spelling.
set(failures "")

function(forbid_text folder regex why)
    cmake_parse_arguments(ARG "" "ALLOW" "" ${ARGN})
    file(GLOB_RECURSE sources RELATIVE ${ROOT} ${ROOT}/${folder}/*.h ${ROOT}/${folder}/*.cpp)
    foreach(source IN LISTS sources)
        if(ARG_ALLOW AND source MATCHES "${ARG_ALLOW}")
            continue()
        endif()
        file(STRINGS ${ROOT}/${source} lines REGEX "${regex}")
        foreach(line IN LISTS lines)
            set(failures "${failures}\n  ${source}: ${line}  (${why})")
        endforeach()
    endforeach()
    set(failures "${failures}" PARENT_SCOPE)
endfunction()

forbid_text(core "std::j?thread[ (>{]" "threads are made in core/jobs only" ALLOW "^core/jobs/")
forbid_text(views "std::j?thread|std::mutex|QThread|QMutex" "views have no threads and no locks")
forbid_text(app "QThread|QMutex" "work runs on the JobPool")
forbid_text(core "std::cout|std::cerr" "libraries do not print")
forbid_text(core "catch \\(\\.\\.\\.\\)" "only adapters catch everything" ALLOW "^core/(jobs|nn|capture)/")
forbid_text(tests "QTest::qSleep|QThread::sleep|QThread::msleep" "tests wait for conditions, they do not sleep")

if(failures)
    message(FATAL_ERROR "Against the design:${failures}")
endif()
