// SPDX-License-Identifier: Apache-2.0
#include "core/arch/arch_spec.h"
#include "core/checkpoint/gguf_assemble.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace sinkscope {
namespace {

constexpr std::uint64_t kMostNumbers = 4096; ///< of a list: one for each layer, or each pair of components
constexpr std::size_t kLongestName = 256;

double numberAt(const GgufHeader& header, std::string_view arch, std::string_view key, double absent) {
    const GgufValue* value = header.find(std::string(arch) + "." + std::string(key));
    const double number = value ? value->number().value_or(absent) : absent;
    return std::isfinite(number) ? std::clamp(number, -1e15, 1e15) : absent; // within what can be cast to an integer
}

/// Llamas, Mistrals and Mixtrals bear one name: experts decide, then windows. Null for names that are not known.
const ArchSpec* archOf(const GgufHeader& header) {
    const GgufValue* value = header.find("general.architecture");
    const std::string_view name = value ? value->text().value_or("") : "";
    const bool experts = numberAt(header, name, "expert_count", 0) > 0, windows = numberAt(header, name, "attention.sliding_window", 0) > 0;
    const ArchSpec* found = nullptr;
    for (const ArchSpec* arch : archs()) {
        if (name.empty() || arch->gguf.architecture != name || arch->experts.countKey.empty() == experts)
            continue;
        if (!found || (arch->window.pattern != WindowRule::Pattern::None) == windows)
            found = arch;
    }
    return found;
}

/// Writes config.json from the keys that begin with the architecture's name.
class ConfigWriter {
public:
    ConfigWriter(const GgufHeader& header, const Checkpoint& checkpoint, const ArchSpec& arch)
        : m_header(header), m_checkpoint(checkpoint), m_arch(arch) {
        m_config["model_type"] = arch.modelTypes.front();
    }

    Json take() { return std::move(m_config); }

    /// Sets the first of several spellings; the path into nested objects is written with dots.
    void set(std::string_view keys, Json value) {
        const std::string_view key = keys.substr(0, keys.find('|'));
        if (key.empty())
            return;
        std::string pointer = "/" + std::string(key);
        std::ranges::replace(pointer, '.', '/');
        m_config[Json::json_pointer(pointer)] = std::move(value);
    }
    /// Copies a value; what is no single number or flag stays null, or becomes a list that the reader of config.json then refuses.
    void copy(std::string_view keys, std::string_view ggufKey) {
        const GgufValue* value = find(ggufKey);
        if (!value || keys.empty())
            return;
        if (const auto flag = value->boolean())
            set(keys, *flag);
        else if (const auto integer = value->integer())
            set(keys, *integer);
        else if (const auto number = value->number())
            set(keys, std::isfinite(*number) ? Json(*number) : Json(value->description())); // JSON has no NaN: the text is refused
        else if (const auto list = value->count <= kMostNumbers ? value->numbers() : std::nullopt)
            set(keys, allEqual(*list) ? Json(static_cast<std::int64_t>(list->front())) : Json(*list));
    }
    [[nodiscard]] const GgufValue* find(std::string_view key) const { return m_header.find(std::string(m_arch.gguf.architecture) + "." + std::string(key)); }
    [[nodiscard]] double number(std::string_view key, double absent) const { return numberAt(m_header, m_arch.gguf.architecture, key, absent); }

    void sizes();
    void rotary();
    void scaling(Json& rope) const;
    void attention();
    void windows();
    void experts();
    void vocabulary();

private:
    static bool allEqual(const std::vector<double>& list) {
        return !list.empty() && std::ranges::all_of(list, [&](double value) { return value == list.front() && value >= 0 && value < 1e9; });
    }
    /// A short tensor as numbers; null without it.
    [[nodiscard]] Json valuesOf(const char* name) const {
        const TensorInfo* tensor = m_checkpoint.find(name);
        if (!tensor || !hasValues(tensor->dtype) || tensor->elements() > kMostNumbers)
            return {};
        std::vector<float> values(tensor->elements());
        convertToFloat(*tensor, values);
        return values;
    }
    [[nodiscard]] double headWidth() const { return number("attention.key_length", number("embedding_length", 0) / std::max(1.0, number("attention.head_count", 1))); }

