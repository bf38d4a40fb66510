// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace sinkscope {

enum class Positions { None, LearnedAbsolute, Rope, Alibi };
enum class Mask { Causal, Bidirectional };
enum class Norm { LayerNorm, RmsNorm };
enum class NormPlacement { Pre, Post };
enum class Mlp { Plain, Gated };
enum class Activation { Gelu, GeluTanh, Relu, Silu };
/// Rows of a fused query-key-value projection.
enum class FusedOrder {
    Consecutive, ///< all queries, all keys, all values
    Grouped,     ///< per key/value head: its queries, its key, its value
};

/// What a tensor is for. Roles up to `kLastLayerRole` exist once per layer.
enum class Role {
    AttentionNorm, AttentionNormBias, QueryWeight, QueryBias, KeyWeight, KeyBias, ValueWeight, ValueBias,
    FusedQkvWeight, FusedQkvBias, QueryNorm, QueryNormBias, KeyNorm, KeyNormBias, OutputWeight, OutputBias,
    AttentionPostNorm, MlpNorm, MlpNormBias, GateWeight, GateBias, UpWeight, UpBias, FusedGateUpWeight, FusedGateUpBias, ///< the gate's rows first
    DownWeight, DownBias, MlpPostNorm,
    AttentionSinks, ///< a logit for every head
    RouterWeight, RouterBias,
    ExpertGateWeight, ExpertGateBias, ExpertUpWeight, ExpertUpBias, ExpertGateUpWeight, ExpertGateUpScales, ExpertGateUpBias,
    ExpertDownWeight, ExpertDownScales, ExpertDownBias, ///< one tensor of all experts, or one for each
    TokenEmbedding, PositionEmbedding, SegmentEmbedding, EmbeddingNorm, EmbeddingNormBias,
    EmbeddingProjectionWeight, EmbeddingProjectionBias, ///< from a narrower embedding to the width
    FinalNorm, FinalNormBias, Unembedding, UnembeddingBias, HeadProjectionWeight, ///< from the width to a narrower embedding
    HeadTransformWeight, HeadTransformBias, HeadTransformNorm, HeadTransformNormBias, ///< masked-language-model head
};
inline constexpr Role kLastLayerRole = Role::ExpertDownBias;
inline constexpr Role kFirstExpertRole = Role::ExpertGateWeight;
constexpr bool isExpert(Role role) { return role >= kFirstExpertRole && role <= kLastLayerRole; }
/// "query weight", "embedding norm bias": for messages.
std::string_view nameOf(Role role);
inline constexpr std::size_t kRoleCount = static_cast<std::size_t>(Role::HeadTransformNormBias) + 1;

enum class Need {
    Required,
    Optional, ///< used when it is there
    LaterLayers, ///< required in all layers but the first, which has none; with a flag, when that holds, too
    Unweighted, ///< a norm that neither scales nor shifts: has no tensor; present when the condition holds
    Flagged,  ///< required when the condition `TensorRule::flag` holds, and not used otherwise
    FlaggedHead, ///< the same, in a checkpoint that has the language-model head
};

/// A condition on config.json: terms that must all hold, separated by '&'; alternatives of such terms are separated by '|'. `key`: is
/// true; `!key`: is not true; `key=1`, `key!=1`: its JSON text is (not) that. A path into nested objects is written with dots. What is
/// absent is looked up in ArchSpec::defaults. Empty: never.
using Condition = std::string_view;
/// What config.json means when it lacks a key: JSON text. The first one whose condition holds counts.
struct ConfigDefault {
    std::string_view key, value;
    Condition when = "true"; ///< must not depend on this key
};

/// Which tensor plays a role. `{}` in the pattern stands for the layer, `{e}` for the expert where each has tensors of its own;
/// alternatives are separated by '|'.
struct TensorRule {
    Role role;
    std::string_view pattern;
    Need need = Need::Required;
    Condition flag{};
};

/// A key of config.json that changes the mathematics in a way that is not implemented: the model is refused unless the key is
/// absent, null or has this value (as JSON text).
struct ConfigDemand {
    std::string_view key;
    std::string_view value;
};

/// Which layers see only the keys near a query. "layer_types" in config.json, where it exists, says it instead of the pattern.
struct WindowRule {
    enum class Pattern {
        None,
        All,
        FromLayer,       ///< layers from number `pattern` on
        UnlessLastOf,    ///< all but the last of every `pattern` layers
        UnlessFirstOf,   ///< all but the first of every `pattern` layers
    } pattern = Pattern::None;
    std::string_view sizeKey{};
    int size = 0;                ///< when the key is absent; 0: then there is no window (as when it is null)
    std::string_view patternKey{};
    int patternSize = 0;         ///< when that key is absent or empty
    Condition when{};            ///< empty: always
    bool isWholeSpan = false;    ///< the size spans both sides: |query - key| <= size / 2; else query - key < size
};

/// An MLP that consists of experts, of which a router picks a few for every token. Without `countKey` every layer has one MLP.
struct ExpertRule {
    std::string_view countKey{}, chosenKey{};     ///< how many there are, and how many a token goes to
    int count = 0, chosen = 0;                    ///< when the keys are absent
    std::string_view widthKey{};                  ///< MLP width of an expert; empty: the model's
    int width = 0;                                ///< when that key is absent
    Condition renormalised = "true";              ///< the weights of a token's experts add up to 1
    std::string_view stepKey{}, denseLayersKey{}; ///< layers with one MLP: all but the last of so many, and those that are listed
    bool storedByInput = false;                   ///< [experts, in, out] instead of [experts, out, in]
    bool interleaved = false;                     ///< outputs of gate and up take turns; else the gate's come first
    /// Of a clamped SwiGLU: with x the gate cut off above the limit, x sigmoid(alpha x) times 1 + up, cut off on both sides.
    std::string_view alphaKey{}, limitKey{};
    double alpha = 0, limit = 0;                  ///< when the keys are absent; alpha 0: an ordinary gate
};

