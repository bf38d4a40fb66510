// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/estimate.h"
#include "core/analysis/multiple_testing.h"
#include "core/analysis/sweep_frames.h"
#include "core/capture/sweep_store.h"
#include "core/jobs/job_context.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sinkscope {

/// What a table of a sweep is made with; recorded in it.
struct SweepTableRequest {
    TableGrouping grouping = TableGrouping::None;
    std::vector<std::string> metrics{};    ///< ids, in this order; empty: all
    std::string reference = "sink_rate";   ///< what features are correlated with
    Correction correction = Correction::Holm;
    int permutations = 9999;
    std::uint64_t seed = 20250804;
};

/// One metric of one cell, over all samples or those of a group: mean of the sample's mean over all heads, with its 95 % interval.
struct SweepRow {
    int model = 0, variant = 0;
    std::string group; ///< empty: all samples
    int metric = 0;    ///< index in the header
    Estimate estimate;
};

/// Spearman's correlation of a metric with the reference in one cell, over heads (means over samples) or over samples (means over heads).
struct SweepCorrelation {
    int model = 0, variant = 0, metric = 0;
    bool overHeads = true;
    double rho = 0, p = 1, adjusted = 1; ///< corrected over the metrics of the cell
    int count = 0;
};

struct SweepTable {
    SweepTableRequest request;
    SweepHeader header;
    std::vector<SweepFrame> frames;             ///< by model, variant, group
    std::vector<SweepRow> rows;                 ///< only those with a value; by model, variant, group, metric
    std::vector<SweepCorrelation> correlations; ///< only those with a value; by model, variant, heads first, metric
    std::vector<std::string> notes;             ///< cells that are not whole, variants that do not apply
};

/// Errors: InvalidArgument for a metric or reference that the sweep does not have, or when nothing of it is finished; those of the reader;
/// Cancelled. Thread: any but gui.
Result<SweepTable> tabulateSweep(const SweepReader& sweep, const SweepTableRequest& request, JobContext& context);

} // namespace sinkscope
