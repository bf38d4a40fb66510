// SPDX-License-Identifier: Apache-2.0
#include "core/session/capture_consumer.h"
#include "core/session/weight_fingerprint.h"
#include "support/capture_fixture.h"
#include "support/verify_result.h"

#include <limits>
#include <thread>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

/// Delivers one sample's layer as a forward pass does: every head on a thread of its own, in blocks of `rows` queries.
Result<void> deliver(TapConsumer& consumer, const CaptureHeader& header, const LayerData& data, int rows) {
    const LayerStatistics& s = *data.statistics;
    SINKSCOPE_CHECK(consumer.onVectors({.sample = s.sample, .layer = s.layer, .tokens = s.tokens, .heads = s.heads,
                                        .keyValueHeads = s.keyValueHeads, .headWidth = header.headWidth, .query = data.query,
                                        .key = data.key, .value = data.value}));
    {
        std::vector<std::jthread> threads;
        for (int head = 0; head < s.heads; ++head)
            threads.emplace_back([&, head] {
                for (int pass = 0; pass < consumer.attentionPasses(); ++pass)
                    for (int first = 0; first < s.tokens; first += rows) {
                        const int count = std::min(rows, s.tokens - first);
                        consumer.onAttention({.sample = s.sample, .layer = s.layer, .head = head, .pass = pass, .tokens = s.tokens,
                                              .firstQuery = first, .queries = count, .keys = first + count,
                                              .stride = static_cast<std::size_t>(s.tokens),
                                              .weights = data.attention[static_cast<std::size_t>(head)].weights.data() + first * s.tokens,
                                              .causal = true});
                    }
            });
    }
    return consumer.onHidden({.sample = s.sample, .layer = s.layer, .tokens = s.tokens, .width = header.width, .hidden = data.hidden});
}

TensorInfo tensor(const std::string& name, std::span<const std::byte> bytes) {
    return {.name = name, .dtype = DType::F32, .shape = {static_cast<std::int64_t>(bytes.size() / 4)}, .bytes = bytes, .file = nullptr};
}

Checkpoint checkpointOf(std::vector<TensorInfo> tensors) {
    Checkpoint checkpoint;
    checkpoint.tensors = std::move(tensors);
    for (std::size_t i = 0; i < checkpoint.tensors.size(); ++i)
        checkpoint.byName[checkpoint.tensors[i].name] = i;
    return checkpoint;
}

} // namespace

class TestCaptureConsumer : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everythingIsWrittenAndHandedOn();
    void aFailedWriteEndsTheRun();
    void notFiniteEndsTheRun();
    void fingerprintTellsWeightsApart();
};

void TestCaptureConsumer::everythingIsWrittenAndHandedOn() {
    const ScratchFolder folder;
    const CaptureHeader header = smallHeader({7, 1, 12});
    const KeepOptions keep{.attention = true, .hidden = true};
    const auto store = CaptureStore::create(fileIn(folder), header, keep);
    QVERIFY_RESULT(store);
    std::vector<std::shared_ptr<const LayerStatistics>> arrived;
    CaptureConsumer consumer(*store, keep, 3, true, [&](auto statistics) {
        QVERIFY((*store)->hasLayer(statistics->sample, statistics->layer)); // what is announced can be read
        arrived.push_back(std::move(statistics));
    });
    const std::vector<float> embedding(7 * 20, 1.0F);
    QVERIFY_RESULT(consumer.onHidden({.sample = 0, .layer = -1, .tokens = 7, .width = 20, .hidden = embedding}));
    for (int layer = 0; layer < 3; ++layer) {
        for (int sample = 0; sample < 3; ++sample)
            QVERIFY_RESULT(deliver(consumer, header, layerData(header, sample, layer), 100));
        QVERIFY_RESULT(consumer.onLayerDone(layer));
    }
    QVERIFY_RESULT((*store)->finish());
    QCOMPARE(arrived.size(), std::size_t{9});
    for (const auto& statistics : arrived) {
        QVERIFY(sameStatistics(*statistics, *layerData(header, statistics->sample, statistics->layer).statistics));
        QVERIFY(sameStatistics(*statistics, **(*store)->statistics(statistics->sample, statistics->layer)));
    }
}

void TestCaptureConsumer::aFailedWriteEndsTheRun() {
    const ScratchFolder folder;
    const CaptureHeader header = smallHeader({7});
    const auto store = CaptureStore::create(fileIn(folder), header, {.attention = false});
    QVERIFY_RESULT(store);
    CaptureConsumer consumer(*store, {.attention = true}, 1, true, {}); // the store has no room for what the consumer keeps
    QVERIFY_ERROR(deliver(consumer, header, layerData(header, 0, 0), 3), ErrorCode::InvalidArgument);
    QVERIFY(!(*store)->hasLayer(0, 0));
}

void TestCaptureConsumer::notFiniteEndsTheRun() {
    const ScratchFolder folder;
    const CaptureHeader header = smallHeader({7});
    const auto store = CaptureStore::create(fileIn(folder), header, {});
    QVERIFY_RESULT(store);
    LayerData data = layerData(header, 0, 0);
    data.attention[1].weights[8] = std::numeric_limits<float>::quiet_NaN();
    CaptureConsumer consumer(*store, {}, 1, true, {});
    QVERIFY_ERROR(deliver(consumer, header, data, 7), ErrorCode::NotFinite);
    QVERIFY(!(*store)->hasLayer(0, 0));
}

void TestCaptureConsumer::fingerprintTellsWeightsApart() {
    std::vector<std::byte> small(40), large(100'000);
    const auto base = weightFingerprint(checkpointOf({tensor("a", small), tensor("b", large)}));
    QVERIFY(base.starts_with("fnv1a64-sampled:") && base.size() == 32);
    QCOMPARE(weightFingerprint(checkpointOf({tensor("b", large), tensor("a", small)})), base);
    QVERIFY(weightFingerprint(checkpointOf({tensor("a", small), tensor("c", large)})) != base);
    QVERIFY(weightFingerprint(checkpointOf({tensor("a", small), tensor("b", std::span(large).first(99'996))})) != base);
    for (const std::size_t place : {std::size_t{0}, large.size() - 1}) {
        large[place] = std::byte{1};
        QVERIFY(weightFingerprint(checkpointOf({tensor("a", small), tensor("b", large)})) != base);
        large[place] = std::byte{0};
    }
    small[39] = std::byte{1};
    QVERIFY(weightFingerprint(checkpointOf({tensor("a", small), tensor("b", large)})) != base);
}

QTEST_GUILESS_MAIN(TestCaptureConsumer)
#include "tst_capture_consumer.moc"
