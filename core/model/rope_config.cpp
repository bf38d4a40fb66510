// SPDX-License-Identifier: Apache-2.0
#include "core/model/config_condition.h"
#include "core/model/config_reader.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace sinkscope {
namespace {

using Scaling = RopeParameters::Scaling;
/// Stands for "no fallback": below every value that is allowed.
constexpr double kNone = -1.0;

/// Reads numbers of the scaling object, with errors that name the key inside it.
class RopeReader {
public:
    RopeReader(const Json& object, std::string name, const std::filesystem::path& file)
        : m_object(object), m_name(std::move(name)), m_file(file) {}

    /// A number in [low, high]. Absent: `fallback`, or ConfigMissing when there is none.
    Result<double> number(std::string_view key, double low, double high, double fallback = kNone) const {
        const auto found = m_object.find(std::string(key));
        if ((found == m_object.end() || found->is_null()) && fallback != kNone)
            return fallback;
        if (found == m_object.end() || found->is_null())
            return Error{ErrorCode::ConfigMissing, "key \"" + std::string(key) + "\" is missing in " + m_name, m_file};
        const auto value = numberAt(m_object, key);
        if (!value || !(*value >= low && *value <= high))
            return Error{ErrorCode::ConfigInvalid, m_name + ": " + keyValueText(m_object, key) + " is out of range", m_file};
        return *value;
    }

    Result<Scaling> scaling() const {
        static constexpr std::pair<std::string_view, Scaling> kKnown[] = {
            {"default", Scaling::None}, {"linear", Scaling::Linear}, {"dynamic", Scaling::Dynamic}, {"llama3", Scaling::Llama3},
            {"yarn", Scaling::Yarn}, {"longrope", Scaling::LongRope}, {"su", Scaling::LongRope}};
        const auto key = m_object.contains("rope_type") ? "rope_type" : "type";
        if (!m_object.contains(key))
            return Scaling::None;
        const auto name = stringAt(m_object, key);
        for (const auto& [known, value] : kKnown)
            if (name == known)
                return value == Scaling::Yarn && m_object.contains("long_factor") ? Scaling::LongRope : value; // early Phi-3
        return Error{ErrorCode::Unavailable, m_name + ": " + keyValueText(m_object, key) + " is not implemented", m_file};
    }

