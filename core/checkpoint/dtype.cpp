// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/checkpoint.h"

#include <array>

namespace sinkscope {
namespace {

struct TypeText {
    DType type;
    std::string_view name;
    std::size_t size;
};

/// In the order of the enumeration: looked up by index.
constexpr auto kTypes = std::to_array<TypeText>({
    {DType::F64, "F64", 8},
    {DType::F32, "F32", 4},
    {DType::F16, "F16", 2},
    {DType::BF16, "BF16", 2},
    {DType::F8E4M3, "F8_E4M3", 1},
    {DType::F8E5M2, "F8_E5M2", 1},
    {DType::I64, "I64", 8},
    {DType::I32, "I32", 4},
    {DType::I16, "I16", 2},
    {DType::I8, "I8", 1},
    {DType::U64, "U64", 8},
    {DType::U32, "U32", 4},
    {DType::U16, "U16", 2},
    {DType::U8, "U8", 1},
    {DType::Bool, "BOOL", 1},
});

constexpr bool inOrder() {
    for (std::size_t i = 0; i < kTypes.size(); ++i)
        if (static_cast<std::size_t>(kTypes[i].type) != i)
            return false;
    return true;
}
static_assert(inOrder() && kTypes.back().type == DType::Bool);

} // namespace

std::string_view nameOf(DType type) { return kTypes[static_cast<std::size_t>(type)].name; }

std::size_t sizeOf(DType type) { return kTypes[static_cast<std::size_t>(type)].size; }

std::optional<DType> dtypeFromName(std::string_view name) {
    for (const TypeText& text : kTypes)
        if (text.name == name)
            return text.type;
    return std::nullopt;
}

} // namespace sinkscope
