// SPDX-License-Identifier: Apache-2.0
#include "core/session/weight_fingerprint.h"

#include "core/base/fnv1a.h"

namespace sinkscope {
namespace {

constexpr std::size_t kPlaces = 8, kBytesPerPlace = 64;

void addTensor(Fnv1a& hash, const TensorInfo& tensor) {
    hash.add(std::as_bytes(std::span(tensor.name)));
    hash.add(static_cast<std::uint64_t>(tensor.dtype));
    hash.add(tensor.shape.size());
    for (const std::int64_t size : tensor.shape)
        hash.add(static_cast<std::uint64_t>(size));
    const std::size_t bytes = tensor.bytes.size();
    if (bytes <= kPlaces * kBytesPerPlace) {
        hash.add(tensor.bytes);
        return;
    }
    for (std::size_t place = 0; place < kPlaces; ++place) // the first and the last bytes are among them
        hash.add(tensor.bytes.subspan((bytes - kBytesPerPlace) * place / (kPlaces - 1), kBytesPerPlace));
    if (tensor.file) // a page that is touched may bring many of its neighbours
        tensor.file->release(tensor.bytes);
}

} // namespace

std::string weightFingerprint(const Checkpoint& checkpoint) {
    Fnv1a hash;
    for (const auto& [name, index] : checkpoint.byName)
        addTensor(hash, checkpoint.tensors[index]);
    return "fnv1a64-sampled:" + hash.hex();
}

} // namespace sinkscope
