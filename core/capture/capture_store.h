// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/capture/capture.h"

#include <span>

namespace sinkscope {

/// What a run writes besides the statistics, which are always kept.
struct KeepOptions {
    bool vectors = true;    ///< query, key and value
    bool attention = false; ///< [head, query, key]: large; it can be recomputed from the vectors
    bool hidden = false;
    bool logits = false;
    bool halfPrecision = false; ///< store vectors, hidden and attention as float16
};

/// A capture file (HDF5, product note section 3). The one class that touches HDF5 files; every method that needs the library takes
/// its lock. The object that writes is also the one that reads: finished layers can be read while the run goes on.
///
/// Written so that a killed process leaves a readable file: `create` lays out every group and dataset, closes the file and puts
/// it in place; afterwards only raw data is written where the layout left room, and a layer's completion flag after its data.
/// (A power cut may lose what the system had not yet written: waiting for the disk would take longer than the run.)
/// Threads: any but gui. Writing is for the thread that runs the model, except writeAttentionRows, which may come from several at once.
class CaptureStore : public CaptureSource {
public:
    /// Replaces what is at `path` once the layout is written. Errors: WriteFailed, DiskFull (room for everything is checked and,
    /// where the file system can, taken before the run).
    static Result<std::shared_ptr<CaptureStore>> create(const std::filesystem::path& path, CaptureHeader header, const KeepOptions& keep);
    /// Opens for reading, finished or not. Errors: FileNotFound, FileUnreadable, CaptureInvalid (saying what is wrong).
    static Result<std::shared_ptr<CaptureStore>> open(const std::filesystem::path& path);
    /// True if the file's content says that it is a capture. Must not fail on any path.
    static bool looksLikeCapture(const std::filesystem::path& path);
    /// Bytes that `create` will need on disk.
    static std::uint64_t plannedBytes(const CaptureHeader& header, const KeepOptions& keep);

    virtual Result<void> writeVectors(int sample, int layer, std::span<const float> query, std::span<const float> key,
                                      std::span<const float> value) = 0;
    virtual Result<void> writeAttentionRows(int sample, int layer, int head, int firstQuery, int queries, int keys,
                                            std::size_t stride, const float* weights) = 0;
    virtual Result<void> writeHidden(int sample, int layer, std::span<const float> hidden) = 0;
    virtual Result<void> writeLogits(int sample, std::span<const float> logits) = 0;
    /// Comes last of what is written for a sample's layer: marks it as complete.
    virtual Result<void> writeStatistics(const LayerStatistics& statistics) = 0;
    /// Checks that a layer of all samples is complete. Errors: Internal.
    virtual Result<void> finishLayer(int layer) = 0;
    /// Marks the whole run as complete. Errors: Internal when a layer is missing, WriteFailed, DiskFull.
    virtual Result<void> finish() = 0;
    [[nodiscard]] virtual bool isComplete() const = 0;
    [[nodiscard]] virtual const std::filesystem::path& path() const = 0;
};

} // namespace sinkscope
