// SPDX-License-Identifier: Apache-2.0
#include "views/models/sinks.h"
#include "views/panel_frame.h"
#include "views/view_spec.h"
#include "views/vtk/key_space_scene.h"
#include "views/vtk/vtk_canvas.h"

#include <QActionGroup>
#include <QButtonGroup>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QSignalBlocker>
#include <QSlider>
#include <QToolButton>
#include <QToolTip>
#include <QVBoxLayout>

#include <cmath>

namespace sinkscope {

namespace {

/// Threshold of links for a slider position 0..100: 0 to 1, finer near 0, where most weights lie.
double thresholdAt(int position) { return std::pow(position / 100.0, 2); }

QSlider* addSlider(QHBoxLayout& row, const QString& text, const QString& name) {
    auto* label = new QLabel(text);
    auto* slider = new QSlider(Qt::Horizontal);
    slider->setAccessibleName(name);
    slider->setMinimumWidth(48);
    label->setBuddy(slider);
    row.addWidget(label);
    row.addWidget(slider, 2);
    return slider;
}

QToolButton* makeMenuButton(QMenu* menu) {
    auto* button = new QToolButton;
    button->setMenu(menu);
    button->setPopupMode(QToolButton::InstantPopup);
    button->setFocusPolicy(Qt::TabFocus);
    return button;
}

/// The queries, keys or values of a head as points in space, with the head's sinks as anchors.
class KeySpacePanel : public PanelFrame {
    Q_OBJECT
public:
    KeySpacePanel(const ViewContext& context, QWidget* parent)
        : PanelFrame(tr("Key space"), parent), m_context(context), m_canvas(new VtkCanvas(context.theme)) {
        addHeaderControls();
        auto* body = new QWidget;
        auto* layout = new QVBoxLayout(body);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(0);
        layout->addWidget(m_canvas, 1);
        layout->addWidget(makeFooter());
        setContent(body);
        m_working.setSingleShot(true);
        m_working.setInterval(250);
        connect(&m_working, &QTimer::timeout, this, [this] { setNote(tr("computing…")); });
        connectContext();
        connect(m_canvas, &VtkCanvas::pointClicked, this, [this](int point) { m_context.selection.setToken(TokenId(point)); });
        connect(m_canvas, &VtkCanvas::pointHovered, this, &KeySpacePanel::showFacts);
        reload();
    }

    [[nodiscard]] QJsonObject recipe() const override {
        if (isEmpty() || !m_data)
            return {};
        const SceneCamera& camera = m_canvas->camera();
        const KeySpaceQuestion& shown = m_data->question;
        QJsonObject json = KeySpaceRecipe{.space = shown.space, .projection = shown.projection, .options = m_options,
                                          .token = m_context.selection.token().value, .azimuth = camera.azimuth(),
                                          .elevation = camera.elevation(), .orthographic = camera.isOrthographic()}.toJson();
        json.insert(QStringLiteral("sample"), shown.sample);
        json.insert(QStringLiteral("layer"), shown.layer);
        json.insert(QStringLiteral("head"), shown.head);
        return json;
    }

private:
    // ---- controls ----
    void addHeaderControls();
    QWidget* makeFooter();
    QToolButton* makeMethodButton();
    QToolButton* makeColorButton();
    QHBoxLayout* makeLayerRow();
    QHBoxLayout* makeLookRow();
    template <typename Choice>
    QMenu* choiceMenu(const QString& title, std::initializer_list<std::pair<Choice, QString>> rows, Choice KeySpaceOptions::*field);
    void connectContext();
    void showSelectedLayer();
    void showColorChoice();

    // ---- data ----
    [[nodiscard]] KeySpaceQuestion question() const;
    void reload();
    void arrived(Result<std::shared_ptr<const KeySpaceData>> result);
    void rebuild(bool reframe);
    void explain(const KeySpaceText::Message& message);
    void queryChanged();

    // ---- pointing ----
    void showToken();
    void showFacts(int point, const QPoint& global);
    [[nodiscard]] const SampleTokens& tokens() const {
        return *m_data->question.capture->header().samples[static_cast<std::size_t>(m_data->question.sample)];
    }

