// SPDX-License-Identifier: Apache-2.0
#include "core/capture/capture_layout.h"

#include "core/attention/statistics_builder.h"
#include "core/capture/hdf5_raii.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sinkscope {
namespace {

/// U+0000 ends a string in HDF5; its picture U+2400 takes its place, one code point for one, so that offsets stay right.
std::string withoutNul(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '\0')
            result += "\xE2\x90\x80";
        else
            result += c;
    }
    return result;
}

h5::Type textType() {
    h5::Type type(H5Tcopy(H5T_C_S1));
    H5Tset_size(type.get(), H5T_VARIABLE);
    H5Tset_cset(type.get(), H5T_CSET_UTF8);
    return type;
}

h5::Type halfType() {
    h5::Type type(H5Tcopy(H5T_IEEE_F32LE));
    H5Tset_fields(type.get(), 15, 10, 5, 0, 10);
    H5Tset_size(type.get(), 2);
    H5Tset_ebias(type.get(), 15);
    return type;
}

/// Creates the parts of one file. The first failure sticks; `offsetOf` and the rest then do nothing.
class LayoutWriter {
public:
    /// `datasets`: about how many there will be.
    LayoutWriter(const std::filesystem::path& path, std::size_t datasets);
    /// Closes the file. False if anything failed; errno of the first failure in `reason`.
    bool close();

    h5::Group group(const std::string& path);
    void text(const h5::Group& group, const char* name, std::string_view value);
    void integer(const h5::Group& group, const char* name, std::int64_t value);
    void real(const h5::Group& group, const char* name, double value);
    void integers(const h5::Group& group, const char* name, const std::vector<int>& values);
    /// A dataset of fixed place whose bytes are written later, from the returned offset on.
    std::int64_t reserve(const h5::Group& group, const char* name, const Shape& shape, hid_t type);
    void texts(const h5::Group& group, const char* name, const std::vector<std::string>& values);
    template <typename T>
    void values(const h5::Group& group, const char* name, const Shape& shape, hid_t type, const std::vector<T>& data) {
        const h5::Dataset dataset = create(group, name, shape, type);
        if (m_ok)
            check(H5Dwrite(dataset.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data.data()) >= 0);
    }
    [[nodiscard]] hid_t typeOf(Element element) const {
        return element == Element::Float16 ? m_half.get() : element == Element::Int32 ? H5T_STD_I32LE : H5T_IEEE_F32LE;
    }
    [[nodiscard]] int reason() const { return m_reason; }

private:
    void check(bool ok) {
        if (!ok && m_ok) {
            m_ok = false;
            m_reason = errno;
        }
    }
    h5::Dataset create(const h5::Group& group, const char* name, const Shape& shape, hid_t type);
    void attribute(const h5::Group& group, const char* name, hid_t type, const h5::Space& space, const void* data);

    bool m_ok = true;
    int m_reason = 0;
    h5::Properties m_access, m_groupCreation, m_datasetCreation, m_textCreation;
    h5::Type m_text = textType(), m_half = halfType();
    h5::Space m_scalar{H5Screate(H5S_SCALAR)};
    h5::File m_file;
};

LayoutWriter::LayoutWriter(const std::filesystem::path& path, std::size_t datasets)
    : m_access(H5Pcreate(H5P_FILE_ACCESS)), m_groupCreation(H5Pcreate(H5P_GROUP_CREATE)),
      m_datasetCreation(H5Pcreate(H5P_DATASET_CREATE)), m_textCreation(H5Pcreate(H5P_DATASET_CREATE)) {
    // The format of HDF5 1.8: compact groups, and no "open for writing" mark as the later ones have.
    H5Pset_libver_bounds(m_access.get(), H5F_LIBVER_V18, H5F_LIBVER_V18);
    // Descriptions lie together instead of between the data: quicker to write and to open.
    H5Pset_meta_block_size(m_access.get(), std::clamp<hsize_t>(datasets * 256, 2048, hsize_t{1} << 20));
    H5Pset_link_phase_change(m_groupCreation.get(), 32, 16); // `stats` stays one small block
    H5Pset_layout(m_datasetCreation.get(), H5D_CONTIGUOUS);
    H5Pset_alloc_time(m_datasetCreation.get(), H5D_ALLOC_TIME_EARLY);
    H5Pset_fill_time(m_datasetCreation.get(), H5D_FILL_TIME_NEVER); // not allowed for texts of variable length
    H5Pset_obj_track_times(m_datasetCreation.get(), false);
    H5Pset_obj_track_times(m_textCreation.get(), false);
    errno = 0;
    m_file = h5::File(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, m_access.get()));
    check(static_cast<bool>(m_file));
}

