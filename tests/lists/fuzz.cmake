# SPDX-License-Identifier: Apache-2.0
sinkscope_fuzz(safetensors)
sinkscope_fuzz(weight_index)
sinkscope_fuzz(config)
sinkscope_fuzz(tokenizer)
sinkscope_fuzz(zip)
sinkscope_fuzz(pickle)
sinkscope_fuzz(pytorch)
sinkscope_fuzz(sentencepiece)
