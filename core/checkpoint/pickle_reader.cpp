// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/pickle_reader.h"

#include "core/base/printable.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <string>
#include <unordered_map>

namespace sinkscope {

using Kind = PickleTree::Kind;

std::span<const PickleId> PickleTree::items(PickleId id) const {
    const Value& value = m_values[id];
    switch (value.kind) {
    case Kind::Tuple:
    case Kind::List:
    case Kind::Dict: return m_containers[value.payload];
    case Kind::Call: return kind(value.size) == Kind::Tuple ? items(value.size) : std::span<const PickleId>();
    case Kind::Persistent: {
        const auto parts = static_cast<PickleId>(value.payload);
        return kind(parts) == Kind::Tuple ? items(parts) : std::span<const PickleId>();
    }
    default: return {};
    }
}

std::string_view PickleTree::text(PickleId id) const {
    const Value& value = m_values[id];
    const bool isText = value.kind == Kind::Text || value.kind == Kind::Bytes || value.kind == Kind::Long;
    return isText ? m_text.substr(value.payload, value.size) : std::string_view();
}

std::optional<std::int64_t> PickleTree::integer(PickleId id) const {
    const Value& value = m_values[id];
    if (value.kind != Kind::Int && value.kind != Kind::Bool)
        return std::nullopt;
    return std::bit_cast<std::int64_t>(value.payload);
}

int PickleTree::global(PickleId id) const {
    const Value& value = m_values[id];
    if (value.kind == Kind::Call)
        return global(static_cast<PickleId>(value.payload)); // always a Global: a call of anything else is refused
    return value.kind == Kind::Global ? static_cast<int>(value.payload) : -1;
}

/// The stack machine that pickles are programs for. Every opcode adds a few values at most, and none runs anything.
class PickleMachine {
public:
    PickleMachine(std::string_view text, PickleResolver resolve, const std::filesystem::path& file)
        : m_resolve(resolve), m_file(file) {
        m_tree.m_text = text;
    }

    Result<PickleResult> run() {
        bool done = false;
        while (!done) {
            if (m_at >= text().size())
                return truncated();
            m_opcodeAt = m_at;
            SINKSCOPE_CHECK(step(text()[m_at++], done));
            if (m_tree.m_values.size() > kMaxPickleValues || m_memo.size() > kMaxPickleValues || m_marks.size() > kMaxPickleValues ||
                m_stack.size() > kMaxPickleValues)
                return error(ErrorCode::HeaderTooLarge, "the pickle has more than " + std::to_string(kMaxPickleValues) + " values");
        }
        if (m_stack.empty())
            return broken("leaves nothing");
        m_tree.m_root = m_stack.back();
        return PickleResult{std::move(m_tree), m_at};
    }

private:
    using Value = PickleTree::Value;

    [[nodiscard]] std::string_view text() const { return m_tree.m_text; }
    [[nodiscard]] Error error(ErrorCode code, std::string detail) const { return Error{code, std::move(detail), m_file}; }
    [[nodiscard]] Error truncated() const {
        if (text().size() == kMaxPickleBytes)
            return error(ErrorCode::HeaderTooLarge, "the pickle is longer than the " + std::to_string(kMaxPickleBytes) + " bytes allowed");
        return error(ErrorCode::HeaderTruncated, "the pickle ends too early");
    }
    [[nodiscard]] Error broken(const std::string& what) const {
        return error(ErrorCode::HeaderInvalid, "the pickle is broken: at byte " + std::to_string(m_opcodeAt) + " it " + what);
    }

    // ---- the bytes -----------------------------------------------------------------------------------------------------

    template <typename T> Result<std::uint64_t> number() {
        T value{};
        if (text().size() - m_at < sizeof(T))
            return truncated();
        std::memcpy(&value, text().data() + m_at, sizeof(T));
        m_at += sizeof(T);
        return static_cast<std::uint64_t>(value); // sign-extended for signed types
    }
    Result<void> skip(std::uint64_t count) {
        if (text().size() - m_at < count)
            return truncated();
        m_at += count;
        return {};
    }
    /// Up to the next line break, which is passed.
    Result<std::string_view> line() {
        const auto end = text().find('\n', m_at);
        if (end == std::string_view::npos)
            return truncated();
        const std::string_view found = text().substr(m_at, end - m_at);
        m_at = end + 1;
        return found;
    }

    // ---- the stack -----------------------------------------------------------------------------------------------------

