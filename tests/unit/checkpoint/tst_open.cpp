// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/checkpoint.h"
#include "core/checkpoint/weight_index.h"
#include "support/safetensors_writer.h"
#include "support/verify_result.h"

#include <QTemporaryDir>

#include <memory>
#include <nlohmann/json.hpp>

using namespace sinkscope;
using namespace sinkscope::test;
namespace fs = std::filesystem;

class TestOpen : public QObject {
    Q_OBJECT
    std::unique_ptr<QTemporaryDir> m_directory;

    [[nodiscard]] fs::path at(const std::string& name = {}) const { return fs::path(m_directory->path().toStdString()) / name; }

    static std::string indexText(const std::vector<std::pair<std::string, std::string>>& entries) {
        Json map = Json::object();
        for (const auto& [tensor, shard] : entries)
            map[tensor] = shard;
        return Json{{"metadata", {{"total_size", 8}}}, {"weight_map", map}}.dump();
    }
    /// Two shards with one tensor each, and their index.
    void writeSharded(const std::string& folder = "") const {
        SafetensorsWriter().addFloats("a", {2}, {1, 2}).write(at(folder + "model-1.safetensors"));
        SafetensorsWriter().addFloats("b", {1}, {3}).write(at(folder + "model-2.safetensors"));
        writeBytes(at(folder + "model.safetensors.index.json"), indexText({{"a", "model-1.safetensors"}, {"b", "model-2.safetensors"}}));
    }
    static bool notesMention(const Checkpoint& checkpoint, std::string_view text) {
        return std::ranges::any_of(checkpoint.notes, [&](const std::string& note) { return note.find(text) != note.npos; });
    }

private Q_SLOTS:
    void init() { m_directory = std::make_unique<QTemporaryDir>(); }

    void opensAFolderWithOneFile() {
        SafetensorsWriter().addFloats("a", {2, 2}, {1, 2, 3, 4}).addFloats("b", {}, {5}).write(at("model.safetensors"));
        SafetensorsWriter().addFloats("other", {1}, {1}).write(at("adapter.safetensors"));
        writeBytes(at("config.json"), R"({"model_type":"gpt2"})");
        writeBytes(at("tokenizer_config.json"), R"({"add_bos_token":true})");
        writeBytes(at("tokenizer.json"), "{}");
        const auto opened = openCheckpoint(at());
        QVERIFY_RESULT(opened);
        const Checkpoint& checkpoint = **opened;
        QCOMPARE(checkpoint.format, std::string("hf_folder"));
        QCOMPARE(checkpoint.folder, at());
        QCOMPARE(checkpoint.tensors.size(), std::size_t(2)); // the adapter is not part of the model
        QCOMPARE(checkpoint.parameters(), std::uint64_t(5));
        QCOMPARE(checkpoint.bytes(), std::uint64_t(20));
        QVERIFY(checkpoint.find("a") && !checkpoint.find("c"));
        QVERIFY(checkpoint.config && checkpoint.tokenizerConfig);
        QCOMPARE(checkpoint.tokenizerFile, at("tokenizer.json"));
        QVERIFY(notesMention(checkpoint, "the weights are those of model.safetensors, not of adapter.safetensors"));
        QVERIFY(checkpoint.notes.size() == 1 && checkpoint.problems.empty());
        std::vector<float> values(4);
        convertToFloat(*checkpoint.find("a"), values);
        QCOMPARE(values, (std::vector<float>{1, 2, 3, 4}));
    }

    void opensShardsFromTheFolderTheIndexAndAShard() {
        writeSharded();
        for (const char* name : {"", "model.safetensors.index.json", "model-2.safetensors"}) {
            const auto opened = openCheckpoint(at(name));
            QVERIFY_RESULT(opened);
            QCOMPARE((*opened)->format, std::string("hf_folder"));
            QCOMPARE((*opened)->opened, at(name));
            QCOMPARE((*opened)->tensors.size(), std::size_t(2));
            QVERIFY((*opened)->find("a") && (*opened)->find("b"));
        }
    }

    void opensAnIndexOfAnyName() {
        writeSharded();
        fs::rename(at("model.safetensors.index.json"), at("weights.json"));
        const auto opened = openCheckpoint(at("weights.json"));
        QVERIFY_RESULT(opened);
        QCOMPARE((*opened)->tensors.size(), std::size_t(2));
    }

