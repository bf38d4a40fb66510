// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/torch_tensors.h"

#include "core/base/printable.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <unordered_set>

namespace sinkscope {
namespace {

using Kind = PickleTree::Kind;

/// Where a dictionary has its weights, if it holds no tensors itself.
constexpr std::array<std::string_view, 8> kWeightKeys{"state_dict", "model_state_dict", "model_state", "model", "module", "net", "params", "weights"};
/// What belongs to training. A key that begins so is left out.
constexpr std::array<std::string_view, 9> kTrainingKeys{"optim", "lr_sched", "scheduler", "scaler", "grad_scaler", "rng_", "callbacks", "loops", "hyper_parameters"};
constexpr std::array<std::string_view, 2> kWrappers{"module.", "_orig_mod."};
constexpr int kDeepest = 16;

class Walker {
public:
    Walker(const PickleTree& tree, const std::filesystem::path& file) : m_tree(tree), m_file(file) {}

    Result<TorchContent> content() {
        SINKSCOPE_CHECK(readStorages());
        const PickleId weights = weightsIn(m_tree.root(), 0);
        if (isTensor(weights))
            SINKSCOPE_CHECK(addTensor("tensor", weights));
        else
            SINKSCOPE_CHECK(flatten(weights, "", 0));
        if (m_content.tensors.empty() && m_skippedCount == 0)
            return Error{ErrorCode::UnknownFormat, "the pickle holds no tensors", m_file};
        stripWrappers();
        writeNotes();
        return std::move(m_content);
    }

private:
    [[nodiscard]] Error invalid(const std::string& what) const { return Error{ErrorCode::HeaderInvalid, what, m_file}; }
    [[nodiscard]] Error invalid(std::string_view tensor, const std::string& what) const {
        return invalid("tensor '" + printable(tensor) + "': " + what);
    }
    [[nodiscard]] std::optional<TorchMeaning> meaning(PickleId id) const { return torchMeaning(m_tree.global(id)); }
    [[nodiscard]] bool isTensor(PickleId id) const {
        const auto means = m_tree.kind(id) == Kind::Call ? meaning(id) : std::nullopt;
        return means && means->role >= TorchRole::RebuildTensor;
    }
    [[nodiscard]] bool isContainer(PickleId id) const {
        return m_tree.kind(id) == Kind::Dict || m_tree.kind(id) == Kind::List || m_tree.kind(id) == Kind::Tuple;
    }

    // ---- which part of the pickle holds the weights --------------------------------------------------------------------

    /// No more of it than shows that it is too long: one text may be the key of every entry.
    [[nodiscard]] std::string keyText(PickleId key) const {
        if (const auto number = m_tree.integer(key))
            return std::to_string(*number);
        return std::string(m_tree.text(key).substr(0, kLongestName + 1));
    }
    static bool isTraining(std::string_view key) {
        return std::ranges::any_of(kTrainingKeys, [&](std::string_view start) { return key.starts_with(start); });
    }

    PickleId weightsIn(PickleId id, int depth) {
        if (m_tree.kind(id) != Kind::Dict || depth > 4)
            return id;
        const auto items = m_tree.items(id);
        for (const std::string_view wanted : kWeightKeys)
            for (std::size_t i = 0; i < items.size(); i += 2)
                if (m_tree.text(items[i]) == wanted && m_tree.kind(items[i + 1]) == Kind::Dict && hasTensors(items[i + 1], depth + 1)) {
                    noteSiblings(items, i, wanted);
                    return weightsIn(items[i + 1], depth + 1);
                }
        return id;
    }
    /// Looks at no more values than a large model has: they may be shared.
    bool hasTensors(PickleId id, int depth) {
        const auto items = m_tree.items(id);
        for (std::size_t i = 1; i < items.size(); i += 2)
            if (++m_looked > kMaxTorchTensors || isTensor(items[i]) ||
                (m_tree.kind(items[i]) == Kind::Dict && depth < 4 && hasTensors(items[i], depth + 1)))
                return m_looked <= kMaxTorchTensors;
        return false;
    }
    void noteSiblings(std::span<const PickleId> items, std::size_t chosen, std::string_view wanted) {
        m_content.notes.push_back("the weights are those of '" + std::string(wanted) + "'");
        for (std::size_t i = 0; i < items.size(); i += 2)
            if (i != chosen && (isContainer(items[i + 1]) || isTensor(items[i + 1])))
                leaveOut(items[i]);
    }
    void leaveOut(PickleId key) {
        if (m_leftOut.size() < 8)
            m_leftOut.insert(printable(keyText(key), 60));
    }

    // ---- tensors -------------------------------------------------------------------------------------------------------

