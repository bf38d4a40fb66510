// SPDX-License-Identifier: Apache-2.0
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
            {"yarn", Scaling::Yarn}};
        const auto key = m_object.contains("rope_type") ? "rope_type" : "type";
        if (!m_object.contains(key))
            return Scaling::None;
        const auto name = stringAt(m_object, key);
        for (const auto& [known, value] : kKnown)
            if (name == known)
                return value;
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
    [[nodiscard]] Error invalid(const std::string& what) const { return {ErrorCode::ConfigInvalid, m_name + ": " + what, m_file}; }

private:
    const Json& m_object;
    std::string m_name;
    const std::filesystem::path& m_file;
};

/// As transformers reads it: without a factor, the ratio of the two lengths is meant.
Result<void> readYarn(const RopeReader& reader, ModelSpec& spec) {
    RopeParameters& rope = spec.rope;
    SINKSCOPE_TRY(const double original, reader.number("original_max_position_embeddings", 1, 1 << 24, spec.positions));
    rope.originalPositions = static_cast<int>(original);
    SINKSCOPE_TRY(rope.factor, reader.number("factor", 1.0, 1e6, std::max(1.0, spec.positions / original)));
    SINKSCOPE_TRY(rope.betaFast, reader.number("beta_fast", 1e-6, 1e9, 32.0));
    SINKSCOPE_TRY(rope.betaSlow, reader.number("beta_slow", 1e-6, 1e9, 1.0));
    SINKSCOPE_TRY(rope.attentionFactor, reader.number("attention_factor", 1e-6, 1e6, 0.0));
    SINKSCOPE_TRY(rope.mscale, reader.number("mscale", 0.0, 1e6, 0.0));
    SINKSCOPE_TRY(rope.mscaleAllDimensions, reader.number("mscale_all_dim", 0.0, 1e6, 0.0));
    SINKSCOPE_TRY(rope.truncate, reader.flag("truncate", true));
    return rope.theta > 1.0 ? Result<void>{} : Result<void>(reader.invalid("yarn needs a rope_theta above 1"));
}

Result<void> readScaling(const RopeReader& reader, ModelSpec& spec) {
    RopeParameters& rope = spec.rope;
    SINKSCOPE_TRY(rope.scaling, reader.scaling());
    if (rope.scaling == Scaling::None)
        return {};
    if (rope.scaling == Scaling::Yarn)
        return readYarn(reader, spec);
    SINKSCOPE_TRY(rope.factor, reader.number("factor", 1.0, 1e6));
    if (rope.scaling == Scaling::Linear)
        return {};
    const double trained = rope.scaling == Scaling::Dynamic ? spec.positions : kNone;
    SINKSCOPE_TRY(const double original, reader.number("original_max_position_embeddings", 1, 1 << 24, trained));
    rope.originalPositions = static_cast<int>(original);
    if (rope.scaling == Scaling::Llama3) {
        SINKSCOPE_TRY(rope.lowFrequencyFactor, reader.number("low_freq_factor", 1e-6, 1e6));
        SINKSCOPE_TRY(rope.highFrequencyFactor, reader.number("high_freq_factor", rope.lowFrequencyFactor * 1.000001, 1e6));
    }
    return {};
}

} // namespace

Result<void> readRope(const Json& config, const std::filesystem::path& file, ModelSpec& spec) {
    const RopeReader top(config, "config.json", file);
    SINKSCOPE_TRY(spec.rope.theta, top.number("rope_theta", 1.0, 1e12, spec.arch->defaultRopeTheta));
    double share = 1.0;
    SINKSCOPE_TRY(share, top.number("partial_rotary_factor", 1e-3, 1.0, 1.0));
    for (const char* name : {"rope_scaling", "rope_parameters"}) { // the second one is where newer exporters keep all of it
        const auto found = config.find(name);
        if (found == config.end() || found->is_null())
            continue;
        if (!found->is_object())
            return Error{ErrorCode::ConfigInvalid, keyValueText(config, name) + ": expected an object", file};
        const RopeReader reader(*found, name, file);
        SINKSCOPE_TRY(spec.rope.theta, reader.number("rope_theta", 1.0, 1e12, spec.rope.theta));
        SINKSCOPE_TRY(share, reader.number("partial_rotary_factor", 1e-3, 1.0, share));
        SINKSCOPE_CHECK(readScaling(reader, spec));
    }
    spec.rope.rotaryWidth = static_cast<int>(spec.headWidth * share);
    if (spec.rope.rotaryWidth < 2 || spec.rope.rotaryWidth % 2 != 0)
        return Error{ErrorCode::ConfigInvalid,
                     "rotary embedding needs an even number of components, not " + std::to_string(spec.rope.rotaryWidth) +
                         " of " + std::to_string(spec.headWidth),
                     file};
    // Linear and dynamic scaling exist to run beyond the length the model was trained on.
    if (spec.rope.scaling == Scaling::Linear || spec.rope.scaling == Scaling::Dynamic)
        spec.positions = static_cast<int>(std::min(spec.positions * spec.rope.factor, double{1 << 24}));
    return {};
}

} // namespace sinkscope
