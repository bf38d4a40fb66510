// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/weight_spectrum.h"

#include "core/math/spectral/singular_spectrum.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

/// In pieces, so that cancelling does not wait for a gigabyte.
Result<std::vector<float>> readFloats(const TensorInfo& tensor, std::size_t count, const JobContext& context) {
    constexpr std::size_t kPiece = std::size_t(1) << 22U;
    std::vector<float> values(count);
    for (std::size_t first = 0; first < count; first += kPiece) {
        SINKSCOPE_CHECK(context.checkpoint());
        convertToFloat(tensor, first, std::span(values).subspan(first, std::min(kPiece, count - first)));
    }
    if (tensor.file)
        tensor.file->release(tensor.bytes);
    return values;
}

} // namespace

std::string spectrumObstacle(const TensorInfo& tensor, const SpectrumLimits& limits) {
    if (tensor.shape.size() != 2)
        return "is no matrix";
    if (!hasValues(tensor.dtype))
        return "is of type " + std::string(nameOf(tensor.dtype)) + ", which is not read";
    if (!isFloating(tensor.dtype))
        return "holds no floating-point numbers";
    const auto rows = static_cast<std::size_t>(tensor.shape[0]), columns = static_cast<std::size_t>(tensor.shape[1]);
    if (rows < 2 || columns < 2)
        return "has a side shorter than 2";
    if (std::min(rows, columns) > limits.side)
        return "has a smaller side beyond " + std::to_string(limits.side);
    if (rows > limits.elements / columns)
        return "has more than " + std::to_string(limits.elements) + " elements";
    return {};
}

Result<WeightSpectrum> weightSpectrum(const TensorInfo& tensor, const SpectrumLimits& limits, const JobContext& context) {
    if (const std::string obstacle = spectrumObstacle(tensor, limits); !obstacle.empty())
        return Error{ErrorCode::InvalidArgument, "\"" + tensor.name + "\" " + obstacle, {}};
    const auto rows = static_cast<std::size_t>(tensor.shape[0]), columns = static_cast<std::size_t>(tensor.shape[1]);
    SINKSCOPE_TRY(const std::vector<float> values, readFloats(tensor, rows * columns, context));
    SINKSCOPE_TRY(std::vector<double> energies, squaredSingularValues(values, rows, columns, context));
    if (!std::isfinite(energies.front()))
        return Error{ErrorCode::NotFinite, "\"" + tensor.name + "\" holds NaN or infinity", {}};
    if (!(energies.front() > 0))
        return Error{ErrorCode::InvalidArgument, "\"" + tensor.name + "\" holds nothing but zeros", {}};
    WeightSpectrum spectrum;
    spectrum.rows = std::max(rows, columns);
    spectrum.columns = std::min(rows, columns);
    spectrum.norm = std::sqrt(energies.front());
    spectrum.stableRank = stableRank(energies);
    spectrum.rank = numericalRank(energies, rankTolerance(rows, columns));
    spectrum.entropy = spectrum.rank > 1 ? spectralEntropy(energies) / std::log(spectrum.rank) : std::nan("");
    double sum = 0;
    for (double& energy : energies)
        sum += energy /= static_cast<double>(spectrum.rows);
    spectrum.law = {static_cast<double>(spectrum.rows) / static_cast<double>(spectrum.columns), sum / static_cast<double>(spectrum.columns)};
    spectrum.distance = distanceTo(spectrum.law, energies);
    spectrum.edge = tracyWidomEdge(rows, columns, spectrum.law.variance);
    spectrum.spikes = countSpikes(energies, spectrum.edge);
    spectrum.spikesWeightWatcher = countSpikes(energies, weightWatcherEdge(spectrum.law, spectrum.columns));
    SINKSCOPE_CHECK(context.checkpoint());
    spectrum.powerLaw = fitPowerLaw(std::span(energies).first(static_cast<std::size_t>(spectrum.rank))); // the rest is rounding
    spectrum.eigenvalues = std::move(energies);
    return spectrum;
}

} // namespace sinkscope