    void opensALoneFileByItsContent() {
        SafetensorsWriter().addFloats("a", {1}, {1}).write(at("weights.bin"));
        const auto opened = openCheckpoint(at("weights.bin"));
        QVERIFY_RESULT(opened);
        QCOMPARE((*opened)->format, std::string("safetensors"));
        QVERIFY(!(*opened)->config && notesMention(**opened, "no config.json"));
        writeBytes(at("config.json"), "{}");
        const auto again = openCheckpoint(at("weights.bin"));
        QVERIFY_RESULT(again);
        QVERIFY((*again)->config && notesMention(**again, "config.json of the same folder"));
    }

    void opensALoneFileInTheWorkingFolder() {
        SafetensorsWriter().addFloats("a", {1}, {1}).write(at("a.safetensors"));
        const auto before = fs::current_path();
        fs::current_path(at());
        const auto opened = openCheckpoint("a.safetensors");
        fs::current_path(before);
        QVERIFY_RESULT(opened);
        QCOMPARE((*opened)->folder, fs::path("."));
    }

    void takesEveryFileOfAFolderWithoutIndex() {
        SafetensorsWriter().addFloats("a", {1}, {1}).write(at("1.safetensors"));
        SafetensorsWriter().addFloats("a", {2}, {1, 2}).addFloats("b", {1}, {1}).write(at("2.safetensors"));
        const auto opened = openCheckpoint(at());
        QVERIFY_RESULT(opened);
        QCOMPARE((*opened)->tensors.size(), std::size_t(2));
        QCOMPARE((*opened)->find("a")->shape, (std::vector<std::int64_t>{1}));
        QVERIFY(notesMention(**opened, "2.safetensors repeats 1 tensors"));
    }

    void keepsTensorsWhenTheFilesBesideThemAreBroken() {
        SafetensorsWriter().addFloats("a", {1}, {1}).write(at("model.safetensors"));
        writeBytes(at("config.json"), "{\"model_type\":");
        writeBytes(at("tokenizer_config.json"), "[1]");
        const auto opened = openCheckpoint(at());
        QVERIFY_RESULT(opened);
        QCOMPARE((*opened)->tensors.size(), std::size_t(1));
        QCOMPARE((*opened)->problems.size(), std::size_t(2));
        QVERIFY((*opened)->problems[0].code == ErrorCode::ConfigInvalid && (*opened)->problems[0].file == at("config.json"));
        QVERIFY((*opened)->problems[1].code == ErrorCode::TokenizerInvalid);
    }

    void opensTheLayoutOfTheHuggingFaceCache() {
        writeSharded("models--x/blobs/");
        fs::create_directories(at("models--x/snapshots/0123"));
        for (const char* name : {"model-1.safetensors", "model-2.safetensors", "model.safetensors.index.json"})
            fs::create_symlink(std::string("../../blobs/") + name, at(std::string("models--x/snapshots/0123/") + name));
        for (const char* name : {"", "/model.safetensors.index.json", "/model-1.safetensors"})
            QVERIFY_RESULT(openCheckpoint(at("models--x/snapshots/0123" + std::string(name))));
        const auto repository = openCheckpoint(at("models--x"));
        QVERIFY_RESULT(repository);
        QCOMPARE((*repository)->folder, at("models--x/snapshots/0123"));
        fs::create_directories(at("models--x/snapshots/4567"));
        QVERIFY_ERROR(openCheckpoint(at("models--x")), ErrorCode::UnknownFormat); // which one?
        writeBytes(at("models--x/refs/main"), "0123");
        QVERIFY_RESULT(openCheckpoint(at("models--x")));
        writeBytes(at("models--x/refs/main"), "../..");
        QVERIFY_ERROR(openCheckpoint(at("models--x")), ErrorCode::UnknownFormat);
        fs::create_directory_symlink(at("models--x/snapshots/0123"), at("link"));
        QVERIFY_RESULT(openCheckpoint(at("link")));
    }

