// SPDX-License-Identifier: Apache-2.0
#include "views/key_space/key_space_footer.h"
#include "views/key_space/key_space_view.h"
#include "views/key_space/neighbour_list.h"
#include "views/key_space/scene_recorder.h"
#include "views/models/sinks.h"
#include "views/panel_frame.h"
#include "views/view_spec.h"

#include <QActionGroup>
#include <QFileDialog>
#include <QMenu>
#include <QSplitter>
#include <QVBoxLayout>

namespace sinkscope {

namespace {

constexpr int kNeighbours = 8;
constexpr int kPlayMilliseconds = 900;
constexpr int kMoreEpochs = 200;

/// The queries, keys, values or hidden states of a head, a layer or all layers as points in space, with sinks as anchors.
class KeySpacePanel : public PanelFrame {
    Q_OBJECT
public:
    KeySpacePanel(const ViewContext& context, QWidget* parent)
        : PanelFrame(tr("Key space"), parent), m_context(context), m_view(new KeySpaceView(context)), m_looks(new LookMenu({}, this)),
          m_setup(new CloudSetup), m_footer(new KeySpaceFooter(m_setup, m_looks)),
          m_recorder(context.jobs, [this] { return m_view->canvas().picture(); }, this) {
        addHeaderControls();
        auto* body = new QWidget;
        auto* layout = new QVBoxLayout(body);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(0);
        m_scenes = new QSplitter(Qt::Horizontal);
        m_scenes->addWidget(m_view);
        m_scenes->setChildrenCollapsible(false);
        layout->addWidget(m_scenes, 1);
        m_list->setVisible(false);
        m_list->setMaximumHeight(150);
        layout->addWidget(m_list);
        layout->addWidget(m_footer);
        setContent(body);
        m_play.setInterval(kPlayMilliseconds);
        connectContext();
        connectFooter();
        connectView();
        reload();
    }

    [[nodiscard]] QJsonObject recipe() const override {
        if (isEmpty() || !m_view->data())
            return {};
        const SceneCamera& camera = m_view->canvas().camera();
        const KeySpaceQuestion& shown = m_view->data()->question;
        QJsonObject json = KeySpaceRecipe{.question = shown, .options = m_view->options(), .token = m_context.selection.token().value,
                                          .marked = m_context.selection.tokens(), .azimuth = camera.azimuth(), .elevation = camera.elevation(),
                                          .orthographic = camera.isOrthographic()}.toJson();
        json.insert(QStringLiteral("sample"), shown.sample);
        json.insert(QStringLiteral("layer"), shown.layer);
        json.insert(QStringLiteral("head"), shown.head);
        return json;
    }

protected:
    void showEvent(QShowEvent* event) override {
        PanelFrame::showEvent(event);
        if (m_outdated)
            reload();
    }

private:
    enum class Beside { Nothing, Keys, Values, Queries, FirstLayer, LayerBefore, LastLayer, Run };

    // ---- controls ----
    void addHeaderControls();
    void addCompareMenu(QMenu& menu);
    void addRecordActions(QMenu& menu);
    void connectContext();
    void connectView();
    void connectFooter();
    void showSelectedStep();
    void goTo(int step);

    // ---- data ----
    [[nodiscard]] KeySpaceQuestion question() const;
    void reload();
    void explain(const KeySpaceText::Message& message);
    void queryChanged();
    void runsChanged();
    void optionsChanged();
    void compareWith(Beside what);
    void askBeside();

    // ---- time ----
    void setPlaying(bool playing);
    void playStep();