    Result<bool> flag(const char* key, bool fallback) const {
        const auto found = m_object.find(key);
        if (found == m_object.end() || found->is_null())
            return fallback;
        if (!found->is_boolean())
            return Error{ErrorCode::ConfigInvalid, m_name + ": " + keyValueText(m_object, key) + " is neither true nor false", m_file};
        return found->get<bool>();
    }
    /// As many positive numbers as there are frequencies.
    Result<std::vector<float>> factors(const char* key, int count) const {
        const auto found = m_object.find(key);
        if (found == m_object.end())
            return Error{ErrorCode::ConfigMissing, "key \"" + std::string(key) + "\" is missing in " + m_name, m_file};
        std::vector<float> values;
        for (const Json& value : *found)
            values.push_back(value.is_number() ? value.get<float>() : 0.0f);
        const bool sound = std::ranges::all_of(values, [](float value) { return value > 0 && std::isfinite(value); });
        if (!sound || !found->is_array() || values.size() != static_cast<std::size_t>(count))
            return invalid(keyValueText(m_object, key) + ": expected a list of " + std::to_string(count) + " positive numbers");
        return values;
    }
    [[nodiscard]] Error invalid(const std::string& what) const { return {ErrorCode::ConfigInvalid, m_name + ": " + what, m_file}; }

private:
    const Json& m_object;
    std::string m_name;
    const std::filesystem::path& m_file;
};

/// As transformers reads it: without a factor, the ratio of the two lengths is meant.
Result<void> readYarn(const RopeReader& reader, int positions, RopeParameters& rope) {
    SINKSCOPE_TRY(const double original, reader.number("original_max_position_embeddings", 1, 1 << 24, positions));
    rope.originalPositions = static_cast<int>(original);
    SINKSCOPE_TRY(rope.factor, reader.number("factor", 1.0, 1e6, std::max(1.0, positions / original)));
    SINKSCOPE_TRY(rope.betaFast, reader.number("beta_fast", 1e-6, 1e9, 32.0));
    SINKSCOPE_TRY(rope.betaSlow, reader.number("beta_slow", 1e-6, 1e9, 1.0));
    SINKSCOPE_TRY(rope.attentionFactor, reader.number("attention_factor", 1e-6, 1e6, 0.0));
    SINKSCOPE_TRY(rope.mscale, reader.number("mscale", 0.0, 1e6, 0.0));
    SINKSCOPE_TRY(rope.mscaleAllDimensions, reader.number("mscale_all_dim", 0.0, 1e6, 0.0));
    SINKSCOPE_TRY(rope.truncate, reader.flag("truncate", true));
    return rope.theta > 1.0 ? Result<void>{} : Result<void>(reader.invalid("yarn needs a rope_theta above 1"));
}

/// The trained length may stand beside the scaling object, and then counts (Phi-3).
Result<void> readLongRope(const RopeReader& reader, const RopeReader& top, int positions, RopeParameters& rope) {
    SINKSCOPE_TRY(const double inside, reader.number("original_max_position_embeddings", 1, 1 << 24, positions));
    SINKSCOPE_TRY(const double original, top.number("original_max_position_embeddings", 1, 1 << 24, inside));
    rope.originalPositions = static_cast<int>(original);
    SINKSCOPE_TRY(rope.factor, reader.number("factor", 1e-6, 1e6, positions / original));
    SINKSCOPE_TRY(rope.attentionFactor, reader.number("attention_factor", 1e-6, 1e6, 0.0));
    SINKSCOPE_TRY(rope.shortFactors, reader.factors("short_factor", rope.rotaryWidth / 2));
    SINKSCOPE_TRY(rope.longFactors, reader.factors("long_factor", rope.rotaryWidth / 2));
    return {};
}

/// Everything but LongRope's lists, which need the width that rotates.
Result<void> readScaling(const RopeReader& reader, int positions, RopeParameters& rope) {
    SINKSCOPE_TRY(rope.scaling, reader.scaling());
    if (rope.scaling == Scaling::None || rope.scaling == Scaling::LongRope)
        return {};
    if (rope.scaling == Scaling::Yarn)
        return readYarn(reader, positions, rope);
    SINKSCOPE_TRY(rope.factor, reader.number("factor", 1.0, 1e6));
    if (rope.scaling == Scaling::Linear)
        return {};
    const double trained = rope.scaling == Scaling::Dynamic ? positions : kNone;
    SINKSCOPE_TRY(const double original, reader.number("original_max_position_embeddings", 1, 1 << 24, trained));
    rope.originalPositions = static_cast<int>(original);
    if (rope.scaling == Scaling::Llama3) {
        SINKSCOPE_TRY(rope.lowFrequencyFactor, reader.number("low_freq_factor", 1e-6, 1e6));
        SINKSCOPE_TRY(rope.highFrequencyFactor, reader.number("high_freq_factor", rope.lowFrequencyFactor * 1.000001, 1e6));
    }
    return {};
}

/// The first of several spellings that is there, or the first of all.
std::string spelling(const Json& config, std::string_view keys) {
    for (std::string_view rest = keys; !rest.empty();) {
        const auto end = std::min(rest.find('|'), rest.size());
        if (const auto found = config.find(std::string(rest.substr(0, end))); found != config.end() && !found->is_null())
            return std::string(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return std::string(keys.substr(0, keys.find('|')));
}

/// One of the two sets of rotary parameters. `layerType`: where a nested rope_parameters keeps it; `plain`: rope_scaling and a
/// rope_parameters that is not nested are about this set, too.
class RopeSetReader {
public:
    RopeSetReader(const Json& config, const std::filesystem::path& file, const ModelSpec& spec) : m_config(config), m_file(file), m_spec(spec) {}

    Result<RopeParameters> read(std::string_view thetaKeys, double theta, const char* layerType, bool plain) const {
        const ArchSpec& arch = *m_spec.arch;
        const RopeReader top(m_config, "config.json", m_file);
        RopeParameters rope;
        double share = 1.0;
        SINKSCOPE_TRY(rope.theta, top.number(spelling(m_config, thetaKeys), 1.0, 1e12, theta));
        SINKSCOPE_TRY(share, top.number(spelling(m_config, arch.keys.rotaryShare), 1e-3, 1.0, arch.numbers.rotaryShare));
        const Json* scaled = nullptr;
        std::string scaledName;
        for (const char* name : {"rope_scaling", "rope_parameters"}) { // the second one is where newer exporters keep all of it
            SINKSCOPE_TRY(const Json* object, objectAt(name, layerType, plain));
            if (!object)
                continue;
            const RopeReader reader(*object, name, m_file);
            SINKSCOPE_TRY(rope.theta, reader.number("rope_theta", 1.0, 1e12, rope.theta));
            SINKSCOPE_TRY(share, reader.number("partial_rotary_factor", 1e-3, 1.0, share));
            SINKSCOPE_CHECK(readScaling(reader, m_spec.positions, rope));
            scaled = object;
            scaledName = name;
        }
        SINKSCOPE_TRY(rope.rotaryWidth, rotaryWidth(share));
        if (rope.scaling == Scaling::LongRope)
            SINKSCOPE_CHECK(readLongRope(RopeReader(*scaled, scaledName, m_file), top, m_spec.positions, rope));
        return rope;
    }

private:
    /// Null when it says nothing about this set.
    Result<const Json*> objectAt(const char* name, const char* layerType, bool plain) const {
        const auto found = m_config.find(name);
        if (found == m_config.end() || found->is_null())
            return nullptr;
        if (!found->is_object())
            return Error{ErrorCode::ConfigInvalid, keyValueText(m_config, name) + ": expected an object", m_file};
        const bool nested = found->contains("full_attention") || found->contains("sliding_attention");
        if (!nested)
            return plain ? &*found : nullptr;
        const auto inner = found->find(layerType);
        if (inner == found->end() || inner->is_null())
            return nullptr;
        if (!inner->is_object())
            return Error{ErrorCode::ConfigInvalid, std::string(name) + ": " + keyValueText(*found, layerType) + ": expected an object", m_file};
        return &*inner;
    }

    Result<int> rotaryWidth(double share) const {
        const ArchSpec& arch = *m_spec.arch;
        double width = static_cast<int>(m_spec.headWidth * share);
        if (const auto key = std::string(arch.keys.rotaryWidth); !key.empty() && !(m_config.contains(key) && m_config[key].is_null())) {
            const RopeReader top(m_config, "config.json", m_file);
            SINKSCOPE_TRY(width, top.number(arch.keys.rotaryWidth, 1, m_spec.headWidth, arch.numbers.rotaryWidth > 0 ? arch.numbers.rotaryWidth : width));
        }
        const int count = static_cast<int>(width);
        if (count < 2 || count % 2 != 0)
            return Error{ErrorCode::ConfigInvalid,
                         "rotary embedding needs an even number of components, not " + std::to_string(count) + " of " +
                             std::to_string(m_spec.headWidth),
                         m_file};
        return count;
    }

    const Json& m_config;
    const std::filesystem::path& m_file;
    const ModelSpec& m_spec;
};

} // namespace

Result<void> readRope(const Json& config, const std::filesystem::path& file, ModelSpec& spec) {
    const ArchSpec& arch = *spec.arch;
    const bool silent = !valueAt(config, "rope_scaling") && !valueAt(config, "rope_parameters");
    if (silent && !arch.defaultRopeScaling.empty()) {
        Json completed = config;
        completed["rope_scaling"] = Json::parse(arch.defaultRopeScaling);
        return readRope(completed, file, spec);
    }
    const RopeSetReader reader(config, file, spec);
    SINKSCOPE_TRY(spec.rope, reader.read(arch.keys.ropeTheta, arch.numbers.ropeTheta, "full_attention", true));
    if (!arch.keys.localRopeTheta.empty() && !spec.headRules.windows.empty()) {
        SINKSCOPE_TRY(spec.localRope, reader.read(arch.keys.localRopeTheta, arch.numbers.localRopeTheta, "sliding_attention", false));
    }
    // Linear and dynamic scaling exist to run beyond the length the model was trained on.
    if (spec.rope.scaling == Scaling::Linear || spec.rope.scaling == Scaling::Dynamic)
        spec.positions = static_cast<int>(std::min(spec.positions * spec.rope.factor, double{1 << 24}));
    return {};
}

} // namespace sinkscope
