// SPDX-License-Identifier: Apache-2.0
#include "core/io/zip_archive.h"

#include "core/base/checked_math.h"
#include "core/base/printable.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <unordered_set>

namespace sinkscope {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034b50, kDirectoryEntry = 0x02014b50, kDirectoryEnd = 0x06054b50, kDirectoryEnd64 = 0x06064b50,
                        kLocator64 = 0x07064b50;
constexpr std::uint64_t kLocalBytes = 30, kEntryBytes = 46, kEndBytes = 22, kEnd64Bytes = 56, kLocatorBytes = 20, kMaxComment = 65535;
constexpr std::uint64_t kIn64 = 0xFFFFFFFF, kCountIn64 = 0xFFFF; ///< "see the 64-bit field"

/// Little-endian numbers and texts at places of the archive; whoever asks has made sure that they are inside.
class Bytes {
public:
    explicit Bytes(std::span<const std::byte> content) : m_content(content) {}
    [[nodiscard]] std::uint64_t size() const { return m_content.size(); }
    [[nodiscard]] bool holds(std::uint64_t at, std::uint64_t count) const { return at <= size() && count <= size() - at; }
    [[nodiscard]] std::uint64_t u16(std::uint64_t at) const { return number<std::uint16_t>(at); }
    [[nodiscard]] std::uint64_t u32(std::uint64_t at) const { return number<std::uint32_t>(at); }
    [[nodiscard]] std::uint64_t u64(std::uint64_t at) const { return number<std::uint64_t>(at); }
    [[nodiscard]] std::string_view text(std::uint64_t at, std::uint64_t count) const {
        return {reinterpret_cast<const char*>(m_content.data()) + at, count};
    }

private:
    template <typename T> [[nodiscard]] std::uint64_t number(std::uint64_t at) const {
        T value{};
        std::memcpy(&value, m_content.data() + at, sizeof(T));
        return value;
    }
    std::span<const std::byte> m_content;
};

struct Directory {
    std::uint64_t begin = 0, size = 0, count = 0, end = 0; ///< end: where the records behind it begin
};

class Reader {
public:
    Reader(std::span<const std::byte> content, const std::filesystem::path& file) : m_bytes(content), m_file(file) {}

    Result<std::vector<ZipMember>> members() {
        SINKSCOPE_TRY(const Directory directory, findDirectory());
        if (directory.count > directory.size / kEntryBytes)
            return invalid("its directory claims " + std::to_string(directory.count) + " members in " + std::to_string(directory.size) + " bytes");
        std::vector<ZipMember> members;
        members.reserve(directory.count);
        std::uint64_t at = directory.begin;
        for (std::uint64_t i = 0; i < directory.count; ++i) {
            SINKSCOPE_TRY(const ZipMember member, readEntry(at, directory));
            members.push_back(member);
        }
        SINKSCOPE_CHECK(checkApart(members));
        return members;
    }

private:
    struct Extent {
        std::uint64_t begin, end;
        std::size_t member;
    };

    [[nodiscard]] Error error(ErrorCode code, std::string detail) const { return Error{code, std::move(detail), m_file}; }
    [[nodiscard]] Error invalid(std::string detail) const { return error(ErrorCode::HeaderInvalid, std::move(detail)); }

    /// The record that ends an archive has a comment of any length behind it: looked for from the end.
    [[nodiscard]] std::optional<std::uint64_t> endRecord() const {
        if (m_bytes.size() < kEndBytes)
            return std::nullopt;
        const std::uint64_t last = m_bytes.size() - kEndBytes;
        for (std::uint64_t back = 0; back <= std::min(last, kMaxComment); ++back)
            if (m_bytes.u32(last - back) == kDirectoryEnd && m_bytes.u16(last - back + 20) == back)
                return last - back;
        return std::nullopt;
    }

    Result<Directory> findDirectory() const {
        const auto end = endRecord();
        if (!end)
            return error(ErrorCode::HeaderTruncated, "the zip archive has no directory at its end");
        Directory directory{m_bytes.u32(*end + 16), m_bytes.u32(*end + 12), m_bytes.u16(*end + 10), *end};
        bool manyVolumes = m_bytes.u16(*end + 4) != m_bytes.u16(*end + 6) || m_bytes.u16(*end + 8) != directory.count;
        const bool big = directory.begin == kIn64 || directory.size == kIn64 || directory.count == kCountIn64;
        if (big && *end >= kLocatorBytes && m_bytes.u32(*end - kLocatorBytes) == kLocator64) {
            const std::uint64_t at = m_bytes.u64(*end - kLocatorBytes + 8);
            if (!m_bytes.holds(at, kEnd64Bytes) || at + kEnd64Bytes > *end - kLocatorBytes || m_bytes.u32(at) != kDirectoryEnd64)
                return invalid("the 64-bit directory record is not where the archive says");
            directory = {m_bytes.u64(at + 48), m_bytes.u64(at + 40), m_bytes.u64(at + 32), at};
            manyVolumes = m_bytes.u32(at + 16) != m_bytes.u32(at + 20) || m_bytes.u64(at + 24) != directory.count;
        }
        if (manyVolumes)
            return error(ErrorCode::FormatUnsupported, "is one of several volumes of a zip archive");
        if (directory.begin > directory.end || directory.size > directory.end - directory.begin)
            return invalid("the directory of the zip archive lies outside it");
        return directory;
    }

