// SPDX-License-Identifier: Apache-2.0
#include "core/model/config_reader.h"

#include "core/base/checked_math.h"
#include "core/model/config_condition.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace sinkscope {
namespace {

/// Far above any published model, far below where products of two of them overflow.
constexpr std::int64_t kMaxLayers = 1000, kMaxHeads = 1024, kMaxHeadWidth = 4096, kMaxWidth = 1 << 17, kMaxMlpWidth = 1 << 20,
                       kMaxVocabulary = 1 << 22, kMaxPositions = 1 << 24;

/// The first spelling of `keys` ("a|b|c") that is present and not null; empty when none is.
std::string_view presentKey(const Json& config, std::string_view keys) {
    while (!keys.empty()) {
        const auto end = std::min(keys.find('|'), keys.size());
        const auto key = keys.substr(0, end);
        const auto found = config.find(std::string(key));
        if (found != config.end() && !found->is_null())
            return key;
        keys.remove_prefix(std::min(end + 1, keys.size()));
    }
    return {};
}

std::string_view firstKey(std::string_view keys) { return keys.substr(0, keys.find('|')); }

class DimensionReader {
public:
    DimensionReader(const Json& config, const std::filesystem::path& file) : m_config(config), m_file(file) {}

    /// An integer in 1..cap. Absent: `fallback`, or ConfigMissing when that is 0.
    Result<int> size(std::string_view keys, std::int64_t cap, std::int64_t fallback = 0) const {
        const auto key = presentKey(m_config, keys);
        if (key.empty() && fallback > 0)
            return static_cast<int>(fallback);
        if (key.empty())
            return Error{ErrorCode::ConfigMissing, "key \"" + std::string(firstKey(keys)) + "\" is missing", m_file};
        const auto value = integerAt(m_config, key);
        if (!value || *value < 1 || *value > cap)
            return invalid(key, "expected an integer from 1 to " + std::to_string(cap));
        return static_cast<int>(*value);
    }

    Result<double> epsilon(std::string_view keys, double fallback) const {
        const auto key = presentKey(m_config, keys);
        if (key.empty())
            return fallback;
        const auto value = numberAt(m_config, key);
        if (!value || !(*value >= 0 && *value < 1))
            return invalid(key, "expected a number from 0 to 1");
        return *value;
    }

    /// A number from `least` to `most`; `absent` without the key, 0 when it is null.
    Result<double> number(std::string_view keys, double least, double most, double absent) const {
        const auto key = presentKey(m_config, keys);
        if (key.empty())
            return m_config.contains(std::string(firstKey(keys))) ? 0.0 : absent;
        const auto value = numberAt(m_config, key);
        if (!value || !(*value >= least && *value <= most))
            return invalid(key, "out of range");
        return *value;
    }

    Result<Activation> activation(std::string_view keys, Activation fallback) const {
        const auto key = presentKey(m_config, keys);
        if (key.empty())
            return fallback;
        static constexpr std::pair<std::string_view, Activation> kKnown[] = {
            {"gelu", Activation::Gelu},           {"gelu_python", Activation::Gelu},
            {"gelu_new", Activation::GeluTanh},   {"gelu_pytorch_tanh", Activation::GeluTanh},
            {"gelu_fast", Activation::GeluTanh},  {"relu", Activation::Relu},
            {"silu", Activation::Silu},           {"swish", Activation::Silu}};
        const auto name = stringAt(m_config, key);
        if (!name)
            return invalid(key, "expected the name of an activation");
        for (const auto& [known, value] : kKnown)
            if (*name == known)
                return value;
        return Error{ErrorCode::Unavailable, keyValueText(m_config, key) + ": this activation is not implemented", m_file};
    }

    Error invalid(std::string_view key, const std::string& expected) const {
        return {ErrorCode::ConfigInvalid, keyValueText(m_config, key) + ": " + expected, m_file};
    }

private:
    const Json& m_config;
    const std::filesystem::path& m_file;
};

std::string shortText(const Json& value) {
    std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
    return text.size() > 80 ? text.substr(0, 80) + "..." : text;
}

Result<void> checkDemands(const Json& config, const std::filesystem::path& file, const ArchSpec& arch) {
    if (const auto key = presentKey(config, "quantization_config|compression_config"); !key.empty())
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
    SINKSCOPE_TRY(double divisor, reader.number(keys.scaleDivisor, 1e-6, 1e9, spec.arch->numbers.scaleDivisor));
    if (divisor == 0)
        divisor = spec.headWidth;
    spec.attentionScale = 1.0 / std::sqrt(divisor);
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
Result<void> readVariant(const Json& config, const std::filesystem::path& file, const DimensionReader& reader, ModelSpec& spec) {
    const ArchSpec& arch = *spec.arch;
    const ConfigKeys& keys = arch.keys;
    spec.preNorm = arch.normPlacement == NormPlacement::Pre && !holds(arch.postNorm, config, arch);
    spec.parallel = holds(arch.parallel, config, arch);
    SINKSCOPE_TRY(spec.embeddingWidth, reader.size(keys.embeddingWidth, kMaxWidth, spec.width));
    SINKSCOPE_TRY(spec.attentionCap, reader.number(keys.attentionCap, 1e-3, 1e6, arch.numbers.attentionCap));
    SINKSCOPE_TRY(spec.logitCap, reader.number(keys.logitCap, 1e-3, 1e6, arch.numbers.logitCap));
    if (spec.positionKind == Positions::Alibi) {
        const Json* bias = valueAt(config, keys.alibiBias);
        if (bias && (!bias->is_number() || !(bias->get<double>() > 0 && bias->get<double>() <= 1e4)))
            return Error{ErrorCode::ConfigInvalid, std::string(keys.alibiBias) + " = " + shortText(*bias) + ": out of range", file};
        spec.headRules.alibiSlopes = alibiSlopes(spec.heads, bias && !keys.alibiBias.empty() ? bias->get<double>() : 8.0);
    }
    SINKSCOPE_TRY(spec.activation, reader.activation(keys.activation, arch.defaultActivation));
    if (arch.geluMeansTanh && spec.activation == Activation::Gelu)
        spec.activation = Activation::GeluTanh;
    spec.headActivation = arch.headActivation.value_or(spec.activation);
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
    const DimensionReader reader(config, file);
    SINKSCOPE_CHECK(checkDemands(config, file, arch));
    SINKSCOPE_TRY(spec.layers, reader.size(arch.keys.layers, kMaxLayers));
    SINKSCOPE_TRY(spec.width, reader.size(arch.keys.width, kMaxWidth));
    SINKSCOPE_CHECK(readHeads(config, reader, spec));
    SINKSCOPE_TRY(spec.mlpWidth, reader.size(arch.keys.mlpWidth, kMaxMlpWidth, std::int64_t{arch.mlpFactor} * spec.width));
    SINKSCOPE_TRY(spec.vocabulary, reader.size(arch.keys.vocabulary, kMaxVocabulary));
    SINKSCOPE_CHECK(readPositions(config, file, reader, spec));
    SINKSCOPE_TRY(spec.normEpsilon, reader.epsilon(arch.keys.normEpsilon, arch.defaultNormEpsilon));
    SINKSCOPE_CHECK(readVariant(config, file, reader, spec));
    SINKSCOPE_CHECK(readWindows(config, file, spec));
    if (const auto bos = integerAt(config, "bos_token_id"); bos && *bos >= 0 && *bos < spec.vocabulary)
        spec.bosId = static_cast<std::int32_t>(*bos);
    return spec.positionKind == Positions::Rope ? readRope(config, file, spec) : Result<void>{};
}

} // namespace sinkscope
