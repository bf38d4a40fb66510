// SPDX-License-Identifier: Apache-2.0
#include "core/model/config_reader.h"

#include "core/base/checked_math.h"
#include "core/model/config_condition.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <nlohmann/json.hpp>

namespace sinkscope {
namespace {

/// Far above any published model, far below where products of two of them overflow.
constexpr std::int64_t kMaxLayers = 1000, kMaxHeads = 1024, kMaxHeadWidth = 4096, kMaxWidth = 1 << 17, kMaxMlpWidth = 1 << 20,
                       kMaxVocabulary = 1 << 22, kMaxPositions = 1 << 24;

std::string_view firstKey(std::string_view keys) { return keys.substr(0, keys.find('|')); }

std::string shortText(const Json& value) {
    std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
    return text.size() > 80 ? text.substr(0, 80) + "..." : text;
}

class DimensionReader {
public:
    DimensionReader(const Json& config, const std::filesystem::path& file, const ArchSpec& arch) : m_config(config), m_file(file), m_arch(arch) {}

    /// An integer in 1..cap. Absent: `fallback`, or ConfigMissing when that is 0.
    Result<int> size(std::string_view keys, std::int64_t cap, std::int64_t fallback = 0) const {
        const auto found = find(keys);
        if (!found && fallback > 0)
            return static_cast<int>(fallback);
        if (!found)
            return Error{ErrorCode::ConfigMissing, "key \"" + std::string(firstKey(keys)) + "\" is missing", m_file};
        const auto value = integerOf(found->value);
        if (!value || *value < 1 || *value > cap)
            return invalid(keys, "expected an integer from 1 to " + std::to_string(cap));
        return static_cast<int>(*value);
    }

    Result<double> epsilon(std::string_view keys, double fallback) const {
        const auto found = find(keys);
        if (!found)
            return fallback;
        if (!isWithin(found->value, 0, 1) || found->value == 1)
            return invalid(keys, "expected a number from 0 to 1");
        return found->value.get<double>();
    }

    /// A number from `least` to `most`; `absent` without the key, 0 when it is null.
    Result<double> number(std::string_view keys, double least, double most, double absent) const {
        const auto found = find(keys);
        if (!found)
            return m_config.contains(std::string(firstKey(keys))) ? 0.0 : absent;
        if (!isWithin(found->value, least, most))
            return invalid(keys, "out of range");
        return found->value.get<double>();
    }

    Result<Activation> activation(std::string_view keys, Activation fallback) const {
        const auto found = find(keys);
        if (!found)
            return fallback;
        static constexpr std::pair<std::string_view, Activation> kKnown[] = {
            {"gelu", Activation::Gelu},           {"gelu_python", Activation::Gelu},
            {"gelu_new", Activation::GeluTanh},   {"gelu_pytorch_tanh", Activation::GeluTanh},
            {"gelu_fast", Activation::GeluTanh},  {"relu", Activation::Relu},
            {"silu", Activation::Silu},           {"swish", Activation::Silu}};
        if (!found->value.is_string())
            return invalid(keys, "expected the name of an activation");
        for (const auto& [known, value] : kKnown)
            if (found->value.get_ref<const std::string&>() == known)
                return value;
        return Error{ErrorCode::Unavailable, textOf(keys) + ": this activation is not implemented", m_file};
    }

    Error invalid(std::string_view keys, const std::string& expected) const {
        return {ErrorCode::ConfigInvalid, textOf(keys) + ": " + expected, m_file};
    }

private:
    struct Setting {
        std::string_view key;
        Json value;
    };
    /// The first spelling of `keys` ("a|b|c") that config.json has, or for which there is a default; null counts as absent.
    std::optional<Setting> find(std::string_view keys) const {
        for (const bool fromDefaults : {false, true})
            for (std::string_view rest = keys; !rest.empty();) {
                const auto key = firstKey(rest);
                if (auto value = fromDefaults ? settingAt(m_config, m_arch, key) : copyAt(key))
                    return Setting{key, std::move(*value)};
                rest.remove_prefix(std::min(key.size() + 1, rest.size()));
            }
        return std::nullopt;
    }
    std::optional<Json> copyAt(std::string_view key) const {
        const Json* value = valueAt(m_config, key);
        return value ? std::optional(*value) : std::nullopt;
    }
    static bool isWithin(const Json& value, double least, double most) {
        return value.is_number() && value.get<double>() >= least && value.get<double>() <= most;
    }
    /// "hidden_size = 12.5", of the spelling that counts.
    std::string textOf(std::string_view keys) const {
        const auto found = find(keys);
        return found ? std::string(found->key) + " = " + shortText(found->value) : std::string(firstKey(keys)) + " = absent";
    }

