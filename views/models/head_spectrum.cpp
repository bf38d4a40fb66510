// SPDX-License-Identifier: Apache-2.0
#include "views/models/head_spectrum.h"

#include "core/math/graph/laplacian.h"
#include "core/math/graph/symmetric_eigen.h"
#include "core/math/spectral/symmetric_eigenvalues.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

constexpr std::uint64_t kSeed = 1;

/// Largest first for singular values, as everybody lists them.
bool isFalling(SpectrumKind kind) { return kind == SpectrumKind::Singular; }

/// The symmetric matrix whose modes are looked at.
Result<std::vector<double>> matrixOf(std::span<const float> weights, int tokens, SpectrumKind kind) {
    const auto n = static_cast<std::size_t>(tokens);
    if (kind == SpectrumKind::Singular) {
        std::vector<double> gram(n * n, 0.0);
        for (std::size_t row = 0; row < n; ++row) // only its lower triangle is read
            for (std::size_t i = 0; i < n; ++i)
                if (const double weight = weights[row * n + i]; weight != 0)
                    for (std::size_t j = 0; j <= i; ++j)
                        gram[i * n + j] += weight * static_cast<double>(weights[row * n + j]);
        return gram;
    }
    SINKSCOPE_TRY(const SymmetricWeights graph, symmetrized(weights, tokens, Symmetrization::Mean));
    if (kind == SpectrumKind::Laplacian)
        return laplacianOf(graph);
    std::vector<double> matrix = normalizedAdjacency(graph, false);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
            matrix[i * n + j] = (i == j ? 1.0 : 0.0) - matrix[i * n + j];
    return matrix;
}

double fromEigenvalue(double value, SpectrumKind kind) { return kind == SpectrumKind::Singular ? std::sqrt(std::max(value, 0.0)) : std::max(value, 0.0); }

/// Values only, in the order of HeadSpectrum.
Result<std::vector<double>> valuesOf(std::span<const float> weights, int tokens, SpectrumKind kind, const JobContext& context) {
    SINKSCOPE_TRY(std::vector<double> matrix, matrixOf(weights, tokens, kind));
    SINKSCOPE_TRY(std::vector<double> values, symmetricEigenvalues(std::move(matrix), static_cast<std::size_t>(tokens), context));
    for (double& value : values)
        value = fromEigenvalue(value, kind);
    if (isFalling(kind))
        std::ranges::reverse(values);
    return values;
}

void findGap(HeadSpectrum& spectrum) {
    double best = 0;
    for (std::size_t i = 0; spectrum.values.size() > 2 && i + 1 < spectrum.values.size(); ++i)
        if (const double step = std::abs(spectrum.values[i + 1] - spectrum.values[i]); step > best) {
            best = step;
            spectrum.gap = i;
        }
}

/// Linear between the sorted values.
double quantile(const std::vector<double>& sorted, double share) {
    const double place = share * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const auto above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Result<std::shared_ptr<const HeadAttention>> shortAttention(CaptureSource& source, int sample, int layer, int head) {
    SINKSCOPE_TRY(auto attention, attentionOf(source, sample, layer, head));
    if (attention->tokens > kLongestHeadSpectrum)
        return Error{ErrorCode::InvalidArgument, "spectra are drawn for up to " + std::to_string(kLongestHeadSpectrum) + " tokens", {}};
    return attention;
}

} // namespace

std::string_view nameOf(SpectrumKind kind) {
    constexpr std::string_view kNames[] = {"laplacian", "normalized", "singular"};
    return kNames[static_cast<std::size_t>(kind)];
}

std::optional<SpectrumKind> spectrumKindOf(std::string_view name) {
    for (const SpectrumKind kind : kSpectrumKinds)
        if (nameOf(kind) == name)
            return kind;
    return std::nullopt;
}

QString titleOf(SpectrumKind kind) {
    switch (kind) {
    case SpectrumKind::Laplacian: return QCoreApplication::translate("Spectrum", "Laplacian");
    case SpectrumKind::Normalized: return QCoreApplication::translate("Spectrum", "Normalized Laplacian");
    case SpectrumKind::Singular: return QCoreApplication::translate("Spectrum", "Singular values");
    }
    return {};
}

int bandDraws(int tokens) { return tokens <= 128 ? 99 : tokens <= 320 ? 39 : 0; }

Result<std::shared_ptr<const HeadSpectrum>> headSpectrum(CaptureSource& source, int sample, int layer, int head, SpectrumKind kind, const JobContext& context) {
    SINKSCOPE_TRY(const auto attention, shortAttention(source, sample, layer, head));
    SINKSCOPE_TRY(const std::vector<double> matrix, matrixOf(attention->weights, attention->tokens, kind));
    SINKSCOPE_CHECK(context.checkpoint());
    const auto modes = symmetricModes(matrix, attention->tokens);
    if (!modes)
        return Error{ErrorCode::Internal, "the eigenvalues did not converge", {}};
    auto spectrum = std::make_shared<HeadSpectrum>();
    spectrum->kind = kind;
    const auto n = static_cast<std::size_t>(attention->tokens);
    for (std::size_t place = 0; place < n; ++place) {
        const std::size_t mode = isFalling(kind) ? n - 1 - place : place;
        spectrum->values.push_back(fromEigenvalue(modes->values[mode], kind));
        const auto vector = std::span(modes->vectors).subspan(mode * n, n);
        const auto largest = std::ranges::max_element(vector, {}, [](double one) { return std::abs(one); });
        spectrum->token.push_back(static_cast<int>(largest - vector.begin()));
        spectrum->share.push_back(*largest * *largest);
    }
    findGap(*spectrum);
    return std::shared_ptr<const HeadSpectrum>(std::move(spectrum));
}

Result<std::shared_ptr<const SpectrumBand>> spectrumBand(CaptureSource& source, int sample, int layer, int head, SpectrumKind kind, AttentionNull null,
                                                         const JobContext& context) {
    SINKSCOPE_TRY(const auto attention, shortAttention(source, sample, layer, head));
    auto band = std::make_shared<SpectrumBand>();
    band->null = null;
    band->draws = bandDraws(attention->tokens);
    const auto tokens = static_cast<std::size_t>(attention->tokens);
    std::vector<std::vector<double>> places(tokens);
    SeededRandom random{kSeed, static_cast<std::uint64_t>(sample), static_cast<std::uint64_t>(layer), static_cast<std::uint64_t>(head)};
    for (int draw = 0; draw < band->draws; ++draw) {
        SINKSCOPE_CHECK(context.checkpoint());
        const std::vector<float> matrix = drawNull(null, attention->weights, attention->logits, tokens, attention->causal, random);
        SINKSCOPE_TRY(const std::vector<double> values, valuesOf(matrix, attention->tokens, kind, context));
        for (std::size_t place = 0; place < tokens; ++place)
            places[place].push_back(values[place]);
    }
    for (std::vector<double>& values : places) {
        if (values.empty())
            break;
        std::ranges::sort(values);
        band->low.push_back(quantile(values, 0.025));
        band->high.push_back(quantile(values, 0.975));
    }
    return std::shared_ptr<const SpectrumBand>(std::move(band));
}

} // namespace sinkscope
