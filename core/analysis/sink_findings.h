// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/sink_test.h"
#include "core/capture/capture.h"

namespace sinkscope {

/// Turns the tests of all samples into findings. Thread: the one that made it.
class SinkFindings {
public:
    SinkFindings(const CaptureHeader& header, const SinkTestOptions& options, double minimumExcess);

    /// What one head of a sample said.
    struct Head {
        int layer = 0, head = 0;
        std::size_t slot = 0;
        std::span<KeyTest> tests;
        std::span<const int> sinks; ///< of the detector, ascending
    };
    /// The heads of all finished layers of a sample, once; `mainToken` is the sink of most heads, -1 when there is none.
    void addSample(int sample, std::span<const Head> heads, int mainToken);
    /// Combines the samples and hands over.
    SinkTests finish();

private:
    static constexpr int kPositions = 8; ///< classes counted from the start; one more is the last special token
    struct Class {
        std::vector<double> p;
        double observed = 0, expected = 0;
        int detected = 0;
    };
    [[nodiscard]] std::vector<double> adjustedOf(std::span<const Head> heads) const;
    void addToClass(const Head& head, const KeyTest& test, int lastSpecial, bool detector);
    [[nodiscard]] bool isSignificant(double adjustedP, double observed, double expected) const;

    const CaptureHeader& m_header;
    const SinkTestOptions m_options;
    const double m_minimumExcess;
    std::vector<Class> m_classes; ///< [slot, head, class]
    SinkTests m_result;
};

} // namespace sinkscope
