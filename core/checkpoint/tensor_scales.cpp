// SPDX-License-Identifier: Apache-2.0
// Scales beside weights of eight bits.
#include "core/base/printable.h"
#include "core/checkpoint/assemble.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace sinkscope {
namespace {

using Block = std::pair<std::int64_t, std::int64_t>;

constexpr Block kUsualBlock{128, 128};
constexpr std::int64_t kLargestSide = 1 << 20;

/// "weight_block_size" of config.json.
Block blockSize(const Checkpoint& checkpoint) {
    if (!checkpoint.config || !checkpoint.config->is_object())
        return kUsualBlock;
    const Json size = checkpoint.config->value(Json::json_pointer("/quantization_config/weight_block_size"), Json());
    const auto side = [&](std::size_t i) { return size[i].is_number_integer() ? size[i].get<std::int64_t>() : 0; };
    const bool sound = size.is_array() && size.size() == 2 && side(0) > 0 && side(1) > 0 && side(0) <= kLargestSide && side(1) <= kLargestSide;
    return sound ? Block(side(0), side(1)) : kUsualBlock;
}

std::int64_t countOf(std::int64_t size, std::int64_t block) { return size / block + (size % block != 0 ? 1 : 0); }

/// The block that each factor is for; sides of 0 when the scale fits nothing.
Block blockOf(const TensorInfo& tensor, const TensorInfo& scale, const Block& usual) {
    const std::int64_t rows = tensor.shape[0], columns = tensor.shape[1];
    const std::vector<std::int64_t>& shape = scale.shape;
    const std::vector<std::int64_t> blocks{countOf(rows, usual.first), countOf(columns, usual.second)};
    if (shape == blocks)
        return usual;
    if (scale.elements() == 1)
        return {rows, columns};
    if (shape == std::vector{rows} || shape == std::vector<std::int64_t>{rows, 1})
        return {1, columns};
    return {0, 0};
}

bool canBeScaled(const TensorInfo& tensor) {
    return isFloating(tensor.dtype) && tensor.dtype != DType::F8E8M0 && tensor.shape.size() == 2 && tensor.shape[0] > 0 && tensor.shape[1] > 0;
}

} // namespace

const TensorInfo* scaleOf(const Checkpoint& checkpoint, const TensorInfo& tensor) {
    if (bitsOf(tensor.dtype) > 8 || isQuantized(tensor.dtype)) // blocks of GGUF carry their scales
        return nullptr;
    for (const char* ending : {"_scale_inv", "_scale"})
        if (const TensorInfo* scale = checkpoint.find(tensor.name + ending))
            return scale;
    return nullptr;
}

void attachScales(Checkpoint& checkpoint) {
    std::size_t scaled = 0, left = 0;
    const TensorInfo *firstScaled = nullptr, *firstLeft = nullptr;
    const Block usual = blockSize(checkpoint);
    for (TensorInfo& tensor : checkpoint.tensors) {
        const TensorInfo* found = scaleOf(checkpoint, tensor);
        if (!found)
            continue;
        TensorInfo& scale = checkpoint.tensors[checkpoint.byName.at(found->name)];
        const Block block = canBeScaled(tensor) && isFloating(scale.dtype) && !isQuantized(scale.dtype) ? blockOf(tensor, scale, usual) : Block(0, 0);
        if (block.first == 0) {
            firstLeft = left++ == 0 ? &scale : firstLeft;
            continue;
        }
        tensor.scale = std::make_shared<const TensorScale>(TensorScale{scale.bytes, scale.dtype, scale.file, block.first, block.second});
        scale.isScale = true;
        firstScaled = scaled++ == 0 ? &scale : firstScaled;
    }
    if (firstScaled)
        checkpoint.notes.push_back(std::to_string(scaled) + " matrices of eight-bit numbers have scales ('" + printable(firstScaled->name) +
                                   "'): numbers are those of the weights times their scales");
    if (firstLeft)
        checkpoint.notes.push_back(std::to_string(left) + " tensors have scales of their own that are not read ('" + printable(firstLeft->name) +
                                   "'): they are listed with the numbers as stored, and not run");
}

} // namespace sinkscope
