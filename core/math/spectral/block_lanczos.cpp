// SPDX-License-Identifier: Apache-2.0
#include "core/math/spectral/block_lanczos.h"

#include "core/math/graph/symmetric_eigen.h"
#include "core/math/spectral/seeded_random.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

constexpr std::size_t kBlock = kLanczosBlock;
using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) {
    double lanes[8] = {};
    std::size_t i = 0;
    for (; i + 8 <= a.size(); i += 8)
        for (std::size_t lane = 0; lane < 8; ++lane)
            lanes[lane] += a[i + lane] * b[i + lane];
    for (; i < a.size(); ++i)
        lanes[0] += a[i] * b[i];
    return ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
}

void addScaled(Vector& to, double factor, const Vector& from) {
    for (std::size_t i = 0; i < to.size(); ++i)
        to[i] += factor * from[i];
}

class BlockLanczos {
public:
    BlockLanczos(std::size_t n, const BlockProduct& product, const LanczosOptions& options)
        : m_n(n), m_product(product), m_options(options), m_wanted(std::min({options.wanted, kBlock, n})) {}

    Result<LeadingEigenvalues> run(const JobContext& context) {
        SeededRandom random({m_options.seed, m_n});
        std::vector<Vector> block(std::min(kBlock, m_n), Vector(m_n));
        for (Vector& vector : block)
            for (double& value : vector)
                value = random.normal();
        double scale = 1; // of what is orthogonalised: what is left of it by rounding is nothing
        for (;;) {
            SINKSCOPE_CHECK(context.checkpoint());
            const std::size_t before = m_basis.size();
            addOrthogonal(block, scale);
            if (m_basis.size() > before) {
                SINKSCOPE_CHECK(multiply(before, block));
                if (!extendProjection(before))
                    return Error{ErrorCode::NotFinite, "a product with the matrix is not finite", {}};
            }
            const bool isWhole = m_basis.size() == before || m_basis.size() == m_n;
            if (!solve())
                return Error{ErrorCode::NotFinite, "a product with the matrix is not finite", {}};
            const double largest = m_result.values.empty() ? 0 : m_result.values.front();
            const bool isGood = std::ranges::all_of(m_result.bounds, [&](double bound) { return bound <= m_options.tolerance * largest; });
            if (isGood || isWhole || m_result.products >= m_options.products || largest == 0)
                return std::move(m_result);
            scale = largest;
        }
    }

private:
    /// Those parts of the block that are new, as unit vectors; twice, because once leaves what rounding brings back.
    void addOrthogonal(std::vector<Vector>& block, double scale) {
        for (Vector& vector : block) {
            const double whole = std::sqrt(dot(vector, vector));
            for (int pass = 0; pass < 2; ++pass)
                for (const Vector& other : m_basis)
                    addScaled(vector, -dot(other, vector), other);
            const double length = std::sqrt(dot(vector, vector));
            if (!(length > 1e-10 * std::max(whole, scale)) || m_basis.size() == m_n)
                continue;
            for (double& value : vector)
                value /= length;
            m_basis.push_back(vector);
        }
    }

    /// Images of the basis from `first` on; they are the next block.
    Result<void> multiply(std::size_t first, std::vector<Vector>& block) {
        const std::size_t count = m_basis.size() - first;
        Vector x(m_n * kBlock, 0.0), y(m_n * kBlock, 0.0);
        for (std::size_t k = 0; k < count; ++k)
            for (std::size_t i = 0; i < m_n; ++i)
                x[i * kBlock + k] = m_basis[first + k][i];
        SINKSCOPE_CHECK(m_product(x, y));
        ++m_result.products;
        block.assign(count, Vector(m_n));
        for (std::size_t k = 0; k < count; ++k) {
            for (std::size_t i = 0; i < m_n; ++i)
                block[k][i] = y[i * kBlock + k];
            m_images.push_back(block[k]);
        }
        return {};
    }

    /// Q' B Q grows by rows and columns. False when something is not finite.
    bool extendProjection(std::size_t first) {
        const std::size_t size = m_basis.size();
        Vector larger(size * size);
        for (std::size_t r = 0; r < first; ++r)
            std::copy_n(m_projection.begin() + static_cast<std::ptrdiff_t>(r * first), first, larger.begin() + static_cast<std::ptrdiff_t>(r * size));
        bool isFinite = true;
        for (std::size_t c = first; c < size; ++c)
            for (std::size_t r = 0; r <= c; ++r) {
                const double value = dot(m_basis[r], m_images[c]);
                isFinite = isFinite && std::isfinite(value);
                larger[r * size + c] = larger[c * size + r] = value;
            }
        m_projection = std::move(larger);
        return isFinite;
    }

    /// Ritz values of the space as it is, and the norms of their residuals.
    bool solve() {
        const std::size_t size = m_basis.size();
        const auto modes = symmetricModes(m_projection, static_cast<int>(size));
        if (!modes)
            return false;
        m_result.values.clear();
        m_result.bounds.clear();
        for (std::size_t k = 0; k < std::min(m_wanted, size); ++k) {
            const std::size_t mode = size - 1 - k;
            const double value = modes->values[mode];
            Vector residual(m_n, 0.0);
            for (std::size_t i = 0; i < size; ++i) {
                addScaled(residual, modes->vectors[mode * size + i], m_images[i]);
                addScaled(residual, -value * modes->vectors[mode * size + i], m_basis[i]);
            }
            m_result.values.push_back(std::max(value, 0.0));
            m_result.bounds.push_back(std::sqrt(dot(residual, residual)));
        }
        return true;
    }

    std::size_t m_n;
    const BlockProduct& m_product;
    LanczosOptions m_options;
    std::size_t m_wanted;
    std::vector<Vector> m_basis, m_images; ///< orthonormal, and B times each
    Vector m_projection;                   ///< [basis, basis]
    LeadingEigenvalues m_result;
};

} // namespace

Result<LeadingEigenvalues> leadingEigenvalues(std::size_t n, const BlockProduct& product, const LanczosOptions& options, const JobContext& context) {
    if (n == 0)
        return LeadingEigenvalues{};
    return BlockLanczos(n, product, options).run(context);
}

} // namespace sinkscope
