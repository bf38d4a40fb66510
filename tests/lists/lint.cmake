# SPDX-License-Identifier: Apache-2.0
foreach(lint layers budget smells registries)
    add_test(NAME lint/${lint} COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR} -P ${CMAKE_CURRENT_SOURCE_DIR}/lint/${lint}.cmake)
    set_tests_properties(lint/${lint} PROPERTIES LABELS lint)
endforeach()
if(SINKSCOPE_GUI)
    find_package(Qt6 6.4 REQUIRED COMPONENTS LinguistTools)
    add_test(NAME lint/translations COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR} -DLUPDATE=$<TARGET_FILE:Qt6::lupdate>
        -P ${CMAKE_CURRENT_SOURCE_DIR}/lint/translations.cmake)
    set_tests_properties(lint/translations PROPERTIES LABELS lint)
endif()
