// SPDX-License-Identifier: Apache-2.0
#include "core/session/memory_capture.h"

#include "core/attention/statistics_builder.h"
#include "core/capture/capture_schema.h"

namespace sinkscope {
namespace {

/// What is kept of one layer of one sample.
struct KeptLayer {
    std::vector<float> query, key, value, hidden;
    std::shared_ptr<const LayerStatistics> statistics; ///< comes last
};

class MemoryCapture : public CaptureStore {
public:
    MemoryCapture(CaptureHeader header, const KeepOptions& keep)
        : m_header(std::move(header)), m_keep(keep), m_layers(m_header.samples.size() * m_header.capturedLayers.size()) {}

    [[nodiscard]] const CaptureHeader& header() const override { return m_header; }
    [[nodiscard]] bool hasLayer(int sample, int layer) const override {
        const auto slot = slotOfLayer(m_header, layer);
        return slot && sample >= 0 && sample < static_cast<int>(m_header.samples.size()) && m_layers[at(sample, *slot)].statistics;
    }
    [[nodiscard]] bool hasSpace(Space space) const override { return space == Space::Hidden ? m_keep.hidden : m_keep.vectors; }
    [[nodiscard]] Result<std::shared_ptr<const LayerStatistics>> statistics(int sample, int layer) override {
        if (!hasLayer(sample, layer))
            return absent(sample, layer);
        return kept(sample, layer).statistics;
    }
    [[nodiscard]] Result<HeadVectors> vectors(int sample, int layer, Space space, int head) override;

    Result<void> writeVectors(int sample, int layer, std::span<const float> query, std::span<const float> key,
                              std::span<const float> value) override {
        KeptLayer& own = kept(sample, layer);
        own.query.assign(query.begin(), query.end());
        own.key.assign(key.begin(), key.end());
        own.value.assign(value.begin(), value.end());
        return {};
    }
    Result<void> writeAttentionRows(int, int, int, int, int, int, std::size_t, const float*) override { return {}; }
    Result<void> writeHidden(int sample, int layer, std::span<const float> hidden) override {
        kept(sample, layer).hidden.assign(hidden.begin(), hidden.end());
        return {};
    }
    Result<void> writeLogits(int, std::span<const float>) override { return {}; }
    Result<void> writeStatistics(const LayerStatistics& statistics) override {
        kept(statistics.sample, statistics.layer).statistics = std::make_shared<const LayerStatistics>(statistics);
        return {};
    }
    Result<void> finishLayer(int) override { return {}; }
    Result<void> finish() override {
        m_complete = true;
        return {};
    }
    [[nodiscard]] bool isComplete() const override { return m_complete; }
    [[nodiscard]] const std::filesystem::path& path() const override { return m_path; }

private:
    [[nodiscard]] std::size_t at(int sample, std::size_t slot) const {
        return static_cast<std::size_t>(sample) * m_header.capturedLayers.size() + slot;
    }
    KeptLayer& kept(int sample, int layer) {
        const auto slot = slotOfLayer(m_header, layer);
        SINKSCOPE_ASSERT(slot.has_value());
        return m_layers[at(sample, *slot)];
    }
    static Error absent(int sample, int layer) {
        return {ErrorCode::InvalidArgument, "layer " + std::to_string(layer) + " of sample " + std::to_string(sample) + " is not there", {}};
    }

    CaptureHeader m_header;
    KeepOptions m_keep;
    std::vector<KeptLayer> m_layers; ///< [sample, captured layer]
    std::filesystem::path m_path;
    bool m_complete = false;
};

Result<HeadVectors> MemoryCapture::vectors(int sample, int layer, Space space, int head) {
    const int heads = space == Space::Query ? m_header.heads : space == Space::Hidden ? 1 : m_header.keyValueHeads;
    if (space == Space::Hidden)
        head = 0;
    if (!hasLayer(sample, layer) || !hasSpace(space) || head < 0 || head >= heads)
        return absent(sample, layer);
    const KeptLayer& own = kept(sample, layer);
    const std::vector<float>& all = space == Space::Query ? own.query : space == Space::Key ? own.key : space == Space::Value ? own.value : own.hidden;
    HeadVectors result{.tokens = own.statistics->tokens, .width = space == Space::Hidden ? m_header.width : m_header.headWidth, .values = {}};
    const auto part = std::span(all).subspan(static_cast<std::size_t>(head) * (all.size() / static_cast<std::size_t>(heads)),
                                             all.size() / static_cast<std::size_t>(heads));
    result.values.assign(part.begin(), part.end());
    return result;
}

} // namespace

std::shared_ptr<CaptureStore> makeMemoryCapture(CaptureHeader header, const KeepOptions& keep) {
    return std::make_shared<MemoryCapture>(std::move(header), keep);
}

std::uint64_t memoryCaptureBytes(const CaptureHeader& header, const KeepOptions& keep, std::uint64_t tokens) {
    const auto count = [](int number) { return static_cast<std::uint64_t>(number); };
    const std::uint64_t vectors = keep.vectors ? tokens * count(header.headWidth) * (count(header.heads) + 2 * count(header.keyValueHeads)) : 0;
    const std::uint64_t hidden = keep.hidden ? tokens * count(header.width) : 0;
    const std::uint64_t statistics = StatisticsBuilder::bytesPerSample(static_cast<int>(tokens), header.heads, header.keyValueHeads);
    return header.capturedLayers.size() * (4 * (vectors + hidden) + statistics);
}

} // namespace sinkscope
