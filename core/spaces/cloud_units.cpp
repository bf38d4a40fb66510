// SPDX-License-Identifier: Apache-2.0
#include "core/spaces/cloud_units.h"

#include "core/analysis/analysis.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <random>

namespace sinkscope {
namespace {

Error invalid(std::string what) { return {ErrorCode::InvalidArgument, std::move(what), {}}; }

Error noHead(int head, int count, CloudSpace space) {
    return invalid("head " + std::to_string(head) + "; there are " + std::to_string(count) + " in the " + std::string(nameOf(space)) + " space");
}

void addQueries(std::vector<CloudPart>& parts, int first, int last, int perGroup) {
    for (int head = first; head < last; ++head)
        parts.push_back({PointKind::Query, head, head / perGroup});
}

void addKeyed(std::vector<CloudPart>& parts, PointKind kind, int first, int last) {
    for (int group = first; group < last; ++group)
        parts.push_back({kind, group, group});
}

Result<std::vector<CloudPart>> partsOf(const CaptureHeader& header, const CloudRequest& request) {
    std::vector<CloudPart> parts;
    if (request.space == CloudSpace::Hidden)
        return std::vector<CloudPart>{{PointKind::Hidden, -1, -1}};
    const int perGroup = header.heads / header.keyValueHeads, head = request.head;
    const bool byQuery = request.space == CloudSpace::Query || request.space == CloudSpace::KeyQuery;
    const int count = byQuery && request.scope == CloudScope::Head ? header.heads : header.keyValueHeads;
    if (request.scope != CloudScope::Layer && (head < 0 || head >= count))
        return noHead(head, count, request.space);
    const bool all = request.scope == CloudScope::Layer, one = request.scope == CloudScope::Head;
    const int group = byQuery && one ? head / perGroup : head;
    const int firstGroup = all ? 0 : group, lastGroup = all ? header.keyValueHeads : group + 1;
    if (request.space == CloudSpace::Value)
        addKeyed(parts, PointKind::Value, firstGroup, lastGroup);
    if (request.space == CloudSpace::Key || request.space == CloudSpace::KeyQuery)
        addKeyed(parts, PointKind::Key, firstGroup, lastGroup);
    if (byQuery && one)
        addQueries(parts, head, head + 1, perGroup);
    else if (byQuery)
        addQueries(parts, firstGroup * perGroup, lastGroup * perGroup, perGroup);
    return parts;
}

Result<void> checkSpaces(const CaptureSource& source, const CloudRequest& request) {
    const auto missing = [&](Space space) {
        return Error{ErrorCode::Unavailable, "the capture keeps no " + std::string(nameOf(space)) + " vectors", {}};
    };
    static constexpr std::pair<CloudSpace, Space> kNeeded[] = {{CloudSpace::Key, Space::Key}, {CloudSpace::Query, Space::Query},
                                                               {CloudSpace::Value, Space::Value}, {CloudSpace::Hidden, Space::Hidden},
                                                               {CloudSpace::KeyQuery, Space::Key}, {CloudSpace::KeyQuery, Space::Query}};
    for (const auto& [cloud, space] : kNeeded)
        if (cloud == request.space && !source.hasSpace(space))
            return missing(space);
    return {};
}

/// The places of a list that exist, each once, ascending; all of them for an empty list.
Result<std::vector<int>> placesOf(const std::vector<int>& wanted, const std::vector<int>& known, const char* what) {
    if (wanted.empty())
        return known;
    const std::set<int> places(wanted.begin(), wanted.end());
    for (const int place : places)
        if (!std::ranges::binary_search(known, place))
            return invalid(std::string(what) + " " + std::to_string(place) + " is not in the capture");
    return std::vector<int>(places.begin(), places.end());
}

/// Tokens of a sample in random order: every layer and head takes its share from the front, so that they show the same tokens.
std::vector<int> shuffledTokens(int tokens, std::uint64_t seed, int sample) {
    std::vector<int> order(static_cast<std::size_t>(tokens));
    std::iota(order.begin(), order.end(), 0);
    std::mt19937_64 random(seed * 0x9E3779B97F4A7C15ULL + static_cast<std::uint64_t>(sample));
    for (std::size_t i = order.size(); i > 1; --i) // not std::shuffle: its draws differ between libraries
        std::swap(order[i - 1], order[random() % i]);
    return order;
}

/// Fills `chosen`: every sink, and of the other tokens the share that the limit leaves.
Result<void> drawSample(CaptureSource& source, const CloudRequest& request, CloudPlan& plan, JobContext& context) {
    std::vector<std::set<int>> sinks(plan.units.size());
    std::map<std::pair<int, int>, std::shared_ptr<const LayerStatistics>> known; // of the current layer
    for (std::size_t i = 0; i < plan.units.size(); ++i) {
        SINKSCOPE_CHECK(context.checkpoint());
        const CloudUnit& unit = plan.units[i];
        if (!known.empty() && known.begin()->first.first != unit.layer)
            known.clear();
        auto& statistics = known[{unit.layer, unit.sample}];
        if (!statistics) {
            SINKSCOPE_TRY(statistics, source.statistics(unit.sample, unit.layer));
        }
        sinks[i] = sinksOfPart(*statistics, unit.part, request.sinks);
        plan.sinks += static_cast<std::int64_t>(sinks[i].size());
    }
    const std::int64_t others = plan.captured - plan.sinks, budget = std::max<std::int64_t>(0, request.maxPoints - plan.sinks);
    std::map<int, std::vector<int>> orders;
    std::int64_t passed = 0, taken = 0;
    for (std::size_t i = 0; i < plan.units.size(); ++i) {
        CloudUnit& unit = plan.units[i];
        passed += unit.tokens - static_cast<std::int64_t>(sinks[i].size());
        const std::int64_t until = others > 0 ? passed * std::min(budget, others) / others : 0; // rounding is carried from unit to unit
        std::vector<int>& order = orders[unit.sample];
        if (order.empty())
            order = shuffledTokens(unit.tokens, request.seed, unit.sample);
        for (auto token = order.begin(); taken < until && token != order.end(); ++token)
            if (!sinks[i].contains(*token)) {
                unit.chosen.push_back(*token);
                ++taken;
            }
        unit.chosen.insert(unit.chosen.end(), sinks[i].begin(), sinks[i].end());
        std::ranges::sort(unit.chosen);
    }
    plan.shown = taken + plan.sinks;
    return {};
}

Result<void> checkSize(const CloudPlan& plan, const CloudRequest& request) {
    const double bytes = static_cast<double>(plan.shown) * plan.width * sizeof(float);
    if (bytes <= static_cast<double>(request.maxBytes) && plan.shown <= std::int64_t{1} << 30)
        return {};
    return Error{ErrorCode::MemoryExceeded,
                 std::to_string(plan.shown) + " points of width " + std::to_string(plan.width) + " take " +
                     std::to_string(static_cast<std::int64_t>(bytes / 1e6)) + " MB; allowed are " + std::to_string(request.maxBytes / 1'000'000) +
                     " MB: choose fewer layers, heads or samples, or a largest number of points",
                 {}};
}

} // namespace

Space spaceOf(PointKind kind) {
    static constexpr Space kOf[] = {Space::Key, Space::Query, Space::Value, Space::Hidden};
    return kOf[static_cast<std::size_t>(kind)];
}

std::set<int> sinksOfPart(const LayerStatistics& statistics, const CloudPart& part, const MetricParameters& parameters) {
    const bool hidden = part.kind == PointKind::Hidden;
    std::map<int, int> heads;
    for (int query = 0; query < statistics.heads; ++query)
        if (hidden || (part.kind == PointKind::Query ? query == part.head : statistics.keyValueHeadOf(query) == part.head))
            for (const int token : sinksOfHead(statistics, query, parameters))
                ++heads[token];
    const double enough = hidden ? parameters.anchorHeadShare * statistics.heads : 1.0;
    std::set<int> sinks;
    for (const auto& [token, count] : heads)
        if (count >= enough)
            sinks.insert(token);
    return sinks;
}

std::vector<float> receivedByPart(const LayerStatistics& statistics, const CloudPart& part) {
    const int perGroup = statistics.heads / statistics.keyValueHeads;
    const int first = part.kind == PointKind::Hidden ? 0 : part.kind == PointKind::Query ? part.head : part.head * perGroup;
    const int count = part.kind == PointKind::Hidden ? statistics.heads : part.kind == PointKind::Query ? 1 : perGroup;
    std::vector<float> received(static_cast<std::size_t>(statistics.tokens));
    for (int token = 0; token < statistics.tokens; ++token) {
        double sum = 0;
        for (int head = first; head < first + count; ++head)
            sum += statistics.received(head, token);
        received[static_cast<std::size_t>(token)] = static_cast<float>(sum / count);
    }
    return received;
}

Result<CloudPlan> planCloud(CaptureSource& source, const CloudRequest& request, JobContext& context) {
    const CaptureHeader& header = source.header();
    SINKSCOPE_CHECK(checkSpaces(source, request));
    SINKSCOPE_TRY(const auto parts, partsOf(header, request));
    SINKSCOPE_TRY(const auto layers, placesOf(request.layers, header.capturedLayers, "layer"));
    std::vector<int> allSamples(header.samples.size());
    std::iota(allSamples.begin(), allSamples.end(), 0);
    SINKSCOPE_TRY(const auto samples, placesOf(request.samples, allSamples, "sample"));
    CloudPlan plan;
    plan.width = request.space == CloudSpace::Hidden ? header.width : header.headWidth;
    for (const int layer : layers)
        for (const CloudPart& part : parts)
            for (const int sample : samples) {
                if (!source.hasLayer(sample, layer))
                    continue;
                const int tokens = static_cast<int>(header.samples[static_cast<std::size_t>(sample)]->encoding.ids.size());
                plan.units.push_back({layer, sample, tokens, part, {}});
                plan.captured += tokens;
            }
    if (plan.units.empty())
        return invalid("nothing of these layers and samples is in the capture yet");
    plan.shown = plan.captured;
    if (request.maxPoints > 0 && plan.captured > request.maxPoints)
        SINKSCOPE_CHECK(drawSample(source, request, plan, context));
    SINKSCOPE_CHECK(checkSize(plan, request));
    return plan;
}

} // namespace sinkscope