    Result<void> flatten(PickleId id, const std::string& prefix, int depth) {
        if (!isContainer(id))
            return {};
        if (depth > kDeepest)
            return invalid("its dictionaries are nested more than " + std::to_string(kDeepest) + " deep");
        m_visited.insert(id); // not looked at again where it is shared, or inside itself
        const auto items = m_tree.items(id);
        const bool isDict = m_tree.kind(id) == Kind::Dict;
        for (std::size_t i = 0; i < items.size(); i += isDict ? 2 : 1) {
            const PickleId value = items[isDict ? i + 1 : i];
            if (!isTensor(value) && (!isContainer(value) || m_visited.contains(value)))
                continue;
            const std::string name = prefix + (isDict ? keyText(items[i]) : std::to_string(i));
            if (name.size() > kLongestName)
                return invalid("a name has more than " + std::to_string(kLongestName) + " bytes");
            if (depth == 0 && isDict && isTraining(name))
                leaveOut(items[i]);
            else if (isTensor(value))
                SINKSCOPE_CHECK(addTensor(name, value));
            else
                SINKSCOPE_CHECK(flatten(value, name + ".", depth + 1));
        }
        return {};
    }

    Result<void> addTensor(const std::string& name, PickleId call) {
        m_nameBytes += name.size();
        if (++m_added > kMaxTorchTensors || m_nameBytes > kMaxTorchNameBytes)
            return Error{ErrorCode::HeaderTooLarge, "the pickle has more than " + std::to_string(kMaxTorchTensors) + " tensors", m_file};
        TorchTensor tensor;
        tensor.name = name;
        SINKSCOPE_TRY(const bool isRead, readTensor(tensor, call, 0));
        if (!isRead)
            return {};
        const auto [place, isNew] = m_places.emplace(name, m_content.tensors.size());
        if (!isNew) { // the last of equal keys counts, as in Python
            m_content.tensors[place->second] = std::move(tensor);
            return {};
        }
        m_content.tensors.push_back(std::move(tensor));
        return {};
    }

    /// False for a kind of tensor that is not read.
    Result<bool> readTensor(TorchTensor& tensor, PickleId call, int depth) {
        const auto arguments = m_tree.items(call);
        const auto means = meaning(call);
        if (depth > 4 || !means || !isTensor(call))
            return invalid(tensor.name, "is made of what is no tensor");
        switch (means->role) {
        case TorchRole::RebuildParameter:
            if (arguments.empty() || !isTensor(arguments[0]))
                return invalid(tensor.name, "is a parameter without a tensor");
            return readTensor(tensor, arguments[0], depth + 1);
        case TorchRole::RebuildSubclass: return readSubclass(tensor, arguments);
        case TorchRole::RebuildTensor: return readParts(tensor, arguments, nullptr);
        case TorchRole::RebuildTyped: {
            const auto type = arguments.size() > 6 ? meaning(arguments[6]) : std::nullopt;
            if (!type || type->role != TorchRole::ElementType)
                return invalid(tensor.name, "has no type");
            return readParts(tensor, arguments, type->type);
        }
        default: return skip(tensor.name);
        }
    }
    Result<bool> skip(const std::string& name) {
        if (m_skippedCount++ == 0)
            m_skipped = name;
        return false;
    }
    /// A tensor with attributes: which function makes it, of which class, with which arguments.
    Result<bool> readSubclass(TorchTensor& tensor, std::span<const PickleId> arguments) {
        const auto function = arguments.size() > 2 ? meaning(arguments[0]) : std::nullopt;
        const auto type = function ? meaning(arguments[1]) : std::nullopt;
        if (!function || function->role != TorchRole::RebuildTensor || !type || type->role != TorchRole::TensorClass)
            return skip(tensor.name);
        return readParts(tensor, m_tree.items(arguments[2]), nullptr);
    }

