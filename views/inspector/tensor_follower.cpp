// SPDX-License-Identifier: Apache-2.0
#include "views/inspector/tensor_follower.h"

#include "core/inspect/tensor_places.h"
#include "views/models/text_format.h"

namespace sinkscope {

TensorFollower::TensorFollower(const ViewContext& context, QWidget* panel) : SeenFollower(panel), m_context(context) {
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

} // namespace sinkscope
