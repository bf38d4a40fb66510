// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "support/safetensors_writer.h"

#include "core/model/model_spec.h"

#include <QTemporaryDir>

#include <functional>
#include <map>
#include <random>

namespace sinkscope::test {

/// A small checkpoint on disk whose config and tensors a test can spoil before it is written.
class TinyModel {
public:
    std::map<std::string, std::string> config; ///< key to JSON text
    std::map<std::string, std::vector<std::int64_t>> shapes;
    std::map<std::string, DType> types; ///< where not F32; written as zeros
    std::function<float(const std::string& name, std::size_t index, float value)> change; ///< of single weights

    static TinyModel llama(int layers = 2) {
        TinyModel model;
        model.config = {{"model_type", "\"llama\""}, {"num_hidden_layers", std::to_string(layers)}, {"num_attention_heads", "4"},
                        {"num_key_value_heads", "2"}, {"hidden_size", "16"}, {"intermediate_size", "24"}, {"vocab_size", "32"},
                        {"max_position_embeddings", "4096"}, {"bos_token_id", "1"}};
        model.shapes = {{"model.embed_tokens.weight", {32, 16}}, {"model.norm.weight", {16}}, {"lm_head.weight", {32, 16}}};
        for (int layer = 0; layer < layers; ++layer) {
            const std::string at = "model.layers." + std::to_string(layer) + ".";
            model.shapes.insert({{at + "input_layernorm.weight", {16}}, {at + "post_attention_layernorm.weight", {16}},
                                 {at + "self_attn.q_proj.weight", {16, 16}}, {at + "self_attn.k_proj.weight", {8, 16}},
                                 {at + "self_attn.v_proj.weight", {8, 16}}, {at + "self_attn.o_proj.weight", {16, 16}},
                                 {at + "mlp.gate_proj.weight", {24, 16}}, {at + "mlp.up_proj.weight", {24, 16}},
                                 {at + "mlp.down_proj.weight", {16, 24}}});
        }
        return model;
    }
    static TinyModel gpt2() {
        TinyModel model;
        model.config = {{"model_type", "\"gpt2\""}, {"n_layer", "1"}, {"n_head", "2"}, {"n_embd", "8"}, {"vocab_size", "16"}, {"n_positions", "12"}};
        model.shapes = {{"wte.weight", {16, 8}}, {"wpe.weight", {12, 8}}, {"ln_f.weight", {8}}, {"ln_f.bias", {8}},
                        {"h.0.ln_1.weight", {8}}, {"h.0.ln_1.bias", {8}}, {"h.0.attn.c_attn.weight", {8, 24}},
                        {"h.0.attn.c_attn.bias", {24}}, {"h.0.attn.c_proj.weight", {8, 8}}, {"h.0.attn.c_proj.bias", {8}},
                        {"h.0.ln_2.weight", {8}}, {"h.0.ln_2.bias", {8}}, {"h.0.mlp.c_fc.weight", {8, 32}},
                        {"h.0.mlp.c_fc.bias", {32}}, {"h.0.mlp.c_proj.weight", {32, 8}}, {"h.0.mlp.c_proj.bias", {8}}};
        return model;
    }

    void write(const std::filesystem::path& folder) const {
        std::string text;
        for (const auto& [key, value] : config)
            text += (text.empty() ? "{\"" : ",\n \"") + key + "\": " + value;
        writeBytes(folder / "config.json", text + "}");
        SafetensorsWriter writer;
        std::mt19937 generator(5);
        std::normal_distribution<float> normal(0.0f, 0.4f);
        for (const auto& [name, shape] : shapes) {
            std::size_t count = 1;
            for (const std::int64_t size : shape)
                count *= static_cast<std::size_t>(size);
            std::vector<float> values(count);
            for (std::size_t i = 0; i < count; ++i) {
                values[i] = normal(generator);
                values[i] = change ? change(name, i, values[i]) : values[i];
            }
            const auto type = types.find(name);
            if (type == types.end())
                writer.addFloats(name, shape, values);
            else
                writer.add(name, type->second, shape, std::string(count * sizeOf(type->second), '\0'));
        }
        writer.write(folder / "model.safetensors");
    }
    /// Writes into `folder`, opens it and reads the description.
    [[nodiscard]] Result<std::shared_ptr<const ModelSpec>> spec(const QTemporaryDir& folder) const {
        const auto path = std::filesystem::path(folder.path().toStdString()) / "model";
        write(path);
        SINKSCOPE_TRY(const auto checkpoint, openCheckpoint(path));
        return buildModelSpec(checkpoint);
    }
};

} // namespace sinkscope::test
