// SPDX-License-Identifier: Apache-2.0
// Spectra, divergences, simplex and hidden-state features against numpy and scipy (fixture of tests/golden/gen/make_features.py). The
// references are float64 throughout, the attention here is float32, hence the tolerances.
#include "core/analysis/analysis.h"
#include "core/io/json_reader.h"
#include "core/math/spectral/random_matrix.h"
#include "core/math/spectral/singular_spectrum.h"
#include "support/pattern_source.h"
#include "support/verify_result.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <cmath>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

/// One head with given logits.
class LogitSource : public PatternSource {
public:
    LogitSource(int tokens, bool causal, const std::vector<float>& logits)
        : PatternSource(1, 1, causal), m_attention{.tokens = tokens, .causal = causal, .logits = logits, .weights = logits} {
        for (int i = 0; i < tokens; ++i) {
            const std::size_t first = static_cast<std::size_t>(i) * static_cast<std::size_t>(tokens);
            softmaxRow(m_attention.weights.data() + first, causal ? i + 1 : tokens, tokens);
            for (int j = i + 1; causal && j < tokens; ++j)
                m_attention.logits[first + static_cast<std::size_t>(j)] = -std::numeric_limits<float>::infinity();
        }
        addSample(tokens, [&](int, int) { return Weights{tokens, causal, m_attention.weights}; });
    }
    Result<std::shared_ptr<const HeadAttention>> attention(int, int, int) override { return std::make_shared<const HeadAttention>(m_attention); }

private:
    HeadAttention m_attention;
};

class StateSource : public PatternSource {
public:
    explicit StateSource(HeadVectors hidden) : PatternSource(1, 1, true), m_hidden(std::move(hidden)) {
        addSample(m_hidden.tokens, [&](int, int) { return pattern("UNIF", m_hidden.tokens); });
    }
    bool hasSpace(Space) const override { return true; }
    Result<HeadVectors> vectors(int, int, Space, int) override { return m_hidden; }

private:
    HeadVectors m_hidden;
};

void compareAll(const MetricEstimates& metrics, const Json& expected, double tolerance) {
    QVERIFY(expected.size() >= 10);
    for (const auto& [id, value] : expected.items()) {
        const auto found = metrics.find(id);
        QVERIFY2(found != metrics.end(), id.c_str());
        const double wanted = value.get<double>(), got = found->second.value;
        QVERIFY2(std::abs(got - wanted) <= tolerance * std::max(1.0, std::abs(wanted)),
                 qPrintable(QStringLiteral("%1: %2, expected %3").arg(QString::fromStdString(id)).arg(got, 0, 'g', 12).arg(wanted, 0, 'g', 12)));
    }
}

} // namespace

class TestFeaturesGolden : public QObject {
    Q_OBJECT
    Json m_fixture;
private Q_SLOTS:
    void initTestCase() {
        auto fixture = readJson(SINKSCOPE_SOURCE_DIR "/tests/golden/features/features.json", ErrorCode::ConfigInvalid);
        QVERIFY_RESULT(fixture);
        m_fixture = *std::move(fixture);
    }

    void heads() {
        QVERIFY(m_fixture["heads"].size() >= 12);
        for (const Json& head : m_fixture["heads"]) {
            LogitSource source(head["tokens"], head["causal"], head["logits"].get<std::vector<float>>());
            JobContext context;
            const auto result = analyzeCapture(
                source, {.families = std::vector<std::string>{"singular_values", "row_divergence", "simplex_fisher"}, .threads = 1}, context);
            QVERIFY_RESULT(result);
            compareAll((*result)->heads.at(0).metrics, head["expected"], 2e-6);
        }
    }

    void layers() {
        QVERIFY(m_fixture["layers"].size() >= 3);
        for (const Json& layer : m_fixture["layers"]) {
            StateSource source({layer["tokens"], layer["width"], layer["hidden"].get<std::vector<float>>()});
            JobContext context;
            const auto result = analyzeCapture(
                source, {.families = std::vector<std::string>{"hidden_geometry", "massive_activations"}, .threads = 1}, context);
            QVERIFY_RESULT(result);
            compareAll((*result)->layers.at(0).metrics, layer["expected"], 1e-9);
        }
    }

    void marchenkoPastur() {
        for (const Json& reference : m_fixture["laws"]) {
            const MarchenkoPastur law{reference["ratio"], reference["variance"]};
            QVERIFY(std::abs(law.low() - reference["low"].get<double>()) < 1e-11 && std::abs(law.high() - reference["high"].get<double>()) < 1e-11);
            for (std::size_t i = 0; i < reference["x"].size(); ++i) {
                const double x = reference["x"][i];
                QVERIFY(std::abs(law.density(x) - reference["density"][i].get<double>()) < 1e-10);
                QVERIFY(std::abs(law.cumulative(x) - reference["cumulative"][i].get<double>()) < 1e-8);
            }
        }
    }

    void powerLaws() {
        for (const Json& reference : m_fixture["power_laws"]) {
            const auto fit = fitPowerLaw(reference["values"].get<std::vector<double>>());
            QVERIFY(fit);
            QCOMPARE(fit->tail, reference["tail"].get<int>());
            QVERIFY(std::abs(fit->alpha - reference["alpha"].get<double>()) < 1e-9 && std::abs(fit->start - reference["start"].get<double>()) < 1e-11);
            QVERIFY(std::abs(fit->distance - reference["distance"].get<double>()) < 1e-9);
        }
    }

    void transports() {
        for (const Json& reference : m_fixture["transports"]) {
            const auto a = reference["a"].get<std::vector<double>>(), b = reference["b"].get<std::vector<double>>();
            QVERIFY(std::abs(wassersteinDistance(a, b) - reference["distance"].get<double>()) < 1e-11);
        }
    }
};

QTEST_GUILESS_MAIN(TestFeaturesGolden)
#include "tst_features_golden.moc"
