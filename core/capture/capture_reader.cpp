// SPDX-License-Identifier: Apache-2.0
#include "core/base/printable.h"
#include "core/capture/capture_reader.h"

#include <algorithm>
#include <limits>

namespace sinkscope {

Result<CaptureReader> CaptureReader::open(const std::filesystem::path& path, const std::filesystem::path& name) {
    SINKSCOPE_TRY(Hdf5Reader file, Hdf5Reader::open(path, name));
    return CaptureReader(std::move(file));
}

Result<std::vector<int>> CaptureReader::capturedLayers(const h5::Group& model, int layers) const {
    const h5::Attribute attribute(H5Aopen(model.get(), "captured_layers", H5P_DEFAULT));
    const h5::Type type(attribute ? H5Aget_type(attribute.get()) : H5I_INVALID_HID);
    const h5::Space space(attribute ? H5Aget_space(attribute.get()) : H5I_INVALID_HID);
    const auto count = type && H5Tget_class(type.get()) == H5T_INTEGER ? H5Sget_simple_extent_npoints(space.get()) : -1;
    if (count < 1 || count > layers)
        return invalid("attribute captured_layers does not list 1 to " + std::to_string(layers) + " layers");
    std::vector<int> listed(static_cast<std::size_t>(count));
    if (H5Aread(attribute.get(), H5T_NATIVE_INT, listed.data()) < 0 || listed.front() < 0 || listed.back() >= layers ||
        std::ranges::adjacent_find(listed, std::greater_equal<>()) != listed.end())
        return invalid("attribute captured_layers is not an ascending list of layers");
    return listed;
}

Result<void> CaptureReader::readRule(const h5::Group& model, CaptureHeader& header) const {
    SINKSCOPE_TRY(header.rule.scale, m_file.real(model, "scale"));
    SINKSCOPE_TRY(const std::string mask, m_file.text(model, "mask"));
    if (mask != "causal" && mask != "bidirectional")
        return invalid("attribute mask is \"" + printable(mask, 40) + "\", expected causal or bidirectional");
    header.rule.causal = mask == "causal";
    const auto layers = static_cast<std::size_t>(header.layers), heads = static_cast<std::size_t>(header.heads);
    SINKSCOPE_TRY(const auto cap, m_file.realsOrNone(model, "soft_cap", 1, 0));
    header.rule.softCap = cap.empty() ? 0 : cap.front();
    SINKSCOPE_TRY(const auto windows, m_file.realsOrNone(model, "windows", layers, 0));
    for (const double window : windows)
        header.headRules.windows.push_back(static_cast<int>(std::min(window, double{limits::kTokens})));
    SINKSCOPE_TRY(header.headRules.alibiSlopes, m_file.realsOrNone(model, "alibi_slopes", heads, 0));
    if (!header.headRules.alibiSlopes.empty()) {
        SINKSCOPE_TRY(const int rounded, m_file.integer(model, "alibi_bfloat16", 0, 1));
        header.rule.alibiInBFloat16 = rounded != 0;
    }
    SINKSCOPE_TRY(const auto sinks, m_file.realsOrNone(model, "learned_sinks", layers * heads, std::numeric_limits<float>::lowest()));
    header.headRules.sinks.assign(sinks.begin(), sinks.end());
    return {};
}

Result<void> CaptureReader::readModel(CaptureHeader& header) const {
    SINKSCOPE_TRY(const h5::Group model, m_file.group("/model"));
    SINKSCOPE_TRY(header.architecture, m_file.textOr(model, "architecture", ""));
    SINKSCOPE_TRY(header.title, m_file.textOr(model, "title", ""));
    SINKSCOPE_TRY(header.source, m_file.textOr(model, "source", ""));
    SINKSCOPE_TRY(header.configJson, m_file.textOr(model, "config", ""));
    SINKSCOPE_TRY(header.weightSha256, m_file.textOr(model, "weight_sha256", ""));
    SINKSCOPE_TRY(header.weightFingerprint, m_file.textOr(model, "weight_fingerprint", ""));
    SINKSCOPE_TRY(header.positions, m_file.textOr(model, "positions", ""));
    SINKSCOPE_TRY(header.rotary, m_file.textOr(model, "rotary", ""));
    SINKSCOPE_TRY(header.dtype, m_file.textOr(model, "dtype", "")); // older captures have none
    SINKSCOPE_TRY(header.layers, m_file.integer(model, "layers", 1, limits::kLayers));
    SINKSCOPE_TRY(header.heads, m_file.integer(model, "heads", 1, limits::kHeads));
    SINKSCOPE_TRY(header.keyValueHeads, m_file.integer(model, "key_value_heads", 1, header.heads));
    SINKSCOPE_TRY(header.headWidth, m_file.integer(model, "head_width", 1, limits::kHeadWidth));
    SINKSCOPE_TRY(header.width, m_file.integer(model, "width", 1, limits::kWidth));
    SINKSCOPE_TRY(header.vocabulary, m_file.integer(model, "vocabulary", 1, limits::kVocabulary));
    SINKSCOPE_TRY(const int bos, m_file.integer(model, "bos_present", 0, 1));
    header.bosPresent = bos != 0;
    if (header.heads % header.keyValueHeads != 0)
        return invalid("attribute heads is " + std::to_string(header.heads) + ", no multiple of key_value_heads, which is " +
                       std::to_string(header.keyValueHeads));
    SINKSCOPE_TRY(header.capturedLayers, capturedLayers(model, header.layers));
    return readRule(model, header);
}

Result<SampleTokens> CaptureReader::tokens(int sample, int vocabulary) const {
    SampleTokens result;
    const std::string path = samplePath(sample) + "/tokens/";
    SINKSCOPE_TRY(const h5::Group owner, m_file.group(samplePath(sample)));
    SINKSCOPE_TRY(result.text, m_file.textOr(owner, "text", ""));
    SINKSCOPE_TRY(result.group, m_file.textOr(owner, "group", ""));
    SINKSCOPE_TRY(const h5::Dataset ids, m_file.dataset(path + "ids", H5T_INTEGER, {}));
    SINKSCOPE_TRY(const Shape shape, m_file.shapeOfDataset(path + "ids", ids));
    if (shape.size() != 1 || shape[0] < 1 || shape[0] > static_cast<std::uint64_t>(limits::kTokens))
        return invalid(path + "ids does not hold 1 to " + std::to_string(limits::kTokens) + " tokens");
    const std::uint64_t count = shape[0];
    Encoding& encoding = result.encoding;
    SINKSCOPE_TRY(encoding.ids, m_file.integers(path + "ids", {count}));
    for (const std::int32_t id : encoding.ids)
        if (id < 0 || id >= vocabulary)
            return invalid(path + "ids holds " + std::to_string(id) + ", outside a vocabulary of " + std::to_string(vocabulary));
    SINKSCOPE_TRY(const auto offsets, m_file.integers(path + "offsets", {count, 2}));
    for (std::size_t i = 0; i < count; ++i) {
        if (offsets[2 * i] < 0 || offsets[2 * i + 1] < offsets[2 * i])
            return invalid(path + "offsets holds an impossible range at token " + std::to_string(i));
        encoding.offsets.emplace_back(offsets[2 * i], offsets[2 * i + 1]);
    }
    SINKSCOPE_TRY(const auto special, m_file.integers(path + "special", {count}));
    for (const std::int32_t value : special)
        encoding.special.push_back(value != 0 ? 1 : 0);
    encoding.segments.assign(count, 0);
    if (m_file.exists(path + "segments")) {
        SINKSCOPE_TRY(encoding.segments, m_file.integers(path + "segments", {count}));
    }
    SINKSCOPE_TRY(encoding.pieces, m_file.texts(path + "pieces", count));
    result.display = encoding.pieces;
    if (m_file.exists(path + "display")) {
        SINKSCOPE_TRY(result.display, m_file.texts(path + "display", count));
    }
    return result;
}

Result<CaptureHeader> CaptureReader::header() const {
    const h5::Session session;
    SINKSCOPE_TRY(const h5::Group root, m_file.group("/"));
    SINKSCOPE_TRY(const std::string format, m_file.textOr(root, "format", ""));
    if (format != kCaptureFormat)
        return invalid("it is an HDF5 file, but no Sinkscope capture");
    SINKSCOPE_TRY(const int version, m_file.integer(root, "version", 1, 1 << 20));
    if (version > kCaptureVersion)
        return invalid("it has version " + std::to_string(version) + " of the capture format; this program reads version " +
                       std::to_string(kCaptureVersion));
    CaptureHeader header;
    SINKSCOPE_TRY(header.createdUtc, m_file.textOr(root, "created_utc", ""));
    SINKSCOPE_TRY(header.recipeJson, m_file.textOr(root, "recipe", ""));
    SINKSCOPE_CHECK(readModel(header));
    SINKSCOPE_TRY(const std::uint64_t samples, m_file.countIn("/samples"));
    if (samples < 1 || samples > static_cast<std::uint64_t>(limits::kSamples))
        return invalid("/samples does not hold 1 to " + std::to_string(limits::kSamples) + " samples");
    for (int sample = 0; sample < static_cast<int>(samples); ++sample) {
        SINKSCOPE_TRY(SampleTokens read, tokens(sample, header.vocabulary));
        header.samples.push_back(std::make_shared<const SampleTokens>(std::move(read)));
    }
    return header;
}

Result<std::vector<std::uint8_t>> CaptureReader::layerDone(const CaptureHeader& header) const {
    SINKSCOPE_TRY(const auto flags,
                  m_file.integers("/progress/layer_done", {header.samples.size(), static_cast<std::uint64_t>(header.layers)}));
    std::vector<std::uint8_t> done;
    done.reserve(flags.size());
    for (const std::int32_t flag : flags)
        done.push_back(flag == 1 ? 1 : 0);
    return done;
}

Result<bool> CaptureReader::complete() const {
    SINKSCOPE_TRY(const auto flag, m_file.integers("/progress/complete", {1}));
    return flag[0] == 1;
}

Result<double> CaptureReader::hitQuantile() const {
    const h5::Session session;
    SINKSCOPE_TRY(const h5::Group model, m_file.group("/model"));
    return m_file.real(model, "hit_quantile");
}

bool CaptureReader::hasField(const CaptureHeader& header, Field field) const {
    const h5::Session session;
    const std::string layer = layerPath(0, header.capturedLayers.front());
    return m_file.exists(layer) && m_file.exists(layer + "/" + std::string(nameOf(field)));
}

} // namespace sinkscope
