// SPDX-License-Identifier: Apache-2.0
#include "app/figure_dialog.h"

#include "app/qt_text.h"
#include "views/charts/depth_chart.h"
#include "views/metric_menu.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QDialogButtonBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QJsonArray>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace sinkscope {
namespace {

constexpr int kPreviewWidth = 520;

struct Venue {
    const char* name;
    double widthMm, fontPt;
};
/// One column and full widths of where such figures go.
constexpr Venue kVenues[] = {{QT_TRANSLATE_NOOP("Venues", "Free width"), 140, 8},
                             {"NeurIPS, ICLR", 139.7, 9},
                             {"ICML, AISTATS · column", 82.6, 8},
                             {"ICML, AISTATS · full", 171.5, 8},
                             {"ACL · column", 77, 8},
                             {"ACL · full", 160, 9},
                             {"AAAI · column", 83.8, 8},
                             {"CVPR · column", 82.6, 8},
                             {"CVPR · full", 174.6, 9},
                             {"TMLR", 165.1, 9},
                             {"JMLR", 152.4, 9},
                             {"IEEE · column", 83.8, 8},
                             {"Nature · column", 83.8, 7}};

const FigureSpec* figureOf(const QJsonObject& recipe) {
    for (const FigureSpec* figure : figures())
        if (recipe.value(QLatin1String("figure")).toString() == QLatin1String(figure->id))
            return figure;
    return nullptr;
}

bool isRasterOnly(const QJsonObject& recipe) {
    const FigureSpec* figure = figureOf(recipe);
    return figure && figure->rasterOnly;
}

/// What a recipe names, or what the figure takes by itself.
std::vector<const MetricSpec*> metricsIn(const QJsonObject& recipe, const FigureSpec& figure) {
    std::vector<const MetricSpec*> chosen;
    const auto add = [&](const QString& id) {
        if (const MetricSpec* metric = findMetric(id.toStdString()))
            chosen.push_back(metric);
    };
    if (figure.metrics == FigureMetrics::One) {
        add(recipe.value(QLatin1String("metric")).toString(QStringLiteral("received_first")));
    } else {
        const QJsonArray ids = recipe.value(QLatin1String("metrics")).toArray();
        for (const QJsonValue& id : ids)
            add(id.toString());
    }
    return chosen.empty() && figure.metrics == FigureMetrics::Several ? defaultDepthMetrics() : chosen;
}

QString titlesOf(const std::vector<const MetricSpec*>& metrics) {
    return metrics.size() == 1 ? fromUtf8(metrics.front()->title) : FigureDialog::tr("%n metrics", nullptr, static_cast<int>(metrics.size()));
}

QDoubleSpinBox* spin(double low, double high, double value, const QString& suffix) {
    auto* box = new QDoubleSpinBox;
    box->setRange(low, high);
    box->setDecimals(1);
    box->setValue(value);
    box->setSuffix(suffix);
    return box;
}

} // namespace

FigureDialog::FigureDialog(QJsonObject recipe, std::shared_ptr<CaptureSource> capture,
                           std::shared_ptr<const AnalysisResult> analysis, JobBridge& jobs, const QString& folder, QWidget* parent)
    : QDialog(parent), m_recipe(std::move(recipe)), m_capture(std::move(capture)), m_analysis(std::move(analysis)), m_jobs(jobs), m_venue(new QComboBox),
      m_width(spin(20, 600, 140, tr(" mm"))), m_font(spin(4, 24, 8, tr(" pt"))), m_format(new QComboBox), m_dpi(spin(36, 1200, 300, tr(" dpi"))),
      m_path(new QLineEdit), m_preview(new QLabel) {
    setWindowTitle(tr("Export a figure"));
    for (const Venue& venue : kVenues)
        m_venue->addItem(QCoreApplication::translate("Venues", venue.name));
    if (!isRasterOnly(m_recipe))
        m_format->addItems({QStringLiteral("pdf"), QStringLiteral("svg")});
    m_format->addItem(QStringLiteral("png"));
    if (const FigureSpec* figure = figureOf(m_recipe); figure && figure->csv)
        m_format->addItem(QStringLiteral("csv"));
    m_format->addItem(QStringLiteral("json"));
    m_path->setText(QDir(folder).absoluteFilePath(m_recipe.value(QLatin1String("figure")).toString() + QLatin1Char('.') + m_format->currentText()));
    auto* browse = new QPushButton(tr("Choose…"));
    auto* form = new QFormLayout;
    addMetricChoice(*form);
    form->addRow(tr("Venue"), m_venue);
    form->addRow(tr("Width"), m_width);
    form->addRow(tr("Type size"), m_font);
    form->addRow(tr("Format"), m_format);
    form->addRow(tr("Resolution of images"), m_dpi);
    auto* pathRow = new QHBoxLayout;
    pathRow->addWidget(m_path, 1);
    pathRow->addWidget(browse);
    form->addRow(tr("File"), pathRow);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Save | QDialogButtonBox::Cancel);
    m_preview->setAlignment(Qt::AlignCenter);
    m_preview->setMinimumSize(kPreviewWidth, 360);
    m_preview->setAccessibleName(tr("Preview"));
    auto* side = new QVBoxLayout;
    side->addLayout(form);
    side->addStretch(1);
    side->addWidget(buttons);
    auto* layout = new QHBoxLayout(this);
    layout->addWidget(m_preview, 1);
    layout->addLayout(side);

    m_debounce.setSingleShot(true);
    m_debounce.setInterval(150);
    connect(&m_debounce, &QTimer::timeout, this, &FigureDialog::refresh);
    connect(m_venue, &QComboBox::activated, this, &FigureDialog::chooseVenue);
    for (QDoubleSpinBox* box : {m_width, m_font, m_dpi})
        connect(box, &QDoubleSpinBox::valueChanged, &m_debounce, qOverload<>(&QTimer::start));
    connect(m_format, &QComboBox::currentTextChanged, this, [this](const QString& format) {
        const qsizetype dot = m_path->text().lastIndexOf(QLatin1Char('.'));
        m_path->setText((dot < 0 ? m_path->text() : m_path->text().left(dot)) + QLatin1Char('.') + format);
    });
    connect(browse, &QPushButton::clicked, this, &FigureDialog::choosePath);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    refresh();
}

