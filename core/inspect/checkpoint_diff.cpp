// SPDX-License-Identifier: Apache-2.0
#include "core/inspect/checkpoint_diff.h"

#include "core/checkpoint/tensor_pieces.h"
#include "core/jobs/thread_team.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <limits>

namespace sinkscope {
namespace {

constexpr std::size_t kPiece = std::size_t(1) << 16U; ///< elements
constexpr std::size_t kBytes = std::size_t(1) << 22U; ///< compared as they are, at a time
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

bool isSame(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

/// Sums over the elements of two tensors.
struct Sums {
    double first = 0, second = 0, product = 0, difference = 0;

    void add(std::span<const double> a, std::span<const double> b, std::uint64_t at, TensorDifference& result) {
        // Products of one piece first: adding them one by one to the sum of billions would lose digits.
        double aa = 0, bb = 0, ab = 0, dd = 0;
        for (std::size_t i = 0; i < a.size(); ++i) {
            const double x = a[i], y = b[i];
            if (!isSame(x, y))
                ++result.changed;
            if (!std::isfinite(x) || !std::isfinite(y)) {
                result.notFinite += isSame(x, y) ? 0 : 1;
                continue;
            }
            const double d = y - x;
            aa += x * x;
            bb += y * y;
            ab += x * y;
            dd += d * d;
            if (std::abs(d) > result.largest) {
                result.largest = std::abs(d);
                result.largestAt = at + i;
            }
        }
        first += aa;
        second += bb;
        product += ab;
        difference += dd;
    }

    void finish(TensorDifference& result) const {
        result.firstNorm = std::sqrt(first);
        result.secondNorm = std::sqrt(second);
        result.differenceNorm = std::sqrt(difference);
        const double norms = result.firstNorm * result.secondNorm;
        if (norms > 0)
            result.cosine = std::clamp(product / norms, -1.0, 1.0);
        else
            result.cosine = first == second ? 1.0 : kNone;
    }
};

class Differ {
public:
    Differ(CheckpointDiff& diff, JobContext& context) : m_diff(diff), m_context(context) {
        for (const TensorDifference& difference : diff.tensors)
            if (difference.change == Change::None)
                m_total += diff.tensor(difference).bytes.size();
    }

    void compare(TensorDifference& difference, int worker) {
        const TensorInfo& a = m_diff.first->tensors[static_cast<std::size_t>(difference.pair.first)];
        const TensorInfo& b = m_diff.second->tensors[static_cast<std::size_t>(difference.pair.second)];
        difference.elements = elementCount(a);
        const bool scaled = a.scale || b.scale; // the same bytes may then be other numbers
        if (!scaled && a.dtype == b.dtype && hasSameBytes(a, b, worker))
            return;
        difference.change = a.dtype == b.dtype ? Change::Values : Change::Type;
        if (!hasValues(a.dtype) || !hasValues(b.dtype)) { // bits differ: more cannot be said
            difference.change = Change::Values;
            difference.largest = difference.firstNorm = difference.differenceNorm = difference.cosine = kNone;
            m_done += a.bytes.size();
            return;
        }
        Sums sums;
        std::vector<double> x(std::min<std::size_t>(kPiece, difference.elements)), y(x.size());
        for (std::size_t first = 0; first < difference.elements && !m_context.cancelled(); first += kPiece) {
            const std::size_t count = std::min<std::size_t>(kPiece, difference.elements - first);
            convertToDouble(a, first, std::span(x).first(count));
            convertToDouble(b, first, std::span(y).first(count));
            sums.add(std::span(x).first(count), std::span(y).first(count), first, difference);
            const std::size_t at = static_cast<std::size_t>(static_cast<double>(a.bytes.size()) * static_cast<double>(first) / static_cast<double>(difference.elements));
            if (first / kPiece % 64 == 63)
                giveBack(a, b);
            report(a, worker, at);
        }
        giveBack(a, b);
        sums.finish(difference);
        if (difference.changed > 0)
            difference.change = Change::Values;
        else if (a.dtype == b.dtype)
            difference.change = scaled ? Change::None : Change::Values; // bits differ in values that are equal: -0, another NaN
        m_done += a.bytes.size();
    }

private:
    bool hasSameBytes(const TensorInfo& a, const TensorInfo& b, int worker) {
        if (a.bytes.size() != b.bytes.size())
            return false;
        for (std::size_t at = 0; at < a.bytes.size(); at += kBytes) {
            if (m_context.cancelled())
                return true; // nobody will look at it
            const std::size_t count = std::min(kBytes, a.bytes.size() - at);
            if (std::memcmp(a.bytes.data() + at, b.bytes.data() + at, count) != 0)
                return false;
            if (a.file)
                a.file->release(a.bytes.subspan(at, count));
            if (b.file)
                b.file->release(b.bytes.subspan(at, count));
            report(a, worker, at);
        }
        m_done += a.bytes.size();
        return true;
    }

    static void giveBack(const TensorInfo& a, const TensorInfo& b) {
        if (a.file)
            a.file->release(a.bytes);
        if (b.file)
            b.file->release(b.bytes);
    }

    void report(const TensorInfo& tensor, int worker, std::size_t within) {
        if (worker == 0) // progress belongs to the thread of the context
            m_context.progress(std::min(0.999, static_cast<double>(m_done + within) / static_cast<double>(std::max<std::uint64_t>(m_total, 1))), tensor.name);
    }

    CheckpointDiff& m_diff;
    JobContext& m_context;
    std::uint64_t m_total = 0;
    std::atomic<std::uint64_t> m_done{0};
};

std::vector<TensorPlace> placesOf(const std::shared_ptr<const Checkpoint>& checkpoint) {
    const auto spec = buildModelSpec(checkpoint);
    return tensorPlaces(*checkpoint, spec ? spec->get() : nullptr);
}

} // namespace

std::string_view nameOf(Change change) {
    switch (change) {
    case Change::OnlyFirst: return "only_first";
    case Change::OnlySecond: return "only_second";
    case Change::Shape: return "shape";
    case Change::Values: return "values";
    case Change::Type: return "type";
    case Change::None: return "identical";
    }
    return "values";
}

double TensorDifference::relative() const {
    if (firstNorm > 0 || std::isnan(firstNorm))
        return differenceNorm / firstNorm;
    return differenceNorm > 0 ? kNone : 0.0;
}

std::size_t CheckpointDiff::count(Change change) const {
    return static_cast<std::size_t>(std::ranges::count(tensors, change, &TensorDifference::change));
}

const TensorInfo& CheckpointDiff::tensor(const TensorDifference& difference) const {
    return difference.pair.first >= 0 ? first->tensors[static_cast<std::size_t>(difference.pair.first)] : second->tensors[static_cast<std::size_t>(difference.pair.second)];
}

const TensorPlace& CheckpointDiff::place(const TensorDifference& difference) const {
    return difference.pair.first >= 0 ? firstPlaces[static_cast<std::size_t>(difference.pair.first)] : secondPlaces[static_cast<std::size_t>(difference.pair.second)];
}

Result<CheckpointDiff> diffCheckpoints(std::shared_ptr<const Checkpoint> first, std::shared_ptr<const Checkpoint> second, JobContext& context, int threads) {
    CheckpointDiff diff{std::move(first), std::move(second), {}, {}, {}};
    diff.firstPlaces = placesOf(diff.first);
    diff.secondPlaces = placesOf(diff.second);
    std::vector<std::size_t> comparable;
    for (const TensorPair& pair : matchTensors(*diff.first, diff.firstPlaces, *diff.second, diff.secondPlaces)) {
        TensorDifference difference{.pair = pair};
        if (pair.first < 0)
            difference.change = Change::OnlySecond;
        else if (pair.second < 0)
            difference.change = Change::OnlyFirst;
        else if (diff.first->tensors[static_cast<std::size_t>(pair.first)].shape != diff.second->tensors[static_cast<std::size_t>(pair.second)].shape)
            difference.change = Change::Shape;
        else
            comparable.push_back(diff.tensors.size());
        diff.tensors.push_back(difference);
    }
    Differ differ(diff, context);
    ThreadTeam team(std::min(threads > 0 ? threads : usableProcessors(), static_cast<int>(std::max<std::size_t>(1, comparable.size()))));
    SINKSCOPE_CHECK(team.run(comparable.size(), [&](std::size_t index, int worker) { differ.compare(diff.tensors[comparable[index]], worker); }, context));
    SINKSCOPE_CHECK(context.checkpoint());
    context.progress(1.0, "compared");
    return diff;
}

} // namespace sinkscope
