// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/assemble.h"
#include "core/checkpoint/torch_reader.h"

#include <array>
#include <fstream>

namespace sinkscope::registry_checkpoint_formats {
namespace {

namespace fs = std::filesystem;

/// The first bytes of a file, as many as there are.
std::string startOf(const fs::path& path) {
    std::error_code failure;
    if (!fs::is_regular_file(path, failure)) // a pipe would block
        return {};
    std::array<char, 512> start{};
    std::ifstream stream(path, std::ios::binary);
    stream.read(start.data(), start.size());
    return {start.data(), static_cast<std::size_t>(stream.gcount())};
}

/// The endings of PyTorch's files. A damaged or hostile one, which begins like nothing, is then reported as what it should be.
bool isNamedSo(const fs::path& path) {
    const auto extension = path.extension();
    return extension == ".bin" || extension == ".pt" || extension == ".pth" || extension == ".ckpt" || extension == ".pkl";
}

int scorePytorch(const fs::path& path) {
    const std::string start = startOf(path);
    const bool isPickle = start.size() > 2 && start[0] == '\x80' && start[1] >= 2 && start[1] <= 5;
    if (start.starts_with("PK\x03\x04"))
        return start.find("/data.pkl") != start.npos ? 70 : 20;
    if (isPickle && start.substr(2, 4) == "\x8a\x0al\xfc") // the magic number of the old format
        return 70;
    if (isPickle)
        return 40;
    return isNamedSo(path) && !start.empty() ? 10 : 0;
}

Result<std::vector<TensorInfo>> readPart(const fs::path& file, std::vector<std::string>& notes) {
    SINKSCOPE_TRY(TorchFile torch, readTorch(file));
    notes.insert(notes.end(), torch.notes.begin(), torch.notes.end());
    return std::move(torch.tensors);
}

Result<std::shared_ptr<const Checkpoint>> openPytorch(const fs::path& path) {
    std::vector<std::string> notes;
    SINKSCOPE_TRY(auto tensors, readPart(path, notes));
    return assembleLoneFile(path, "pytorch", std::move(tensors), std::move(notes));
}

} // namespace

extern const CheckpointFormat pytorch;
const CheckpointFormat pytorch{"pytorch", "PyTorch file", "*.bin *.pt *.pth", scorePytorch, openPytorch, readPart};

} // namespace sinkscope::registry_checkpoint_formats
