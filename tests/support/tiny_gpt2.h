// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "support/safetensors_writer.h"

namespace sinkscope::test {

/// A folder with a GPT-2 of one layer, width 8, 2 heads, 12 tokens and 16 positions; every weight is 0.5. No tokenizer.
inline void writeTinyGpt2(const std::filesystem::path& folder) {
    SafetensorsWriter writer;
    const auto add = [&writer](const std::string& name, const std::vector<std::int64_t>& shape) {
        std::size_t count = 1;
        for (const std::int64_t size : shape)
            count *= static_cast<std::size_t>(size);
        writer.addFloats("transformer." + name, shape, std::vector<float>(count, 0.5F));
    };
    for (const char* norm : {"h.0.ln_1", "h.0.ln_2", "ln_f"})
        for (const char* part : {".weight", ".bias"})
            add(std::string(norm) + part, {8});
    add("h.0.attn.c_attn.weight", {8, 24});
    add("h.0.attn.c_attn.bias", {24});
    add("h.0.attn.c_proj.weight", {8, 8});
    add("h.0.attn.c_proj.bias", {8});
    add("h.0.mlp.c_fc.weight", {8, 32});
    add("h.0.mlp.c_fc.bias", {32});
    add("h.0.mlp.c_proj.weight", {32, 8});
    add("h.0.mlp.c_proj.bias", {8});
    add("wte.weight", {12, 8});
    add("wpe.weight", {16, 8});
    writer.write(folder / "model.safetensors");
    writeBytes(folder / "config.json",
               R"({"model_type":"gpt2","n_layer":1,"n_head":2,"n_embd":8,"vocab_size":12,"n_positions":16})");
}

} // namespace sinkscope::test
