// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/assemble.h"
#include "core/checkpoint/safetensors_reader.h"

namespace sinkscope::registry_checkpoint_formats {
namespace {

/// The name counts a little, so that a damaged .safetensors file is reported as one.
int scoreSafetensors(const std::filesystem::path& path) {
    std::error_code failure;
    if (looksLikeSafetensors(path))
        return 70;
    return path.extension() == ".safetensors" && std::filesystem::is_regular_file(path, failure) ? 30 : 0;
}

Result<std::shared_ptr<const Checkpoint>> openSafetensors(const std::filesystem::path& path) {
    SINKSCOPE_TRY(auto tensors, readSafetensors(path));
    return assembleLoneFile(path, "safetensors", std::move(tensors), {});
}

Result<std::vector<TensorInfo>> readPart(const std::filesystem::path& file, std::vector<std::string>&) { return readSafetensors(file); }

} // namespace

extern const CheckpointFormat safetensors;
const CheckpointFormat safetensors{"safetensors", "Safetensors file", "*.safetensors", scoreSafetensors, openSafetensors, readPart};

} // namespace sinkscope::registry_checkpoint_formats
