// SPDX-License-Identifier: Apache-2.0
// The entry of libsinkscope_nn.so. Here runModel and its like are the real ones, not those of lazy_compute.cpp
// and lazy_fisher.cpp.
#include "core/nn/compute_module.h"

namespace sinkscope {
namespace {

void forwardLog(void (*sink)(LogLevel, std::string_view)) {
    setLogSink([sink](LogLevel level, const std::string& text) { sink(level, text); });
}

constexpr ComputeModule kModule{SINKSCOPE_VERSION, runModel, computeDescription, parameterFisher, forwardLog};

} // namespace
} // namespace sinkscope

extern "C" __attribute__((visibility("default"))) const sinkscope::ComputeModule* sinkscopeComputeModule();

extern "C" const sinkscope::ComputeModule* sinkscopeComputeModule() { return &sinkscope::kModule; }
