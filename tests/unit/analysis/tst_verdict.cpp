// SPDX-License-Identifier: Apache-2.0
// The kind of frame on synthetic patterns of every length from 4 to 128 with up to 30 % of noise, for heads, layers and the model; where it must
// stay undecided; and properties. SINKSCOPE_MARGINS=1 prints how far the patterns stay from the thresholds.
#include "core/analysis/analysis.h"
#include "core/analysis/frame_evidence.h"
#include "support/pattern_source.h"
#include "support/verify_result.h"

#include <map>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

struct Case {
    const char* name;
    const char* kind;
    int shortest = 4;      ///< length
    int shortestNoisy = 4; ///< with more than 10 % of noise
};
/// k equal anchors differ from uniform causal attention only from query k on, and their last is seen by the smallest number of queries that
/// counts (3) at T = k + 2. Noise hides so small a difference until T = 2k. In PREVBI
/// of four tokens half of the queries turn to token 0.
const Case kCases[] = {{"SINK", "centralized"}, {"TWO", "distributed"}, {"K3", "distributed", 5, 6}, {"K4", "distributed", 6, 8},
                       {"MID", "centralized"}, {"TWOMID", "distributed", 6, 8}, {"MIDBI", "centralized"}, {"TWOMIDBI", "distributed"},
                       {"TWOBI", "bidirectional"}, {"UNIF", "none"}, {"ID", "none"}, {"PREV", "none"},
                       {"UNIFBI", "none"}, {"IDBI", "none"}, {"PREVBI", "none", 4, 5}};
constexpr double kNoise[] = {0, 0.1, 0.2, 0.3};

HeadAttention attentionOf(const Weights& weights) {
    return {.tokens = weights.tokens, .causal = weights.causal, .logits = {}, .weights = weights.values};
}

/// Only what the rule reads.
LayerStatistics shapeOf(int tokens, bool causal) {
    LayerStatistics statistics;
    statistics.tokens = tokens;
    statistics.causal = causal;
    return statistics;
}

FrameSample sampleOf(int tokens, bool causal) { return {.tokens = tokens, .causal = causal, .firstSpecial = 0, .lastSpecial = causal ? 0 : tokens - 1}; }

std::vector<Anchor> anchorsOf(const Weights& weights, const FrameThresholds& thresholds = {}) {
    return *anchorsOfHead(attentionOf(weights), shapeOf(weights.tokens, weights.causal), {}, thresholds);
}

/// Features of `samples` samples with `heads` noisy copies of a pattern each.
std::vector<FrameFeatures> featuresOf(const std::string& name, int tokens, double noise, int samples, int heads, unsigned seed,
                                      FrameLevel level = FrameLevel::Model) {
    const Weights clean = pattern(name, tokens);
    std::vector<FrameFeatures> features;
    for (int sample = 0; sample < samples; ++sample) {
        std::vector<std::vector<Anchor>> anchors;
        for (int head = 0; head < heads; ++head)
            anchors.push_back(anchorsOf(noise > 0 ? withNoise(clean, noise, seed + static_cast<unsigned>(sample * heads + head)) : clean));
        features.push_back(*frameFeatures(anchors, sampleOf(tokens, clean.causal), level, 0.1, {}));
    }
    return features;
}

FrameVerdict verdictOn(const std::vector<std::string>& names, int tokens) {
    std::vector<FrameFeatures> features;
    for (const std::string& name : names)
        features.push_back(featuresOf(name, tokens, 0, 1, 1, 0).front());
    return verdictOf(features, FrameLevel::Model, {});
}

struct Margins {
    double least = 1;    ///< smallest score of the right kind
    int lengthOfLeast = 0, cases = 0, wrong = 0;
};

} // namespace

class TestVerdict : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void rightOnEveryPattern_data();
    void rightOnEveryPattern();
    void fullAnalysis();
    void scoresAreMemberships();
    void undecidedWhenTheIntervalHoldsAThreshold();
    void oneSampleHasNoInterval();
    void notEnough();
    void thresholdsDecide();
    void doesNotDependOnTheOrderOfHeads();
    void notFiniteIsRefused();
    void parametersAreRecorded();
};

