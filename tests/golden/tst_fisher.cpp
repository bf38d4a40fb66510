// SPDX-License-Identifier: Apache-2.0
// Squared gradient norms against PyTorch's autograd over transformers (tests/golden/gen/make_fisher.py), and the differentiable forward
// pass against the fast one.
#include "core/io/json_reader.h"
#include "core/nn/gradient_pass.h"
#include "core/nn/parameter_fisher.h"
#include "golden/tolerance.h"
#include "support/recording_consumer.h"
#include "support/safetensors_writer.h"
#include "support/verify_result.h"

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

using namespace sinkscope;
namespace fs = std::filesystem;

namespace {

/// Relative, of a group's squared norm: float32 here, float64 there.
constexpr double kNormTolerance = 1e-4;
/// Standard errors that a Monte Carlo mean may be away from what it estimates, over all groups of all cases at once.
constexpr double kStandardErrors = 4.5;
/// Below this share of the total a norm is rounding: the key bias adds the same to all logits of a query, its gradient is zero.
constexpr double kRoundingShare = 1e-10;

fs::path golden() { return fs::path(SINKSCOPE_SOURCE_DIR) / "tests/golden"; }

Result<std::shared_ptr<const ModelSpec>> specOf(const std::string& name) {
    SINKSCOPE_TRY(const auto checkpoint, openCheckpoint(golden() / "models" / name));
    return buildModelSpec(checkpoint);
}

std::string nameOf(const ParameterGroup& group) {
    return std::string(idOf(group.component)) + (group.layer < 0 ? "" : "." + std::to_string(group.layer));
}

double sumOf(const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values)
        sum += value;
    return sum;
}

double normalisedError(const std::vector<float>& found, const std::vector<float>& expected) {
    double error = 0, square = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        error += (double{found[i]} - expected[i]) * (double{found[i]} - expected[i]);
        square += double{expected[i]} * expected[i];
    }
    return error / square;
}

} // namespace

class TestFisher : public QObject {
    Q_OBJECT
    Json m_cases;

    static SampleInput sampleOf(const Json& item) { return {item["ids"].get<std::vector<std::int32_t>>(), item["segments"].get<std::vector<std::int32_t>>()}; }
    void addCases() {
        QTest::addColumn<int>("index");
        for (std::size_t i = 0; i < m_cases.size(); ++i)
            QTest::addRow("%s, %d terms", m_cases[i]["model"].get<std::string>().c_str(), m_cases[i]["terms"].get<int>()) << static_cast<int>(i);
    }

private Q_SLOTS:
    void initTestCase() {
        m_cases = Json::parse(test::readBytes(golden() / "fisher/expected.json"))["cases"];
        QVERIFY(m_cases.size() >= 8);
    }

    void agreesWithAutograd_data() { addCases(); }
    void agreesWithAutograd() {
        QFETCH(int, index);
        const Json& item = m_cases[static_cast<std::size_t>(index)];
        const auto spec = specOf(item["model"]);
        QVERIFY_RESULT(spec);
        const SampleInput sample = sampleOf(item);
        for (const FisherPer per : {FisherPer::Sequence, FisherPer::Token}) {
            JobContext context;
            const auto fisher = parameterFisher(**spec, {&sample, 1}, {.per = per}, context);
            QVERIFY_RESULT(fisher);
            const SampleFisher& found = fisher->samples.front();
            QCOMPARE(found.terms, item["terms"].get<int>());
            QVERIFY(std::abs(found.logLikelihood / item["log_likelihood"].get<double>() - 1) < 1e-6);
            const Json& expected = item[std::string(idOf(per))];
            QCOMPARE(fisher->table.groups.size(), expected.size());
            const double total = sumOf(found.squaredNorms);
            double worst = 0, wantedTotal = 0;
            for (const auto& wanted : expected)
                wantedTotal += wanted.get<double>();
            QVERIFY(std::abs(total / wantedTotal - 1) < kNormTolerance);
            for (std::size_t group = 0; group < fisher->table.groups.size(); ++group) {
                const std::string name = nameOf(fisher->table.groups[group]);
                QVERIFY2(expected.contains(name), name.c_str());
                const double wanted = expected[name], delta = std::abs(found.squaredNorms[group] - wanted);
                QVERIFY2(delta <= kNormTolerance * wanted + kRoundingShare * total,
                         qPrintable(QStringLiteral("%1: %2, expected %3").arg(QString::fromStdString(name)).arg(found.squaredNorms[group]).arg(wanted)));
                if (wanted > kRoundingShare * total)
                    worst = std::max(worst, delta / wanted);
            }
            qInfo("per %s: worst relative difference of a group %.1e", std::string(idOf(per)).c_str(), worst);
        }
    }

