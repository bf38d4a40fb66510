// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/view_spec.h"

namespace sinkscope {

/// Says when the tensor that a panel shows is another one. A panel that nobody sees (another tab is in front) is told once it is shown, so that
/// nothing is read for it. Thread: gui.
class TensorFollower : public QObject {
    Q_OBJECT
public:
    TensorFollower(const ViewContext& context, QWidget* panel);

    /// Null when no checkpoint is open.
    [[nodiscard]] std::shared_ptr<const LoadedModel> model() const { return m_context.session.model(); }
    /// The selected tensor; null when there is none, or when it is not in the checkpoint that is open. Lives as long as `model()`.
    [[nodiscard]] const TensorInfo* tensor() const;
    /// "layer 3 query weight"; empty when it is not known.
    [[nodiscard]] QString placeText() const;

Q_SIGNALS:
    void changed();

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void outdate();
    void catchUp();
    ViewContext m_context;
    QWidget* m_panel;
    bool m_isOutdated = false; ///< while hidden
};

} // namespace sinkscope