    void refusesLinksOutOfTheFolder() {
        SafetensorsWriter().addFloats("a", {2}, {1, 2}).write(at("secret/a.safetensors"));
        writeSharded("model/");
        fs::remove(at("model/model-1.safetensors"));
        fs::create_symlink("../secret/a.safetensors", at("model/model-1.safetensors"));
        const auto opened = openCheckpoint(at("model"));
        QVERIFY_ERROR(opened, ErrorCode::PathEscapes);
        QCOMPARE(opened.error().file, at("model/model-1.safetensors"));
        // A neighbour whose name only begins like the folder is outside too.
        fs::create_directories(at("folder"));
        SafetensorsWriter().addFloats("a", {1}, {1}).write(at("folder2/a.safetensors"));
        fs::create_symlink("../folder2/a.safetensors", at("folder/model.safetensors"));
        QVERIFY_ERROR(openCheckpoint(at("folder")), ErrorCode::PathEscapes);
        // Out of the snapshot, but not into the blobs of the same repository.
        fs::create_directories(at("models--x/snapshots/0"));
        fs::create_symlink("../../../secret/a.safetensors", at("models--x/snapshots/0/model.safetensors"));
        QVERIFY_ERROR(openCheckpoint(at("models--x/snapshots/0")), ErrorCode::PathEscapes);
    }

    void refusesShardNamesThatArePaths_data() {
        QTest::addColumn<QString>("shard");
        for (const char* shard : {"../model-1.safetensors", "/etc/passwd", "sub/model.safetensors", "..", ".", "", "a\\b.safetensors"})
            QTest::newRow(*shard ? shard : "empty") << QString::fromLatin1(shard);
        QTest::newRow("a zero byte") << QString(QChar(0)) + QStringLiteral("a");
    }

    void refusesShardNamesThatArePaths() {
        QFETCH(QString, shard);
        writeBytes(at("model.safetensors.index.json"), indexText({{"a", shard.toStdString()}}));
        const auto opened = openCheckpoint(at());
        QVERIFY_ERROR(opened, ErrorCode::PathEscapes);
        QCOMPARE(opened.error().file, at("model.safetensors.index.json"));
    }

    void namesMissingShards() {
        writeSharded();
        fs::remove(at("model-2.safetensors"));
        const auto one = openCheckpoint(at());
        QVERIFY_ERROR(one, ErrorCode::ShardMissing);
        QVERIFY(one.error().detail.find("1 of 2 shards is missing: model-2.safetensors") != std::string::npos);
        QCOMPARE(one.error().file, at("model-2.safetensors"));
        fs::remove(at("model-1.safetensors"));
        fs::create_symlink("nowhere", at("model-1.safetensors")); // as in a cache whose download stopped
        const auto both = openCheckpoint(at("model.safetensors.index.json"));
        QVERIFY_ERROR(both, ErrorCode::ShardMissing);
        QVERIFY(both.error().detail.find("2 of 2 shards are missing") != std::string::npos);
    }

    void demandsWhatTheIndexPromises() {
        writeSharded();
        writeBytes(at("model.safetensors.index.json"),
                   indexText({{"a", "model-1.safetensors"}, {"b", "model-2.safetensors"}, {"c", "model-2.safetensors"}}));
        const auto absent = openCheckpoint(at());
        QVERIFY_ERROR(absent, ErrorCode::TensorMissing);
        QVERIFY(absent.error().detail.find("'c' is not in model-2.safetensors") != std::string::npos);
        writeBytes(at("model.safetensors.index.json"), indexText({{"a", "model-1.safetensors"}, {"b", "model-1.safetensors"}}));
        QVERIFY_ERROR(openCheckpoint(at()), ErrorCode::TensorMissing);
    }

    void notesTensorsThatTheIndexLeavesOut() {
        writeSharded();
        SafetensorsWriter().addFloats("b", {1}, {3}).addFloats("x", {1}, {4}).addFloats("a", {1}, {9}).write(at("model-2.safetensors"));
        const auto opened = openCheckpoint(at());
        QVERIFY_RESULT(opened);
        QVERIFY((*opened)->find("x"));
        QCOMPARE((*opened)->find("a")->file->path(), at("model-1.safetensors")); // the index decides
        QVERIFY(notesMention(**opened, "2 tensors in the shards are not listed"));
    }

