// SPDX-License-Identifier: Apache-2.0
#include "core/model/gguf_names.h"

#include "core/base/printable.h"

#include <algorithm>
#include <set>
#include <string>

namespace sinkscope {
namespace {

/// Names that all architectures share. With a flag: only where layers have a tensor of that name.
constexpr TensorRule kNames[] = {
    {Role::AttentionNorm, "blk.{}.attn_norm.weight"},
    {Role::AttentionNormBias, "blk.{}.attn_norm.bias"},
    {Role::QueryWeight, "blk.{}.attn_q.weight"},
    {Role::QueryBias, "blk.{}.attn_q.bias"},
    {Role::KeyWeight, "blk.{}.attn_k.weight"},
    {Role::KeyBias, "blk.{}.attn_k.bias"},
    {Role::ValueWeight, "blk.{}.attn_v.weight"},
    {Role::ValueBias, "blk.{}.attn_v.bias"},
    {Role::FusedQkvWeight, "blk.{}.attn_qkv.weight"},
    {Role::FusedQkvBias, "blk.{}.attn_qkv.bias"},
    {Role::QueryNorm, "blk.{}.attn_q_norm.weight"},
    {Role::QueryNormBias, "blk.{}.attn_q_norm.bias"},
    {Role::KeyNorm, "blk.{}.attn_k_norm.weight"},
    {Role::KeyNormBias, "blk.{}.attn_k_norm.bias"},
    {Role::OutputWeight, "blk.{}.attn_output.weight"},
    {Role::OutputBias, "blk.{}.attn_output.bias"},
    {Role::AttentionPostNorm, "blk.{}.post_attention_norm.weight"},
    {Role::MlpNorm, "blk.{}.ffn_norm.weight"},
    {Role::MlpNormBias, "blk.{}.ffn_norm.bias"},
    {Role::GateWeight, "blk.{}.ffn_gate.weight"},
    {Role::GateBias, "blk.{}.ffn_gate.bias"},
    {Role::UpWeight, "blk.{}.ffn_up.weight"},
    {Role::UpBias, "blk.{}.ffn_up.bias"},
    {Role::FusedGateUpWeight, "blk.{}.ffn_up.weight"},
    {Role::DownWeight, "blk.{}.ffn_down.weight"},
    {Role::DownBias, "blk.{}.ffn_down.bias"},
    {Role::MlpPostNorm, "blk.{}.post_ffw_norm.weight"},
    {Role::RouterWeight, "blk.{}.ffn_gate_inp.weight"},
    {Role::RouterBias, "blk.{}.ffn_gate_inp.bias"},
    {Role::ExpertGateWeight, "blk.{}.ffn_gate.{e}.weight", Need::Flagged, "ffn_gate.0.weight"}, // the first files with experts
    {Role::ExpertGateWeight, "blk.{}.ffn_gate_exps.weight"},
    {Role::ExpertUpWeight, "blk.{}.ffn_up.{e}.weight", Need::Flagged, "ffn_up.0.weight"},
    {Role::ExpertUpWeight, "blk.{}.ffn_up_exps.weight"},
    {Role::ExpertDownWeight, "blk.{}.ffn_down.{e}.weight", Need::Flagged, "ffn_down.0.weight"},
    {Role::ExpertDownWeight, "blk.{}.ffn_down_exps.weight"},
    {Role::ExpertGateBias, "blk.{}.ffn_gate_exps.bias"},
    {Role::ExpertUpBias, "blk.{}.ffn_up_exps.bias"},
    {Role::ExpertDownBias, "blk.{}.ffn_down_exps.bias"},
    {Role::TokenEmbedding, "token_embd.weight"},
    {Role::PositionEmbedding, "position_embd.weight"},
    {Role::SegmentEmbedding, "token_types.weight"},
    {Role::EmbeddingNorm, "token_embd_norm.weight"},
    {Role::EmbeddingNormBias, "token_embd_norm.bias"},
    {Role::FinalNorm, "output_norm.weight"},
    {Role::FinalNormBias, "output_norm.bias"},
    {Role::Unembedding, "output.weight"},
    {Role::UnembeddingBias, "output.bias"},
};
/// Of a layer, and of no consequence: they follow from the header.
constexpr std::string_view kIgnored[] = {"attn_rot_embd.weight", "rope_freqs.weight", "attn.rotary_emb.inv_freq"};

struct OwnedArch {
    ArchSpec arch;
    std::vector<TensorRule> rules;
};

class RuleWriter {
public:
    RuleWriter(const ArchSpec& arch, const Checkpoint& checkpoint) : m_arch(arch), m_checkpoint(checkpoint) {
        for (const TensorInfo& tensor : checkpoint.tensors)
            if (tensor.name.starts_with("blk.")) {
                const auto dot = tensor.name.find('.', 4);
                if (dot != std::string::npos)
                    m_layerNames.insert(tensor.name.substr(dot + 1));
            }
    }

