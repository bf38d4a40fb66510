// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/capture/capture_store.h"

namespace sinkscope {

/// A capture that lives in memory only: for runs whose numbers are wanted, but not their vectors on disk. Attention is not kept but recomputed
/// from the vectors; logits are dropped. Threads: written by the thread that runs the model; read by any once the run is over.
std::shared_ptr<CaptureStore> makeMemoryCapture(CaptureHeader header, const KeepOptions& keep);
/// Bytes that it will hold for a sample of so many tokens.
std::uint64_t memoryCaptureBytes(const CaptureHeader& header, const KeepOptions& keep, std::uint64_t tokens);

} // namespace sinkscope
