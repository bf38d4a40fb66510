// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/checkpoint/checkpoint.h"
#include "core/nn/forward.h"
#include "core/session/self_test.h"

#include <map>
#include <mutex>

namespace sinkscope {

/// Samples of a file of expected values: "<sample>.ids" and "<sample>.segments", int32. Thread: any.
std::vector<SampleInput> expectedInputs(const Checkpoint& expected);

/// Compares what a forward pass delivers with the values of a file as it arrives: "<sample>.attention" [layers, heads, tokens, tokens],
/// "<sample>.hidden" [layers + 1, tokens, width] and so on (tests/golden/gen/make_models.py), float32. Of a forward pass over all layers.
class ExpectedValues : public TapConsumer {
public:
    ExpectedValues(const Checkpoint& expected, const ModelSpec& spec);

    [[nodiscard]] int attentionPasses() const override { return 1; }
    [[nodiscard]] bool wantsLogits() const override { return m_logits; }
    Result<void> onVectors(const VectorsTap& tap) override;
    void onAttention(const AttentionTap& tap) override;
    Result<void> onHidden(const HiddenTap& tap) override;
    Result<void> onLogits(const LogitsTap& tap) override;

    /// One entry per quantity in the file, of its worst sample. What was not delivered in full differs without bound.
    [[nodiscard]] std::vector<SelfTestDifference> differences() const;

private:
    struct Quantity {
        std::vector<float> values; ///< expected
        std::size_t compared = 0;
        double error = 0, square = 0, largest = 0;
        void compare(std::size_t at, float found);
    };
    void compare(int sample, std::string_view what, std::size_t first, std::span<const float> found);

    std::mutex m_mutex;
    std::map<std::pair<int, std::string_view>, Quantity> m_quantities; ///< [sample, what]
    int m_heads;
    bool m_logits;
};

} // namespace sinkscope