    const GgufHeader& m_header;
    const Checkpoint& m_checkpoint;
    const ArchSpec& m_arch;
    Json m_config = Json::object();
};

void ConfigWriter::sizes() {
    const ConfigKeys& keys = m_arch.keys;
    copy(keys.layers, "block_count");
    copy(keys.heads, "attention.head_count");
    copy(keys.keyValueHeads, "attention.head_count_kv");
    copy(keys.headWidth, "attention.key_length");
    copy(keys.width, "embedding_length");
    copy(keys.mlpWidth, "feed_forward_length");
    copy(keys.positions, "context_length");
    copy(keys.normEpsilon, m_arch.norm == Norm::RmsNorm ? "attention.layer_norm_rms_epsilon" : "attention.layer_norm_epsilon");
    if (const TensorInfo* table = m_checkpoint.find("token_embd.weight"); table && table->shape.size() == 2)
        set(keys.vocabulary, table->shape[0]);
    if (const TensorInfo* table = m_checkpoint.find("position_embd.weight"); table && table->shape.size() == 2)
        set(keys.positions, table->shape[0]);
    set("tie_word_embeddings", m_checkpoint.find("output.weight") == nullptr);
}

/// llama3's scaling is stored as what it does: a divisor of every frequency. It is LongRope with one list.
void ConfigWriter::scaling(Json& rope) const {
    const GgufValue* type = find("rope.scaling.type");
    const std::string_view kind = type ? type->text().value_or("") : "";
    const double legacy = number("rope.scale_linear", 1), factor = number("rope.scaling.factor", legacy);
    const auto trained = find("rope.scaling.original_context_length");
    if (const Json all = valuesOf("rope_freqs.weight"); !all.is_null()) {
        rope = {{"rope_type", "longrope"}, {"short_factor", all}, {"long_factor", all}, {"factor", 1.0}, {"attention_factor", 1.0}};
    } else if (const Json few = valuesOf("rope_factors_short.weight"), many = valuesOf("rope_factors_long.weight"); !few.is_null() && !many.is_null()) {
        rope = {{"rope_type", "longrope"}, {"short_factor", few}, {"long_factor", many}};
        if (find("rope.scaling.attn_factor"))
            rope["attention_factor"] = number("rope.scaling.attn_factor", 1);
    } else if (kind == "linear" || (kind.empty() && factor != 1)) {
        rope = {{"rope_type", "linear"}, {"factor", factor}};
    } else if (!kind.empty() && kind != "none") {
        rope = {{"rope_type", kind}, {"factor", factor}};
    }
    if (rope.is_object() && trained && trained->integer())
        rope["original_max_position_embeddings"] = *trained->integer();
}

void ConfigWriter::rotary() {
    if (m_arch.positions != Positions::Rope)
        return;
    const ConfigKeys& keys = m_arch.keys;
    copy(keys.ropeTheta, "rope.freq_base");
    copy(keys.localRopeTheta, "rope.freq_base_swa");
    const double width = headWidth(), turning = number("rope.dimension_count", width);
    if (!keys.rotaryWidth.empty())
        set(keys.rotaryWidth, static_cast<std::int64_t>(turning));
    else if (width > 0) // half a component more, so that the reader's rounding down meets the count
        set(keys.rotaryShare, std::min(1.0, (turning + 0.5) / width));
    Json rope;
    scaling(rope);
    if (rope.is_null())
        return;
    const auto settled = m_config.find("rope_scaling"); // what the file does not say but all of them do
    if (settled != m_config.end() && settled->is_object() && settled->value("rope_type", "") == rope["rope_type"])
        for (const auto& [key, value] : settled->items())
            rope.emplace(key, value);
    set("rope_scaling", std::move(rope));
}

void ConfigWriter::attention() {
    const ConfigKeys& keys = m_arch.keys;
    copy(keys.attentionCap, "attn_logit_softcapping");
    copy(keys.logitCap, "final_logit_softcapping");
    copy(keys.alibiBias, "attention.max_alibi_bias");
    windows();
    if (keys.scaleDivisor.empty())
        return;
    const int widthScaled = m_arch.gguf.widthScaledLayers;
    const bool byWidth = widthScaled > 0 && number("block_count", 0) == widthScaled;
    set(keys.scaleDivisor, byWidth ? number("embedding_length", 0) / std::max(1.0, number("attention.head_count", 1)) : headWidth());
}

/// A size of 0 stands for none; without one, the architecture's own counts. Where the architecture has no windows, those of the file are
/// stated for the reader to refuse them.
void ConfigWriter::windows() {
    const double size = number("attention.sliding_window", -1);
    const bool known = m_arch.window.pattern != WindowRule::Pattern::None;
    const GgufValue* pattern = find("attention.sliding_window_pattern");
    const auto layers = pattern && pattern->type == GgufType::Array && pattern->count <= kMostNumbers ? pattern->numbers() : std::nullopt;
    if (known && size == 0)
        set(m_arch.window.sizeKey, Json());
    else if (known)
        copy(m_arch.window.sizeKey, "attention.sliding_window");
    if (layers) { // a flag for each
        Json types = Json::array();
        for (const double flag : *layers)
            types.push_back(flag != 0 ? "sliding_attention" : "full_attention");
        set("layer_types", std::move(types));
    } else if (known) {
        copy(m_arch.window.patternKey, "attention.sliding_window_pattern");
    } else if (size > 0) {
        set("layer_types", Json::array({"sliding_attention"}));
    }
}

void ConfigWriter::experts() {
    const ExpertRule& rule = m_arch.experts;
    copy(rule.countKey, "expert_count");
    copy(rule.chosenKey, "expert_used_count");
    copy(rule.widthKey, "expert_feed_forward_length");
}

void ConfigWriter::vocabulary() {
    for (const auto& [key, ggufKey] : {std::pair{"bos_token_id", "tokenizer.ggml.bos_token_id"}, std::pair{"pad_token_id", "tokenizer.ggml.padding_token_id"}})
        if (const GgufValue* value = m_header.find(ggufKey); value && value->integer())
            m_config[key] = *value->integer();
}

} // namespace

