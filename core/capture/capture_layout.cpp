// SPDX-License-Identifier: Apache-2.0
#include "core/capture/capture_layout.h"

#include "core/attention/statistics_builder.h"
#include "core/capture/layout_writer.h"

namespace sinkscope {
namespace {

/// Attributes of the model that only some have.
void writeRule(LayoutWriter& writer, const h5::Group& model, const CaptureHeader& header) {
    writer.real(model, "scale", header.rule.scale);
    writer.text(model, "mask", header.rule.causal ? "causal" : "bidirectional");
    if (header.rule.softCap > 0)
        writer.real(model, "soft_cap", header.rule.softCap);
    if (!header.headRules.windows.empty())
        writer.integers(model, "windows", header.headRules.windows);
    if (!header.headRules.alibiSlopes.empty()) {
        writer.reals(model, "alibi_slopes", header.headRules.alibiSlopes);
        writer.integer(model, "alibi_bfloat16", header.rule.alibiInBFloat16 ? 1 : 0);
    }
    const auto& sinks = header.headRules.sinks;
    if (!sinks.empty())
        writer.reals(model, "learned_sinks", {sinks.begin(), sinks.end()});
}

bool needsVersion2(const CaptureHeader& header) { return header.rule.softCap > 0 || header.headRules != HeadRules{}; }

void writeModel(LayoutWriter& writer, const CaptureHeader& header) {
    const h5::Group root = writer.group("/");
    writer.text(root, "format", kCaptureFormat);
    writer.integer(root, "version", needsVersion2(header) ? kCaptureVersion : 1);
    writer.text(root, "sinkscope_version", SINKSCOPE_VERSION);
    writer.text(root, "created_utc", header.createdUtc);
    writer.text(root, "recipe", header.recipeJson);
    const h5::Group model = writer.group("/model");
    writer.text(model, "architecture", header.architecture);
    writer.text(model, "title", header.title);
    writer.text(model, "source", header.source);
    writer.text(model, "config", header.configJson);
    writer.text(model, "weight_sha256", header.weightSha256);
    writer.text(model, "weight_fingerprint", header.weightFingerprint);
    writer.text(model, "positions", header.positions);
    if (!header.rotary.empty())
        writer.text(model, "rotary", header.rotary);
    writer.text(model, "dtype", header.dtype);
    writer.integer(model, "layers", header.layers);
    writer.integer(model, "heads", header.heads);
    writer.integer(model, "key_value_heads", header.keyValueHeads);
    writer.integer(model, "head_width", header.headWidth);
    writer.integer(model, "width", header.width);
    writer.integer(model, "vocabulary", header.vocabulary);
    writer.integer(model, "bos_present", header.bosPresent ? 1 : 0);
    writeRule(writer, model, header);
    writer.real(model, "hit_quantile", kHitQuantile);
    writer.integers(model, "captured_layers", header.capturedLayers);
}

void writeTokens(LayoutWriter& writer, const SampleTokens& tokens, int sample) {
    const h5::Group group = writer.group(samplePath(sample));
    writer.text(group, "text", tokens.text);
    if (!tokens.group.empty())
        writer.text(group, "group", tokens.group);
    const h5::Group parts = writer.group(samplePath(sample) + "/tokens");
    const Encoding& encoding = tokens.encoding;
    const std::uint64_t count = encoding.ids.size();
    std::vector<std::int32_t> offsets;
    for (const auto& [begin, end] : encoding.offsets)
        offsets.insert(offsets.end(), {begin, end});
    std::vector<std::int32_t> segments = encoding.segments;
    segments.resize(count, 0);
    writer.values(parts, "ids", {count}, H5T_STD_I32LE, encoding.ids);
    writer.values(parts, "offsets", {count, 2}, H5T_STD_I32LE, offsets);
    writer.values(parts, "special", {count}, H5T_STD_U8LE, encoding.special);
    writer.values(parts, "segments", {count}, H5T_STD_I32LE, segments);
    writer.texts(parts, "pieces", encoding.pieces);
    writer.texts(parts, "display", tokens.display);
}

void writeLayer(LayoutWriter& writer, const CaptureHeader& header, const KeepOptions& keep, int sample, std::size_t slot,
                CaptureLayout& layout) {
    const std::string path = layerPath(sample, header.capturedLayers[slot]);
    const h5::Group layer = writer.group(path);
    writer.real(layer, "scale", header.rule.scale);
    writer.integer(layer, "causal", header.rule.causal ? 1 : 0);
    const h5::Group statistics = writer.group(path + "/stats");
    const LayerDimensions dimensions = dimensionsOf(header, sample);
    for (std::size_t index = 0; index < kFieldCount; ++index) {
        const auto field = static_cast<Field>(index);
        layout.fields[layout.indexOf(static_cast<std::size_t>(sample), slot, field)] =
            isKept(field, keep, header) ? writer.reserve(index < kFirstStatistic ? layer : statistics, nameOf(field).data(),
                                                 shapeOf(field, dimensions), writer.typeOf(elementOf(field, keep)))
                                : CaptureLayout::kAbsent;
    }
}

} // namespace

Result<CaptureLayout> writeCaptureLayout(const std::filesystem::path& path, const CaptureHeader& header, const KeepOptions& keep) {
    const h5::Session session;
    CaptureLayout layout;
    layout.slots = header.capturedLayers.size();
    LayoutWriter writer(path, header.samples.size() * layout.slots * kFieldCount);
    layout.fields.resize(header.samples.size() * layout.slots * kFieldCount);
    layout.logits.assign(header.samples.size(), CaptureLayout::kAbsent);
    writeModel(writer, header);
    writer.group("/samples");
    for (int sample = 0; sample < static_cast<int>(header.samples.size()); ++sample) {
        writeTokens(writer, *header.samples[static_cast<std::size_t>(sample)], sample);
        writer.group(samplePath(sample) + "/layers");
        for (std::size_t slot = 0; slot < layout.slots; ++slot)
            writeLayer(writer, header, keep, sample, slot, layout);
        if (keep.logits)
            layout.logits[static_cast<std::size_t>(sample)] =
                writer.reserve(h5::Group(H5Gopen2(writer.group("/").get(), samplePath(sample).c_str(), H5P_DEFAULT)), "logits",
                               {static_cast<std::uint64_t>(dimensionsOf(header, sample).tokens),
                                static_cast<std::uint64_t>(header.vocabulary)},
                               H5T_IEEE_F32LE);
    }
    // Kept apart and written as zeros: the rest of the file may hold anything until its flag is set.
    const h5::Group progress = writer.group("/progress");
    layout.layerDone = writer.reserve(progress, "layer_done",
                                      {header.samples.size(), static_cast<std::uint64_t>(header.layers)}, H5T_STD_U8LE);
    layout.complete = writer.reserve(progress, "complete", {1}, H5T_STD_U8LE);
    writer.group("/analysis");
    SINKSCOPE_CHECK(writer.close(path));
    return layout;
}

} // namespace sinkscope
