// SPDX-License-Identifier: Apache-2.0
#include "views/key_space/cloud_setup.h"

#include <QScopedValueRollback>
#include <QStandardItemModel>

namespace sinkscope {

CloudSetup::CloudSetup(QWidget* parent)
    : QWidget(parent), m_layout(new QVBoxLayout(this)), m_form(new QFormLayout), m_alignLabel(new QLabel), m_alignTo(new QSpinBox),
      m_clusters(new QSpinBox), m_mostPoints(new QSpinBox),
      m_match(new QCheckBox(tr("Distances reflect dot products"))) {
    m_layout->setContentsMargins(14, 12, 14, 12);
    m_layout->addLayout(m_form);
    m_form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    QStringList titles;
    for (const ProjectionSpec* spec : projections())
        titles << QString::fromUtf8(spec->title.data(), static_cast<qsizetype>(spec->title.size()));
    m_projection = addChoice(tr("Projection"), titles, tr("How the vectors become three numbers"));
    m_scope = addChoice(tr("Vectors of"), {tr("the head"), tr("the key/value group"), tr("the layer"), tr("all layers")}, tr("What goes into one cloud"));
    m_samples = addChoice(tr("Samples"), {tr("this one"), tr("all")}, tr("Whose tokens are shown"));
    m_rotary = addChoice(tr("Rotary position"), {tr("after"), tr("before")}, tr("Queries and keys as they enter the dot product, or before the rotation by position"));
    m_form->addRow(QString(), m_match);
    m_match->setToolTip(tr("Keys and queries are moved and scaled so that near means a large dot product; what that leaves out is said in the picture"));
    m_scaling = addChoice(tr("Scaling"), {tr("none"), tr("robust: draw in outliers"), tr("log radius")}, tr("What is done to the vectors before they are projected"));
    m_alignment = addChoice(tr("Alignment"), {tr("none"), tr("to one of them"), tr("one basis for all")},
                            tr("Aligned pictures keep their directions from step to step of the slider, so that points move instead of being replaced"));
    m_alignLabel->setBuddy(m_alignTo);
    m_form->addRow(m_alignLabel, m_alignTo);
    m_clusters->setRange(2, 24);
    m_clusters->setValue(6);
    m_clusters->setToolTip(tr("Groups of near vectors (k-means), for colour and shape by cluster"));
    m_form->addRow(tr("Clusters"), m_clusters);
    m_mostPoints->setRange(100, 2000000);
    m_mostPoints->setSingleStep(10000);
    m_mostPoints->setValue(static_cast<int>(KeySpaceQuestion::kMostPoints));
    m_mostPoints->setGroupSeparatorShown(true);
    m_mostPoints->setToolTip(tr("Above this a sample is drawn from every layer, head and text; every sink stays"));
    m_form->addRow(tr("At most points"), m_mostPoints);
    connect(m_projection, &QComboBox::currentIndexChanged, this, [this] {
        rebuildParameters({});
        enableRows();
    });
    for (QComboBox* box : {m_projection, m_scope, m_samples, m_rotary, m_scaling, m_alignment})
        connect(box, &QComboBox::currentIndexChanged, this, [this] {
            enableRows();
            if (!m_setting)
                Q_EMIT changed();
        });
    for (QSpinBox* box : {m_alignTo, m_clusters, m_mostPoints}) {
        box->setKeyboardTracking(false);
        connect(box, &QSpinBox::valueChanged, this, [this] {
            if (!m_setting)
                Q_EMIT changed();
        });
    }
    connect(m_match, &QCheckBox::toggled, this, [this] {
        if (!m_setting)
            Q_EMIT changed();
    });
    const QScopedValueRollback guard(m_setting, true);
    for (int i = 0; i < static_cast<int>(projections().size()); ++i)
        if (projections()[static_cast<std::size_t>(i)]->id == "pca")
            m_projection->setCurrentIndex(i);
    rebuildParameters({});
    setAxis(KeySpaceAxis::Layers, 1);
}

QComboBox* CloudSetup::addChoice(const QString& title, const QStringList& choices, const QString& explanation) {
    auto* box = new QComboBox;
    box->addItems(choices);
    box->setToolTip(explanation);
    box->setAccessibleName(title);
    m_form->addRow(title, box);
    return box;
}

void CloudSetup::rebuildParameters(const ParameterValues& values) {
    delete m_parameters;
    m_parameters = nullptr;
    const ProjectionSpec* spec = findProjection(projection());
    if (!spec || spec->parameters.empty())
        return;
    m_parameters = new ParameterForm(std::string(spec->id), spec->parameters, values);
    m_layout->addWidget(m_parameters);
    connect(m_parameters, &ParameterForm::changed, this, &CloudSetup::changed);
    adjustSize();
}

void CloudSetup::enableRows() {
    const bool pca = projection() == "pca";
    const auto scope = static_cast<KeySpaceScope>(std::max(0, m_scope->currentIndex()));
    const bool follows = m_axis == KeySpaceAxis::Runs || (m_axis == KeySpaceAxis::Layers ? scope != KeySpaceScope::AllLayers
                                                                                        : scope == KeySpaceScope::Head || scope == KeySpaceScope::Group);
    m_alignment->setEnabled(follows);
    if (auto* items = qobject_cast<QStandardItemModel*>(m_alignment->model()))
        items->item(static_cast<int>(KeySpaceAlignment::Joint))->setEnabled(pca); // one basis is one of principal components
    if (!pca && alignment() == KeySpaceAlignment::Joint)
        m_alignment->setCurrentIndex(static_cast<int>(KeySpaceAlignment::ToOne));
    m_alignTo->setEnabled(follows && alignment() == KeySpaceAlignment::ToOne);
}

std::string CloudSetup::projection() const {
    const auto all = projections();
    const auto index = static_cast<std::size_t>(std::max(0, m_projection->currentIndex()));
    return index < all.size() ? std::string(all[index]->id) : std::string("pca");
}

KeySpaceAlignment CloudSetup::alignment() const { return static_cast<KeySpaceAlignment>(std::max(0, m_alignment->currentIndex())); }

void CloudSetup::setAlignment(KeySpaceAlignment alignment) { m_alignment->setCurrentIndex(static_cast<int>(alignment)); }

void CloudSetup::setAxis(KeySpaceAxis axis, int steps) {
    const QScopedValueRollback guard(m_setting, true);
    const bool counted = axis == KeySpaceAxis::Runs; // people count runs from 1, as the slider does
    if (axis != m_axis)
        m_alignTo->setValue(0);
    m_axis = axis;
    m_alignTo->setRange(counted ? 1 : 0, std::max(1, steps) - (counted ? 0 : 1));
    m_alignLabel->setText(axis == KeySpaceAxis::Layers ? tr("to layer") : axis == KeySpaceAxis::Heads ? tr("to head") : tr("to run"));
    enableRows();
}

void CloudSetup::applyTo(KeySpaceQuestion& question) const {
    question.projection = projection();
    question.parameters = m_parameters ? m_parameters->values() : ParameterValues{};
    question.scope = static_cast<KeySpaceScope>(std::max(0, m_scope->currentIndex()));
    question.allSamples = m_samples->currentIndex() == 1;
    question.beforeRotary = m_rotary->currentIndex() == 1;
    question.matchDotProducts = m_match->isChecked();
    question.scaling = static_cast<CloudScaling>(std::max(0, m_scaling->currentIndex()));
    question.alignment = alignment();
    question.axis = m_axis;
    question.alignTo = m_alignTo->value() - m_alignTo->minimum();
    question.clusters = m_clusters->value();
    question.maxPoints = m_mostPoints->value();
}

void CloudSetup::setQuestion(const KeySpaceQuestion& question) {
    const QScopedValueRollback guard(m_setting, true);
    const auto all = projections();
    for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i]->id == question.projection)
            m_projection->setCurrentIndex(static_cast<int>(i));
    rebuildParameters(question.parameters);
    m_scope->setCurrentIndex(static_cast<int>(question.scope));
    m_samples->setCurrentIndex(question.allSamples ? 1 : 0);
    m_rotary->setCurrentIndex(question.beforeRotary ? 1 : 0);
    m_match->setChecked(question.matchDotProducts);
    m_scaling->setCurrentIndex(static_cast<int>(question.scaling));
    m_alignment->setCurrentIndex(static_cast<int>(question.alignment));
    m_alignTo->setValue(question.alignTo + m_alignTo->minimum());
    if (question.clusters > 0)
        m_clusters->setValue(question.clusters);
    m_mostPoints->setValue(static_cast<int>(question.maxPoints));
    enableRows();
}

} // namespace sinkscope
