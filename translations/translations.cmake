# SPDX-License-Identifier: Apache-2.0
# sinkscope_en.ts holds the plural forms of English ("1 token", "2 tokens"); any other language is one more file in this list. The strings are
# collected by `cmake --build ... --target update_translations`; lint/translations fails when that was forgotten.
set(SINKSCOPE_TRANSLATIONS ${PROJECT_SOURCE_DIR}/translations/sinkscope_en.ts)
find_package(Qt6 6.4 REQUIRED COMPONENTS LinguistTools)
qt_add_lrelease(sinkscope_app TS_FILES ${SINKSCOPE_TRANSLATIONS} QM_FILES_OUTPUT_VARIABLE compiled)
qt_add_resources(sinkscope_app translations PREFIX /sinkscope/translations BASE ${CMAKE_CURRENT_BINARY_DIR} FILES ${compiled})
add_custom_target(update_translations COMMAND ${CMAKE_COMMAND} -DROOT=${PROJECT_SOURCE_DIR} -DLUPDATE=$<TARGET_FILE:Qt6::lupdate> -DUPDATE=ON
    -P ${PROJECT_SOURCE_DIR}/tests/lint/translations.cmake)
