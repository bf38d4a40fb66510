// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/sweep_table.h"

#include <string>
#include <string_view>

namespace sinkscope {

/// What of a table is written to a file of rows.
enum class SweepPart { Values, Correlations, Frames };

/// One part, one row a line, every number in full.
std::string sweepCsv(const SweepTable& table, SweepPart part);
/// All parts, with all that they were made with. Ends with a line break.
std::string sweepJson(const SweepTable& table);
/// A tabular for the booktabs package: models and variants down, metrics across, each with its interval; for correlations, metrics down; for
/// frames, the verdict of each, and below the table in words. The text before it, in comments, says what the numbers are.
std::string sweepLatex(const SweepTable& table, SweepPart part);

/// Text that LaTeX prints as it is.
std::string latexEscaped(std::string_view text);
/// How the correlations were made, for people: "Spearman's rank correlation with sink_rate; two-sided p from 9999 permutations (seed 1), corrected by Holm".
std::string correlationText(const SweepTableRequest& request);

} // namespace sinkscope
