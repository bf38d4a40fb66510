// SPDX-License-Identifier: Apache-2.0
// Routing, and layers with experts: what is read from a checkpoint, what is refused, and that batches change nothing.
#include "core/nn/forward.h"
#include "core/nn/routing.h"
#include "golden/tolerance.h"
#include "support/recording_consumer.h"
#include "support/tiny_model.h"
#include "support/verify_result.h"

#include <cmath>
#include <limits>

using namespace sinkscope;
using test::RecordingConsumer;
using test::TinyModel;

class TestExperts : public QObject {
    Q_OBJECT

    static TinyModel mixtral(int experts = 4) {
        TinyModel model = TinyModel::llama();
        model.config["model_type"] = "\"mixtral\"";
        model.config["num_local_experts"] = std::to_string(experts);
        for (int layer = 0; layer < 2; ++layer) {
            const std::string at = "model.layers." + std::to_string(layer) + ".";
            for (const char* name : {"mlp.gate_proj.weight", "mlp.up_proj.weight", "mlp.down_proj.weight"})
                model.shapes.erase(at + name);
            model.shapes[at + "block_sparse_moe.gate.weight"] = {experts, 16};
            for (int expert = 0; expert < experts; ++expert) {
                const std::string of = at + "block_sparse_moe.experts." + std::to_string(expert);
                model.shapes.insert({{of + ".w1.weight", {24, 16}}, {of + ".w2.weight", {16, 24}}, {of + ".w3.weight", {24, 16}}});
            }
        }
        return model;
    }
    static TinyModel gptOss(bool mxfp4) {
        TinyModel model = TinyModel::llama(1);
        model.config.insert({{"head_dim", "8"}, {"num_local_experts", "3"}, {"num_experts_per_tok", "2"}});
        model.config["model_type"] = "\"gpt_oss\"";
        model.config["hidden_size"] = model.config["intermediate_size"] = "32";
        model.config["attention_bias"] = "false";
        if (mxfp4)
            model.config["quantization_config"] = R"({"quant_method": "mxfp4"})";
        const std::string at = "model.layers.0.";
        model.shapes = {{"model.embed_tokens.weight", {32, 32}}, {"model.norm.weight", {32}}, {"lm_head.weight", {32, 32}},
                        {at + "input_layernorm.weight", {32}}, {at + "post_attention_layernorm.weight", {32}}, {at + "self_attn.q_proj.weight", {32, 32}},
                        {at + "self_attn.k_proj.weight", {16, 32}}, {at + "self_attn.v_proj.weight", {16, 32}}, {at + "self_attn.o_proj.weight", {32, 32}},
                        {at + "self_attn.sinks", {4}}, {at + "mlp.router.weight", {3, 32}}, {at + "mlp.router.bias", {3}},
                        {at + "mlp.experts.gate_up_proj_bias", {3, 64}}, {at + "mlp.experts.down_proj_bias", {3, 32}}};
        if (mxfp4) {
            for (const auto& [name, outputs] : {std::pair{"gate_up_proj", 64}, {"down_proj", 32}}) {
                model.shapes[at + "mlp.experts." + name + "_blocks"] = {3, outputs, 1, 16};
                model.shapes[at + "mlp.experts." + name + "_scales"] = {3, outputs, 1};
                model.types[at + "mlp.experts." + name + "_blocks"] = model.types[at + "mlp.experts." + name + "_scales"] = DType::U8;
            }
        } else {
            model.shapes[at + "mlp.experts.gate_up_proj"] = {3, 32, 64};
            model.shapes[at + "mlp.experts.down_proj"] = {3, 32, 32};
        }
        return model;
    }
    static Error problemOf(const TinyModel& model) {
        QTemporaryDir folder;
        const auto spec = model.spec(folder);
        return spec ? Error{ErrorCode::Internal, "nothing is refused", {}} : spec.error();
    }
    static SampleInput sampleOf(int tokens, int seed) {
        SampleInput sample;
        for (int i = 0; i < tokens; ++i)
            sample.ids.push_back((i * 7 + seed * 13 + i * i % 5) % 32);
        return sample;
    }
    static std::map<std::string, std::vector<float>> record(const ModelSpec& spec, std::span<const SampleInput> samples, const RunOptions& options = {}) {
        RecordingConsumer consumer;
        JobContext context;
        if (const auto result = runModel(spec, samples, options, consumer, context); !result)
            qWarning("%s", describe(result.error()).c_str());
        return consumer.kept;
    }

private Q_SLOTS:
    void routesGoToTheLargestLogits() {
        RoutingTable table;
        table.start(3, 4, 2);
        QVERIFY(table.choose(0, std::vector<float>{0, 3, 1, 2}, true));
        QVERIFY(table.choose(1, std::vector<float>{5, 5, 5, 5}, true)); // of equal ones the earlier
        QVERIFY(table.choose(2, std::vector<float>{-1, -2, -3, 4}, false));
        table.finish();
        const auto rows = [&](int expert) {
            std::vector<std::uint32_t> result;
            for (const Route& route : table.routesOf(expert))
                result.push_back(route.row);
            return result;
        };
        QCOMPARE(rows(0), (std::vector<std::uint32_t>{1, 2}));
        QCOMPARE(rows(1), (std::vector<std::uint32_t>{0, 1}));
        QVERIFY(rows(2).empty());
        QCOMPARE(rows(3), (std::vector<std::uint32_t>{0, 2}));
        QCOMPARE(table.routesOf(1)[0].weight, static_cast<float>(1 / (1 + std::exp(-1.0))));
        QCOMPARE(table.routesOf(0)[0].weight, 0.5f);
        const double total = std::exp(-5.0) + std::exp(-6.0) + std::exp(-7.0) + 1; // over all, not only the chosen
        QCOMPARE(table.routesOf(3)[1].weight, static_cast<float>(1 / total));
        QCOMPARE(table.routesOf(0)[1].weight, static_cast<float>(std::exp(-5.0) / total));
        QVERIFY(!table.choose(0, std::vector<float>{0, 1, std::numeric_limits<float>::quiet_NaN(), 2}, true));
    }

