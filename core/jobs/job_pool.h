// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/job_context.h"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include <condition_variable>

namespace sinkscope {

/// Lets the owner of a job stop it. Copies refer to the same job; dropping every handle does not stop it.
class JobHandle {
public:
    JobHandle() = default;
    explicit JobHandle(std::stop_source stop) : m_stop(std::move(stop)) {}
    void cancel() { m_stop.request_stop(); }
    [[nodiscard]] bool cancelRequested() const { return m_stop.stop_requested(); }

private:
    std::stop_source m_stop{std::nostopstate};
};

/// Jobs with the same strand never run at the same time: `Torch` because a forward pass uses every core itself, `Store`
/// because HDF5 serialises its calls anyway.
enum class Strand { Free, Torch, Store };

/// Runs work on a few threads (std::jthread). Destroying it asks every running job to stop, drops the queued ones without
/// calling them back, and joins.
class JobPool {
public:
    explicit JobPool(std::size_t threads = 3);
    ~JobPool();
    JobPool(const JobPool&) = delete;
    JobPool& operator=(const JobPool&) = delete;

    /// Queues `work`; when it has ended, calls `done` **on the worker thread** with its result. (app/job_bridge.h hops to
    /// the GUI thread.) An exception that escapes `work` becomes Error OutOfMemory or Internal. A job cancelled while queued
    /// still calls `done`, with Cancelled. Thread: any.
    template <typename T>
    JobHandle submit(Strand strand, std::function<Result<T>(JobContext&)> work, std::function<void(Result<T>)> done,
                     JobContext::ProgressFunction progress = {}) {
        std::stop_source stop;
        enqueue({strand, stop, [work = std::move(work), done = std::move(done), progress = std::move(progress), stop] {
                     JobContext context(stop.get_token(), progress);
                     done(guarded<T>(work, context));
                 }});
        return JobHandle(stop);
    }

private:
    struct Entry {
        Strand strand = Strand::Free;
        std::stop_source stop;
        std::function<void()> run;
    };

    template <typename T>
    static Result<T> guarded(const std::function<Result<T>(JobContext&)>& work, JobContext& context) {
        if (context.cancelled())
            return Error{ErrorCode::Cancelled, "stopped before it started", {}};
        try {
            return work(context);
        } catch (const std::bad_alloc&) {
            return Error{ErrorCode::OutOfMemory, "an allocation failed", {}};
        } catch (const std::exception& failure) {
            return Error{ErrorCode::Internal, failure.what(), {}};
        }
    }

    void enqueue(Entry entry);
    void workerLoop(const std::stop_token& poolStop);
    /// First queued entry whose strand is idle; the caller holds the mutex.
    std::deque<Entry>::iterator nextRunnable();

    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::deque<Entry> m_queue;
    std::vector<std::stop_source> m_running;
    std::vector<Strand> m_busyStrands;
    std::vector<std::jthread> m_threads;
};

} // namespace sinkscope
