// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/checkpoint/checkpoint.h"

namespace sinkscope {

/// Steps that every format shares when it fills a Checkpoint.

/// Reads config.json, tokenizer_config.json and the place of tokenizer.json from `checkpoint.folder`. What is broken goes to
/// `problems`, what is absent stays null. Thread: any but gui.
void readSideFiles(Checkpoint& checkpoint);
/// Appends tensors and their names. Returns how many names were there already; those tensors are left out.
std::size_t addTensors(Checkpoint& checkpoint, std::vector<TensorInfo> tensors);
/// The folder of a file, "." for a bare name.
std::filesystem::path folderOf(const std::filesystem::path& file);

} // namespace sinkscope
