// SPDX-License-Identifier: Apache-2.0
#include "core/inspect/leading_singular_values.h"

#include "core/inspect/strip_product.h"
#include "core/jobs/thread_team.h"
#include "core/math/spectral/singular_spectrum.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sinkscope {
namespace {

constexpr std::size_t kExactSide = 384, kExactElements = std::size_t(1) << 22U;
constexpr std::size_t kParts = 8;                 ///< of the rows, each with a sum of its own: results do not depend on threads
constexpr std::size_t kStrip = std::size_t(1) << 16U; ///< elements converted at a time: they stay in the second-level cache
constexpr std::size_t kStripsPerRelease = 64;

/// B X for B = A'A (one pass) or AA' (two), whichever has the smaller side.
class StreamedGram {
public:
    StreamedGram(const TensorInfo& tensor, int threads, JobContext& context)
        : m_tensor(tensor), m_rows(static_cast<std::size_t>(tensor.shape[0])), m_columns(static_cast<std::size_t>(tensor.shape[1])),
          m_parts(std::min(kParts, m_rows)), m_team(std::min(threads > 0 ? threads : usableProcessors(), static_cast<int>(m_parts))),
          m_context(context), m_sums(m_parts) {}

    [[nodiscard]] std::size_t side() const { return std::min(m_rows, m_columns); }
    [[nodiscard]] int passes() const { return m_passes; }

    Result<void> multiply(std::span<const double> x, std::span<double> y) {
        if (m_columns <= m_rows) {
            SINKSCOPE_CHECK(pass([&](std::size_t, const double* a, std::size_t rows, double* products, double* sum) {
                strip::times(a, rows, m_columns, x.data(), products);
                strip::addTransposedTimes(a, rows, m_columns, products, sum);
            }));
            std::ranges::copy(total(), y.begin());
            return {};
        }
        SINKSCOPE_CHECK(pass([&](std::size_t first, const double* a, std::size_t rows, double*, double* sum) {
            strip::addTransposedTimes(a, rows, m_columns, x.data() + first * kLanczosBlock, sum);
        }));
        const std::vector<double> across = total();
        return pass([&](std::size_t first, const double* a, std::size_t rows, double*, double*) {
            strip::times(a, rows, m_columns, across.data(), y.data() + first * kLanczosBlock);
        });
    }

private:
    /// `work(first row, values, rows, room for a product [rows, block], sum [columns, block])` for every strip.
    template <typename Work> Result<void> pass(const Work& work) {
        ++m_passes;
        return m_team.run(m_parts, [&](std::size_t part, int worker) {
            const std::size_t begin = m_rows * part / m_parts, end = m_rows * (part + 1) / m_parts;
            const std::size_t step = std::clamp<std::size_t>(kStrip / m_columns, 4, 512);
            std::vector<float> floats(step * m_columns);
            std::vector<double> values(floats.size()), products(step * kLanczosBlock);
            m_sums[part].assign(m_columns * kLanczosBlock, 0.0);
            std::size_t strips = 0, given = begin;
            for (std::size_t first = begin; first < end && !m_context.cancelled(); first += step) {
                const std::size_t rows = std::min(step, end - first), count = rows * m_columns;
                convertToFloat(m_tensor, first * m_columns, std::span(floats).first(count));
                std::copy_n(floats.begin(), count, values.begin());
                work(first, values.data(), rows, products.data(), m_sums[part].data());
                if (++strips % kStripsPerRelease == 0)
                    giveBack(std::exchange(given, first + rows), first + rows);
                if (worker == 0) // how often it will be read is not known: each pass comes nearer to the end
                    m_context.progress(1 - std::pow(0.85, m_passes - 1 + static_cast<double>(first - begin) / static_cast<double>(end - begin)), m_tensor.name);
            }
            giveBack(given, end);
        }, m_context);
    }

