// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/checkpoint.h"

#include "core/base/printable.h"

#include <array>

namespace sinkscope {
namespace {

struct TypeText {
    DType type;
    std::string_view name;
    std::size_t bits;
};

/// In the order of the enumeration: looked up by index.
constexpr auto kTypes = std::to_array<TypeText>({
    {DType::F64, "F64", 64},
    {DType::F32, "F32", 32},
    {DType::F16, "F16", 16},
    {DType::BF16, "BF16", 16},
    {DType::F8E4M3, "F8_E4M3", 8},
    {DType::F8E5M2, "F8_E5M2", 8},
    {DType::I64, "I64", 64},
    {DType::I32, "I32", 32},
    {DType::I16, "I16", 16},
    {DType::I8, "I8", 8},
    {DType::U64, "U64", 64},
    {DType::U32, "U32", 32},
    {DType::U16, "U16", 16},
    {DType::U8, "U8", 8},
    {DType::Bool, "BOOL", 8},
    {DType::F8E4M3Fnuz, "F8_E4M3FNUZ", 8},
    {DType::F8E5M2Fnuz, "F8_E5M2FNUZ", 8},
    {DType::F8E8M0, "F8_E8M0", 8},
    {DType::F6E2M3, "F6_E2M3", 6},
    {DType::F6E3M2, "F6_E3M2", 6},
    {DType::F4, "F4", 4},
    {DType::C64, "C64", 64},
});

constexpr bool inOrder() {
    for (std::size_t i = 0; i < kTypes.size(); ++i)
        if (static_cast<std::size_t>(kTypes[i].type) != i)
            return false;
    return true;
}
static_assert(inOrder() && kTypes.back().type == DType::C64);

} // namespace

std::string_view nameOf(DType type) { return kTypes[static_cast<std::size_t>(type)].name; }

std::size_t bitsOf(DType type) { return kTypes[static_cast<std::size_t>(type)].bits; }

std::size_t sizeOf(DType type) { return (bitsOf(type) + 7) / 8; }

bool hasValues(DType type) { return bitsOf(type) % 8 == 0 && type != DType::C64; }

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
        if (text.name == name)
            return text.type;
    return std::nullopt;
}

} // namespace sinkscope
