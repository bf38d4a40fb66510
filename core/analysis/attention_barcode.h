// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/feature_family.h"
#include "core/math/persistence/barcode_features.h"
#include "core/math/persistence/filtrations.h"

namespace sinkscope {

/// Values of the dissimilarity at which the families of topology count components and cycles, those of an independent
/// implementer of the analysis of arXiv 2508.02546; the paper's own are not known.
inline constexpr std::array kBettiThresholds{0.5, 0.75, 0.9, 0.95, 0.99, 1.0};

/// Spellings of `Filtration`, in its order, for a parameter.
inline constexpr std::array<std::string_view, 3> kFiltrationChoices{"mean", "max", "hellinger"};
inline constexpr ParameterSpec kFiltrationParameter{
    .id = "filtration", .title = "Dissimilarity of tokens",
    .explanation = "mean: 1 - (A + A^T)/2; max: 1 - max(A, A^T); hellinger: of the rows of A, a true distance.",
        .choices = kFiltrationChoices};
inline constexpr ParameterSpec kLowerBoundParameter{
    .id = "lower_bound", .title = "Weights that count as none",
    .explanation = "Attention weights up to this are taken as 0 first; 0.001 in Kushnareva et al.", .low = 0,
        .high = 0.5, .standard = 0};

/// Barcode of the attention of one head, which the evidence must hold. `filtration` and `lowerBound` are values of the
/// parameters above.
Result<Barcode> attentionBarcode(const HeadEvidence& evidence, double filtration, double lowerBound,
                                 const RipsOptions& options);

} // namespace sinkscope
