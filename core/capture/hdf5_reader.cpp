// SPDX-License-Identifier: Apache-2.0
#include "core/capture/hdf5_reader.h"

#include "core/base/printable.h"
#include "core/capture/half_float.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <new>
#include <unistd.h>

namespace sinkscope {
namespace {

/// A dataset may be compressed, so that its bytes in memory exceed those in the file; deflate reaches about 1,030 to 1.
constexpr std::uint64_t kMaxExpansion = 1100;
/// Parts of a virtual dataset: at most one for every sample of a sweep, which would be odd enough.
constexpr std::size_t kMaxSources = std::size_t{1} << 20;
constexpr std::uint64_t kAlwaysAllowed = std::uint64_t{64} << 20;

herr_t refuseExternalLink(const char*, const char*, const char*, const char*, unsigned*, hid_t, void*) { return -1; }

std::string shapeText(const Shape& shape) {
    std::string text = "[";
    for (const std::uint64_t dimension : shape)
        text += (text.size() > 1 ? "," : "") + std::to_string(dimension);
    return text + "]";
}

const char* className(H5T_class_t kind) { return kind == H5T_FLOAT ? "floats" : kind == H5T_INTEGER ? "integers" : "texts"; }

/// Memory for the texts of one dataset, with a limit: many entries may name one long text, so that a small file asks for much.
class TextArena {
public:
    static void* allocate(std::size_t bytes, void* arena) noexcept { return static_cast<TextArena*>(arena)->take(bytes); }
    static void release(void*, void*) noexcept {} // all at once, with the arena

private:
    void* take(std::size_t bytes) noexcept {
        if (bytes > limits::kText - m_used)
            return nullptr;
        try {
            m_blocks.push_back(std::make_unique<char[]>(bytes));
        } catch (const std::bad_alloc&) {
            return nullptr;
        }
        m_used += bytes;
        return m_blocks.back().get();
    }
    std::vector<std::unique_ptr<char[]>> m_blocks;
    std::size_t m_used = 0;
};

/// The half-precision type that we write, in little-endian order.
bool isHalf(const h5::Type& type) { return H5Tget_size(type.get()) == 2 && H5Tget_order(type.get()) == H5T_ORDER_LE; }

} // namespace

Hdf5Reader::Hdf5Reader(std::filesystem::path path, h5::File file)
    : m_path(std::move(path)), m_links(H5Pcreate(H5P_LINK_ACCESS)), m_access(H5Pcreate(H5P_DATASET_ACCESS)), m_file(std::move(file)) {
    H5Pset_elink_cb(m_links.get(), refuseExternalLink, nullptr);
}

Hdf5Reader& Hdf5Reader::operator=(Hdf5Reader&& other) noexcept {
    const h5::Session session;
    m_path = std::move(other.m_path);
    m_links = std::move(other.m_links);
    m_access = std::move(other.m_access);
    m_virtual = other.m_virtual;
    m_file = std::move(other.m_file);
    return *this;
}

Hdf5Reader::~Hdf5Reader() {
    const h5::Session session;
    m_file.reset();
    m_links.reset();
    m_access.reset();
}

Result<Hdf5Reader> Hdf5Reader::open(const std::filesystem::path& path, const std::filesystem::path& name) {
    std::error_code failure;
    const auto status = std::filesystem::status(path, failure);
    if (!std::filesystem::exists(status))
        return Error{ErrorCode::FileNotFound, "there is no such file", name};
    if (!std::filesystem::is_regular_file(status))
        return Error{ErrorCode::FileUnreadable, "it is not a file", name};
    if (access(path.c_str(), R_OK) != 0)
        return Error{ErrorCode::FileUnreadable, std::strerror(errno), name};
    const h5::Session session;
    if (H5Fis_hdf5(path.c_str()) <= 0)
        return Error{ErrorCode::CaptureInvalid, "it is not an HDF5 file", name};
    const h5::Properties access(H5Pcreate(H5P_FILE_ACCESS));
#if H5_VERSION_GE(1, 10, 7)
    H5Pset_file_locking(access.get(), false, true); // locks fail on some network disks, and nothing moves once a file is laid out
#endif
    h5::File file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()));
    if (!file)
        return Error{ErrorCode::CaptureInvalid, "HDF5 cannot open it: it is truncated or damaged", name};
    return Hdf5Reader(name, std::move(file));
}

void Hdf5Reader::allowVirtual(const std::filesystem::path& folder) {
    const h5::Session session;
    H5Pset_virtual_prefix(m_access.get(), folder.c_str());
    m_virtual = true;
}

