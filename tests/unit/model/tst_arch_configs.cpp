// SPDX-License-Identifier: Apache-2.0
// Spellings, defaults and refusals of config.json, architecture by architecture, on the golden checkpoints.
#include "core/model/model_spec.h"
#include "support/safetensors_writer.h"
#include "support/verify_result.h"

#include <QTemporaryDir>
#include <nlohmann/json.hpp>

#include <fstream>

using namespace sinkscope;
namespace fs = std::filesystem;

class TestArchConfigs : public QObject {
    Q_OBJECT

    /// A golden checkpoint with one setting changed; "-" takes it away.
    static Result<std::shared_ptr<const ModelSpec>> specWith(const QTemporaryDir& folder, const std::string& name, const std::string& pointer,
                                                             const std::string& value) {
        const auto from = fs::path(SINKSCOPE_SOURCE_DIR) / "tests/golden/models" / name, to = fs::path(folder.path().toStdString()) / "model";
        fs::remove_all(to);
        fs::create_directories(to);
        fs::copy_file(from / "model.safetensors", to / "model.safetensors");
        std::ifstream stream(from / "config.json");
        Json config = Json::parse(stream);
        if (!pointer.empty() && value == "-") {
            const Json::json_pointer at(pointer);
            config[at.parent_pointer()].erase(at.back());
        } else if (!pointer.empty())
            config[Json::json_pointer(pointer)] = Json::parse(value);
        test::writeBytes(to / "config.json", config.dump());
        SINKSCOPE_TRY(const auto checkpoint, openCheckpoint(to));
        return buildModelSpec(checkpoint);
    }

private Q_SLOTS:
    void refuses_data() {
        QTest::addColumn<QString>("model");
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<QString>("value");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("named");
        const auto row = [](const char* model, const char* pointer, const char* value, ErrorCode code, const char* named) {
            QTest::addRow("%s %s = %s", model, pointer, value) << model << pointer << value << static_cast<int>(code) << named;
        };
        row("gptj", "/rotary_dim", "5", ErrorCode::ConfigInvalid, "even number of components");
        row("gptj", "/rotary_dim", "64", ErrorCode::ConfigInvalid, "rotary_dim = 64");
        row("gptj", "/scale_attn_weights", "false", ErrorCode::Unavailable, "scale_attn_weights = false");
        row("opt", "/word_embed_proj_dim", "12", ErrorCode::TensorMissing, "project_in.weight");
        row("opt", "/do_layer_norm_before", "false", ErrorCode::TensorShapeMismatch, "final_layer_norm");
        row("opt", "/enable_bias", "false", ErrorCode::TensorShapeMismatch, "layers.0.self_attn.q_proj.bias");
        row("bloom", "/num_attention_heads", "5", ErrorCode::ConfigInvalid, "n_embed = 24");
        row("bloom", "/n_embed", "48", ErrorCode::TensorShapeMismatch, "input_layernorm.weight: shape [24], expected [48]");
        row("mpt", "/attn_config/alibi", "false", ErrorCode::Unavailable, "attn_config.alibi = false");
        row("mpt", "/attn_config/qk_ln", "true", ErrorCode::Unavailable, "attn_config.qk_ln");
        row("mpt", "/attn_config/attn_type", "\"multiquery_attention\"", ErrorCode::Unavailable, "multiquery_attention");
        row("mpt", "/attn_config/alibi_bias_max", "-1", ErrorCode::ConfigInvalid, "attn_config.alibi_bias_max = -1");
        row("mpt", "/attn_config/clip_qkv", "\"6\"", ErrorCode::ConfigInvalid, "attn_config.clip_qkv");
        row("mpt", "/logit_scale", "0.5", ErrorCode::Unavailable, "logit_scale = 0.5");
        row("mpt", "/no_bias", "false", ErrorCode::Unavailable, "no_bias");
        row("mpt", "/norm_type", "\"rmsnorm\"", ErrorCode::Unavailable, "norm_type");
        row("falcon_new", "/model_type", "\"RefinedWebModel\"", ErrorCode::TensorShapeMismatch, "query_key_value.weight");
        row("falcon_rw", "/apply_residual_connection_post_layernorm", "true", ErrorCode::Unavailable, "apply_residual_connection_post_layernorm");
        row("falcon_rw", "/num_attention_heads", "7", ErrorCode::ConfigInvalid, "num_kv_heads = 6");
        row("phi3_longrope", "/rope_scaling/type", "\"mrope\"", ErrorCode::Unavailable, "mrope");
        row("phi3_longrope", "/partial_rotary_factor", "0.5", ErrorCode::ConfigInvalid, "short_factor");
        row("phi3", "/sliding_window", "0", ErrorCode::ConfigInvalid, "sliding_window = 0");
        row("qwen3", "/head_dim", "-", ErrorCode::TensorShapeMismatch, "expected [512,16]"); // 4 heads of the default width, 128
        row("qwen3", "/layer_types", R"(["full_attention","chunked_attention"])", ErrorCode::Unavailable, "chunked_attention");
        row("gemma2", "/attn_logit_softcapping", "-2", ErrorCode::ConfigInvalid, "attn_logit_softcapping = -2");
        row("gemma2", "/final_logit_softcapping", "\"30\"", ErrorCode::ConfigInvalid, "final_logit_softcapping");
        row("gemma2", "/query_pre_attn_scalar", "0", ErrorCode::ConfigInvalid, "query_pre_attn_scalar = 0");
        row("gemma2", "/use_bidirectional_attention", "true", ErrorCode::Unavailable, "use_bidirectional_attention");
        row("gemma3_images", "/text_config/use_bidirectional_attention", "true", ErrorCode::Unavailable, "use_bidirectional_attention");
        row("gemma3_images", "/text_config/hidden_size", "-", ErrorCode::ConfigMissing, "hidden_size");
        row("olmo", "/clip_qkv", "-0.5", ErrorCode::ConfigInvalid, "clip_qkv = -0.5");
        row("olmo2", "/num_key_value_heads", "4", ErrorCode::TensorShapeMismatch, "k_norm.weight");
        row("olmo2", "/model_type", "\"llama\"", ErrorCode::TensorMissing, "input_layernorm.weight");
        row("stablelm", "/qk_layernorm", "true", ErrorCode::Unavailable, "qk_layernorm");
        row("stablelm", "/use_parallel_residual", "true", ErrorCode::TensorShapeMismatch, "post_attention_layernorm");
    }
    void refuses() {
        QFETCH(QString, model);
        QFETCH(QString, pointer);
        QFETCH(QString, value);
        QFETCH(int, code);
        QFETCH(QString, named);
        QTemporaryDir folder;
        const auto spec = specWith(folder, model.toStdString(), pointer.toStdString(), value.toStdString());
        QVERIFY_ERROR(spec, static_cast<ErrorCode>(code));
        QVERIFY2(QString::fromStdString(spec.error().detail).contains(named), spec.error().detail.c_str());
    }

