// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/io/json_reader.h"
#include "core/model/model_spec.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace sinkscope {

struct SampleInput;

/// A query head; head -1 stands for all heads of the layer.
struct HeadPlace {
    int layer = 0, head = -1;
    bool operator==(const HeadPlace&) const = default;
};

/// A change of the attention of one sample.
struct AttentionEdit {
    enum class Kind {
        /// No query sees the keys; what is left of a row is normalised anew. A query for which nothing would be left sees itself.
        Mask,
        /// The value vectors of the tokens are 0: they keep their attention and contribute nothing.
        ZeroValue,
        /// The value vectors of the tokens are the mean of the sample's (unchanged) values in that head.
        MeanValue,
    };
    Kind kind = Kind::Mask;
    int sample = 0;
    std::vector<int> tokens;
    std::vector<HeadPlace> heads; ///< empty: every head of every layer
};
std::string_view nameOf(AttentionEdit::Kind kind); ///< "mask", "zero_value", "mean_value"

/// A change of what one token of one sample brings into the model: its token embedding, before segments and positions are added.
struct EmbeddingEdit {
    enum class Kind {
        Zero,     ///< nothing but its position (and segment)
        Permuted, ///< its components in another order: the same length and the same values, another direction
    };
    Kind kind = Kind::Zero;
    int sample = 0, token = 0;
    std::uint64_t seed = 1; ///< of the order; equal seeds give equal orders
    /// Makes the edit. Thread: any.
    void apply(std::span<float> embedding) const;
};
std::string_view nameOf(EmbeddingEdit::Kind kind); ///< "zero", "permuted"

/// What is changed while a model runs, without touching its file. Carried by RunOptions. The vectors that a run delivers
/// (VectorsTap) are rotated by the changed positions but do not show edits of values: those are made per query head, so that the
/// heads of a group that were not chosen still see the intact value.
struct Intervention {
    /// Added to every position: rotary p + c, learned absolute p + c, which must lie inside the table.
    int positionShift = 0;
    /// Instead of the model's own; `rotaryWidth` must be the model's.
    std::optional<RopeParameters> rope;
    std::vector<AttentionEdit> edits;
    std::vector<EmbeddingEdit> embeddings{};

    [[nodiscard]] bool empty() const { return positionShift == 0 && !rope && edits.empty() && embeddings.empty(); }
    /// True when attention weights are no longer what query and key give.
    [[nodiscard]] bool hidesKeys() const;
};

/// Largest position that float32 angles can tell from its neighbours.
inline constexpr int kMaxPosition = 1 << 24;

/// Errors: InvalidArgument, naming what is out of range, contradictory or not possible with this model. Thread: any.
Result<void> checkIntervention(const ModelSpec& spec, std::span<const SampleInput> samples, const Intervention& intervention);

/// ModelSpec::positionsText of the changed model: "RoPE, theta 10 000, linear scaling x 4, positions + 100".
std::string positionsText(const ModelSpec& spec, const Intervention& intervention);

/// Complete, so that a run can be repeated from the recipe of its capture.
Json jsonOf(const Intervention& intervention);

} // namespace sinkscope
