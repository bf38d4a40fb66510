// SPDX-License-Identifier: Apache-2.0
#include "core/jobs/thread_team.h"

#include <algorithm>
#include <sched.h>

namespace sinkscope {

int usableProcessors() {
    cpu_set_t mask;
    CPU_ZERO(&mask);
    if (sched_getaffinity(0, sizeof mask, &mask) == 0 && CPU_COUNT(&mask) > 0)
        return CPU_COUNT(&mask);
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); // more processors than the mask has bits
}

ThreadTeam::ThreadTeam(int threads, const std::function<void()>& start) {
    for (int worker = 1; worker < threads; ++worker)
        m_threads.emplace_back([this, worker, start](const std::stop_token& stop) {
            if (start)
                start();
            work(stop, worker);
        });
}

ThreadTeam::~ThreadTeam() {
    for (auto& thread : m_threads)
        thread.request_stop();
    m_threads.clear(); // joins
}

void ThreadTeam::work(std::stop_token stop, int worker) {
    std::size_t seen = 0;
    for (;;) {
        {
            std::unique_lock lock(m_mutex);
            if (!m_changed.wait(lock, stop, [this, seen] { return m_round != seen; }))
                return;
            seen = m_round;
        }
        takeTasks(worker);
        const std::lock_guard lock(m_mutex);
        if (--m_active == 0)
            m_ended.notify_one();
    }
}

void ThreadTeam::takeTasks(int worker) {
    for (;;) {
        const std::size_t index = m_loop.next.fetch_add(1, std::memory_order_relaxed);
        if (index >= m_loop.count || m_loop.broken.load(std::memory_order_relaxed) || m_loop.context->cancelled())
            return;
        try {
            (*m_loop.task)(index, worker);
        } catch (...) {
            const std::lock_guard lock(m_mutex);
            if (!m_loop.broken.exchange(true))
                m_loop.failure = std::current_exception();
        }
    }
}

Result<void> ThreadTeam::run(std::size_t count, const Task& task, const JobContext& context) {
    {
        const std::lock_guard lock(m_mutex);
        m_loop.count = count;
        m_loop.task = &task;
        m_loop.context = &context;
        m_loop.next = 0;
        m_loop.broken = false;
        m_loop.failure = nullptr;
        m_active = count > 1 ? m_threads.size() : 0; // one task needs no help
        if (m_active > 0)
            ++m_round;
    }
    if (count > 1)
        m_changed.notify_all();
    takeTasks(0);
    std::unique_lock lock(m_mutex);
    m_ended.wait(lock, [this] { return m_active == 0; });
    if (m_loop.failure)
        std::rethrow_exception(std::exchange(m_loop.failure, nullptr));
    return context.checkpoint();
}

} // namespace sinkscope