    void describesPositions_data() {
        QTest::addColumn<QString>("model");
        QTest::addColumn<QString>("expected");
        QTest::newRow("gptj") << "gptj" << "RoPE, theta 10 000, 4 of 8 components";
        QTest::newRow("opt") << "opt" << "learned absolute, 32";
        QTest::newRow("bloom") << "bloom" << "ALiBi";
        QTest::newRow("falcon_rw") << "falcon_rw" << "ALiBi";
        QTest::newRow("falcon") << "falcon" << "RoPE, theta 10 000";
        QTest::newRow("phi3") << "phi3" << "RoPE, theta 10 000, windows of 5";
        QTest::newRow("phi3_longrope") << "phi3_longrope" << "RoPE, theta 10 000, 6 of 8 components, longrope scaling x 4";
        QTest::newRow("qwen2_yarn") << "qwen2_yarn" << "RoPE, theta 1 000 000, yarn scaling x 4";
        QTest::newRow("gemma2") << "gemma2" << "RoPE, theta 10 000, windows of 4 in 1 of 2 layers";
        QTest::newRow("gemma3") << "gemma3" << "RoPE, theta 1000, linear scaling x 4, windows of 4 in 2 of 3 layers with theta 10";
    }
    void describesPositions() {
        QFETCH(QString, model);
        QFETCH(QString, expected);
        QTemporaryDir folder;
        const auto spec = specWith(folder, model.toStdString(), {}, {});
        QVERIFY_RESULT(spec);
        QCOMPARE(QString::fromStdString((*spec)->positionsText()), expected);
    }

