# SPDX-License-Identifier: Apache-2.0
foreach(lint layers budget smells registries)
    add_test(NAME lint/${lint} COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR} -P ${CMAKE_CURRENT_SOURCE_DIR}/lint/${lint}.cmake)
    set_tests_properties(lint/${lint} PROPERTIES LABELS lint)
endforeach()
