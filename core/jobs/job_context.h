// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <stop_token>
#include <string>

namespace sinkscope {

/// What a piece of work sees of the job that runs it: whether to stop, and where to report progress.
/// Owned by the job, used on its thread only (`cancelled` may be asked from any thread).
class JobContext {
public:
    using ProgressFunction = std::function<void(double fraction, const std::string& text)>;

    JobContext() = default;
    JobContext(std::stop_token stop, ProgressFunction report) : m_stop(std::move(stop)), m_report(std::move(report)) {}

    /// True once somebody asked to stop. Ask at least every 50 ms of work, so that cancelling takes under 200 ms.
    [[nodiscard]] bool cancelled() const { return m_stop.stop_requested(); }
    /// `cancelled` as a result, for SINKSCOPE_CHECK(context.checkpoint()).
    [[nodiscard]] Result<void> checkpoint() const {
        if (cancelled())
            return Error{ErrorCode::Cancelled, "stopped on request", {}};
        return {};
    }
    /// Reports progress in 0..1. At most one report per 60 ms is passed on, except the last (fraction >= 1).
    void progress(double fraction, const std::string& text) {
        const auto now = std::chrono::steady_clock::now();
        if (!m_report || (fraction < 1.0 && now - m_last < std::chrono::milliseconds(60)))
            return;
        m_last = now;
        m_report(fraction, text);
    }

    /// The context of one step of the work: its progress 0..1 becomes from..to of this one, its texts follow `prefix`. Stops with this one,
    /// and must not outlive it.
    [[nodiscard]] JobContext part(double from, double to, std::string prefix) {
        return {m_stop, [this, from, to, prefix = std::move(prefix)](double fraction, const std::string& text) {
                    progress(from + (to - from) * std::min(fraction, 0.9999), prefix + text);
                }};
    }

private:
    std::stop_token m_stop;
    ProgressFunction m_report;
    std::chrono::steady_clock::time_point m_last{};
};

} // namespace sinkscope
