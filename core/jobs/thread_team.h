// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/job_context.h"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sinkscope {

/// Processors that this process may use (its affinity mask), at least 1.
int usableProcessors();

/// A few threads that work through numbered tasks together with the thread that owns the team. For loops inside one job; jobs
/// themselves belong to the JobPool.
class ThreadTeam {
public:
    using Task = std::function<void(std::size_t index, int worker)>;

    /// `threads` counts the caller, so 1 makes none. `start` runs first on every additional thread.
    explicit ThreadTeam(int threads, const std::function<void()>& start = {});
    ~ThreadTeam();
    ThreadTeam(const ThreadTeam&) = delete;
    ThreadTeam& operator=(const ThreadTeam&) = delete;

    [[nodiscard]] int size() const { return static_cast<int>(m_threads.size()) + 1; }
    /// Calls task(index, worker) once for every index below `count`, in any order, with worker in 0..size()-1 (0 is the
    /// caller), and returns when all have ended. Once `context` is cancelled no further task is started and the error is
    /// Cancelled. The first exception of a task ends the loop in the same way and is thrown again here. Thread: the owner.
    Result<void> run(std::size_t count, const Task& task, const JobContext& context);

private:
    struct Loop {
        std::size_t count = 0;
        const Task* task = nullptr;
        const JobContext* context = nullptr;
        std::atomic<std::size_t> next{0};
        std::atomic<bool> broken{false};
        std::exception_ptr failure; ///< guarded by m_mutex
    };
    void work(std::stop_token stop, int worker);
    void takeTasks(int worker);

    std::mutex m_mutex;
    std::condition_variable_any m_changed; ///< a loop begins
    std::condition_variable m_ended;       ///< a thread is through with it
    Loop m_loop;
    std::size_t m_round = 0;  ///< number of loops begun
    std::size_t m_active = 0; ///< threads that have not ended the current loop
    std::vector<std::jthread> m_threads;
};

} // namespace sinkscope