    void oldNamesMeanOldDefaults() {
        QTemporaryDir folder;
        auto spec = specWith(folder, "falcon", {}, {}); // RefinedWebModel with what it says
        QVERIFY_RESULT(spec);
        QCOMPARE((*spec)->keyValueHeads, 1);
        QVERIFY((*spec)->parallel);
        spec = specWith(folder, "falcon_new", {}, {}); // RefinedWeb is the new architecture without saying so
        QVERIFY_RESULT(spec);
        QCOMPARE((*spec)->keyValueHeads, 2);
        QVERIFY((*spec)->layerTensors[0][static_cast<std::size_t>(Role::MlpNorm)]);
        spec = specWith(folder, "gemma3_images", {}, {}); // what its text_config leaves out
        QVERIFY_RESULT(spec);
        QCOMPARE(std::vector<int>({(*spec)->heads, (*spec)->keyValueHeads, (*spec)->headWidth}), (std::vector<int>{8, 4, 256}));
        QCOMPARE((*spec)->rope.theta, 1e6);
        QVERIFY((*spec)->localRope && (*spec)->localRope->theta == 1e4);
    }

    void capsMayBeNull() {
        QTemporaryDir folder;
        auto spec = specWith(folder, "gemma2", "/attn_logit_softcapping", "null");
        QVERIFY_RESULT(spec);
        QCOMPARE((*spec)->attentionCap, 0.0);
        spec = specWith(folder, "gemma2", "/attn_logit_softcapping", "-");
        QVERIFY_RESULT(spec);
        QCOMPARE((*spec)->attentionCap, 50.0);
    }

    void whatIsNotUsedIsRefused() {
        QTemporaryDir folder;
        const auto path = fs::path(folder.path().toStdString()) / "model";
        const auto extended = [&](const char* name) {
            fs::remove_all(path);
            fs::create_directories(path);
            const auto from = fs::path(SINKSCOPE_SOURCE_DIR) / "tests/golden/models/gptj";
            fs::copy(from / "config.json", path / "config.json");
            fs::copy_file(from / "model.safetensors", path / "model-1.safetensors");
            test::SafetensorsWriter().addFloats(name, {2}, {1, 2}).write(path / "model-2.safetensors");
            Json index{{"weight_map", {{name, "model-2.safetensors"}}}};
            const auto golden = openCheckpoint(from);
            for (const TensorInfo& tensor : (*golden)->tensors)
                index["weight_map"][tensor.name] = "model-1.safetensors";
            test::writeBytes(path / "model.safetensors.index.json", index.dump());
        };
        const auto spec = [&]() -> Result<std::shared_ptr<const ModelSpec>> {
            SINKSCOPE_TRY(const auto checkpoint, openCheckpoint(path));
            return buildModelSpec(checkpoint);
        };
        for (const char* name : {"transformer.h.1.attn.q_proj.lora_A.weight", "transformer.h.0.ln_2.weight"}) {
            extended(name);
            const auto refused = spec();
            QVERIFY_ERROR(refused, ErrorCode::TensorShapeMismatch);
            QVERIFY2(refused.error().detail.find(name) != std::string::npos, refused.error().detail.c_str());
        }
        // The causal mask as a tensor, a rotary table, another head, and a layer that config.json does not count.
        for (const char* name : {"transformer.h.0.attn.bias", "transformer.h.0.attn.masked_bias", "transformer.h.1.attn.rotary_emb.inv_freq",
                                 "score.weight", "transformer.h.2.ln_2.weight"}) {
            extended(name);
            QVERIFY_RESULT(spec());
        }
    }
};

QTEST_GUILESS_MAIN(TestArchConfigs)
#include "tst_arch_configs.moc"
