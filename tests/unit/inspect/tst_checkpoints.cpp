// SPDX-License-Identifier: Apache-2.0
#include "core/inspect/checkpoint_diff.h"
#include "core/inspect/tensor_tree.h"
#include "core/inspect/weight_hash.h"
#include "support/memory_tensor.h"
#include "support/tiny_gpt2.h"
#include "support/verify_result.h"

#include <QCryptographicHash>
#include <QTemporaryDir>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

using namespace sinkscope;
using namespace sinkscope::test;
namespace fs = std::filesystem;

namespace {

QByteArray sha256(const QByteArray& bytes) { return QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex(); }

void addNumber(QByteArray& to, std::uint64_t number) {
    for (int i = 0; i < 8; ++i)
        to.append(static_cast<char>(number >> (8 * i)));
}

const TensorDifference* named(const CheckpointDiff& diff, std::string_view name) {
    const auto found = std::ranges::find_if(diff.tensors, [&](const TensorDifference& tensor) { return diff.tensor(tensor).name == name; });
    return found == diff.tensors.end() ? nullptr : &*found;
}

/// "a{b{c}d}": titles of a tree in order.
std::string spelled(const TensorTree& tree, int node = 0) {
    const TensorNode& at = tree.nodes[static_cast<std::size_t>(node)];
    std::string text = at.title;
    if (at.children.empty())
        return text;
    text += "{";
    for (const int child : at.children)
        text += spelled(tree, child) + (child == at.children.back() ? "" : " ");
    return text + "}";
}

} // namespace

class TestCheckpoints : public QObject {
    Q_OBJECT
    QTemporaryDir m_directory;

    [[nodiscard]] fs::path at(const std::string& name) const { return fs::path(m_directory.path().toStdString()) / name; }
    std::shared_ptr<const Checkpoint> open(const std::string& name) {
        auto checkpoint = openCheckpoint(at(name));
        return checkpoint ? *checkpoint : nullptr;
    }
    std::shared_ptr<const Checkpoint> written(const std::string& name, const SafetensorsWriter& writer) {
        writer.write(at(name));
        return open(name);
    }

private Q_SLOTS:
    /// The documented recipe, followed by another implementation of SHA-256.
    void hashFollowsItsRecipe() {
        const std::string first = tensorBytes<float>({1, 2, 3}), second = tensorBytes<std::uint16_t>({4, 5});
        const auto checkpoint = written("hash.safetensors", SafetensorsWriter().add("b", DType::F32, {3}, first).add("a.x", DType::F16, {2, 1}, second));
        QVERIFY(checkpoint);
        JobContext context;
        const auto hash = weightHash(*checkpoint, context);
        QVERIFY_RESULT(hash);
        const QByteArray hashA = sha256(QByteArray::fromStdString(second)), hashB = sha256(QByteArray::fromStdString(first));
        QByteArray recipe;
        addNumber(recipe, 3);
        recipe.append("a.x");
        addNumber(recipe, 3);
        recipe.append("F16");
        addNumber(recipe, 2);
        addNumber(recipe, 2);
        addNumber(recipe, 1);
        recipe.append(hashA);
        addNumber(recipe, 1);
        recipe.append("b");
        addNumber(recipe, 3);
        recipe.append("F32");
        addNumber(recipe, 1);
        addNumber(recipe, 3);
        recipe.append(hashB);
        QCOMPARE(QByteArray::fromStdString(hash->content), sha256(recipe));
        QCOMPARE(QByteArray::fromStdString(hash->tensors.at(checkpoint->byName.at("b"))), hashB);
        const auto files = weightFileHashes(*checkpoint, context);
        QVERIFY_RESULT(files);
        QCOMPARE(files->size(), std::size_t(1));
        QCOMPARE(QByteArray::fromStdString(files->front().sha256), sha256(QByteArray::fromStdString(readBytes(at("hash.safetensors")))));
    }

