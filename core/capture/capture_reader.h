// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/capture/capture_schema.h"
#include "core/capture/hdf5_raii.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sinkscope {

/// Reads a capture file and believes nothing in it: every name, type and size is checked before memory is taken for it, and links
/// that lead out of the file are not followed. All errors are CaptureInvalid (saying what is wrong) unless stated.
/// Thread: any but gui; every method takes the library's lock.
class CaptureReader {
public:
    /// `name` is what errors call the file. Errors: FileNotFound, FileUnreadable, CaptureInvalid.
    static Result<CaptureReader> open(const std::filesystem::path& path, const std::filesystem::path& name);
    CaptureReader(CaptureReader&&) noexcept = default;
    CaptureReader& operator=(CaptureReader&& other) noexcept;
    ~CaptureReader();

    Result<CaptureHeader> header() const;
    /// [samples, layers], 1 where complete.
    Result<std::vector<std::uint8_t>> layerDone(const CaptureHeader& header) const;
    Result<bool> complete() const;
    Result<double> hitQuantile() const;
    /// Whether the captured layers have a dataset for the field, judged by the first of them.
    bool hasField(const CaptureHeader& header, Field field) const;

    /// A whole float dataset, or the part `first` of its first axis. `shape` is that of the dataset. Errors: also NotFinite.
    Result<std::vector<float>> floats(const std::string& path, const Shape& shape, std::optional<std::uint64_t> first = {}) const;
    Result<std::vector<std::int32_t>> integers(const std::string& path, const Shape& shape) const;

private:
    CaptureReader(std::filesystem::path path, h5::File file);
    Result<SampleTokens> tokens(int sample, int vocabulary) const;
    Result<void> readModel(CaptureHeader& header) const;
    Result<void> readRule(const h5::Group& model, CaptureHeader& header) const;

    Error invalid(const std::string& what) const { return {ErrorCode::CaptureInvalid, what, m_path}; }
    Result<h5::Group> group(const std::string& path) const;
    Result<h5::Dataset> dataset(const std::string& path, H5T_class_t kind, const std::optional<Shape>& shape) const;
    Result<Shape> shapeOfDataset(const std::string& path, const h5::Dataset& dataset) const;
    Result<std::string> text(const h5::Group& group, const char* name) const;
    Result<std::string> textOr(const h5::Group& group, const char* name, const char* fallback) const;
    Result<int> integer(const h5::Group& group, const char* name, int lowest, int highest) const;
    Result<double> real(const h5::Group& group, const char* name) const;
    Result<std::vector<int>> capturedLayers(const h5::Group& model, int layers) const;
    Result<std::vector<std::string>> texts(const std::string& path, std::uint64_t count) const;

    std::filesystem::path m_path;
    h5::Properties m_links; ///< refuses external links
    h5::File m_file;
};

} // namespace sinkscope
