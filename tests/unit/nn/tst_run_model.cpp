// SPDX-License-Identifier: Apache-2.0
#include "core/nn/forward.h"
#include "golden/tolerance.h"
#include "support/recording_consumer.h"
#include "support/tiny_model.h"
#include "support/verify_result.h"

#include <cmath>
#include <limits>

using namespace sinkscope;
using test::RecordingConsumer;
using test::TinyModel;

class TestRunModel : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::shared_ptr<const ModelSpec> m_spec;

    static SampleInput sampleOf(int tokens, int seed = 1) {
        SampleInput sample;
        for (int i = 0; i < tokens; ++i)
            sample.ids.push_back((i * 7 + seed * 13 + i * i % 5) % 32);
        return sample;
    }
    static RecordingConsumer record(const ModelSpec& spec, std::span<const SampleInput> samples, const RunOptions& options = {}, int passes = 1) {
        RecordingConsumer consumer;
        consumer.passes = passes;
        JobContext context;
        if (const auto result = runModel(spec, samples, options, consumer, context); !result)
            consumer.complaints.push_back(describe(result.error()));
        return consumer;
    }
    static double difference(const std::vector<float>& a, const std::vector<float>& b) {
        double error = 0, square = 0;
        for (std::size_t i = 0; i < b.size(); ++i) {
            error += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
            square += double{b[i]} * b[i];
        }
        return a.size() == b.size() ? error / square : 1;
    }
    ErrorCode codeOf(std::span<const SampleInput> samples, const RunOptions& options = {}) {
        RecordingConsumer consumer;
        JobContext context;
        const auto result = runModel(*m_spec, samples, options, consumer, context);
        return result ? ErrorCode::Internal : result.error().code;
    }