    void batchesAndThreadsChangeNothing() {
        QTemporaryDir folder;
        const auto spec = mixtral().spec(folder);
        QVERIFY_RESULT(spec);
        const std::vector<SampleInput> samples{sampleOf(1500, 1), sampleOf(3, 2), sampleOf(900, 3), sampleOf(1, 4)}; // two groups
        const auto together = record(**spec, samples), onOne = record(**spec, samples, {.threads = 1});
        QVERIFY(!together.empty() && together == onOne);
        for (std::size_t i = 0; i < samples.size(); ++i) {
            auto alone = record(**spec, std::span(samples).subspan(i, 1));
            const auto &a = alone.at("0.logits"), &b = together.at(std::to_string(i) + ".logits");
            QCOMPARE(a.size(), b.size());
            double error = 0, square = 0;
            for (std::size_t at = 0; at < a.size(); ++at) {
                error += (double{a[at]} - b[at]) * (double{a[at]} - b[at]);
                square += double{b[at]} * b[at];
            }
            QVERIFY(error / square < test::kBatchError);
        }
    }

    void memoryIsThatOfOneExpert() {
        // In float16, so that weights have to be converted.
        const auto weightsWith = [](int experts) {
            TinyModel model = mixtral(experts);
            for (const auto& [name, shape] : model.shapes)
                model.types[name] = DType::F16;
            QTemporaryDir folder;
            const auto spec = model.spec(folder);
            const std::vector<SampleInput> samples{sampleOf(5, 1)};
            const RecordingConsumer consumer;
            return spec ? planRun(**spec, samples, {}, consumer).weights : 0;
        };
        const auto expected = [](std::uint64_t experts) { return sizeof(float) * (2 * 16 + 2 * 256 + 2 * 128 + 16 * experts + 3 * 24 * 16); };
        QCOMPARE(weightsWith(4), expected(4)); // norms, attention, router, one expert
        QCOMPARE(weightsWith(16), expected(16));
    }

    void readsBothLayouts() {
        for (const bool mxfp4 : {false, true}) {
            QTemporaryDir folder;
            const auto spec = gptOss(mxfp4).spec(folder);
            QVERIFY_RESULT(spec);
            const ExpertSpec& experts = (*spec)->experts;
            QCOMPARE(std::vector<int>({experts.count, experts.chosen, experts.width}), (std::vector<int>{3, 2, 32}));
            QVERIFY(experts.mxfp4 == mxfp4 && experts.storedByInput == !mxfp4 && experts.interleaved);
            QCOMPARE((*spec)->headRules.sinks.size(), std::size_t{4});
            const TensorInfo part = experts.part(0, Role::ExpertGateUpWeight, 2);
            QCOMPARE(part.shape, mxfp4 ? (std::vector<std::int64_t>{64, 1, 16}) : (std::vector<std::int64_t>{32, 64}));
            const TensorInfo& whole = *experts.tensorsOf(0, Role::ExpertGateUpWeight).front();
            QCOMPARE(part.bytes.data() + part.bytes.size(), whole.bytes.data() + whole.bytes.size()); // the last of three
            const std::uint64_t expected = 2 * 32 * 32 + 32 + 2 * 32 + 2 * 32 * 32 + 2 * 16 * 32 + 4 + 3 * 32 + 3 + 3 * (64 + 32) + 3 * 32 * (64 + 32);
            QCOMPARE((*spec)->parameters, expected); // blocks count as what they stand for
            QCOMPARE((*spec)->positionsText(), std::string("RoPE, theta 150 000, yarn scaling x 32, windows of 128"));
        }
    }

