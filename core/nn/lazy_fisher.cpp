// SPDX-License-Identifier: Apache-2.0
// Apart from lazy_compute.cpp, so that a test can link the real function beside a forward pass that is loaded when needed.
#include "core/nn/compute_module.h"

namespace sinkscope {

Result<ParameterFisher> parameterFisher(const ModelSpec& spec, std::span<const SampleInput> samples, const FisherOptions& options,
                                        JobContext& context) {
    SINKSCOPE_TRY(const ComputeModule* const module, computeModule());
    return module->parameterFisher(spec, samples, options, context);
}

} // namespace sinkscope
