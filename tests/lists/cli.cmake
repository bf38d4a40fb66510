# SPDX-License-Identifier: Apache-2.0
function(sinkscope_cli_test name)
    sinkscope_test(unit cli/${name})
    if(TARGET tst_unit_cli_${name})
        add_dependencies(tst_unit_cli_${name} sinkscope-cli)
    endif()
endfunction()

sinkscope_cli_test(inspect)
sinkscope_cli_test(tokenize)
sinkscope_cli_test(spectrum)
sinkscope_cli_test(capture_commands)
sinkscope_cli_test(fisher)
sinkscope_cli_test(probe)
