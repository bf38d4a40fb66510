// SPDX-License-Identifier: Apache-2.0
// Rotary frequencies and changed runs against what transformers computed (tests/golden/gen/make_rope.py, make_interventions.py).
#include "core/nn/forward.h"
#include "core/model/rope_table.h"
#include "golden/tolerance.h"
#include "support/recording_consumer.h"
#include "support/tiny_model.h"
#include "support/verify_result.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>

using namespace sinkscope;
namespace fs = std::filesystem;

class TestInterventions : public QObject {
    Q_OBJECT

    static fs::path root() { return fs::path(SINKSCOPE_SOURCE_DIR) / "tests/golden"; }
    static Json json(const fs::path& file) {
        std::ifstream stream(root() / file);
        return Json::parse(stream);
    }
    static RopeParameters ropeOf(const Json& given, RopeParameters rope) {
        using Scaling = RopeParameters::Scaling;
        static const std::map<std::string, Scaling> kScalings{
            {"none", Scaling::None}, {"linear", Scaling::Linear}, {"ntk", Scaling::NtkAware}, {"yarn", Scaling::Yarn}};
        rope.theta = given["theta"];
        rope.scaling = kScalings.at(given["scaling"]);
        rope.factor = given.value("factor", 1.0);
        rope.originalPositions = given.value("original_positions", 0);
        return rope;
    }
    static Intervention interventionOf(const Json& given, const RopeParameters& rope) {
        using Kind = AttentionEdit::Kind;
        static const std::map<std::string, Kind> kKinds{{"mask", Kind::Mask}, {"zero_value", Kind::ZeroValue}, {"mean_value", Kind::MeanValue}};
        Intervention result{.positionShift = given.value("position_shift", 0), .rope = {}, .edits = {}};
        if (given.contains("rope"))
            result.rope = ropeOf(given["rope"], rope);
        for (const Json& edit : given.value("edits", Json::array())) {
            AttentionEdit made{.kind = kKinds.at(edit["kind"]), .sample = 0, .tokens = edit["tokens"], .heads = {}};
            for (const Json& place : edit["heads"])
                made.heads.push_back({place[0], place[1]});
            result.edits.push_back(made);
        }
        return result;
    }
    static double error(const std::vector<float>& found, const TensorInfo& tensor) {
        std::vector<float> expected(tensor.bytes.size() / 4);
        convertToFloat(tensor, expected);
        double delta = 0, square = 0;
        for (std::size_t i = 0; i < expected.size() && found.size() == expected.size(); ++i) {
            delta += (double{found[i]} - expected[i]) * (double{found[i]} - expected[i]);
            square += double{expected[i]} * expected[i];
        }
        return square > 0 ? delta / square : 1;
    }
    static test::RecordingConsumer record(const ModelSpec& spec, const std::vector<std::int32_t>& ids, const Intervention& intervention) {
        test::RecordingConsumer consumer;
        const RunOptions options{.intervention = std::make_shared<const Intervention>(intervention)};
        const std::vector<SampleInput> inputs{{ids, {}}};
        JobContext context;
        if (const auto result = runModel(spec, inputs, options, consumer, context); !result)
            consumer.complaints.push_back(describe(result.error()));
        consumer.collectAttention();
        return consumer;
    }

private Q_SLOTS:
    void frequenciesAgreeWithTransformers() {
        const Json cases = json("rope/frequencies.json")["cases"];
        QVERIFY(cases.size() >= 9);
        for (const Json& given : cases) {
            test::TinyModel model = test::TinyModel::llama(1);
            const int width = given["width"];
            model.config["hidden_size"] = std::to_string(2 * width);
            model.config["num_attention_heads"] = "2";
            model.config["max_position_embeddings"] = given["positions"].dump();
            model.config["rope_parameters"] = given["rope"].dump();
            for (auto& [name, shape] : model.shapes)
                for (std::int64_t& size : shape)
                    size = size == 16 || size == 8 ? 2 * width : size; // as many key/value heads as heads
            model.config["num_key_value_heads"] = "2";
            QTemporaryDir folder;
            const auto spec = model.spec(folder);
            QVERIFY_RESULT(spec);
            QCOMPARE((*spec)->rope.rotaryWidth, width);
            QVERIFY(std::abs(ropeAttentionFactor((*spec)->rope) - given["attention_factor"].get<double>()) < 1e-12);
            const auto found = ropeFrequencies((*spec)->rope, given["tokens"]);
            const auto expected = given["frequencies"].get<std::vector<double>>();
            QCOMPARE(found.size(), expected.size());
            for (std::size_t i = 0; i < found.size(); ++i)
                QVERIFY2(std::abs(found[i] - expected[i]) < 1e-6 * expected[i], given.dump().c_str());
        }
    }

    void agreesWithTransformers_data() {
        QTest::addColumn<int>("index");
        const Json cases = json("interventions/cases.json");
        for (std::size_t i = 0; i < cases.size(); ++i)
            QTest::newRow(cases[i]["name"].get<std::string>().c_str()) << static_cast<int>(i);
    }
    void agreesWithTransformers() {
        QFETCH(int, index);
        const Json given = json("interventions/cases.json")[static_cast<std::size_t>(index)];
        const auto checkpoint = openCheckpoint(root() / "models" / given["model"].get<std::string>());
        QVERIFY_RESULT(checkpoint);
        const auto spec = buildModelSpec(*checkpoint);
        QVERIFY_RESULT(spec);
        const auto expected = openCheckpoint(root() / "interventions" / (given["name"].get<std::string>() + ".safetensors"));
        QVERIFY_RESULT(expected);
        const TensorInfo* stored = (*expected)->find("ids");
        std::vector<std::int32_t> ids(stored->bytes.size() / 4);
        std::memcpy(ids.data(), stored->bytes.data(), stored->bytes.size());
        const Intervention intervention = interventionOf(given["intervention"], (*spec)->rope);
        QVERIFY(!intervention.empty());
        auto changed = record(**spec, ids, intervention), intact = record(**spec, ids, {});
        QVERIFY2(changed.complaints.empty(), changed.complaints.empty() ? "" : changed.complaints.front().c_str());
        for (const char* part : {"attention", "logits"}) {
            const TensorInfo& tensor = *(*expected)->find(part);
            const double left = error(changed.kept[std::string("0.") + part], tensor);
            const double before = error(intact.kept[std::string("0.") + part], tensor);
            qInfo("%-10s NMSE %.1e, of the intact model %.1e", part, left, before);
            QVERIFY(left < test::kForwardError);
            const bool turned = intervention.positionShift > 0 && (*spec)->positionKind == Positions::Rope &&
                                (*spec)->rope.scaling != RopeParameters::Scaling::Dynamic; // such a shift changes nothing
            QVERIFY(turned ? before < 1e-8 : before > 1e-4); // the case has something to get wrong
        }
    }
};

QTEST_GUILESS_MAIN(TestInterventions)
#include "tst_interventions.moc"
