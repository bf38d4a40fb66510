// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/session/probe_measure.h"

namespace sinkscope {

/// Everything measured of one probe, by sample of the request.
struct ProbeMeasurements {
    std::vector<SampleOutcome> effect;
    struct Control {
        std::string id;
        std::vector<std::vector<SampleOutcome>> draws; ///< [draw, sample]
        /// [draw, sample] The edit itself, made as small as the control had to be; not present where it did not have to. Empty: nowhere.
        std::vector<std::vector<SampleOutcome>> matched{};
    };
    std::vector<Control> controls;
};

/// Effects with intervals, controls and sentences. `what` is the title of the probe. `hidesKeys`: the edit takes attention away by
/// construction, so that what it does to the frame is no finding. The intervals are those of single quantities: nothing corrects for
/// how many there are. Thread: any.
std::vector<QuantityEffect> effectsOf(const ProbeMeasurements& measured, std::string_view what, bool hidesKeys);

} // namespace sinkscope
