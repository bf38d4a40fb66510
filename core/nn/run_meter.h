// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace sinkscope {

/// What a forward pass has read and computed so far. Written by the thread that runs the model. Thread: any.
class RunMeter {
public:
    void addWeights(std::uint64_t bytes) { m_weightBytes += bytes; }
    void addProducts(double operations, std::chrono::nanoseconds time) {
        m_productOperations += static_cast<std::uint64_t>(operations);
        m_productNanoseconds += static_cast<std::uint64_t>(time.count());
    }
    void addAttention(double operations) { m_attentionOperations += static_cast<std::uint64_t>(operations); }

    /// Bytes of weights as they are stored: each is counted as often as it is read.
    [[nodiscard]] std::uint64_t weightBytes() const { return m_weightBytes; }
    /// Floating-point operations of the products with weights, and of those of attention (what causal heads leave out does not count).
    [[nodiscard]] double productOperations() const { return static_cast<double>(m_productOperations); }
    [[nodiscard]] double attentionOperations() const { return static_cast<double>(m_attentionOperations); }
    /// Operations a second while weights were multiplied, and what is done with each tile; 0 before the first.
    [[nodiscard]] double productRate() const;
    /// "weights 13.5 GB at 1.21 GB/s, 98 GFLOP/s (121 in products with weights)" for a run of so many seconds.
    [[nodiscard]] std::string text(double seconds) const;

private:
    std::atomic<std::uint64_t> m_weightBytes{0}, m_productOperations{0}, m_productNanoseconds{0}, m_attentionOperations{0};
};

} // namespace sinkscope
