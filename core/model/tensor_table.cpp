// SPDX-License-Identifier: Apache-2.0
#include "core/model/tensor_table.h"

#include "core/checkpoint/assemble.h"
#include "core/model/config_condition.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

namespace sinkscope {
namespace {

/// More lines than this help nobody; the number of the rest is stated.
constexpr std::size_t kMaxListed = 24;
constexpr std::int64_t kAny = -1;

using Shape = std::vector<std::int64_t>;

/// Shape of a role as stored: [out, in] for linear layers, [in, out] when the architecture transposes them.
Shape expectedShape(Role role, const ModelSpec& spec) {
    const std::int64_t width = spec.width, table = spec.embeddingWidth, query = std::int64_t{spec.heads} * spec.headWidth,
                       keyValue = std::int64_t{spec.keyValueHeads} * spec.headWidth;
    const auto linear = [&spec](std::int64_t out, std::int64_t in) {
        return spec.arch->transposedLinear ? Shape{in, out} : Shape{out, in};
    };
    switch (role) {
    case Role::QueryWeight: return linear(query, width);
    case Role::QueryBias: return {query};
    case Role::KeyWeight:
    case Role::ValueWeight: return linear(keyValue, width);
    case Role::KeyBias:
    case Role::ValueBias: return {keyValue};
    case Role::FusedQkvWeight: return linear(query + 2 * keyValue, width);
    case Role::FusedQkvBias: return {query + 2 * keyValue};
    case Role::OutputWeight: return linear(width, query);
    case Role::GateWeight:
    case Role::UpWeight: return linear(spec.mlpWidth, width);
    case Role::GateBias:
    case Role::UpBias: return {spec.mlpWidth};
    case Role::FusedGateUpWeight: return linear(2 * std::int64_t{spec.mlpWidth}, width);
    case Role::QueryNorm:
    case Role::QueryNormBias: return {spec.arch->wholeQkNorm ? query : spec.headWidth};
    case Role::KeyNorm:
    case Role::KeyNormBias: return {spec.arch->wholeQkNorm ? keyValue : spec.headWidth};
    case Role::DownWeight: return linear(width, spec.mlpWidth);
    case Role::TokenEmbedding:
    case Role::Unembedding: return {spec.vocabulary, table};
    case Role::UnembeddingBias: return {spec.vocabulary};
    case Role::PositionEmbedding:
        return {spec.positions + spec.positionOffset, spec.arch->projectsEmbeddingFirst ? width : table};
    case Role::SegmentEmbedding: return {kAny, table};
    case Role::EmbeddingProjectionWeight: return linear(width, table);
    case Role::HeadProjectionWeight:
    case Role::HeadTransformWeight: return linear(table, width);
    case Role::EmbeddingNorm:
    case Role::EmbeddingNormBias:
    case Role::HeadTransformBias:
    case Role::HeadTransformNorm:
    case Role::HeadTransformNormBias: return {table};
    default: return {width}; // norms and biases of the residual stream
    }
}

std::string shapeText(const Shape& shape) {
    std::string text = "[";
    for (const std::int64_t size : shape)
        text += (text.size() > 1 ? "," : "") + (size == kAny ? std::string("any") : std::to_string(size));
    return text + "]";
}

bool matches(const Shape& shape, const Shape& expected) {
    return std::equal(shape.begin(), shape.end(), expected.begin(), expected.end(),
                      [](std::int64_t a, std::int64_t b) { return b == kAny ? a >= 1 : a == b; });
}

/// Tensors that checkpoints keep beside the weights of a layer, and that follow from config.json: masks and tables of angles.
bool isBuffer(std::string_view nameInLayer) {
    static constexpr std::string_view kBuffers[] = {"rotary_emb.inv_freq", "masked_bias", "attn.bias", "attention.bias"};
    return std::ranges::any_of(kBuffers, [nameInLayer](std::string_view buffer) {
        return nameInLayer == buffer || (nameInLayer.ends_with(buffer) && nameInLayer[nameInLayer.size() - buffer.size() - 1] == '.');
    });
}

/// `pattern` with `{}` replaced by the layer.
std::string filledIn(std::string_view pattern, int layer) {
    const auto brace = pattern.find("{}");
    if (brace == std::string_view::npos)
        return std::string(pattern);
    return std::string(pattern.substr(0, brace)) + std::to_string(layer) + std::string(pattern.substr(brace + 2));
}

class TensorFinder {
public:
    TensorFinder(const Checkpoint& checkpoint, const Json& config, ModelSpec& spec) : m_checkpoint(checkpoint), m_config(config), m_spec(spec) {
        for (const auto prefix : spec.arch->prefixes)
            for (const TensorRule& rule : spec.arch->tensors)
                if (rule.role == Role::TokenEmbedding && m_prefix.empty() && search(std::string(prefix), rule.pattern, 0))
                    m_prefix = prefix;
    }