void TestVerdict::rightOnEveryPattern_data() {
    QTest::addColumn<int>("samples");
    QTest::addColumn<int>("heads");
    QTest::newRow("layer of three heads, three samples") << 3 << 3;
    QTest::newRow("one head, four samples") << 4 << 1;
    QTest::newRow("one head, one sample") << 1 << 1;
}

void TestVerdict::rightOnEveryPattern() {
    QFETCH(int, samples);
    QFETCH(int, heads);
    const FrameLevel level = heads == 1 ? FrameLevel::Head : FrameLevel::Layer;
    const bool prints = qEnvironmentVariableIsSet("SINKSCOPE_MARGINS");
    std::map<std::pair<std::string, double>, Margins> all;
    for (const Case& expected : kCases)
        for (const double noise : kNoise)
            for (int tokens = noise > 0.1 ? expected.shortestNoisy : expected.shortest; tokens <= 128; ++tokens)
                for (unsigned seed = 0; seed < (noise == 0 ? 1 : tokens <= 24 ? 4 : 1); ++seed) {
                    const auto features = featuresOf(expected.name, tokens, noise, samples, heads, seed * 7919 + static_cast<unsigned>(tokens) * 31,
                                                     level);
                    const FrameVerdict verdict = verdictOf(features, level, {});
                    Margins& margins = all[{expected.name, noise}];
                    const std::string kind = expected.kind;
                    const FrameScores& scores = verdict.scores;
                    const double score = kind == "none" ? scores.none : kind == "centralized" ? scores.centralized :
                                         kind == "distributed" ? scores.distributed : scores.bidirectional;
                    if (score < margins.least) {
                        margins.least = score;
                        margins.lengthOfLeast = tokens;
                    }
                    ++margins.cases;
                    margins.wrong += verdict.kind != kind;
                    if (verdict.kind != kind && prints)
                        qInfo("%s T=%d noise %.1f: %s %s", expected.name, tokens, noise, verdict.kind.c_str(), verdict.reason.c_str());
                }
    int wrong = 0;
    for (const auto& [key, margins] : all) {
        wrong += margins.wrong;
        if (prints)
            qInfo("%-7s noise %.1f: least score %.3f at T=%d, wrong %d of %d", key.first.c_str(), key.second, margins.least, margins.lengthOfLeast,
                  margins.wrong, margins.cases);
    }
    QCOMPARE(wrong, 0);
}

void TestVerdict::fullAnalysis() {
    for (const Case& expected : kCases)
        for (const int tokens : {8, 19, 50}) {
            PatternSource source(2, 2, !std::string(expected.name).ends_with("BI"));
            for (unsigned sample = 0; sample < 3; ++sample)
                source.addSample(tokens, [&](int layer, int head) {
                    return withNoise(pattern(expected.name, tokens), 0.2, sample * 100 + static_cast<unsigned>(layer * 10 + head));
                });
            JobContext context;
            const auto result = *analyzeCapture(source, {}, context);
            QCOMPARE(result->verdict.kind, std::string(expected.kind));
            QCOMPARE(result->verdict.evidence, std::string("attention matrices"));
            QCOMPARE(result->layers.size(), std::size_t{2});
            for (const LayerResult& layer : result->layers)
                QCOMPARE(layer.verdict.kind, std::string(expected.kind));
            QCOMPARE(result->heads.size(), std::size_t{4});
            for (const HeadResult& head : result->heads)
                QVERIFY(!head.verdict.kind.empty() && !head.verdict.reason.empty());
        }
}

