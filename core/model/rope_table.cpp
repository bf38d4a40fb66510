// SPDX-License-Identifier: Apache-2.0
#include "core/model/rope_table.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sinkscope {
namespace {

using Scaling = RopeParameters::Scaling;

/// Keeps short wavelengths, divides long ones by the factor, and blends between the two bounds.
float llama3Frequency(const RopeParameters& rope, float frequency) {
    const auto factor = static_cast<float>(rope.factor), low = static_cast<float>(rope.lowFrequencyFactor),
               high = static_cast<float>(rope.highFrequencyFactor), length = static_cast<float>(rope.originalPositions);
    const float wavelength = 2 * std::numbers::pi_v<float> / frequency;
    if (wavelength < length / high)
        return frequency;
    if (wavelength > length / low)
        return frequency / factor;
    const float blend = (length / wavelength - low) / (high - low);
    return (1 - blend) * frequency / factor + blend * frequency;
}

/// The base grows with the length once a sequence is longer than what the model was trained on.
double dynamicTheta(const RopeParameters& rope, int tokens) {
    if (tokens <= rope.originalPositions || rope.rotaryWidth <= 2)
        return rope.theta;
    const double width = rope.rotaryWidth;
    const double stretch = rope.factor * tokens / rope.originalPositions - (rope.factor - 1);
    return rope.theta * std::pow(stretch, width / (width - 2));
}

/// Highest frequency unchanged, lowest divided by the factor.
double ntkTheta(const RopeParameters& rope) {
    const double width = rope.rotaryWidth;
    return width > 2 ? rope.theta * std::pow(rope.factor, width / (width - 2)) : rope.theta;
}

double baseOf(const RopeParameters& rope, int tokens) {
    if (rope.scaling == Scaling::Dynamic)
        return dynamicTheta(rope, tokens);
    return rope.scaling == Scaling::NtkAware ? ntkTheta(rope) : rope.theta;
}

/// Components between which Yarn goes over from keeping a frequency to dividing it by the factor.
struct YarnRange {
    double low = 0, high = 0;
};

YarnRange yarnRange(const RopeParameters& rope) {
    const double width = rope.rotaryWidth;
    // The component that turns so many times over the trained length.
    const auto component = [&](double turns) {
        return width * std::log(rope.originalPositions / (turns * 2 * std::numbers::pi)) / (2 * std::log(rope.theta));
    };
    YarnRange range{component(rope.betaFast), component(rope.betaSlow)};
    if (rope.truncate)
        range = {std::floor(range.low), std::ceil(range.high)};
    range = {std::max(range.low, 0.0), std::min(range.high, width - 1)};
    if (range.low == range.high)
        range.high += 0.001; // a step instead of 0/0
    return range;
}

std::vector<float> yarnFrequencies(const RopeParameters& rope) {
    std::vector<float> frequencies(static_cast<std::size_t>(rope.rotaryWidth / 2));
    const YarnRange range = yarnRange(rope);
    const auto theta = static_cast<float>(rope.theta), factor = static_cast<float>(rope.factor),
               low = static_cast<float>(range.low), span = static_cast<float>(range.high - range.low);
    for (std::size_t i = 0; i < frequencies.size(); ++i) {
        const float wavelength = std::pow(theta, static_cast<float>(2 * i) / static_cast<float>(rope.rotaryWidth));
        const float kept = 1 - std::clamp((static_cast<float>(i) - low) / span, 0.0f, 1.0f);
        frequencies[i] = 1.0f / (factor * wavelength) * (1 - kept) + 1.0f / wavelength * kept;
    }
    return frequencies;
}

double yarnScale(double factor, double mscale) { return factor <= 1 ? 1.0 : 0.1 * mscale * std::log(factor) + 1.0; }

} // namespace

