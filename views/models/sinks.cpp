// SPDX-License-Identifier: Apache-2.0
#include "views/models/sinks.h"

#include <algorithm>

namespace sinkscope {

MetricParameters metricParametersOf(const SessionModel& session) {
    return session.analysis() ? session.analysis()->parameters : MetricParameters{};
}

std::vector<int> sinksOf(const SessionModel& session, int sample, int layer, int head) {
    const auto statistics = session.statistics(sample, layer);
    if (!statistics || head < 0 || head >= statistics->heads)
        return {};
    std::vector<int> sinks = sinksOfHead(*statistics, head, metricParametersOf(session));
    std::sort(sinks.begin(), sinks.end());
    return sinks;
}

std::vector<double> sinkShareOf(const SessionModel& session, int sample) {
    const CaptureHeader* header = session.header();
    if (!session.analysis() || !header || sample < 0 || sample >= static_cast<int>(header->samples.size()))
        return {};
    std::vector<double> share(header->samples[static_cast<std::size_t>(sample)]->display.size(), 0.0);
    for (const SinkToken& sink : session.analysis()->sinks)
        if (sink.sample == sample && sink.token >= 0 && sink.token < static_cast<int>(share.size()))
            share[static_cast<std::size_t>(sink.token)] = sink.headShare;
    return share;
}

} // namespace sinkscope
