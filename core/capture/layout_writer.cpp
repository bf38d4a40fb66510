// SPDX-License-Identifier: Apache-2.0
#include "core/capture/layout_writer.h"

#include "core/capture/capture_layout.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

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

void setFill(const h5::Properties& creation, hid_t type) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const int zero = 0;
    if (H5Tget_class(type) == H5T_FLOAT)
        H5Pset_fill_value(creation.get(), H5T_NATIVE_FLOAT, &nan);
    else
        H5Pset_fill_value(creation.get(), H5T_NATIVE_INT, &zero);
}

} // namespace

LayoutWriter::LayoutWriter(const std::filesystem::path& path, std::size_t datasets, Format format)
    : m_access(H5Pcreate(H5P_FILE_ACCESS)), m_groupCreation(H5Pcreate(H5P_GROUP_CREATE)),
      m_datasetCreation(H5Pcreate(H5P_DATASET_CREATE)), m_textCreation(H5Pcreate(H5P_DATASET_CREATE)), m_text(textType()), m_half(halfType()) {
    // The format of HDF5 1.8: compact groups, and no "open for writing" mark as the later ones have.
    if (format == Format::Old)
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

Result<void> LayoutWriter::close(const std::filesystem::path& name) {
    errno = 0;
    if (m_file)
        check(H5Fflush(m_file.get(), H5F_SCOPE_LOCAL) >= 0);
    m_file.reset();
    if (m_ok)
        return {};
    const bool full = m_reason == ENOSPC || m_reason == EDQUOT || m_reason == EFBIG;
    return Error{full ? ErrorCode::DiskFull : ErrorCode::WriteFailed, m_reason != 0 ? std::strerror(m_reason) : "HDF5 could not write it",
                 name};
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

h5::Group LayoutWriter::openGroup(const std::string& path) {
    if (!m_ok)
        return {};
    h5::Group group(H5Gopen2(m_file.get(), path.c_str(), H5P_DEFAULT));
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

void LayoutWriter::reals(const h5::Group& group, const char* name, const std::vector<double>& values) {
    const hsize_t count = values.size();
    attribute(group, name, H5T_IEEE_F64LE, h5::Space(H5Screate_simple(1, &count, nullptr)), values.data());
}

void LayoutWriter::integers(const h5::Group& group, const char* name, const std::vector<int>& values) {
    const std::vector<std::int64_t> wide(values.begin(), values.end());
    const hsize_t count = wide.size();
    attribute(group, name, H5T_STD_I64LE, h5::Space(H5Screate_simple(1, &count, nullptr)), wide.data());
}

h5::Dataset LayoutWriter::create(const h5::Group& group, const char* name, const Shape& shape, hid_t type,
                                 const h5::Properties* creation) {
    if (!m_ok)
        return {};
    errno = 0;
    const std::vector<hsize_t> dimensions(shape.begin(), shape.end());
    const h5::Space space(H5Screate_simple(static_cast<int>(dimensions.size()), dimensions.data(), nullptr));
    h5::Dataset dataset(H5Dcreate2(group.get(), name, type, space.get(), H5P_DEFAULT,
                                   (creation ? *creation : type == m_text.get() ? m_textCreation : m_datasetCreation).get(),
                                   H5P_DEFAULT));
    check(static_cast<bool>(dataset));
    return dataset;
}

std::int64_t LayoutWriter::offsetOf(const h5::Dataset& dataset) {
    if (!m_ok)
        return CaptureLayout::kAbsent;
    const haddr_t offset = H5Dget_offset(dataset.get());
    check(offset != HADDR_UNDEF);
    return static_cast<std::int64_t>(offset);
}

std::int64_t LayoutWriter::reserve(const h5::Group& group, const char* name, const Shape& shape, hid_t type) {
    return offsetOf(create(group, name, shape, type));
}

std::int64_t LayoutWriter::reserveFilled(const h5::Group& group, const char* name, const Shape& shape, hid_t type) {
    const h5::Properties creation(H5Pcopy(m_datasetCreation.get()));
    setFill(creation, type);
    H5Pset_fill_time(creation.get(), H5D_FILL_TIME_ALLOC);
    return offsetOf(create(group, name, shape, type, &creation));
}

void LayoutWriter::combine(const h5::Group& group, const char* name, const Shape& shape, hid_t type, const std::vector<Stretch>& stretches) {
    if (!m_ok)
        return;
    const h5::Properties creation(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_obj_track_times(creation.get(), false);
    setFill(creation, type);
    const auto select = [](const Shape& all, std::uint64_t first, std::uint64_t count) {
        std::vector<hsize_t> sizes(all.begin(), all.end()), begin(all.size(), 0);
        h5::Space space(H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr));
        begin[0] = first;
        sizes[0] = count;
        H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, begin.data(), nullptr, sizes.data(), nullptr);
        return space;
    };
    for (const Stretch& stretch : stretches) {
        const h5::Space target = select(shape, stretch.to, stretch.count), source = select(stretch.shape, stretch.from, stretch.count);
        check(H5Pset_virtual(creation.get(), target.get(), stretch.file.c_str(), stretch.dataset.c_str(), source.get()) >= 0);
    }
    create(group, name, shape, type, &creation);
}

void LayoutWriter::texts(const h5::Group& group, const char* name, const std::vector<std::string>& values) {
    std::vector<std::string> clean;
    std::vector<const char*> pointers;
    clean.reserve(values.size());
    for (const std::string& value : values)
        pointers.push_back(clean.emplace_back(withoutNul(value)).c_str());
    this->values(group, name, {values.size()}, m_text.get(), pointers);
}

} // namespace sinkscope
