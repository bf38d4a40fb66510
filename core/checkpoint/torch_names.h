// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/checkpoint/checkpoint.h"
#include "core/checkpoint/pickle_reader.h"

#include <optional>
#include <string_view>

namespace sinkscope {

/// What a name that a PyTorch pickle may ask for stands for. Everything else is refused.
enum class TorchRole : std::uint8_t {
    Data,             ///< makes a value that is not looked at (numpy scalars, sets, paths, ...)
    Mapping,          ///< makes a dictionary
    Size,             ///< torch.Size: a tuple
    Storage,          ///< a class of storages, with the type of its elements
    ElementType,      ///< torch.float32, ...
    TensorClass,      ///< torch.Tensor, torch.nn.Parameter
    RebuildTensor,    ///< (storage, offset, size, stride, ...)
    RebuildTyped,     ///< (untyped storage, offset, size, stride, requires_grad, hooks, element type, ...)
    RebuildParameter, ///< (tensor, ...)
    RebuildSubclass,  ///< (function, class, its arguments, attributes)
    OtherTensor       ///< sparse, quantized, nested: tensors that are not read
};

/// The element types of PyTorch.
struct TorchType {
    std::string_view name;    ///< "float32"
    std::string_view storage; ///< "Float", of torch.FloatStorage; empty when there is no such class
    std::size_t bytes = 1;    ///< per element
    std::optional<DType> dtype; ///< nothing for those that are not read
};

struct TorchMeaning {
    TorchRole role = TorchRole::Data;
    const TorchType* type = nullptr; ///< of Storage and ElementType; null for torch.UntypedStorage
};

/// For readPickle. Data, Mapping and the rebuilding functions only: nothing that does anything when called.
std::optional<PickleName> resolveTorchName(std::string_view module, std::string_view name);
/// What PickleTree::global said; nothing for -1.
std::optional<TorchMeaning> torchMeaning(int global);

} // namespace sinkscope
