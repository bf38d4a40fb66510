// SPDX-License-Identifier: Apache-2.0
#include "core/model/model_spec.h"
#include "support/tiny_model.h"
#include "support/verify_result.h"

using namespace sinkscope;
using test::TinyModel;

class TestModelSpec : public QObject {
    Q_OBJECT

    static TinyModel modelOf(const QString& name) { return name == QLatin1String("gpt2") ? TinyModel::gpt2() : TinyModel::llama(); }

private Q_SLOTS:
    void readsDimensionsAndTensors() {
        QTemporaryDir folder;
        const auto spec = TinyModel::llama(3).spec(folder);
        QVERIFY_RESULT(spec);
        const ModelSpec& model = **spec;
        QCOMPARE(QByteArray(model.arch->id.data()), QByteArray("llama"));
        QCOMPARE(std::vector<int>({model.layers, model.heads, model.keyValueHeads, model.headWidth, model.width, model.mlpWidth,
                                   model.vocabulary, model.positions}),
                 (std::vector<int>{3, 4, 2, 4, 16, 24, 32, 4096}));
        QCOMPARE(model.attentionScale, 0.5);
        QCOMPARE(model.normEpsilon, 1e-6);
        QCOMPARE(model.bosId, 1);
        QVERIFY(model.activation == Activation::Silu);
        QVERIFY(model.dtype == DType::F32);
        QCOMPARE(model.parameters, std::uint64_t{32 * 16 * 2 + 16 + 3 * (2 * 16 + 2 * 256 + 2 * 128 + 3 * 24 * 16)});
        QCOMPARE(model.layerTensors.size(), std::size_t{3});
        QCOMPARE(model.layerTensors[2][static_cast<std::size_t>(Role::KeyWeight)]->name, std::string("model.layers.2.self_attn.k_proj.weight"));
        QVERIFY(!model.layerTensors[0][static_cast<std::size_t>(Role::QueryBias)]);
        QCOMPARE(model.modelTensors[static_cast<std::size_t>(Role::Unembedding)]->name, std::string("lm_head.weight"));
        QCOMPARE(model.positionsText(), std::string("RoPE, theta 10 000"));
    }

    void tiesAndHeads() {
        QTemporaryDir folder;
        TinyModel model = TinyModel::llama();
        model.config["tie_word_embeddings"] = "true";
        auto spec = model.spec(folder);
        QVERIFY_RESULT(spec);
        const auto unembedding = static_cast<std::size_t>(Role::Unembedding);
        QCOMPARE((*spec)->modelTensors[unembedding], (*spec)->modelTensors[static_cast<std::size_t>(Role::TokenEmbedding)]);
        model.config["tie_word_embeddings"] = "false";
        model.shapes.erase("lm_head.weight");
        spec = model.spec(folder);
        QVERIFY_RESULT(spec);
        QVERIFY(!(*spec)->modelTensors[unembedding]);
    }

    void ropeSpellings_data() {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("expected");
        QTest::newRow("theta") << "rope_theta" << "500000.0" << "RoPE, theta 500 000";
        QTest::newRow("old") << "rope_scaling" << R"({"type":"linear","factor":2})" << "RoPE, theta 10 000, linear scaling x 2";
        QTest::newRow("new") << "rope_parameters" << R"({"rope_type":"dynamic","factor":2.5,"rope_theta":1000000})"
                             << "RoPE, theta 1 000 000, dynamic scaling x 2.5";
        QTest::newRow("llama3") << "rope_scaling"
                                << R"({"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":8192})"
                                << "RoPE, theta 10 000, llama3 scaling x 8";
        QTest::newRow("default") << "rope_parameters" << R"({"rope_type":"default","rope_theta":20000})" << "RoPE, theta 20 000";
    }
    void ropeSpellings() {
        QFETCH(QString, key);
        QFETCH(QString, value);
        QFETCH(QString, expected);
        QTemporaryDir folder;
        TinyModel model = TinyModel::llama();
        model.config[key.toStdString()] = value.toStdString();
        const auto spec = model.spec(folder);
        QVERIFY_RESULT(spec);
        QCOMPARE(QString::fromStdString((*spec)->positionsText()), expected);
    }