/// For figures that show metrics: any of them.
void FigureDialog::addMetricChoice(QFormLayout& form) {
    const FigureSpec* figure = figureOf(m_recipe);
    if (!figure || figure->metrics == FigureMetrics::None)
        return;
    const bool several = figure->metrics == FigureMetrics::Several;
    auto* menu = new MetricMenu(several ? MetricMenu::Choice::Several : MetricMenu::Choice::One, metricsIn(m_recipe, *figure), this);
    auto* button = new QPushButton(titlesOf(menu->chosen()));
    button->setMenu(menu);
    form.addRow(several ? tr("Metrics") : tr("Metric"), button);
    connect(menu, &MetricMenu::changed, this, [this, menu, button, several] {
        if (menu->chosen().empty())
            return;
        button->setText(titlesOf(menu->chosen()));
        QJsonArray ids;
        for (const MetricSpec* metric : menu->chosen())
            ids.append(fromUtf8(metric->id));
        m_recipe.insert(several ? QStringLiteral("metrics") : QStringLiteral("metric"), several ? QJsonValue(ids) : ids.first());
        m_debounce.start();
    });
}

QJsonObject FigureDialog::recipe() const {
    QJsonObject recipe = m_recipe;
    recipe.insert(QStringLiteral("width_mm"), m_width->value());
    recipe.insert(QStringLiteral("font_pt"), m_font->value());
    recipe.insert(QStringLiteral("dpi"), m_dpi->value());
    return recipe;
}

QString FigureDialog::outputPath() const { return m_path->text(); }

void FigureDialog::chooseVenue(int index) {
    m_width->setValue(kVenues[index].widthMm);
    m_font->setValue(kVenues[index].fontPt);
}

void FigureDialog::choosePath() {
    const QString path = QFileDialog::getSaveFileName(this, tr("Write the figure to"), m_path->text());
    if (!path.isEmpty())
        m_path->setText(path);
}

/// Draws the figure through the same code as the file, without one.
void FigureDialog::refresh() {
    using Data = std::shared_ptr<const FigureData>;
    m_isReady = false;
    QJsonObject preview = recipe();
    preview.insert(QStringLiteral("dpi"), std::clamp(kPreviewWidth * devicePixelRatioF() * 25.4 / m_width->value(), 36.0, 300.0));
    m_jobs.run<Data>(
        this, Strand::Store, [preview, capture = m_capture, analysis = m_analysis](JobContext&) -> Result<Data> { return prepareFigure(preview, capture, analysis); },
        [this, generation = ++m_generation](const Result<Data>& prepared) {
            if (generation != m_generation)
                return;
            if (!prepared) {
                m_preview->setText(fromUtf8(describe(prepared.error())));
                return;
            }
            QPixmap image = QPixmap::fromImage(drawFigure(**prepared, (QSizeF(m_preview->size()) * devicePixelRatioF()).toSize()));
            image.setDevicePixelRatio(devicePixelRatioF());
            m_preview->setPixmap(image);
            m_isReady = true;
        });
}

} // namespace sinkscope