Result<std::vector<std::pair<std::string, std::string>>> Hdf5Reader::sourcesOf(const std::string& path, const Shape& shape) const {
    const h5::Session session;
    std::vector<std::pair<std::string, std::string>> sources;
    const h5::Dataset source(H5Oopen(m_file.get(), path.c_str(), m_links.get()));
    if (!source || H5Iget_type(source.get()) != H5I_DATASET)
        return invalid("dataset " + path + " is missing");
    const h5::Properties creation(H5Dget_create_plist(source.get()));
    if (!creation || H5Pget_external_count(creation.get()) != 0)
        return invalid(path + " keeps its data in another file");
    const h5::Type type(H5Dget_type(source.get()));
    const H5T_class_t kind = type ? H5Tget_class(type.get()) : H5T_NO_CLASS;
    if (H5Pget_layout(creation.get()) != H5D_VIRTUAL) {
        SINKSCOPE_TRY(const h5::Dataset plain, dataset(path, kind == H5T_FLOAT ? H5T_FLOAT : H5T_INTEGER, shape));
        return sources;
    }
    SINKSCOPE_TRY(const Shape found, shapeOfDataset(path, source));
    if (found != shape || (kind != H5T_FLOAT && kind != H5T_INTEGER))
        return invalid(path + " has shape " + shapeText(found) + ", expected " + shapeText(shape));
    std::size_t count = 0;
    if (H5Pget_virtual_count(creation.get(), &count) < 0 || count > kMaxSources)
        return invalid(path + " is put together from too many parts");
    const auto nameOf = [&](auto get, std::size_t index) {
        const ssize_t length = get(creation.get(), index, nullptr, 0);
        std::string name(length > 0 ? static_cast<std::size_t>(length) : 0, '\0');
        if (length > 0)
            get(creation.get(), index, name.data(), name.size() + 1);
        return name;
    };
    for (std::size_t index = 0; index < count; ++index)
        sources.emplace_back(nameOf(H5Pget_virtual_filename, index), nameOf(H5Pget_virtual_dsetname, index));
    std::ranges::sort(sources);
    sources.erase(std::unique(sources.begin(), sources.end()), sources.end());
    return sources;
}

bool Hdf5Reader::exists(const std::string& path) const { return H5Lexists(m_file.get(), path.c_str(), m_links.get()) > 0; }

Result<std::uint64_t> Hdf5Reader::countIn(const std::string& path) const {
    SINKSCOPE_TRY(const h5::Group owner, group(path));
    H5G_info_t info{};
    if (H5Gget_info(owner.get(), &info) < 0)
        return invalid(path + " cannot be read");
    return info.nlinks;
}

Result<h5::Group> Hdf5Reader::group(const std::string& path) const {
    h5::Group group(H5Oopen(m_file.get(), path.c_str(), m_links.get()));
    if (!group || H5Iget_type(group.get()) != H5I_GROUP)
        return invalid("group " + path + " is missing");
    return group;
}

Result<Shape> Hdf5Reader::shapeOfDataset(const std::string& path, const h5::Dataset& dataset) const {
    const h5::Space space(H5Dget_space(dataset.get()));
    const int rank = space && H5Sget_simple_extent_type(space.get()) == H5S_SIMPLE ? H5Sget_simple_extent_ndims(space.get()) : -1;
    if (rank < 1 || rank > 4)
        return invalid(path + " is no array of 1 to 4 dimensions");
    std::vector<hsize_t> dimensions(static_cast<std::size_t>(rank));
    H5Sget_simple_extent_dims(space.get(), dimensions.data(), nullptr);
    return Shape(dimensions.begin(), dimensions.end());
}

Result<h5::Dataset> Hdf5Reader::dataset(const std::string& path, H5T_class_t kind, const std::optional<Shape>& shape) const {
    h5::Dataset dataset(H5Oopen(m_file.get(), path.c_str(), m_links.get()));
    if (!dataset || H5Iget_type(dataset.get()) != H5I_DATASET)
        return invalid("dataset " + path + " is missing");
    const h5::Properties creation(H5Dget_create_plist(dataset.get()));
    const bool isVirtual = creation && H5Pget_layout(creation.get()) == H5D_VIRTUAL;
    if (!creation || (isVirtual && !m_virtual) || H5Pget_external_count(creation.get()) != 0)
        return invalid(path + " keeps its data in another file");
    if (isVirtual)
        dataset = h5::Dataset(H5Dopen2(m_file.get(), path.c_str(), m_access.get()));
    const h5::Type type(H5Dget_type(dataset.get()));
    if (!type || H5Tget_class(type.get()) != kind || (kind != H5T_STRING && H5Tget_size(type.get()) > 8))
        return invalid(path + " does not hold " + className(kind));
    SINKSCOPE_TRY(const Shape found, shapeOfDataset(path, dataset));
    if (shape && found != *shape)
        return invalid(path + " has shape " + shapeText(found) + ", expected " + shapeText(*shape));
    std::uint64_t bytes = std::max<std::uint64_t>(H5Tget_size(type.get()), 4);
    for (const std::uint64_t dimension : found)
        if (__builtin_mul_overflow(bytes, dimension, &bytes))
            return invalid(path + " has the impossible shape " + shapeText(found));
    if (!isVirtual && bytes > kAlwaysAllowed && bytes / kMaxExpansion > H5Dget_storage_size(dataset.get()))
        return invalid(path + " claims " + std::to_string(bytes) + " bytes, but the file does not hold them");
    return dataset;
}

