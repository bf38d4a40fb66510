// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/capture/capture_schema.h"
#include "core/capture/hdf5_raii.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sinkscope {

/// Reads an HDF5 file and believes nothing in it: every name, type and size is checked before memory is taken for it, and links
/// that lead out of the file are not followed. All errors are CaptureInvalid (saying what is wrong) unless stated.
/// Thread: any but gui; public methods take the library's lock, for the others the caller holds it.
class Hdf5Reader {
public:
    /// `name` is what errors call the file. Errors: FileNotFound, FileUnreadable, CaptureInvalid.
    static Result<Hdf5Reader> open(const std::filesystem::path& path, const std::filesystem::path& name);
    Hdf5Reader(Hdf5Reader&&) noexcept = default;
    Hdf5Reader& operator=(Hdf5Reader&& other) noexcept;
    ~Hdf5Reader();

    /// A whole float dataset, or the part `first` of its first axis. `shape` is that of the dataset. Errors: also NotFinite, unless gaps
    /// (NaN) are expected; infinity never is.
    Result<std::vector<float>> floats(const std::string& path, const Shape& shape, std::optional<std::uint64_t> first = {},
                                      bool gaps = false) const;
    Result<std::vector<std::int32_t>> integers(const std::string& path, const Shape& shape) const;

    Error invalid(const std::string& what) const { return {ErrorCode::CaptureInvalid, what, m_path}; }
    Result<h5::Group> group(const std::string& path) const;
    Result<h5::Dataset> dataset(const std::string& path, H5T_class_t kind, const std::optional<Shape>& shape) const;
    Result<Shape> shapeOfDataset(const std::string& path, const h5::Dataset& dataset) const;
    Result<std::string> text(const h5::Group& group, const char* name) const;
    Result<std::string> textOr(const h5::Group& group, const char* name, const char* fallback) const;
    Result<int> integer(const h5::Group& group, const char* name, int lowest, int highest) const;
    Result<double> real(const h5::Group& group, const char* name) const;
    /// Empty when there is no such attribute. Errors: not `count` finite numbers of at least `lowest`.
    Result<std::vector<double>> realsOrNone(const h5::Group& group, const char* name, std::size_t count, double lowest) const;
    Result<std::vector<std::string>> texts(const std::string& path, std::uint64_t count) const;
    [[nodiscard]] bool exists(const std::string& path) const;
    /// Number of links in a group.
    Result<std::uint64_t> countIn(const std::string& path) const;
    /// File and dataset of every part of a virtual dataset, each once; empty for one that holds its numbers itself. Checks that it is an
    /// array of numbers of this shape.
    Result<std::vector<std::pair<std::string, std::string>>> sourcesOf(const std::string& path, const Shape& shape) const;
    /// Virtual datasets are refused unless their sources have been looked at, and this was called: then HDF5 follows them, from this folder on.
    void allowVirtual(const std::filesystem::path& folder);
    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

private:
    Hdf5Reader(std::filesystem::path path, h5::File file);

    std::filesystem::path m_path;
    h5::Properties m_links;  ///< refuses external links
    h5::Properties m_access; ///< of datasets: where sources of virtual ones lie
    h5::File m_file;
    bool m_virtual = false;
};

} // namespace sinkscope
