// SPDX-License-Identifier: Apache-2.0
#include "core/nn/rope.h"

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

} // namespace

std::vector<float> ropeFrequencies(const RopeParameters& rope, int tokens) {
    std::vector<float> frequencies(static_cast<std::size_t>(rope.rotaryWidth / 2));
    const auto theta = static_cast<float>(rope.scaling == Scaling::Dynamic ? dynamicTheta(rope, tokens) : rope.theta);
    for (std::size_t i = 0; i < frequencies.size(); ++i) {
        const float frequency = 1.0f / std::pow(theta, static_cast<float>(2 * i) / static_cast<float>(rope.rotaryWidth));
        frequencies[i] = frequency;
        if (rope.scaling == Scaling::Linear)
            frequencies[i] = frequency / static_cast<float>(rope.factor);
        if (rope.scaling == Scaling::Llama3)
            frequencies[i] = llama3Frequency(rope, frequency);
    }
    return frequencies;
}

RopeTable::RopeTable(const RopeParameters& rope, int tokens) : m_tokens(tokens), m_half(rope.rotaryWidth / 2) {
    const auto frequencies = ropeFrequencies(rope, tokens);
    m_cosines.resize(static_cast<std::size_t>(tokens) * frequencies.size());
    m_sines.resize(m_cosines.size());
    for (std::size_t at = 0; at < m_cosines.size(); ++at) {
        const float angle = static_cast<float>(at / frequencies.size()) * frequencies[at % frequencies.size()];
        m_cosines[at] = std::cos(angle);
        m_sines[at] = std::sin(angle);
    }
}

void RopeTable::rotate(float* vector, int position) const {
    SINKSCOPE_ASSERT(position >= 0 && position < m_tokens);
    const auto half = static_cast<std::size_t>(m_half), row = static_cast<std::size_t>(position) * half;
    for (std::size_t i = 0; i < half; ++i) {
        const float first = vector[i], second = vector[i + half];
        vector[i] = first * m_cosines[row + i] - second * m_sines[row + i];
        vector[i + half] = second * m_cosines[row + i] + first * m_sines[row + i];
    }
}

} // namespace sinkscope
