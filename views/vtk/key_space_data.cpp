// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/key_space_data.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {

namespace {

Result<const ProjectionSpec*> projectionNamed(std::string_view id) {
    for (const ProjectionSpec* spec : projections())
        if (spec->id == id)
            return spec;
    return Error{ErrorCode::InvalidArgument, "no projection is called \"" + std::string(id) + "\"", {}};
}

std::vector<float> normsOf(const HeadVectors& vectors) {
    std::vector<float> norms(static_cast<std::size_t>(vectors.tokens));
    const auto width = static_cast<std::size_t>(vectors.width);
    for (std::size_t i = 0; i < norms.size(); ++i) {
        double sum = 0;
        for (std::size_t j = 0; j < width; ++j)
            sum += static_cast<double>(vectors.values[i * width + j]) * static_cast<double>(vectors.values[i * width + j]);
        norms[i] = static_cast<float>(std::sqrt(sum));
    }
    return norms;
}

Result<void> checkRange(const KeySpaceQuestion& question) {
    const CaptureHeader& header = question.capture->header();
    const bool ok = question.sample >= 0 && question.sample < static_cast<int>(header.samples.size()) && question.layer >= 0 &&
                    question.layer < header.layers && question.head >= 0 && question.head < header.heads && header.keyValueHeads > 0;
    if (!ok)
        return Error{ErrorCode::InvalidArgument, "the capture has no sample " + std::to_string(question.sample) + ", layer " +
                                                     std::to_string(question.layer) + ", head " + std::to_string(question.head), {}};
    return {};
}

int vectorHeadOf(const KeySpaceQuestion& question, const CaptureHeader& header) {
    switch (question.space) {
    case Space::Query: return question.head;
    case Space::Key:
    case Space::Value: return question.head / std::max(1, header.heads / header.keyValueHeads);
    case Space::Hidden: return 0;
    }
    return 0;
}

/// The columns of the anchors and the row of the query.
Result<void> addAttention(KeySpaceData& data) {
    const KeySpaceQuestion& q = data.question;
    if (data.anchors.empty() && q.query < 0 && data.tokens > KeySpaceData::kKeepAttention)
        return {};
    if (!q.capture->hasSpace(Space::Query) || !q.capture->hasSpace(Space::Key))
        return {}; // links cannot be known; the cloud can
    SINKSCOPE_TRY(const auto attention, attentionOf(*q.capture, q.sample, q.layer, q.head));
    const auto tokens = static_cast<std::size_t>(attention->tokens);
    for (const int anchor : data.anchors) {
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

Result<std::shared_ptr<const KeySpaceData>> loadKeySpace(const KeySpaceQuestion& question, JobContext& context) {
    SINKSCOPE_CHECK(checkRange(question));
    SINKSCOPE_TRY(const ProjectionSpec* spec, projectionNamed(question.projection));
    auto data = std::make_shared<KeySpaceData>();
    data->question = question;
    CaptureSource& source = *question.capture;
    if (!source.hasSpace(question.space))
        data->gap = KeySpaceData::Gap::SpaceMissing;
    else if (!source.hasLayer(question.sample, question.layer))
        data->gap = KeySpaceData::Gap::LayerMissing;
    else if (source.header().samples[static_cast<std::size_t>(question.sample)]->display.size() < KeySpaceData::kFewestTokens)
        data->gap = KeySpaceData::Gap::TooShort;
    if (data->gap != KeySpaceData::Gap::None)
        return std::shared_ptr<const KeySpaceData>(std::move(data));

    data->vectorHead = vectorHeadOf(question, source.header());
    SINKSCOPE_TRY(const HeadVectors vectors, source.vectors(question.sample, question.layer, question.space, data->vectorHead));
    SINKSCOPE_CHECK(context.checkpoint());
    data->tokens = vectors.tokens;
    data->norms = normsOf(vectors);
    SINKSCOPE_TRY(data->statistics, source.statistics(question.sample, question.layer));
    if (data->statistics->tokens != data->tokens)
        return Error{ErrorCode::CaptureInvalid, "layer " + std::to_string(question.layer) + ": statistics and vectors differ in length", {}};
    data->anchors = sinksOfHead(*data->statistics, question.head, question.sinks);
    SINKSCOPE_CHECK(context.checkpoint());
    SINKSCOPE_TRY(data->projection, spec->project(vectors.values, vectors.tokens, vectors.width, ProjectionOptions{}, context));
    SINKSCOPE_CHECK(addAttention(*data));
    return std::shared_ptr<const KeySpaceData>(std::move(data));
}

} // namespace sinkscope
