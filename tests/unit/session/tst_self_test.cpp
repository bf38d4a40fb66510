// SPDX-License-Identifier: Apache-2.0
// The self-test: it agrees on this machine, and it sees what it should see.
#include "core/session/self_test.h"
#include "core/arch/arch_spec.h"
#include "support/verify_result.h"

#include <QTemporaryDir>

#include <cmath>
#include <fstream>
#include <set>

using namespace sinkscope;
namespace fs = std::filesystem;

class TestSelfTest : public QObject {
    Q_OBJECT

    /// A folder with some of the fixtures.
    static fs::path copyOf(const QTemporaryDir& folder, const std::vector<std::string>& names) {
        const fs::path from = SINKSCOPE_SOURCE_DIR "/tests/golden/models", to = folder.path().toStdString();
        for (const std::string& name : names)
            for (const std::string& part : {name, name + ".expected.safetensors"})
                fs::copy(from / part, to / part, fs::copy_options::recursive);
        return to;
    }

private Q_SLOTS:
    void everyArchitectureAgrees() {
        const auto folder = selfTestFixtures();
        QVERIFY_RESULT(folder);
        JobContext context;
        std::vector<std::string> arrived;
        const auto run = selfTest(*folder, {}, context, [&](const SelfTestCase& one) { arrived.push_back(one.fixture); });
        QVERIFY_RESULT(run);
        QVERIFY(run->passed());
        QCOMPARE(arrived.size(), run->cases.size());
        std::set<std::string_view> covered;
        for (const SelfTestCase& one : run->cases) {
            covered.insert(one.architecture);
            QVERIFY2(one.differences.size() >= 2, one.fixture.c_str()); // at least attention and hidden
            for (const SelfTestDifference& difference : one.differences)
                QVERIFY2(std::isfinite(difference.error) && difference.largest < 1e-2, one.fixture.c_str());
        }
        for (const ArchSpec* arch : archs())
            QVERIFY2(covered.contains(arch->id), std::string(arch->id).c_str());
    }

    void otherNumbersAreSeen() {
        const QTemporaryDir folder;
        const fs::path fixtures = copyOf(folder, {"gpt2", "llama"});
        const fs::path expected = fixtures / "llama.expected.safetensors";
        const auto opened = openCheckpoint(expected);
        QVERIFY_RESULT(opened);
        const TensorInfo* hidden = (*opened)->find("0.hidden");
        QVERIFY(hidden);
        std::fstream file(expected, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(hidden->bytes.data() - hidden->file->bytes().data() + 2); // the exponent of the first number
        file.write("\x7f\x45", 2);
        file.close();
        JobContext context;
        const auto run = selfTest(fixtures, {}, context);
        QVERIFY_RESULT(run);
        QVERIFY(!run->passed());
        QCOMPARE(run->cases.size(), std::size_t{2});
        QVERIFY(run->cases[0].agrees(run->allowed));
        QVERIFY(!run->cases[1].agrees(run->allowed));
        QVERIFY(!run->cases[1].failure);
        QVERIFY(run->cases[1].worstError() > 1e-6);
    }

    void aBrokenFixtureIsNamedAndTheOthersRun() {
        const QTemporaryDir folder;
        const fs::path fixtures = copyOf(folder, {"gpt2", "llama"});
        fs::remove(fixtures / "gpt2" / "config.json");
        JobContext context;
        const auto run = selfTest(fixtures, {}, context);
        QVERIFY_RESULT(run);
        QVERIFY(!run->passed());
        QVERIFY(run->cases[0].failure && run->cases[0].differences.empty());
        QVERIFY(run->cases[1].agrees(run->allowed));
    }

    void nothingToTestIsNoSuccess() {
        const QTemporaryDir folder;
        JobContext context;
        QVERIFY_ERROR(selfTest(folder.path().toStdString(), {}, context), ErrorCode::FileNotFound);
        const auto fixtures = selfTestFixtures();
        QVERIFY_RESULT(fixtures);
        const auto run = selfTest(*fixtures, {.device = Device::Cuda}, context);
        QVERIFY_RESULT(run);
        QVERIFY(run->unavailable || !run->cases.empty());
        QCOMPARE(run->passed(), !run->unavailable);
        std::stop_source stop;
        stop.request_stop();
        JobContext stopped(stop.get_token(), nullptr);
        QVERIFY_ERROR(selfTest(*fixtures, {}, stopped), ErrorCode::Cancelled);
    }
};

QTEST_GUILESS_MAIN(TestSelfTest)
#include "tst_self_test.moc"
