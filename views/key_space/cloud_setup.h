// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/parameter_form.h"
#include "views/vtk/key_space_data.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QSpinBox>
#include <QVBoxLayout>
#include <QWidget>

namespace sinkscope {

/// The form that says which vectors make up a cloud and how they become a picture. Thread: gui.
class CloudSetup : public QWidget {
    Q_OBJECT
public:
    explicit CloudSetup(QWidget* parent = nullptr);

    /// What was chosen, put into a question.
    void applyTo(KeySpaceQuestion& question) const;
    /// Shows the choices of a question.
    void setQuestion(const KeySpaceQuestion& question);
    /// Along what pictures follow each other, and how many there are.
    void setAxis(KeySpaceAxis axis, int steps);
    void setAlignment(KeySpaceAlignment alignment);
    [[nodiscard]] KeySpaceAlignment alignment() const;
    [[nodiscard]] std::string projection() const;

Q_SIGNALS:
    void changed();

private:
    void rebuildParameters(const ParameterValues& values);
    void enableRows();
    QComboBox* addChoice(const QString& title, const QStringList& choices, const QString& explanation);

    QVBoxLayout* m_layout;
    QFormLayout* m_form;
    QComboBox *m_projection, *m_scope, *m_samples, *m_rotary, *m_alignment, *m_scaling;
    QLabel* m_alignLabel;
    QSpinBox *m_alignTo, *m_clusters, *m_mostPoints;
    QCheckBox* m_match;
    ParameterForm* m_parameters = nullptr;
    KeySpaceAxis m_axis = KeySpaceAxis::Layers;
    bool m_setting = false;
};

} // namespace sinkscope