std::vector<std::string> ggufDoubts(const GgufHeader& header) {
    std::vector<std::string> doubts;
    const ArchSpec* arch = archOf(header);
    const GgufValue* value = header.find("general.name");
    std::string name(value ? value->text().value_or("").substr(0, kLongestName) : "");
    std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    for (const GgufDoubt& doubt : arch ? arch->gguf.doubts : std::span<const GgufDoubt>())
        if (!header.find(std::string(arch->gguf.architecture) + "." + std::string(doubt.key)) && name.find(doubt.name) != std::string::npos)
            doubts.emplace_back(doubt.text);
    return doubts;
}

std::shared_ptr<const Json> ggufConfig(const GgufHeader& header, const Checkpoint& checkpoint) {
    const GgufValue* value = header.find("general.architecture");
    const auto name = value ? value->text() : std::nullopt;
    if (!name)
        return nullptr;
    const ArchSpec* arch = archOf(header);
    if (!arch)
        return std::make_shared<const Json>(Json{{"model_type", "GGUF " + std::string(*name)}});
    ConfigWriter writer(header, checkpoint, *arch);
    for (const ConfigDefault& setting : arch->gguf.settings)
        if (auto parsed = parseJson(setting.value, ErrorCode::Internal, {}))
            writer.set(setting.key, *std::move(parsed));
    writer.sizes();
    writer.rotary();
    writer.attention();
    writer.experts();
    writer.vocabulary();
    for (const ConfigDefault& key : arch->gguf.keys)
        writer.copy(key.key, key.value);
    return std::make_shared<const Json>(writer.take());
}

} // namespace sinkscope
