// SPDX-License-Identifier: Apache-2.0
#include "core/jobs/job_pool.h"

#include <algorithm>

namespace sinkscope {

JobPool::JobPool(std::size_t threads) {
    for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i)
        m_threads.emplace_back([this](const std::stop_token& stop) { workerLoop(stop); });
}

JobPool::~JobPool() {
    {
        const std::lock_guard lock(m_mutex);
        m_queue.clear();
        for (std::stop_source& stop : m_running)
            stop.request_stop();
        for (std::jthread& thread : m_threads)
            thread.request_stop();
    }
    m_threads.clear(); // joins
}

void JobPool::enqueue(Entry entry) {
    {
        const std::lock_guard lock(m_mutex);
        m_queue.push_back(std::move(entry));
    }
    m_wake.notify_one();
}

std::deque<JobPool::Entry>::iterator JobPool::nextRunnable() {
    return std::find_if(m_queue.begin(), m_queue.end(), [this](const Entry& entry) {
        return entry.strand == Strand::Free || std::ranges::find(m_busyStrands, entry.strand) == m_busyStrands.end();
    });
}

void JobPool::workerLoop(const std::stop_token& poolStop) {
    std::unique_lock lock(m_mutex);
    while (true) {
        const bool runnable = m_wake.wait(lock, poolStop, [this] { return nextRunnable() != m_queue.end(); });
        if (!runnable || poolStop.stop_requested())
            return;
        const auto position = nextRunnable();
        Entry entry = std::move(*position);
        m_queue.erase(position);
        m_running.push_back(entry.stop);
        m_busyStrands.push_back(entry.strand);

        lock.unlock();
        entry.run();
        entry.run = nullptr; // what the job captured dies here, outside the lock
        lock.lock();

        std::erase(m_running, entry.stop);
        m_busyStrands.erase(std::ranges::find(m_busyStrands, entry.strand));
        m_wake.notify_all(); // a job of the same strand may have been waiting
    }
}

} // namespace sinkscope
