# SPDX-License-Identifier: Apache-2.0
sinkscope_test(unit base/result)
sinkscope_test(unit io/io)
sinkscope_test(unit jobs/job_pool)
sinkscope_test(unit base/hostile_files)