    /// (storage, offset, size, stride, ...). `type` is that of the elements when the storage has none.
    Result<bool> readParts(TorchTensor& tensor, std::span<const PickleId> arguments, const TorchType* type) {
        if (arguments.size() < 4 || m_tree.kind(arguments[0]) != Kind::Persistent)
            return invalid(tensor.name, "has no storage");
        const auto id = m_tree.items(arguments[0]);
        const auto storage = meaning(id[1]); // readStorages has looked at every one
        if (!type)
            type = storage->type;
        if (!type || !type->dtype)
            return skip(tensor.name);
        // Python's marks of a tensor that is to be negated or conjugated when read.
        if (const std::size_t metadata = 6; storage->type && arguments.size() > metadata && !m_tree.items(arguments[metadata]).empty())
            return skip(tensor.name);
        tensor.dtype = *type->dtype;
        tensor.storage = m_tree.text(id[2]);
        const auto offset = m_tree.integer(arguments[1]);
        if (!offset || *offset < 0)
            return invalid(tensor.name, "its offset is no number from 0");
        tensor.offset = *offset;
        SINKSCOPE_TRY(tensor.shape, readNumbers(tensor.name, arguments[2]));
        SINKSCOPE_TRY(tensor.stride, readNumbers(tensor.name, arguments[3]));
        if (tensor.shape.size() != tensor.stride.size())
            return invalid(tensor.name, "has a shape and strides of different lengths");
        SINKSCOPE_CHECK(addView(tensor, id));
        return true;
    }
    /// Old files have storages that are parts of others: (key, offset, size) at the end of the id.
    Result<void> addView(TorchTensor& tensor, std::span<const PickleId> id) const {
        if (id.size() < 6 || m_tree.kind(id[5]) == Kind::None)
            return {};
        const auto view = m_tree.items(id[5]);
        const auto offset = view.size() == 3 ? m_tree.integer(view[1]) : std::nullopt;
        if (!offset || *offset < 0 || __builtin_add_overflow(tensor.offset, *offset, &tensor.offset))
            return invalid(tensor.name, "lies in a part of a storage that makes no sense");
        return {};
    }
    Result<std::vector<std::int64_t>> readNumbers(const std::string& name, PickleId id) const {
        if (const auto means = meaning(id); means && means->role == TorchRole::Size && m_tree.items(id).size() == 1)
            id = m_tree.items(id)[0];
        if (m_tree.kind(id) != Kind::Tuple && m_tree.kind(id) != Kind::List)
            return invalid(name, "its shape is no tuple");
        const auto items = m_tree.items(id);
        if (items.size() > kMaxTorchRank)
            return invalid(name, "has " + std::to_string(items.size()) + " dimensions, more than the " + std::to_string(kMaxTorchRank) + " allowed");
        std::vector<std::int64_t> numbers;
        for (const PickleId item : items) {
            const auto number = m_tree.integer(item);
            if (!number || *number < 0)
                return invalid(name, "a dimension is no number from 0");
            numbers.push_back(*number);
        }
        return numbers;
    }

    // ---- storages ------------------------------------------------------------------------------------------------------

    /// Of the whole pickle, because the old format lays all of them out one after the other.
    Result<void> readStorages() {
        for (PickleId id = 0; id < m_tree.size(); ++id)
            if (m_tree.kind(id) == Kind::Persistent)
                SINKSCOPE_CHECK(readStorage(m_tree.items(id)));
        return {};
    }
    /// ("storage", class, key, device, elements, [part of another])
    Result<void> readStorage(std::span<const PickleId> id) {
        const auto type = id.size() >= 5 && m_tree.text(id[0]) == "storage" ? meaning(id[1]) : std::nullopt;
        const auto count = type ? m_tree.integer(id[4]) : std::nullopt;
        if (!count || *count < 0 || type->role != TorchRole::Storage || m_tree.kind(id[1]) != Kind::Global || m_tree.text(id[2]).empty())
            return invalid("the pickle names a storage that makes no sense");
        const TorchStorage storage{static_cast<std::uint64_t>(*count), type->type ? type->type->bytes : 1};
        m_content.storages.emplace(m_tree.text(id[2]), storage); // the first one counts, as in PyTorch
        return {};
    }

    // ---- afterwards ----------------------------------------------------------------------------------------------------

    void stripWrappers() {
        for (const std::string_view wrapper : kWrappers) {
            const bool everywhere = !m_content.tensors.empty() && std::ranges::all_of(m_content.tensors, [&](const TorchTensor& tensor) {
                return tensor.name.size() > wrapper.size() && tensor.name.starts_with(wrapper);
            });
            if (!everywhere)
                continue;
            for (TorchTensor& tensor : m_content.tensors)
                tensor.name.erase(0, wrapper.size());
            m_content.notes.push_back("'" + std::string(wrapper) + "' is taken off every name");
        }
    }
    void writeNotes() {
        std::string text;
        for (const std::string& key : m_leftOut)
            text += (text.empty() ? "'" : ", '") + key + "'";
        if (!text.empty())
            m_content.notes.push_back("left out, as no weights: " + text);
        if (m_skippedCount > 0)
            m_content.notes.push_back(std::to_string(m_skippedCount) +
                                      (m_skippedCount == 1 ? " tensor is" : " tensors are") +
                                      " of kinds that are not read (sparse, quantized, complex, ...): '" + printable(m_skipped) +
                                      (m_skippedCount > 1 ? "' and more" : "'"));
    }

    static constexpr std::size_t kLongestName = 4096;
    const PickleTree& m_tree;
    const std::filesystem::path& m_file;
    TorchContent m_content;
    std::unordered_set<PickleId> m_visited;
    std::unordered_map<std::string, std::size_t> m_places;
    std::set<std::string> m_leftOut;
    std::string m_skipped; ///< the first of them
    std::size_t m_skippedCount = 0, m_added = 0, m_looked = 0, m_nameBytes = 0;
};

} // namespace

Result<TorchContent> torchContent(const PickleTree& tree, const std::filesystem::path& file) { return Walker(tree, file).content(); }

} // namespace sinkscope
