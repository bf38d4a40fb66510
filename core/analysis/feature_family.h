// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/metric_spec.h"
#include "core/base/parameter_spec.h"
#include "core/analysis/weight_access.h"

#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace sinkscope {

/// What a family has to be given. Only what the chosen families need is read and recomputed.
enum Needs : unsigned {
    kNeedsAttention = 1, ///< the matrix of weights
    kNeedsVectors = 2,   ///< query, key and value
    kNeedsHidden = 4,    ///< residual stream after the layer
    kNeedsWeights = 8,   ///< the model itself
    kNeedsUnrotated = 16, ///< query and key before rotary position encoding; only models that have one
};

/// One head of one sample. What the family did not ask for is null.
struct HeadEvidence {
    const SampleTokens& tokens;
    const LayerStatistics& statistics;
    const MetricParameters& parameters;
    int head = 0;
    const HeadAttention* attention = nullptr;
    const HeadVectors* query = nullptr; ///< after position encoding
    const HeadVectors* key = nullptr;   ///< of the head's key/value group
    const HeadVectors* value = nullptr;
    const HeadVectors* hidden = nullptr;
    const WeightMatrix* outputProjection = nullptr; ///< rows of this head, [headWidth, width]
    const HeadVectors* unrotatedQuery = nullptr;
    const HeadVectors* unrotatedKey = nullptr;      ///< of the head's key/value group
    int layers = 0;                                 ///< of the model
    std::function<std::shared_ptr<const HeadAttention>(int layer)> attentionOf{}; ///< of the same head elsewhere; null where a layer is not there

    [[nodiscard]] int count() const { return statistics.tokens; }
    /// Row of attention weights of query i; the first `visible(i)` of its entries can be other than 0.
    [[nodiscard]] std::span<const float> row(int i) const {
        return std::span(attention->weights).subspan(static_cast<std::size_t>(i) * count(), static_cast<std::size_t>(count()));
    }
    [[nodiscard]] int visible(int i) const { return statistics.causal ? i + 1 : count(); }
};

/// One layer of one sample. Layers of a sample come in ascending order.
struct LayerEvidence {
    const SampleTokens& tokens;
    const LayerStatistics& statistics;
    const MetricParameters& parameters;
    bool first = false, last = false;      ///< of the captured layers
    int layers = 0;                        ///< of the model
    const HeadVectors* hidden = nullptr;   ///< [tokens, width]; null unless asked for
    const WeightAccess* weights = nullptr; ///< null unless asked for
    std::function<Result<std::shared_ptr<const HeadAttention>>(int head)> attention;
    std::span<const int> finishedLayers;   ///< of the sample, also those after this one
    std::function<Result<std::shared_ptr<const HeadAttention>>(int layer, int head)> attentionOf; ///< of finished layers
    std::function<Result<std::shared_ptr<const HeadVectors>>(Space space, int head)> vectors;
    std::shared_ptr<void>& state;          ///< the family's own, kept from layer to layer of a sample; null at the first
};

/// Values of the family's own parameters, in the order of its list.
using FamilyParameters = std::span<const double>;

/// Numbers that come out of one computation: the eigenvalues of a graph give five metrics, not one. Registered in core/CMakeLists.txt (list
/// `feature_families`): its metrics then appear in `analyze`, in the menus of metrics, along depth, in tables and exports, and its
/// parameters on the command line and in the forms.
///
/// `evaluate...` writes one number per metric; NaN means "no value here" (too few tokens, undefined), and is never averaged. Exactly one of the
/// two functions is set. They are called from several threads at once, each call for another head or layer.
struct FeatureFamily {
    std::string_view id;          ///< "graph"
    std::string_view title;       ///< "Thresholded attention graph"
    unsigned needs = kNeedsAttention;
    bool standard = true;         ///< evaluated unless the user chose otherwise; false for what takes long
    int longest = 1024;           ///< tokens; longer samples get no values, and the result says so
    std::span<const MetricSpec> metrics; ///< with `evaluate` null
    std::span<const ParameterSpec> parameters{};
    void (*evaluateHead)(const HeadEvidence& evidence, FamilyParameters parameters, std::span<double> values) = nullptr;
    Result<void> (*evaluateLayer)(const LayerEvidence& evidence, FamilyParameters parameters, std::span<double> values) = nullptr;
};
std::span<const FeatureFamily* const> feature_families();
/// Null when there is none of that id.
const FeatureFamily* findFamily(std::string_view id);

/// Metrics of statistics first, then those of all families, in the order of the lists. Thread: any.
std::span<const MetricSpec* const> allMetrics();
/// The family of a metric; null for a metric of statistics.
const FeatureFamily* familyOf(const MetricSpec& metric);

} // namespace sinkscope
