// SPDX-License-Identifier: Apache-2.0
#include "core/math/pca/principal_components.h"

#include "core/math/pca/row_kernels.h"
#include "core/math/pca/solvers.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace sinkscope {
namespace {

/// Multiplications up to which everything is done in double precision.
constexpr double kSmallWork = 2e7;
/// Multiplications of the covariance matrix beyond which the randomized solver is chosen: about half a second of one processor.
constexpr double kExactWork = 2e10;
/// The covariance matrix and its copies for several threads: 1 GB at most.
constexpr int kWidestCovariance = 4096;
/// The randomized solver follows sixteen directions, eight more than may be asked of it.
constexpr int kMostRandomized = static_cast<int>(pca::kDirections) / 2;
/// A second thread is not worth its start below so many multiplications.
constexpr double kWorthThreads = 4e6;

PcaSolver chosenSolver(const PcaOptions& options, double rows, double width) {
    if (options.solver != PcaSolver::Auto)
        return options.solver;
    const bool heavy = rows * width * std::min(rows, width) / 2 > kExactWork || (rows > width && width > kWidestCovariance);
    return heavy && options.components <= kMostRandomized ? PcaSolver::Randomized : PcaSolver::Exact;
}

Result<void> checkRequest(const MatrixSource& source, const PcaOptions& options) {
    if (source.rows() < 1 || source.width() < 1)
        return Error{ErrorCode::InvalidArgument, "principal components of nothing", {}};
    if (options.components < 1)
        return Error{ErrorCode::InvalidArgument, std::to_string(options.components) + " principal components", {}};
    if (options.solver == PcaSolver::Randomized && options.components > kMostRandomized)
        return Error{ErrorCode::InvalidArgument, "the randomized solver finds at most " + std::to_string(kMostRandomized) + " components", {}};
    return {};
}

int threadsFor(int asked, double work) { return work < kWorthThreads ? 1 : asked > 0 ? asked : usableProcessors(); }

} // namespace

Result<PrincipalComponents> fitPrincipalComponents(MatrixSource& source, const PcaOptions& options, const JobContext& context) {
    SINKSCOPE_CHECK(checkRequest(source, options));
    PrincipalComponents basis;
    basis.rows = source.rows();
    basis.width = source.width();
    basis.components = options.components;
    basis.centred = options.centred;
    const auto rows = static_cast<double>(source.rows());
    const double width = source.width(), work = rows * width * std::min(rows, width);
    const PcaSolver solver = chosenSolver(options, rows, width);
    if (solver == PcaSolver::Exact && (work <= kSmallWork || rows < width)) {
        SINKSCOPE_CHECK(pca::solveDirectly(source, basis, context));
        return basis;
    }
    ThreadTeam team(threadsFor(options.threads, work));
    if (solver == PcaSolver::Exact)
        SINKSCOPE_CHECK(pca::solveByCovariance(source, basis, team, context));
    else
        SINKSCOPE_CHECK(pca::solveRandomized(source, basis, options.seed, team, context));
    return basis;
}

Result<std::vector<float>> coordinatesIn(const PrincipalComponents& basis, MatrixSource& source, const JobContext& context, int threads) {
    if (source.width() != basis.width)
        return Error{ErrorCode::InvalidArgument,
                     "vectors of width " + std::to_string(source.width()) + " in a basis of width " + std::to_string(basis.width), {}};
    const auto rows = static_cast<std::size_t>(source.rows()), width = static_cast<std::size_t>(basis.width),
               components = static_cast<std::size_t>(basis.components);
    std::vector<float> coordinates(rows * components);
    if (!basis.varies)
        return coordinates;
    ThreadTeam team(threadsFor(threads, static_cast<double>(rows * width * components)));
    const std::size_t blocks = (rows + pca::kBlockRows - 1) / pca::kBlockRows;
    std::vector<Result<void>> failures(blocks);
    SINKSCOPE_CHECK(team.run(blocks, [&](std::size_t block, int) {
        std::vector<float> room;
        const std::size_t first = block * pca::kBlockRows, count = std::min<std::size_t>(pca::kBlockRows, rows - first);
        const auto values = source.read(static_cast<std::int64_t>(first), static_cast<std::int64_t>(count), room);
        if (values)
            pca::projectRows(values->data(), count, width, basis.mean.data(), basis.axes.data(), components, &coordinates[first * components]);
        else
            failures[block] = values.error();
    }, context));
    for (const Result<void>& failure : failures)
        SINKSCOPE_CHECK(failure);
    if (!std::ranges::all_of(coordinates, [](float value) { return std::isfinite(value); }))
        return Error{ErrorCode::NotFinite, "the coordinates hold NaN or infinity", {}};
    return coordinates;
}

} // namespace sinkscope
