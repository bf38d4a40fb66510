// SPDX-License-Identifier: Apache-2.0
// The part of CaptureReader that turns attributes and tokens into a CaptureHeader.
#include "core/base/printable.h"
#include "core/capture/capture_reader.h"

#include <algorithm>

namespace sinkscope {

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
    SINKSCOPE_TRY(header.rule.scale, real(model, "scale"));
    SINKSCOPE_TRY(const std::string mask, text(model, "mask"));
    if (mask != "causal" && mask != "bidirectional")
        return invalid("attribute mask is \"" + printable(mask, 40) + "\", expected causal or bidirectional");
    header.rule.causal = mask == "causal";
    return {};
}

Result<void> CaptureReader::readModel(CaptureHeader& header) const {
    SINKSCOPE_TRY(const h5::Group model, group("/model"));
    SINKSCOPE_TRY(header.architecture, textOr(model, "architecture", ""));
    SINKSCOPE_TRY(header.title, textOr(model, "title", ""));
    SINKSCOPE_TRY(header.source, textOr(model, "source", ""));
    SINKSCOPE_TRY(header.configJson, textOr(model, "config", ""));
    SINKSCOPE_TRY(header.weightSha256, textOr(model, "weight_sha256", ""));
    SINKSCOPE_TRY(header.weightFingerprint, textOr(model, "weight_fingerprint", ""));
    SINKSCOPE_TRY(header.positions, textOr(model, "positions", ""));
    SINKSCOPE_TRY(header.dtype, textOr(model, "dtype", "")); // older captures have none
    SINKSCOPE_TRY(header.layers, integer(model, "layers", 1, limits::kLayers));
    SINKSCOPE_TRY(header.heads, integer(model, "heads", 1, limits::kHeads));
    SINKSCOPE_TRY(header.keyValueHeads, integer(model, "key_value_heads", 1, header.heads));
    SINKSCOPE_TRY(header.headWidth, integer(model, "head_width", 1, limits::kHeadWidth));
    SINKSCOPE_TRY(header.width, integer(model, "width", 1, limits::kWidth));
    SINKSCOPE_TRY(header.vocabulary, integer(model, "vocabulary", 1, limits::kVocabulary));
    SINKSCOPE_TRY(const int bos, integer(model, "bos_present", 0, 1));
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
    SINKSCOPE_TRY(const h5::Group owner, group(samplePath(sample)));
    SINKSCOPE_TRY(result.text, textOr(owner, "text", ""));
    SINKSCOPE_TRY(result.group, textOr(owner, "group", ""));
    SINKSCOPE_TRY(const h5::Dataset ids, dataset(path + "ids", H5T_INTEGER, {}));
    SINKSCOPE_TRY(const Shape shape, shapeOfDataset(path + "ids", ids));
    if (shape.size() != 1 || shape[0] < 1 || shape[0] > static_cast<std::uint64_t>(limits::kTokens))
        return invalid(path + "ids does not hold 1 to " + std::to_string(limits::kTokens) + " tokens");
    const std::uint64_t count = shape[0];
    Encoding& encoding = result.encoding;
    SINKSCOPE_TRY(encoding.ids, integers(path + "ids", {count}));
    for (const std::int32_t id : encoding.ids)
        if (id < 0 || id >= vocabulary)
            return invalid(path + "ids holds " + std::to_string(id) + ", outside a vocabulary of " + std::to_string(vocabulary));
    SINKSCOPE_TRY(const auto offsets, integers(path + "offsets", {count, 2}));
    for (std::size_t i = 0; i < count; ++i) {
        if (offsets[2 * i] < 0 || offsets[2 * i + 1] < offsets[2 * i])
            return invalid(path + "offsets holds an impossible range at token " + std::to_string(i));
        encoding.offsets.emplace_back(offsets[2 * i], offsets[2 * i + 1]);
    }
    SINKSCOPE_TRY(const auto special, integers(path + "special", {count}));
    for (const std::int32_t value : special)
        encoding.special.push_back(value != 0 ? 1 : 0);
    encoding.segments.assign(count, 0);
    if (H5Lexists(m_file.get(), (path + "segments").c_str(), m_links.get()) > 0) {
        SINKSCOPE_TRY(encoding.segments, integers(path + "segments", {count}));
    }
    SINKSCOPE_TRY(encoding.pieces, texts(path + "pieces", count));
    result.display = encoding.pieces;
    if (H5Lexists(m_file.get(), (path + "display").c_str(), m_links.get()) > 0) {
        SINKSCOPE_TRY(result.display, texts(path + "display", count));
    }
    return result;
}

Result<CaptureHeader> CaptureReader::header() const {
    const h5::Session session;
    SINKSCOPE_TRY(const h5::Group root, group("/"));
    SINKSCOPE_TRY(const std::string format, textOr(root, "format", ""));
    if (format != kCaptureFormat)
        return invalid("it is an HDF5 file, but no Sinkscope capture");
    SINKSCOPE_TRY(const int version, integer(root, "version", 1, 1 << 20));
    if (version > kCaptureVersion)
        return invalid("it has version " + std::to_string(version) + " of the capture format; this program reads version " +
                       std::to_string(kCaptureVersion));
    CaptureHeader header;
    SINKSCOPE_TRY(header.createdUtc, textOr(root, "created_utc", ""));
    SINKSCOPE_TRY(header.recipeJson, textOr(root, "recipe", ""));
    SINKSCOPE_CHECK(readModel(header));
    SINKSCOPE_TRY(const h5::Group samples, group("/samples"));
    H5G_info_t info{};
    if (H5Gget_info(samples.get(), &info) < 0 || info.nlinks < 1 || info.nlinks > static_cast<hsize_t>(limits::kSamples))
        return invalid("/samples does not hold 1 to " + std::to_string(limits::kSamples) + " samples");
    for (int sample = 0; sample < static_cast<int>(info.nlinks); ++sample) {
        SINKSCOPE_TRY(SampleTokens read, tokens(sample, header.vocabulary));
        header.samples.push_back(std::make_shared<const SampleTokens>(std::move(read)));
    }
    return header;
}

Result<std::vector<std::uint8_t>> CaptureReader::layerDone(const CaptureHeader& header) const {
    SINKSCOPE_TRY(const auto flags,
                  integers("/progress/layer_done", {header.samples.size(), static_cast<std::uint64_t>(header.layers)}));
    std::vector<std::uint8_t> done;
    done.reserve(flags.size());
    for (const std::int32_t flag : flags)
        done.push_back(flag == 1 ? 1 : 0);
    return done;
}

Result<bool> CaptureReader::complete() const {
    SINKSCOPE_TRY(const auto flag, integers("/progress/complete", {1}));
    return flag[0] == 1;
}

Result<double> CaptureReader::hitQuantile() const {
    const h5::Session session;
    SINKSCOPE_TRY(const h5::Group model, group("/model"));
    return real(model, "hit_quantile");
}

bool CaptureReader::hasField(const CaptureHeader& header, Field field) const {
    const h5::Session session;
    const h5::Group layer(H5Oopen(m_file.get(), layerPath(0, header.capturedLayers.front()).c_str(), m_links.get()));
    return layer && H5Lexists(layer.get(), nameOf(field).data(), m_links.get()) > 0;
}

} // namespace sinkscope
