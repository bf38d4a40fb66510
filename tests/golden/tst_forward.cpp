// SPDX-License-Identifier: Apache-2.0
// Every registered architecture against what transformers computed (tests/golden/gen/make_models.py).
#include "core/nn/forward.h"
#include "golden/tolerance.h"
#include "support/recording_consumer.h"
#include "support/verify_result.h"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <set>

using namespace sinkscope;
namespace fs = std::filesystem;

class TestForward : public QObject {
    Q_OBJECT

    static fs::path root() { return fs::path(SINKSCOPE_SOURCE_DIR) / "tests/golden/models"; }
    static std::vector<std::string> cases() {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(root()))
            if (entry.is_directory())
                names.push_back(entry.path().filename().string());
        std::ranges::sort(names);
        return names;
    }
    static Result<std::shared_ptr<const ModelSpec>> specOf(const std::string& name) {
        SINKSCOPE_TRY(const auto checkpoint, openCheckpoint(root() / name));
        return buildModelSpec(checkpoint);
    }
    static std::vector<std::int32_t> integers(const TensorInfo* tensor) {
        std::vector<std::int32_t> values(tensor ? tensor->bytes.size() / 4 : 0);
        if (tensor)
            std::memcpy(values.data(), tensor->bytes.data(), tensor->bytes.size());
        return values;
    }
    static std::vector<float> floats(const TensorInfo& tensor) {
        std::vector<float> values(tensor.bytes.size() / 4);
        convertToFloat(tensor, values);
        return values;
    }
    struct Difference {
        double error = 0, largest = 0;
    };
    static Difference difference(const std::vector<float>& found, const std::vector<float>& expected) {
        Difference result;
        double square = 0;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            const double delta = double{found[i]} - expected[i];
            result.error += delta * delta;
            square += double{expected[i]} * expected[i];
            result.largest = std::max(result.largest, std::abs(delta));
        }
        result.error /= square;
        return result;
    }
    static std::vector<SampleInput> inputsOf(const Checkpoint& expected) {
        std::vector<SampleInput> inputs;
        for (int sample = 0; expected.find(std::to_string(sample) + ".ids"); ++sample)
            inputs.push_back({integers(expected.find(std::to_string(sample) + ".ids")),
                              integers(expected.find(std::to_string(sample) + ".segments"))});
        return inputs;
    }

private Q_SLOTS:
    void everyArchitectureHasAFixture() {
        std::set<std::string_view> covered;
        for (const auto& name : cases()) {
            const auto spec = specOf(name);
            QVERIFY_RESULT(spec);
            covered.insert((*spec)->arch->id);
        }
        for (const ArchSpec* arch : archs())
            QVERIFY2(covered.contains(arch->id), std::string(arch->id).c_str());
    }

    void agreesWithTransformers_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<bool>("brain");
        for (const auto& name : cases()) {
            QTest::newRow(name.c_str()) << QString::fromStdString(name) << false;
            QTest::newRow((name + " in bfloat16").c_str()) << QString::fromStdString(name) << true;
        }
    }
    void agreesWithTransformers() {
        QFETCH(QString, name);
        QFETCH(bool, brain);
        const RunOptions options{.compute = brain ? ComputeType::BFloat16 : ComputeType::Float32};
        if (const auto available = checkAvailable(options.device, options.compute); !available)
            QSKIP(available.error().detail.c_str());
        const auto spec = specOf(name.toStdString());
        QVERIFY_RESULT(spec);
        const auto expected = openCheckpoint(root() / (name.toStdString() + ".expected.safetensors"));
        QVERIFY_RESULT(expected);
        const auto inputs = inputsOf(**expected);
        QVERIFY(!inputs.empty());
        test::RecordingConsumer consumer;
        consumer.logits = (*expected)->find("0.logits") != nullptr;
        QCOMPARE((*spec)->modelTensors[static_cast<std::size_t>(Role::Unembedding)] != nullptr || name.contains(QLatin1String("body")), true);
        JobContext context;
        const auto run = runModel(**spec, inputs, options, consumer, context);
        QVERIFY_RESULT(run);
        consumer.collectAttention();
        QVERIFY2(consumer.complaints.empty(), consumer.complaints.empty() ? "" : consumer.complaints.front().c_str());
        for (const TensorInfo& tensor : (*expected)->tensors) {
            if (tensor.dtype != DType::F32)
                continue;
            const auto& found = consumer.kept[tensor.name];
            QCOMPARE(found.size() * 4, tensor.bytes.size());
            const auto [error, largest] = difference(found, floats(tensor));
            qInfo("%-20s NMSE %.1e, largest difference %.1e", tensor.name.c_str(), error, largest);
            QVERIFY2(error < test::allowedError(options.compute), tensor.name.c_str());
        }
    }

    void attentionIsThatOfTheVectors_data() {
        QTest::addColumn<QString>("name");
        for (const auto& name : cases())
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }
    void attentionIsThatOfTheVectors() { // so a capture needs no weights, whatever the rule of the heads
        QFETCH(QString, name);
        const auto spec = specOf(name.toStdString());
        QVERIFY_RESULT(spec);
        const auto expected = openCheckpoint(root() / (name.toStdString() + ".expected.safetensors"));
        QVERIFY_RESULT(expected);
        const auto inputs = inputsOf(**expected);
        test::RecordingConsumer consumer;
        consumer.logits = false;
        JobContext context;
        QVERIFY_RESULT(runModel(**spec, inputs, {}, consumer, context));
        consumer.collectAttention();
        const auto heads = static_cast<std::size_t>((*spec)->heads), shared = static_cast<std::size_t>((*spec)->keyValueHeads),
                   width = static_cast<std::size_t>((*spec)->headWidth);
        double worst = 0;
        for (std::size_t sample = 0; sample < inputs.size(); ++sample) {
            const std::string at = std::to_string(sample) + ".";
            const std::vector<float>&query = consumer.kept[at + "query"], &key = consumer.kept[at + "key"], &found = consumer.kept[at + "attention"];
            const std::size_t tokens = inputs[sample].ids.size(), size = tokens * width;
            std::vector<float> again;
            for (std::size_t index = 0; index < static_cast<std::size_t>((*spec)->layers) * heads; ++index) {
                const std::size_t layer = index / heads, head = index % heads;
                const AttentionRule rule = (*spec)->headRules.of((*spec)->attentionRule(), static_cast<int>(layer), static_cast<int>(head), (*spec)->heads);
                const HeadAttention attention = headAttention(std::span(query).subspan(index * size, size),
                                                              std::span(key).subspan((layer * shared + head * shared / heads) * size, size),
                                                              static_cast<int>(tokens), (*spec)->headWidth, rule);
                for (std::size_t row = 0; row < tokens; ++row) { // with its learned sink, where it has one, a query has given all it has
                    double sum = rule.sink ? attention.sink[row] : 0.0;
                    for (std::size_t k = 0; k < tokens; ++k)
                        sum += attention.weights[row * tokens + k];
                    QVERIFY(std::abs(sum - 1) < test::kRowSumError);
                }
                again.insert(again.end(), attention.weights.begin(), attention.weights.end());
            }
            QCOMPARE(again.size(), found.size());
            worst = std::max(worst, difference(again, found).error);
        }
        qInfo("worst NMSE %.1e", worst);
        QVERIFY(worst < test::kBatchError);
    }
};

QTEST_GUILESS_MAIN(TestForward)
#include "tst_forward.moc"
