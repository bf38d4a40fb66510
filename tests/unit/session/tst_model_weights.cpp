// SPDX-License-Identifier: Apache-2.0
// Weights for analyses: orientation, fused projections, rows of a head.
#include "core/session/model_weights.h"
#include "support/tiny_model.h"
#include "support/verify_result.h"

#include <cmath>
#include <filesystem>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

std::vector<float> stored(const ModelSpec& spec, const std::string& name) {
    const TensorInfo* tensor = spec.checkpoint->find(name);
    std::vector<float> values(tensor ? tensor->bytes.size() / sizeOf(tensor->dtype) : 0);
    if (tensor)
        convertToFloat(*tensor, values);
    return values;
}

} // namespace

class TestModelWeights : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void outFeaturesFirstIsTurned() {
        const QTemporaryDir folder;
        const auto spec = TinyModel::llama().spec(folder);
        QVERIFY_RESULT(spec);
        const auto up = weightMatrix(**spec, Role::UpWeight, 1); // stored [24, 16]
        QVERIFY_RESULT(up);
        QCOMPARE(up->rows, 16);
        QCOMPARE(up->columns, 24);
        const auto raw = stored(**spec, "model.layers.1.mlp.up_proj.weight");
        for (std::size_t in = 0; in < 16; ++in)
            for (std::size_t out = 0; out < 24; ++out)
                QCOMPARE(up->values[in * 24 + out], raw[out * 16 + in]);
        const auto embedding = weightMatrix(**spec, Role::TokenEmbedding);
        QVERIFY_RESULT(embedding);
        QCOMPARE(embedding->rows, 32);
        QVERIFY(embedding->values == stored(**spec, "model.embed_tokens.weight"));
        const auto norm = weightMatrix(**spec, Role::MlpNorm, 0);
        QVERIFY_RESULT(norm);
        QCOMPARE(norm->rows, 1);
        QVERIFY(norm->values == stored(**spec, "model.layers.0.post_attention_layernorm.weight"));
    }

    void fusedProjectionsAreCut() {
        const QTemporaryDir folder;
        const auto spec = TinyModel::gpt2().spec(folder);
        QVERIFY_RESULT(spec);
        const auto raw = stored(**spec, "h.0.attn.c_attn.weight"), rawBias = stored(**spec, "h.0.attn.c_attn.bias"); // [8, 24] and [24]
        for (const auto& [role, biasRole, first] : {std::tuple{Role::QueryWeight, Role::QueryBias, 0u}, {Role::KeyWeight, Role::KeyBias, 8u},
                                                    {Role::ValueWeight, Role::ValueBias, 16u}}) {
            const auto matrix = weightMatrix(**spec, role, 0), bias = weightMatrix(**spec, biasRole, 0);
            QVERIFY_RESULT(matrix);
            QVERIFY_RESULT(bias);
            QCOMPARE(matrix->rows, 8);
            QCOMPARE(matrix->columns, 8);
            for (std::size_t out = 0; out < 8; ++out) {
                QCOMPARE(bias->values[out], rawBias[first + out]);
                for (std::size_t in = 0; in < 8; ++in)
                    QCOMPARE(matrix->values[in * 8 + out], raw[in * 24 + first + out]);
            }
        }
    }

    void rowsOfAHead() {
        const QTemporaryDir folder;
        const auto spec = TinyModel::llama().spec(folder);
        QVERIFY_RESULT(spec);
        const auto weights = weightsOf(*spec);
        for (const int layer : {1, 0, 1})
            for (int head = 0; head < 4; ++head) {
                const auto matrix = weights->outputProjection(layer, head);
                QVERIFY_RESULT(matrix);
                QCOMPARE((*matrix)->rows, 4);
                QCOMPARE((*matrix)->columns, 16);
                const auto raw = stored(**spec, "model.layers." + std::to_string(layer) + ".self_attn.o_proj.weight"); // [width, heads x headWidth]
                for (std::size_t row = 0; row < 4; ++row)
                    for (std::size_t column = 0; column < 16; ++column)
                        QCOMPARE((*matrix)->values[row * 16 + column], raw[column * 16 + static_cast<std::size_t>(head) * 4 + row]);
            }
        const auto unembedding = weights->unembedding();
        QVERIFY_RESULT(unembedding);
        QCOMPARE((*unembedding)->rows, 16);
        QCOMPARE((*unembedding)->columns, 32);
        const auto raw = stored(**spec, "lm_head.weight");
        for (std::size_t word = 0; word < 32; ++word)
            QCOMPARE((*unembedding)->values[3 * 32 + word], raw[word * 16 + 3]);
        QVERIFY(weights->unembedding().value() == *unembedding); // kept
    }

    void unembeddingFollowsTheProjection() { // opt-350m: no final norm, so the logits are a product of the last hidden state
        const auto golden = std::filesystem::path(SINKSCOPE_SOURCE_DIR) / "tests/golden/models";
        const auto checkpoint = openCheckpoint(golden / "opt_350m"), expected = openCheckpoint(golden / "opt_350m.expected.safetensors");
        QVERIFY_RESULT(checkpoint);
        QVERIFY_RESULT(expected);
        const auto spec = buildModelSpec(*checkpoint);
        QVERIFY_RESULT(spec);
        const auto unembedding = weightsOf(*spec)->unembedding();
        QVERIFY_RESULT(unembedding);
        const auto width = static_cast<std::size_t>((*unembedding)->rows), vocabulary = static_cast<std::size_t>((*unembedding)->columns);
        QCOMPARE(width, static_cast<std::size_t>((*spec)->width));
        const auto valuesOf = [&](const char* name) {
            std::vector<float> values((*expected)->find(name)->bytes.size() / sizeof(float));
            convertToFloat(*(*expected)->find(name), values);
            return values;
        };
        const auto hidden = valuesOf("0.hidden"), logits = valuesOf("0.logits");
        const std::size_t tokens = logits.size() / vocabulary, last = hidden.size() - tokens * width;
        double largest = 0;
        for (std::size_t at = 0; at < logits.size(); ++at) {
            double sum = -logits[at];
            for (std::size_t i = 0; i < width; ++i)
                sum += double{hidden[last + at / vocabulary * width + i]} * (*unembedding)->values[i * vocabulary + at % vocabulary];
            largest = std::max(largest, std::abs(sum));
        }
        QVERIFY2(largest < 1e-4, qPrintable(QString::number(largest)));
    }

    /// The norm that reads the sum of residual stream and attention, and only where one does.
    void normAfterAttention_data() {
        QTest::addColumn<QString>("model");
        QTest::addColumn<QString>("tensor"); // empty: none does
        QTest::addColumn<bool>("centres");
        QTest::addColumn<double>("added");
        QTest::newRow("before the MLP") << "gpt2" << "transformer.h.1.ln_2.weight" << true << 0.0;
        QTest::newRow("after attention") << "bert" << "bert.encoder.layer.1.attention.output.LayerNorm.weight" << true << 0.0;
        QTest::newRow("RMS") << "llama" << "model.layers.1.post_attention_layernorm.weight" << false << 0.0;
        QTest::newRow("one added") << "gemma" << "model.layers.1.post_attention_layernorm.weight" << false << 1.0;
        QTest::newRow("side by side") << "gptj" << "" << false << 0.0;
        QTest::newRow("own norm first") << "gemma2" << "" << false << 0.0;
    }
    void normAfterAttention() {
        QFETCH(QString, model);
        QFETCH(QString, tensor);
        QFETCH(bool, centres);
        QFETCH(double, added);
        const auto checkpoint = openCheckpoint(std::filesystem::path(SINKSCOPE_SOURCE_DIR) / "tests/golden/models" / model.toStdString());
        QVERIFY_RESULT(checkpoint);
        const auto spec = buildModelSpec(*checkpoint);
        QVERIFY_RESULT(spec);
        const auto norm = weightsOf(*spec)->normAfterAttention(1);
        if (tensor.isEmpty()) {
            QVERIFY_ERROR(norm, ErrorCode::Unavailable);
            return;
        }
        QVERIFY_RESULT(norm);
        QCOMPARE(norm->centres, centres);
        auto wanted = stored(**spec, tensor.toStdString());
        QCOMPARE(wanted.size(), static_cast<std::size_t>((*spec)->width));
        for (float& value : wanted)
            value += static_cast<float>(added);
        QVERIFY(norm->scale == wanted);
        QVERIFY_ERROR(weightsOf(*spec)->normAfterAttention(-1), ErrorCode::InvalidArgument);
        const auto embedding = weightsOf(*spec)->embedding();
        QVERIFY_RESULT(embedding);
        QVERIFY((*embedding)->rows == (*spec)->vocabulary && (*embedding)->columns == (*spec)->width);
    }

    void whatIsNotThere() {
        const QTemporaryDir folder;
        TinyModel model = TinyModel::llama();
        model.shapes.erase("lm_head.weight");
        const auto spec = model.spec(folder);
        QVERIFY_RESULT(spec);
        const auto weights = weightsOf(*spec);
        QVERIFY_ERROR(weights->unembedding(), ErrorCode::Unavailable);
        QVERIFY_ERROR(weights->outputProjection(2, 0), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(weights->outputProjection(-1, 0), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(weights->outputProjection(0, 4), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(weightMatrix(**spec, Role::QueryBias, 0), ErrorCode::Unavailable);
    }
};

QTEST_GUILESS_MAIN(TestModelWeights)
#include "tst_model_weights.moc"
