// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/checkpoint/checkpoint.h"
#include "core/jobs/job_context.h"
#include "core/math/spectral/random_matrix.h"

#include <string>
#include <vector>

namespace sinkscope {

/// Sizes that weightSpectrum accepts: time and memory grow with them as stated there.
struct SpectrumLimits {
    std::size_t side = 4096;                   ///< of the smaller dimension
    std::size_t elements = std::size_t(1) << 28U;
};

/// Spectrum of a weight matrix of N x M elements, N >= M after turning it, as random-matrix theory reads it (design note 4.10). Eigenvalues
/// are those of W' W / N.
struct WeightSpectrum {
    std::size_t rows = 0, columns = 0;       ///< N and M
    std::vector<double> eigenvalues;         ///< falling
    double norm = 0;                         ///< largest singular value of W
    double stableRank = 0;
    int rank = 0;                            ///< singular values above float32 rounding
    double entropy = 0;                      ///< -sum p log p / log rank; NaN for rank 1
    MarchenkoPastur law;                     ///< with the mean square of the elements as variance
    MarchenkoPasturDistance distance;
    double edge = 0;                         ///< Tracy-Widom, 99 %
    int spikes = 0, spikesWeightWatcher = 0; ///< eigenvalues beyond the one edge and the other
    std::optional<PowerLawFit> powerLaw;     ///< of the eigenvalues
};

/// Converts to float32 and goes through the Gram matrix of the smaller side in double. Time N M^2/2 + 2 M^3/3 multiplications, memory 4 N M + 8 M^2
/// bytes. Errors: InvalidArgument (not a matrix, not floating point, beyond the limits, nothing but zeros), NotFinite, Cancelled. Thread:
/// any but gui.
Result<WeightSpectrum> weightSpectrum(const TensorInfo& tensor, const SpectrumLimits& limits, const JobContext& context);

/// Why a tensor has no spectrum; empty when it has one. Reads nothing.
std::string spectrumObstacle(const TensorInfo& tensor, const SpectrumLimits& limits);

} // namespace sinkscope
