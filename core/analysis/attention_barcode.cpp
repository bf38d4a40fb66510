// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/attention_barcode.h"

namespace sinkscope {

Result<Barcode> attentionBarcode(const HeadEvidence& evidence, double filtration, double lowerBound,
                                 const RipsOptions& options) {
    SINKSCOPE_ASSERT(evidence.attention != nullptr);
    const FiltrationOptions choice{kFiltrations.at(static_cast<std::size_t>(filtration)), lowerBound};
    SINKSCOPE_TRY(const auto distances, attentionDissimilarity(evidence.attention->weights, evidence.count(), choice));
    // a head takes milliseconds; the runner can stop between heads
    return ripsBarcode(distances, evidence.count(), options, JobContext());
}

} // namespace sinkscope