    /// Pages of rows; roughly, because bytes per element need not be whole.
    void giveBack(std::size_t begin, std::size_t end) {
        const std::size_t perRow = m_tensor.bytes.size() / m_rows;
        if (m_tensor.file)
            m_tensor.file->release(m_tensor.bytes.subspan(perRow * begin, perRow * (end - begin)));
    }

    std::vector<double> total() {
        std::vector<double> sum = std::move(m_sums[0]);
        for (std::size_t part = 1; part < m_parts; ++part)
            for (std::size_t i = 0; i < sum.size(); ++i)
                sum[i] += m_sums[part][i];
        return sum;
    }

    const TensorInfo& m_tensor;
    std::size_t m_rows, m_columns, m_parts;
    ThreadTeam m_team;
    JobContext& m_context;
    std::vector<std::vector<double>> m_sums;
    int m_passes = 0;
};

Error notFinite(const TensorInfo& tensor) { return Error{ErrorCode::NotFinite, "\"" + tensor.name + "\" holds NaN or infinity", {}}; }

Result<LeadingSingularValues> allOf(const TensorInfo& tensor, std::size_t wanted, JobContext& context) {
    const auto rows = static_cast<std::size_t>(tensor.shape[0]), columns = static_cast<std::size_t>(tensor.shape[1]);
    std::vector<float> values(rows * columns);
    convertToFloat(tensor, values);
    SINKSCOPE_TRY(std::vector<double> energies, squaredSingularValues(values, rows, columns, context));
    if (!std::isfinite(energies.front()))
        return notFinite(tensor);
    LeadingSingularValues result{.values = {}, .bounds = {}, .isExact = true, .passes = 1};
    energies.resize(std::min(energies.size(), wanted));
    for (const double energy : energies)
        result.values.push_back(std::sqrt(energy));
    result.bounds.assign(result.values.size(), 0.0);
    return result;
}

} // namespace

std::string singularObstacle(const TensorInfo& tensor) {
    if (tensor.shape.size() != 2)
        return "is no matrix";
    if (tensor.shape[0] < 1 || tensor.shape[1] < 1)
        return "is empty";
    if (!hasValues(tensor.dtype))
        return "is of type " + std::string(nameOf(tensor.dtype)) + ", whose numbers are not read";
    if (static_cast<std::size_t>(std::min(tensor.shape[0], tensor.shape[1])) > kLongestSingularSide)
        return "has a smaller side beyond " + std::to_string(kLongestSingularSide);
    return {};
}

Result<LeadingSingularValues> leadingSingularValues(const TensorInfo& tensor, std::size_t wanted, JobContext& context, int threads) {
    if (const std::string obstacle = singularObstacle(tensor); !obstacle.empty())
        return Error{ErrorCode::InvalidArgument, "\"" + tensor.name + "\" " + obstacle, {}};
    const auto rows = static_cast<std::size_t>(tensor.shape[0]), columns = static_cast<std::size_t>(tensor.shape[1]);
    wanted = std::clamp<std::size_t>(wanted, 1, kLanczosBlock);
    if (std::min(rows, columns) <= kExactSide && rows <= kExactElements / columns)
        return allOf(tensor, wanted, context);
    StreamedGram gram(tensor, threads, context);
    const auto product = [&gram](std::span<const double> x, std::span<double> y) { return gram.multiply(x, y); };
    auto leading = leadingEigenvalues(gram.side(), product, {.wanted = wanted, .tolerance = 1e-5}, context);
    if (!leading)
        return leading.error().code == ErrorCode::NotFinite ? notFinite(tensor) : leading.error();
    LeadingSingularValues result{.values = {}, .bounds = {}, .isExact = false, .passes = gram.passes()};
    for (std::size_t i = 0; i < leading->values.size(); ++i) {
        const double value = leading->values[i], sigma = std::sqrt(value);
        result.values.push_back(sigma);
        result.bounds.push_back(sigma - std::sqrt(std::max(0.0, value - leading->bounds[i]))); // the wider of both sides
    }
    context.progress(1.0, tensor.name);
    return result;
}

} // namespace sinkscope
