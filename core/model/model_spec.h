// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/arch/arch_spec.h"
#include "core/attention/head_attention.h"
#include "core/checkpoint/checkpoint.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sinkscope {

/// Rotary embedding with its scaling; meaningless unless the architecture's positions are Rope.
struct RopeParameters {
    double theta = 10000.0;      ///< base of the frequencies
    int rotaryWidth = 0;         ///< how many of the head's components rotate
    /// NtkAware exists in no config.json: a probe sets it. All others are read as transformers names them.
    enum class Scaling { None, Linear, Dynamic, Llama3, NtkAware, Yarn, LongRope } scaling = Scaling::None;
    double factor = 1.0;
    double lowFrequencyFactor = 1.0;   ///< Llama3
    double highFrequencyFactor = 4.0;  ///< Llama3
    int originalPositions = 0;         ///< length the model was trained on, for Dynamic, Llama3, Yarn and LongRope
    double betaFast = 32.0;            ///< Yarn: components that turn more often than this over the trained length are kept
    double betaSlow = 1.0;             ///< Yarn: those that turn less often are divided by the factor
    double attentionFactor = 0.0;      ///< Yarn, LongRope: multiplies cosines and sines; 0: follows from the factor (and the two below)
    double mscale = 0.0;               ///< Yarn; 0: not given
    double mscaleAllDimensions = 0.0;  ///< Yarn; 0: not given
    bool truncate = true;              ///< Yarn: the bounds of the blend are whole components
    /// LongRope: what every frequency is divided by, up to the trained length and beyond it; [rotaryWidth / 2].
    std::vector<float> shortFactors{}, longFactors{};
    /// Whether the angles of a text depend on how long it is.
    [[nodiscard]] bool followsLength() const { return scaling == Scaling::Dynamic || scaling == Scaling::LongRope; }
    bool operator==(const RopeParameters&) const = default;
};

/// The experts of a model (ExpertRule).
struct ExpertSpec {
    static constexpr std::size_t kRoles = static_cast<std::size_t>(kLastLayerRole) - static_cast<std::size_t>(kFirstExpertRole) + 1;
    /// By role from kFirstExpertRole on: empty; one tensor that holds all experts; or one for each.
    using Layer = std::array<std::vector<const TensorInfo*>, kRoles>;

    int count = 0;                 ///< 0: there are none
    int chosen = 0, width = 0;     ///< experts of a token; MLP width of an expert
    bool renormalised = true, storedByInput = false, interleaved = false;
    bool mxfp4 = false;            ///< weights are blocks with scales (core/checkpoint/mxfp4.h), [experts, out, in / 32, 16]
    double alpha = 0, limit = 0;   ///< ExpertRule
    std::vector<bool> denseLayers; ///< [layers]: those with one MLP
    std::vector<Layer> layers;     ///< [layers]
    std::array<bool, kRoles> hasOwn{}; ///< each expert has a tensor of its own for the role

    [[nodiscard]] bool in(int layer) const { return count > 0 && !denseLayers[static_cast<std::size_t>(layer)]; }
    [[nodiscard]] const std::vector<const TensorInfo*>& tensorsOf(int layer, Role role) const {
        return layers[static_cast<std::size_t>(layer)][static_cast<std::size_t>(role) - static_cast<std::size_t>(kFirstExpertRole)];
    }
    /// What belongs to one expert, without the axis of the experts; no bytes when there is no such tensor. Thread: any.
    [[nodiscard]] TensorInfo part(int layer, Role role, int expert) const;
};

/// An architecture with the dimensions of one checkpoint and its tensors found and checked. Immutable.
struct ModelSpec {
    const ArchSpec* arch = nullptr;
    std::shared_ptr<const ArchSpec> ownArch; ///< what `arch` points to where files of another kind store the architecture differently
    int layers = 0, heads = 0, keyValueHeads = 0, headWidth = 0, width = 0, mlpWidth = 0;
    int vocabulary = 0;
    int positions = 0;           ///< longest sequence the model has positions for
    double normEpsilon = 1e-5;
    double attentionScale = 0;   ///< logits are scale * q.k
    double projectionClip = 0;   ///< largest absolute component of queries, keys and values; 0: any
    double attentionCap = 0;     ///< soft cap of the attention logits; 0: none
    double logitCap = 0;         ///< soft cap of the model's logits; 0: none
    HeadRules headRules;         ///< windows of layers, slopes of ALiBi, learned sinks
    Activation activation = Activation::GeluTanh;
    Activation headActivation = Activation::GeluTanh; ///< of a masked-language-model head
    Positions positionKind = Positions::None;
    bool preNorm = true;         ///< norms stand before attention and MLP, else after the sum
    bool residualFromNorm = false; ///< a branch is added to its normalised input
    bool parallel = false;       ///< attention and MLP read the same input
    int embeddingWidth = 0;      ///< of the embedding table; differs from `width` where a projection lies between
    int positionOffset = 0;      ///< row of position 0 in the position table
    std::int32_t paddingId = -1; ///< tokens of this id have no position of their own (RoBERTa); -1: all have one
    RopeParameters rope;
    ExpertSpec experts;
    std::optional<RopeParameters> localRope; ///< of the layers with a window; empty: the same
    std::int32_t bosId = -1;     ///< from config.json; -1 when it names none
    DType dtype = DType::F32;    ///< of the attention weights as stored
    std::uint64_t parameters = 0;
    /// Tensor of a role; layer roles first index by layer. Null when optional and absent. Points into the checkpoint.
    std::vector<std::array<const TensorInfo*, kRoleCount>> layerTensors;
    std::array<const TensorInfo*, kRoleCount> modelTensors{};
    std::array<bool, kRoleCount> unweightedNorms{}; ///< norms that are there without a tensor
    std::shared_ptr<const Checkpoint> checkpoint; ///< keeps the tensors alive

    /// "RoPE, theta 500 000, llama3 scaling x 8", "learned absolute, 1024", for the card.
    [[nodiscard]] std::string positionsText() const;
    /// The rule of all heads; what differs is in `headRules`.
    [[nodiscard]] AttentionRule attentionRule() const;
    [[nodiscard]] int windowOf(int layer) const { return headRules.windows.empty() ? 0 : headRules.windows[static_cast<std::size_t>(layer)]; }
    /// Rotary embedding of a layer.
    [[nodiscard]] const RopeParameters& ropeOf(int layer) const { return localRope && windowOf(layer) > 0 ? *localRope : rope; }
};

/// Matches the checkpoint's config.json against the registered architectures, reads the dimensions and finds every tensor.
/// Errors: ConfigMissing, ConfigInvalid, UnknownArchitecture, TensorMissing and TensorShapeMismatch (all offending tensors
/// are listed in one detail). Reads no weights but the logits of learned sinks. Thread: any but gui.
Result<std::shared_ptr<const ModelSpec>> buildModelSpec(std::shared_ptr<const Checkpoint> checkpoint);

} // namespace sinkscope
