// SPDX-License-Identifier: Apache-2.0
#include "core/nn/intervention.h"

#include "core/nn/edit_table.h"
#include "core/nn/forward.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace sinkscope {
namespace {

using Scaling = RopeParameters::Scaling;

Error invalid(const std::string& what) { return {ErrorCode::InvalidArgument, what, {}}; }

/// Writing NaN into these comparisons makes them false, which refuses it.
Result<void> checkRope(const ModelSpec& spec, const RopeParameters& rope) {
    if (spec.positionKind != Positions::Rope)
        return invalid("this model has no rotary embedding to change");
    if (spec.localRope)
        return Error{ErrorCode::Unavailable, "this model has rotary embeddings of two kinds: changing them is not implemented", {}};
    if (rope.rotaryWidth != spec.rope.rotaryWidth)
        return invalid("the rotary embedding of this model turns " + std::to_string(spec.rope.rotaryWidth) + " components, not " +
                       std::to_string(rope.rotaryWidth));
    if (!(rope.theta > 1 && rope.theta <= 1e12))
        return invalid("the base of the rotary embedding must be above 1 and at most 1e12");
    if (!(rope.factor >= 1 && rope.factor <= 1e6))
        return invalid("the factor of the scaling must be 1 to 1 000 000");
    const bool needsLength = rope.scaling == Scaling::Dynamic || rope.scaling == Scaling::Llama3 ||
                             rope.scaling == Scaling::Yarn || rope.scaling == Scaling::LongRope;
    if (needsLength && (rope.originalPositions < 1 || rope.originalPositions > kMaxPosition))
        return invalid("this scaling needs the length that the model was trained on");
    if (rope.scaling == Scaling::Llama3 && !(rope.lowFrequencyFactor > 0 && rope.highFrequencyFactor > rope.lowFrequencyFactor))
        return invalid("llama3 scaling needs 0 < low frequency factor < high frequency factor");
    const auto frequencies = static_cast<std::size_t>(rope.rotaryWidth / 2);
    if (rope.scaling == Scaling::LongRope && (rope.shortFactors.size() != frequencies || rope.longFactors.size() != frequencies))
        return invalid("longrope needs a factor for each of the " + std::to_string(frequencies) + " frequencies");
    const bool yarnIsSound = rope.betaFast > 0 && rope.betaSlow > 0 && rope.attentionFactor >= 0 && rope.mscale >= 0 &&
                             rope.mscaleAllDimensions >= 0 && std::isfinite(rope.betaFast + rope.betaSlow + rope.attentionFactor +
                                                                            rope.mscale + rope.mscaleAllDimensions);
    return rope.scaling != Scaling::Yarn || yarnIsSound ? Result<void>{} : Result<void>(invalid("a parameter of yarn is out of range"));
}

Result<void> checkShift(const ModelSpec& spec, std::span<const SampleInput> samples, int shift) {
    if (shift < 0 || shift > kMaxPosition)
        return invalid("positions can be shifted by 0 to " + std::to_string(kMaxPosition) + ", not by " + std::to_string(shift));
    if (shift == 0 || spec.positionKind == Positions::Rope)
        return {};
    if (spec.positionKind == Positions::None || spec.positionKind == Positions::Alibi)
        return invalid("this model has no positions to shift");
    for (std::size_t sample = 0; sample < samples.size(); ++sample)
        if (samples[sample].ids.size() + static_cast<std::size_t>(shift) > static_cast<std::size_t>(spec.positions))
            return invalid("sample " + std::to_string(sample) + ": " + std::to_string(samples[sample].ids.size()) +
                           " tokens shifted by " + std::to_string(shift) + " need more than the " + std::to_string(spec.positions) +
                           " positions that this model has learned");
    return {};
}

Result<void> checkEdit(const ModelSpec& spec, std::span<const SampleInput> samples, const AttentionEdit& edit) {
    if (edit.sample < 0 || static_cast<std::size_t>(edit.sample) >= samples.size())
        return invalid("an edit of sample " + std::to_string(edit.sample) + " of " + std::to_string(samples.size()));
    const auto tokens = static_cast<int>(samples[static_cast<std::size_t>(edit.sample)].ids.size());
    for (const int token : edit.tokens)
        if (token < 0 || token >= tokens)
            return invalid("an edit of token " + std::to_string(token) + " of sample " + std::to_string(edit.sample) + ", which has " +
                           std::to_string(tokens));
    for (const HeadPlace& place : edit.heads)
        if (place.layer < 0 || place.layer >= spec.layers || place.head < -1 || place.head >= spec.heads)
            return invalid("an edit of layer " + std::to_string(place.layer) + ", head " + std::to_string(place.head) + " of a model with " +
                           std::to_string(spec.layers) + " layers of " + std::to_string(spec.heads) + " heads");
    return {};
}

Result<void> checkEmbedding(std::span<const SampleInput> samples, const EmbeddingEdit& edit) {
    if (edit.sample < 0 || static_cast<std::size_t>(edit.sample) >= samples.size())
        return invalid("an edit of an embedding of sample " + std::to_string(edit.sample) + " of " + std::to_string(samples.size()));
    const std::size_t tokens = samples[static_cast<std::size_t>(edit.sample)].ids.size();
    if (edit.token < 0 || static_cast<std::size_t>(edit.token) >= tokens)
        return invalid("an edit of the embedding of token " + std::to_string(edit.token) + " of sample " + std::to_string(edit.sample) +
                       ", which has " + std::to_string(tokens));
    return {};
}

/// A value cannot be zero and the mean at once.
Result<void> checkContradictions(const ModelSpec& spec, std::span<const SampleInput> samples, const Intervention& intervention) {
    const EditTable table(intervention, spec.layers, spec.heads);
    for (int sample = 0; sample < static_cast<int>(samples.size()); ++sample)
        for (int place = 0; place < spec.layers * spec.heads; ++place) {
            const HeadEdits* edits = table.find(sample, place / spec.heads, place % spec.heads);
            if (edits && std::ranges::any_of(edits->zeroed, [&](int token) { return std::ranges::binary_search(edits->averaged, token); }))
                return invalid("an edit sets a value of sample " + std::to_string(sample) + " to zero, another one to the mean");
        }
    return {};
}

std::string_view nameOf(Scaling scaling) {
    switch (scaling) {
    case Scaling::None: return "none";
    case Scaling::Linear: return "linear";
    case Scaling::Dynamic: return "dynamic";
    case Scaling::Llama3: return "llama3";
    case Scaling::NtkAware: return "ntk";
    case Scaling::Yarn: return "yarn";
    case Scaling::LongRope: return "longrope";
    }
    return {};
}

Json jsonOf(const RopeParameters& rope) {
    Json json = {{"theta", rope.theta}, {"scaling", nameOf(rope.scaling)}, {"factor", rope.factor},
                 {"original_positions", rope.originalPositions}};
    if (rope.scaling == Scaling::Llama3)
        json.update(Json{{"low_frequency_factor", rope.lowFrequencyFactor}, {"high_frequency_factor", rope.highFrequencyFactor}});
    if (rope.scaling == Scaling::LongRope)
        json.update(Json{{"short_factors", rope.shortFactors}, {"long_factors", rope.longFactors}, {"attention_factor", rope.attentionFactor}});
    if (rope.scaling == Scaling::Yarn)
        json.update(Json{{"beta_fast", rope.betaFast}, {"beta_slow", rope.betaSlow}, {"attention_factor", rope.attentionFactor},
                         {"mscale", rope.mscale}, {"mscale_all_dim", rope.mscaleAllDimensions}, {"truncate", rope.truncate}});
    return json;
}

} // namespace