    void refusesBadConfigs_data() {
        QTest::addColumn<QString>("arch");
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value"); // empty: the key is taken away
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("named");
        const auto row = [](const char* arch, const char* key, const char* value, ErrorCode code, const char* named = nullptr) {
            QTest::addRow("%s %s = %s", arch, key, value) << arch << key << value << static_cast<int>(code) << (named ? named : key);
        };
        for (const char* key : {"model_type", "num_hidden_layers", "hidden_size", "intermediate_size", "vocab_size", "max_position_embeddings"})
            row("llama", key, "", ErrorCode::ConfigMissing);
        row("gpt2", "n_layer", "", ErrorCode::ConfigMissing);
        row("llama", "model_type", "\"mamba\"", ErrorCode::UnknownArchitecture, "supported: gpt2, gptj, gpt_neox, ");
        row("llama", "model_type", "\"mamba\"", ErrorCode::UnknownArchitecture, "mamba");
        for (const char* value : {"0", "-3", "2.5", "\"many\"", "4000000000", "99999999999999999999", "1e300", "[16]", "true"})
            row("llama", "hidden_size", value, ErrorCode::ConfigInvalid);
        row("llama", "hidden_size", "18", ErrorCode::ConfigInvalid, "hidden_size = 18");
        row("llama", "num_hidden_layers", "1000000", ErrorCode::ConfigInvalid);
        row("llama", "num_key_value_heads", "3", ErrorCode::ConfigInvalid, "num_key_value_heads = 3");
        row("llama", "head_dim", "9999", ErrorCode::ConfigInvalid);
        row("llama", "head_dim", "5", ErrorCode::ConfigInvalid, "even number of components");
        row("llama", "vocab_size", "-1", ErrorCode::ConfigInvalid);
        row("llama", "rms_norm_eps", "-1", ErrorCode::ConfigInvalid);
        row("llama", "hidden_act", "7", ErrorCode::ConfigInvalid);
        row("llama", "hidden_act", "\"laplace\"", ErrorCode::Unavailable, "laplace");
        row("llama", "rope_theta", "-1", ErrorCode::ConfigInvalid);
        row("llama", "rope_scaling", "[1]", ErrorCode::ConfigInvalid);
        row("llama", "rope_scaling", R"({"type":"mrope","factor":4})", ErrorCode::Unavailable, "mrope");
        row("llama", "rope_scaling", R"({"type":"longrope","factor":4})", ErrorCode::ConfigMissing, "short_factor");
        row("llama", "rope_scaling", R"({"type":"longrope","short_factor":[1,2,3],"long_factor":[1,2]})", ErrorCode::ConfigInvalid, "short_factor");
        row("llama", "rope_scaling", R"({"type":"longrope","short_factor":[1,2],"long_factor":[1,0]})", ErrorCode::ConfigInvalid, "long_factor");
        row("llama", "rope_scaling", R"({"type":"longrope","short_factor":[1,"2"],"long_factor":7})", ErrorCode::ConfigInvalid, "short_factor");
        row("llama", "layer_types", R"(["full_attention","sliding_attention"])", ErrorCode::Unavailable, "layer_types");
        row("llama", "rope_scaling", R"({"type":"yarn","factor":0.5})", ErrorCode::ConfigInvalid, "factor");
        row("llama", "rope_scaling", R"({"type":"yarn","factor":4,"truncate":1})", ErrorCode::ConfigInvalid, "truncate");
        row("llama", "rope_scaling", R"({"type":"yarn","factor":4,"rope_theta":1})", ErrorCode::ConfigInvalid, "rope_theta");
        row("llama", "rope_scaling", R"({"type":"linear"})", ErrorCode::ConfigMissing, "factor");
        row("llama", "rope_scaling", R"({"type":"linear","factor":0.25})", ErrorCode::ConfigInvalid, "factor");
        row("llama", "rope_scaling", R"({"rope_type":"llama3","factor":8})", ErrorCode::ConfigMissing, "original_max_position_embeddings");
        row("llama", "quantization_config", "{}", ErrorCode::Unavailable);
        row("gpt2", "scale_attn_by_inverse_layer_idx", "true", ErrorCode::Unavailable);
        row("gpt2", "n_embd", "7", ErrorCode::ConfigInvalid);
    }
    void refusesBadConfigs() {
        QFETCH(QString, arch);
        QFETCH(QString, key);
        QFETCH(QString, value);
        QFETCH(int, code);
        QFETCH(QString, named);
        QTemporaryDir folder;
        TinyModel model = modelOf(arch);
        if (value.isEmpty())
            model.config.erase(key.toStdString());
        else
            model.config[key.toStdString()] = value.toStdString();
        const auto spec = model.spec(folder);
        QVERIFY_ERROR(spec, static_cast<ErrorCode>(code));
        QVERIFY2(QString::fromStdString(spec.error().detail).contains(named), spec.error().detail.c_str());
        QCOMPARE(spec.error().file.filename().string(), std::string("config.json"));
    }

