// SPDX-License-Identifier: Apache-2.0
#include "app/sweep_form.h"

#include "app/qt_text.h"
#include "core/corpus/bundled.h"
#include "core/session/sweep_variant.h"

#include <QAction>
#include <QComboBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>

namespace sinkscope {
namespace {

std::shared_ptr<const SampleSet> setOf(const std::vector<std::string>& texts) {
    auto set = std::make_shared<SampleSet>();
    set->title = "run";
    for (const std::string& text : texts)
        set->samples.push_back({.text = text});
    return set;
}

QWidget* withButton(QLineEdit* field, QPushButton* button) {
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(field, 1);
    layout->addWidget(button);
    return row;
}

} // namespace

SweepForm::SweepForm(const QString& model, std::vector<std::string> texts, QWidget* parent)
    : QWidget(parent), m_texts(std::move(texts)), m_models(new QListWidget), m_variants(new QListWidget), m_moreVariants(new QLineEdit), m_source(new QComboBox),
      m_samplePath(new QLineEdit), m_limit(new QSpinBox), m_output(new QLineEdit) {
    auto* form = new QFormLayout(this);
    form->setContentsMargins(0, 0, 0, 0);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->addRow(tr("&Models"), makeModels(model));
    addSampleRows(*form);
    form->addRow(tr("&Variants"), makeVariants());
    m_output->setObjectName(QStringLiteral("output"));
    m_output->setAccessibleName(tr("Output file"));
    m_output->setPlaceholderText(tr("A file of an interrupted sweep is continued"));
    auto* browse = new QPushButton(tr("Browse…"));
    connect(browse, &QPushButton::clicked, this, &SweepForm::chooseOutput);
    connect(m_output, &QLineEdit::textChanged, this, &SweepForm::changed);
    form->addRow(tr("&Output file"), withButton(m_output, browse));
}

QWidget* SweepForm::makeModels(const QString& model) {
    m_models->setObjectName(QStringLiteral("models"));
    m_models->setAccessibleName(tr("Models"));
    m_models->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_models->setTextElideMode(Qt::ElideLeft);
    m_models->setFixedHeight(m_models->fontMetrics().height() * 5);
    auto* page = new QWidget;
    auto* layout = new QHBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_models, 1);
    auto* buttons = new QVBoxLayout;
    auto* add = new QPushButton(tr("&Add…"));
    auto* remove = new QPushButton(tr("Remo&ve"));
    connect(add, &QPushButton::clicked, this, [this] { addModel(QFileDialog::getExistingDirectory(this, tr("Folder of a Model"))); });
    connect(remove, &QPushButton::clicked, this, [this] {
        qDeleteAll(m_models->selectedItems());
        Q_EMIT changed();
    });
    buttons->addWidget(add);
    buttons->addWidget(remove);
    buttons->addStretch(1);
    layout->addLayout(buttons);
    addModel(model);
    return page;
}

void SweepForm::addModel(const QString& path) {
    if (path.isEmpty() || !m_models->findItems(path, Qt::MatchExactly).isEmpty())
        return;
    auto* item = new QListWidgetItem(path, m_models);
    item->setToolTip(path);
    Q_EMIT changed();
}

void SweepForm::addSampleRows(QFormLayout& form) {
    m_source->setObjectName(QStringLiteral("source"));
    m_source->addItem(tr("Bundled: 500 sentences on mathematics, physics, chemistry and medicine"));
    m_source->addItem(m_texts.empty() ? tr("Texts of the run (none yet)") : tr("Texts of the run (%1)").arg(m_texts.size()));
    m_source->addItem(tr("A file or folder"));
    auto* browse = new QPushButton(tr("Browse…"));
    connect(browse, &QPushButton::clicked, this, &SweepForm::chooseSamples);
    m_samplePath->setAccessibleName(tr("Sample set"));
    m_samplePath->setPlaceholderText(tr("Text with a sample in every line, JSON lines, or a folder of text files"));
    QWidget* pathRow = withButton(m_samplePath, browse);
    m_limit->setObjectName(QStringLiteral("limit"));
    m_limit->setRange(0, 1'000'000);
    m_limit->setSpecialValueText(tr("all"));
    m_limit->setAccessibleName(tr("At most so many samples"));
    form.addRow(tr("&Samples"), m_source);
    form.addRow(QString(), pathRow);
    form.addRow(tr("At &most"), m_limit);
    pathRow->setEnabled(false);
    connect(m_source, &QComboBox::currentIndexChanged, this, [this, pathRow](int index) {
        pathRow->setEnabled(index == static_cast<int>(Source::File));
        Q_EMIT changed();
    });
    connect(m_samplePath, &QLineEdit::textChanged, this, &SweepForm::changed);
}

