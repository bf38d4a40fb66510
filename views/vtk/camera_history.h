// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/vtk/scene_camera.h"

#include <optional>
#include <vector>

namespace sinkscope {

/// Where the camera has been, to go back and forth. Thread: gui.
class CameraHistory {
public:
    /// Remembers a place that is about to be left.
    void leave(const SceneCamera& camera) {
        if (!m_back.empty() && m_back.back().sameView(camera))
            return;
        m_back.push_back(camera);
        if (m_back.size() > kMost)
            m_back.erase(m_back.begin());
        m_forth.clear();
    }
    /// Nothing when there is no way.
    std::optional<SceneCamera> back(const SceneCamera& now) { return step(m_back, m_forth, now); }
    std::optional<SceneCamera> forth(const SceneCamera& now) { return step(m_forth, m_back, now); }

private:
    static constexpr std::size_t kMost = 100;
    static std::optional<SceneCamera> step(std::vector<SceneCamera>& from, std::vector<SceneCamera>& to, const SceneCamera& now) {
        if (from.empty())
            return {};
        to.push_back(now);
        SceneCamera camera = from.back();
        from.pop_back();
        return camera;
    }
    std::vector<SceneCamera> m_back, m_forth;
};

} // namespace sinkscope
