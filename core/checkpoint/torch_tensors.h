// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/checkpoint/torch_names.h"

#include <string>
#include <unordered_map>
#include <vector>

namespace sinkscope {

/// A piece of memory that tensors of a PyTorch pickle lie in.
struct TorchStorage {
    std::uint64_t elements = 0;
    std::size_t elementBytes = 1;
};

/// A tensor as the pickle describes it: element (i, j, ...) is number offset + i stride[0] + j stride[1] + ... of the storage, counted in
/// elements of `dtype`. Every number is at least 0; whether they stay inside the storage is not known yet.
struct TorchTensor {
    std::string name;
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape, stride;
    std::int64_t offset = 0;
    std::string_view storage; ///< its key, in the pickle's bytes
};

struct TorchContent {
    std::vector<TorchTensor> tensors;
    std::vector<std::string> notes;
    std::unordered_map<std::string_view, TorchStorage> storages; ///< all that the pickle names, by key
};

/// Most tensors of a file, most dimensions of one, and longest names together: far above any model, and what keeps memory bounded.
inline constexpr std::size_t kMaxTorchTensors = 500'000, kMaxTorchRank = 16, kMaxTorchNameBytes = 64U << 20U;

/// The weights in what a pickle describes: a dictionary of tensors, or one inside a dictionary ("state_dict", "model", ...); nested ones
/// get names with dots. States of optimizers and the like are left out, which a note says. Prefixes that wrappers put in front of every
/// name ("module.", "_orig_mod.") are taken off. Errors: HeaderInvalid, HeaderTooLarge, UnknownFormat (no tensors). Thread: any.
Result<TorchContent> torchContent(const PickleTree& tree, const std::filesystem::path& file);

} // namespace sinkscope
