// SPDX-License-Identifier: Apache-2.0
#include "core/inspect/leading_singular_values.h"
#include "views/head_follower.h"
#include "views/inspector/number_list.h"
#include "views/inspector/tensor_follower.h"
#include "views/inspector/tensor_tree_model.h"
#include "views/models/text_format.h"
#include "views/painted_view.h"
#include "views/paint/tensor_plots.h"
#include "views/panel_frame.h"

#include <QAction>
#include <QActionGroup>
#include <QCursor>
#include <QSplitter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace sinkscope {
namespace {

constexpr int kBins = 101;                                      ///< odd, so that zero of a symmetric weight has a bar of its own
constexpr std::size_t kSingularValues = 8;
constexpr std::size_t kFreely = std::size_t(256) << 20U;        ///< bytes that are read without asking
constexpr std::size_t kSingularFreely = std::size_t(1) << 24U;  ///< elements whose singular values are computed without asking
constexpr std::size_t kSpectrumFreely = 512;                    ///< smaller side whose spectrum is computed without asking

/// Numbers of the selected tensor at full size: statistics and histogram, or the spectrum beside that of a random matrix. Large ones wait for a
/// click.
class TensorStatisticsPanel : public PanelFrame {
    Q_OBJECT
public:
    TensorStatisticsPanel(const ViewContext& context, QWidget* parent)
        : PanelFrame(tr("Tensor"), parent), m_context(context), m_tensor(context, this), m_numbers(new NumberList), m_view(new PaintedView(context.theme)) {
        auto* split = new QSplitter(Qt::Horizontal);
        split->setChildrenCollapsible(false);
        split->addWidget(m_numbers);
        split->addWidget(m_view);
        split->setStretchFactor(0, 2);
        split->setStretchFactor(1, 5);
        split->setSizes({280, 620});
        m_view->setHint({500, 200});
        setContent(split);
        addMenus();
        m_view->setPaint([this](QPainter& painter, const QRectF& area) {
            if (!m_bars.counts.empty())
                paintBars(painter, area, layoutBars(area, m_bars, m_context.theme.smallFont), m_bars, m_context.theme.smallFont, m_context.theme);
        });
        m_view->setOnKey([this](int key) { return onKey(key); });
        connect(m_view, &PaintedView::hovered, this, [this](QPointF position) {
            hover(m_bars.counts.empty() ? -1 : barAt(layoutBars(QRectF(m_view->rect()), m_bars, m_context.theme.smallFont), m_bars, position), true);
        });
        connect(m_view, &PaintedView::left, this, [this] { hover(-1, true); });
        connect(m_numbers, &NumberList::askedFor, this, &TensorStatisticsPanel::computeAsked);
        connect(&m_tensor, &TensorFollower::changed, this, &TensorStatisticsPanel::reload);
        connect(&context.themeNotifier, &ThemeNotifier::themeChanged, m_view, qOverload<>(&QWidget::update));
        reload();
    }

private:
    void addMenus() {
        auto* kinds = new QActionGroup(this);
        for (const bool spectrum : {false, true}) {
            QAction* action = kinds->addAction(spectrum ? tr("Spectrum") : tr("Histogram"));
            action->setCheckable(true);
            action->setChecked(spectrum == m_showsSpectrum);
            connect(action, &QAction::triggered, this, [this, spectrum] {
                m_showsSpectrum = spectrum;
                reload();
            });
        }
        addChoice(tr("What is shown"), kinds);
        m_log = new QAction(tr("Log"), this);
        m_log->setToolTip(tr("Counts on a logarithmic scale, which shows the tails"));
        m_log->setCheckable(true);
        m_log->setChecked(true);
        connect(m_log, &QAction::toggled, this, &TensorStatisticsPanel::draw);
        addButton(m_log);
    }

    void reload() {
        m_profileJob.cancel();
        m_singularJob.cancel();
        m_spectrumJob.cancel();
        m_model = m_tensor.model();
        const TensorInfo* tensor = m_tensor.tensor();
        if (tensor != m_shown || m_shownModel != m_model) {
            m_profile.reset();
            m_spectrum.reset();
            m_singular.reset();
            m_shown = tensor;
            m_shownModel = m_model;
        }
        m_problem.clear();
        if (!tensor) {
            setTitle(tr("Tensor"));
            setEmptyText(tr("No tensor chosen"), m_model ? tr("Choose one in the list of tensors to see its statistics, histogram and spectrum.")
                                                         : tr("Open a checkpoint and choose a tensor."));
            draw();
            return setEmpty(true);
        }
        const QString place = m_tensor.placeText();
        setTitle(tr("Tensor — %1").arg(place.isEmpty() ? utf8Text(tensor->name) : place));
        setEmpty(false);
        if (m_showsSpectrum) {
            m_problem = QString::fromStdString(spectrumObstacle(*tensor, {}));
            const auto side = tensor->shape.size() == 2 ? static_cast<std::size_t>(std::min(tensor->shape[0], tensor->shape[1])) : 0;
            if (!m_spectrum && m_problem.isEmpty() && side <= kSpectrumFreely && tensor->bytes.size() <= kFreely)
                computeSpectrum();
        } else {
            if (!m_profile && tensor->bytes.size() <= kFreely)
                computeProfile();
            if (!m_singular && singularObstacle(*tensor).empty() && static_cast<std::size_t>(tensor->shape[0] * tensor->shape[1]) <= kSingularFreely)
                computeSingular();
        }
        draw();
    }

