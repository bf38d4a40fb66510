// SPDX-License-Identifier: Apache-2.0
#include "core/model/rotary_encoding.h"

#include "core/io/json_reader.h"
#include "core/model/config_condition.h"
#include "core/model/config_reader.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

namespace sinkscope {
namespace {

using Scaling = RopeParameters::Scaling;
constexpr std::string_view kScalings[] = {"none", "linear", "dynamic", "llama3", "ntk", "yarn", "longrope"}; // in the order of the enumeration
constexpr int kWidest = 1 << 16, kFarthest = 1 << 24;

Error invalid(std::string_view key) {
    return {ErrorCode::ConfigInvalid, "rotary encoding: \"" + std::string(key) + "\" is missing or out of range", {}};
}

Result<void> readNumber(const Json& object, std::string_view key, double low, double high, double& to) {
    const auto value = numberAt(object, key);
    if (!value || !(*value >= low && *value <= high))
        return invalid(key);
    to = *value;
    return {};
}

Result<void> readInteger(const Json& object, std::string_view key, std::int64_t low, std::int64_t high, int& to) {
    const auto value = integerAt(object, key);
    if (!value || *value < low || *value > high)
        return invalid(key);
    to = static_cast<int>(*value);
    return {};
}

Result<void> readFactors(const Json& object, const char* key, int count, std::vector<float>& to) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_array() || found->size() != static_cast<std::size_t>(count))
        return invalid(key);
    for (const Json& value : *found) {
        if (!value.is_number() || !(value.get<double>() >= 1e-9 && value.get<double>() <= 1e9))
            return invalid(key);
        to.push_back(value.get<float>());
    }
    return {};
}

Result<void> readYarn(const Json& object, RopeParameters& rope) {
    SINKSCOPE_CHECK(readNumber(object, "beta_fast", 1e-6, 1e9, rope.betaFast));
    SINKSCOPE_CHECK(readNumber(object, "beta_slow", 1e-6, 1e9, rope.betaSlow));
    SINKSCOPE_CHECK(readNumber(object, "attention_factor", 0, 1e6, rope.attentionFactor));
    SINKSCOPE_CHECK(readNumber(object, "mscale", 0, 1e6, rope.mscale));
    SINKSCOPE_CHECK(readNumber(object, "mscale_all_dim", 0, 1e6, rope.mscaleAllDimensions));
    const auto truncate = booleanAt(object, "truncate");
    if (!truncate)
        return invalid("truncate");
    rope.truncate = *truncate;
    return {};
}

} // namespace

std::string textOf(const RotaryEncoding& encoding) {
    const RopeParameters& rope = encoding.rope;
    Json json{{"theta", rope.theta}, {"rotary_width", rope.rotaryWidth}, {"scaling", kScalings[static_cast<std::size_t>(rope.scaling)]},
                {"factor", rope.factor}, {"low_frequency_factor", rope.lowFrequencyFactor},
                {"high_frequency_factor", rope.highFrequencyFactor}, {"original_positions", rope.originalPositions},
                {"beta_fast", rope.betaFast}, {"beta_slow", rope.betaSlow}, {"attention_factor", rope.attentionFactor},
                {"mscale", rope.mscale}, {"mscale_all_dim", rope.mscaleAllDimensions}, {"truncate", rope.truncate},
                {"position_shift", encoding.positionShift}};
    if (encoding.interleaved)
        json["interleaved"] = true;
    if (rope.scaling == Scaling::LongRope)
        json.update(Json{{"short_factors", rope.shortFactors}, {"long_factors", rope.longFactors}});
    return json.dump();
}

Result<RotaryEncoding> parseRotaryEncoding(std::string_view text) {
    SINKSCOPE_TRY(const Json object, parseJson(text, ErrorCode::ConfigInvalid, {}));
    if (!object.is_object())
        return Error{ErrorCode::ConfigInvalid, "the rotary encoding is no JSON object", {}};
    RotaryEncoding encoding;
    RopeParameters& rope = encoding.rope;
    const auto name = stringAt(object, "scaling");
    const auto found = std::ranges::find(kScalings, name.value_or(""));
    if (found == std::end(kScalings))
        return invalid("scaling");
    rope.scaling = static_cast<Scaling>(found - std::begin(kScalings));
    SINKSCOPE_CHECK(readNumber(object, "theta", 1, 1e12, rope.theta));
    SINKSCOPE_CHECK(readInteger(object, "rotary_width", 2, kWidest, rope.rotaryWidth));
    SINKSCOPE_CHECK(readNumber(object, "factor", rope.scaling == Scaling::LongRope ? 1e-6 : 1, 1e6, rope.factor));
    SINKSCOPE_CHECK(readNumber(object, "low_frequency_factor", 1e-6, 1e6, rope.lowFrequencyFactor));
    SINKSCOPE_CHECK(readNumber(object, "high_frequency_factor", 1e-6, 1e6, rope.highFrequencyFactor));
    const bool needsLength = rope.scaling == Scaling::Dynamic || rope.scaling == Scaling::Llama3 || rope.scaling == Scaling::Yarn ||
                             rope.scaling == Scaling::LongRope;
    SINKSCOPE_CHECK(readInteger(object, "original_positions", needsLength ? 1 : 0, kFarthest, rope.originalPositions));
    SINKSCOPE_CHECK(readInteger(object, "position_shift", 0, kFarthest, encoding.positionShift));
    SINKSCOPE_CHECK(readYarn(object, rope));
    if (rope.rotaryWidth % 2 != 0)
        return invalid("rotary_width");
    if (rope.scaling == Scaling::Llama3 && rope.highFrequencyFactor <= rope.lowFrequencyFactor)
        return invalid("high_frequency_factor");
    if (rope.scaling == Scaling::Yarn && rope.theta <= 1)
        return invalid("theta");
    if (rope.scaling == Scaling::LongRope) {
        SINKSCOPE_CHECK(readFactors(object, "short_factors", rope.rotaryWidth / 2, rope.shortFactors));
        SINKSCOPE_CHECK(readFactors(object, "long_factors", rope.rotaryWidth / 2, rope.longFactors));
    }
    encoding.interleaved = booleanAt(object, "interleaved").value_or(false);
    return encoding;
}

Result<std::optional<RotaryEncoding>> rotaryEncodingOf(std::string_view configJson) {
    if (configJson.empty())
        return Error{ErrorCode::ConfigMissing, "the configuration of the model is not kept", {}};
    SINKSCOPE_TRY(const Json config, parseJson(configJson, ErrorCode::ConfigInvalid, {}));
    if (!config.is_object())
        return Error{ErrorCode::ConfigInvalid, "the configuration of the model is no JSON object", {}};
    ModelSpec spec;
    SINKSCOPE_TRY(spec.arch, architectureOf(config, {}));
    SINKSCOPE_CHECK(readDimensions(flattened(config, *spec.arch), {}, spec));
    if (spec.positionKind != Positions::Rope)
        return std::optional<RotaryEncoding>{};
    if (spec.localRope)
        return Error{ErrorCode::Unavailable, "layers with a window rotate by other angles: taking the rotation back is not implemented for them", {}};
    return std::optional<RotaryEncoding>(RotaryEncoding{spec.rope, 0, spec.arch->interleavedRotary});
}

} // namespace sinkscope
