// SPDX-License-Identifier: Apache-2.0
// The families of topology on heads whose barcodes are known.
#include "core/analysis/analysis.h"
#include "core/analysis/attention_barcode.h"
#include "support/pattern_source.h"
#include "support/verify_result.h"

#include <cmath>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

const std::vector<std::string> kFamilies{"topology_components", "topology_cycles"};

AnalysisResult analysed(const Weights& weights, const ParameterValues& parameters = {}) {
    PatternSource source(1, 1, weights.causal);
    source.addSample(weights.tokens, [&](int, int) { return weights; });
    JobContext context;
    const auto result = analyzeCapture(source, {.families = kFamilies, .features = parameters, .threads = 1}, context);
    if (!result)
        qFatal("%s", describe(result.error()).c_str());
    return **result;
}

/// NaN where there is no value.
double valueOf(const AnalysisResult& result, const std::string& id) {
    const auto& metrics = result.heads.at(0).metrics;
    return metrics.contains(id) ? metrics.at(id).value : std::nan("");
}

bool isNear(double a, double b) { return std::abs(a - b) < 1e-6; }

/// Every token attends to the next one, the last to the first.
Weights ring(int tokens) {
    Weights w = emptyWeights(tokens, false);
    for (int i = 0; i < tokens; ++i)
        w.at(i, (i + 1) % tokens) = 1;
    return w;
}

} // namespace

class TestTopology : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void choicesAreTheVariants() {
        QCOMPARE(kFiltrationChoices.size(), kFiltrations.size());
        for (std::size_t i = 0; i < kFiltrations.size(); ++i)
            QCOMPARE(kFiltrationChoices[i], nameOf(kFiltrations[i]));
    }

    void perfectSink() {
        const AnalysisResult mean = analysed(pattern("SINK", 16));
        QCOMPARE(valueOf(mean, "h0_count"), 15.0);
        QCOMPARE(valueOf(mean, "h0_sum"), 7.5);
        QCOMPARE(valueOf(mean, "h0_mean"), 0.5);
        QCOMPARE(valueOf(mean, "h0_std"), 0.0);
        QCOMPARE(valueOf(mean, "h0_max"), 0.5);
        QVERIFY(isNear(valueOf(mean, "h0_entropy"), std::log(15.0)));
        QCOMPARE(valueOf(mean, "h0_death_from_50"), 15.0);
        QCOMPARE(valueOf(mean, "h0_death_from_75"), 0.0);
        QCOMPARE(valueOf(mean, "flag_b0_50"), 1.0);
        const AnalysisResult max = analysed(pattern("SINK", 16), {{"topology_components.filtration", 1}});
        QCOMPARE(valueOf(max, "h0_sum"), 0.0);
        QCOMPARE(valueOf(max, "h0_count"), 0.0);
        QCOMPARE(valueOf(max, "h0_entropy"), 0.0);
        QVERIFY(std::isnan(valueOf(max, "h0_mean")));
        const AnalysisResult kept = analysed(pattern("SINK", 16), {{"topology_components.filtration", 1},
                                                                   {"topology_components.zero_length", 1}});
        QCOMPARE(valueOf(kept, "h0_count"), 15.0);
        QCOMPARE(valueOf(kept, "h0_mean"), 0.0);
        QCOMPARE(valueOf(kept, "h0_death_to_25"), 15.0);
        for (const AnalysisResult* result : {&mean, &max}) {
            QCOMPARE(valueOf(*result, "h1_count"), 0.0);
            QCOMPARE(valueOf(*result, "h1_max"), 0.0);
            QVERIFY(std::isnan(valueOf(*result, "h1_mean")) && std::isnan(valueOf(*result, "h1_longest_birth")));
        }
    }

    /// A ring has one cycle, from 1/2 until everything is joined at 1; a hub that all attend to as well fills it.
    void ringAndWheel() {
        const AnalysisResult cycle = analysed(ring(12));
        QCOMPARE(valueOf(cycle, "h1_count"), 1.0);
        QCOMPARE(valueOf(cycle, "h1_sum"), 0.5);
        QCOMPARE(valueOf(cycle, "h1_entropy"), 0.0);
        QCOMPARE(valueOf(cycle, "h1_longest_birth"), 0.5);
        QCOMPARE(valueOf(cycle, "h1_longest_death"), 1.0);
        QCOMPARE(valueOf(cycle, "h1_birth_from_25"), 1.0);
        QCOMPARE(valueOf(cycle, "h1_birth_to_70"), 1.0);
        QCOMPARE(valueOf(cycle, "flag_b1_50"), 1.0);
        QCOMPARE(valueOf(cycle, "flag_b1_99"), 1.0);
        QCOMPARE(valueOf(cycle, "flag_b1_100"), 0.0);
        QCOMPARE(valueOf(cycle, "flag_b0_50"), 1.0);
        const int rim = 11;
        Weights wheel = emptyWeights(rim + 1, false);
        for (int i = 0; i < rim; ++i)
            wheel.at(i, (i + 1) % rim) = wheel.at(i, rim) = 0.5F;
        wheel.at(rim, rim) = 1;
        const AnalysisResult filled = analysed(wheel);
        QCOMPARE(valueOf(filled, "h1_count"), 0.0);
        QCOMPARE(valueOf(filled, "flag_b1_75"), 0.0);
        QCOMPARE(valueOf(filled, "flag_b0_75"), 1.0);
    }

    void lowerBoundDropsWeakAttention() {
        Weights weights = pattern("ID", 4);
        weights.at(1, 0) = 0.125F;
        weights.at(1, 1) = 0.875F;
        QCOMPARE(valueOf(analysed(weights), "h0_sum"), 3 - 0.0625);
        QCOMPARE(valueOf(analysed(weights, {{"topology_components.lower_bound", 0.2}}), "h0_sum"), 3.0);
    }

    void tooFewAndTooManyTokens() {
        for (const int tokens : {1, 2}) {
            const AnalysisResult result = analysed(pattern("UNIF", tokens));
            for (const std::string& id : kFamilies)
                for (const MetricSpec& metric : findFamily(id)->metrics)
                    QVERIFY2(std::isnan(valueOf(result, std::string(metric.id))), metric.id.data());
        }
        const AnalysisResult longest = analysed(pattern("SINK", 257));
        QCOMPARE(valueOf(longest, "h0_sum"), 128.0);
        QVERIFY(std::isnan(valueOf(longest, "h1_count")));
        QCOMPARE(longest.notes.size(), 1U);
        QVERIFY(longest.notes[0].find("256") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TestTopology)
#include "tst_topology.moc"
