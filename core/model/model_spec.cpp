// SPDX-License-Identifier: Apache-2.0
#include "core/model/model_spec.h"

#include "core/model/config_condition.h"
#include "core/model/config_reader.h"
#include "core/model/gguf_names.h"
#include "core/model/tensor_table.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

namespace sinkscope {
namespace {

/// 500000 as "500 000".
std::string groupedText(double value) {
    if (value != std::floor(value) || value < 10000) {
        std::ostringstream text;
        text << value;
        return text.str();
    }
    std::string digits = std::to_string(static_cast<long long>(value));
    for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), " ");
    return digits;
}

std::string ropeText(const ModelSpec& spec) {
    using Scaling = RopeParameters::Scaling;
    std::string text = "RoPE, theta " + groupedText(spec.rope.theta);
    if (spec.rope.rotaryWidth != spec.headWidth)
        text += ", " + std::to_string(spec.rope.rotaryWidth) + " of " + std::to_string(spec.headWidth) + " components";
    const auto factor = " scaling x " + groupedText(spec.rope.factor);
    switch (spec.rope.scaling) {
    case Scaling::None: return text;
    case Scaling::Linear: return text + ", linear" + factor;
    case Scaling::Dynamic: return text + ", dynamic" + factor;
    case Scaling::Llama3: return text + ", llama3" + factor;
    case Scaling::NtkAware: return text + ", NTK-aware" + factor;
    case Scaling::Yarn: return text + ", yarn" + factor;
    case Scaling::LongRope: return text + ", longrope" + factor;
    }
    return text;
}

/// ", windows of 4 096 in 13 of 26 layers".
std::string windowText(const ModelSpec& spec) {
    const auto& windows = spec.headRules.windows;
    const auto count = std::ranges::count_if(windows, [](int window) { return window > 0; });
    if (count == 0)
        return {};
    const int reach = std::ranges::max(windows); // of a query to either side, itself included
    std::string text = (spec.arch->mask == Mask::Causal ? ", windows of " : ", reach ") + groupedText(reach);
    if (count < spec.layers)
        text += " in " + std::to_string(count) + " of " + std::to_string(spec.layers) + " layers";
    if (spec.localRope)
        text += " with theta " + groupedText(spec.localRope->theta);
    return text;
}

} // namespace

AttentionRule ModelSpec::attentionRule() const {
    return {.scale = attentionScale, .causal = arch->mask == Mask::Causal, .softCap = attentionCap, .alibiInBFloat16 = arch->alibiInBFloat16};
}

std::string ModelSpec::positionsText() const {
    switch (positionKind) {
    case Positions::None: return "none" + windowText(*this);
    case Positions::LearnedAbsolute: return "learned absolute, " + groupedText(positions) + windowText(*this);
    case Positions::Rope: return ropeText(*this) + windowText(*this);
    case Positions::Alibi: return "ALiBi" + windowText(*this);
    }
    return {};
}

Result<std::shared_ptr<const ModelSpec>> buildModelSpec(std::shared_ptr<const Checkpoint> checkpoint) {
    SINKSCOPE_ASSERT(checkpoint);
    const bool isGguf = checkpoint->naming == TensorNaming::Gguf; // its header stands for config.json
    const auto file = isGguf ? checkpoint->opened : checkpoint->folder / "config.json";
    if (!checkpoint->config)
        return Error{ErrorCode::ConfigMissing, "there is no config.json", checkpoint->folder};
    if (!checkpoint->config->is_object())
        return Error{ErrorCode::ConfigInvalid, "not a JSON object", file};
    auto spec = std::make_shared<ModelSpec>();
    SINKSCOPE_TRY(spec->arch, architectureOf(*checkpoint->config, file));
    if (isGguf) {
        SINKSCOPE_TRY(spec->ownArch, asStoredInGguf(*spec->arch, *checkpoint));
        spec->arch = spec->ownArch.get();
    }
    const Json config = flattened(*checkpoint->config, *spec->arch);
    SINKSCOPE_CHECK(readDimensions(config, file, *spec));
    SINKSCOPE_CHECK(findTensors(*checkpoint, config, checkpoint->opened, *spec));
    spec->parameters = checkpoint->parameters();
    for (const auto& layer : spec->experts.layers) // blocks hold two parameters a byte, scales none
        for (const Role role : {Role::ExpertGateUpWeight, Role::ExpertGateUpScales, Role::ExpertDownWeight, Role::ExpertDownScales})
            for (const TensorInfo* tensor : layer[static_cast<std::size_t>(role) - static_cast<std::size_t>(kFirstExpertRole)])
                if (spec->experts.mxfp4)
                    spec->parameters += role == Role::ExpertGateUpWeight || role == Role::ExpertDownWeight ? tensor->bytes.size() : -tensor->bytes.size();
    spec->checkpoint = std::move(checkpoint);
    return std::shared_ptr<const ModelSpec>(std::move(spec));
}

} // namespace sinkscope
