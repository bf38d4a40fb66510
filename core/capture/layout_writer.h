// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/capture/capture_schema.h"
#include "core/capture/hdf5_raii.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sinkscope {

/// Entries [from, from + count) of the first axis of a dataset in another file, which appear at `to`.
struct Stretch {
    std::string file;    ///< as stored: relative to the folder of the file that refers to it
    std::string dataset; ///< path inside that file
    Shape shape;         ///< of that dataset
    std::uint64_t from = 0, to = 0, count = 0;
};

/// Creates the parts of one file. The first failure sticks; `offsetOf` and the rest then do nothing.
class LayoutWriter {
public:
    /// Whether the file may be read with every version of HDF5 since 1.8, or also uses what came later (virtual datasets).
    enum class Format { Old, New };
    /// `datasets`: about how many there will be.
    LayoutWriter(const std::filesystem::path& path, std::size_t datasets, Format format = Format::Old);
    /// Closes the file and says whether anything failed. `name` is what errors call it. Errors: WriteFailed, DiskFull.
    Result<void> close(const std::filesystem::path& name);

    h5::Group group(const std::string& path);
    h5::Group openGroup(const std::string& path); ///< one that was made before
    void text(const h5::Group& group, const char* name, std::string_view value);
    void integer(const h5::Group& group, const char* name, std::int64_t value);
    void real(const h5::Group& group, const char* name, double value);
    void integers(const h5::Group& group, const char* name, const std::vector<int>& values);
    void reals(const h5::Group& group, const char* name, const std::vector<double>& values);
    /// A dataset of fixed place whose bytes are written later, from the returned offset on.
    std::int64_t reserve(const h5::Group& group, const char* name, const Shape& shape, hid_t type);
    /// The same, filled: with NaN, or 0 for integers.
    std::int64_t reserveFilled(const h5::Group& group, const char* name, const Shape& shape, hid_t type);
    /// A dataset that is put together from stretches of the first axis of datasets in other files. NaN or 0 elsewhere.
    void combine(const h5::Group& group, const char* name, const Shape& shape, hid_t type, const std::vector<Stretch>& stretches);
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

private:
    void check(bool ok) {
        if (!ok && m_ok) {
            m_ok = false;
            m_reason = errno;
        }
    }
    h5::Dataset create(const h5::Group& group, const char* name, const Shape& shape, hid_t type, const h5::Properties* creation = nullptr);
    std::int64_t offsetOf(const h5::Dataset& dataset);
    void attribute(const h5::Group& group, const char* name, hid_t type, const h5::Space& space, const void* data);

    bool m_ok = true;
    int m_reason = 0;
    h5::Properties m_access, m_groupCreation, m_datasetCreation, m_textCreation;
    h5::Type m_text, m_half;
    h5::Space m_scalar{H5Screate(H5S_SCALAR)};
    h5::File m_file;
};

} // namespace sinkscope
