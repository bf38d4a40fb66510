// SPDX-License-Identifier: Apache-2.0
#include "core/base/checked_math.h"
#include "core/base/printable.h"
#include "core/checkpoint/checkpoint.h"

#include <array>

namespace sinkscope {
namespace {

struct TypeText {
    DType type;
    std::string_view name;
    std::size_t elements; ///< of a block
    std::size_t bytes;    ///< of a block
};

/// In the order of the enumeration: looked up by index.
constexpr auto kTypes = std::to_array<TypeText>({
    {DType::F64, "F64", 1, 8},
    {DType::F32, "F32", 1, 4},
    {DType::F16, "F16", 1, 2},
    {DType::BF16, "BF16", 1, 2},
    {DType::F8E4M3, "F8_E4M3", 1, 1},
    {DType::F8E5M2, "F8_E5M2", 1, 1},
    {DType::I64, "I64", 1, 8},
    {DType::I32, "I32", 1, 4},
    {DType::I16, "I16", 1, 2},
    {DType::I8, "I8", 1, 1},
    {DType::U64, "U64", 1, 8},
    {DType::U32, "U32", 1, 4},
    {DType::U16, "U16", 1, 2},
    {DType::U8, "U8", 1, 1},
    {DType::Bool, "BOOL", 1, 1},
    {DType::F8E4M3Fnuz, "F8_E4M3FNUZ", 1, 1},
    {DType::F8E5M2Fnuz, "F8_E5M2FNUZ", 1, 1},
    {DType::F8E8M0, "F8_E8M0", 1, 1},
    {DType::F6E2M3, "F6_E2M3", 4, 3},
    {DType::F6E3M2, "F6_E3M2", 4, 3},
    {DType::F4, "F4", 2, 1},
    {DType::C64, "C64", 1, 8},
    {DType::Q4_0, "Q4_0", 32, 18},
    {DType::Q4_1, "Q4_1", 32, 20},
    {DType::Q5_0, "Q5_0", 32, 22},
    {DType::Q5_1, "Q5_1", 32, 24},
    {DType::Q8_0, "Q8_0", 32, 34},
    {DType::Q2_K, "Q2_K", 256, 84},
    {DType::Q3_K, "Q3_K", 256, 110},
    {DType::Q4_K, "Q4_K", 256, 144},
    {DType::Q5_K, "Q5_K", 256, 176},
    {DType::Q6_K, "Q6_K", 256, 210},
    {DType::IQ4_NL, "IQ4_NL", 32, 18},
    {DType::IQ4_XS, "IQ4_XS", 256, 136},
    {DType::Q8_1, "Q8_1", 32, 40},
    {DType::Q8_K, "Q8_K", 256, 292},
    {DType::IQ1_S, "IQ1_S", 256, 50},
    {DType::IQ1_M, "IQ1_M", 256, 56},
    {DType::IQ2_XXS, "IQ2_XXS", 256, 66},
    {DType::IQ2_XS, "IQ2_XS", 256, 74},
    {DType::IQ2_S, "IQ2_S", 256, 82},
    {DType::IQ3_XXS, "IQ3_XXS", 256, 98},
    {DType::IQ3_S, "IQ3_S", 256, 110},
    {DType::TQ1_0, "TQ1_0", 256, 54},
    {DType::TQ2_0, "TQ2_0", 256, 66},
    {DType::MXFP4, "MXFP4", 32, 17},
    {DType::NVFP4, "NVFP4", 64, 36},
    {DType::Q1_0, "Q1_0", 128, 18},
    {DType::Unknown, "unknown", 1, 1},
});

constexpr bool inOrder() {
    for (std::size_t i = 0; i < kTypes.size(); ++i)
        if (static_cast<std::size_t>(kTypes[i].type) != i)
            return false;
    return true;
}
static_assert(inOrder() && kTypes.back().type == DType::Unknown);

} // namespace

std::string_view nameOf(DType type) { return kTypes[static_cast<std::size_t>(type)].name; }

BlockSize blockOf(DType type) {
    const TypeText& text = kTypes[static_cast<std::size_t>(type)];
    return {text.elements, text.bytes};
}

std::size_t bitsOf(DType type) {
    const BlockSize block = blockOf(type);
    return block.bytes * 8 / block.elements;
}

std::size_t sizeOf(DType type) {
    SINKSCOPE_ASSERT(!isQuantized(type));
    return (bitsOf(type) + 7) / 8;
}

bool isQuantized(DType type) { return type > DType::C64 && type != DType::Unknown; }

bool hasValues(DType type) { return type < DType::F6E2M3 || (type >= DType::Q4_0 && type <= DType::IQ4_XS) || type == DType::MXFP4; }

bool isFloating(DType type) {
    const bool plain = type <= DType::F8E5M2 || (type >= DType::F8E4M3Fnuz && type <= DType::F8E8M0);
    return hasValues(type) && (plain || isQuantized(type));
}

Result<void> checkHasValues(const TensorInfo& tensor) {
    if (hasValues(tensor.dtype))
        return {};
    return Error{ErrorCode::FormatUnsupported,
                 "tensor '" + printable(tensor.name) + "': numbers of type " + std::string(nameOf(tensor.dtype)) +
                     " are listed, not read",
                 tensor.file ? tensor.file->path() : std::filesystem::path()};
}

std::optional<DType> dtypeFromName(std::string_view name) {
    for (const TypeText& text : kTypes)
        if (text.name == name && text.type <= DType::C64)
            return text.type;
    return std::nullopt;
}

std::uint64_t TensorInfo::elements() const {
    if (dtype == DType::Unknown)
        return static_cast<std::uint64_t>(elementCount(shape).value_or(0));
    const BlockSize block = blockOf(dtype);
    return bytes.size() / block.bytes * block.elements;
}

} // namespace sinkscope