    /// Reads the entry at `at` and moves on to the next.
    Result<ZipMember> readEntry(std::uint64_t& at, const Directory& directory) {
        const std::uint64_t limit = directory.begin + directory.size;
        if (limit - at < kEntryBytes || m_bytes.u32(at) != kDirectoryEntry)
            return invalid("the directory of the zip archive is broken");
        const std::uint64_t nameSize = m_bytes.u16(at + 28), extraSize = m_bytes.u16(at + 30), commentSize = m_bytes.u16(at + 32);
        if (limit - at - kEntryBytes < nameSize + extraSize + commentSize)
            return invalid("the directory of the zip archive ends inside an entry");
        ZipMember member;
        member.name = m_bytes.text(at + kEntryBytes, nameSize);
        member.stored = m_bytes.u16(at + 10) == 0;
        member.packedSize = m_bytes.u32(at + 20);
        std::uint64_t size = m_bytes.u32(at + 24), local = m_bytes.u32(at + 42);
        SINKSCOPE_CHECK(readExtra(at + kEntryBytes + nameSize, extraSize, {&size, &member.packedSize, &local}));
        if ((m_bytes.u16(at + 8) & 1U) != 0)
            return error(ErrorCode::FormatUnsupported, "the zip archive is encrypted");
        if (member.stored && size != member.packedSize)
            return invalid("member '" + printable(member.name) + "' is not compressed, yet has two sizes");
        SINKSCOPE_CHECK(readLocal(member, local, directory.begin));
        at += kEntryBytes + nameSize + extraSize + commentSize;
        return member;
    }

    /// The 64-bit extra field holds those of the three numbers that did not fit, in this order.
    Result<void> readExtra(std::uint64_t at, std::uint64_t size, std::initializer_list<std::uint64_t*> numbers) const {
        const std::uint64_t end = at + size;
        while (end - at >= 4) {
            const std::uint64_t kind = m_bytes.u16(at), length = m_bytes.u16(at + 2);
            at += 4;
            if (length > end - at)
                break; // PyTorch pads with a field of zeros whose length may be cut
            std::uint64_t place = at;
            for (std::uint64_t* number : numbers)
                if (kind == 1 && *number == kIn64) {
                    if (at + length - place < 8)
                        return invalid("a 64-bit size of the zip archive is cut off");
                    *number = m_bytes.u64(place);
                    place += 8;
                }
            at += length;
        }
        return {};
    }

    Result<void> readLocal(ZipMember& member, std::uint64_t local, std::uint64_t directoryBegin) {
        const auto wrong = [&](const char* what) { return invalid("member '" + printable(member.name) + "' " + what); };
        if (local > directoryBegin || directoryBegin - local < kLocalBytes || m_bytes.u32(local) != kLocalHeader)
            return wrong("is not where the directory of the zip archive says");
        const std::uint64_t nameSize = m_bytes.u16(local + 26), header = kLocalBytes + nameSize + m_bytes.u16(local + 28);
        if (directoryBegin - local < header || directoryBegin - local - header < member.packedSize)
            return wrong("reaches beyond the data of the zip archive");
        if (m_bytes.text(local + kLocalBytes, nameSize) != member.name)
            return wrong("has another name in front of its data");
        member.begin = local + header;
        m_extents.push_back({local, member.begin + member.packedSize, m_extents.size()});
        return {};
    }

    Result<void> checkApart(const std::vector<ZipMember>& members) {
        std::unordered_set<std::string_view> names;
        for (const ZipMember& member : members)
            if (!names.insert(member.name).second)
                return invalid("member '" + printable(member.name) + "' is there twice");
        std::ranges::sort(m_extents, {}, &Extent::begin);
        for (std::size_t i = 1; i < m_extents.size(); ++i)
            if (m_extents[i].begin < m_extents[i - 1].end)
                return error(ErrorCode::TensorOverlap, "members '" + printable(members[m_extents[i - 1].member].name) + "' and '" +
                                                           printable(members[m_extents[i].member].name) + "' of the zip archive share bytes");
        return {};
    }

    Bytes m_bytes;
    const std::filesystem::path& m_file;
    std::vector<Extent> m_extents;
};

} // namespace

Result<std::vector<ZipMember>> parseZip(std::span<const std::byte> content, const std::filesystem::path& file) {
    return Reader(content, file).members();
}

const ZipMember* findMember(std::span<const ZipMember> members, std::string_view name) {
    const auto found = std::ranges::find(members, name, &ZipMember::name);
    return found == members.end() ? nullptr : &*found;
}

} // namespace sinkscope
