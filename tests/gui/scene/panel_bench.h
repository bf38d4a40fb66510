// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/job_pool.h"
#include "gui/scene/key_source.h"
#include "views/panel_frame.h"
#include "views/view_spec.h"
#include "views/vtk/vtk_canvas.h"

#include <QLabel>
#include <QTest>

namespace sinkscope::registry_views {
extern const ViewSpec key_space;
}

namespace sinkscope::test {

/// Everything around a panel, and the panel.
struct Bench {
    Theme theme = Theme::light();
    ThemeNotifier notifier;
    SessionModel session;
    Selection selection;
    std::unique_ptr<JobPool> pool = std::make_unique<JobPool>(2);
    JobBridge jobs{*pool};
    std::unique_ptr<PanelFrame> panel;

    ~Bench() {
        panel.reset();
        pool.reset(); // before the bridge
    }

    explicit Bench(bool shown = true) {
        const ViewContext context{session, selection, jobs, theme, notifier};
        panel.reset(qobject_cast<PanelFrame*>(registry_views::key_space.create(context, nullptr)));
        panel->resize(460, 480);
        if (shown)
            panel->show();
    }
    [[nodiscard]] VtkCanvas& canvas() const { return *panel->findChild<VtkCanvas*>(); }
    [[nodiscard]] bool shows(int points) const {
        return QTest::qWaitFor([&] { return !panel->isEmpty() && canvas().scene().size() == points; }, 20000);
    }
    /// Waits for a message that contains a text.
    [[nodiscard]] bool says(const QString& text) const {
        return QTest::qWaitFor([&] {
            if (!panel->isEmpty())
                return false;
            for (const QLabel* label : panel->findChildren<QLabel*>())
                if (label->text().contains(text))
                    return true;
            return false;
        }, 20000);
    }
    void open(KeySourceOptions options) { session.setCapture(std::make_shared<KeySource>(std::move(options))); }
};

} // namespace sinkscope::test