std::string_view nameOf(AttentionEdit::Kind kind) {
    if (kind == AttentionEdit::Kind::Mask)
        return "mask";
    return kind == AttentionEdit::Kind::ZeroValue ? "zero_value" : "mean_value";
}

std::string_view nameOf(EmbeddingEdit::Kind kind) { return kind == EmbeddingEdit::Kind::Zero ? "zero" : "permuted"; }

void EmbeddingEdit::apply(std::span<float> embedding) const {
    if (kind == Kind::Zero) {
        std::ranges::fill(embedding, 0.0F);
        return;
    }
    std::uint64_t state = seed;
    for (std::size_t left = embedding.size(); left > 1; --left) {
        // SplitMix64; the bias of the remainder is far below what the order could show.
        std::uint64_t z = state += 0x9e3779b97f4a7c15ULL;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        std::swap(embedding[left - 1], embedding[static_cast<std::size_t>((z ^ (z >> 31)) % left)]);
    }
}

bool Intervention::hidesKeys() const {
    return std::ranges::any_of(edits, [](const AttentionEdit& edit) { return edit.kind == AttentionEdit::Kind::Mask && !edit.tokens.empty(); });
}

Result<void> checkIntervention(const ModelSpec& spec, std::span<const SampleInput> samples, const Intervention& intervention) {
    SINKSCOPE_CHECK(checkShift(spec, samples, intervention.positionShift));
    if (intervention.rope)
        SINKSCOPE_CHECK(checkRope(spec, *intervention.rope));
    for (const AttentionEdit& edit : intervention.edits)
        SINKSCOPE_CHECK(checkEdit(spec, samples, edit));
    for (const EmbeddingEdit& edit : intervention.embeddings)
        SINKSCOPE_CHECK(checkEmbedding(samples, edit));
    return checkContradictions(spec, samples, intervention);
}

std::string positionsText(const ModelSpec& spec, const Intervention& intervention) {
    ModelSpec changed = spec;
    changed.rope = intervention.rope.value_or(spec.rope);
    const std::string text = changed.positionsText();
    return intervention.positionShift == 0 ? text : text + ", positions + " + std::to_string(intervention.positionShift);
}

Json jsonOf(const Intervention& intervention) {
    Json edits = Json::array();
    for (const AttentionEdit& edit : intervention.edits) {
        Json heads = Json::array();
        for (const HeadPlace& place : edit.heads)
            heads.push_back({place.layer, place.head});
        edits.push_back({{"kind", nameOf(edit.kind)}, {"sample", edit.sample}, {"tokens", edit.tokens}, {"heads", std::move(heads)}});
    }
    Json json = {{"position_shift", intervention.positionShift},
                 {"rope", intervention.rope ? jsonOf(*intervention.rope) : Json()},
                 {"edits", std::move(edits)}};
    for (const EmbeddingEdit& edit : intervention.embeddings)
        json["embeddings"].push_back({{"kind", nameOf(edit.kind)}, {"sample", edit.sample}, {"token", edit.token}, {"seed", edit.seed}});
    return json;
}

} // namespace sinkscope
