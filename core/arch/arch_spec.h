// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <span>
#include <string_view>

namespace sinkscope {

enum class Positions { None, LearnedAbsolute, Rope };
enum class Mask { Causal, Bidirectional };
enum class Norm { LayerNorm, RmsNorm };
enum class NormPlacement { Pre, Post };
enum class Mlp { Plain, Gated };
enum class Activation { Gelu, GeluTanh, Relu, Silu };

/// What a tensor is for. Roles up to `kLastLayerRole` exist once per layer.
enum class Role {
    AttentionNorm, AttentionNormBias, QueryWeight, QueryBias, KeyWeight, KeyBias, ValueWeight, ValueBias,
    FusedQkvWeight, FusedQkvBias, OutputWeight, OutputBias, MlpNorm, MlpNormBias,
    GateWeight, GateBias, UpWeight, UpBias, DownWeight, DownBias,
    TokenEmbedding, PositionEmbedding, SegmentEmbedding, EmbeddingNorm, EmbeddingNormBias,
    FinalNorm, FinalNormBias, Unembedding, UnembeddingBias,
    HeadTransformWeight, HeadTransformBias, HeadTransformNorm, HeadTransformNormBias, ///< masked-language-model head
};
inline constexpr Role kLastLayerRole = Role::DownBias;
/// "query weight", "embedding norm bias": for messages.
std::string_view nameOf(Role role);
inline constexpr std::size_t kRoleCount = static_cast<std::size_t>(Role::HeadTransformNormBias) + 1;

enum class Need {
    Required,
    Optional, ///< used when it is there
    Flagged,  ///< required when config.json sets `TensorRule::flag` to true, and not used otherwise
};

/// Which tensor plays a role. `{}` in the pattern stands for the layer; alternatives are separated by '|'.
struct TensorRule {
    Role role;
    std::string_view pattern;
    Need need = Need::Required;
    std::string_view flag{};
};

/// A key of config.json that changes the mathematics in a way that is not implemented: the model is refused unless the key is
/// absent, null or has this value (as JSON text).
struct ConfigDemand {
    std::string_view key;
    std::string_view value;
};

/// Where config.json keeps a number. Several spellings are tried in turn, separated by '|'. Empty: the architecture has no such
/// key. Absent key/value heads equal the heads; an absent head width is width / heads.
struct ConfigKeys {
    std::string_view layers, heads, keyValueHeads, headWidth, width, mlpWidth, vocabulary, positions, normEpsilon, activation;
};

/// An architecture as data: the flags that select the mathematics, and where its tensors and numbers are found.
/// Registered in core/CMakeLists.txt (list `archs`).
struct ArchSpec {
    std::string_view id;
    std::string_view title;
    std::span<const std::string_view> modelTypes; ///< values of config.json's "model_type"
    Mask mask;
    Positions positions;
    Norm norm;
    NormPlacement normPlacement;
    Mlp mlp;
    Activation defaultActivation;
    double defaultNormEpsilon;
    bool transposedLinear = false; ///< weights are stored [in, out], as GPT-2 does
    bool tiedByDefault = false;    ///< unembedding = token embedding unless "tie_word_embeddings" says otherwise
    int mlpFactor = 0;             ///< MLP width as a multiple of the width when config.json has none; 0: it must have one
    double defaultRopeTheta = 10000.0;
    ConfigKeys keys;
    std::span<const std::string_view> prefixes; ///< tried before every pattern, e.g. "", "transformer."
    std::span<const TensorRule> tensors;
    std::span<const ConfigDemand> demands{};
};
std::span<const ArchSpec* const> archs();

} // namespace sinkscope
