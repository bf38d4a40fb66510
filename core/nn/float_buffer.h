// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/nn/brain_float.h"

#include <cstddef>
#include <memory>
#include <new>
#include <span>

namespace sinkscope {

/// Work space for floats that is only ever overwritten: aligned to a cache line, grows when asked, never initialised.
class FloatBuffer {
public:
    /// Room for `count` floats; what was there before is lost when it has to grow. Throws std::bad_alloc.
    float* reserve(std::size_t count) {
        if (count > m_count) {
            m_data.reset();
            m_data.reset(static_cast<float*>(::operator new(count * sizeof(float), kAlignment)));
            m_count = count;
        }
        return m_data.get();
    }
    [[nodiscard]] float* data() const { return m_data.get(); }
    [[nodiscard]] std::size_t size() const { return m_count; }

private:
    static constexpr std::align_val_t kAlignment{64};
    struct Release {
        void operator()(float* data) const { ::operator delete(data, kAlignment); }
    };
    std::unique_ptr<float, Release> m_data;
    std::size_t m_count = 0;
};

/// Floats whose memory holds so many bfloat16.
constexpr std::size_t floatsFor(std::size_t brainFloats) { return (brainFloats + 1) / 2; }
/// A buffer as room for `count` bfloat16.
inline BrainFloat* brainFloats(FloatBuffer& buffer, std::size_t count) { return reinterpret_cast<BrainFloat*>(buffer.reserve(floatsFor(count))); }

} // namespace sinkscope
