// SPDX-License-Identifier: Apache-2.0
// config.json against a fixed, tiny list of tensors: one layer each of GPT-2 (width 8, 2 heads, 12 tokens, 16 positions) and
// LLaMA (the same, MLP 16, 1 key/value head).
#include "core/io/json_reader.h"
#include "core/model/model_spec.h"
#include "fuzz/fuzz_target.h"

#include <array>
#include <nlohmann/json.hpp>

namespace sinkscope::test {
namespace {

struct Tiny {
    const char* name;
    std::vector<std::int64_t> shape;
};

std::vector<Tiny> tinyTensors() {
    return {{"transformer.h.0.ln_1.weight", {8}},
            {"transformer.h.0.ln_1.bias", {8}},
            {"transformer.h.0.attn.c_attn.weight", {8, 24}},
            {"transformer.h.0.attn.c_attn.bias", {24}},
            {"transformer.h.0.attn.c_proj.weight", {8, 8}},
            {"transformer.h.0.attn.c_proj.bias", {8}},
            {"transformer.h.0.ln_2.weight", {8}},
            {"transformer.h.0.ln_2.bias", {8}},
            {"transformer.h.0.mlp.c_fc.weight", {8, 32}},
            {"transformer.h.0.mlp.c_fc.bias", {32}},
            {"transformer.h.0.mlp.c_proj.weight", {32, 8}},
            {"transformer.h.0.mlp.c_proj.bias", {8}},
            {"transformer.wte.weight", {12, 8}},
            {"transformer.wpe.weight", {16, 8}},
            {"transformer.ln_f.weight", {8}},
            {"transformer.ln_f.bias", {8}},
            {"model.layers.0.input_layernorm.weight", {8}},
            {"model.layers.0.self_attn.q_proj.weight", {8, 8}},
            {"model.layers.0.self_attn.k_proj.weight", {4, 8}},
            {"model.layers.0.self_attn.v_proj.weight", {4, 8}},
            {"model.layers.0.self_attn.o_proj.weight", {8, 8}},
            {"model.layers.0.post_attention_layernorm.weight", {8}},
            {"model.layers.0.mlp.gate_proj.weight", {16, 8}},
            {"model.layers.0.mlp.up_proj.weight", {16, 8}},
            {"model.layers.0.mlp.down_proj.weight", {8, 16}},
            {"model.embed_tokens.weight", {12, 8}},
            {"model.norm.weight", {8}},
            {"lm_head.weight", {12, 8}}};
}

/// All tensors look at the same zeros.
Checkpoint tinyCheckpoint() {
    static constexpr std::array<std::byte, 4096> kZeros{};
    Checkpoint checkpoint;
    checkpoint.format = "hf_folder";
    for (const Tiny& tiny : tinyTensors()) {
        std::size_t bytes = 4;
        for (const std::int64_t size : tiny.shape)
            bytes *= static_cast<std::size_t>(size);
        checkpoint.byName.emplace(tiny.name, checkpoint.tensors.size());
        checkpoint.tensors.push_back({tiny.name, DType::F32, tiny.shape, std::span(kZeros).first(bytes), nullptr});
    }
    return checkpoint;
}

/// The dimensions that the forward pass will trust.
void check(const ModelSpec& spec) {
    const bool sane = spec.layers == static_cast<int>(spec.layerTensors.size()) && spec.layers > 0 && spec.heads > 0 &&
                      spec.keyValueHeads > 0 && spec.heads % spec.keyValueHeads == 0 && spec.headWidth > 0 && spec.width > 0 &&
                      spec.mlpWidth > 0 && spec.vocabulary > 0 && spec.positions > 0 && spec.normEpsilon >= 0 &&
                      spec.attentionScale > 0 && spec.rope.rotaryWidth <= spec.headWidth && !spec.positionsText().empty();
    if (!sane)
        std::abort();
}

} // namespace

std::string fuzzOutcome(std::span<const std::byte> bytes) {
    static const Checkpoint kTiny = tinyCheckpoint();
    auto json = parseJson({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, ErrorCode::ConfigInvalid, "config.json");
    if (!json)
        return outcomeOf(json);
    auto checkpoint = std::make_shared<Checkpoint>(kTiny);
    checkpoint->config = std::make_shared<const Json>(*std::move(json));
    const auto spec = buildModelSpec(std::move(checkpoint));
    if (spec)
        check(**spec);
    else if (describe(spec.error()).find('\n') != std::string::npos)
        std::abort();
    return outcomeOf(spec);
}

} // namespace sinkscope::test
