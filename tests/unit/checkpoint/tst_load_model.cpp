// SPDX-License-Identifier: Apache-2.0
#include "core/session/capture_run.h"
#include "support/tiny_gpt2.h"
#include "support/verify_result.h"

#include <QTemporaryDir>

#include <memory>

using namespace sinkscope;
using namespace sinkscope::test;
namespace fs = std::filesystem;

class TestLoadModel : public QObject {
    Q_OBJECT
    std::unique_ptr<QTemporaryDir> m_directory;

    [[nodiscard]] fs::path at(const char* name = "") const { return fs::path(m_directory->path().toStdString()) / name; }
    static std::vector<ErrorCode> codesOf(const LoadedModel& model) {
        std::vector<ErrorCode> codes;
        for (const Error& problem : model.problems)
            codes.push_back(problem.code);
        return codes;
    }

private Q_SLOTS:
    void init() {
        m_directory = std::make_unique<QTemporaryDir>();
        writeTinyGpt2(at());
        fs::copy_file(SINKSCOPE_SOURCE_DIR "/tests/golden/tokenizers/byte_level_gpt2/tokenizer.json", at("tokenizer.json"));
    }

    void loadsEverything() {
        const auto model = loadModel(at());
        QVERIFY_RESULT(model);
        QVERIFY((*model)->canRun() && (*model)->problems.empty());
        QCOMPARE((*model)->spec->checkpoint, (*model)->checkpoint);
    }

    void goesOnWithoutATokenizer() {
        fs::remove(at("tokenizer.json"));
        const auto model = loadModel(at());
        QVERIFY_RESULT(model);
        QVERIFY((*model)->spec && !(*model)->tokenizer && !(*model)->canRun());
        QCOMPARE(codesOf(**model), std::vector{ErrorCode::TokenizerMissing});
    }

    void goesOnWithoutAnArchitecture() {
        writeBytes(at("config.json"), R"({"model_type":"mystery"})");
        const auto unknown = loadModel(at());
        QVERIFY_RESULT(unknown);
        QVERIFY(!(*unknown)->spec && (*unknown)->tokenizer);
        QCOMPARE(codesOf(**unknown), std::vector{ErrorCode::UnknownArchitecture});
        fs::remove(at("config.json"));
        const auto missing = loadModel(at());
        QVERIFY_RESULT(missing);
        QCOMPARE(codesOf(**missing), std::vector{ErrorCode::ConfigMissing});
    }

    void reportsABrokenConfigOnce() {
        writeBytes(at("config.json"), "{");
        const auto model = loadModel(at());
        QVERIFY_RESULT(model);
        QVERIFY(!(*model)->spec);
        QCOMPARE(codesOf(**model), std::vector{ErrorCode::ConfigInvalid});
    }

    void failsWithoutACheckpoint() { QVERIFY_ERROR(loadModel(at("absent")), ErrorCode::FileNotFound); }
};

QTEST_GUILESS_MAIN(TestLoadModel)
#include "tst_load_model.moc"
