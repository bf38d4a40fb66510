// SPDX-License-Identifier: Apache-2.0
// Files that torch.save wrote beside the same tensors from the safetensors library (tests/golden/gen/make_pytorch.py), byte for byte.
#include "core/nn/forward.h"
#include "support/recording_consumer.h"
#include "support/verify_result.h"

#include <algorithm>
#include <cstring>
#include <filesystem>

using namespace sinkscope;
namespace fs = std::filesystem;

class TestPytorch : public QObject {
    Q_OBJECT

    static fs::path golden() { return fs::path(SINKSCOPE_SOURCE_DIR) / "tests/golden"; }
    static std::vector<fs::path> entries(bool folders) {
        std::vector<fs::path> found;
        for (const auto& entry : fs::directory_iterator(golden() / "pytorch"))
            if (folders ? entry.is_directory() : entry.path().extension() == ".bin")
                found.push_back(entry.path());
        std::ranges::sort(found);
        return found;
    }
    static std::string stemOf(const fs::path& path) {
        const std::string name = path.filename().string();
        return name.substr(0, name.find('.'));
    }
    static bool sameBytes(const TensorInfo& a, const TensorInfo& b) { return std::ranges::equal(a.bytes, b.bytes); }
    static test::RecordingConsumer runOf(const fs::path& folder) {
        test::RecordingConsumer consumer;
        consumer.logits = true;
        const auto checkpoint = openCheckpoint(folder);
        const auto spec = checkpoint ? buildModelSpec(*checkpoint) : Result<std::shared_ptr<const ModelSpec>>(checkpoint.error());
        JobContext context;
        const std::vector<SampleInput> inputs{{{0, 5, 9, 7, 33, 2}, {}}};
        const auto run = spec ? runModel(**spec, inputs, {}, consumer, context) : Result<void>(spec.error());
        if (!run)
            consumer.complaints.push_back(describe(run.error()));
        consumer.collectAttention();
        return consumer;
    }

private Q_SLOTS:
    void holdsTheSameTensors_data() {
        QTest::addColumn<QString>("file");
        for (const fs::path& file : entries(false))
            QTest::newRow(file.filename().c_str()) << QString::fromStdString(file.string());
        QVERIFY(entries(false).size() >= 8);
    }
    void holdsTheSameTensors() {
        QFETCH(QString, file);
        const fs::path path = file.toStdString();
        const auto found = openCheckpoint(path);
        QVERIFY_RESULT(found);
        QCOMPARE((*found)->format, std::string("pytorch"));
        const auto expected = openCheckpoint(path.parent_path() / (stemOf(path) + ".safetensors"));
        QVERIFY_RESULT(expected);
        QCOMPARE((*found)->tensors.size(), (*expected)->tensors.size());
        for (const TensorInfo& tensor : (*expected)->tensors) {
            const TensorInfo* same = (*found)->find(tensor.name);
            QVERIFY2(same, tensor.name.c_str());
            QCOMPARE(same->shape, tensor.shape);
            QCOMPARE(std::string(nameOf(same->dtype)), std::string(nameOf(tensor.dtype)));
            QVERIFY2(sameBytes(*same, tensor), tensor.name.c_str());
            QVERIFY(same->file);
        }
    }

    void leavesTheOptimizerOut() {
        const auto opened = openCheckpoint(golden() / "pytorch/checkpoint.bin");
        QVERIFY_RESULT(opened);
        std::string notes;
        for (const std::string& note : (*opened)->notes)
            notes += note + "\n";
        QVERIFY2(notes.find("'state_dict'") != std::string::npos && notes.find("'optimizer'") != std::string::npos, notes.c_str());
        QVERIFY2(notes.find("'module.' is taken off every name") != std::string::npos, notes.c_str());
    }

    /// Tied weights are one tensor with two names, and are counted once.
    void countsSharedTensorsOnce() {
        const auto opened = openCheckpoint(golden() / "pytorch/views.bin");
        QVERIFY_RESULT(opened);
        const TensorInfo *base = (*opened)->find("base"), *tied = (*opened)->find("tied");
        QVERIFY(base && tied && base->bytes.data() == tied->bytes.data());
        std::uint64_t sum = 0;
        for (const TensorInfo& tensor : (*opened)->tensors)
            sum += tensor.elements();
        QCOMPARE((*opened)->parameters(), sum - base->elements());
    }

    void runsTheSame_data() {
        QTest::addColumn<QString>("folder");
        for (const fs::path& folder : entries(true))
            QTest::newRow(folder.filename().c_str()) << QString::fromStdString(folder.string());
    }
    void runsTheSame() {
        QFETCH(QString, folder);
        const fs::path path = folder.toStdString();
        const auto found = runOf(path), expected = runOf(golden() / "models" / stemOf(path));
        QVERIFY2(found.complaints.empty(), found.complaints.empty() ? "" : found.complaints.front().c_str());
        QVERIFY(!expected.kept.empty());
        QCOMPARE(found.kept.size(), expected.kept.size());
        for (const auto& [name, values] : expected.kept) {
            const auto same = found.kept.find(name);
            QVERIFY2(same != found.kept.end() && same->second == values, name.c_str());
        }
    }
};

QTEST_GUILESS_MAIN(TestPytorch)
#include "tst_pytorch.moc"