    void listsEveryBadTensor() {
        QTemporaryDir folder;
        TinyModel model = TinyModel::llama();
        model.shapes.erase("model.layers.1.self_attn.q_proj.weight");
        model.shapes.erase("model.norm.weight");
        model.shapes["model.layers.0.self_attn.k_proj.weight"] = {16, 16};
        auto spec = model.spec(folder);
        QVERIFY_ERROR(spec, ErrorCode::TensorMissing);
        for (const char* part : {"2 tensors missing", "model.layers.1.self_attn.q_proj.weight", "model.norm.weight",
                                 "layer 0 key weight", "[16,16], expected [8,16]"})
            QVERIFY2(spec.error().detail.find(part) != std::string::npos, spec.error().detail.c_str());
        model = TinyModel::gpt2();
        model.shapes["h.0.attn.c_attn.weight"] = {24, 8};
        QVERIFY_ERROR(model.spec(folder), ErrorCode::TensorShapeMismatch);
        model = TinyModel::llama();
        model.types["model.layers.0.mlp.up_proj.weight"] = DType::I8;
        spec = model.spec(folder);
        QVERIFY_ERROR(spec, ErrorCode::TensorShapeMismatch);
        QVERIFY2(spec.error().detail.find("type I8") != std::string::npos, spec.error().detail.c_str());
        model.types["model.layers.0.mlp.up_proj.weight"] = DType::F8E4M3; // as published with scales per block, but with too many
        model.shapes["model.layers.0.mlp.up_proj.weight_scale_inv"] = {2, 2};
        spec = model.spec(folder);
        QVERIFY_ERROR(spec, ErrorCode::TensorShapeMismatch);
        QVERIFY2(spec.error().detail.find("its scales are in model.layers.0.mlp.up_proj.weight_scale_inv") != std::string::npos,
                 spec.error().detail.c_str());
        model.shapes["model.layers.0.mlp.up_proj.weight_scale_inv"] = {1, 1};
        QVERIFY_RESULT(model.spec(folder));
    }

    void biasesFollowTheirFlag() {
        QTemporaryDir folder;
        TinyModel model = TinyModel::llama();
        model.config["attention_bias"] = "true";
        const auto spec = model.spec(folder);
        QVERIFY_ERROR(spec, ErrorCode::TensorMissing);
        QVERIFY2(spec.error().detail.find("8 tensors missing") != std::string::npos, spec.error().detail.c_str());
    }

    void needsAConfig() {
        QTemporaryDir folder;
        const auto path = std::filesystem::path(folder.path().toStdString()) / "lone.safetensors";
        test::SafetensorsWriter().addFloats("a", {2}, {1, 2}).write(path);
        const auto checkpoint = openCheckpoint(path);
        QVERIFY_RESULT(checkpoint);
        QVERIFY_ERROR(buildModelSpec(*checkpoint), ErrorCode::ConfigMissing);
    }
};

QTEST_GUILESS_MAIN(TestModelSpec)
#include "tst_model_spec.moc"
