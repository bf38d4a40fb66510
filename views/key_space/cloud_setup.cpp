// SPDX-License-Identifier: Apache-2.0
#include "views/key_space/cloud_setup.h"

#include <QScopedValueRollback>
#include <QStandardItemModel>

namespace sinkscope {

CloudSetup::CloudSetup(QWidget* parent)
    : QWidget(parent), m_layout(new QVBoxLayout(this)), m_form(new QFormLayout), m_alignLayer(new QSpinBox), m_mostPoints(new QSpinBox),
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
    m_alignment = addChoice(tr("Alignment"), {tr("none"), tr("to a layer"), tr("one basis for all layers")},
                            tr("Aligned pictures keep their directions from layer to layer, so that points move instead of being replaced"));
    m_form->addRow(tr("to layer"), m_alignLayer);
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
    for (QSpinBox* box : {m_alignLayer, m_mostPoints}) {
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
    enableRows();
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
    const bool pca = projection() == "pca", oneLayer = m_scope->currentIndex() != static_cast<int>(KeySpaceScope::AllLayers);
    m_alignment->setEnabled(oneLayer);
    if (auto* items = qobject_cast<QStandardItemModel*>(m_alignment->model()))
        items->item(static_cast<int>(KeySpaceAlignment::Joint))->setEnabled(pca); // one basis is one of principal components
    if (!pca && alignment() == KeySpaceAlignment::Joint)
        m_alignment->setCurrentIndex(static_cast<int>(KeySpaceAlignment::ToLayer));
    m_alignLayer->setEnabled(oneLayer && alignment() == KeySpaceAlignment::ToLayer);
}

std::string CloudSetup::projection() const {
    const auto all = projections();
    const auto index = static_cast<std::size_t>(std::max(0, m_projection->currentIndex()));
    return index < all.size() ? std::string(all[index]->id) : std::string("pca");
}

KeySpaceAlignment CloudSetup::alignment() const { return static_cast<KeySpaceAlignment>(std::max(0, m_alignment->currentIndex())); }

void CloudSetup::setAlignment(KeySpaceAlignment alignment) { m_alignment->setCurrentIndex(static_cast<int>(alignment)); }

void CloudSetup::setLayers(int layers) {
    const QScopedValueRollback guard(m_setting, true);
    m_alignLayer->setRange(0, std::max(0, layers - 1));
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
    question.alignLayer = m_alignLayer->value();
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
    m_alignLayer->setValue(question.alignLayer);
    m_mostPoints->setValue(static_cast<int>(question.maxPoints));
    enableRows();
}

} // namespace sinkscope