Result<std::vector<float>> Hdf5Reader::floats(const std::string& path, const Shape& shape,
                                                 std::optional<std::uint64_t> first, bool gaps) const {
    const h5::Session session;
    SINKSCOPE_TRY(const h5::Dataset source, dataset(path, H5T_FLOAT, shape));
    const h5::Type type(H5Dget_type(source.get()));
    const h5::Space space(H5Dget_space(source.get()));
    std::vector<hsize_t> begin(shape.size(), 0);
    std::vector<hsize_t> size(shape.begin(), shape.end());
    if (first) {
        begin[0] = *first;
        size[0] = 1;
        H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, begin.data(), nullptr, size.data(), nullptr);
    }
    std::uint64_t count = 1;
    for (const hsize_t dimension : size)
        count *= dimension;
    const hsize_t flat = count;
    const h5::Space memory(H5Screate_simple(1, &flat, nullptr));
    std::vector<float> values(count);
    herr_t status = 0;
    if (isHalf(type)) {
        std::vector<std::uint16_t> halves(count);
        status = H5Dread(source.get(), type.get(), memory.get(), space.get(), H5P_DEFAULT, halves.data());
        std::ranges::transform(halves, values.begin(), floatFromHalf);
    } else
        status = H5Dread(source.get(), H5T_NATIVE_FLOAT, memory.get(), space.get(), H5P_DEFAULT, values.data());
    if (status < 0)
        return invalid(path + " cannot be read: its data is damaged or compressed in an unknown way");
    if (!std::ranges::all_of(values, [gaps](float value) { return std::isfinite(value) || (gaps && std::isnan(value)); }))
        return Error{ErrorCode::NotFinite, path + " holds NaN or infinity", m_path};
    return values;
}