    /// With y from the model, both kinds of squares estimate the trace of the Gauss-Newton matrix. Copies of a sample are draws.
    void drawnLabelsGiveGaussNewton_data() { addCases(); }
    void drawnLabelsGiveGaussNewton() {
        QFETCH(int, index);
        const Json& item = m_cases[static_cast<std::size_t>(index)];
        const auto spec = specOf(item["model"]);
        QVERIFY_RESULT(spec);
        const std::vector<SampleInput> samples(item["terms"].get<int>() < 10 ? 500 : 300, sampleOf(item));
        for (const FisherPer per : {FisherPer::Sequence, FisherPer::Token}) {
            if (per == FisherPer::Token && item["terms"].get<int>() > 10)
                continue; // a backward pass a token: the short samples will do
            JobContext context;
            const auto fisher = parameterFisher(**spec, samples, {.labels = FisherLabels::Model, .per = per, .seed = 7}, context);
            QVERIFY_RESULT(fisher);
            double worst = 0, worstRelative = 0;
            const auto count = static_cast<double>(samples.size());
            for (std::size_t group = 0; group < fisher->table.groups.size(); ++group) {
                double sum = 0, square = 0;
                for (const SampleFisher& sample : fisher->samples) {
                    sum += sample.squaredNorms[group];
                    square += sample.squaredNorms[group] * sample.squaredNorms[group];
                }
                const double mean = sum / count, error = std::sqrt((square / count - mean * mean) / (count - 1));
                const double wanted = item["gauss_newton"][nameOf(fisher->table.groups[group])];
                worst = std::max(worst, std::abs(mean - wanted) / error);
                worstRelative = std::max(worstRelative, std::abs(mean / wanted - 1));
            }
            qInfo("per %s: worst group %.1f standard errors, %.1f %% from Gauss-Newton", std::string(idOf(per)).c_str(), worst, worstRelative * 100);
            QVERIFY(worst < kStandardErrors);
        }
    }

    void forwardPassesAgree_data() {
        QTest::addColumn<QString>("name");
        for (const auto& entry : fs::directory_iterator(golden() / "models"))
            if (entry.is_directory())
                QTest::newRow(entry.path().filename().c_str()) << QString::fromStdString(entry.path().filename());
    }
    void forwardPassesAgree() {
        QFETCH(QString, name);
        const auto spec = specOf(name.toStdString());
        QVERIFY_RESULT(spec);
        const bool hasHead = (*spec)->modelTensors[static_cast<std::size_t>(Role::Unembedding)] != nullptr;
        const TensorInfo* segments = (*spec)->modelTensors[static_cast<std::size_t>(Role::SegmentEmbedding)];
        const bool hasTwoSegments = segments && segments->shape.front() > 1;
        std::vector<SampleInput> samples;
        for (const int tokens : {1, 2, 7, 20}) {
            samples.emplace_back();
            for (int token = 0; token < std::min(tokens, (*spec)->positions); ++token) {
                samples.back().ids.push_back((token * 17 + tokens) % (*spec)->vocabulary);
                samples.back().segments.push_back(hasTwoSegments && 2 * token > tokens ? 1 : 0);
            }
        }
        test::RecordingConsumer consumer;
        consumer.logits = hasHead;
        JobContext context;
        QVERIFY_RESULT(runModel(**spec, samples, {}, consumer, context));
        double worst = 0;
        for (std::size_t sample = 0; sample < samples.size(); ++sample) {
            const auto pass = gradientPass(**spec, samples[sample]);
            QVERIFY_RESULT(pass);
            const auto& hidden = consumer.kept[std::to_string(sample) + ".hidden"]; // of every layer, the last one last
            QVERIFY(hidden.size() > pass->hidden.size());
            worst = std::max(worst, normalisedError(pass->hidden, {hidden.end() - static_cast<std::ptrdiff_t>(pass->hidden.size()), hidden.end()}));
            QCOMPARE(pass->logits.empty(), !hasHead);
            if (hasHead)
                worst = std::max(worst, normalisedError(pass->logits, consumer.kept[std::to_string(sample) + ".logits"]));
        }
        qInfo("worst NMSE %.1e", worst);
        QVERIFY(worst < test::kForwardError);
    }
};

QTEST_GUILESS_MAIN(TestFisher)
#include "tst_fisher.moc"