    ViewContext m_context;
    KeySpaceView* m_view;
    KeySpaceView* m_other = nullptr; ///< beside it, its camera linked
    QSplitter* m_scenes = nullptr;
    LookMenu* m_looks;
    CloudSetup* m_setup;
    KeySpaceFooter* m_footer;
    NeighbourList* m_list = new NeighbourList;
    SceneRecorder m_recorder;
    QAction* m_record = nullptr;
    QTimer m_play;
    Beside m_beside = Beside::Nothing;
    std::shared_ptr<CaptureSource> m_besideRun; ///< of Beside::Run
    bool m_withQueries = false; ///< keys and queries in one cloud
    bool m_outdated = false;    ///< while hidden
};

void KeySpacePanel::addHeaderControls() {
    auto* view = new QMenu(this);
    view->setToolTipsVisible(true);
    m_looks->addTo(*view);
    view->addSeparator();
    addCameraActions(*view, m_view->canvas());
    addCompareMenu(*view);
    view->addSeparator();
    QAction* nearest = view->addAction(tr("Nearest in the original space"));
    nearest->setCheckable(true);
    connect(nearest, &QAction::toggled, this, [this](bool shown) {
        m_list->setVisible(shown);
        m_view->setNeighbours(shown ? kNeighbours : 0);
    });
    QAction* morph = view->addAction(tr("Move points between aligned layers"));
    morph->setCheckable(true);
    morph->setChecked(true);
    connect(morph, &QAction::toggled, m_view, &KeySpaceView::setMorphing);
    addRecordActions(*view);
    QMenu* keys = view->addMenu(tr("Keys"));
    for (const auto& [key, meaning] : VtkCanvas::keysHelp())
        keys->addAction(meaning + QLatin1Char('\t') + key)->setEnabled(false);
    addMenu(tr("View"), view);
    enableExport();
}

void KeySpacePanel::addCompareMenu(QMenu& menu) {
    QMenu* compare = menu.addMenu(tr("Beside it"));
    auto* group = new QActionGroup(compare);
    for (const auto& [text, what] : {std::pair(tr("Nothing"), Beside::Nothing), std::pair(tr("Keys"), Beside::Keys), std::pair(tr("Values"), Beside::Values),
                                     std::pair(tr("Queries"), Beside::Queries), std::pair(tr("First layer"), Beside::FirstLayer),
                                     std::pair(tr("Layer before"), Beside::LayerBefore), std::pair(tr("Last layer"), Beside::LastLayer)}) {
        QAction* action = compare->addAction(text);
        action->setCheckable(true);
        action->setChecked(what == Beside::Nothing);
        group->addAction(action);
        connect(action, &QAction::triggered, this, [this, chosen = what] { compareWith(chosen); });
    }
    QMenu* runs = compare->addMenu(tr("Another run"));
    connect(compare, &QMenu::aboutToShow, this, [this, runs, group] {
        runs->clear();
        for (const SessionModel::Run& run : m_context.session.runs()) {
            QAction* action = runs->addAction(run.title);
            action->setCheckable(true);
            action->setChecked(m_beside == Beside::Run && m_besideRun == run.capture);
            group->addAction(action);
            connect(action, &QAction::triggered, this, [this, capture = run.capture] {
                m_besideRun = capture;
                compareWith(Beside::Run);
            });
        }
        runs->setEnabled(!runs->isEmpty());
    });
}

void KeySpacePanel::addRecordActions(QMenu& menu) {
    m_record = menu.addAction(tr("Record PNG frames…"));
    m_record->setCheckable(true);
    connect(m_record, &QAction::triggered, this, [this](bool wanted) {
        if (!wanted)
            return m_recorder.stop();
        const QString folder = QFileDialog::getExistingDirectory(this, tr("Write frames into"));
        if (folder.isEmpty())
            return m_record->setChecked(false);
        m_recorder.start(folder);
        setNote(tr("recording"));
    });
    connect(&m_recorder, &SceneRecorder::stopped, this, [this](int frames) {
        m_record->setChecked(false);
        setNote(QString());
        showStatus(tr("Wrote %n frame(s)", nullptr, frames));
    });
    connect(&m_recorder, &SceneRecorder::failed, this, [this](const QString& file) {
        m_record->setChecked(false);
        setNote(tr("could not write"));
        showStatus(tr("Could not write %1").arg(file));
    });
}

void KeySpacePanel::connectContext() {
    SessionModel& session = m_context.session;
    Selection& selection = m_context.selection;
    connect(&session, &SessionModel::captureChanged, this, &KeySpacePanel::reload);
    connect(&session, &SessionModel::runsChanged, this, &KeySpacePanel::runsChanged);
    connect(&session, &SessionModel::analysisChanged, this, &KeySpacePanel::optionsChanged);
    connect(&session, &SessionModel::statisticsArrived, this, [this](int sample, int layer) {
        if (!m_view->data() && sample == m_context.selection.sample().value && layer == m_context.selection.layer().value)
            reload(); // the layer that was waited for
    });
    connect(&selection, &Selection::sampleChanged, this, &KeySpacePanel::reload);
    connect(&selection, &Selection::headChanged, this, &KeySpacePanel::reload);
    connect(&selection, &Selection::spaceChanged, this, [this](Space space) {
        m_withQueries = m_withQueries && space == Space::Key;
        reload();
    });
    connect(&selection, &Selection::queryChanged, this, &KeySpacePanel::queryChanged);
    connect(&m_play, &QTimer::timeout, this, &KeySpacePanel::playStep);
}

void KeySpacePanel::connectView() {
    connect(m_looks, &LookMenu::changed, this, &KeySpacePanel::optionsChanged);
    const auto judge = [this] {
        if (m_view->data())
            m_footer->strip().show(*m_view->data(), m_view->quality().get());
    };
    connect(m_view, &KeySpaceView::arrived, this, [this, judge] {
        setEmpty(false);
        setTitle(KeySpaceText::title(m_view->data()->question));
        m_footer->showWork(m_view->isWorking(), isExtensible(*m_view->data()));
        judge();
    });
    connect(m_view, &KeySpaceView::judged, this, judge);
    connect(m_view, &KeySpaceView::failed, this, &KeySpacePanel::explain);
    connect(m_view, &KeySpaceView::working, this, [this](bool working, double share) {
        const QString text = share >= 0 ? tr("computing, %1 %").arg(qRound(100 * share)) : tr("computing…");
        setNote(working ? text : m_recorder.isRecording() ? tr("recording") : QString());
        m_footer->showWork(working, m_view->data() && isExtensible(*m_view->data()));
    });
    connect(m_view, &KeySpaceView::neighboursFound, this, [this] { m_list->show(m_view->data().get(), m_view->selectedPoint(), m_view->neighbours()); });
    connect(m_list, &NeighbourList::chosen, this, [this](int point) { Q_EMIT m_view->canvas().pointClicked(point); });
    m_view->setOptions(m_looks->options());
}

void KeySpacePanel::connectFooter() {
    connect(m_setup, &CloudSetup::changed, this, &KeySpacePanel::reload);
    connect(m_footer, &KeySpaceFooter::stepChosen, this, &KeySpacePanel::goTo);
    connect(m_footer, &KeySpaceFooter::axisChosen, this, &KeySpacePanel::reload);
    connect(m_footer, &KeySpaceFooter::stopRequested, m_view, [this] {
        m_view->stop();
        m_footer->showWork(false, false);
        setNote(m_view->data() ? tr("stopped") : QString());
    });
    connect(m_footer, &KeySpaceFooter::moreRequested, m_view, [this] { m_view->extend(kMoreEpochs); });
    connect(m_footer, &KeySpaceFooter::playToggled, this, &KeySpacePanel::setPlaying);
    connect(m_footer, &KeySpaceFooter::spaceChosen, this, [this](Space space, bool withQueries) {
        const bool before = m_withQueries;
        m_withQueries = withQueries;
        m_context.selection.setSpace(space);
        if (before != m_withQueries)
            reload();
    });
}

void KeySpacePanel::showSelectedStep() {
    const Selection& selection = m_context.selection;
    const CaptureHeader* header = m_context.session.header();
    const auto& runs = m_context.session.runs();
    m_footer->setRunsThere(runs.size() > 1);
    int step = selection.layer().value, count = header ? header->layers : 0;
    QString title;
    if (m_footer->axis() == KeySpaceAxis::Heads) {
        step = selection.head().value;
        count = header ? header->heads : 0;
    } else if (m_footer->axis() == KeySpaceAxis::Runs) {
        step = std::max(0, m_context.session.currentRun());
        count = static_cast<int>(runs.size());
        title = step < count ? runs[static_cast<std::size_t>(step)].title : QString();
    }
    m_footer->showStep(step, count, title, selection.space(), m_withQueries);
}

void KeySpacePanel::goTo(int step) {
    Selection& selection = m_context.selection;
    switch (m_footer->axis()) {
    case KeySpaceAxis::Layers: return selection.setHead(LayerId(step), selection.head());
    case KeySpaceAxis::Heads: return selection.setHead(selection.layer(), HeadId(step));
    case KeySpaceAxis::Runs: return m_context.session.requestRun(step);
    }
}

KeySpaceQuestion KeySpacePanel::question() const {
    const Selection& selection = m_context.selection;
    KeySpaceQuestion question;
    question.capture = m_context.session.capture();
    question.sample = selection.sample().value;
    question.layer = selection.layer().value;
    question.head = selection.head().value;
    question.space = m_withQueries ? CloudSpace::KeyQuery : cloudSpaceOf(selection.space());
    question.query = selection.query().value;
    question.sinks = metricParametersOf(m_context.session);
    m_setup->applyTo(question);
    if (!m_view->options().wantsClusters())
        question.clusters = 0;
    if (question.axis == KeySpaceAxis::Runs)
        for (const SessionModel::Run& run : m_context.session.runs())
            question.runs.push_back(run.capture);
    return question;
}

void KeySpacePanel::reload() {
    showSelectedStep();
    const KeySpaceQuestion wanted = question();
    if (!wanted.capture || wanted.capture->header().samples.empty()) {
        setTitle(KeySpaceText::spaceTitle(wanted.space));
        return explain({tr("Nothing captured yet"), tr("Run a text, or open a capture, to see its queries, keys and values in space.")});
    }
    setTitle(KeySpaceText::title(wanted));
    m_outdated = !isVisible(); // another tab is in front: nothing is computed until somebody looks
    if (m_outdated)
        return;
    m_view->ask(wanted, true);
    askBeside();
}

void KeySpacePanel::optionsChanged() {
    KeySpaceOptions options = m_looks->options();
    options.query = m_context.selection.query().value;
    m_view->setOptions(options);
    if (m_other)
        m_other->setOptions(options);
    if (options.wantsClusters() && m_view->data() && !m_view->data()->clusters)
        reload();
}

void KeySpacePanel::runsChanged() {
    if (m_footer->axis() == KeySpaceAxis::Runs)
        reload();
    else
        showSelectedStep();
}

void KeySpacePanel::queryChanged() {
    const int query = m_context.selection.query().value;
    if (m_view->data() && query >= 0 && m_view->data()->rowOf(query).empty())
        reload(); // a long text: its attention is not kept
    optionsChanged();
}

void KeySpacePanel::explain(const KeySpaceText::Message& message) {
    m_view->clear();
    m_footer->strip().clear();
    m_list->show(nullptr, -1, {});
    setNote(QString());
    setEmptyText(message.heading, message.hint);
    setEmpty(true);
}

void KeySpacePanel::compareWith(Beside what) {
    m_beside = what;
    if (what == Beside::Nothing) {
        delete m_other;
        m_other = nullptr;
        return m_view->setCaption(QString());
    }
    if (!m_other) {
        m_other = new KeySpaceView(m_context);
        m_other->setOptions(m_view->options());
        m_scenes->addWidget(m_other);
        m_scenes->setSizes({1000, 1000});
        connect(&m_view->canvas(), &VtkCanvas::cameraMoved, m_other, [this] { m_other->canvas().follow(m_view->canvas().camera()); });
        connect(&m_other->canvas(), &VtkCanvas::cameraMoved, m_view, [this] { m_view->canvas().follow(m_other->canvas().camera()); });
        connect(m_other, &KeySpaceView::failed, this, [this](const KeySpaceText::Message& message) { m_other->setCaption(message.heading); });
    }
    askBeside();
}

void KeySpacePanel::askBeside() {
    if (!m_other || !m_context.session.capture())
        return;
    KeySpaceQuestion other = question();
    const int last = other.capture->header().layers - 1;
    switch (m_beside) {
    case Beside::Keys: other.space = CloudSpace::Key; break;
    case Beside::Values: other.space = CloudSpace::Value; break;
    case Beside::Queries: other.space = CloudSpace::Query; break;
    case Beside::FirstLayer: other.layer = 0; break;
    case Beside::LayerBefore: other.layer = std::max(0, other.layer - 1); break;
    case Beside::LastLayer: other.layer = last; break;
    case Beside::Run: other.capture = m_besideRun; break;
    case Beside::Nothing: return;
    }
    const auto caption = [this](const KeySpaceQuestion& question) {
        const QString title = KeySpaceText::title(question);
        if (m_beside == Beside::Run)
            for (const SessionModel::Run& run : m_context.session.runs())
                if (run.capture == question.capture)
                    return QStringLiteral("%1 — %2").arg(run.title, title);
        return title;
    };
    m_view->setCaption(caption(question()));
    m_other->setCaption(caption(other));
    m_other->ask(other, true);
}

void KeySpacePanel::setPlaying(bool playing) {
    if (!playing) {
        m_play.stop();
        return m_recorder.stop();
    }
    if (m_setup->alignment() == KeySpaceAlignment::None) // else every step would be a new picture
        m_setup->setAlignment(m_setup->projection() == "pca" ? KeySpaceAlignment::Joint : KeySpaceAlignment::ToOne);
    if (m_footer->isLastStep())
        m_footer->setStep(0);
    m_play.start();
}

void KeySpacePanel::playStep() {
    if (m_footer->isLastStep())
        return m_footer->setPlaying(false);
    m_footer->setStep(m_footer->step() + 1);
}

QWidget* create(const ViewContext& context, QWidget* parent) { return new KeySpacePanel(context, parent); }

} // namespace

namespace registry_views {
extern const ViewSpec key_space;
const ViewSpec key_space{
    .id = "key_space",
    .title = QT_TRANSLATE_NOOP("Views", "Key space"),
    .area = DockArea::Right,
    .order = 0,
    .create = create,
};
} // namespace registry_views

} // namespace sinkscope

#include "key_space.moc"