    template <typename Value, typename Work> void compute(LatestJob<std::shared_ptr<const Value>>& job, std::shared_ptr<const Value>& into, const QString& what, Work work) {
        const TensorInfo* tensor = m_tensor.tensor();
        m_numbers->showProgress(what, 0);
        job.run(
            m_context.jobs, this,
            [model = m_model, tensor, work](JobContext& context) -> Result<std::shared_ptr<const Value>> {
                SINKSCOPE_TRY(Value value, work(*tensor, context));
                return std::make_shared<const Value>(std::move(value));
            },
            [this, &into, what](const Result<std::shared_ptr<const Value>>& value) {
                m_numbers->endProgress(what);
                if (value)
                    into = *value;
                else
                    m_problem = QString::fromStdString(describe(value.error()));
                draw();
            },
            Strand::Free, [this, what](double fraction, const QString&) { m_numbers->showProgress(what, fraction); });
    }

    void computeProfile() {
        compute(m_profileJob, m_profile, tr("statistics"), [](const TensorInfo& tensor, JobContext& context) { return tensorProfile(tensor, kBins, context); });
    }
    void computeSingular() {
        compute(m_singularJob, m_singular, tr("singular values"),
                [](const TensorInfo& tensor, JobContext& context) { return leadingSingularValues(tensor, kSingularValues, context); });
    }
    void computeSpectrum() {
        compute(m_spectrumJob, m_spectrum, tr("spectrum"), [](const TensorInfo& tensor, JobContext& context) { return weightSpectrum(tensor, {}, context); });
    }

    void computeAsked(const QString& id) {
        if (id == QStringLiteral("statistics"))
            computeProfile();
        else if (id == QStringLiteral("singular"))
            computeSingular();
        else if (id == QStringLiteral("spectrum"))
            computeSpectrum();
        else { // stop
            m_profileJob.cancel();
            m_singularJob.cancel();
            m_spectrumJob.cancel();
            m_numbers->endProgress({});
        }
        draw();
    }

    void draw() {
        m_bars = {};
        m_numbers->clear();
        if (const TensorInfo* tensor = m_tensor.tensor()) {
            m_numbers->addTitle(utf8Text(tensor->name));
            m_numbers->add(tr("Shape"), tensorShapeText(*tensor));
            m_numbers->add(tr("Type · size"), tensorTypeText(*tensor) + QStringLiteral(" · ") + byteText(tensor->bytes.size()));
            m_showsSpectrum ? drawSpectrum(*tensor) : drawStatistics(*tensor);
            if (!m_problem.isEmpty())
                m_numbers->addNote(m_showsSpectrum && !m_spectrum ? tr("No spectrum: this tensor %1.").arg(m_problem) : m_problem);
        }
        m_numbers->finish();
        m_view->setAccessibleName(m_showsSpectrum ? tr("Spectrum of the tensor") : tr("Histogram of the tensor"));
        m_view->update();
    }

    void drawStatistics(const TensorInfo& tensor) {
        if (m_profile) {
            const TensorStatistics& s = m_profile->statistics;
            const auto number = [&](double value) { return s.finite() == 0 ? QStringLiteral("–") : QString::number(value, 'g', 6); };
            const auto share = [&](std::uint64_t count) {
                return count == 0 ? QStringLiteral("0") : QStringLiteral("%1 (%2 %)").arg(groupedDigits(static_cast<qint64>(count)), numberText(100.0 * static_cast<double>(count) / static_cast<double>(s.count)));
            };
            m_numbers->add(tr("Smallest"), number(s.minimum));
            m_numbers->add(tr("Largest"), number(s.maximum));
            m_numbers->add(tr("Mean"), number(s.mean));
            m_numbers->add(tr("Std deviation"), number(s.deviation));
            m_numbers->add(tr("Norm"), number(s.norm));
            m_numbers->add(tr("Elements"), groupedDigits(static_cast<qint64>(s.count)));
            m_numbers->add(tr("Zeros"), share(s.zeros));
            m_numbers->add(tr("NaN · infinite"), share(s.nans) + QStringLiteral(" · ") + share(s.infinities), s.nans + s.infinities > 0);
            m_bars = barsOf(*m_profile, m_log->isChecked());
        } else {
            m_numbers->addButton(tr("Read %1").arg(byteText(tensor.bytes.size())), QStringLiteral("statistics"));
        }
        if (!singularObstacle(tensor).empty())
            return;
        if (!m_singular)
            return m_numbers->addButton(tr("Compute singular values"), QStringLiteral("singular"));
        m_numbers->addHeading(m_singular->isExact ? tr("Singular values") : tr("Singular values, with their error"));
        for (std::size_t i = 0; i < m_singular->values.size(); ++i)
            m_numbers->add(QStringLiteral("σ%1").arg(QChar(0x2081 + static_cast<int>(i))),
                           QString::number(m_singular->values[i], 'g', 6) + (m_singular->isExact ? QString() : QStringLiteral(" ± ") + QString::number(m_singular->bounds[i], 'g', 1)));
    }