    ViewContext m_context;
    VtkCanvas* m_canvas;
    QToolButton* m_colorButton = nullptr;
    QSlider* m_layer = nullptr;
    QLabel* m_layerText = nullptr;
    QLabel* m_thresholdText = nullptr;
    QButtonGroup* m_spaces = nullptr;
    QTimer m_working; ///< says that something is being computed once it takes long enough to be noticed

    KeySpaceOptions m_options;
    std::string m_projection = "pca";
    std::shared_ptr<const KeySpaceData> m_data; ///< what is shown; null while nothing is
    JobHandle m_job;
    int m_generation = 0; ///< of the latest job; results of older ones are dropped
};

template <typename Choice>
QMenu* KeySpacePanel::choiceMenu(const QString& title, std::initializer_list<std::pair<Choice, QString>> rows, Choice KeySpaceOptions::*field) {
    auto* menu = new QMenu(title, this);
    auto* group = new QActionGroup(menu);
    for (const auto& [choice, text] : rows) {
        QAction* action = menu->addAction(text);
        action->setCheckable(true);
        action->setChecked(m_options.*field == choice);
        group->addAction(action);
        connect(action, &QAction::triggered, this, [this, field, value = choice] {
            m_options.*field = value;
            showColorChoice();
            rebuild(false);
        });
    }
    return menu;
}

QToolButton* KeySpacePanel::makeMethodButton() {
    auto* methods = new QMenu(this);
    auto* group = new QActionGroup(methods);
    QToolButton* button = makeMenuButton(methods);
    button->setAccessibleName(tr("Projection"));
    for (const ProjectionSpec* spec : projections()) {
        const QString title = QString::fromUtf8(spec->title.data(), static_cast<qsizetype>(spec->title.size()));
        QAction* action = methods->addAction(title);
        action->setCheckable(true);
        group->addAction(action);
        if (spec->id == m_projection || button->text().isEmpty()) {
            action->setChecked(true);
            m_projection = spec->id;
            button->setText(title);
        }
        connect(action, &QAction::triggered, this, [this, button, title, id = std::string(spec->id)] {
            m_projection = id;
            button->setText(title);
            reload();
        });
    }
    return button;
}

QToolButton* KeySpacePanel::makeColorButton() {
    using Color = KeySpaceOptions::Color;
    m_colorButton = makeMenuButton(choiceMenu<Color>(QString(),
                                                     {{Color::Received, KeySpaceText::colorName(Color::Received)},
                                                      {Color::Position, KeySpaceText::colorName(Color::Position)},
                                                      {Color::Norm, KeySpaceText::colorName(Color::Norm)}},
                                                     &KeySpaceOptions::color));
    showColorChoice();
    return m_colorButton;
}

void KeySpacePanel::addHeaderControls() {
    auto* view = new QMenu(this);
    using Links = KeySpaceOptions::Links;
    view->addMenu(choiceMenu<Links>(tr("Links"),
                                    {{Links::Automatic, tr("Of the selected query, else to anchors")},
                                     {Links::Anchors, tr("To anchors")},
                                     {Links::Query, tr("Of the selected query")},
                                     {Links::None, tr("None")}},
                                    &KeySpaceOptions::links));
    using Distances = KeySpaceOptions::Distances;
    view->addMenu(choiceMenu<Distances>(tr("Distances"),
                                        {{Distances::Automatic, tr("Logarithmic if one point dwarfs the rest")},
                                         {Distances::True, tr("True")},
                                         {Distances::Logarithmic, tr("Logarithmic")}},
                                        &KeySpaceOptions::distances));
    QAction* flat = view->addAction(tr("Orthographic"));
    flat->setCheckable(true);
    connect(flat, &QAction::toggled, m_canvas, &VtkCanvas::setOrthographic);
    view->addSeparator();
    using View = SceneCamera::View;
    for (const auto& [text, direction] : {std::pair(tr("Reset view\tR"), View::Standard), std::pair(tr("Along the first axis\t1"), View::AlongFirst),
                                          std::pair(tr("Along the second axis\t2"), View::AlongSecond),
                                          std::pair(tr("Along the third axis\t3"), View::AlongThird)})
        connect(view->addAction(text), &QAction::triggered, m_canvas, [canvas = m_canvas, chosen = direction] { canvas->resetView(chosen); });
    addMenu(tr("View"), view);
    enableExport();
}

void KeySpacePanel::showColorChoice() {
    m_colorButton->setText(tr("Colour: %1").arg(KeySpaceText::colorName(m_options.color).toLower()));
    m_colorButton->setAccessibleName(m_colorButton->text());
}

QHBoxLayout* KeySpacePanel::makeLayerRow() {
    auto* row = new QHBoxLayout;
    m_layer = addSlider(*row, tr("Layer"), tr("Layer"));
    m_layer->setPageStep(1);
    m_layerText = new QLabel;
    row->addWidget(m_layerText);
    row->addSpacing(8);
    m_spaces = new QButtonGroup(this);
    for (const auto& [space, letter] : {std::pair(Space::Query, QStringLiteral("Q")), std::pair(Space::Key, QStringLiteral("K")),
                                        std::pair(Space::Value, QStringLiteral("V"))}) {
        auto* button = new QToolButton;
        button->setText(letter);
        button->setCheckable(true);
        button->setToolTip(KeySpaceText::spaceTitle(space));
        button->setAccessibleName(KeySpaceText::spaceTitle(space));
        m_spaces->addButton(button, static_cast<int>(space));
        row->addWidget(button);
    }
    connect(m_layer, &QSlider::valueChanged, this,
            [this](int layer) { m_context.selection.setHead(LayerId(layer), m_context.selection.head()); });
    connect(m_spaces, &QButtonGroup::idClicked, this, [this](int id) { m_context.selection.setSpace(static_cast<Space>(id)); });
    return row;
}

QHBoxLayout* KeySpacePanel::makeLookRow() {
    auto* row = new QHBoxLayout;
    row->addWidget(makeMethodButton());
    row->addWidget(makeColorButton());
    row->addStretch(1);
    QSlider* threshold = addSlider(*row, tr("Links ≥"), tr("Smallest weight that gets a link"));
    threshold->setRange(0, 100);
    m_thresholdText = new QLabel;
    m_thresholdText->setMinimumWidth(m_thresholdText->fontMetrics().horizontalAdvance(QStringLiteral("0.000")));
    row->addWidget(m_thresholdText);
    connect(threshold, &QSlider::valueChanged, this, [this](int position) {
        m_options.threshold = thresholdAt(position);
        m_thresholdText->setText(QLocale().toString(m_options.threshold, 'f', m_options.threshold < 0.1 ? 3 : 2));
        rebuild(false);
    });
    threshold->setValue(22); // 0.048
    return row;
}

QWidget* KeySpacePanel::makeFooter() {
    auto* footer = new QWidget;
    auto* rows = new QVBoxLayout(footer);
    rows->setContentsMargins(10, 2, 6, 6);
    rows->setSpacing(2);
    rows->addLayout(makeLayerRow());
    rows->addLayout(makeLookRow());
    return footer;
}

void KeySpacePanel::connectContext() {
    SessionModel& session = m_context.session;
    Selection& selection = m_context.selection;
    connect(&session, &SessionModel::captureChanged, this, &KeySpacePanel::reload);
    connect(&session, &SessionModel::analysisChanged, this, [this] { rebuild(false); });
    connect(&session, &SessionModel::statisticsArrived, this, [this](int sample, int layer) {
        if (!m_data && sample == m_context.selection.sample().value && layer == m_context.selection.layer().value)
            reload(); // the layer that was waited for
    });
    connect(&selection, &Selection::sampleChanged, this, &KeySpacePanel::reload);
    connect(&selection, &Selection::headChanged, this, &KeySpacePanel::reload);
    connect(&selection, &Selection::spaceChanged, this, &KeySpacePanel::reload);
    connect(&selection, &Selection::queryChanged, this, &KeySpacePanel::queryChanged);
    connect(&selection, &Selection::tokenChanged, this, &KeySpacePanel::showToken);
    connect(&m_context.themeNotifier, &ThemeNotifier::themeChanged, m_canvas, &VtkCanvas::themeChanged);
}

void KeySpacePanel::showSelectedLayer() {
    const Selection& selection = m_context.selection;
    const int layers = m_context.session.header() ? m_context.session.header()->layers : 0;
    const QSignalBlocker quiet(m_layer);
    m_layer->setRange(0, std::max(0, layers - 1));
    m_layer->setValue(selection.layer().value);
    m_layer->setEnabled(layers > 1);
    m_layerText->setText(tr("%1 / %2").arg(selection.layer().value).arg(layers));
    if (QAbstractButton* button = m_spaces->button(static_cast<int>(selection.space())))
        button->setChecked(true);
}

KeySpaceQuestion KeySpacePanel::question() const {
    const Selection& selection = m_context.selection;
    KeySpaceQuestion question;
    question.capture = m_context.session.capture();
    question.sample = selection.sample().value;
    question.layer = selection.layer().value;
    question.head = selection.head().value;
    question.space = selection.space();
    question.projection = m_projection;
    question.query = selection.query().value;
    question.sinks = metricParametersOf(m_context.session);
    return question;
}

void KeySpacePanel::reload() {
    m_job.cancel();
    ++m_generation;
    showSelectedLayer();
    const KeySpaceQuestion wanted = question();
    if (!wanted.capture || wanted.capture->header().samples.empty()) {
        setTitle(KeySpaceText::spaceTitle(m_context.selection.space()));
        return explain({tr("Nothing captured yet"), tr("Run a text, or open a capture, to see its queries, keys and values in space.")});
    }
    setTitle(KeySpaceText::title(wanted));
    m_working.start();
    m_job = m_context.jobs.run<std::shared_ptr<const KeySpaceData>>(
        this, Strand::Store, [wanted](JobContext& job) { return loadKeySpace(wanted, job); },
        [this, generation = m_generation](Result<std::shared_ptr<const KeySpaceData>> result) {
            if (generation == m_generation)
                arrived(std::move(result));
        });
}

void KeySpacePanel::arrived(Result<std::shared_ptr<const KeySpaceData>> result) {
    m_working.stop();
    setNote(QString());
    if (!result) {
        if (result.error().code != ErrorCode::Cancelled)
            explain(KeySpaceText::problem(result.error()));
        return;
    }
    if ((*result)->gap != KeySpaceData::Gap::None)
        return explain(KeySpaceText::problem((*result)->gap, (*result)->question.layer));
    m_data = *result;
    setEmpty(false);
    rebuild(false);
}

void KeySpacePanel::rebuild(bool reframe) {
    if (!m_data)
        return;
    m_options.query = m_context.selection.query().value;
    m_canvas->setScene(keySpaceScene(*m_data, tokens(), m_options, m_context.session.analysis().get()), reframe);
    showToken();
}

void KeySpacePanel::queryChanged() {
    if (!m_data)
        return;
    const int query = m_context.selection.query().value;
    if (query >= 0 && m_data->rowOf(query).empty())
        return reload(); // a long text: its attention is not kept
    rebuild(false);
}

void KeySpacePanel::explain(const KeySpaceText::Message& message) {
    m_working.stop();
    setNote(QString());
    m_data.reset();
    m_canvas->setScene(std::make_shared<PointScene>(), true);
    setEmptyText(message.heading, message.hint);
    setEmpty(true);
}

void KeySpacePanel::showToken() {
    if (!m_data)
        return;
    const int token = m_context.selection.token().value;
    m_canvas->setSelected(token);
    const QStringList facts = KeySpaceText::facts(*m_data, tokens(), token);
    m_canvas->setAccessibleName(title());
    m_canvas->setAccessibleDescription(facts.isEmpty() ? tr("%n token(s), none selected", nullptr, m_data->tokens)
                                                       : tr("selected: %1").arg(facts.join(QStringLiteral(", "))));
}

void KeySpacePanel::showFacts(int point, const QPoint& global) {
    const QStringList facts = m_data && point >= 0 ? KeySpaceText::facts(*m_data, tokens(), point) : QStringList();
    showStatus(facts.join(QStringLiteral(" · ")));
    if (facts.isEmpty())
        return QToolTip::hideText();
    QString rich;
    for (const QString& fact : facts)
        rich += rich.isEmpty() ? QStringLiteral("<b>%1</b>").arg(fact.toHtmlEscaped()) : QStringLiteral("<br>%1").arg(fact.toHtmlEscaped());
    QToolTip::showText(global + QPoint(14, 10), QStringLiteral("<p style='white-space:pre'>%1</p>").arg(rich), m_canvas);
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
