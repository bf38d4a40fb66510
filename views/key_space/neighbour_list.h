// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/vtk/key_space_quality.h"

#include <QListWidget>

namespace sinkscope {

/// The nearest of the selected point by its vector, with their distances. Thread: gui.
class NeighbourList : public QListWidget {
    Q_OBJECT
public:
    explicit NeighbourList(QWidget* parent = nullptr);
    void show(const KeySpaceData* space, int point, const std::vector<KeySpaceNeighbour>& neighbours);

Q_SIGNALS:
    void chosen(int point);
};

} // namespace sinkscope