QWidget* SweepForm::makeVariants() {
    m_variants->setObjectName(QStringLiteral("variants"));
    m_variants->setAccessibleName(tr("Variants"));
    std::vector<std::string> ids{"intact", "bos=yes", "bos=no"};
    std::ranges::copy(variantProbes(), std::back_inserter(ids));
    for (const std::string& id : ids) {
        const auto variant = parseVariant(id);
        auto* item = new QListWidgetItem(variant ? QStringLiteral("%1 — %2").arg(fromUtf8(id), fromUtf8(variant->title)) : fromUtf8(id), m_variants);
        item->setData(Qt::UserRole, fromUtf8(id));
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
        item->setCheckState(id == "intact" ? Qt::Checked : Qt::Unchecked);
        if (variant && variant->probe)
            item->setToolTip(QStringLiteral("<p>%1</p>").arg(fromUtf8(variant->probe->explanation).toHtmlEscaped()));
    }
    m_variants->setFixedHeight(m_variants->sizeHintForRow(0) * static_cast<int>(ids.size()) + 6);
    connect(m_variants, &QListWidget::itemChanged, this, &SweepForm::changed);
    m_moreVariants->setAccessibleName(tr("More variants"));
    m_moreVariants->setObjectName(QStringLiteral("more"));
    m_moreVariants->setPlaceholderText(tr("More, with parameters, one after the other: rope_scaling:kind=ntk,factor=8"));
    connect(m_moreVariants, &QLineEdit::textChanged, this, &SweepForm::changed);
    auto* page = new QWidget;
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_variants);
    layout->addWidget(m_moreVariants);
    return page;
}

void SweepForm::chooseSamples() {
    if (const QString path = QFileDialog::getOpenFileName(this, tr("Sample Set"), {}, tr("Sample sets (*.txt *.jsonl *.json);;All files (*)")); !path.isEmpty())
        m_samplePath->setText(path);
}

void SweepForm::chooseOutput() {
    const QString path = QFileDialog::getSaveFileName(this, tr("Output of the Sweep"), m_output->text(), tr("Sweeps (*.h5)"), nullptr, QFileDialog::DontConfirmOverwrite);
    if (!path.isEmpty())
        m_output->setText(path);
}

std::vector<std::string> SweepForm::variants() const {
    std::vector<std::string> chosen;
    for (int row = 0; row < m_variants->count(); ++row)
        if (m_variants->item(row)->checkState() == Qt::Checked)
            chosen.push_back(m_variants->item(row)->data(Qt::UserRole).toString().toStdString());
    const QStringList more = m_moreVariants->text().split(QLatin1Char(' '), Qt::SkipEmptyParts);
    for (const QString& variant : more)
        chosen.push_back(variant.toStdString());
    return chosen;
}

QString SweepForm::output() const { return m_output->text().trimmed(); }

QString SweepForm::problem() const {
    if (m_models->count() == 0)
        return tr("Add a model.");
    const auto source = static_cast<Source>(m_source->currentIndex());
    if (source == Source::Run && m_texts.empty())
        return tr("There is no run whose texts could be taken.");
    if (source == Source::File && m_samplePath->text().trimmed().isEmpty())
        return tr("Choose a sample set.");
    const std::vector<std::string> chosen = variants();
    if (chosen.empty())
        return tr("Choose a variant.");
    for (const std::string& variant : chosen)
        if (const auto parsed = parseVariant(variant); !parsed)
            return fromUtf8(parsed.error().detail);
    return output().isEmpty() ? tr("Choose an output file.") : QString();
}

SweepForm::Maker SweepForm::maker() const {
    SweepRequest request;
    for (int row = 0; row < m_models->count(); ++row)
        request.models.push_back(toPath(m_models->item(row)->text()));
    request.variants = variants();
    request.output = toPath(output());
    return [request, source = static_cast<Source>(m_source->currentIndex()), path = toPath(m_samplePath->text().trimmed()), texts = m_texts,
            limit = static_cast<std::size_t>(m_limit->value())]() mutable -> Result<SweepRequest> {
        std::shared_ptr<const SampleSet> set;
        if (source == Source::Run) {
            set = setOf(texts);
        } else {
            const auto bundled = source == Source::Bundled ? bundledSampleSet("stem") : std::nullopt;
            if (source == Source::Bundled && !bundled)
                return Error{ErrorCode::FileNotFound, "the bundled sentences are not installed", "resources/corpus"};
            SINKSCOPE_TRY(set, openSampleSet(bundled.value_or(path)));
        }
        SINKSCOPE_TRY(request.samples, selectSamples(set, {.limit = limit}));
        return request;
    };
}

} // namespace sinkscope
