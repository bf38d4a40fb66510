// SPDX-License-Identifier: Apache-2.0
#include "core/model/tensor_table.h"

#include "core/checkpoint/assemble.h"
#include "core/checkpoint/mxfp4.h"
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
    case Role::FusedGateUpBias: return {2 * std::int64_t{spec.mlpWidth}};
    case Role::QueryNorm:
    case Role::QueryNormBias: return {spec.arch->wholeQkNorm ? query : spec.headWidth};
    case Role::KeyNorm:
    case Role::KeyNormBias: return {spec.arch->wholeQkNorm ? keyValue : spec.headWidth};
    case Role::DownWeight: return linear(width, spec.mlpWidth);
    case Role::AttentionSinks: return {spec.heads};
    case Role::RouterWeight: return {spec.experts.count, width};
    case Role::RouterBias: return {spec.experts.count};
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

/// Of one expert.
Shape expertShape(Role role, const ModelSpec& spec) {
    const std::int64_t width = spec.width, inner = spec.experts.width, values = kMxfp4Values, bytes = kMxfp4Bytes;
    const auto linear = [&](std::int64_t out, std::int64_t in) {
        if (spec.experts.mxfp4)
            return Shape{out, in / values, bytes};
        return spec.experts.storedByInput ? Shape{in, out} : Shape{out, in};
    };
    switch (role) {
    case Role::ExpertGateWeight:
    case Role::ExpertUpWeight: return linear(inner, width);
    case Role::ExpertGateUpWeight: return linear(2 * inner, width);
    case Role::ExpertGateUpScales: return {2 * inner, width / values};
    case Role::ExpertGateUpBias: return {2 * inner};
    case Role::ExpertDownWeight: return linear(width, inner);
    case Role::ExpertDownScales: return {width, inner / values};
    case Role::ExpertDownBias: return {width};
    default: return {inner};
    }
}

