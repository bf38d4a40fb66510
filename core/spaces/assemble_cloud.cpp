// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/unrotation.h"
#include "core/spaces/cloud_scaling.h"
#include "core/spaces/cloud_units.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace sinkscope {
namespace {

constexpr std::array<std::string_view, 5> kSpaces{"key", "query", "value", "hidden", "key+query"};
constexpr std::array<std::string_view, 4> kKinds{"key", "query", "value", "hidden"};
constexpr std::array<std::string_view, 3> kScalings{"none", "robust", "log_radius"};

/// Adds the points of one unit after the other.
class Assembler {
public:
    Assembler(CaptureSource& source, PointCloud& cloud) : m_source(source), m_cloud(cloud) {}

    Result<void> prepare(const CloudPlan& plan) {
        m_cloud.width = plan.width;
        m_cloud.captured = plan.captured;
        m_cloud.values.reserve(static_cast<std::size_t>(plan.shown) * static_cast<std::size_t>(plan.width));
        m_cloud.points.reserve(static_cast<std::size_t>(plan.shown));
        if (!m_cloud.request.beforeRotary)
            return {};
        SINKSCOPE_TRY(m_unrotation, Unrotation::of(m_source.header()));
        if (!m_unrotation) {
            m_cloud.notes.push_back("The model has no rotary embedding: there is no rotation to undo.");
            return {};
        }
        m_shift = m_unrotation->positionShift();
        return {};
    }

    Result<void> add(const CloudUnit& unit, bool sampled) {
        SINKSCOPE_CHECK(loadStatistics(unit));
        SINKSCOPE_TRY(HeadVectors vectors, m_source.vectors(unit.sample, unit.layer, spaceOf(unit.part.kind), std::max(unit.part.head, 0)));
        if (vectors.tokens != unit.tokens || vectors.width != m_cloud.width || m_statistics->tokens != unit.tokens)
            return Error{ErrorCode::CaptureInvalid, place(unit) + ": vectors and tokens differ in number", {}};
        const std::set<int> sinks = sinksOfPart(*m_statistics, unit.part, m_cloud.request.sinks);
        const std::vector<float> received = receivedByPart(*m_statistics, unit.part);
        const auto width = static_cast<std::size_t>(vectors.width);
        const std::vector<float> norms = normsOf(vectors);
        if (!std::ranges::all_of(norms, [](float norm) { return std::isfinite(norm); }))
            return Error{ErrorCode::NotFinite, place(unit) + ": the vectors hold NaN or infinity, or are too long to measure", {}};
        if (m_unrotation && (unit.part.kind == PointKind::Key || unit.part.kind == PointKind::Query)) {
            m_unrotation->prepare(vectors.tokens);
            m_unrotation->undo(vectors);
            m_cloud.rotationUndone = true;
        }
        const std::vector<TokenClass>& classes = classesOf(unit.sample);
        for (int i = 0; i < (sampled ? static_cast<int>(unit.chosen.size()) : unit.tokens); ++i) {
            const int token = sampled ? unit.chosen[static_cast<std::size_t>(i)] : i;
            const auto at = static_cast<std::size_t>(token);
            const auto row = std::span(vectors.values).subspan(at * width, width);
            m_cloud.values.insert(m_cloud.values.end(), row.begin(), row.end());
            m_cloud.points.push_back({.sample = unit.sample, .layer = unit.layer, .token = token, .head = unit.part.head,
                                      .group = unit.part.group, .position = token + m_shift, .received = received[at], .norm = norms[at],
                                      .sink = sinks.contains(token), .clipped = false, .tokenClass = classes[at], .kind = unit.part.kind});
        }
        return {};
    }

private:
    static std::string place(const CloudUnit& unit) {
        return "layer " + std::to_string(unit.layer) + ", sample " + std::to_string(unit.sample) +
               (unit.part.head < 0 ? "" : ", head " + std::to_string(unit.part.head));
    }
    static std::vector<float> normsOf(const HeadVectors& vectors) {
        std::vector<float> norms;
        const auto width = static_cast<std::size_t>(vectors.width);
        for (std::size_t first = 0; first < vectors.values.size(); first += width) {
            double sum = 0;
            for (std::size_t i = first; i < first + width; ++i)
                sum += static_cast<double>(vectors.values[i]) * vectors.values[i];
            norms.push_back(static_cast<float>(std::sqrt(sum)));
        }
        return norms;
    }
    /// Those of all samples of the current layer are kept: its heads come one after the other.
    Result<void> loadStatistics(const CloudUnit& unit) {
        if (unit.layer != m_layer)
            m_known.clear();
        m_layer = unit.layer;
        auto& known = m_known[unit.sample];
        if (!known) {
            SINKSCOPE_TRY(known, m_source.statistics(unit.sample, unit.layer));
        }
        m_statistics = known;
        return {};
    }
    const std::vector<TokenClass>& classesOf(int sample) {
        auto& classes = m_classes[sample];
        if (classes.empty())
            classes = tokenClasses(*m_source.header().samples[static_cast<std::size_t>(sample)]);
        return classes;
    }

    CaptureSource& m_source;
    PointCloud& m_cloud;
    std::optional<Unrotation> m_unrotation;
    int m_shift = 0, m_layer = -1;
    std::map<int, std::shared_ptr<const LayerStatistics>> m_known;
    std::shared_ptr<const LayerStatistics> m_statistics;
    std::map<int, std::vector<TokenClass>> m_classes;
};

} // namespace

std::string_view nameOf(CloudSpace space) { return kSpaces[static_cast<std::size_t>(space)]; }
std::string_view nameOf(PointKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }
std::string_view nameOf(CloudScaling scaling) { return kScalings[static_cast<std::size_t>(scaling)]; }

std::string_view textOf(const CaptureHeader& header, const CloudPoint& point) {
    return header.samples[static_cast<std::size_t>(point.sample)]->display[static_cast<std::size_t>(point.token)];
}

Result<std::shared_ptr<const PointCloud>> assembleCloud(CaptureSource& source, const CloudRequest& request, JobContext& context) {
    SINKSCOPE_TRY(const CloudPlan plan, planCloud(source, request, context));
    auto cloud = std::make_shared<PointCloud>();
    cloud->request = request;
    Assembler assembler(source, *cloud);
    SINKSCOPE_CHECK(assembler.prepare(plan));
    for (std::size_t i = 0; i < plan.units.size(); ++i) {
        SINKSCOPE_CHECK(context.checkpoint());
        SINKSCOPE_CHECK(assembler.add(plan.units[i], plan.sampled()));
        context.progress(static_cast<double>(i + 1) / static_cast<double>(plan.units.size() + 1), "reading vectors");
    }
    if (plan.sampled())
        cloud->notes.push_back(std::to_string(plan.shown) + " of " + std::to_string(plan.captured) + " points are shown: every sink (" +
                               std::to_string(plan.sinks) + ") and a random share of the others of every layer, head and sample.");
    if (request.space == CloudSpace::KeyQuery && request.matchDotProducts)
        matchDotProducts(*cloud);
    scaleCloud(*cloud, request.scaling);
    context.progress(1.0, "read");
    return std::shared_ptr<const PointCloud>(std::move(cloud));
}

} // namespace sinkscope
