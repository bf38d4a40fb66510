// SPDX-License-Identifier: Apache-2.0
// Where the residual stream lies in the spectrum of the unembedding (spectral filters of Cancedda, 2024; design note 4.6).
#include "core/analysis/feature_family.h"
#include "core/analysis/head_measures.h"

#include <Eigen/Eigenvalues>

#include <cmath>
#include <mutex>

namespace sinkscope::registry_feature_families {
namespace {

constexpr MetricSpec kMetrics[] = {
    {.id = "dark_energy_first", .title = "Dark band, first token",
     .explanation = "Share of |h|^2 of the first token in the dark band: the right singular directions of the unembedding with the smallest singular values, which "
                    "hardly reach the logits. Sinks are said to keep their signal there.",
     .source = "Cancedda, ACL 2024; the number of bands is a parameter because we could not see the paper's", .percent = true},
    {.id = "dark_energy_rest", .title = "Dark band, other tokens",
     .explanation = "Mean over the tokens but the first of the share of |h|^2 in the dark band. The baseline for the first token; directions chosen at random would "
                    "hold 1/bands.",
     .source = "Cancedda, ACL 2024", .percent = true},
    {.id = "bright_energy_first", .title = "Bright band, first token",
     .explanation = "Share of |h|^2 of the first token in the band with the largest singular values of the unembedding.", .source = "Cancedda, ACL 2024", .percent = true},
    {.id = "bright_energy_rest", .title = "Bright band, other tokens",
     .explanation = "Mean over the tokens but the first of the share of |h|^2 in the band with the largest singular values of the unembedding.",
     .source = "Cancedda, ACL 2024", .percent = true},
};
constexpr ParameterSpec kParameters[] = {
    {.id = "bands", .title = "Bands", .explanation = "Number of equal parts that the singular directions are cut into.", .low = 2, .high = 100, .standard = 20,
     .integer = true},
};

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Columns: right singular vectors by falling singular value. Made once for a model and kept for the next call.
std::shared_ptr<const Eigen::MatrixXf> basisOf(const std::shared_ptr<const WeightMatrix>& unembedding) {
    static std::mutex mutex;
    static std::weak_ptr<const WeightMatrix> owner;
    static std::shared_ptr<const Eigen::MatrixXf> basis;
    const std::lock_guard lock(mutex);
    if (basis && owner.lock() == unembedding)
        return basis;
    const Eigen::Map<const Matrix> matrix(unembedding->values.data(), unembedding->rows, unembedding->columns);
    Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(matrix.rows(), matrix.rows());
    constexpr Eigen::Index kBlock = 4096; // columns at a time, added up in double precision
    for (Eigen::Index first = 0; first < matrix.cols(); first += kBlock) {
        const auto block = matrix.middleCols(first, std::min(kBlock, matrix.cols() - first));
        gram += (block * block.transpose()).cast<double>();
    }
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(gram);
    basis = std::make_shared<const Eigen::MatrixXf>(solver.eigenvectors().rowwise().reverse().cast<float>());
    owner = unembedding;
    return basis;
}

Result<void> evaluate(const LayerEvidence& evidence, FamilyParameters parameters, std::span<double> values) {
    const int tokens = evidence.statistics.tokens;
    if (tokens < kShortestSample)
        return {};
    const auto unembedding = evidence.weights->unembedding();
    if (!unembedding && unembedding.error().code == ErrorCode::Unavailable)
        return {}; // an encoder without a language-model head
    if (!unembedding)
        return unembedding.error();
    const auto basis = basisOf(*unembedding);
    const Eigen::Index width = basis->rows(), band = std::max<Eigen::Index>(1, width / static_cast<Eigen::Index>(parameters[0]));
    const Eigen::MatrixXd energy = (Eigen::Map<const Matrix>(evidence.hidden->values.data(), tokens, width) * *basis).cast<double>().array().square().matrix();
    double dark = 0, bright = 0;
    int count = 0;
    for (int token = 0; token < tokens; ++token) {
        const double all = energy.row(token).sum();
        if (!(all > 0))
            continue;
        const double darkShare = energy.row(token).tail(band).sum() / all, brightShare = energy.row(token).head(band).sum() / all;
        if (token == 0) {
            values[0] = darkShare;
            values[2] = brightShare;
            continue;
        }
        dark += darkShare;
        bright += brightShare;
        ++count;
    }
    if (count > 0) {
        values[1] = dark / count;
        values[3] = bright / count;
    }
    return {};
}

} // namespace

extern const FeatureFamily unembedding_bands;
const FeatureFamily unembedding_bands{.id = "unembedding_bands", .title = "Spectral bands of the unembedding", .needs = kNeedsHidden | kNeedsWeights,
                                      .standard = false, .longest = 1 << 16, .metrics = kMetrics, .parameters = kParameters, .evaluateLayer = evaluate};

} // namespace sinkscope::registry_feature_families
