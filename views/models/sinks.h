// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/session_model.h"

#include <vector>

namespace sinkscope {

/// The parameters of the analysis, or the defaults before there is one.
MetricParameters metricParametersOf(const SessionModel& session);
/// Sinks of one head of one sample, ascending; empty until that layer has arrived. Thread: gui.
std::vector<int> sinksOf(const SessionModel& session, int sample, int layer, int head);
/// [tokens] share of all heads in which a token is a sink; empty until the run has been analysed. Thread: gui.
std::vector<double> sinkShareOf(const SessionModel& session, int sample);

} // namespace sinkscope