    /// The tensor of a rule, or null. Records what is missing or misshaped.
    const TensorInfo* find(const TensorRule& rule, int layer) {
        if (rule.need == Need::Unweighted || !takesPart(rule, layer))
            return nullptr;
        const bool required = rule.need != Need::Optional;
        const TensorInfo* tensor = search(m_prefix, rule.pattern, layer);
        for (auto prefix = m_spec.arch->prefixes.begin(); !tensor && prefix != m_spec.arch->prefixes.end(); ++prefix)
            tensor = search(std::string(*prefix), rule.pattern, layer);
        if (!tensor)
            tensor = search("", rule.pattern, layer); // heads lie outside the prefix of the body
        if (!tensor && required)
            missing(rule, layer);
        return tensor && isUsable(*tensor, rule, layer) ? tensor : nullptr;
    }

    void missing(const TensorRule& rule, int layer) {
        const auto pattern = rule.pattern.substr(0, rule.pattern.find('|'));
        m_missing.push_back(m_prefix + filledIn(pattern, layer) + " (" + std::string(nameOf(rule.role)) + ")");
    }

    /// Records what takes no part although it lies among the weights of the layers or a rule names it: mathematics that config.json does
    /// not speak of.
    void checkUnused() {
        const auto inLayers = std::ranges::find_if(m_spec.arch->tensors,
                                                   [](const TensorRule& rule) { return rule.pattern.find("{}") != std::string_view::npos; });
        const std::string stem = m_prefix + std::string(inLayers->pattern.substr(0, inLayers->pattern.find("{}")));
        for (const TensorInfo& tensor : m_checkpoint.tensors) {
            if (!tensor.name.starts_with(stem) || m_used.contains(&tensor))
                continue;
            const auto rest = std::string_view(tensor.name).substr(stem.size());
            int layer = -1;
            const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), layer);
            const auto inLayer = rest.substr(std::min(static_cast<std::size_t>(end - rest.data()) + 1, rest.size()));
            if (problem == std::errc() && layer >= 0 && layer < m_spec.layers && !isBuffer(inLayer))
                m_unused.push_back(tensor.name);
        }
        for (const TensorRule& rule : m_spec.arch->tensors)
            if (rule.role > kLastLayerRole && rule.need == Need::Flagged && !takesPart(rule, 0))
                if (const TensorInfo* tensor = search(m_prefix, rule.pattern, 0))
                    m_unused.push_back(tensor->name);
    }

    Result<void> result(const std::filesystem::path& file) const {
        if (m_missing.empty() && m_wrong.empty() && m_unused.empty())
            return {};
        std::string text;
        std::size_t lines = 0;
        const auto list = [&text, &lines](std::string_view title, const std::vector<std::string>& items) {
            if (items.empty())
                return;
            text += (text.empty() ? "" : "; ") + std::to_string(items.size()) + std::string(title);
            for (const auto& item : items)
                if (lines++ < kMaxListed)
                    text += (&item == &items.front() ? ": " : ", ") + item;
        };
        list(items(m_missing, " missing"), m_missing);
        list(items(m_wrong, " of the wrong shape or type"), m_wrong);
        list(items(m_unused, " that this architecture with this config.json does not use"), m_unused);
        if (lines > kMaxListed)
            text += " and " + std::to_string(lines - kMaxListed) + " more";
        return Error{m_missing.empty() ? ErrorCode::TensorShapeMismatch : ErrorCode::TensorMissing, text, file};
    }

private:
    /// Whether a model with this config.json uses the tensor of a rule.
    [[nodiscard]] bool takesPart(const TensorRule& rule, int layer) const {
        const bool projection = rule.role == Role::EmbeddingProjectionWeight || rule.role == Role::EmbeddingProjectionBias ||
                                rule.role == Role::HeadProjectionWeight;
        if (projection && m_spec.embeddingWidth == m_spec.width)
            return false;
        if (rule.need == Need::LaterLayers)
            return layer > 0;
        return rule.need != Need::Flagged || holds(rule.flag, m_config, *m_spec.arch);
    }
    static std::string items(const std::vector<std::string>& list, std::string_view title) {
        return (list.size() == 1 ? " tensor" : " tensors") + std::string(title);
    }