void TestVerdict::scoresAreMemberships() {
    const FrameThresholds t;
    QCOMPARE(frameScores(1, 1, 0, FrameLevel::Head, t).centralized, 1.0);
    QCOMPARE(frameScores(1, 2, 0, FrameLevel::Head, t).distributed, 1.0);
    QCOMPARE(frameScores(1, 2, 1, FrameLevel::Head, t).bidirectional, 1.0);
    QCOMPARE(frameScores(0, 0, 0, FrameLevel::Head, t).none, 1.0);
    QCOMPARE(frameScores(t.share, 1, 0, FrameLevel::Head, t).none, 0.5);
    QCOMPARE(frameScores(1, t.anchors, 0, FrameLevel::Head, t).centralized, 0.5);
    QCOMPARE(frameScores(1, t.anchors, 0, FrameLevel::Head, t).distributed, 0.5);
    QCOMPARE(frameScores(1, 2, t.ends, FrameLevel::Head, t).bidirectional, 0.5);
    QCOMPARE(frameScores(-0.3, 30, 0, FrameLevel::Head, t).none, 1.0);
    QCOMPARE(frameScores(t.spread, 1, 0, FrameLevel::Layer, t).none, 0.5);
    for (double excess = -0.5; excess <= 1; excess += 0.05)
        for (double anchors = 1; anchors < 6; anchors += 0.1)
            for (double ends = 0; ends <= 1; ends += 0.1) {
                const FrameScores s = frameScores(excess, anchors, ends, FrameLevel::Head, t);
                int above = 0;
                for (const double score : {s.centralized, s.distributed, s.bidirectional, s.none}) {
                    QVERIFY(score >= 0 && score <= 1);
                    above += score > 0.5 + 1e-12;
                }
                QVERIFY(above <= 1);
            }
}

void TestVerdict::undecidedWhenTheIntervalHoldsAThreshold() {
    const std::string undecided = "undecided";
    QCOMPARE(verdictOn({"SINK", "TWO", "SINK", "TWO", "SINK", "TWO"}, 30).kind, undecided);     // one anchor or two
    QCOMPARE(verdictOn({"SINK", "UNIF", "UNIF", "UNIF", "UNIF", "SINK"}, 30).kind, undecided);  // a frame or none
    QCOMPARE(verdictOn({"TWOBI", "UNIFBI", "UNIFBI", "UNIFBI"}, 30).kind, undecided);
    std::vector<FrameFeatures> ends(6, {.excess = 0.8, .anchors = 2, .sinkShare = 0.8, .baseline = 0.1, .endsShare = 0.9, .causal = false});
    QCOMPARE(verdictOf(ends, FrameLevel::Model, {}).kind, std::string("bidirectional"));
    ends[0].endsShare = ends[1].endsShare = ends[2].endsShare = 0.2;
    const FrameVerdict verdict = verdictOf(ends, FrameLevel::Model, {});
    QCOMPARE(verdict.kind, undecided);
    QVERIFY(verdict.ends.low < 0.6 && verdict.ends.high > 0.6);
    QVERIFY2(verdict.reason.find("60 %") != std::string::npos, verdict.reason.c_str());
    // The same disagreement with enough samples on one side is decided.
    std::vector<std::string> mostly(40, "SINK");
    mostly[0] = "TWO";
    QCOMPARE(verdictOn(mostly, 30).kind, std::string("centralized"));
}

void TestVerdict::oneSampleHasNoInterval() {
    const FrameVerdict one = verdictOn({"SINK"}, 30), three = verdictOn({"SINK", "SINK", "SINK"}, 30);
    QCOMPARE(one.kind, std::string("centralized"));
    QVERIFY2(one.reason.find("One sample: there is no interval") != std::string::npos, one.reason.c_str());
    QVERIFY(three.reason.find("no interval") == std::string::npos && three.reason.find("rough") != std::string::npos);
    QCOMPARE(one.excess.low, one.excess.high);
}

void TestVerdict::notEnough() {
    const Weights sink = pattern("SINK", 3);
    QVERIFY(!frameFeatures(std::vector<std::vector<Anchor>>{anchorsOf(sink)}, sampleOf(3, true), FrameLevel::Model, 0.1, {}));
    for (const int tokens : {1, 2})
        QVERIFY(anchorsOf(pattern("SINK", tokens)).empty());
    const auto four = featuresOf("SINK", 4, 0, 2, 1, 0);
    QCOMPARE(verdictOf({}, FrameLevel::Model, {}).kind, std::string("not enough"));
    QCOMPARE(verdictOf(four, FrameLevel::Model, {}).kind, std::string("centralized"));
    const FrameVerdict few = verdictOf(four, FrameLevel::Model, {.samples = 3});
    QCOMPARE(few.kind, std::string("not enough"));
    QVERIFY2(few.reason.find("3 are needed") != std::string::npos, few.reason.c_str());
    QCOMPARE(few.excess.samples, 0);
    QVERIFY(!frameFeatures(std::vector<std::vector<Anchor>>{anchorsOf(pattern("SINK", 9))}, sampleOf(9, true), FrameLevel::Model, 0.1, {.tokens = 10}));
    QCOMPARE(levelVerdictOf(four, FrameLevel::Model, {.samples = 3}).kind, std::string("not enough"));
}

