// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/seen_follower.h"
#include "views/view_spec.h"

namespace sinkscope {

/// Follows the selected tensor: out of date when another one is chosen or another checkpoint is opened. Thread: gui.
class TensorFollower : public SeenFollower {
    Q_OBJECT
public:
    TensorFollower(const ViewContext& context, QWidget* panel);

    /// Null when no checkpoint is open.
    [[nodiscard]] std::shared_ptr<const LoadedModel> model() const { return m_context.session.model(); }
    /// The selected tensor; null when there is none, or when it is not in the checkpoint that is open. Lives as long as `model()`.
    [[nodiscard]] const TensorInfo* tensor() const;
    /// "layer 3 query weight"; empty when it is not known.
    [[nodiscard]] QString placeText() const;

private:
    ViewContext m_context;
};

} // namespace sinkscope