/// Where config.json keeps a number. Several spellings are tried in turn, separated by '|'. Empty: the architecture has no such
/// key. A path into nested objects is written with dots. Absent key/value heads equal the heads; an absent head width is width / heads.
struct ConfigKeys {
    std::string_view layers{}, heads{}, keyValueHeads{}, headWidth{}, width{}, mlpWidth{}, vocabulary{}, positions{}, normEpsilon{}, activation{};
    std::string_view headActivation{};                 ///< of a masked-language-model head
    std::string_view ropeTheta = "rope_theta", rotaryShare = "partial_rotary_factor", rotaryWidth{};
    std::string_view localRopeTheta{};                 ///< of the layers with a window
    std::string_view scaleDivisor{};                   ///< logits are q.k / sqrt of it; absent: the head width
    std::string_view attentionScale{};                 ///< logits are this times q.k; absent: as `scaleDivisor` says
    std::string_view projectionClip{};                 ///< queries, keys and values are cut off at plus and minus this, before they rotate
    std::string_view attentionCap{}, logitCap{};       ///< cap * tanh(x / cap); null: none
    std::string_view alibiBias{};                      ///< steepest slope is 2^-(bias / heads)
    std::string_view embeddingWidth{};
};
/// For keys that are absent. 0: none.
struct ConfigNumbers {
    double ropeTheta = 10000.0, localRopeTheta = 0, rotaryShare = 1.0, attentionCap = 0, logitCap = 0, scaleDivisor = 0;
    int positions = 0, rotaryWidth = 0;
};

/// Mathematics that GGUF files may not store: said to the user when a file lacks the key (without the architecture).
struct GgufDoubt {
    std::string_view key, text;
    std::string_view name{}; ///< only of models with this word in their name
};

/// What GGUF files call an architecture and where they deviate from transformers. Sizes go by ConfigKeys, tensors by role
/// (core/model/gguf_names.cpp); queries, keys and values of fused projections stand one after the other, linear weights as [out, in], and
/// norms are complete (nothing is added to them).
struct GgufNames {
    /// general.architecture; empty: there are no such files. Of several with one name, the file has experts and windows, or not, as the
    /// architecture does.
    std::string_view architecture{};
    bool pairedRotary = false;                  ///< rows of queries and keys are reordered so that components 2i and 2i + 1 turn together
    int widthScaledLayers = 0;                  ///< the model of so many layers scales logits by width / heads, all others by the head width
    std::span<const TensorRule> tensors{};      ///< roles with other names than elsewhere; a flag: where layers have a tensor of that name
    std::span<const ConfigDefault> keys{};      ///< config.json's key, and the GGUF key (without the architecture) that says the same
    std::span<const ConfigDefault> settings{};  ///< what config.json would say of all of them, as JSON text
    std::span<const GgufDoubt> doubts{};
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
    bool interleavedRotary = false; ///< component 2i turns with 2i + 1; else i with i + half
    FusedOrder fusedOrder = FusedOrder::Consecutive;
    bool wholeQkNorm = false;       ///< query and key norm over all heads of a token at once; else head by head
    bool normAddsOne = false;       ///< norms multiply by 1 + weight
    bool scalesEmbedding = false;   ///< by the square root of the width
    bool projectsEmbeddingFirst = false; ///< the projection of a narrower embedding comes before positions are added, not after the norm
    bool geluMeansTanh = false;     ///< "gelu" in config.json stands for its tanh approximation
    std::optional<Activation> headActivation{}; ///< of a masked-language-model head; empty: the model's
    int extraPositions = 0;         ///< rows of the position table before position 0, on top of the number in config.json
    bool countsPadding = false;     ///< RoBERTa: positions count the tokens that are not padding, from pad_token_id + 1 on
    bool alibiInBFloat16 = false;   ///< the bias is rounded to bfloat16 and multiplied by the scale, as Falcon does
    std::string_view nested{};      ///< the object in config.json that holds the keys of the text model, where there is one
    Condition parallel{};           ///< attention and MLP both read the layer's input ("true": always)
    Condition postNorm{};           ///< overrides normPlacement
    Condition residualFromNorm{};   ///< pre-norm: what a branch is added to is its normalised input
    Condition alibi{};              ///< overrides positions
    Condition multiQuery{};         ///< one key/value head, whatever its key says
    WindowRule window{};
    ExpertRule experts{};
    std::string_view quantization{};       ///< the "quant_method" of quantized experts that is implemented, if any
    std::string_view defaultRopeScaling{}; ///< JSON text of "rope_scaling" when config.json says nothing of the kind
    ConfigNumbers numbers{};
    ConfigKeys keys;
    std::span<const std::string_view> prefixes; ///< tried before every pattern, e.g. "", "transformer."
    std::span<const TensorRule> tensors;
    std::span<const ConfigDemand> demands{};
    std::span<const ConfigDefault> defaults{};
    GgufNames gguf{};
};
std::span<const ArchSpec* const> archs();

} // namespace sinkscope