private Q_SLOTS:
    void initTestCase() {
        auto spec = TinyModel::llama().spec(m_folder);
        QVERIFY_RESULT(spec);
        m_spec = *spec;
    }

    void aBatchIsItsSamplesOneByOne() {
        const std::vector<SampleInput> samples{sampleOf(17), sampleOf(1, 2), sampleOf(700, 3), sampleOf(1500, 4), sampleOf(40, 5)};
        auto together = record(*m_spec, samples);
        QVERIFY(together.complaints.empty());
        together.collectAttention();
        QCOMPARE(together.layersDone, (std::vector<int>{0, 1}));
        for (int sample = 0; sample < 5; ++sample) {
            auto alone = record(*m_spec, std::span(samples).subspan(static_cast<std::size_t>(sample), 1));
            alone.collectAttention();
            for (const char* part : {"query", "key", "value", "attention", "hidden", "logits"}) {
                const auto error = difference(together.kept[std::to_string(sample) + "." + part], alone.kept[std::string("0.") + part]);
                QVERIFY2(error <= test::kBatchError, qPrintable(QStringLiteral("%1 %2: %3").arg(sample).arg(QLatin1String(part)).arg(error)));
            }
        }
    }

    void threadsChangeNothing() {
        const std::vector<SampleInput> samples{sampleOf(300), sampleOf(900, 2)};
        RunOptions options;
        options.threads = 1;
        auto one = record(*m_spec, samples, options);
        QVERIFY(one.complaints.empty());
        one.collectAttention();
        for (const int threads : {2, 5}) {
            options.threads = threads;
            auto several = record(*m_spec, samples, options);
            several.collectAttention();
            QVERIFY(several.kept == one.kept);
        }
    }

    void bothPassesSeeTheSameNumbers() {
        const std::vector<SampleInput> samples{sampleOf(1100), sampleOf(60)}; // blocks, and a whole head
        auto consumer = record(*m_spec, samples, {}, 2);
        QVERIFY(consumer.complaints.empty());
        consumer.collectAttention(0);
        const auto first = consumer.kept["0.attention"];
        consumer.kept.clear();
        consumer.collectAttention(1);
        QVERIFY(consumer.kept["0.attention"] == first);
        QCOMPARE(first.size(), std::size_t{2 * 4} * 1100 * 1100);
        for (std::size_t row = 0; row < first.size(); row += 1100) {
            double sum = 0;
            for (std::size_t column = 0; column < 1100; ++column)
                sum += first[row + column];
            QVERIFY(std::abs(sum - 1) < 1e-5);
            for (std::size_t column = row / 1100 % 1100 + 1; column < 1100; ++column)
                QCOMPARE(first[row + column], 0.0f);
        }
    }

    void deliversTheLayersThatAreAskedFor() {
        const std::vector<SampleInput> samples{sampleOf(20)};
        auto everything = record(*m_spec, samples);
        RunOptions options;
        options.layers = {0};
        RecordingConsumer consumer;
        consumer.logits = false;
        consumer.hidden = false;
        JobContext context;
        QVERIFY_RESULT(runModel(*m_spec, samples, options, consumer, context));
        QCOMPARE(consumer.layersDone, std::vector<int>{0});
        QVERIFY(!consumer.kept.contains("0.hidden") && !consumer.kept.contains("0.logits"));
        const auto& query = consumer.kept["0.query"];
        QCOMPARE(query.size(), std::size_t{20 * 16});
        QVERIFY(std::equal(query.begin(), query.end(), everything.kept["0.query"].begin()));
        QVERIFY(planRun(*m_spec, samples, options, consumer).total() < planRun(*m_spec, samples, {}, everything).total());
    }

    void refusesWhatItCannotRun() {
        QVERIFY(codeOf({}) == ErrorCode::EmptyText);
        std::vector<SampleInput> samples{sampleOf(4), {}};
        QVERIFY(codeOf(samples) == ErrorCode::EmptyText);
        samples[1] = sampleOf(4097);
        QVERIFY(codeOf(samples) == ErrorCode::TextTooLong);
        samples[1].ids = {3, 32};
        QVERIFY(codeOf(samples) == ErrorCode::InvalidArgument);
        samples[1].ids = {-1};
        QVERIFY(codeOf(samples) == ErrorCode::InvalidArgument);
        samples[1] = {{3, 4}, {0}};
        QVERIFY(codeOf(samples) == ErrorCode::InvalidArgument);
        samples.pop_back();
        RunOptions options;
        options.layers = {2};
        QVERIFY(codeOf(samples, options) == ErrorCode::InvalidArgument);
        options = {};
        options.threads = -1;
        QVERIFY(codeOf(samples, options) == ErrorCode::InvalidArgument);
    }

    void refusesWhatNeedsTooMuchMemory() {
        const std::vector<SampleInput> samples{sampleOf(500)};
        RecordingConsumer consumer;
        RunOptions options;
        const auto plan = planRun(*m_spec, samples, options, consumer);
        QVERIFY(plan.total() > 500 * 16 * sizeof(float));
        options.maxMemory = plan.total() - 1;
        JobContext context;
        const auto refused = runModel(*m_spec, samples, options, consumer, context);
        QVERIFY_ERROR(refused, ErrorCode::MemoryExceeded);
        QVERIFY(refused.error().detail.find("activations") != std::string::npos);
        QVERIFY(consumer.kept.empty());
        options.maxMemory = plan.total();
        QVERIFY_RESULT(runModel(*m_spec, samples, options, consumer, context));
    }

    void stopsWhenAsked() {
        std::stop_source stop;
        JobContext context(stop.get_token(), {});
        struct Stopping : RecordingConsumer {
            std::stop_source* stop = nullptr;
            std::atomic<int> blocks{0};
            void onAttention(const AttentionTap&) override {
                ++blocks;
                stop->request_stop();
            }
        } consumer;
        consumer.stop = &stop;
        const std::vector<SampleInput> samples{sampleOf(2000), sampleOf(2000)};
        QVERIFY_ERROR(runModel(*m_spec, samples, {}, consumer, context), ErrorCode::Cancelled);
        QVERIFY(consumer.blocks <= 64); // at most one block per thread after the first
        QVERIFY(consumer.layersDone.empty());
        QVERIFY_ERROR(runModel(*m_spec, samples, {}, consumer, context), ErrorCode::Cancelled);
    }

    void passesOnTheConsumersError() {
        struct Failing : RecordingConsumer {
            Result<void> onHidden(const HiddenTap& tap) override {
                return tap.layer == 0 ? Result<void>(Error{ErrorCode::DiskFull, "full", {}}) : Result<void>{};
            }
        } consumer;
        JobContext context;
        const std::vector<SampleInput> samples{sampleOf(5)};
        QVERIFY_ERROR(runModel(*m_spec, samples, {}, consumer, context), ErrorCode::DiskFull);
    }

    void namesTheLayerThatIsNotFinite_data() {
        QTest::addColumn<QString>("tensor");
        QTest::addColumn<float>("factor");
        QTest::addColumn<QString>("named");
        QTest::newRow("query") << "self_attn.q_proj" << std::numeric_limits<float>::quiet_NaN() << "values are not finite";
        QTest::newRow("mlp") << "mlp.down_proj" << std::numeric_limits<float>::infinity() << "values are not finite";
        QTest::newRow("logits overflow") << "self_attn.q_proj self_attn.k_proj" << 1e20f << "attention is not finite";
    }
    void namesTheLayerThatIsNotFinite() {
        QFETCH(QString, tensor);
        QFETCH(float, factor);
        QFETCH(QString, named);
        QTemporaryDir folder;
        TinyModel model = TinyModel::llama();
        const QStringList spoilt = tensor.split(QLatin1Char(' '));
        model.change = [&](const std::string& name, std::size_t, float weight) {
            const bool here = std::ranges::any_of(spoilt, [&](const QString& part) {
                return name == "model.layers.1." + part.toStdString() + ".weight";
            });
            return here ? weight * factor : weight;
        };
        const auto spec = model.spec(folder);
        QVERIFY_RESULT(spec);
        const std::vector<SampleInput> samples{sampleOf(5)};
        RecordingConsumer consumer;
        JobContext context;
        const auto result = runModel(**spec, samples, {}, consumer, context);
        QVERIFY_ERROR(result, ErrorCode::NotFinite);
        QVERIFY2(result.error().detail.find("layer 1") != std::string::npos, result.error().detail.c_str());
        QVERIFY2(result.error().detail.find(named.toStdString()) != std::string::npos, result.error().detail.c_str());
    }

    void saysWhatComputes() { QVERIFY(computeDescription().find("libtorch") != std::string::npos); }
};

QTEST_GUILESS_MAIN(TestRunModel)
#include "tst_run_model.moc"
