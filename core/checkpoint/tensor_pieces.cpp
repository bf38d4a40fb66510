// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/tensor_pieces.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace sinkscope {
namespace {

constexpr std::size_t kPiece = 1U << 15U; ///< elements, a multiple of every block; both buffers stay in the second-level cache
constexpr std::size_t kAhead = 64U << 20U; ///< bytes read ahead, and given back, at a time

template <typename T> void widen(const std::byte* from, std::span<double> to) {
    for (std::size_t i = 0; i < to.size(); ++i) {
        T value;
        std::memcpy(&value, from + i * sizeof(T), sizeof(T));
        to[i] = static_cast<double>(value);
    }
}

void convert(const TensorInfo& tensor, std::size_t first, std::span<double> to, std::vector<float>& floats) {
    const auto from = [&](std::size_t size) { return tensor.bytes.data() + first * size; };
    switch (tensor.dtype) {
    case DType::F64: return widen<double>(from(8), to);
    case DType::I64: return widen<std::int64_t>(from(8), to);
    case DType::U64: return widen<std::uint64_t>(from(8), to);
    case DType::I32: return widen<std::int32_t>(from(4), to);
    case DType::U32: return widen<std::uint32_t>(from(4), to);
    default: break;
    }
    floats.resize(std::max(floats.size(), to.size()));
    convertToFloat(tensor, first, std::span(floats).first(to.size()));
    std::copy_n(floats.begin(), to.size(), to.begin());
}

} // namespace

std::size_t elementCount(const TensorInfo& tensor) {
    std::size_t count = 1;
    for (const std::int64_t size : tensor.shape)
        count *= static_cast<std::size_t>(size);
    return count;
}

void convertToDouble(const TensorInfo& tensor, std::size_t first, std::span<double> out) {
    std::vector<float> floats;
    convert(tensor, first, out, floats);
}

Result<void> readPieces(const TensorInfo& tensor, JobContext& context, const std::function<void(std::size_t, std::span<double>)>& use) {
    const std::size_t count = elementCount(tensor), bytes = tensor.bytes.size();
    std::vector<double> piece(std::min(count, kPiece));
    std::vector<float> floats;
    std::size_t ahead = 0; // bytes that were asked for
    for (std::size_t first = 0; first < count; first += kPiece) {
        SINKSCOPE_CHECK(context.checkpoint());
        // Bytes per element need not be whole: quantized types pack blocks.
        const auto at = static_cast<std::size_t>(static_cast<double>(bytes) * (static_cast<double>(first) / static_cast<double>(count)));
        if (tensor.file && at >= ahead) {
            tensor.file->prefetch(tensor.bytes.subspan(at, std::min(kAhead, bytes - at)));
            tensor.file->release(tensor.bytes.first(at));
            ahead = at + kAhead;
        }
        const std::span<double> values = std::span(piece).first(std::min(kPiece, count - first));
        convert(tensor, first, values, floats);
        use(first, values);
        context.progress(static_cast<double>(first + values.size()) / static_cast<double>(count), tensor.name);
    }
    if (tensor.file)
        tensor.file->release(tensor.bytes);
    return {};
}

} // namespace sinkscope
