// SPDX-License-Identifier: Apache-2.0
#include "core/jobs/job_pool.h"
#include "support/verify_result.h"

#include <atomic>
#include <future>
#include <latch>

using namespace sinkscope;

class TestJobPool : public QObject {
    Q_OBJECT

    /// Submits and waits: the pool's callback comes on a worker thread.
    template <typename T> static Result<T> runNow(JobPool& pool, std::function<Result<T>(JobContext&)> work) {
        std::promise<Result<T>> promise;
        auto future = promise.get_future();
        pool.submit<T>(Strand::Free, std::move(work), [&promise](Result<T> result) { promise.set_value(std::move(result)); });
        return future.get();
    }

private Q_SLOTS:
    void deliversTheValue() {
        JobPool pool(2);
        const auto result = runNow<int>(pool, [](JobContext&) -> Result<int> { return 42; });
        QVERIFY_RESULT(result);
        QCOMPARE(*result, 42);
    }

    void turnsExceptionsIntoErrors() {
        JobPool pool(1);
        const auto thrown = runNow<int>(pool, [](JobContext&) -> Result<int> { throw std::runtime_error("broken"); });
        QVERIFY_ERROR(thrown, ErrorCode::Internal);
        const auto noMemory = runNow<int>(pool, [](JobContext&) -> Result<int> { throw std::bad_alloc(); });
        QVERIFY_ERROR(noMemory, ErrorCode::OutOfMemory);
    }

    void cancelsRunningWork() {
        JobPool pool(1);
        std::latch started(1);
        std::promise<Result<int>> promise;
        JobHandle handle = pool.submit<int>(
            Strand::Free,
            [&started](JobContext& context) -> Result<int> {
                started.count_down();
                while (!context.cancelled())
                    std::this_thread::yield();
                SINKSCOPE_CHECK(context.checkpoint());
                return 1;
            },
            [&promise](Result<int> result) { promise.set_value(std::move(result)); });
        started.wait();
        handle.cancel();
        const auto result = promise.get_future().get();
        QVERIFY_ERROR(result, ErrorCode::Cancelled);
    }

    void runsOneJobOfAStrandAtATime() {
        JobPool pool(4);
        std::atomic<int> inside{0}, worst{0};
        std::latch finished(40);
        for (int i = 0; i < 40; ++i)
            pool.submit<int>(
                Strand::Torch,
                [&](JobContext&) -> Result<int> {
                    const int now = ++inside;
                    worst = std::max(worst.load(), now);
                    std::this_thread::yield();
                    --inside;
                    return 0;
                },
                [&](Result<int>) { finished.count_down(); });
        finished.wait();
        QCOMPARE(worst.load(), 1);
    }

    void survivesDestructionInTheMiddleOfWork() {
        for (int round = 0; round < 50; ++round) {
            JobPool pool(3);
            for (int i = 0; i < 20; ++i)
                pool.submit<int>(
                    Strand::Free,
                    [](JobContext& context) -> Result<int> {
                        while (!context.cancelled())
                            std::this_thread::yield();
                        return 0;
                    },
                    [](Result<int>) {});
        }
    }

    void alwaysReportsTheLastProgress() {
        JobPool pool(1);
        std::promise<double> promise;
        std::atomic<double> last{0};
        pool.submit<int>(
            Strand::Free,
            [](JobContext& context) -> Result<int> {
                for (int i = 1; i <= 1000; ++i)
                    context.progress(i / 1000.0, "step");
                return 0;
            },
            [&](Result<int>) { promise.set_value(last); }, [&](double fraction, const std::string&) { last = fraction; });
        QCOMPARE(promise.get_future().get(), 1.0);
    }
};

QTEST_GUILESS_MAIN(TestJobPool)
#include "tst_job_pool.moc"
