// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/capture/capture_schema.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace sinkscope {

/// Where in the file the bytes of every dataset lie.
struct CaptureLayout {
    static constexpr std::int64_t kAbsent = -1;
    std::size_t slots = 0;              ///< captured layers
    std::vector<std::int64_t> fields;   ///< [sample, slot, Field]
    std::vector<std::int64_t> logits;   ///< [sample], kAbsent when not kept
    std::int64_t layerDone = kAbsent;   ///< uint8 [samples, layers]
    std::int64_t complete = kAbsent;    ///< uint8 [1]

    [[nodiscard]] std::size_t indexOf(std::size_t sample, std::size_t slot, Field field) const {
        return (sample * slots + slot) * kFieldCount + static_cast<std::size_t>(field);
    }
};

/// Writes a capture without its numbers: every group, attribute and dataset, with room for the datasets' bytes, and closes the
/// file, so that it is whole. What follows is plain writing at the returned offsets, which cannot damage the structure
/// however it ends. Errors: WriteFailed, DiskFull. Thread: any but gui.
Result<CaptureLayout> writeCaptureLayout(const std::filesystem::path& path, const CaptureHeader& header, const KeepOptions& keep);

} // namespace sinkscope