    const TensorInfo* search(const std::string& prefix, std::string_view patterns, int layer) {
        while (!patterns.empty()) {
            const auto end = std::min(patterns.find('|'), patterns.size());
            if (const TensorInfo* tensor = m_checkpoint.find(prefix + filledIn(patterns.substr(0, end), layer))) {
                m_used.insert(tensor);
                return tensor;
            }
            patterns.remove_prefix(std::min(end + 1, patterns.size()));
        }
        return nullptr;
    }

    bool isUsable(const TensorInfo& tensor, const TensorRule& rule, int layer) {
        const bool isFloat = tensor.dtype == DType::F32 || tensor.dtype == DType::F16 || tensor.dtype == DType::BF16 ||
                             tensor.dtype == DType::F64;
        const Shape expected = expectedShape(rule.role, m_spec);
        if (isFloat && matches(tensor.shape, expected))
            return true;
        std::string text = filledIn("layer {} ", layer);
        text = (rule.role <= kLastLayerRole ? text : std::string()) + std::string(nameOf(rule.role)) + " " + tensor.name + ": ";
        text += isFloat ? "shape " + shapeText(tensor.shape) + ", expected " + shapeText(expected)
                        : "type " + std::string(nameOf(tensor.dtype)) + " is not a floating-point weight that we read" + scales(tensor);
        m_wrong.push_back(std::move(text));
        return false;
    }

    [[nodiscard]] std::string scales(const TensorInfo& tensor) const {
        const TensorInfo* scale = scaleOf(m_checkpoint, tensor);
        return scale ? " (its scales are in " + scale->name + ")" : std::string();
    }

    const Checkpoint& m_checkpoint;
    const Json& m_config;
    ModelSpec& m_spec;
    std::string m_prefix;
    std::set<const TensorInfo*> m_used;
    std::vector<std::string> m_missing, m_wrong, m_unused;
};

/// A language-model head that is only partly there is broken, not absent.
void checkHead(TensorFinder& finder, const ModelSpec& spec) {
    const auto at = [&spec](Role role) { return spec.modelTensors[static_cast<std::size_t>(role)]; };
    if (!at(Role::HeadTransformWeight))
        return;
    for (const TensorRule& rule : spec.arch->tensors)
        if (rule.role >= Role::HeadTransformBias && !at(rule.role))
            finder.missing(rule, 0);
}

/// Which tensor turns hidden states into logits; null when this checkpoint has no language-model head.
const TensorInfo* unembeddingOf(const ModelSpec& spec, bool tied) {
    const auto at = [&spec](Role role) { return spec.modelTensors[static_cast<std::size_t>(role)]; };
    const bool hasTransformRule = std::ranges::any_of(
        spec.arch->tensors, [](const TensorRule& rule) { return rule.role == Role::HeadTransformWeight; });
    if (hasTransformRule && !at(Role::HeadTransformWeight))
        return nullptr;
    return tied ? at(Role::TokenEmbedding) : at(Role::Unembedding);
}

} // namespace

Result<void> findTensors(const Checkpoint& checkpoint, const Json& config, const std::filesystem::path& file, ModelSpec& spec) {
    TensorFinder finder(checkpoint, config, spec);
    spec.layerTensors.resize(static_cast<std::size_t>(spec.layers));
    for (auto& layer : spec.layerTensors)
        layer.fill(nullptr);
    spec.modelTensors.fill(nullptr);
    for (const TensorRule& rule : spec.arch->tensors) {
        const auto role = static_cast<std::size_t>(rule.role);
        const bool perLayer = rule.role <= kLastLayerRole;
        if (rule.need == Need::Unweighted)
            spec.unweightedNorms[role] = holds(rule.flag, config, *spec.arch);
        for (int layer = 0; layer < (perLayer ? spec.layers : 1); ++layer)
            if (const TensorInfo* tensor = finder.find(rule, layer))
                (perLayer ? spec.layerTensors[static_cast<std::size_t>(layer)] : spec.modelTensors)[role] = tensor;
    }
    checkHead(finder, spec);
    finder.checkUnused();
    SINKSCOPE_CHECK(finder.result(file));
    const bool tied = booleanAt(config, "tie_word_embeddings").value_or(spec.arch->tiedByDefault);
    auto& unembedding = spec.modelTensors[static_cast<std::size_t>(Role::Unembedding)];
    unembedding = unembeddingOf(spec, tied);
    const auto& first = spec.layerTensors.front();
    const TensorInfo* query = first[static_cast<std::size_t>(Role::QueryWeight)];
    spec.dtype = (query ? query : first[static_cast<std::size_t>(Role::FusedQkvWeight)])->dtype;
    return {};
}

} // namespace sinkscope