    void namesWhatIsWrong() {
        TinyModel model = mixtral();
        model.shapes.erase("model.layers.1.block_sparse_moe.experts.2.w3.weight");
        QCOMPARE(problemOf(model).code, ErrorCode::TensorMissing);
        QVERIFY(problemOf(model).detail.find("model.layers.1.block_sparse_moe.experts.2.w3.weight (expert up weight)") != std::string::npos);
        model = mixtral();
        model.shapes["model.layers.0.block_sparse_moe.experts.1.w2.weight"] = {24, 16};
        QCOMPARE(problemOf(model).code, ErrorCode::TensorShapeMismatch);
        QVERIFY(problemOf(model).detail.find("experts.1.w2.weight: shape [24,16], expected [16,24]") != std::string::npos);
        model = gptOss(true);
        model.types["model.layers.0.mlp.experts.down_proj_blocks"] = DType::I8;
        QVERIFY(problemOf(model).detail.find("type I8, MXFP4 has U8") != std::string::npos);
        model = gptOss(true);
        model.config["hidden_size"] = "40";
        QVERIFY(problemOf(model).detail.find("multiples of 32") != std::string::npos);
        model = gptOss(false);
        model.config["quantization_config"] = R"({"quant_method": "mxfp4"})";
        QVERIFY(problemOf(model).detail.find("gate_up_proj_blocks") != std::string::npos);
        model = gptOss(true);
        model.config["quantization_config"] = R"({"quant_method": "awq"})";
        QCOMPARE(problemOf(model).code, ErrorCode::Unavailable);
        model = mixtral();
        model.config["quantization_config"] = R"({"quant_method": "mxfp4"})"; // an architecture that has no such layout
        QCOMPARE(problemOf(model).code, ErrorCode::Unavailable);
        model = gptOss(false);
        model.config["hidden_act"] = "\"gelu\"";
        QCOMPARE(problemOf(model).code, ErrorCode::Unavailable);
    }

    void refusesNumbersThatCannotBe_data() {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::newRow("none") << "num_local_experts" << "0";
        QTest::newRow("too many") << "num_local_experts" << "100000";
        QTest::newRow("text") << "num_local_experts" << "\"4\"";
        QTest::newRow("more than there are") << "num_experts_per_tok" << "5";
        QTest::newRow("fraction") << "num_experts_per_tok" << "1.5";
    }
    void refusesNumbersThatCannotBe() {
        QFETCH(QString, key);
        QFETCH(QString, value);
        TinyModel model = mixtral();
        model.config[key.toStdString()] = value.toStdString();
        const Error problem = problemOf(model);
        QCOMPARE(problem.code, ErrorCode::ConfigInvalid);
        QVERIFY2(problem.detail.find(key.toStdString()) != std::string::npos, problem.detail.c_str());
    }

    void expertsStandAfterANorm() { // what the forward pass takes for granted
        for (const ArchSpec* arch : archs())
            QVERIFY(arch->experts.countKey.empty() || (arch->normPlacement == NormPlacement::Pre && arch->mlp == Mlp::Gated && arch->parallel.empty() &&
                                                       arch->postNorm.empty() && !arch->transposedLinear));
    }

    void brokenExpertsAreNamed() {
        TinyModel model = mixtral();
        model.change = [](const std::string& name, std::size_t, float value) {
            return name.find("layers.1.block_sparse_moe.experts") != std::string::npos ? std::numeric_limits<float>::infinity() : value;
        };
        QTemporaryDir folder;
        const auto spec = model.spec(folder);
        QVERIFY_RESULT(spec);
        RecordingConsumer consumer;
        JobContext context;
        const auto run = runModel(**spec, std::vector<SampleInput>{sampleOf(9, 1)}, {}, consumer, context);
        QVERIFY_ERROR(run, ErrorCode::NotFinite);
        QVERIFY2(run.error().detail.starts_with("layer 1, "), run.error().detail.c_str());
    }
};

QTEST_GUILESS_MAIN(TestExperts)
#include "tst_experts.moc"
