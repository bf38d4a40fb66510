// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/frame_context.h"
#include "core/analysis/verdict.h"
#include "core/io/json_reader.h"

namespace sinkscope {

/// Verdicts and what they are read with, the same wherever they are written. Numbers that are not finite become null. Thread: any.
Json jsonOf(const Estimate& estimate);
Json jsonOf(const LevelVerdict& verdict);
Json jsonOf(const FrameVerdict& verdict);
Json jsonOf(const FrameContext& context);

} // namespace sinkscope
