// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/checkpoint/checkpoint.h"

namespace sinkscope {

/// Steps that every format shares when it fills a Checkpoint.

/// Reads config.json, tokenizer_config.json and the place of tokenizer.json from `checkpoint.folder`. What is broken goes to
/// `problems`, what is absent stays null. Thread: any but gui.
void readSideFiles(Checkpoint& checkpoint);
/// The tensors of one file among several, with the format that its content is of; remarks go to `notes`. Thread: any but gui.
Result<std::vector<TensorInfo>> readPart(const std::filesystem::path& file, std::vector<std::string>& notes);
/// Appends tensors and their names. Returns how many names were there already; those tensors are left out.
std::size_t addTensors(Checkpoint& checkpoint, std::vector<TensorInfo> tensors);
/// A checkpoint of one file, with what lies beside it. `notes` are remarks of the reader. Thread: any but gui.
std::shared_ptr<const Checkpoint> assembleLoneFile(const std::filesystem::path& file, std::string_view format, std::vector<TensorInfo> tensors,
                                                   std::vector<std::string> notes);
/// Gives matrices of eight-bit floating-point numbers the scales beside them ("x.weight_scale_inv", "x.weight_scale"): one for the tensor,
/// one for each row, or one for each block of "weight_block_size" in config.json (128 x 128 where it says nothing), as DeepSeek and Qwen
/// publish them. Says in a note what was done, and which scales fit nothing. Needs config. Thread: any.
void attachScales(Checkpoint& checkpoint);
/// The tensor with the scales of one of at most eight bits ("x.weight_scale_inv" of "x.weight"); null when there is none.
const TensorInfo* scaleOf(const Checkpoint& checkpoint, const TensorInfo& tensor);
/// The folder of a file, "." for a bare name.
std::filesystem::path folderOf(const std::filesystem::path& file);

} // namespace sinkscope
