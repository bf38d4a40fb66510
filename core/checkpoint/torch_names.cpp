// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/torch_names.h"

#include <algorithm>
#include <array>

namespace sinkscope {
namespace {

constexpr auto kTypes = std::to_array<TorchType>({
    {"float64", "Double", 8, DType::F64},
    {"float32", "Float", 4, DType::F32},
    {"float16", "Half", 2, DType::F16},
    {"bfloat16", "BFloat16", 2, DType::BF16},
    {"float8_e4m3fn", "", 1, DType::F8E4M3},
    {"float8_e5m2", "", 1, DType::F8E5M2},
    {"float8_e4m3fnuz", "", 1, DType::F8E4M3Fnuz},
    {"float8_e5m2fnuz", "", 1, DType::F8E5M2Fnuz},
    {"float8_e8m0fnu", "", 1, DType::F8E8M0},
    {"float4_e2m1fn_x2", "", 1, std::nullopt},
    {"int64", "Long", 8, DType::I64},
    {"int32", "Int", 4, DType::I32},
    {"int16", "Short", 2, DType::I16},
    {"int8", "Char", 1, DType::I8},
    {"uint64", "", 8, DType::U64},
    {"uint32", "", 4, DType::U32},
    {"uint16", "", 2, DType::U16},
    {"uint8", "Byte", 1, DType::U8},
    {"bool", "Bool", 1, DType::Bool},
    {"complex64", "ComplexFloat", 8, DType::C64},
    {"complex128", "ComplexDouble", 16, std::nullopt},
    {"qint8", "QInt8", 1, std::nullopt},
    {"quint8", "QUInt8", 1, std::nullopt},
    {"qint32", "QInt32", 4, std::nullopt},
    {"quint4x2", "QUInt4x2", 1, std::nullopt},
    {"quint2x4", "QUInt2x4", 1, std::nullopt},
});

struct Entry {
    std::string_view module, name; ///< an empty name: every name of the module
    TorchRole role;
};

/// Modules of Python 2 and 3, and of numpy before and after version 2.
constexpr auto kNames = std::to_array<Entry>({
    {"collections", "OrderedDict", TorchRole::Mapping},
    {"collections", "Counter", TorchRole::Mapping},
    {"collections", "defaultdict", TorchRole::Mapping},
    {"builtins", "dict", TorchRole::Mapping},
    {"__builtin__", "dict", TorchRole::Mapping},
    {"torch._utils", "_rebuild_tensor", TorchRole::RebuildTensor},
    {"torch._utils", "_rebuild_tensor_v2", TorchRole::RebuildTensor},
    {"torch._utils", "_rebuild_tensor_v3", TorchRole::RebuildTyped},
    {"torch._utils", "_rebuild_parameter", TorchRole::RebuildParameter},
    {"torch._utils", "_rebuild_parameter_with_state", TorchRole::RebuildParameter},
    {"torch._tensor", "_rebuild_from_type_v2", TorchRole::RebuildSubclass},
    {"torch._utils", "_rebuild_sparse_tensor", TorchRole::OtherTensor},
    {"torch._utils", "_rebuild_qtensor", TorchRole::OtherTensor},
    {"torch._utils", "_rebuild_nested_tensor", TorchRole::OtherTensor},
    {"torch._utils", "_rebuild_meta_tensor_no_storage", TorchRole::OtherTensor},
    {"torch._utils", "_rebuild_device_tensor_from_numpy", TorchRole::OtherTensor},
    {"torch._utils", "_rebuild_device_tensor_from_cpu_tensor", TorchRole::OtherTensor},
    {"torch._utils", "_rebuild_wrapper_subclass", TorchRole::OtherTensor},
    {"torch", "Tensor", TorchRole::TensorClass},
    {"torch.nn.parameter", "Parameter", TorchRole::TensorClass},
    {"torch.nn.parameter", "Buffer", TorchRole::TensorClass},
    {"torch", "Size", TorchRole::Size},
    {"torch", "device", TorchRole::Data},
    {"torch", "strided", TorchRole::Data},
    {"torch", "per_tensor_affine", TorchRole::Data},
    {"torch", "per_channel_affine", TorchRole::Data},
    {"torch.serialization", "_get_layout", TorchRole::Data},
    {"torch.torch_version", "TorchVersion", TorchRole::Data},
    {"builtins", "set", TorchRole::Data},
    {"builtins", "frozenset", TorchRole::Data},
    {"builtins", "list", TorchRole::Data},
    {"builtins", "tuple", TorchRole::Data},
    {"builtins", "int", TorchRole::Data},
    {"builtins", "float", TorchRole::Data},
    {"builtins", "complex", TorchRole::Data},
    {"builtins", "bytearray", TorchRole::Data},
    {"__builtin__", "set", TorchRole::Data},
    {"__builtin__", "list", TorchRole::Data},
    {"__builtin__", "bytearray", TorchRole::Data},
    {"_codecs", "encode", TorchRole::Data}, // how protocol 2 holds bytes
    {"numpy", "dtype", TorchRole::Data},
    {"numpy", "ndarray", TorchRole::Data},
    {"numpy.core.multiarray", "scalar", TorchRole::Data},
    {"numpy.core.multiarray", "_reconstruct", TorchRole::Data},
    {"numpy._core.multiarray", "scalar", TorchRole::Data},
    {"numpy._core.multiarray", "_reconstruct", TorchRole::Data},
    {"numpy.dtypes", "", TorchRole::Data},
    {"argparse", "Namespace", TorchRole::Data},
    {"pathlib", "PosixPath", TorchRole::Data},
    {"pathlib", "WindowsPath", TorchRole::Data},
    {"datetime", "datetime", TorchRole::Data},
    {"datetime", "timedelta", TorchRole::Data},
});

// A number for the tree: first the names, then the element types, then their storages, last the untyped storage.
constexpr int kFirstType = static_cast<int>(kNames.size()), kFirstStorage = kFirstType + static_cast<int>(kTypes.size()),
              kUntyped = kFirstStorage + static_cast<int>(kTypes.size());

std::optional<int> torchTypeNumber(std::string_view module, std::string_view name) {
    const bool isTorch = module == "torch", isStorage = name.ends_with("Storage");
    if (name == "UntypedStorage" && (isTorch || module == "torch.storage"))
        return kUntyped;
    if (!isTorch && !(module == "torch.cuda" && isStorage))
        return std::nullopt;
    const std::string_view wanted = isStorage ? name.substr(0, name.size() - std::string_view("Storage").size()) : name;
    const auto found = std::ranges::find(kTypes, wanted, isStorage ? &TorchType::storage : &TorchType::name);
    if (wanted.empty() || found == kTypes.end())
        return std::nullopt;
    return (isStorage ? kFirstStorage : kFirstType) + static_cast<int>(found - kTypes.begin());
}

} // namespace

std::optional<PickleName> resolveTorchName(std::string_view module, std::string_view name) {
    for (std::size_t i = 0; i < kNames.size(); ++i)
        if (kNames[i].module == module && (kNames[i].name == name || kNames[i].name.empty()))
            return PickleName{static_cast<int>(i), kNames[i].role == TorchRole::Mapping};
    if (const auto number = torchTypeNumber(module, name))
        return PickleName{*number, false};
    return std::nullopt;
}

std::optional<TorchMeaning> torchMeaning(int global) {
    if (global < 0)
        return std::nullopt;
    if (global < kFirstType)
        return TorchMeaning{kNames[static_cast<std::size_t>(global)].role, nullptr};
    if (global < kFirstStorage)
        return TorchMeaning{TorchRole::ElementType, &kTypes[static_cast<std::size_t>(global - kFirstType)]};
    if (global < kUntyped)
        return TorchMeaning{TorchRole::Storage, &kTypes[static_cast<std::size_t>(global - kFirstStorage)]};
    return TorchMeaning{TorchRole::Storage, nullptr};
}

} // namespace sinkscope
