// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/torch_reader.h"

#include "core/base/checked_math.h"
#include "core/base/printable.h"
#include "core/checkpoint/torch_tensors.h"
#include "core/io/zip_archive.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>

namespace sinkscope {
namespace {

using Bytes = std::span<const std::byte>;

/// 0x1950a86a20f9469cfc6c, as the pickle of the old format begins: PROTO 2, LONG1 of ten bytes, STOP.
constexpr std::string_view kMagicNumber("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);
constexpr std::int64_t kOldVersion = 1001;

class Reader {
public:
    Reader(Bytes content, const std::filesystem::path& file, const std::shared_ptr<const MappedFile>& mapping)
        : m_content(content), m_file(file), m_mapping(mapping) {}

    Result<TorchFile> read() {
        const std::string_view text(reinterpret_cast<const char*>(m_content.data()), m_content.size());
        if (text.starts_with("version https://git-lfs"))
            return error(ErrorCode::HeaderInvalid, "this is a Git LFS pointer, not the weights that it stands for");
        if (text.size() > 262 && text.substr(257, 5) == "ustar")
            return error(ErrorCode::FormatUnsupported, "is a tar archive, as PyTorch wrote them before version 0.1.10");
        if (text.starts_with("PK\x03\x04"))
            return readZip();
        return readPickles(text.starts_with('\x80'));
    }

private:
    [[nodiscard]] Error error(ErrorCode code, std::string detail) const { return Error{code, std::move(detail), m_file}; }
    [[nodiscard]] Error error(ErrorCode code, std::string_view tensor, const std::string& text) const {
        return error(code, "tensor '" + printable(tensor) + "': " + text);
    }

    // ---- the zip format: <name>/data.pkl, <name>/data/<key> ------------------------------------------------------------

    Result<TorchFile> readZip() {
        SINKSCOPE_TRY(const auto members, parseZip(m_content, m_file));
        const ZipMember* pickle = nullptr;
        std::string folder;
        for (const ZipMember& member : members)
            if (const auto slash = member.name.find('/'); !pickle && slash != member.name.npos && member.name.substr(slash) == "/data.pkl") {
                pickle = &member;
                folder = std::string(member.name.substr(0, slash + 1));
            }
        if (!pickle)
            return error(ErrorCode::UnknownFormat, "is a zip archive, but not one of PyTorch: it has no data.pkl");
        if (findMember(members, folder + "constants.pkl"))
            return error(ErrorCode::FormatUnsupported, "is a TorchScript archive: a program, not only weights");
        SINKSCOPE_TRY(const Bytes text, bytesOf(*pickle));
        if (const ZipMember* order = findMember(members, folder + "byteorder")) {
            SINKSCOPE_TRY(const Bytes word, bytesOf(*order));
            if (std::string_view(reinterpret_cast<const char*>(word.data()), word.size()) != "little")
                return error(ErrorCode::FormatUnsupported, "was written on a big-endian computer");
        }
        SINKSCOPE_TRY(const PickleResult result, readPickle(text, resolveTorchName, m_file));
        SINKSCOPE_TRY(TorchContent described, torchContent(result.tree, m_file));
        for (const ZipMember& member : members)
            if (member.name.starts_with(folder + "data/"))
                m_storages.emplace(member.name.substr(folder.size() + 5), Place{member.begin, member.packedSize, member.stored});
        return assemble(std::move(described));
    }
    Result<Bytes> bytesOf(const ZipMember& member) const {
        if (!member.stored)
            return compressed(member.name);
        return m_content.subspan(member.begin, member.packedSize);
    }
    [[nodiscard]] Error compressed(std::string_view name) const {
        return error(ErrorCode::FormatUnsupported,
                     "'" + printable(name) + "' is compressed, which torch.save never does; weights must lie in the file as they are");
    }

    // ---- the old format: magic number, version, system, content, keys, and the storages in the order of the keys -------

    Result<TorchFile> readPickles(bool looksRight) {
        std::size_t at = 0;
        const auto magic = nextPickle(at);
        if (!magic) { // of no known beginning: what it asks for is said, and nothing else
            const bool refused = magic.error().code == ErrorCode::PickleRefused;
            return looksRight || refused ? magic.error() : error(ErrorCode::UnknownFormat, "is neither a zip archive nor a pickle");
        }
        if (magic->text(magic->root()) != kMagicNumber)
            return error(ErrorCode::UnknownFormat, "is a Python pickle, but not one that torch.save wrote");
        SINKSCOPE_TRY(const PickleTree version, nextPickle(at));
        if (version.integer(version.root()) != kOldVersion)
            return error(ErrorCode::FormatUnsupported, "is of an unknown version of PyTorch's old format");
        SINKSCOPE_TRY(const PickleTree system, nextPickle(at));
        if (isBigEndian(system))
            return error(ErrorCode::FormatUnsupported, "was written on a big-endian computer");
        SINKSCOPE_TRY(const PickleTree tree, nextPickle(at));
        SINKSCOPE_TRY(TorchContent described, torchContent(tree, m_file));
        SINKSCOPE_TRY(const PickleTree keys, nextPickle(at));
        SINKSCOPE_CHECK(findStorages(keys, described, at));
        return assemble(std::move(described));
    }
    Result<PickleTree> nextPickle(std::size_t& at) const {
        SINKSCOPE_TRY(PickleResult result, readPickle(m_content.subspan(at), resolveTorchName, m_file));
        at += result.end;
        return std::move(result.tree);
    }
    static bool isBigEndian(const PickleTree& system) {
        const auto items = system.items(system.root());
        for (std::size_t i = 0; i + 1 < items.size(); i += 2)
            if (system.text(items[i]) == "little_endian")
                return system.integer(items[i + 1]) == 0;
        return false;
    }
    Result<void> findStorages(const PickleTree& keys, const TorchContent& described, std::uint64_t at) {
        for (const PickleId id : keys.items(keys.root())) {
            const auto known = described.storages.find(keys.text(id));
            if (known == described.storages.end())
                return error(ErrorCode::HeaderInvalid, "storage '" + printable(keys.text(id)) + "' belongs to no tensor");
            std::uint64_t elements = 0;
            if (m_content.size() - at < sizeof elements)
                return error(ErrorCode::TensorOutOfFile, "the file ends before storage '" + printable(keys.text(id)) + "'");
            std::memcpy(&elements, m_content.data() + at, sizeof elements);
            at += sizeof elements;
            const auto bytes = checkedMul<std::uint64_t>(elements, known->second.elementBytes);
            if (!bytes || *bytes > m_content.size() - at)
                return error(ErrorCode::TensorOutOfFile, "storage '" + printable(keys.text(id)) + "' of " + std::to_string(elements) +
                                                             " elements ends beyond the file");
            if (!m_storages.emplace(known->first, Place{at, *bytes, true}).second)
                return error(ErrorCode::HeaderInvalid, "storage '" + printable(keys.text(id)) + "' is there twice");
            at += *bytes;
        }
        return {};
    }

    // ---- both ----------------------------------------------------------------------------------------------------------

    struct Place {
        std::uint64_t begin = 0, size = 0;
        bool stored = true;
    };

    Result<TorchFile> assemble(TorchContent described) {
        TorchFile result{{}, std::move(described.notes)};
        result.tensors.reserve(described.tensors.size());
        for (TorchTensor& tensor : described.tensors) {
            SINKSCOPE_TRY(TensorInfo info, infoOf(tensor));
            result.tensors.push_back(std::move(info));
        }
        if (m_reordered > 0)
            result.notes.push_back(std::to_string(m_reordered) + (m_reordered == 1 ? " tensor does" : " tensors do") +
                                   " not lie in order in the file and " + (m_reordered == 1 ? "is" : "are") + " kept in memory (" +
                                   std::to_string(m_reorderedBytes) + " bytes)");
        return result;
    }

    Result<TensorInfo> infoOf(TorchTensor& tensor) {
        const auto count = elementCount(tensor.shape);
        const std::size_t size = sizeOf(tensor.dtype);
        const auto bytes = count ? checkedMul(static_cast<std::uint64_t>(*count), std::uint64_t{size}) : std::nullopt;
        if (!bytes)
            return error(ErrorCode::ShapeOverflow, tensor.name, "the number of bytes of its shape overflows");
        TensorInfo info{std::move(tensor.name), tensor.dtype, std::move(tensor.shape), {}, m_mapping};
        if (*bytes == 0)
            return info;
        for (std::size_t i = 0; i < info.shape.size(); ++i)
            if (info.shape[i] == 1)
                tensor.stride[i] = 0; // never used, and may be anything
        SINKSCOPE_TRY(const Bytes storage, storageOf(tensor, info.name));
        const auto end = endOf(tensor, info.shape);
        if (!end || *end > storage.size() / size)
            return error(ErrorCode::TensorOutOfFile, info.name,
                         "its elements reach beyond its storage of " + std::to_string(storage.size()) + " bytes");
        const auto first = static_cast<std::uint64_t>(tensor.offset) * size;
        if (isInOrder(tensor, info.shape)) {
            info.bytes = storage.subspan(first, *bytes);
            return info;
        }
        m_reorderedBytes += *bytes; // no overflow: both are at most the cap when this is reached
        if (*bytes > kMaxReorderedBytes || m_reorderedBytes > std::min<std::uint64_t>(kMaxReorderedBytes, m_content.size()))
            return error(ErrorCode::MemoryExceeded, info.name,
                         "its elements do not lie in order, and putting them in order takes too much memory; save it with .contiguous()");
        ++m_reordered;
        info.file = MappedFile::ofMemory(m_file, reordered(tensor, info.shape, storage.subspan(first), *bytes));
        info.bytes = info.file->bytes();
        return info;
    }

    Result<Bytes> storageOf(const TorchTensor& tensor, const std::string& name) const {
        const auto found = m_storages.find(tensor.storage);
        if (found == m_storages.end())
            return error(ErrorCode::TensorOutOfFile, name, "its storage '" + printable(tensor.storage) + "' is not in the file");
        if (!found->second.stored)
            return compressed("data/" + std::string(tensor.storage));
        return m_content.subspan(found->second.begin, found->second.size);
    }
    /// One past the last element of a tensor that has some; nothing if that overflows.
    static std::optional<std::uint64_t> endOf(const TorchTensor& tensor, const std::vector<std::int64_t>& shape) {
        std::optional<std::int64_t> last = tensor.offset;
        for (std::size_t i = 0; i < shape.size() && last; ++i) {
            const auto reach = checkedMul(shape[i] - 1, tensor.stride[i]);
            last = reach ? checkedAdd(*last, *reach) : std::nullopt;
        }
        if (!last)
            return std::nullopt;
        return static_cast<std::uint64_t>(*last) + 1;
    }
    static bool isInOrder(const TorchTensor& tensor, const std::vector<std::int64_t>& shape) {
        std::int64_t expected = 1;
        for (std::size_t i = shape.size(); i-- > 0;) {
            if (shape[i] != 1 && tensor.stride[i] != expected)
                return false;
            expected *= shape[i];
        }
        return true;
    }
    /// Copies element by element, the last dimension fastest.
    static std::vector<std::byte> reordered(const TorchTensor& tensor, const std::vector<std::int64_t>& shape, Bytes from, std::uint64_t bytes) {
        const std::size_t size = sizeOf(tensor.dtype);
        std::vector<std::byte> to(bytes);
        std::vector<std::int64_t> index(shape.size());
        std::int64_t at = 0;
        for (std::uint64_t done = 0; done < bytes; done += size) {
            std::memcpy(to.data() + done, from.data() + static_cast<std::uint64_t>(at) * size, size);
            for (std::size_t i = shape.size(); i-- > 0;) {
                at += tensor.stride[i];
                if (++index[i] < shape[i])
                    break;
                at -= tensor.stride[i] * shape[i];
                index[i] = 0;
            }
        }
        return to;
    }

    Bytes m_content;
    const std::filesystem::path& m_file;
    const std::shared_ptr<const MappedFile>& m_mapping;
    std::unordered_map<std::string_view, Place> m_storages; ///< by key, in the bytes of the file
    std::size_t m_reordered = 0;
    std::uint64_t m_reorderedBytes = 0;
};

} // namespace

Result<TorchFile> parseTorch(Bytes content, const std::filesystem::path& file, const std::shared_ptr<const MappedFile>& mapping) {
    return Reader(content, file, mapping).read();
}

Result<TorchFile> readTorch(const std::filesystem::path& path) {
    SINKSCOPE_TRY(const auto mapping, MappedFile::open(path));
    return parseTorch(mapping->bytes(), path, mapping);
}

} // namespace sinkscope
