// SPDX-License-Identifier: Apache-2.0
// What a file is, is judged by its content; which of a folder's weights are read, is said.
#include "core/checkpoint/checkpoint.h"
#include "support/safetensors_writer.h"
#include "support/verify_result.h"

#include <QTemporaryDir>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

using namespace sinkscope;
using namespace sinkscope::test;
namespace fs = std::filesystem;

class TestWrongNames : public QObject {
    Q_OBJECT
    std::unique_ptr<QTemporaryDir> m_directory;

    [[nodiscard]] fs::path at(const std::string& name = {}) const { return fs::path(m_directory->path().toStdString()) / name; }
    static fs::path golden(const std::string& name) { return fs::path(SINKSCOPE_SOURCE_DIR) / "tests/golden/pytorch" / name; }
    static fs::path hostile(const std::string& name) { return fs::path(SINKSCOPE_SOURCE_DIR) / "tests/fuzz/corpus/pytorch" / name; }
    static std::string notesOf(const Checkpoint& checkpoint) {
        std::string notes;
        for (const std::string& note : checkpoint.notes)
            notes += note + "\n";
        return notes;
    }
    void writeSafetensors(const std::string& name) const { SafetensorsWriter().addFloats("s", {1}, {1}).write(at(name)); }

private Q_SLOTS:
    void init() { m_directory = std::make_unique<QTemporaryDir>(); }

    void opensPytorchByAnyName() {
        for (const char* name : {"weights.safetensors", "weights.h5", "weights.txt", "weights"})
            for (const char* source : {"views.bin", "views.old.bin"}) {
                fs::copy_file(golden(source), at(name), fs::copy_options::overwrite_existing);
                const auto opened = openCheckpoint(at(name));
                QVERIFY_RESULT(opened);
                QCOMPARE((*opened)->format, std::string("pytorch"));
            }
    }

    void opensAFolderWhoseFilesHaveSwappedNames() {
        fs::copy_file(golden("views.bin"), at("model.safetensors"));
        auto opened = openCheckpoint(at());
        QVERIFY_RESULT(opened);
        QVERIFY((*opened)->find("transposed"));
        fs::remove(at("model.safetensors"));
        writeSafetensors("pytorch_model.bin");
        opened = openCheckpoint(at());
        QVERIFY_RESULT(opened);
        QVERIFY((*opened)->find("s"));
    }

    void prefersSafetensorsAndSaysSo() {
        fs::copy_file(golden("views.bin"), at("pytorch_model.bin"));
        auto opened = openCheckpoint(at());
        QVERIFY_RESULT(opened);
        QVERIFY((*opened)->find("base"));
        QVERIFY(notesOf(**opened).find("not of") == std::string::npos);
        writeSafetensors("model.safetensors");
        opened = openCheckpoint(at());
        QVERIFY_RESULT(opened);
        QVERIFY((*opened)->find("s") && !(*opened)->find("base"));
        QVERIFY2(notesOf(**opened).find("the weights are those of model.safetensors, not of pytorch_model.bin") != std::string::npos,
                 notesOf(**opened).c_str());
    }

    void prefersWhatIsWhole() {
        writeBytes(at("model.safetensors.index.json"), R"({"weight_map":{"s":"model-1.safetensors","t":"model-2.safetensors"}})");
        writeSafetensors("model-1.safetensors");
        QVERIFY_ERROR(openCheckpoint(at()), ErrorCode::ShardMissing);
        writeSafetensors("adapter.safetensors"); // not the model: no reason to read it instead
        QVERIFY_ERROR(openCheckpoint(at()), ErrorCode::ShardMissing);
        fs::copy_file(golden("views.bin"), at("pytorch_model.bin"));
        const auto opened = openCheckpoint(at());
        QVERIFY_RESULT(opened);
        QVERIFY((*opened)->find("base"));
        QVERIFY2(notesOf(**opened).find("lacks 1 of 2 shards") != std::string::npos, notesOf(**opened).c_str());
    }

    void doesNotTakeTrainingFilesForWeights() {
        fs::copy_file(golden("views.bin"), at("optimizer.pt"));
        fs::copy_file(golden("views.bin"), at("training_args.bin"));
        writeBytes(at("vocabulary.bin"), "no pickle at all");
        QVERIFY_ERROR(openCheckpoint(at()), ErrorCode::UnknownFormat);
    }

    void opensShardsOfPytorch() {
        for (const char* name : {"", "pytorch_model.bin.index.json", "pytorch_model-00002-of-00002.bin"}) {
            const auto opened = openCheckpoint(golden("gpt_neox_sequential.sharded") / name);
            QVERIFY_RESULT(opened);
            QCOMPARE((*opened)->format, std::string("hf_folder"));
            QCOMPARE((*opened)->tensors.size(), (*openCheckpoint(golden("gpt_neox_sequential.zip")))->tensors.size());
        }
    }

    void refusesWhatAHostilePickleAsksFor_data() {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("asked");
        const auto row = [](const char* file, const char* asked) { QTest::newRow(file) << QString::fromLatin1(file) << QString::fromLatin1(asked); };
        row("pickle_refused.bin", "asks to call os.system");
        row("pickle_refused-zip.bin", "asks to call os.system");
        row("pickle_refused-old.bin", "asks to call os.system");
        row("pickle_refused-protocol_2.bin", "asks to call posix.system");
        row("pickle_refused-zip-stack_global.bin", "asks to call os.system");
    }
    void refusesWhatAHostilePickleAsksFor() {
        QFETCH(QString, file);
        QFETCH(QString, asked);
        const auto opened = openCheckpoint(hostile(file.toStdString()));
        QVERIFY_ERROR(opened, ErrorCode::PickleRefused);
        QVERIFY2(opened.error().detail.find(asked.toStdString()) != std::string::npos, opened.error().detail.c_str());
    }

    void refusesSideFilesThatLeadOut() {
        writeSafetensors("model/model.safetensors");
        writeBytes(at("secret.json"), "{}");
        QVERIFY_RESULT(openCheckpoint(at("model")));
        fs::create_symlink("../secret.json", at("model/config.json"));
        QVERIFY_ERROR(openCheckpoint(at("model")), ErrorCode::PathEscapes);
    }
};

QTEST_GUILESS_MAIN(TestWrongNames)
#include "tst_wrong_names.moc"
