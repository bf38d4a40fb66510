// SPDX-License-Identifier: Apache-2.0
#include "views/frame_groups.h"

#include "core/analysis/group_results.h"
#include "core/analysis/verdict_text.h"
#include "views/frame_widgets.h"
#include "views/models/text_format.h"

#include <QComboBox>
#include <QGridLayout>
#include <QLabel>

#include <algorithm>

namespace sinkscope {
namespace {

constexpr std::size_t kMostRows = 40; ///< a file can give every sample a group of its own
constexpr int kNameLength = 24;

QLabel* label(const QString& text, bool muted) {
    auto* made = new QLabel(text);
    made->setTextFormat(Qt::PlainText);
    made->setProperty("muted", muted);
    return made;
}

Explanation explanationOf(const GroupResult& group) {
    Explanation explanation{.title = utf8Text(group.group), .value = kindTitle(group.verdict.kind), .reading = {}, .source = {}, .parameters = {}};
    for (const VerdictLine& line : verdictLines(group.verdict, group.context)) {
        if (line.name == "reasons")
            explanation.reading = utf8Text(line.text);
        else if (line.name != "frame")
            explanation.parameters.append({utf8Text(line.name), utf8Text(line.text)});
    }
    return explanation;
}

bool hasSubjects(const CaptureHeader& header) {
    return std::ranges::any_of(header.samples, [](const auto& sample) { return !sample->group.empty(); });
}

} // namespace

FrameGroups::FrameGroups(const ViewContext& context, QWidget* parent)
    : QWidget(parent), m_context(context), m_grouping(new QComboBox), m_rows(new QWidget), m_scale(label(tr("excess on anchors"), true)),
      m_more(label({}, true)) {
    m_grouping->setObjectName(QStringLiteral("frameGrouping"));
    m_grouping->setAccessibleName(tr("Groups of samples"));
    m_grouping->setToolTip(tr("The verdict once more for every group of samples: sinks depend on the length, so that a mean over all can hide what short and long texts do"));
    auto* head = new QHBoxLayout;
    head->addWidget(label(tr("Groups"), true));
    head->addWidget(m_grouping);
    head->addWidget(m_scale, 1);
    head->addStretch();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 4, 0, 0);
    layout->setSpacing(4);
    layout->addLayout(head);
    layout->addWidget(m_rows);
    layout->addWidget(m_more);
    m_rows->setObjectName(QStringLiteral("frameGroupRows"));
    m_more->hide();
    connect(m_grouping, &QComboBox::activated, this, [this] {
        m_isChosen = true;
        request();
    });
    hide();
}

void FrameGroups::setAnalysis(std::shared_ptr<const AnalysisResult> analysis) {
    const CaptureHeader* header = m_context.session.header();
    m_analysis = std::move(analysis);
    setVisible(m_analysis && header && header->samples.size() > 1);
    m_job.cancel();
    if (!m_analysis || !header)
        return show({});
    offerGroupings(*header);
    request();
}

void FrameGroups::offerGroupings(const CaptureHeader& header) {
    const bool subjects = hasSubjects(header);
    const int before = m_isChosen ? m_grouping->currentData().toInt() : static_cast<int>(subjects ? TableGrouping::Group : TableGrouping::None);
    m_grouping->clear();
    m_grouping->addItem(tr("None"), static_cast<int>(TableGrouping::None));
    if (subjects)
        m_grouping->addItem(tr("By subject"), static_cast<int>(TableGrouping::Group));
    m_grouping->addItem(tr("By length"), static_cast<int>(TableGrouping::Length));
    m_grouping->setCurrentIndex(std::max(0, m_grouping->findData(before)));
}

void FrameGroups::request() {
    const auto grouping = static_cast<TableGrouping>(m_grouping->currentData().toInt());
    if (grouping == TableGrouping::None || !isVisibleTo(parentWidget())) {
        m_job.cancel();
        return show({});
    }
    m_job.run(
        m_context.jobs, this,
        [analysis = m_analysis, capture = m_context.session.capture(), grouping](JobContext&) -> Result<std::vector<GroupResult>> {
            return groupVerdicts(*analysis, capture->header(), groupsOf(capture->header(), grouping));
        },
        [this](Result<std::vector<GroupResult>> groups) {
            if (groups)
                show(*std::move(groups));
        });
}

void FrameGroups::show(std::vector<GroupResult> groups) {
    m_groups = std::move(groups);
    delete m_rows->layout();
    qDeleteAll(m_rows->findChildren<QWidget*>(Qt::FindDirectChildrenOnly));
    auto* grid = new QGridLayout(m_rows);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(8);
    grid->setVerticalSpacing(0);
    grid->setColumnStretch(1, 1);
    const std::size_t shown = std::min(m_groups.size(), kMostRows);
    const int height = std::max(23, fontMetrics().height() + 5);
    m_rows->setFixedHeight(static_cast<int>(shown) * height);
    for (std::size_t i = 0; i < shown; ++i) {
        grid->setRowMinimumHeight(static_cast<int>(i), height);
        addRow(*grid, static_cast<int>(i), m_groups[i]);
    }
    m_scale->setVisible(shown > 0);
    m_more->setVisible(shown < m_groups.size());
    m_more->setText(tr("and %n more", nullptr, static_cast<int>(m_groups.size() - shown)));
}

void FrameGroups::addRow(QGridLayout& grid, int row, const GroupResult& group) {
    const FrameVerdict& verdict = group.verdict;
    const bool isEnough = verdict.excess.samples > 0;
    auto* name = label(shortened(utf8Text(group.group), kNameLength), false);
    name->setToolTip(utf8Text(group.group));
    grid.addWidget(name, row, 0);
    if (isEnough) {
        FrameEvidenceRow scale{.title = tr("Excess on anchors"), .estimate = verdict.excess, .threshold = verdict.thresholds.spread, .chance = {},
                               .percent = true, .decides = true, .explanation = {}};
        grid.addWidget(new EvidenceScale(m_context.theme, std::move(scale)), row, 1);
    }
    grid.addWidget(label(kindTitle(verdict.kind), !isEnough), row, 2);
    auto* count = label(tr("n = %1").arg(group.context.samples), true);
    count->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    count->setToolTip(utf8Text(textOf(group.context)));
    grid.addWidget(count, row, 3);
    auto* explain = new ExplainButton;
    explain->setExplanation(explanationOf(group));
    grid.addWidget(explain, row, 4);
}

} // namespace sinkscope
