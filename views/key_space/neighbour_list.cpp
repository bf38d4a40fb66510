// SPDX-License-Identifier: Apache-2.0
#include "views/key_space/neighbour_list.h"

#include "views/vtk/key_space_scene.h"

namespace sinkscope {

NeighbourList::NeighbourList(QWidget* parent) : QListWidget(parent) {
    setAccessibleName(tr("Nearest in the original space"));
    setFrameShape(QFrame::NoFrame);
    setUniformItemSizes(true);
    connect(this, &QListWidget::itemActivated, this, [this](QListWidgetItem* item) { Q_EMIT chosen(item->data(Qt::UserRole).toInt()); });
    connect(this, &QListWidget::itemClicked, this, [this](QListWidgetItem* item) { Q_EMIT chosen(item->data(Qt::UserRole).toInt()); });
}

void NeighbourList::show(const KeySpaceData* space, int point, const std::vector<KeySpaceNeighbour>& neighbours) {
    QListWidget::clear();
    const auto say = [this](const QString& text) {
        auto* item = new QListWidgetItem(text, this);
        item->setFlags(Qt::NoItemFlags);
    };
    if (!space || point < 0)
        return say(tr("Select a point to see its nearest in the original space."));
    say(tr("Nearest to “%1” by vector, of %2 dimensions").arg(KeySpaceText::tokenText(*space, point)).arg(space->cloud->width));
    for (const KeySpaceNeighbour& each : neighbours) {
        const CloudPoint& about = space->point(each.point);
        QString text = tr("%1   “%2”  token %3").arg(KeySpaceText::number(each.distance), KeySpaceText::tokenText(*space, each.point)).arg(about.token);
        if (space->question.scope != KeySpaceScope::Head)
            text += tr(" · L%1 H%2").arg(about.layer).arg(about.head);
        if (space->question.allSamples)
            text += tr(" · sample %1").arg(about.sample);
        auto* item = new QListWidgetItem(text, this);
        item->setData(Qt::UserRole, each.point);
    }
}

} // namespace sinkscope
