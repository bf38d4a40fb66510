# SPDX-License-Identifier: Apache-2.0
sinkscope_test(golden tokenizer)
sinkscope_bench(tokenizer)
