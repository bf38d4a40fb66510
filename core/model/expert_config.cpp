// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/mxfp4.h"
#include "core/model/config_condition.h"
#include "core/model/config_reader.h"

#include <nlohmann/json.hpp>

namespace sinkscope {
namespace {

/// Far above any published model.
constexpr std::int64_t kMaxExperts = 4096, kMaxExpertWidth = 1 << 20;

Error invalid(const Json& config, std::string_view key, const std::string& expected, const std::filesystem::path& file) {
    return {ErrorCode::ConfigInvalid, keyValueText(config, key) + ": expected " + expected, file};
}

/// An integer in 1..most; the first of several spellings that is there counts.
Result<int> sizeAt(const Json& config, std::string_view keys, std::int64_t most, int absent, const std::filesystem::path& file) {
    for (std::string_view rest = keys; !rest.empty();) {
        const auto end = std::min(rest.find('|'), rest.size());
        const auto key = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (!valueAt(config, key))
            continue;
        const auto value = integerAt(config, key);
        if (!value || *value < 1 || *value > most)
            return invalid(config, key, "an integer from 1 to " + std::to_string(most), file);
        return static_cast<int>(*value);
    }
    if (absent > 0)
        return absent;
    return Error{ErrorCode::ConfigMissing, "key \"" + std::string(keys.substr(0, keys.find('|'))) + "\" is missing", file};
}

Result<double> numberOr(const Json& config, std::string_view key, double absent, const std::filesystem::path& file) {
    if (key.empty() || !valueAt(config, key))
        return absent;
    const auto value = numberAt(config, key);
    if (!value || !(*value >= 1e-6 && *value <= 1e6))
        return invalid(config, key, "a positive number", file);
    return *value;
}

Result<std::vector<bool>> denseLayers(const Json& config, const ExpertRule& rule, int layers, const std::filesystem::path& file) {
    std::vector<bool> dense(static_cast<std::size_t>(layers), false);
    int step = 1;
    if (!rule.stepKey.empty()) {
        SINKSCOPE_TRY(step, sizeAt(config, rule.stepKey, 1 << 20, 1, file));
    }
    for (int layer = 0; layer < layers; ++layer)
        dense[static_cast<std::size_t>(layer)] = (layer + 1) % step != 0;
    const Json* listed = rule.denseLayersKey.empty() ? nullptr : valueAt(config, rule.denseLayersKey);
    if (!listed)
        return dense;
    if (!listed->is_array())
        return invalid(config, rule.denseLayersKey, "a list of layers", file);
    for (const Json& item : *listed) {
        if (!item.is_number_integer() || item < 0 || item >= layers)
            return invalid(config, rule.denseLayersKey, "numbers of layers", file);
        dense[item.get<std::size_t>()] = true;
    }
    return dense;
}

} // namespace

Result<void> readExperts(const Json& config, const std::filesystem::path& file, ModelSpec& spec) {
    const ArchSpec& arch = *spec.arch;
    const ExpertRule& rule = arch.experts;
    if (rule.countKey.empty())
        return {};
    ExpertSpec& experts = spec.experts;
    SINKSCOPE_TRY(experts.count, sizeAt(config, rule.countKey, kMaxExperts, rule.count, file));
    SINKSCOPE_TRY(experts.chosen, sizeAt(config, rule.chosenKey, experts.count, rule.chosen, file));
    if (experts.chosen > experts.count)
        return invalid(config, rule.countKey.substr(0, rule.countKey.find('|')), "at least the " + std::to_string(experts.chosen) + " that a token goes to", file);
    experts.width = spec.mlpWidth;
    if (!rule.widthKey.empty()) {
        SINKSCOPE_TRY(experts.width, sizeAt(config, rule.widthKey, kMaxExpertWidth, rule.width, file));
    }
    SINKSCOPE_TRY(experts.denseLayers, denseLayers(config, rule, spec.layers, file));
    experts.renormalised = holds(rule.renormalised, config, arch);
    experts.interleaved = rule.interleaved;
    SINKSCOPE_TRY(experts.alpha, numberOr(config, rule.alphaKey, rule.alpha, file));
    SINKSCOPE_TRY(experts.limit, numberOr(config, rule.limitKey, rule.limit, file));
    const Json* method = valueAt(config, "quantization_config.quant_method");
    experts.mxfp4 = method && *method == "mxfp4"; // elsewhere it has been refused
    experts.storedByInput = rule.storedByInput && !experts.mxfp4;
    const auto block = static_cast<int>(kMxfp4Values);
    if (experts.mxfp4 && (spec.width % block != 0 || experts.width % block != 0))
        return Error{ErrorCode::ConfigInvalid, "MXFP4 needs widths that are multiples of 32, not " + std::to_string(spec.width) + " and " +
                                                  std::to_string(experts.width), file};
    return {};
}

TensorInfo ExpertSpec::part(int layer, Role role, int expert) const {
    const auto& tensors = tensorsOf(layer, role);
    if (tensors.empty())
        return {};
    if (hasOwn[static_cast<std::size_t>(role) - static_cast<std::size_t>(kFirstExpertRole)])
        return *tensors[static_cast<std::size_t>(expert)];
    TensorInfo tensor = *tensors.front();
    const std::size_t bytes = tensor.bytes.size() / static_cast<std::size_t>(count);
    tensor.bytes = tensor.bytes.subspan(static_cast<std::size_t>(expert) * bytes, bytes);
    tensor.shape.erase(tensor.shape.begin());
    return tensor;
}

} // namespace sinkscope