void TestVerdict::thresholdsDecide() {
    const auto features = featuresOf("TWO", 24, 0.3, 3, 2, 5);
    QCOMPARE(verdictOf(features, FrameLevel::Model, {}).kind, std::string("distributed"));
    QCOMPARE(verdictOf(features, FrameLevel::Head, {.share = 0.95}).kind, std::string("none"));
    QCOMPARE(verdictOf(features, FrameLevel::Model, {.spread = 0.95}).kind, std::string("none"));
    QCOMPARE(verdictOf(features, FrameLevel::Model, {.anchors = 2.5}).kind, std::string("centralized"));
    QCOMPARE(levelVerdictOf(features, FrameLevel::Model, {.anchors = 2.5}).kind, std::string("centralized"));
    QVERIFY(anchorsOf(pattern("ID", 10), {.evenness = 0}).size() > anchorsOf(pattern("ID", 10)).size());
}

void TestVerdict::doesNotDependOnTheOrderOfHeads() {
    std::vector<std::vector<Anchor>> heads;
    for (unsigned head = 0; head < 8; ++head)
        heads.push_back(anchorsOf(withNoise(pattern(head % 3 == 0 ? "SINK" : head % 3 == 1 ? "TWO" : "ID", 20), 0.37, head)));
    const auto first = *frameFeatures(heads, sampleOf(20, true), FrameLevel::Model, 0.1, {});
    std::mt19937 random(1);
    for (int turn = 0; turn < 20; ++turn) {
        std::ranges::shuffle(heads, random);
        const auto other = *frameFeatures(heads, sampleOf(20, true), FrameLevel::Model, 0.1, {});
        QVERIFY(other.excess == first.excess && other.anchors == first.anchors && other.sinkShare == first.sinkShare && other.baseline == first.baseline);
    }
}

void TestVerdict::notFiniteIsRefused() {
    for (const float wrong : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()}) {
        HeadAttention attention = attentionOf(pattern("UNIF", 8));
        attention.weights[8 * 5 + 2] = wrong;
        QVERIFY_ERROR(anchorsOfHead(attention, shapeOf(8, true), {}, {}), ErrorCode::NotFinite);
    }
}

void TestVerdict::parametersAreRecorded() {
    PatternSource source(1, 1, true);
    source.addSample(12, [](int, int) { return pattern("SINK", 12); });
    JobContext context;
    const auto result = *analyzeCapture(source, {.features = {{"frame.share", 0.4}}}, context);
    QCOMPARE(result->features.at("frame.share"), 0.4);
    QCOMPARE(result->features.at("frame.anchors"), 1.5);
    QCOMPARE(result->verdict.thresholds.share, 0.4);
    QCOMPARE(result->features.at("detector.threshold"), 0.3);
    const auto strict = *analyzeCapture(source, {.metrics = {.sinkThreshold = 0.5}, .features = {{"detector.excess", 4.0}, {"detector.queries", 5.0}}}, context);
    QVERIFY(strict->parameters.sinkThreshold == 0.5 && strict->parameters.minimumExcess == 4 && strict->parameters.minimumQueries == 5);
    QVERIFY(strict->features.at("detector.threshold") == 0.5 && strict->features.at("detector.excess") == 4);
    QVERIFY(result->sinks.size() == 1 && strict->sinks.size() == 1); // a perfect sink receives 11 / (H_12 - 1) = 5.2 times what is due
    const auto none = *analyzeCapture(source, {.features = {{"detector.excess", 12.0}}}, context);
    QVERIFY(none->sinks.empty());
    QVERIFY_ERROR(analyzeCapture(source, {.features = {{"frame.nonsense", 1.0}}}, context), ErrorCode::InvalidArgument);
    for (const ParameterGroup& group : analysisParameters())
        for (const ParameterSpec& parameter : group.parameters) {
            const auto parsed = parseParameter(parameter, textOf(parameter, parameter.standard));
            QVERIFY2(parsed && *parsed == parameter.standard, parameter.id.data());
        }
}

QTEST_GUILESS_MAIN(TestVerdict)
#include "tst_verdict.moc"
