// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace sinkscope {

/// Longest pickle that is read. It describes tensors, it does not hold them: 230 000 of them take 20 MB.
inline constexpr std::uint64_t kMaxPickleBytes = 128ULL << 20U;
/// Most values, and most remembered ones, of a pickle: what keeps memory bounded, whatever the pickle says, at a few hundred megabytes.
inline constexpr std::size_t kMaxPickleValues = 4U << 20U;

/// Number of a value in its tree.
using PickleId = std::uint32_t;

/// What a pickle describes, as plain data. Nothing of it is ever carried out: where a pickle asks for a call, the tree holds which function
/// and which arguments. Values may be shared, and containers may contain themselves: whoever walks keeps count.
class PickleTree {
public:
    enum class Kind : std::uint8_t { None, Bool, Int, Long, Float, Text, Bytes, Tuple, List, Dict, Global, Call, Persistent };

    [[nodiscard]] Kind kind(PickleId id) const { return m_values[id].kind; }
    [[nodiscard]] std::size_t size() const { return m_values.size(); }
    [[nodiscard]] PickleId root() const { return m_root; }
    /// Elements of a Tuple or List; keys and values of a Dict, in turn; arguments of a Call; the parts of a Persistent's id. Empty for
    /// anything else. Until the tree changes.
    [[nodiscard]] std::span<const PickleId> items(PickleId id) const;
    /// Of Text, Bytes and Long (little-endian, two's complement), in the pickle's bytes; empty for anything else.
    [[nodiscard]] std::string_view text(PickleId id) const;
    /// Of Int and Bool.
    [[nodiscard]] std::optional<std::int64_t> integer(PickleId id) const;
    /// What the resolver said of a Global, or of the function of a Call; -1 for anything else.
    [[nodiscard]] int global(PickleId id) const;

private:
    friend class PickleMachine;
    struct Value {
        Kind kind = Kind::None;
        std::uint32_t size = 0;    ///< of texts, in bytes; of a Call: the tuple of its arguments
        std::uint64_t payload = 0; ///< an integer, the start of a text, which container, what the resolver said, which function or id
    };
    std::string_view m_text;
    std::vector<Value> m_values;
    std::vector<std::vector<PickleId>> m_containers;
    PickleId m_root = 0;
};

/// What a resolver says of a name that a pickle asks for: any number from 0, or nothing to refuse it.
struct PickleName {
    int number = 0;
    bool isMapping = false; ///< calling it makes a dictionary: dict, OrderedDict
};
using PickleResolver = std::optional<PickleName> (*)(std::string_view module, std::string_view name);

struct PickleResult {
    PickleTree tree;
    std::size_t end = 0; ///< bytes of `content` that the pickle takes
};

/// Reads the pickle at the start of `content` (protocols 0 to 5; opcodes after the comments of Python's pickletools), which must outlive the
/// tree. Errors: PickleRefused (asks for a name that the resolver does not know; it is in the detail), HeaderTruncated, HeaderTooLarge
/// (too long, or too many values), HeaderInvalid. Thread: any.
Result<PickleResult> readPickle(std::span<const std::byte> content, PickleResolver resolve, const std::filesystem::path& file);

} // namespace sinkscope
