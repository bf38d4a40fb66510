# SPDX-License-Identifier: Apache-2.0
function(sinkscope_cli_test name)
    sinkscope_test(unit cli/${name})
    add_dependencies(tst_unit_cli_${name} sinkscope-cli)
endfunction()

sinkscope_cli_test(inspect)
sinkscope_cli_test(tokenize)
sinkscope_cli_test(capture_commands)