    std::vector<TensorRule> rules() {
        std::vector<TensorRule> rules;
        for (const TensorRule& rule : m_arch.tensors) {
            const bool part = rule.role >= Role::QueryWeight && rule.role <= Role::ValueBias;
            if (part && has(Role::FusedQkvWeight)) { // some converters join them
                if (rule.role == Role::QueryWeight || rule.role == Role::QueryBias)
                    add(rules, rule.role == Role::QueryWeight ? Role::FusedQkvWeight : Role::FusedQkvBias, rule);
            } else if ((rule.role == Role::FusedQkvWeight || rule.role == Role::FusedQkvBias) && has(Role::QueryWeight)) {
                const bool weight = rule.role == Role::FusedQkvWeight;
                for (const Role role : {weight ? Role::QueryWeight : Role::QueryBias, weight ? Role::KeyWeight : Role::KeyBias,
                                        weight ? Role::ValueWeight : Role::ValueBias})
                    add(rules, role, rule);
            } else if ((rule.role == Role::ExpertGateUpWeight || rule.role == Role::ExpertGateUpBias) && has(Role::ExpertGateWeight)) {
                const bool weight = rule.role == Role::ExpertGateUpWeight; // gate and up apart, whichever way they took turns
                for (const Role role : {weight ? Role::ExpertGateWeight : Role::ExpertGateBias, weight ? Role::ExpertUpWeight : Role::ExpertUpBias})
                    add(rules, role, rule);
            } else {
                add(rules, rule.role, rule);
            }
        }
        return rules;
    }

    /// A tensor of a layer that no rule names, if there is one.
    [[nodiscard]] std::string unexplained(const std::vector<TensorRule>& rules) const {
        std::set<std::string, std::less<>> explained(std::begin(kIgnored), std::end(kIgnored));
        for (const TensorRule& rule : rules)
            if (rule.role <= kLastLayerRole && rule.need != Need::Unweighted)
                explained.emplace(suffix(rule.pattern));
        for (const std::string& name : m_layerNames)
            if (!explained.contains(name) && !explained.contains(ofAnyExpert(name)))
                return name;
        return {};
    }

private:
    static std::string_view suffix(std::string_view pattern) { return pattern.substr(pattern.find("{}.") + 3); }
    /// "ffn_up.{e}.weight" for "ffn_up.12.weight".
    static std::string ofAnyExpert(std::string_view name) {
        const auto first = name.find('.'), last = name.rfind('.');
        const auto number = first < last ? name.substr(first + 1, last - first - 1) : std::string_view();
        if (number.empty() || !std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; }))
            return {};
        return std::string(name.substr(0, first)) + ".{e}" + std::string(name.substr(last));
    }
    /// What an architecture says itself counts, also when none of it applies.
    [[nodiscard]] std::string_view patternOf(Role role) const {
        const std::span<const TensorRule> own = m_arch.gguf.tensors;
        const bool hasOwn = std::ranges::find(own, role, &TensorRule::role) != own.end();
        for (const TensorRule& rule : hasOwn ? own : std::span<const TensorRule>(kNames))
            if (rule.role == role && (rule.flag.empty() || m_layerNames.contains(rule.flag)))
                return rule.pattern;
        return {};
    }
    [[nodiscard]] bool has(Role role) const {
        const std::string_view pattern = patternOf(role);
        return !pattern.empty() && (role > kLastLayerRole ? m_checkpoint.find(pattern) != nullptr : m_layerNames.contains(suffix(pattern)));
    }
    /// What depends on config.json elsewhere is decided by what is there. A required role without a name stays, and is then missing.
    void add(std::vector<TensorRule>& rules, Role role, const TensorRule& rule) const {
        if (rule.need == Need::Unweighted || rule.role == Role::HeadTransformWeight)
            return rules.push_back(rule); // no file has either; the second, missing, says that what reads the hidden states is not there
        if (std::ranges::any_of(rules, [&](const TensorRule& made) { return made.role == role && made.need == Need::Required; }))
            return; // an architecture has several names for some, as config.json says
        const bool required = rule.need == Need::Required || rule.need == Need::LaterLayers;
        if (!required && !has(role))
            return;
        const std::string_view pattern = patternOf(role);
        const Need need = rule.need == Need::LaterLayers ? rule.need : role > kLastLayerRole && !required ? Need::Optional : Need::Required;
        rules.push_back({role, pattern.empty() ? rule.pattern : pattern, need});
    }

    const ArchSpec& m_arch;
    const Checkpoint& m_checkpoint;
    std::set<std::string, std::less<>> m_layerNames; ///< without "blk.N."
};

constexpr std::string_view kPrefixes[] = {""};

} // namespace

Result<std::shared_ptr<const ArchSpec>> asStoredInGguf(const ArchSpec& arch, const Checkpoint& checkpoint) {
    RuleWriter writer(arch, checkpoint);
    auto owned = std::make_shared<OwnedArch>(OwnedArch{arch, writer.rules()});
    if (const std::string name = writer.unexplained(owned->rules); !name.empty())
        return Error{ErrorCode::Unavailable, "the tensors blk.*." + printable(name) + " play no role that is known for " + std::string(arch.title),
                     checkpoint.opened};
    owned->arch.tensors = owned->rules;
    owned->arch.prefixes = kPrefixes;
    owned->arch.transposedLinear = false;
    owned->arch.experts.storedByInput = false;
    owned->arch.normAddsOne = false;
    owned->arch.fusedOrder = FusedOrder::Consecutive;
    owned->arch.interleavedRotary = arch.interleavedRotary || arch.gguf.pairedRotary;
    return std::shared_ptr<const ArchSpec>(owned, &owned->arch);
}

} // namespace sinkscope