Result<std::vector<std::int32_t>> Hdf5Reader::integers(const std::string& path, const Shape& shape) const {
    const h5::Session session;
    SINKSCOPE_TRY(const h5::Dataset source, dataset(path, H5T_INTEGER, shape));
    std::vector<std::int32_t> values(countOf(shape));
    if (H5Dread(source.get(), H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0)
        return invalid(path + " cannot be read");
    return values;
}

Result<std::vector<double>> Hdf5Reader::realsOrNone(const h5::Group& group, const char* name, std::size_t count, double lowest) const {
    if (H5Aexists(group.get(), name) <= 0)
        return std::vector<double>{};
    const h5::Attribute attribute(H5Aopen(group.get(), name, H5P_DEFAULT));
    const h5::Type type(attribute ? H5Aget_type(attribute.get()) : H5I_INVALID_HID);
    const h5::Space space(attribute ? H5Aget_space(attribute.get()) : H5I_INVALID_HID);
    const H5T_class_t kind = type ? H5Tget_class(type.get()) : H5T_NO_CLASS;
    std::vector<double> values(count);
    const bool sound = (kind == H5T_FLOAT || kind == H5T_INTEGER) &&
                       H5Sget_simple_extent_npoints(space.get()) == static_cast<hssize_t>(count) &&
                       H5Aread(attribute.get(), H5T_NATIVE_DOUBLE, values.data()) >= 0 &&
                       std::ranges::all_of(values, [lowest](double value) { return std::isfinite(value) && value >= lowest; });
    if (!sound)
        return invalid("attribute " + std::string(name) + " does not hold " + std::to_string(count) + " numbers in range");
    return values;
}

Result<std::vector<std::string>> Hdf5Reader::texts(const std::string& path, std::uint64_t count) const {
    SINKSCOPE_TRY(const h5::Dataset source, dataset(path, H5T_STRING, Shape{count}));
    const h5::Type stored(H5Dget_type(source.get()));
    if (H5Tis_variable_str(stored.get()) <= 0)
        return invalid(path + " does not hold texts of variable length");
    TextArena arena;
    const h5::Properties transfer(H5Pcreate(H5P_DATASET_XFER));
    H5Pset_vlen_mem_manager(transfer.get(), TextArena::allocate, &arena, TextArena::release, nullptr);
    std::vector<char*> pointers(count, nullptr);
    const h5::Type type(H5Tcopy(H5T_C_S1));
    H5Tset_size(type.get(), H5T_VARIABLE);
    H5Tset_cset(type.get(), H5Tget_cset(stored.get()));
    if (H5Dread(source.get(), type.get(), H5S_ALL, H5S_ALL, transfer.get(), pointers.data()) < 0)
        return invalid(path + " holds unreadable or too long texts");
    std::vector<std::string> values;
    values.reserve(count);
    for (const char* pointer : pointers)
        values.emplace_back(pointer != nullptr ? pointer : "");
    return values;
}

Result<std::string> Hdf5Reader::text(const h5::Group& group, const char* name) const {
    const h5::Attribute attribute(H5Aopen(group.get(), name, H5P_DEFAULT));
    if (!attribute)
        return invalid(std::string("attribute ") + name + " is missing");
    const h5::Type stored(H5Aget_type(attribute.get()));
    const h5::Space space(H5Aget_space(attribute.get()));
    if (H5Tget_class(stored.get()) != H5T_STRING || H5Sget_simple_extent_npoints(space.get()) != 1)
        return invalid(std::string("attribute ") + name + " is no text");
    const h5::Type type(H5Tcopy(H5T_C_S1));
    H5Tset_cset(type.get(), H5Tget_cset(stored.get()));
    if (H5Tis_variable_str(stored.get()) > 0) {
        H5Tset_size(type.get(), H5T_VARIABLE);
        char* pointer = nullptr;
        if (H5Aread(attribute.get(), type.get(), &pointer) < 0)
            return invalid(std::string("attribute ") + name + " cannot be read");
        std::string value = pointer != nullptr ? std::string(pointer, strnlen(pointer, limits::kText)) : std::string();
        H5Dvlen_reclaim(type.get(), space.get(), H5P_DEFAULT, &pointer);
        return value;
    }
    const std::size_t size = H5Tget_size(stored.get());
    if (size > limits::kText)
        return invalid(std::string("attribute ") + name + " is too long");
    std::string value(size + 1, '\0');
    H5Tset_size(type.get(), size + 1);
    if (H5Aread(attribute.get(), type.get(), value.data()) < 0)
        return invalid(std::string("attribute ") + name + " cannot be read");
    value.resize(std::strlen(value.c_str()));
    return value;
}

Result<std::string> Hdf5Reader::textOr(const h5::Group& group, const char* name, const char* fallback) const {
    if (H5Aexists(group.get(), name) <= 0)
        return std::string(fallback);
    return text(group, name);
}

Result<int> Hdf5Reader::integer(const h5::Group& group, const char* name, int lowest, int highest) const {
    const h5::Attribute attribute(H5Aopen(group.get(), name, H5P_DEFAULT));
    const h5::Type type(attribute ? H5Aget_type(attribute.get()) : H5I_INVALID_HID);
    const h5::Space space(attribute ? H5Aget_space(attribute.get()) : H5I_INVALID_HID);
    std::int64_t value = 0;
    if (!type || H5Tget_class(type.get()) != H5T_INTEGER || H5Sget_simple_extent_npoints(space.get()) != 1 ||
        H5Aread(attribute.get(), H5T_NATIVE_INT64, &value) < 0)
        return invalid(std::string("attribute ") + name + " is missing or no integer");
    if (value < lowest || value > highest)
        return invalid(std::string("attribute ") + name + " is " + std::to_string(value) + ", expected " +
                       std::to_string(lowest) + " to " + std::to_string(highest));
    return static_cast<int>(value);
}

Result<double> Hdf5Reader::real(const h5::Group& group, const char* name) const {
    const h5::Attribute attribute(H5Aopen(group.get(), name, H5P_DEFAULT));
    const h5::Type type(attribute ? H5Aget_type(attribute.get()) : H5I_INVALID_HID);
    const h5::Space space(attribute ? H5Aget_space(attribute.get()) : H5I_INVALID_HID);
    double value = 0;
    if (!type || H5Tget_class(type.get()) != H5T_FLOAT || H5Sget_simple_extent_npoints(space.get()) != 1 ||
        H5Aread(attribute.get(), H5T_NATIVE_DOUBLE, &value) < 0 || !std::isfinite(value))
        return invalid(std::string("attribute ") + name + " is missing or no finite number");
    return value;
}

} // namespace sinkscope
