// SPDX-License-Identifier: Apache-2.0
#include "core/inspect/weight_hash.h"

#include "core/base/sha256.h"
#include "core/jobs/thread_team.h"

#include <algorithm>
#include <atomic>
#include <optional>

namespace sinkscope {
namespace {

constexpr std::size_t kPiece = 4U << 20U; ///< bytes hashed between two looks at the clock

/// Bytes to hash, and the file that they lie in.
struct Part {
    std::span<const std::byte> bytes;
    std::shared_ptr<const MappedFile> file;
    std::string name;
};

class PartHasher {
public:
    PartHasher(const std::vector<Part>& parts, JobContext& context) : m_parts(parts), m_context(context), m_hashes(parts.size()) {
        for (const Part& part : parts)
            m_total += part.bytes.size();
    }

    Result<std::vector<std::string>> run(int threads) {
        const int wanted = std::min(threads > 0 ? threads : usableProcessors(), static_cast<int>(std::max<std::size_t>(1, m_parts.size())));
        ThreadTeam team(wanted);
        SINKSCOPE_CHECK(team.run(m_parts.size(), [this](std::size_t index, int worker) { m_hashes[index] = hashOf(m_parts[index], worker); }, m_context));
        std::vector<std::string> texts;
        for (auto& hash : m_hashes) {
            SINKSCOPE_TRY(std::string text, *std::move(hash));
            texts.push_back(std::move(text));
        }
        return texts;
    }

private:
    Result<std::string> hashOf(const Part& part, int worker) {
        Sha256 hash;
        for (std::size_t at = 0; at < part.bytes.size(); at += kPiece) {
            SINKSCOPE_CHECK(m_context.checkpoint());
            const auto piece = part.bytes.subspan(at, std::min(kPiece, part.bytes.size() - at));
            if (part.file && at + kPiece < part.bytes.size())
                part.file->prefetch(part.bytes.subspan(at + kPiece, std::min(kPiece, part.bytes.size() - at - kPiece)));
            hash.add(piece);
            if (part.file)
                part.file->release(piece);
            const std::uint64_t done = m_done += piece.size();
            if (worker == 0) // progress belongs to the thread of the context
                m_context.progress(static_cast<double>(done) / static_cast<double>(std::max<std::uint64_t>(m_total, 1)), part.name);
        }
        return hash.hex();
    }

    const std::vector<Part>& m_parts;
    JobContext& m_context;
    std::vector<std::optional<Result<std::string>>> m_hashes;
    std::uint64_t m_total = 0;
    std::atomic<std::uint64_t> m_done{0};
};

} // namespace

Result<WeightHash> weightHash(const Checkpoint& checkpoint, JobContext& context, int threads) {
    std::vector<Part> parts;
    for (const TensorInfo& tensor : checkpoint.tensors)
        parts.push_back({tensor.bytes, tensor.file, tensor.name});
    WeightHash result;
    SINKSCOPE_TRY(result.tensors, PartHasher(parts, context).run(threads));
    Sha256 whole;
    const auto addText = [&whole](std::string_view text) {
        whole.add(static_cast<std::uint64_t>(text.size()));
        whole.add(text);
    };
    for (const auto& [name, index] : checkpoint.byName) {
        const TensorInfo& tensor = checkpoint.tensors[index];
        addText(name);
        addText(nameOf(tensor.dtype));
        whole.add(static_cast<std::uint64_t>(tensor.shape.size()));
        for (const std::int64_t size : tensor.shape)
            whole.add(static_cast<std::uint64_t>(size));
        whole.add(std::string_view(result.tensors[index]));
    }
    SINKSCOPE_TRY(result.content, whole.hex());
    checkpoint.facts->setContentHash(result.content);
    return result;
}

Result<std::vector<FileHash>> weightFileHashes(const Checkpoint& checkpoint, JobContext& context, int threads) {
    std::vector<Part> parts;
    std::vector<FileHash> files;
    for (const TensorInfo& tensor : checkpoint.tensors) {
        const auto isHere = [&](const Part& part) { return part.file == tensor.file; };
        if (!tensor.file || std::ranges::any_of(parts, isHere))
            continue;
        parts.push_back({tensor.file->bytes(), tensor.file, tensor.file->path().filename().string()});
        files.push_back({tensor.file->path(), tensor.file->bytes().size(), {}});
    }
    SINKSCOPE_TRY(std::vector<std::string> hashes, PartHasher(parts, context).run(threads));
    for (std::size_t i = 0; i < files.size(); ++i)
        files[i].sha256 = std::move(hashes[i]);
    return files;
}

} // namespace sinkscope
