// SPDX-License-Identifier: Apache-2.0
#include "core/session/weight_fingerprint.h"

#include <algorithm>
#include <cstdio>

namespace sinkscope {
namespace {

constexpr std::size_t kPlaces = 8, kBytesPerPlace = 64;

class Fnv1a {
public:
    void add(std::span<const std::byte> bytes) {
        for (const std::byte byte : bytes) {
            m_state ^= static_cast<std::uint64_t>(byte);
            m_state *= 0x100000001b3ULL;
        }
    }
    void add(std::uint64_t number) { add(std::as_bytes(std::span(&number, 1))); }
    [[nodiscard]] std::uint64_t value() const { return m_state; }

private:
    std::uint64_t m_state = 0xcbf29ce484222325ULL;
};

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
}

} // namespace

std::string weightFingerprint(const Checkpoint& checkpoint) {
    Fnv1a hash;
    for (const auto& [name, index] : checkpoint.byName)
        addTensor(hash, checkpoint.tensors[index]);
    char text[40];
    std::snprintf(text, sizeof text, "fnv1a64-sampled:%016llx", static_cast<unsigned long long>(hash.value()));
    return text;
}

} // namespace sinkscope