    void refusesBrokenIndices_data() {
        QTest::addColumn<QByteArray>("text");
        for (const char* text : {"", "{", "[]", "{}", R"({"weight_map":[]})", R"({"weight_map":{}})", R"({"weight_map":{"a":1}})",
                                 R"({"weight_map":{"a":"m","a":"n"}})"})
            QTest::newRow(*text ? text : "empty") << QByteArray(text);
    }

    void refusesBrokenIndices() {
        QFETCH(QByteArray, text);
        writeBytes(at("model.safetensors.index.json"), text.toStdString());
        QVERIFY_ERROR(openCheckpoint(at()), ErrorCode::HeaderInvalid);
        QVERIFY_ERROR(openCheckpoint(at("model.safetensors.index.json")), ErrorCode::HeaderInvalid);
    }

    void saysWhichWeightsAreRead() {
        writeBytes(at("config.json"), "{}");
        const auto none = openCheckpoint(at());
        QVERIFY_ERROR(none, ErrorCode::UnknownFormat);
        QVERIFY(none.error().detail.find("model.safetensors.index.json") != std::string::npos);
        writeBytes(at("flax_model.msgpack"), "weights");
        const auto foreign = openCheckpoint(at());
        QVERIFY_ERROR(foreign, ErrorCode::UnknownFormat);
        QVERIFY(foreign.error().detail.find("flax_model.msgpack") != std::string::npos);
        writeBytes(at("pytorch_model.bin"), "PK\x03\x04");
        QVERIFY_ERROR(openCheckpoint(at()), ErrorCode::HeaderTruncated);
        QVERIFY_ERROR(openCheckpoint(at("pytorch_model.bin")), ErrorCode::HeaderTruncated);
        writeBytes(at("numbers.bin"), "1 2 3");
        const auto unknown = openCheckpoint(at("numbers.bin"));
        QVERIFY_ERROR(unknown, ErrorCode::UnknownFormat);
        QVERIFY(unknown.error().detail.find("pickle") != std::string::npos);
    }

    void refusesWhatIsNoCheckpoint() {
        QVERIFY_ERROR(openCheckpoint(at("absent")), ErrorCode::FileNotFound);
        QVERIFY_ERROR(openCheckpoint(at()), ErrorCode::UnknownFormat);
        writeBytes(at("notes.txt"), "hello");
        QVERIFY_ERROR(openCheckpoint(at("notes.txt")), ErrorCode::UnknownFormat);
        QVERIFY_ERROR(openCheckpoint("/dev/null"), ErrorCode::UnknownFormat);
        writeBytes(at("file"), "");
        QVERIFY_ERROR(openCheckpoint(at("file/model.safetensors")), ErrorCode::FileNotFound);
    }

    void reportsDamageOfANamedFile() {
        writeBytes(at("empty.safetensors"), "");
        QVERIFY_ERROR(openCheckpoint(at("empty.safetensors")), ErrorCode::HeaderTruncated);
        writeBytes(at("text.safetensors"), "<html>not found</html>");
        QVERIFY_ERROR(openCheckpoint(at("text.safetensors")), ErrorCode::HeaderTooLarge);
    }

    /// Permissions do not stop root, so a folder plays the file that cannot be read.
    void reportsUnreadableFiles() {
        fs::create_directories(at("model.safetensors"));
        const auto opened = openCheckpoint(at());
        QVERIFY_ERROR(opened, ErrorCode::FileUnreadable);
        QCOMPARE(opened.error().file, at("model.safetensors"));
        fs::create_symlink("loop", at("loop"));
        QVERIFY_ERROR(openCheckpoint(at("loop")), ErrorCode::FileUnreadable);
    }

    void damageInAShardNamesTheShard() {
        writeSharded();
        std::string bytes = readBytes(at("model-2.safetensors"));
        writeBytes(at("model-2.safetensors"), bytes.substr(0, bytes.size() - 1));
        const auto opened = openCheckpoint(at());
        QVERIFY_ERROR(opened, ErrorCode::TensorOutOfFile);
        QCOMPARE(opened.error().file, at("model-2.safetensors"));
    }

    void everyFormatHasAName() {
        for (const CheckpointFormat* format : checkpoint_formats()) {
            QVERIFY(!format->id.empty() && !format->title.empty());
            QCOMPARE(format->score(at("absent")), 0);
        }
    }
};

QTEST_GUILESS_MAIN(TestOpen)
#include "tst_open.moc"
