// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/analysis.h"
#include "views/explain_popup.h"
#include "views/models/frame_kind.h"

#include <optional>
#include <string>
#include <vector>

namespace sinkscope {

/// One number that a verdict rests on, or that stands beside it, with the scale it is drawn on.
struct FrameEvidenceRow {
    QString title;
    Estimate estimate;
    double low = 0, high = 1;            ///< of the scale
    std::optional<double> threshold;     ///< of the rule
    std::optional<double> chance;        ///< what uniform attention would give
    bool percent = false;
    bool decides = false;                ///< the rule looks at it
    Explanation explanation;
    /// "0.83 (0.79 to 0.87)", without the brackets for a single sample.
    [[nodiscard]] QString valueText() const;
    [[nodiscard]] QString format(double value) const;
};

/// A verdict as a card shows it. Thread: any.
struct FrameReading {
    std::string kind;
    QString reason;
    std::vector<std::pair<std::string, double>> scores; ///< kind and score; empty when there is not enough for a verdict
    std::vector<FrameEvidenceRow> evidence;
};
/// Nothing when the analysis holds no such head or layer.
std::optional<FrameReading> frameReading(const AnalysisResult& analysis, FrameLevel level, int layer, int head, bool causal);

/// What a reader must know to compare verdicts: "first token", "<bos> (id 1)".
struct FrameContextFact {
    QString name, value, explanation;
};
std::vector<FrameContextFact> frameContext(const CaptureHeader& header, const AnalysisResult& analysis);

/// [layer] kind of frame of each layer, empty strings where it is not known; an empty list when it is known of none.
std::vector<std::string> layerKinds(const AnalysisResult* analysis, int layers);

} // namespace sinkscope
