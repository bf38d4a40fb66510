// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/checkpoint/checkpoint.h"
#include "core/jobs/job_context.h"

#include <string>
#include <vector>

namespace sinkscope {

/// Hashes of the weights of a checkpoint, all of them SHA-256 in 64 hexadecimal digits.
struct WeightHash {
    /// Of every tensor's name, type, shape and stored bytes, whichever file holds it and in whatever order: two checkpoints have the same one
    /// exactly when they hold the same tensors. It is the hash of, for every tensor in the order of the bytes of its name: length of the name,
    /// name, length of the type's name, type's name ("F16"), number of dimensions, each dimension (numbers as eight bytes, lowest first), and
    /// the 64 digits of `tensors`.
    std::string content;
    /// Of the stored bytes of each tensor, in the order of Checkpoint::tensors.
    std::vector<std::string> tensors;
};

/// Reads everything once, on several threads, and gives its pages back; the checkpoint remembers the content's, for captures that are made later.
/// Errors: Cancelled, Internal. Thread: any but gui.
Result<WeightHash> weightHash(const Checkpoint& checkpoint, JobContext& context, int threads = 0);

struct FileHash {
    std::filesystem::path file;
    std::uint64_t bytes = 0;
    std::string sha256; ///< as `sha256sum` prints it, and as model hubs show it for their files
};
/// Of every file that holds tensors, in their order. Errors and thread as above.
Result<std::vector<FileHash>> weightFileHashes(const Checkpoint& checkpoint, JobContext& context, int threads = 0);

} // namespace sinkscope
