// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <hdf5.h>

#include <mutex>
#include <utility>

namespace sinkscope::h5 {

/// Owns an HDF5 identifier and closes it with `Close`.
template <herr_t (*Close)(hid_t)> class Handle {
public:
    Handle() = default;
    explicit Handle(hid_t id) : m_id(id) {}
    Handle(Handle&& other) noexcept : m_id(std::exchange(other.m_id, H5I_INVALID_HID)) {}
    Handle& operator=(Handle&& other) noexcept {
        if (this != &other) {
            reset();
            m_id = std::exchange(other.m_id, H5I_INVALID_HID);
        }
        return *this;
    }
    ~Handle() { reset(); }
    void reset() {
        if (m_id >= 0)
            Close(m_id);
        m_id = H5I_INVALID_HID;
    }
    [[nodiscard]] hid_t get() const { return m_id; }
    explicit operator bool() const { return m_id >= 0; }

private:
    hid_t m_id = H5I_INVALID_HID;
};

using File = Handle<H5Fclose>;
using Group = Handle<H5Oclose>;
using Dataset = Handle<H5Oclose>;
using Space = Handle<H5Sclose>;
using Type = Handle<H5Tclose>;
using Attribute = Handle<H5Aclose>;
using Properties = Handle<H5Pclose>;

/// Held around every call of the library, which is not safe to use from two threads at once. Also keeps it from printing its
/// error stack, which is a setting of the calling thread where the library is built for threads. Recursive, so that a
/// function that takes the lock may be called by one that holds it.
class Session {
public:
    Session() : m_lock(mutex()) { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }

private:
    static std::recursive_mutex& mutex() {
        static std::recursive_mutex instance;
        // Every identifier has an owner; the library's own clearing up at exit only crashes after a failed write.
        [[maybe_unused]] static const herr_t done = H5dont_atexit();
        return instance;
    }
    std::lock_guard<std::recursive_mutex> m_lock;
};

} // namespace sinkscope::h5