double ropeAttentionFactor(const RopeParameters& rope) {
    if (rope.scaling == Scaling::LongRope && rope.attentionFactor <= 0)
        return rope.factor <= 1 ? 1.0 : std::sqrt(1 + std::log(rope.factor) / std::log(rope.originalPositions));
    if (rope.scaling == Scaling::LongRope)
        return rope.attentionFactor;
    if (rope.scaling != Scaling::Yarn)
        return 1.0;
    if (rope.attentionFactor > 0)
        return rope.attentionFactor;
    if (rope.mscale > 0 && rope.mscaleAllDimensions > 0)
        return yarnScale(rope.factor, rope.mscale) / yarnScale(rope.factor, rope.mscaleAllDimensions);
    return yarnScale(rope.factor, 1.0);
}

std::vector<float> ropeFrequencies(const RopeParameters& rope, int tokens) {
    if (rope.scaling == Scaling::Yarn)
        return yarnFrequencies(rope);
    std::vector<float> frequencies(static_cast<std::size_t>(rope.rotaryWidth / 2));
    const auto theta = static_cast<float>(baseOf(rope, tokens));
    for (std::size_t i = 0; i < frequencies.size(); ++i) {
        const float frequency = 1.0f / std::pow(theta, static_cast<float>(2 * i) / static_cast<float>(rope.rotaryWidth));
        frequencies[i] = frequency;
        if (rope.scaling == Scaling::LongRope)
            frequencies[i] = 1.0f / ((tokens > rope.originalPositions ? rope.longFactors : rope.shortFactors)[i] *
                                     std::pow(theta, static_cast<float>(2 * i) / static_cast<float>(rope.rotaryWidth)));
        if (rope.scaling == Scaling::Linear)
            frequencies[i] = frequency / static_cast<float>(rope.factor);
        if (rope.scaling == Scaling::Llama3)
            frequencies[i] = llama3Frequency(rope, frequency);
    }
    return frequencies;
}

RopeTable::RopeTable(const RopeParameters& rope, int tokens, int firstPosition, bool interleaved)
    : m_tokens(tokens), m_half(rope.rotaryWidth / 2), m_interleaved(interleaved) {
    const auto frequencies = ropeFrequencies(rope, firstPosition + tokens);
    const auto factor = static_cast<float>(ropeAttentionFactor(rope));
    const auto first = static_cast<std::size_t>(firstPosition);
    m_cosines.resize(static_cast<std::size_t>(tokens) * frequencies.size());
    m_sines.resize(m_cosines.size());
    for (std::size_t at = 0; at < m_cosines.size(); ++at) {
        const float angle = static_cast<float>(first + at / frequencies.size()) * frequencies[at % frequencies.size()];
        m_cosines[at] = std::cos(angle) * factor;
        m_sines[at] = std::sin(angle) * factor;
    }
}

void RopeTable::rotate(float* vector, int token) const {
    SINKSCOPE_ASSERT(token >= 0 && token < m_tokens);
    const auto half = static_cast<std::size_t>(m_half), row = static_cast<std::size_t>(token) * half;
    if (m_interleaved) {
        for (std::size_t i = 0; i < half; ++i) {
            const float first = vector[2 * i], second = vector[2 * i + 1];
            vector[2 * i] = first * m_cosines[row + i] - second * m_sines[row + i];
            vector[2 * i + 1] = second * m_cosines[row + i] + first * m_sines[row + i];
        }
        return;
    }
    for (std::size_t i = 0; i < half; ++i) {
        const float first = vector[i], second = vector[i + half];
        vector[i] = first * m_cosines[row + i] - second * m_sines[row + i];
        vector[i + half] = second * m_cosines[row + i] + first * m_sines[row + i];
    }
}

void RopeTable::unrotate(float* vector, int token) const {
    SINKSCOPE_ASSERT(token >= 0 && token < m_tokens);
    const auto half = static_cast<std::size_t>(m_half), row = static_cast<std::size_t>(token) * half;
    for (std::size_t i = 0; i < half; ++i) {
        const double cosine = m_cosines[row + i], sine = m_sines[row + i], length = cosine * cosine + sine * sine;
        float &one = vector[m_interleaved ? 2 * i : i], &other = vector[m_interleaved ? 2 * i + 1 : i + half];
        const double first = one, second = other;
        one = static_cast<float>((first * cosine + second * sine) / length);
        other = static_cast<float>((second * cosine - first * sine) / length);
    }
}

} // namespace sinkscope
