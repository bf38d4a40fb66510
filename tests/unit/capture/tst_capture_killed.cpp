// SPDX-License-Identifier: Apache-2.0
// A process that writes a capture is killed at arbitrary moments: what it had finished must be there, and right.
#include "support/capture_fixture.h"
#include "support/verify_result.h"

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

const KeepOptions kKeep{.vectors = true, .attention = true, .hidden = true};

/// The child: announces every finished step with one byte.
[[noreturn]] void writeAndAnnounce(const std::filesystem::path& path, const CaptureHeader& header, int pipe) {
    const auto announce = [&] {
        const char byte = 1;
        if (::write(pipe, &byte, 1) != 1)
            _exit(2);
    };
    const auto store = CaptureStore::create(path, header, kKeep);
    if (!store)
        _exit(1);
    announce();
    for (const int layer : header.capturedLayers)
        for (int sample = 0; sample < static_cast<int>(header.samples.size()); ++sample) {
            if (!writeLayer(**store, kKeep, sample, layer))
                _exit(1);
            announce();
        }
    _exit((*store)->finish() ? 0 : 1);
}

/// Starts the child, lets it announce `steps` steps and kills it. False if it had failed by itself.
bool runAndKill(const std::filesystem::path& path, const CaptureHeader& header, int steps) {
    int ends[2];
    if (::pipe(ends) != 0)
        return false;
    const pid_t child = fork();
    if (child == 0) {
        ::close(ends[0]);
        writeAndAnnounce(path, header, ends[1]);
    }
    ::close(ends[1]);
    char byte = 0;
    for (int step = 0; step < steps; ++step)
        if (::read(ends[0], &byte, 1) != 1)
            break;
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(ends[0]);
    return WIFSIGNALED(status) || WEXITSTATUS(status) == 0;
}

} // namespace

class TestCaptureKilled : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void finishedLayersSurvive();
};

void TestCaptureKilled::finishedLayersSurvive() {
    const CaptureHeader header = smallHeader({9, 30, 2, 17}, 5);
    const int samples = 4, all = samples * 5 + 1;
    std::mt19937 random(99);
    int interrupted = 0;
    for (int round = 0; round < 40; ++round) {
        const ScratchFolder folder;
        const auto path = fileIn(folder);
        const int steps = static_cast<int>(random() % static_cast<unsigned>(all + 1));
        QVERIFY(runAndKill(path, header, steps));
        if (steps == 0 && !std::filesystem::exists(path))
            continue; // killed before the layout was in place: no file, rather than half a one
        const auto opened = CaptureStore::open(path);
        QVERIFY_RESULT(opened);
        CaptureStore& store = **opened;
        int done = 0;
        for (int layer = 0; layer < 5; ++layer)
            for (int sample = 0; sample < samples; ++sample) {
                const bool announced = layer * samples + sample + 1 < steps;
                QVERIFY(store.hasLayer(sample, layer) || !announced);
                if (!store.hasLayer(sample, layer))
                    continue;
                ++done;
                const LayerData wanted = layerData(header, sample, layer);
                const auto statistics = store.statistics(sample, layer);
                QVERIFY_RESULT(statistics);
                QVERIFY(sameStatistics(**statistics, *wanted.statistics));
                const auto hidden = store.vectors(sample, layer, Space::Hidden, 0);
                QVERIFY_RESULT(hidden);
                QCOMPARE(hidden->values, wanted.hidden);
                const auto key = store.vectors(sample, layer, Space::Key, 0);
                QVERIFY_RESULT(key);
                QVERIFY(std::equal(key->values.begin(), key->values.end(), wanted.key.begin()));
            }
        QVERIFY(!store.isComplete() || done == all - 1);
        interrupted += done < all - 1 ? 1 : 0;
    }
    QVERIFY2(interrupted >= 10, "the child was hardly ever interrupted: the test tests nothing");
}

QTEST_GUILESS_MAIN(TestCaptureKilled)
#include "tst_capture_killed.moc"
