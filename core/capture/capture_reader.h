// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/capture/hdf5_reader.h"

namespace sinkscope {

/// Reads the parts of a capture file. Errors and threads as Hdf5Reader.
class CaptureReader {
public:
    /// `name` is what errors call the file. Errors: FileNotFound, FileUnreadable, CaptureInvalid.
    static Result<CaptureReader> open(const std::filesystem::path& path, const std::filesystem::path& name);

    Result<CaptureHeader> header() const;
    /// [samples, layers], 1 where complete.
    Result<std::vector<std::uint8_t>> layerDone(const CaptureHeader& header) const;
    Result<bool> complete() const;
    Result<double> hitQuantile() const;
    /// Whether the captured layers have a dataset for the field, judged by the first of them.
    bool hasField(const CaptureHeader& header, Field field) const;

    Result<std::vector<float>> floats(const std::string& path, const Shape& shape, std::optional<std::uint64_t> first = {}) const {
        return m_file.floats(path, shape, first);
    }
    Result<std::vector<std::int32_t>> integers(const std::string& path, const Shape& shape) const { return m_file.integers(path, shape); }

private:
    explicit CaptureReader(Hdf5Reader file) : m_file(std::move(file)) {}
    Result<SampleTokens> tokens(int sample, int vocabulary) const;
    Result<void> readModel(CaptureHeader& header) const;
    Result<void> readRule(const h5::Group& model, CaptureHeader& header) const;
    Result<std::vector<int>> capturedLayers(const h5::Group& model, int layers) const;
    Error invalid(const std::string& what) const { return m_file.invalid(what); }

    Hdf5Reader m_file;
};

} // namespace sinkscope