    void drawSpectrum(const TensorInfo& tensor) {
        if (!m_spectrum) {
            if (m_problem.isEmpty())
                m_numbers->addButton(tr("Compute the spectrum"), QStringLiteral("spectrum"), tr("All %1 singular values; the time grows with the third power of their number").arg(std::min(tensor.shape[0], tensor.shape[1])));
            return;
        }
        const WeightSpectrum& s = *m_spectrum;
        m_numbers->add(tr("Largest σ"), QString::number(s.norm, 'g', 6));
        m_numbers->add(tr("Stable rank"), numberText(s.stableRank));
        m_numbers->add(tr("Rank"), tr("%1 of %2").arg(s.rank).arg(s.columns));
        m_numbers->add(tr("Entropy share"), std::isfinite(s.entropy) ? numberText(s.entropy) : QStringLiteral("–"));
        m_numbers->add(tr("Marchenko–Pastur"), tr("%1 to %2").arg(numberText(s.law.low()), numberText(s.law.high())));
        m_numbers->add(tr("Beyond 99 % edge"), s.spikes == 1 ? tr("1 eigenvalue") : tr("%1 eigenvalues").arg(s.spikes));
        m_numbers->add(tr("Distance (KS)"), numberText(s.distance.kolmogorovSmirnov));
        if (s.powerLaw)
            m_numbers->add(tr("Power law α"), tr("%1 ± %2, tail %3").arg(numberText(s.powerLaw->alpha), numberText(s.powerLaw->deviation)).arg(s.powerLaw->tail));
        m_bars = barsOf(s, m_log->isChecked());
    }

    [[nodiscard]] QString barText(int bar) const {
        const auto at = static_cast<std::size_t>(bar);
        QString text = tr("%1 to %2: %3").arg(numberText(m_bars.edges[at]), numberText(m_bars.edges[at + 1]), groupedDigits(static_cast<qint64>(m_bars.counts[at])));
        if (!m_bars.expected.empty())
            text += tr(" (%1: %2)").arg(m_bars.expectedTitle, numberText(m_bars.expected[at]));
        return text;
    }

    void hover(int bar, bool byPointer) {
        if (bar != m_bars.hovered) {
            m_bars.hovered = bar;
            m_view->update();
        }
        if (bar < 0)
            return QToolTip::hideText();
        const QString text = barText(bar);
        m_view->setAccessibleDescription(text);
        if (byPointer)
            QToolTip::showText(QCursor::pos(), text, m_view);
        showStatus(text);
    }

    bool onKey(int key) {
        const int last = static_cast<int>(m_bars.counts.size()) - 1;
        if (last < 0)
            return false;
        switch (key) {
        case Qt::Key_Left: hover(std::max(0, m_bars.hovered - 1), false); return true;
        case Qt::Key_Right: hover(std::min(last, m_bars.hovered + 1), false); return true;
        case Qt::Key_Home: hover(0, false); return true;
        case Qt::Key_End: hover(last, false); return true;
        default: return false;
        }
    }

    ViewContext m_context;
    TensorFollower m_tensor;
    NumberList* m_numbers;
    PaintedView* m_view;
    QAction* m_log = nullptr;
    bool m_showsSpectrum = false;
    BarsContent m_bars;
    QString m_problem;
    std::shared_ptr<const LoadedModel> m_model, m_shownModel; ///< keep the tensor alive while it is read
    const TensorInfo* m_shown = nullptr;                      ///< what the numbers below are of
    std::shared_ptr<const TensorProfile> m_profile;
    std::shared_ptr<const LeadingSingularValues> m_singular;
    std::shared_ptr<const WeightSpectrum> m_spectrum;
    LatestJob<std::shared_ptr<const TensorProfile>> m_profileJob;
    LatestJob<std::shared_ptr<const LeadingSingularValues>> m_singularJob;
    LatestJob<std::shared_ptr<const WeightSpectrum>> m_spectrumJob;
};

QWidget* create(const ViewContext& context, QWidget* parent) { return new TensorStatisticsPanel(context, parent); }

} // namespace

namespace registry_views {
extern const ViewSpec tensor_statistics;
const ViewSpec tensor_statistics{"tensor_statistics", QT_TRANSLATE_NOOP("Views", "Tensor"), DockArea::Bottom, 4, create};
} // namespace registry_views
} // namespace sinkscope

#include "tensor_statistics.moc"
