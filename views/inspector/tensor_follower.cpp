// SPDX-License-Identifier: Apache-2.0
#include "views/inspector/tensor_follower.h"

#include "core/inspect/tensor_places.h"
#include "views/models/text_format.h"

#include <QDockWidget>
#include <QEvent>

#include <utility>

namespace sinkscope {

TensorFollower::TensorFollower(const ViewContext& context, QWidget* panel) : QObject(panel), m_context(context), m_panel(panel) {
    panel->installEventFilter(this);
    for (QWidget* above = panel->parentWidget(); above; above = above->parentWidget())
        if (const auto* dock = qobject_cast<QDockWidget*>(above))
            connect(dock, &QDockWidget::visibilityChanged, this, [this](bool isSeen) {
                if (isSeen)
                    catchUp();
            });
    connect(&context.selection, &Selection::tensorChanged, this, &TensorFollower::outdate);
    connect(&context.session, &SessionModel::modelChanged, this, &TensorFollower::outdate);
}

const TensorInfo* TensorFollower::tensor() const {
    const auto model = m_context.session.model();
    return model && model->checkpoint ? model->checkpoint->find(m_context.selection.tensor().toStdString()) : nullptr;
}

QString TensorFollower::placeText() const {
    const auto model = m_context.session.model();
    if (!model || !model->checkpoint || !model->spec)
        return {};
    const auto found = model->checkpoint->byName.find(m_context.selection.tensor().toStdString());
    if (found == model->checkpoint->byName.end())
        return {};
    return utf8Text(textOf(tensorPlaces(*model->checkpoint, model->spec.get())[found->second]));
}

/// Tabs that are not in front are visible to Qt, but lie outside of their parent.
void TensorFollower::outdate() {
    m_isOutdated = !m_panel->isVisible() || m_panel->visibleRegion().isEmpty();
    if (!m_isOutdated)
        Q_EMIT changed();
}

void TensorFollower::catchUp() {
    if (std::exchange(m_isOutdated, false))
        Q_EMIT changed();
}

bool TensorFollower::eventFilter(QObject* object, QEvent* event) {
    if (m_isOutdated && (event->type() == QEvent::Show || event->type() == QEvent::Paint))
        QMetaObject::invokeMethod(this, &TensorFollower::catchUp, Qt::QueuedConnection); // not while it is being shown
    return QObject::eventFilter(object, event);
}

} // namespace sinkscope