    const Json& m_config;
    const std::filesystem::path& m_file;
    const ArchSpec& m_arch;
};

/// Weights of eight bits with scales beside them, which attachScales (core/checkpoint) has found or not; nothing that turns the weights
/// around in addition.
bool isScaledEightBit(const Json& config) {
    const auto is = [&config](std::string_view path, std::initializer_list<std::string_view> texts) {
        const Json* value = valueAt(config, path);
        return value && value->is_string() && std::ranges::find(texts, value->get_ref<const std::string&>()) != texts.end();
    };
    const Json* transforms = valueAt(config, "quantization_config.transform_config");
    if (transforms && !transforms->empty())
        return false;
    return is("quantization_config.quant_method", {"fp8", "fbgemm_fp8"}) ||
           (is("quantization_config.quant_method", {"compressed-tensors"}) && is("quantization_config.format", {"float-quantized", "naive-quantized"})) ||
           (is("quantization_config.quant_method", {"modelopt"}) && is("quantization_config.quant_algo", {"FP8"}));
}

Result<void> checkDemands(const Json& config, const std::filesystem::path& file, const ArchSpec& arch) {
    const Json* method = valueAt(config, "quantization_config.quant_method");
    const bool known = (method && !arch.quantization.empty() && *method == arch.quantization) || isScaledEightBit(config);
    for (const std::string_view key : {"quantization_config", "compression_config"})
        if (valueAt(config, key) && !(known && key == "quantization_config"))
            return Error{ErrorCode::Unavailable, "\"" + std::string(key) + "\": quantized weights are not implemented", file};
    for (const auto& demand : arch.demands) {
        const Json* found = valueAt(config, demand.key);
        if (found && found->dump(-1, ' ', true, Json::error_handler_t::replace) != demand.value)
            return Error{ErrorCode::Unavailable,
                         std::string(demand.key) + " = " + shortText(*found) + ": only " + std::string(demand.value) + " is implemented for " +
                             std::string(arch.title),
                         file};
    }
    return {};
}

Result<void> readHeads(const Json& config, const DimensionReader& reader, ModelSpec& spec) {
    const auto& keys = spec.arch->keys;
    SINKSCOPE_TRY(spec.heads, reader.size(keys.heads, kMaxHeads));
    SINKSCOPE_TRY(spec.keyValueHeads, reader.size(keys.keyValueHeads, kMaxHeads, spec.heads));
    if (holds(spec.arch->multiQuery, config, *spec.arch))
        spec.keyValueHeads = 1;
    if (spec.heads % spec.keyValueHeads != 0)
        return reader.invalid(firstKey(keys.keyValueHeads),
                              "does not divide the " + std::to_string(spec.heads) + " attention heads");
    SINKSCOPE_TRY(spec.headWidth, reader.size(keys.headWidth, kMaxHeadWidth, std::max(1, spec.width / spec.heads)));
    const bool derived = keys.headWidth.empty() || spec.headWidth == spec.width / spec.heads;
    if (derived && spec.heads * spec.headWidth != spec.width)
        return reader.invalid(firstKey(keys.width), "is not a multiple of the " + std::to_string(spec.heads) + " attention heads");
    if (spec.heads * spec.headWidth > kMaxWidth)
        return reader.invalid(firstKey(keys.headWidth), "heads x head width is above " + std::to_string(kMaxWidth));
    SINKSCOPE_TRY(const double divisor, reader.number(keys.scaleDivisor, 1e-6, 1e9, spec.arch->numbers.scaleDivisor));
    SINKSCOPE_TRY(const double scale, reader.number(keys.attentionScale, 1e-9, 1e9, 0));
    spec.attentionScale = scale > 0 ? scale : 1.0 / std::sqrt(divisor > 0 ? divisor : spec.headWidth);
    return {};
}

/// Where the position table begins, and how many positions it has.
Result<void> readPositions(const Json& config, const std::filesystem::path& file, const DimensionReader& reader, ModelSpec& spec) {
    const ArchSpec& arch = *spec.arch;
    spec.positionKind = holds(arch.alibi, config, arch) ? Positions::Alibi : arch.positions;
    SINKSCOPE_TRY(spec.positions, reader.size(arch.keys.positions, kMaxPositions, arch.numbers.positions));
    spec.positionOffset = arch.extraPositions;
    if (!arch.countsPadding)
        return {};
    const auto padding = integerAt(config, "pad_token_id").value_or(1);
    if (padding < 0 || padding >= spec.vocabulary || padding + 1 >= spec.positions)
        return Error{ErrorCode::ConfigInvalid, keyValueText(config, "pad_token_id") + ": leaves no positions", file};
    spec.paddingId = static_cast<std::int32_t>(padding);
    spec.positionOffset = spec.paddingId + 1;
    spec.positions -= spec.positionOffset;
    return {};
}

/// The flags that select the mathematics.
Result<void> readVariant(const Json& config, const DimensionReader& reader, ModelSpec& spec) {
    const ArchSpec& arch = *spec.arch;
    const ConfigKeys& keys = arch.keys;
    spec.preNorm = arch.normPlacement == NormPlacement::Pre && !holds(arch.postNorm, config, arch);
    spec.parallel = holds(arch.parallel, config, arch);
    spec.residualFromNorm = spec.preNorm && holds(arch.residualFromNorm, config, arch);
    SINKSCOPE_TRY(spec.projectionClip, reader.number(keys.projectionClip, 1e-6, 1e9, 0));
    SINKSCOPE_TRY(spec.embeddingWidth, reader.size(keys.embeddingWidth, kMaxWidth, spec.width));
    SINKSCOPE_TRY(spec.attentionCap, reader.number(keys.attentionCap, 1e-3, 1e6, arch.numbers.attentionCap));
    SINKSCOPE_TRY(spec.logitCap, reader.number(keys.logitCap, 1e-3, 1e6, arch.numbers.logitCap));
    if (spec.positionKind == Positions::Alibi) {
        SINKSCOPE_TRY(const double bias, reader.number(keys.alibiBias, 1e-6, 1e4, 8.0));
        spec.headRules.alibiSlopes = alibiSlopes(spec.heads, bias > 0 ? bias : 8.0);
    }
    SINKSCOPE_TRY(spec.activation, reader.activation(keys.activation, arch.defaultActivation));
    if (arch.geluMeansTanh && spec.activation == Activation::Gelu)
        spec.activation = Activation::GeluTanh;
    SINKSCOPE_TRY(spec.headActivation, reader.activation(keys.headActivation, arch.headActivation.value_or(spec.activation)));
    return {};
}

} // namespace

std::string keyValueText(const Json& object, std::string_view key) {
    const auto found = object.find(std::string(key));
    return std::string(key) + " = " + (found == object.end() ? "absent" : shortText(*found));
}

Result<const ArchSpec*> architectureOf(const Json& config, const std::filesystem::path& file) {
    const auto type = stringAt(config, "model_type");
    if (!type)
        return Error{ErrorCode::ConfigMissing, "key \"model_type\" is missing", file};
    std::string supported;
    for (const ArchSpec* arch : archs()) {
        for (const auto name : arch->modelTypes) {
            if (name == *type)
                return arch;
            supported += (supported.empty() ? "" : ", ") + std::string(name);
        }
    }
    return Error{ErrorCode::UnknownArchitecture, keyValueText(config, "model_type") + "; supported: " + supported, file};
}

Result<void> readDimensions(const Json& config, const std::filesystem::path& file, ModelSpec& spec) {
    const ArchSpec& arch = *spec.arch;
    const DimensionReader reader(config, file, arch);
    SINKSCOPE_CHECK(checkDemands(config, file, arch));
    SINKSCOPE_TRY(spec.layers, reader.size(arch.keys.layers, kMaxLayers));
    SINKSCOPE_TRY(spec.width, reader.size(arch.keys.width, kMaxWidth));
    SINKSCOPE_CHECK(readHeads(config, reader, spec));
    SINKSCOPE_TRY(spec.mlpWidth, reader.size(arch.keys.mlpWidth, kMaxMlpWidth, std::int64_t{arch.mlpFactor} * spec.width));
    SINKSCOPE_TRY(spec.vocabulary, reader.size(arch.keys.vocabulary, kMaxVocabulary));
    SINKSCOPE_CHECK(readPositions(config, file, reader, spec));
    SINKSCOPE_TRY(spec.normEpsilon, reader.epsilon(arch.keys.normEpsilon, arch.defaultNormEpsilon));
    SINKSCOPE_CHECK(readVariant(config, reader, spec));
    SINKSCOPE_CHECK(readWindows(config, file, spec));
    SINKSCOPE_CHECK(readExperts(config, file, spec));
    const auto bos = settingAt(config, arch, "bos_token_id");
    if (const auto id = bos ? integerOf(*bos) : std::nullopt; id && *id >= 0 && *id < spec.vocabulary)
        spec.bosId = static_cast<std::int32_t>(*id);
    return spec.positionKind == Positions::Rope ? readRope(config, file, spec) : Result<void>{};
}

} // namespace sinkscope
