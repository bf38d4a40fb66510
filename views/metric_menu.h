// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/feature_family.h"

#include <QMenu>

#include <map>
#include <vector>

class QAction;
class QLineEdit;

namespace sinkscope {

/// Every metric, one submenu per family, and a field that finds them by name: typing anywhere in the menu searches. For one choice, or for
/// several with check marks. Thread: gui.
class MetricMenu : public QMenu {
    Q_OBJECT
public:
    enum class Choice { One, Several };
    MetricMenu(Choice choice, std::vector<const MetricSpec*> chosen, QWidget* parent);

    [[nodiscard]] const std::vector<const MetricSpec*>& chosen() const { return m_chosen; }
    /// The entry of a metric; it is checked when the metric is chosen.
    [[nodiscard]] QAction* actionOf(const MetricSpec& metric) const { return m_actions.at(&metric); }

Q_SIGNALS:
    /// `chosen` says which, in the order they were chosen.
    void changed();

protected:
    void keyPressEvent(QKeyEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void addSection(const QString& title, const std::vector<const MetricSpec*>& metrics);
    void choose(const MetricSpec* metric, bool on);
    void search(const QString& text);
    void listChosen();

    Choice m_choice;
    std::vector<const MetricSpec*> m_chosen;
    std::map<const MetricSpec*, QAction*> m_actions;
    std::vector<QMenu*> m_sections;
    QLineEdit* m_field;
    QAction* m_end = nullptr; ///< what is listed flat goes before it
    QAction* m_none = nullptr;
    std::vector<QAction*> m_flat;
};

} // namespace sinkscope