    void hashDependsOnContentAlone() {
        JobContext context;
        const auto hashOf = [&](const std::string& name, const SafetensorsWriter& writer) { return weightHash(*written(name, writer), context)->content; };
        const std::string plain = hashOf("h1.safetensors", SafetensorsWriter().addFloats("a", {2}, {1, 2}).addFloats("b", {1}, {3}));
        QCOMPARE(hashOf("h2.safetensors", SafetensorsWriter().addFloats("b", {1}, {3}).addFloats("a", {2}, {1, 2})), plain); // the order
        QVERIFY(hashOf("h3.safetensors", SafetensorsWriter().addFloats("a", {1, 2}, {1, 2}).addFloats("b", {1}, {3})) != plain);
        QVERIFY(hashOf("h4.safetensors", SafetensorsWriter().addFloats("a", {2}, {1, 2}).addFloats("c", {1}, {3})) != plain);
        QVERIFY(hashOf("h5.safetensors", SafetensorsWriter().addFloats("a", {2}, {1, -2}).addFloats("b", {1}, {3})) != plain);
        // The bytes that a sampled fingerprint would not see.
        std::vector<float> values(100'000, 0.5F);
        const std::string before = hashOf("h6.safetensors", SafetensorsWriter().addFloats("a", {100'000}, values));
        values[12'345] = 0.25F;
        QVERIFY(hashOf("h7.safetensors", SafetensorsWriter().addFloats("a", {100'000}, values)) != before);
    }

    void hashStops() {
        std::stop_source stop;
        stop.request_stop();
        JobContext context(stop.get_token(), {});
        QVERIFY_ERROR(weightHash(*written("h8.safetensors", SafetensorsWriter().addFloats("a", {1}, {1})), context), ErrorCode::Cancelled);
    }

    void treeByRole() {
        writeTinyGpt2(at("gpt2"));
        const auto checkpoint = open("gpt2");
        const auto spec = buildModelSpec(checkpoint);
        QVERIFY_RESULT(spec);
        const auto places = tensorPlaces(*checkpoint, spec->get());
        const TensorTree tree = tensorTree(*checkpoint, places, TensorGrouping::Role);
        QCOMPARE(QString::fromStdString(spelled(tree)),
                 QStringLiteral("{Embedding{token embedding position embedding} "
                                "Layer 0{norms{attention norm attention norm bias MLP norm MLP norm bias} "
                                "attention{fused query-key-value weight fused query-key-value bias output weight output bias} "
                                "MLP{up weight up bias down weight down bias}} "
                                "Norm and head{final norm final norm bias}}"));
        QCOMPARE(tree.nodes[0].tensors, std::uint64_t(16));
        QCOMPARE(tree.nodes[0].elements, checkpoint->parameters());
        QCOMPARE(tree.nodes[0].bytes, checkpoint->bytes());
        QCOMPARE(QString::fromStdString(textOf(places[checkpoint->byName.at("transformer.h.0.attn.c_proj.weight")])), QStringLiteral("layer 0 attention output weight"));
    }

    void treeByName() {
        SafetensorsWriter writer;
        for (const char* name : {"model.layers.10.a", "model.layers.2.a", "model.layers.2.b.c", "head", "model.layers.2.b.d", "model.norm.weight", "x.only.one"})
            writer.addFloats(name, {1}, {1});
        const auto checkpoint = written("names.safetensors", writer);
        const auto places = tensorPlaces(*checkpoint, nullptr);
        QCOMPARE(QString::fromStdString(spelled(tensorTree(*checkpoint, places, TensorGrouping::Name))),
                 QStringLiteral("{head model{layers{2{a b{c d}} 10.a} norm.weight} x.only.one}"));
        QCOMPARE(QString::fromStdString(spelled(tensorTree(*checkpoint, places, TensorGrouping::Role))),
                 QStringLiteral("{Others{head model{layers{2{a b{c d}} 10.a} norm.weight} x.only.one}}"));
        QCOMPARE(tensorTree(*checkpoint, places, TensorGrouping::None).nodes.size(), checkpoint->tensors.size() + 1);
    }

    void namesThatWantToBreakTheTree() {
        std::string deep;
        for (int i = 0; i < 3000; ++i)
            deep += "d" + std::to_string(i) + ".";
        SafetensorsWriter writer;
        for (const std::string& name : {std::string(), std::string("."), std::string(".."), deep + "a", deep + "b", deep})
            writer.addFloats(name, {1}, {1});
        const auto checkpoint = written("odd.safetensors", writer);
        QVERIFY(checkpoint);
        const TensorTree tree = tensorTree(*checkpoint, tensorPlaces(*checkpoint, nullptr), TensorGrouping::Name);
        QCOMPARE(tree.nodes[0].tensors, std::uint64_t(6));
    }

    void naturalOrder() {
        QVERIFY(naturalLess("h.2.a", "h.10.a") && !naturalLess("h.10.a", "h.2.a"));
        QVERIFY(naturalLess("a", "b") && naturalLess("a", "a.") && !naturalLess("a", "a"));
        QVERIFY(naturalLess("x99999999999999999999999999998", "x99999999999999999999999999999"));
        QVERIFY(naturalLess("a01", "a1") != naturalLess("a1", "a01"));
    }

    void differencesAreMeasured() {
        constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
        const auto first = written("d1.safetensors", SafetensorsWriter().addFloats("same", {2}, {1, kNan}).addFloats("values", {2, 2}, {3, 0, 4, 0}).addFloats("shape", {4}, {1, 2, 3, 4})
                                                        .addFloats("gone", {1}, {1}).addFloats("type", {2}, {0.5F, -2}).addFloats("nan", {3}, {1, kNan, kNan}).addFloats("zero", {2}, {0, 0}));
        const auto second = written("d2.safetensors", SafetensorsWriter().addFloats("same", {2}, {1, kNan}).addFloats("values", {2, 2}, {3, 0, 4, 12}).addFloats("shape", {2, 2}, {1, 2, 3, 4})
                                                         .addFloats("new", {1}, {1}).add("type", DType::F16, {2}, tensorBytes<std::uint16_t>({0x3800, 0xC000}))
                                                         .addFloats("nan", {3}, {2, kNan, 5}).addFloats("zero", {2}, {0, 1}));
        JobContext context;
        const auto diff = diffCheckpoints(first, second, context);
        QVERIFY_RESULT(diff);
        QCOMPARE(named(*diff, "same")->change, Change::None);
        QCOMPARE(named(*diff, "gone")->change, Change::OnlyFirst);
        QCOMPARE(named(*diff, "new")->change, Change::OnlySecond);
        QCOMPARE(named(*diff, "shape")->change, Change::Shape);
        QCOMPARE(named(*diff, "type")->change, Change::Type);
        QCOMPARE(named(*diff, "type")->changed, std::uint64_t(0));
        const TensorDifference& values = *named(*diff, "values");
        QCOMPARE(values.change, Change::Values);
        QCOMPARE(values.changed, std::uint64_t(1));
        QCOMPARE(values.largest, 12.0);
        QCOMPARE(values.largestAt, std::uint64_t(3));
        QCOMPARE(values.relative(), 12.0 / 5);
        QVERIFY(std::abs(values.cosine - 25.0 / (5 * 13)) < 1e-15);
        const TensorDifference& nan = *named(*diff, "nan");
        QCOMPARE(nan.changed, std::uint64_t(2));
        QCOMPARE(nan.notFinite, std::uint64_t(1)); // two NaN are the same
        QCOMPARE(nan.largest, 1.0);
        QVERIFY(std::isnan(named(*diff, "zero")->relative()) && std::isnan(named(*diff, "zero")->cosine));
        QVERIFY(!diff->isIdentical());
        const auto itself = diffCheckpoints(first, first, context);
        QVERIFY(itself && itself->isIdentical());
    }

    /// Larger than one piece, against sums that are written down plainly.
    void differencesOfManyPieces() {
        constexpr std::size_t kCount = 200'003;
        const std::vector<float> a = normalFloats(kCount, 1), noise = normalFloats(kCount, 2, 0.1F);
        std::vector<float> b = a;
        double difference = 0, product = 0, normA = 0, normB = 0, largest = 0;
        for (std::size_t i = 0; i < kCount; ++i) {
            b[i] += noise[i];
            const double x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
            difference += (y - x) * (y - x);
            product += x * y;
            normA += x * x;
            normB += y * y;
            largest = std::max(largest, std::abs(y - x));
        }
        JobContext context;
        const auto diff = diffCheckpoints(written("p1.safetensors", SafetensorsWriter().addFloats("w", {static_cast<std::int64_t>(kCount)}, a)),
                                          written("p2.safetensors", SafetensorsWriter().addFloats("w", {static_cast<std::int64_t>(kCount)}, b)), context);
        QVERIFY_RESULT(diff);
        const TensorDifference& w = diff->tensors.front();
        QCOMPARE(w.largest, largest);
        QVERIFY(std::abs(w.relative() / std::sqrt(difference / normA) - 1) < 1e-12);
        QVERIFY(std::abs(w.cosine - product / std::sqrt(normA * normB)) < 1e-12);
    }

    void matchesAcrossPrefixesAndRoles() {
        SafetensorsWriter plain, wrapped, other;
        for (const char* name : {"h.0.ln_1.weight", "h.0.attn.weight", "wte.weight"}) {
            plain.addFloats(name, {1}, {1});
            wrapped.addFloats(std::string("base.model.") + name, {1}, {1});
        }
        wrapped.addFloats("score.weight", {1}, {1});
        JobContext context;
        const auto diff = diffCheckpoints(written("m1.safetensors", plain), written("m2.safetensors", wrapped), context);
        QVERIFY_RESULT(diff);
        QCOMPARE(diff->count(Change::None), std::size_t(3));
        QCOMPARE(diff->count(Change::OnlySecond), std::size_t(1));
        QVERIFY(named(*diff, "wte.weight")->pair.how == MatchedBy::Prefix);

        writeTinyGpt2(at("role1"));
        writeTinyGpt2(at("role2"));
        std::string bytes = readBytes(at("role2/model.safetensors")); // of the same length, so that the header stays valid
        for (std::size_t found = bytes.find("transformer."); found != std::string::npos; found = bytes.find("transformer.", found))
            bytes.replace(found, 12, "");
        std::uint64_t length = 0;
        std::memcpy(&length, bytes.data(), 8);
        length -= 16 * 12;
        std::memcpy(bytes.data(), &length, 8);
        writeBytes(at("role2/model.safetensors"), bytes);
        const auto roles = diffCheckpoints(open("role1"), open("role2"), context);
        QVERIFY_RESULT(roles);
        QVERIFY(roles->isIdentical());
        QVERIFY(std::ranges::all_of(roles->tensors, [](const TensorDifference& tensor) { return tensor.pair.how == MatchedBy::Role; }));
    }
};

QTEST_GUILESS_MAIN(TestCheckpoints)
#include "tst_checkpoints.moc"
