// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/attention_barcode.h"
#include "core/capture/capture.h"
#include "core/jobs/job_context.h"

#include <QString>

#include <memory>
#include <optional>

namespace sinkscope {

/// Barcode of one head with what views draw beside it. Immutable.
struct HeadBarcode {
    Filtration filtration = Filtration::Mean;
    Barcode barcode;
    double largest = 1;             ///< value at which nothing changes any more: the largest finite birth or death, above 0
    std::vector<double> values;     ///< every value at which a Betti number changes, rising, from 0
    std::vector<int> betti[2];      ///< at those values and until the next
};

/// Longer samples are refused: their barcodes take minutes.
inline constexpr int kLongestBarcode = 1024;

/// Errors: those of the source and of ripsBarcode; InvalidArgument (a text longer than kLongestBarcode). Thread: any but gui.
Result<std::shared_ptr<const HeadBarcode>> headBarcode(CaptureSource& source, int sample, int layer, int head, Filtration filtration,
                                                       const JobContext& context);

/// A bar by dimension (0 or 1) and place in Barcode::zero or Barcode::one.
struct BarId {
    int dimension = 0, index = 0;
    bool operator==(const BarId&) const = default;
};
const Bar& barOf(const HeadBarcode& barcode, BarId id);
/// The edge whose tokens tell most about a bar: what ends a component, what closes a cycle. Nothing for a component that never ends.
std::optional<std::pair<int, int>> edgeOf(const HeadBarcode& barcode, BarId id);
/// What makes and what ends a bar, in words.
QString barText(const HeadBarcode& barcode, BarId id, const SampleTokens& tokens);
/// "1 − mean of both directions", for menus and axes.
QString titleOf(Filtration filtration);
/// Of the stable spelling; nothing when it is none.
std::optional<Filtration> filtrationOf(std::string_view name);

} // namespace sinkscope
