// SPDX-License-Identifier: Apache-2.0
#include "views/parameter_form.h"

#include "views/models/text_format.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSpinBox>

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

/// Enough decimals to tell a thousandth of the range, and the standard value, apart.
int decimalsFor(const ParameterSpec& spec) {
    int decimals = std::clamp(static_cast<int>(std::ceil(3 - std::log10(std::max(spec.high - spec.low, 1e-9)))), 1, 9);
    for (double scaled = spec.standard * std::pow(10.0, decimals); decimals < 9 && std::abs(scaled - std::round(scaled)) > 1e-6; ++decimals)
        scaled *= 10;
    return decimals;
}

} // namespace

ParameterForm::ParameterForm(std::string owner, std::span<const ParameterSpec> parameters, const ParameterValues& values, QWidget* parent)
    : QWidget(parent), m_owner(std::move(owner)) {
    auto* form = new QFormLayout(this);
    form->setContentsMargins(0, 0, 0, 0);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->setRowWrapPolicy(QFormLayout::WrapLongRows);
    for (const ParameterSpec& spec : parameters) {
        QWidget* editor = makeEditor(spec);
        editor->setObjectName(utf8Text(spec.id));
        editor->setAccessibleName(utf8Text(spec.title));
        auto* label = new QLabel(utf8Text(spec.title));
        label->setBuddy(editor);
        for (QWidget* widget : {editor, static_cast<QWidget*>(label)})
            widget->setToolTip(QStringLiteral("<p>%1</p>").arg(utf8Text(spec.explanation).toHtmlEscaped()));
        form->addRow(label, editor);
        m_rows.push_back({&spec, editor});
    }
    setValues(values);
}

QWidget* ParameterForm::makeEditor(const ParameterSpec& spec) {
    if (!spec.choices.empty()) {
        auto* box = new QComboBox;
        for (const std::string_view choice : spec.choices)
            box->addItem(utf8Text(choice));
        connect(box, &QComboBox::currentIndexChanged, this, &ParameterForm::changed);
        return box;
    }
    if (spec.integer) {
        auto* box = new QSpinBox;
        box->setRange(static_cast<int>(spec.low), static_cast<int>(std::min(spec.high, 2e9)));
        box->setKeyboardTracking(false);
        connect(box, &QSpinBox::valueChanged, this, &ParameterForm::changed);
        return box;
    }
    auto* box = new QDoubleSpinBox;
    box->setDecimals(decimalsFor(spec));
    box->setRange(spec.low, spec.high);
    box->setSingleStep(std::pow(10.0, std::floor(std::log10(std::max(spec.high - spec.low, 1e-9) / 20))));
    box->setKeyboardTracking(false);
    connect(box, &QDoubleSpinBox::valueChanged, this, &ParameterForm::changed);
    return box;
}

double ParameterForm::valueIn(const Row& row) {
    if (const auto* choices = qobject_cast<const QComboBox*>(row.editor))
        return choices->currentIndex();
    if (const auto* whole = qobject_cast<const QSpinBox*>(row.editor))
        return whole->value();
    return qobject_cast<const QDoubleSpinBox*>(row.editor)->value();
}

ParameterValues ParameterForm::values() const {
    ParameterValues values;
    for (const Row& row : m_rows)
        if (const double value = valueIn(row); std::abs(value - row.spec->standard) > 1e-12)
            values[m_owner + "." + std::string(row.spec->id)] = value;
    return values;
}

void ParameterForm::setValues(const ParameterValues& values) {
    {
        const QSignalBlocker quiet(this);
        for (const Row& row : m_rows) {
            const double value = valueOf(values, m_owner, *row.spec);
            if (auto* choices = qobject_cast<QComboBox*>(row.editor))
                choices->setCurrentIndex(static_cast<int>(value));
            else if (auto* whole = qobject_cast<QSpinBox*>(row.editor))
                whole->setValue(static_cast<int>(value));
            else
                qobject_cast<QDoubleSpinBox*>(row.editor)->setValue(value);
        }
    }
    Q_EMIT changed();
}

} // namespace sinkscope
