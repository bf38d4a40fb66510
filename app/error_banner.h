// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/error.h"
#include "views/theme.h"

#include <QFrame>

class QLabel;

namespace sinkscope {

/// The one place where errors are shown: a strip under the prompt that says what failed, in which file and what to try, until it is
/// dismissed or another takes its place. Thread: gui.
class ErrorBanner : public QFrame {
    Q_OBJECT
public:
    explicit ErrorBanner(const Theme& theme, QWidget* parent = nullptr);

    void showError(const Error& error);
    void applyTheme();
    /// Everything that it says, one line each.
    [[nodiscard]] QString text() const;

Q_SIGNALS:
    void logRequested();

private:
    const Theme& m_theme;
    QLabel* m_title;
    QLabel* m_detail;
    QLabel* m_remedy;
};

} // namespace sinkscope