bool isBytes(Role role, const ModelSpec& spec) {
    return spec.experts.mxfp4 && (role == Role::ExpertGateUpWeight || role == Role::ExpertGateUpScales || role == Role::ExpertDownWeight ||
                                  role == Role::ExpertDownScales);
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

/// Tensors that checkpoints keep beside the weights of a layer: what follows from config.json (masks, tables of angles), and ranges of
/// activations for programs that quantize these, too.
bool isBuffer(std::string_view nameInLayer) {
    static constexpr std::string_view kBuffers[] = {"rotary_emb.inv_freq", "masked_bias", "attn.bias", "attention.bias",
                                                  "input_scale", "output_scale", "k_scale", "v_scale"};
    return std::ranges::any_of(kBuffers, [nameInLayer](std::string_view buffer) {
        return nameInLayer == buffer || (nameInLayer.ends_with(buffer) && nameInLayer[nameInLayer.size() - buffer.size() - 1] == '.');
    });
}

/// `pattern` with `{}` replaced by the layer, and `{e}` by the expert.
std::string filledIn(std::string_view pattern, int layer, int expert = 0) {
    std::string text(pattern);
    for (const auto& [mark, number] : {std::pair<std::string_view, int>{"{}", layer}, {"{e}", expert}})
        if (const auto brace = text.find(mark); brace != std::string::npos)
            text.replace(brace, mark.size(), std::to_string(number));
    return text;
}

class TensorFinder {
public:
    TensorFinder(const Checkpoint& checkpoint, const Json& config, ModelSpec& spec) : m_checkpoint(checkpoint), m_config(config), m_spec(spec) {
        for (const auto prefix : spec.arch->prefixes)
            for (const TensorRule& rule : spec.arch->tensors)
                if (rule.role == Role::TokenEmbedding && m_prefix.empty() && search(std::string(prefix), rule.pattern, 0))
                    m_prefix = prefix;
    }

    /// Finds those of a rule for experts in every layer: one of all, or one for each, up to the first that is missing.
    void findExperts(const TensorRule& rule) {
        const bool each = rule.pattern.find("{e}") != std::string_view::npos;
        const std::size_t at = static_cast<std::size_t>(rule.role) - static_cast<std::size_t>(kFirstExpertRole);
        for (int layer = 0; layer < m_spec.layers; ++layer) {
            if (!takesPart(rule, layer))
                continue;
            m_spec.experts.hasOwn[at] = each;
            auto& tensors = m_spec.experts.layers[static_cast<std::size_t>(layer)][at];
            tensors.clear();
            for (int expert = 0; expert < (each ? m_spec.experts.count : 1); ++expert) {
                if (const TensorInfo* tensor = find(rule, layer, expert))
                    tensors.push_back(tensor);
                else
                    break;
            }
        }
    }

    /// The tensor of a rule, or null. Records what is missing or misshaped.
    const TensorInfo* find(const TensorRule& rule, int layer, int expert = 0) {
        if (rule.need == Need::Unweighted || !takesPart(rule, layer))
            return nullptr;
        const bool required = rule.need != Need::Optional && rule.need != Need::FlaggedHead;
        const TensorInfo* tensor = search(m_prefix, rule.pattern, layer, expert);
        for (auto prefix = m_spec.arch->prefixes.begin(); !tensor && prefix != m_spec.arch->prefixes.end(); ++prefix)
            tensor = search(std::string(*prefix), rule.pattern, layer, expert);
        if (!tensor)
            tensor = search("", rule.pattern, layer, expert); // heads lie outside the prefix of the body
        if (!tensor && required)
            missing(rule, layer, expert);
        return tensor && isUsable(*tensor, rule, layer) ? tensor : nullptr;
    }

    /// Whether a model with this config.json uses the tensor of a rule.
    [[nodiscard]] bool takesPart(const TensorRule& rule, int layer) const {
        const bool projection = rule.role == Role::EmbeddingProjectionWeight || rule.role == Role::EmbeddingProjectionBias ||
                                rule.role == Role::HeadProjectionWeight;
        if (projection && m_spec.embeddingWidth == m_spec.width)
            return false;
        const bool ofExperts = isExpert(rule.role) || rule.role == Role::RouterWeight || rule.role == Role::RouterBias,
                   ofMlp = rule.role >= Role::GateWeight && rule.role <= Role::DownBias;
        if ((ofExperts && !m_spec.experts.in(layer)) || (ofMlp && m_spec.experts.in(layer)))
            return false;
        const bool flagged = rule.need == Need::Flagged || rule.need == Need::FlaggedHead || !rule.flag.empty();
        if (rule.need == Need::LaterLayers && layer == 0)
            return false;
        return !flagged || holds(rule.flag, m_config, *m_spec.arch);
    }
    void missing(const TensorRule& rule, int layer, int expert = 0) {
        const auto pattern = rule.pattern.substr(0, rule.pattern.find('|'));
        m_missing.push_back(m_prefix + filledIn(pattern, layer, expert) + " (" + std::string(nameOf(rule.role)) + ")");
    }

    /// Records what takes no part although it lies among the weights of the layers or a rule names it: mathematics that config.json does
    /// not speak of.
    void checkUnused() {
        const auto inLayers = std::ranges::find_if(m_spec.arch->tensors,
                                                   [](const TensorRule& rule) { return rule.pattern.find("{}") != std::string_view::npos; });
        const std::string stem = m_prefix + std::string(inLayers->pattern.substr(0, inLayers->pattern.find("{}")));
        for (const TensorInfo& tensor : m_checkpoint.tensors) {
            if (!tensor.name.starts_with(stem) || m_used.contains(&tensor) || tensor.isScale)
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
    static std::string items(const std::vector<std::string>& list, std::string_view title) {
        return (list.size() == 1 ? " tensor" : " tensors") + std::string(title);
    }

    const TensorInfo* search(const std::string& prefix, std::string_view patterns, int layer, int expert = 0) {
        while (!patterns.empty()) {
            const auto end = std::min(patterns.find('|'), patterns.size());
            if (const TensorInfo* tensor = m_checkpoint.find(prefix + filledIn(patterns.substr(0, end), layer, expert))) {
                m_used.insert(tensor);
                return tensor;
            }
            patterns.remove_prefix(std::min(end + 1, patterns.size()));
        }
        return nullptr;
    }

    bool isUsable(const TensorInfo& tensor, const TensorRule& rule, int layer) {
        const bool isFloat = isFloating(tensor.dtype) && (isQuantized(tensor.dtype) || bitsOf(tensor.dtype) > 8 || tensor.scale); // F8 come with scales
        const bool bytes = isBytes(rule.role, m_spec), typeFits = bytes ? tensor.dtype == DType::U8 : isFloat;
        Shape expected = isExpert(rule.role) ? expertShape(rule.role, m_spec) : expectedShape(rule.role, m_spec);
        if (isExpert(rule.role) && rule.pattern.find("{e}") == std::string_view::npos)
            expected.insert(expected.begin(), m_spec.experts.count);
        if (typeFits && matches(tensor.shape, expected))
            return true;
        std::string text = filledIn("layer {} ", layer);
        text = (rule.role <= kLastLayerRole ? text : std::string()) + std::string(nameOf(rule.role)) + " " + tensor.name + ": ";
        text += typeFits ? "shape " + shapeText(tensor.shape) + ", expected " + shapeText(expected)
                : bytes  ? "type " + std::string(nameOf(tensor.dtype)) + ", MXFP4 has U8"
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

/// A language-model head that is only partly there is broken, not absent. Without anything that makes logits of tokens, though, its
/// transform belongs to a head of another kind (ModernBERT's classifiers have the same one).
void checkHead(TensorFinder& finder, ModelSpec& spec) {
    const auto at = [&spec](Role role) -> const TensorInfo*& { return spec.modelTensors[static_cast<std::size_t>(role)]; };
    if (!at(Role::HeadTransformWeight))
        return;
    const bool needsBias = std::ranges::any_of(spec.arch->tensors, [&finder](const TensorRule& rule) {
        return rule.role == Role::UnembeddingBias && rule.need == Need::FlaggedHead && finder.takesPart(rule, 0);
    });
    if (needsBias && !at(Role::UnembeddingBias) && !at(Role::Unembedding)) {
        at(Role::HeadTransformWeight) = nullptr;
        return;
    }
    for (const TensorRule& rule : spec.arch->tensors)
        if ((rule.role >= Role::HeadTransformBias || rule.need == Need::FlaggedHead) && !at(rule.role) && finder.takesPart(rule, 0))
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

/// A sink that is not finite makes weights that are not, and is refused then.
void readSinks(ModelSpec& spec) {
    const auto sinksOf = [&spec](std::size_t layer) { return spec.layerTensors[layer][static_cast<std::size_t>(Role::AttentionSinks)]; };
    if (!sinksOf(0))
        return;
    const auto heads = static_cast<std::size_t>(spec.heads);
    spec.headRules.sinks.resize(static_cast<std::size_t>(spec.layers) * heads);
    for (std::size_t layer = 0; layer < spec.layerTensors.size(); ++layer)
        convertToFloat(*sinksOf(layer), std::span(spec.headRules.sinks).subspan(layer * heads, heads));
}

} // namespace

Result<void> findTensors(const Checkpoint& checkpoint, const Json& config, const std::filesystem::path& file, ModelSpec& spec) {
    TensorFinder finder(checkpoint, config, spec);
    spec.layerTensors.resize(static_cast<std::size_t>(spec.layers));
    for (auto& layer : spec.layerTensors)
        layer.fill(nullptr);
    spec.modelTensors.fill(nullptr);
    spec.experts.layers.resize(spec.experts.count > 0 ? spec.layerTensors.size() : 0);
    for (const TensorRule& rule : spec.arch->tensors) {
        const auto role = static_cast<std::size_t>(rule.role);
        if (isExpert(rule.role)) {
            finder.findExperts(rule);
            continue;
        }
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
    readSinks(spec);
    const bool tied = booleanAt(config, "tie_word_embeddings").value_or(spec.arch->tiedByDefault);
    auto& unembedding = spec.modelTensors[static_cast<std::size_t>(Role::Unembedding)];
    unembedding = unembeddingOf(spec, tied);
    const auto& first = spec.layerTensors.front();
    const TensorInfo* query = first[static_cast<std::size_t>(Role::QueryWeight)];
    spec.dtype = (query ? query : first[static_cast<std::size_t>(Role::FusedQkvWeight)])->dtype;
    return {};
}

} // namespace sinkscope