    PickleId add(Kind kind, std::uint64_t payload = 0, std::uint64_t size = 0) {
        m_tree.m_values.push_back({kind, static_cast<std::uint32_t>(size), payload});
        return static_cast<PickleId>(m_tree.m_values.size() - 1);
    }
    Result<void> push(Kind kind, std::uint64_t payload = 0, std::uint64_t size = 0) {
        m_stack.push_back(add(kind, payload, size));
        return {};
    }
    Result<void> pushText(Kind kind, std::uint64_t size) {
        const std::size_t begin = m_at;
        SINKSCOPE_CHECK(skip(size));
        return push(kind, begin, size);
    }
    Result<void> pushLine(Kind kind) {
        SINKSCOPE_TRY(const std::string_view found, line());
        return push(kind, static_cast<std::uint64_t>(found.data() - text().data()), found.size());
    }
    Result<void> pushContainer(Kind kind, std::vector<PickleId> items) {
        m_tree.m_containers.push_back(std::move(items));
        return push(kind, m_tree.m_containers.size() - 1);
    }
    /// Values above the last mark stay out of reach until it is gone, as in Python.
    [[nodiscard]] std::size_t reach() const { return m_stack.size() - (m_marks.empty() ? 0 : m_marks.back()); }
    Result<PickleId> pop() {
        if (reach() == 0)
            return broken("takes a value that is not there");
        const PickleId id = m_stack.back();
        m_stack.pop_back();
        return id;
    }
    Result<PickleId> top() const {
        if (reach() == 0)
            return broken("takes a value that is not there");
        return m_stack.back();
    }
    Result<std::vector<PickleId>> popToMark() {
        if (m_marks.empty())
            return broken("takes values up to a mark that is not there");
        const auto begin = m_stack.begin() + static_cast<std::ptrdiff_t>(m_marks.back());
        std::vector<PickleId> items(begin, m_stack.end());
        m_stack.erase(begin, m_stack.end());
        m_marks.pop_back();
        return items;
    }
    Result<std::vector<PickleId>> popCount(std::size_t count) {
        if (reach() < count)
            return broken("takes a value that is not there");
        std::vector<PickleId> items(m_stack.end() - static_cast<std::ptrdiff_t>(count), m_stack.end());
        m_stack.resize(m_stack.size() - count);
        return items;
    }

    // ---- containers ----------------------------------------------------------------------------------------------------

    Result<void> append(Result<std::vector<PickleId>> items, Kind kind) {
        if (!items)
            return items.error();
        SINKSCOPE_TRY(const PickleId target, top());
        if (m_tree.kind(target) == Kind::Call)
            return {}; // what goes into an object that is not looked at
        if (m_tree.kind(target) != kind)
            return broken(kind == Kind::List ? "appends to what is no list" : "sets an item of what is no dictionary");
        auto& container = m_tree.m_containers[m_tree.m_values[target].payload];
        if (kind == Kind::Dict && items->size() % 2 != 0)
            return broken("sets a key without a value");
        container.insert(container.end(), items->begin(), items->end());
        return {};
    }
    Result<void> pushMarked(Kind kind) {
        SINKSCOPE_TRY(auto items, popToMark());
        if (kind == Kind::Dict && items.size() % 2 != 0)
            return broken("makes a dictionary with a key without a value");
        return pushContainer(kind, std::move(items));
    }
    Result<void> pushTuple(std::size_t count) {
        SINKSCOPE_TRY(auto items, popCount(count));
        return pushContainer(Kind::Tuple, std::move(items));
    }

    // ---- names and calls -----------------------------------------------------------------------------------------------

    Result<PickleId> named(std::string_view module, std::string_view name) {
        const auto known = m_resolve(module, name);
        if (!known)
            return error(ErrorCode::PickleRefused, "the pickle asks to call " + printable(module, 100) + "." + printable(name, 100) +
                                                       ", which weights do not need; nothing was executed");
        return add(Kind::Global, static_cast<std::uint64_t>(known->number), known->isMapping ? 1 : 0);
    }
    Result<void> pushNamedByLines() {
        SINKSCOPE_TRY(const std::string_view module, line());
        SINKSCOPE_TRY(const std::string_view name, line());
        SINKSCOPE_TRY(const PickleId id, named(module, name));
        m_stack.push_back(id);
        return {};
    }
    Result<void> pushNamedByStack() {
        SINKSCOPE_TRY(const auto texts, popCount(2));
        if (m_tree.kind(texts[0]) != Kind::Text || m_tree.kind(texts[1]) != Kind::Text)
            return broken("names something by what is no text");
        SINKSCOPE_TRY(const PickleId id, named(m_tree.text(texts[0]), m_tree.text(texts[1])));
        m_stack.push_back(id);
        return {};
    }
    Result<void> call(PickleId function, PickleId arguments) {
        if (m_tree.kind(function) != Kind::Global)
            return broken("calls what is no function");
        const bool isMapping = m_tree.m_values[function].size == 1;
        return isMapping ? pushMapping(arguments) : push(Kind::Call, function, arguments);
    }
    Result<void> popAndCall() {
        SINKSCOPE_TRY(const auto parts, popCount(2));
        return call(parts[0], parts[1]);
    }
    /// INST names a class by two lines, OBJ has it below its arguments.
    Result<void> callMarked(bool byLines) {
        PickleId function = 0;
        if (byLines) {
            SINKSCOPE_CHECK(pushNamedByLines());
            SINKSCOPE_TRY(function, pop());
        }
        SINKSCOPE_TRY(auto items, popToMark());
        if (!byLines) {
            if (items.empty())
                return broken("makes an object of no class");
            function = items.front();
            items.erase(items.begin());
        }
        SINKSCOPE_CHECK(pushContainer(Kind::Tuple, std::move(items)));
        SINKSCOPE_TRY(const PickleId arguments, pop());
        return call(function, arguments);
    }
    /// dict() or OrderedDict(): empty, or of a list of pairs, as Python 2 wrote them; anything else (a default's class) adds nothing.
    Result<void> pushMapping(PickleId arguments) {
        std::vector<PickleId> items;
        const auto given = m_tree.items(arguments);
        if (given.empty() || m_tree.kind(given.front()) != Kind::List)
            return pushContainer(Kind::Dict, {});
        const auto pairs = m_tree.items(given.front());
        m_copied += pairs.size(); // one list may be copied again and again
        if (m_copied > kMaxPickleValues)
            return error(ErrorCode::HeaderTooLarge, "the pickle copies more than " + std::to_string(kMaxPickleValues) + " values");
        for (const PickleId pair : pairs)
            if (const auto both = m_tree.items(pair); both.size() == 2)
                items.insert(items.end(), both.begin(), both.end());
        return pushContainer(Kind::Dict, std::move(items));
    }

