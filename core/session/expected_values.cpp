// SPDX-License-Identifier: Apache-2.0
#include "core/session/expected_values.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

namespace sinkscope {
namespace {

constexpr std::array<std::string_view, 6> kQuantities{"attention", "hidden", "query", "key", "value", "logits"};

std::string nameOf(int sample, std::string_view what) { return std::to_string(sample) + "." + std::string(what); }

std::vector<std::int32_t> integers(const TensorInfo* tensor) {
    if (!tensor || tensor->dtype != DType::I32)
        return {};
    std::vector<std::int32_t> values(tensor->bytes.size() / sizeof(std::int32_t));
    std::memcpy(values.data(), tensor->bytes.data(), values.size() * sizeof(std::int32_t));
    return values;
}

} // namespace

std::vector<SampleInput> expectedInputs(const Checkpoint& expected) {
    std::vector<SampleInput> inputs;
    while (const TensorInfo* ids = expected.find(nameOf(static_cast<int>(inputs.size()), "ids")))
        inputs.push_back({integers(ids), integers(expected.find(nameOf(static_cast<int>(inputs.size()), "segments")))});
    return inputs;
}

ExpectedValues::ExpectedValues(const Checkpoint& expected, const ModelSpec& spec)
    : m_heads(spec.heads), m_logits(expected.find(nameOf(0, "logits")) != nullptr) {
    for (int sample = 0; expected.find(nameOf(sample, "ids")); ++sample)
        for (const std::string_view what : kQuantities)
            if (const TensorInfo* tensor = expected.find(nameOf(sample, what))) {
                std::vector<float> values(tensor->elements());
                convertToFloat(*tensor, values);
                m_quantities[{sample, what}].values = std::move(values);
            }
}

void ExpectedValues::Quantity::compare(std::size_t at, float found) {
    if (at >= values.size())
        return; // the count below shows that something is wrong
    const double wanted = values[at], difference = double{found} - wanted;
    ++compared;
    error += difference * difference;
    square += wanted * wanted;
    largest = std::max(largest, std::abs(difference));
}

void ExpectedValues::compare(int sample, std::string_view what, std::size_t first, std::span<const float> found) {
    const auto quantity = m_quantities.find({sample, what});
    if (quantity == m_quantities.end())
        return;
    for (std::size_t i = 0; i < found.size(); ++i)
        quantity->second.compare(first + i, found[i]);
}

Result<void> ExpectedValues::onVectors(const VectorsTap& tap) {
    const auto layer = static_cast<std::size_t>(tap.layer);
    compare(tap.sample, "query", layer * tap.query.size(), tap.query);
    compare(tap.sample, "key", layer * tap.key.size(), tap.key);
    compare(tap.sample, "value", layer * tap.value.size(), tap.value);
    return {};
}

void ExpectedValues::onAttention(const AttentionTap& tap) {
    const auto tokens = static_cast<std::size_t>(tap.tokens);
    const std::size_t head = static_cast<std::size_t>(tap.layer) * static_cast<std::size_t>(m_heads) + static_cast<std::size_t>(tap.head);
    const std::lock_guard lock(m_mutex);
    const auto found = m_quantities.find({tap.sample, "attention"});
    if (found == m_quantities.end())
        return;
    for (int query = 0; query < tap.queries; ++query) {
        const float* row = tap.weights + static_cast<std::size_t>(query) * tap.stride;
        const std::size_t first = (head * tokens + static_cast<std::size_t>(tap.firstQuery + query)) * tokens;
        for (std::size_t key = 0; key < tokens; ++key)
            found->second.compare(first + key, key < static_cast<std::size_t>(tap.keys) ? row[key] : 0.0f);
    }
}

Result<void> ExpectedValues::onHidden(const HiddenTap& tap) {
    compare(tap.sample, "hidden", static_cast<std::size_t>(tap.layer + 1) * tap.hidden.size(), tap.hidden);
    return {};
}

Result<void> ExpectedValues::onLogits(const LogitsTap& tap) {
    compare(tap.sample, "logits", 0, tap.logits);
    return {};
}

std::vector<SelfTestDifference> ExpectedValues::differences() const {
    std::vector<SelfTestDifference> result;
    for (const std::string_view what : kQuantities) {
        SelfTestDifference worst{what};
        bool any = false;
        for (const auto& [key, quantity] : m_quantities) {
            if (key.second != what)
                continue;
            any = true;
            const bool whole = quantity.compared == quantity.values.size() && quantity.square > 0;
            const double error = whole ? quantity.error / quantity.square : std::numeric_limits<double>::infinity();
            worst.error = error > worst.error || std::isnan(error) ? error : worst.error; // NaN stays
            worst.largest = std::max(worst.largest, quantity.largest);
        }
        if (any)
            result.push_back(worst);
    }
    return result;
}

} // namespace sinkscope