bool LayoutWriter::close() {
    errno = 0;
    if (m_file)
        check(H5Fflush(m_file.get(), H5F_SCOPE_LOCAL) >= 0);
    m_file.reset();
    return m_ok;
}

h5::Group LayoutWriter::group(const std::string& path) {
    if (!m_ok)
        return {};
    errno = 0;
    h5::Group group(path == "/" ? H5Gopen2(m_file.get(), "/", H5P_DEFAULT)
                                : H5Gcreate2(m_file.get(), path.c_str(), H5P_DEFAULT, m_groupCreation.get(), H5P_DEFAULT));
    check(static_cast<bool>(group));
    return group;
}

void LayoutWriter::attribute(const h5::Group& group, const char* name, hid_t type, const h5::Space& space, const void* data) {
    if (!m_ok)
        return;
    const h5::Attribute attribute(H5Acreate2(group.get(), name, type, space.get(), H5P_DEFAULT, H5P_DEFAULT));
    check(attribute && H5Awrite(attribute.get(), type == H5T_STD_I64LE ? H5T_NATIVE_INT64 : type, data) >= 0);
}

void LayoutWriter::text(const h5::Group& group, const char* name, std::string_view value) {
    const std::string clean = withoutNul(value);
    const char* pointer = clean.c_str();
    attribute(group, name, m_text.get(), m_scalar, &pointer);
}

void LayoutWriter::integer(const h5::Group& group, const char* name, std::int64_t value) {
    attribute(group, name, H5T_STD_I64LE, m_scalar, &value);
}

void LayoutWriter::real(const h5::Group& group, const char* name, double value) {
    attribute(group, name, H5T_IEEE_F64LE, m_scalar, &value);
}

void LayoutWriter::integers(const h5::Group& group, const char* name, const std::vector<int>& values) {
    const std::vector<std::int64_t> wide(values.begin(), values.end());
    const hsize_t count = wide.size();
    attribute(group, name, H5T_STD_I64LE, h5::Space(H5Screate_simple(1, &count, nullptr)), wide.data());
}

h5::Dataset LayoutWriter::create(const h5::Group& group, const char* name, const Shape& shape, hid_t type) {
    if (!m_ok)
        return {};
    errno = 0;
    const std::vector<hsize_t> dimensions(shape.begin(), shape.end());
    const h5::Space space(H5Screate_simple(static_cast<int>(dimensions.size()), dimensions.data(), nullptr));
    h5::Dataset dataset(H5Dcreate2(group.get(), name, type, space.get(), H5P_DEFAULT,
                                   (type == m_text.get() ? m_textCreation : m_datasetCreation).get(), H5P_DEFAULT));
    check(static_cast<bool>(dataset));
    return dataset;
}

std::int64_t LayoutWriter::reserve(const h5::Group& group, const char* name, const Shape& shape, hid_t type) {
    const h5::Dataset dataset = create(group, name, shape, type);
    if (!m_ok)
        return CaptureLayout::kAbsent;
    const haddr_t offset = H5Dget_offset(dataset.get());
    check(offset != HADDR_UNDEF);
    return static_cast<std::int64_t>(offset);
}

void LayoutWriter::texts(const h5::Group& group, const char* name, const std::vector<std::string>& values) {
    std::vector<std::string> clean;
    std::vector<const char*> pointers;
    clean.reserve(values.size());
    for (const std::string& value : values)
        pointers.push_back(clean.emplace_back(withoutNul(value)).c_str());
    this->values(group, name, {values.size()}, m_text.get(), pointers);
}

void writeModel(LayoutWriter& writer, const CaptureHeader& header) {
    const h5::Group root = writer.group("/");
    writer.text(root, "format", kCaptureFormat);
    writer.integer(root, "version", kCaptureVersion);
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
    writer.integer(model, "layers", header.layers);
    writer.integer(model, "heads", header.heads);
    writer.integer(model, "key_value_heads", header.keyValueHeads);
    writer.integer(model, "head_width", header.headWidth);
    writer.integer(model, "width", header.width);
    writer.integer(model, "vocabulary", header.vocabulary);
    writer.integer(model, "bos_present", header.bosPresent ? 1 : 0);
    writer.real(model, "scale", header.rule.scale);
    writer.text(model, "mask", header.rule.causal ? "causal" : "bidirectional");
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
            isKept(field, keep) ? writer.reserve(index < kFirstStatistic ? layer : statistics, nameOf(field).data(),
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
    if (!writer.close()) {
        const int reason = writer.reason();
        const bool full = reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
        return Error{full ? ErrorCode::DiskFull : ErrorCode::WriteFailed,
                     reason != 0 ? std::strerror(reason) : "HDF5 could not write it", path};
    }
    return layout;
}

} // namespace sinkscope