    // ---- the memo ------------------------------------------------------------------------------------------------------

    Result<void> remember(Result<std::uint64_t> key) {
        if (!key)
            return key.error();
        SINKSCOPE_TRY(const PickleId id, top());
        m_memo[*key] = id;
        return {};
    }
    Result<void> recall(Result<std::uint64_t> key) {
        if (!key)
            return key.error();
        const auto found = m_memo.find(*key);
        if (found == m_memo.end())
            return broken("recalls what was never remembered");
        m_stack.push_back(found->second);
        return {};
    }
    Result<std::uint64_t> keyLine() {
        SINKSCOPE_TRY(const std::string_view digits, line());
        std::uint64_t key = 0;
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), key);
        if (read.ec != std::errc() || read.ptr != digits.data() + digits.size())
            return broken("remembers under what is no number");
        return key;
    }

    // ---- numbers -------------------------------------------------------------------------------------------------------

    Result<void> pushInteger(Result<std::uint64_t> value) {
        if (!value)
            return value.error();
        return push(Kind::Int, *value);
    }
    Result<void> pushLong(Result<std::uint64_t> size) {
        if (!size)
            return size.error();
        const std::size_t begin = m_at;
        SINKSCOPE_CHECK(skip(*size));
        if (*size > 8)
            return push(Kind::Long, begin, *size);
        std::uint64_t value = 0;
        std::memcpy(&value, text().data() + begin, *size);
        if (*size > 0 && *size < 8 && (static_cast<unsigned char>(text()[m_at - 1]) & 0x80U) != 0)
            value |= ~std::uint64_t{0} << (*size * 8);
        return push(Kind::Int, value);
    }
    /// "12", or "00" and "01" for False and True, or "12L".
    Result<void> pushDecimal() {
        SINKSCOPE_TRY(std::string_view digits, line());
        if (digits == "00" || digits == "01")
            return push(Kind::Bool, digits == "01" ? 1 : 0);
        if (digits.ends_with('L'))
            digits.remove_suffix(1);
        std::int64_t value = 0;
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (read.ec == std::errc::result_out_of_range)
            return push(Kind::Float);
        if (read.ec != std::errc() || read.ptr != digits.data() + digits.size())
            return broken("has a number that is none");
        return push(Kind::Int, std::bit_cast<std::uint64_t>(value));
    }
    Result<void> pushSized(Kind kind, Result<std::uint64_t> size) {
        if (!size)
            return size.error();
        return pushText(kind, *size);
    }

    // ---- opcodes -------------------------------------------------------------------------------------------------------

    Result<void> step(char opcode, bool& done) {
        switch (opcode) {
        case '\x80': return skip(1);                            // PROTO
        case '\x95': return skip(8);                            // FRAME
        case '.': done = true; return {};                       // STOP
        case '(': m_marks.push_back(m_stack.size()); return {}; // MARK
        case '0': return drop();                                // POP
        case '1': {                                             // POP_MARK
            SINKSCOPE_TRY(const auto items, popToMark());
            return {};
        }
        case '2': { // DUP
            SINKSCOPE_TRY(const PickleId id, top());
            m_stack.push_back(id);
            return {};
        }
        case 'N': return push(Kind::None);
        case '\x88': return push(Kind::Bool, 1);
        case '\x89': return push(Kind::Bool, 0);
        case 'K': return pushInteger(number<std::uint8_t>());
        case 'M': return pushInteger(number<std::uint16_t>());
        case 'J': return pushInteger(number<std::int32_t>());
        case 'I':
        case 'L': return pushDecimal();
        case '\x8a': return pushLong(number<std::uint8_t>());
        case '\x8b': return pushLong(number<std::uint32_t>());
        case 'F': return pushLine(Kind::Float);
        case 'G': SINKSCOPE_CHECK(skip(8)); return push(Kind::Float); // what a floating-point number is, nobody asks
        case 'S':
        case 'V': return pushLine(Kind::Text);
        case 'U':
        case '\x8c': return pushSized(Kind::Text, number<std::uint8_t>());
        case 'T':
        case 'X': return pushSized(Kind::Text, number<std::uint32_t>());
        case '\x8d': return pushSized(Kind::Text, number<std::uint64_t>());
        case 'C': return pushSized(Kind::Bytes, number<std::uint8_t>());
        case 'B': return pushSized(Kind::Bytes, number<std::uint32_t>());
        case '\x8e':
        case '\x96': return pushSized(Kind::Bytes, number<std::uint64_t>());
        default: return stepContainer(opcode);
        }
    }
    Result<void> drop() {
        if (reach() == 0 && !m_marks.empty()) {
            m_marks.pop_back(); // POP takes a mark too
            return {};
        }
        SINKSCOPE_CHECK(pop());
        return {};
    }
    Result<void> stepContainer(char opcode) {
        switch (opcode) {
        case ')': return pushContainer(Kind::Tuple, {});
        case '\x85': return pushTuple(1);
        case '\x86': return pushTuple(2);
        case '\x87': return pushTuple(3);
        case 't': return pushMarked(Kind::Tuple);
        case ']':
        case '\x8f': return pushContainer(Kind::List, {}); // a set is a list here
        case 'l':
        case '\x91': return pushMarked(Kind::List);
        case 'a': return append(popCount(1), Kind::List);
        case 'e':
        case '\x90': return append(popToMark(), Kind::List);
        case '}': return pushContainer(Kind::Dict, {});
        case 'd': return pushMarked(Kind::Dict);
        case 's': return append(popCount(2), Kind::Dict);
        case 'u': return append(popToMark(), Kind::Dict);
        case 'q': return remember(number<std::uint8_t>());
        case 'r': return remember(number<std::uint32_t>());
        case 'p': return remember(keyLine());
        case '\x94': return remember(m_memo.size());
        case 'h': return recall(number<std::uint8_t>());
        case 'j': return recall(number<std::uint32_t>());
        case 'g': return recall(keyLine());
        default: return stepCall(opcode);
        }
    }
    Result<void> stepCall(char opcode) {
        switch (opcode) {
        case 'c': return pushNamedByLines();
        case '\x93': return pushNamedByStack();
        case 'R':
        case '\x81': return popAndCall();
        case '\x92': { // NEWOBJ_EX: class, arguments, named arguments
            SINKSCOPE_TRY(const auto parts, popCount(3));
            return call(parts[0], parts[1]);
        }
        case 'i': return callMarked(true);
        case 'o': return callMarked(false);
        case 'b': SINKSCOPE_CHECK(pop()); SINKSCOPE_CHECK(top()); return {}; // BUILD: attributes, which are not looked at
        case 'Q': {
            SINKSCOPE_TRY(const PickleId id, pop());
            return push(Kind::Persistent, id);
        }
        case 'P': return error(ErrorCode::PickleRefused, "the pickle asks for an object of the program that wrote it");
        case '\x82':
        case '\x83':
        case '\x84': return error(ErrorCode::PickleRefused, "the pickle asks to call something by its number in copyreg's extension registry");
        case '\x97':
        case '\x98': return error(ErrorCode::PickleRefused, "the pickle asks for buffers that are outside it");
        default: return broken("has opcode " + std::to_string(static_cast<unsigned char>(opcode)) + ", which does not exist");
        }
    }

    PickleTree m_tree;
    PickleResolver m_resolve;
    const std::filesystem::path& m_file;
    std::size_t m_at = 0, m_opcodeAt = 0;
    std::vector<PickleId> m_stack;
    std::vector<std::size_t> m_marks;
    std::unordered_map<std::uint64_t, PickleId> m_memo;
    std::size_t m_copied = 0; ///< items of dictionaries that were made from lists
};

Result<PickleResult> readPickle(std::span<const std::byte> content, PickleResolver resolve, const std::filesystem::path& file) {
    const std::string_view text(reinterpret_cast<const char*>(content.data()), content.size());
    return PickleMachine(text.substr(0, kMaxPickleBytes), resolve, file).run();
}

} // namespace sinkscope
