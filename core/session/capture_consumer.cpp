// SPDX-License-Identifier: Apache-2.0
#include "core/session/capture_consumer.h"

#include <utility>

namespace sinkscope {

CaptureConsumer::CaptureConsumer(std::shared_ptr<CaptureStore> store, const KeepOptions& keep, int samples, bool causal,
                                 LayerArrived arrived)
    : m_store(std::move(store)), m_keep(keep), m_builder(samples, causal), m_arrived(std::move(arrived)) {}

Result<void> CaptureConsumer::onVectors(const VectorsTap& tap) {
    m_builder.begin(tap);
    return m_keep.vectors ? m_store->writeVectors(tap.sample, tap.layer, tap.query, tap.key, tap.value) : Result<void>();
}

void CaptureConsumer::onAttention(const AttentionTap& tap) {
    m_builder.add(tap);
    if (!m_keep.attention || tap.pass != 0)
        return;
    auto written = m_store->writeAttentionRows(tap.sample, tap.layer, tap.head, tap.firstQuery, tap.queries, tap.keys, tap.stride,
                                               tap.weights);
    if (!written) {
        const std::lock_guard lock(m_mutex);
        if (!m_problem)
            m_problem = written.error();
    }
}

Result<void> CaptureConsumer::attentionProblem() {
    const std::lock_guard lock(m_mutex);
    return m_problem ? Result<void>(*m_problem) : Result<void>();
}

Result<void> CaptureConsumer::onHidden(const HiddenTap& tap) {
    if (tap.layer < 0)
        return {}; // the embedding: nothing of it is kept
    SINKSCOPE_CHECK(attentionProblem());
    SINKSCOPE_TRY(const auto statistics, m_builder.finish(tap));
    if (m_keep.hidden)
        SINKSCOPE_CHECK(m_store->writeHidden(tap.sample, tap.layer, tap.hidden));
    SINKSCOPE_CHECK(m_store->writeStatistics(*statistics));
    if (m_arrived)
        m_arrived(statistics);
    return {};
}

Result<void> CaptureConsumer::onLogits(const LogitsTap& tap) {
    return m_keep.logits ? m_store->writeLogits(tap.sample, tap.logits) : Result<void>();
}

Result<void> CaptureConsumer::onLayerDone(int layer) { return layer < 0 ? Result<void>() : m_store->finishLayer(layer); }

} // namespace sinkscope
