// SPDX-License-Identifier: Apache-2.0
#include "core/model/config_reader.h"

#include "core/base/checked_math.h"

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

Result<void> checkDemands(const Json& config, const std::filesystem::path& file, const ArchSpec& arch) {
    if (const auto key = presentKey(config, "quantization_config|compression_config"); !key.empty())
        return Error{ErrorCode::Unavailable, "\"" + std::string(key) + "\": quantized weights are not implemented", file};
    for (const auto& demand : arch.demands) {
        const auto found = config.find(std::string(demand.key));
        if (found != config.end() && !found->is_null() && found->dump() != demand.value)
            return Error{ErrorCode::Unavailable,
                         keyValueText(config, demand.key) + ": only " + std::string(demand.value) + " is implemented for " +
                             std::string(arch.title),
                         file};
    }
    return {};
}

Result<void> readHeads(const DimensionReader& reader, ModelSpec& spec) {
    const auto& keys = spec.arch->keys;
    SINKSCOPE_TRY(spec.heads, reader.size(keys.heads, kMaxHeads));
    SINKSCOPE_TRY(spec.keyValueHeads, reader.size(keys.keyValueHeads, kMaxHeads, spec.heads));
    if (spec.heads % spec.keyValueHeads != 0)
        return reader.invalid(firstKey(keys.keyValueHeads),
                              "does not divide the " + std::to_string(spec.heads) + " attention heads");
    SINKSCOPE_TRY(spec.headWidth, reader.size(keys.headWidth, kMaxHeadWidth, std::max(1, spec.width / spec.heads)));
    const bool derived = keys.headWidth.empty() || spec.headWidth == spec.width / spec.heads;
    if (derived && spec.heads * spec.headWidth != spec.width)
        return reader.invalid(firstKey(keys.width), "is not a multiple of the " + std::to_string(spec.heads) + " attention heads");
    if (spec.heads * spec.headWidth > kMaxWidth)
        return reader.invalid(firstKey(keys.headWidth), "heads x head width is above " + std::to_string(kMaxWidth));
    spec.attentionScale = 1.0 / std::sqrt(static_cast<double>(spec.headWidth));
    return {};
}

} // namespace

std::string keyValueText(const Json& object, std::string_view key) {
    const auto found = object.find(std::string(key));
    std::string value = found == object.end() ? "absent" : found->dump(-1, ' ', true, Json::error_handler_t::replace);
    if (value.size() > 80)
        value = value.substr(0, 80) + "...";
    return std::string(key) + " = " + value;
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
    SINKSCOPE_CHECK(readHeads(reader, spec));
    SINKSCOPE_TRY(spec.mlpWidth, reader.size(arch.keys.mlpWidth, kMaxMlpWidth, std::int64_t{arch.mlpFactor} * spec.width));
    SINKSCOPE_TRY(spec.vocabulary, reader.size(arch.keys.vocabulary, kMaxVocabulary));
    SINKSCOPE_TRY(spec.positions, reader.size(arch.keys.positions, kMaxPositions));
    SINKSCOPE_TRY(spec.normEpsilon, reader.epsilon(arch.keys.normEpsilon, arch.defaultNormEpsilon));
    SINKSCOPE_TRY(spec.activation, reader.activation(arch.keys.activation, arch.defaultActivation));
    if (const auto bos = integerAt(config, "bos_token_id"); bos && *bos >= 0 && *bos < spec.vocabulary)
        spec.bosId = static_cast<std::int32_t>(*bos);
    return arch.positions == Positions::Rope ? readRope(config, file, spec) : Result<void>{};
}

} // namespace sinkscope
