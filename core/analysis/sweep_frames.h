// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/frame_context.h"
#include "core/analysis/verdict.h"
#include "core/capture/sweep_store.h"
#include "core/corpus/sample_groups.h"

namespace sinkscope {

/// The verdict on one model under one variant, over all samples or those of a group, with what it has to be read with.
struct SweepFrame {
    int model = 0, variant = 0;
    std::string group; ///< empty: all samples
    FrameVerdict verdict;
    FrameContext context;
};

/// Thresholds that a sweep was made with, from its recipe; the standard ones where it does not name them.
FrameThresholds frameThresholdsOf(const std::string& recipeJson);

/// Of all samples, then of each group; those with too few samples have the verdict "not enough". Empty when no sample of the cell is finished. Errors: those of the reader. Thread: any but gui.
Result<std::vector<SweepFrame>> sweepFrames(const SweepReader& sweep, int model, int variant, const std::vector<SampleGroup>& groups);

} // namespace sinkscope
