// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/key_space_data.h"

#include "views/vtk/key_space_align.h"
#include "views/vtk/key_space_axis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

namespace sinkscope {

namespace {

Result<void> checkRange(const KeySpaceQuestion& question) {
    const CaptureHeader& header = question.capture->header();
    const bool ok = question.sample >= 0 && question.sample < static_cast<int>(header.samples.size()) && question.layer >= 0 &&
                    question.layer < header.layers && question.head >= 0 && question.head < header.heads && header.keyValueHeads > 0;
    if (!ok)
        return Error{ErrorCode::InvalidArgument, "the capture has no sample " + std::to_string(question.sample) + ", layer " +
                                                     std::to_string(question.layer) + ", head " + std::to_string(question.head), {}};
    return {};
}

bool hasSpace(const CaptureSource& source, CloudSpace space) {
    switch (space) {
    case CloudSpace::Key: return source.hasSpace(Space::Key);
    case CloudSpace::Query: return source.hasSpace(Space::Query);
    case CloudSpace::Value: return source.hasSpace(Space::Value);
    case CloudSpace::Hidden: return source.hasSpace(Space::Hidden);
    case CloudSpace::KeyQuery: return source.hasSpace(Space::Key) && source.hasSpace(Space::Query);
    }
    return false;
}

KeySpaceData::Gap gapOf(const KeySpaceQuestion& question) {
    const CaptureSource& source = *question.capture;
    if (!hasSpace(source, question.space))
        return KeySpaceData::Gap::SpaceMissing;
    if (question.scope != KeySpaceScope::AllLayers && !source.hasLayer(question.sample, question.layer))
        return KeySpaceData::Gap::LayerMissing;
    const bool oneHead = question.scope == KeySpaceScope::Head && !question.allSamples;
    if (oneHead && source.header().samples[static_cast<std::size_t>(question.sample)]->display.size() < KeySpaceData::kFewestTokens)
        return KeySpaceData::Gap::TooShort;
    return KeySpaceData::Gap::None;
}

/// Which points stand for the tokens of the question's head.
void findTokens(KeySpaceData& data) {
    const KeySpaceQuestion& q = data.question;
    data.keyPoints.assign(static_cast<std::size_t>(data.tokens), -1);
    data.queryPoints = data.keyPoints;
    for (int i = 0; i < data.count(); ++i) {
        const CloudPoint& point = data.point(i);
        if (point.sample != q.sample || point.layer != q.layer || point.token >= data.tokens)
            continue;
        const bool query = point.kind == PointKind::Query && point.head == q.head;
        const bool key = point.kind == PointKind::Hidden || (point.kind != PointKind::Query && point.head == keyValueHeadOf(q.own()));
        if (query)
            data.queryPoints[static_cast<std::size_t>(point.token)] = i;
        if (key)
            data.keyPoints[static_cast<std::size_t>(point.token)] = i;
    }
    for (std::size_t token = 0; token < data.keyPoints.size(); ++token) { // a cloud of one kind shows links between its own points
        if (data.queryPoints[token] < 0)
            data.queryPoints[token] = data.keyPoints[token];
        if (data.keyPoints[token] < 0)
            data.keyPoints[token] = data.queryPoints[token];
    }
}

/// Received attention and sinks: of the question's head where the cloud is of one head, else as the cloud says.
void findAnchors(KeySpaceData& data) {
    const KeySpaceQuestion& q = data.question;
    if (data.statistics)
        data.headAnchors = sinksOfHead(*data.statistics, q.head, q.sinks);
    const bool ownHead = q.scope == KeySpaceScope::Head && !q.allSamples && data.statistics && q.space != CloudSpace::Hidden;
    const CaptureHeader& header = q.capture->header();
    for (int i = 0; i < data.count(); ++i) {
        const CloudPoint& point = data.point(i);
        const auto tokens = static_cast<int>(header.samples[static_cast<std::size_t>(point.sample)]->display.size());
        const bool causal = !data.statistics || data.statistics->causal;
        // A mean over one or two queries says nothing; the last token, seen by itself only, would often be the brightest.
        const bool seen = (causal ? tokens - point.token : tokens) >= q.sinks.minimumQueries;
        data.received.push_back(!seen ? std::numeric_limits<float>::quiet_NaN() : ownHead ? data.statistics->received(q.head, point.token) : point.received);
        const bool sink = ownHead ? std::find(data.headAnchors.begin(), data.headAnchors.end(), point.token) != data.headAnchors.end() : point.sink;
        // In a cloud of queries and keys it is the key that is looked at.
        if (sink && !(q.space == CloudSpace::KeyQuery && point.kind == PointKind::Query))
            data.anchors.push_back(i);
    }
    const auto strength = [&](int i) { return std::isnan(data.received[static_cast<std::size_t>(i)]) ? 0.0F : data.received[static_cast<std::size_t>(i)]; };
    std::stable_sort(data.anchors.begin(), data.anchors.end(), [&](int a, int b) { return strength(a) > strength(b); });
    if (data.statistics)
        std::stable_sort(data.headAnchors.begin(), data.headAnchors.end(),
                         [&](int a, int b) { return data.statistics->received(q.head, a) > data.statistics->received(q.head, b); });
}

/// Angles between the head's anchors as seen from the centroid of its other points.
void measureAngles(KeySpaceData& data) {
    const std::size_t count = std::min(data.headAnchors.size(), KeySpaceData::kFrameAnchors);
    const auto width = static_cast<std::size_t>(data.cloud->width);
    std::vector<double> centroid(width, 0);
    int others = 0;
    for (int token = 0; token < data.tokens; ++token) {
        const int point = data.keyPoints[static_cast<std::size_t>(token)];
        if (point < 0 || std::find(data.headAnchors.begin(), data.headAnchors.end(), token) != data.headAnchors.end())
            continue;
        const auto row = data.cloud->vector(static_cast<std::size_t>(point));
        for (std::size_t k = 0; k < width; ++k)
            centroid[k] += static_cast<double>(row[k]);
        ++others;
    }
    if (others == 0 || count < 2)
        return;
    std::vector<std::vector<double>> arms;
    for (std::size_t a = 0; a < count; ++a) {
        const int point = data.keyPoints[static_cast<std::size_t>(data.headAnchors[a])];
        if (point < 0)
            return;
        std::vector<double> arm(width);
        for (std::size_t k = 0; k < width; ++k)
            arm[k] = static_cast<double>(data.cloud->vector(static_cast<std::size_t>(point))[k]) - centroid[k] / others;
        arms.push_back(std::move(arm));
    }
    const auto dot = [](const std::vector<double>& x, const std::vector<double>& y) { return std::inner_product(x.begin(), x.end(), y.begin(), 0.0); };
    for (const auto& a : arms)
        for (const auto& b : arms) {
            const double lengths = std::sqrt(dot(a, a) * dot(b, b));
            data.angles.push_back(lengths > 0 ? std::acos(std::clamp(dot(a, b) / lengths, -1.0, 1.0)) * 180 / 3.14159265358979323846 : 90);
        }
}

/// The columns of the anchors and the row of the query.
Result<void> addAttention(KeySpaceData& data) {
    const KeySpaceQuestion& q = data.question;
    if (data.headAnchors.empty() && q.query < 0 && data.tokens > KeySpaceData::kKeepAttention)
        return {};
    if (!data.statistics || !q.capture->hasAttention())
        return {}; // links cannot be known; the cloud can
    SINKSCOPE_TRY(const auto attention, attentionOf(*q.capture, q.sample, q.layer, q.head));
    const auto tokens = static_cast<std::size_t>(attention->tokens);
    for (const int anchor : data.headAnchors) {
        std::vector<float> column(tokens);
        for (std::size_t query = 0; query < tokens; ++query)
            column[query] = attention->weights[query * tokens + static_cast<std::size_t>(anchor)];
        data.anchorWeights.push_back(std::move(column));
    }
    if (q.query >= 0 && q.query < data.tokens) {
        const auto* row = attention->weights.data() + static_cast<std::size_t>(q.query) * tokens;
        data.queryWeights.assign(row, row + tokens);
    }
    if (data.tokens <= KeySpaceData::kKeepAttention)
        data.attention = attention;
    return {};
}

Result<void> findClusters(KeySpaceData& data, const JobContext& context) {
    if (data.question.clusters < 1)
        return {};
    SINKSCOPE_TRY(Clusters clusters, kMeans(data.cloud->values, data.count(), data.cloud->width, {.clusters = data.question.clusters}, context));
    data.clusters = std::make_shared<const Clusters>(std::move(clusters));
    return {};
}

/// Puts the rest of the data around projections that are not finished. `data` is copied each time: it is still being filled.
std::function<void(std::shared_ptr<const Projection>)> previewsOf(const KeySpaceData& data, const KeySpacePreview& preview) {
    if (!preview)
        return {};
    return [&data, &preview](std::shared_ptr<const Projection> projection) {
        auto shown = std::make_shared<KeySpaceData>(data);
        shown->question.reference.reset();
        shown->distinct = projection->points; // counted once the picture is finished
        shown->projection = std::move(projection);
        preview(std::move(shown));
    };
}

int distinctPlaces(const Projection& projection) {
    std::set<std::array<float, 3>> places;
    const auto dimensions = static_cast<std::size_t>(projection.dimensions);
    const auto points = std::min<std::size_t>(static_cast<std::size_t>(projection.points), KeySpaceData::kCountDistinct);
    for (std::size_t i = 0; i < points; ++i) {
        std::array<float, 3> place{};
        for (std::size_t k = 0; k < std::min<std::size_t>(3, dimensions); ++k)
            place[k] = projection.coordinates[i * dimensions + k];
        places.insert(place);
    }
    return static_cast<int>(places.size());
}

} // namespace

std::vector<float> KeySpaceData::rowOf(int query) const {
    if (query < 0 || query >= tokens)
        return {};
    if (query == question.query && !queryWeights.empty())
        return queryWeights;
    if (!attention)
        return {};
    const auto* row = attention->weights.data() + static_cast<std::size_t>(query) * static_cast<std::size_t>(tokens);
    return {row, row + tokens};
}

int KeySpaceData::pointOfToken(int token) const {
    if (token < 0 || token >= tokens)
        return -1;
    if (const int point = keyPoints[static_cast<std::size_t>(token)]; point >= 0)
        return point;
    const std::vector<int> any = pointsOfTokens({token}); // a sample of the cloud may lack the head's own
    return any.empty() ? -1 : any.front();
}

std::vector<int> KeySpaceData::pointsOfTokens(const std::vector<int>& ofTokens) const {
    std::vector<int> points;
    for (int i = 0; i < count() && !ofTokens.empty(); ++i)
        if (point(i).sample == question.sample && std::binary_search(ofTokens.begin(), ofTokens.end(), point(i).token))
            points.push_back(i);
    return points;
}

std::vector<int> KeySpaceData::tokensOfPoints(const std::vector<int>& ofPoints) const {
    std::set<int> found;
    for (const int i : ofPoints)
        if (i >= 0 && i < count() && point(i).sample == question.sample)
            found.insert(point(i).token);
    return {found.begin(), found.end()};
}

Result<std::shared_ptr<const KeySpaceData>> loadKeySpace(const KeySpaceQuestion& question, JobContext& context, const KeySpacePreview& preview) {
    SINKSCOPE_CHECK(checkRange(question));
    SINKSCOPE_CHECK(context.checkpoint());
    auto data = std::make_shared<KeySpaceData>();
    data->question = question;
    data->question.reference.reset();
    data->gap = gapOf(question);
    if (data->gap != KeySpaceData::Gap::None)
        return std::shared_ptr<const KeySpaceData>(std::move(data));
    CaptureSource& source = *question.capture;
    data->vectorHead = vectorHeadOf(question.space, question.own());
    data->tokens = static_cast<int>(source.header().samples[static_cast<std::size_t>(question.sample)]->display.size());
    SINKSCOPE_TRY(data->cloud, assembleCloud(source, question.request(question.own()), context));
    if (data->count() < KeySpaceData::kFewestTokens) {
        data->gap = KeySpaceData::Gap::TooShort;
        return std::shared_ptr<const KeySpaceData>(std::move(data));
    }
    if (source.hasLayer(question.sample, question.layer)) {
        SINKSCOPE_TRY(data->statistics, source.statistics(question.sample, question.layer));
        if (data->statistics->tokens != data->tokens)
            return Error{ErrorCode::CaptureInvalid, "layer " + std::to_string(question.layer) + ": statistics and tokens differ in length", {}};
    }
    findTokens(*data);
    findAnchors(*data);
    measureAngles(*data);
    SINKSCOPE_CHECK(addAttention(*data));
    SINKSCOPE_CHECK(findClusters(*data, context));
    SINKSCOPE_CHECK(context.checkpoint());
    data->question.reference = question.reference;
    SINKSCOPE_CHECK(projectKeySpace(*data, previewsOf(*data, preview), context));
    data->question.reference.reset();
    data->distinct = distinctPlaces(*data->projection);
    return std::shared_ptr<const KeySpaceData>(std::move(data));
}

bool isExtensible(const KeySpaceData& data) {
    const ProjectionSpec* spec = findProjection(data.question.projection);
    return spec && spec->extend && data.projection && data.projection->state;
}

Result<std::shared_ptr<const KeySpaceData>> extendKeySpace(std::shared_ptr<const KeySpaceData> data, int epochs, JobContext& context,
                                                           const KeySpacePreview& preview) {
    if (!isExtensible(*data))
        return Error{ErrorCode::InvalidArgument, "this picture cannot be worked on for longer", {}};
    auto further = std::make_shared<KeySpaceData>(*data);
    SINKSCOPE_TRY(further->projection, findProjection(data->question.projection)->extend(*data->projection, epochs,
                                                                                          {.preview = previewsOf(*data, preview)}, context));
    further->distinct = distinctPlaces(*further->projection);
    return std::shared_ptr<const KeySpaceData>(std::move(further));
}

} // namespace sinkscope
