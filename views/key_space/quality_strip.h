// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/vtk/key_space_quality.h"

#include <QLabel>

namespace sinkscope {

/// How far a picture can be trusted, in one line: what fits of it, all of it in the tooltip. Thread: gui.
class QualityStrip : public QLabel {
    Q_OBJECT
public:
    explicit QualityStrip(QWidget* parent = nullptr);
    /// `quality` may be null: it is still being computed.
    void show(const KeySpaceData& space, const KeySpaceQuality* quality);
    void clear();
    [[nodiscard]] QSize minimumSizeHint() const override { return {40, QLabel::minimumSizeHint().height()}; }

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void fit();
    QStringList m_parts;
};

} // namespace sinkscope
