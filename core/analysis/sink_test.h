// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/metric_spec.h"
#include "core/analysis/multiple_testing.h"
#include "core/analysis/parameter_spec.h"

#include <span>
#include <string>
#include <vector>

namespace sinkscope {

/// What a key's mean weight is held against.
enum class SinkNull {
    PermutedRows, ///< weights permuted within the visible part of every row, rows independent: gives p-values
    Uniform,      ///< uniform attention over the visible keys: an excess, no p-value
    OtherHeads,   ///< the same key in the other heads of the layer: a robust z, which describes and tests nothing
};
enum class Combination { Fisher, Cauchy };

/// Choices of the tests; recorded with the result as "sinks.<id>".
struct SinkTestOptions {
    SinkNull null = SinkNull::PermutedRows;
    Correction correction = Correction::BenjaminiHochberg;
    Combination combination = Combination::Fisher;
    double level = 0.05;
    int rows = 20000; ///< findings kept; the rest is counted
};
std::span<const ParameterSpec> sinkParameters();
SinkTestOptions sinkTestOptionsOf(const ParameterValues& values);

/// One key of one head of one sample. NaN where the null gives no such number.
struct KeyTest {
    int key = 0;
    double observed = 0; ///< mean weight over the counted queries that see the key
    double expected = 0; ///< of the null
    double z = 0, p = 0;
};
/// Every key that enough queries see (requiredQueries). `attention` may be null, and then permuting finds nothing. For OtherHeads `expected` and
/// `z` come from `compareHeads`. Errors: NotFinite, InvalidArgument. Thread: any.
Result<std::vector<KeyTest>> testKeys(const LayerStatistics& statistics, int head, const HeadAttention* attention, const MetricParameters& parameters,
                                      SinkNull null);
/// For OtherHeads: median of the other heads, and (observed - median) / (1.4826 times their median absolute deviation); NaN for fewer than three
/// others or without deviation. Every head has the same keys.
void compareHeads(std::span<std::vector<KeyTest>> heads);

/// A key that is significant, or a sink by the detector.
struct SinkFinding {
    int sample = 0, layer = 0, head = 0, token = 0;
    std::string piece; ///< display text
    double observed = 0, expected = 0, excess = 0; ///< excess = observed - expected
    double z = 0, p = 0, adjusted = 0;             ///< NaN where the null gives none; adjusted over layers x heads x keys of the sample
    bool significant = false; ///< adjusted <= level, and observed >= minimumExcess times expected
    bool detector = false;    ///< a sink of the robust detector
    bool secondary = false;   ///< not the token that is a sink in most heads of the sample (our definition)
};

/// The same key over samples: "position 0" counts from the start of the text, "last special" is the last special token.
struct SinkClassFinding {
    int layer = 0, head = 0;
    std::string position;
    int samples = 0;          ///< in which it could be tested
    double observed = 0, expected = 0; ///< means over those
    double p = 0, adjusted = 0;        ///< combined over samples, taken as independent; adjusted over layers x heads x classes
    double detectorShare = 0; ///< of the samples, in which the detector calls it a sink
    bool significant = false;
};

/// Of all samples.
struct SinkTests {
    long long tests = 0, significant = 0, detected = 0; ///< keys tested; of these significant, and sinks of the detector
    std::vector<SinkFinding> findings;                  ///< by sample, layer, head, token; at most SinkTestOptions::rows
    std::vector<SinkClassFinding> classes;              ///< significant, or a detector's sink in half of the samples
};

} // namespace sinkscope
