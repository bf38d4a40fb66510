// SPDX-License-Identifier: Apache-2.0
#include "views/key_space/key_space_view.h"

#include "views/models/token_match.h"

#include <QPointer>
#include <QStatusTipEvent>
#include <QStyle>
#include <QToolTip>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace sinkscope {

KeySpaceView::KeySpaceView(const ViewContext& context, QWidget* parent)
    : QWidget(parent), m_context(context), m_canvas(new VtkCanvas(context.theme)), m_caption(new QLabel) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_caption->setContentsMargins(10, 4, 6, 2);
    m_caption->setVisible(false);
    layout->addWidget(m_caption);
    layout->addWidget(m_canvas, 1);
    setFocusProxy(m_canvas);
    for (QTimer* timer : {&m_slow, &m_quiet})
        timer->setSingleShot(true);
    m_slow.setInterval(250);
    m_quiet.setInterval(200);
    connect(&m_slow, &QTimer::timeout, this, [this] {
        m_slowNow = true;
        Q_EMIT working(true, -1);
    });
    connect(&m_quiet, &QTimer::timeout, this, &KeySpaceView::judge);
    connect(m_canvas, &VtkCanvas::pointClicked, this, &KeySpaceView::clicked);
    connect(m_canvas, &VtkCanvas::pointsMarked, this, &KeySpaceView::marked);
    connect(m_canvas, &VtkCanvas::pointHovered, this, &KeySpaceView::showFacts);
    connect(&context.selection, &Selection::tokenChanged, this, &KeySpaceView::showSelection);
    connect(&context.selection, &Selection::tokensChanged, this, &KeySpaceView::showSelection);
    connect(&context.themeNotifier, &ThemeNotifier::themeChanged, m_canvas, &VtkCanvas::themeChanged);
}

void KeySpaceView::setCaption(const QString& caption) {
    m_caption->setText(caption);
    m_caption->setVisible(!caption.isEmpty());
}

void KeySpaceView::ask(KeySpaceQuestion question, bool again) {
    if (!again && m_asked && m_asked->sameVectors(question) && m_asked->query == question.query)
        return;
    if (waitsFor(question)) {
        m_next = std::move(question);
        return;
    }
    m_next.reset();
    m_asked = question;
    if (m_data)
        question.reference = m_data->reference;
    start([wanted = std::move(question)](JobContext& job, const KeySpacePreview& preview) { return loadKeySpace(wanted, job, preview); });
}

/// A quick answer under way is shown before the next question of the same capture is asked: else somebody who passes the heads faster than they
/// are answered would see none of them.
bool KeySpaceView::waitsFor(const KeySpaceQuestion& question) const {
    const ProjectionSpec* spec = m_asked ? findProjection(m_asked->projection) : nullptr;
    return m_working && !m_slowNow && spec && !spec->extend && m_asked->capture == question.capture;
}

template <typename Work> void KeySpaceView::start(Work work) {
    m_quiet.stop();
    m_judge.cancel();
    setWorking(true);
    const QPointer<KeySpaceView> guard(this);
    KeySpacePreview preview = [guard, &jobs = m_context.jobs, number = ++m_number](DataPtr data) {
        jobs.post([guard, number, data = std::move(data)] {
            if (guard && guard->m_number == number && guard->m_working)
                guard->showPreview(data);
        });
    };
    // What takes seconds must not keep others from reading the capture; a row of quick ones is best answered in order.
    const ProjectionSpec* spec = m_asked ? findProjection(m_asked->projection) : nullptr;
    m_load.run(m_context.jobs, this, [work = std::move(work), preview = std::move(preview)](JobContext& job) { return work(job, preview); },
               [this](Result<DataPtr> result) { accept(std::move(result)); }, spec && spec->extend ? Strand::Free : Strand::Store,
               [this, number = m_number](double share, const QString&) {
                   if (number == m_number && m_slowNow)
                       Q_EMIT working(true, share);
               });
}

void KeySpaceView::setWorking(bool isWorking, double share) {
    m_working = isWorking;
    if (isWorking)
        return m_slow.start();
    m_slow.stop();
    m_slowNow = false;
    Q_EMIT working(false, share);
}

void KeySpaceView::stop() {
    if (!m_working)
        return;
    m_load.cancel();
    ++m_number;
    m_asked.reset(); // asked again, it is computed again
    m_next.reset();
    setWorking(false);
}

void KeySpaceView::extend(int epochs) {
    if (m_data && !m_working && isExtensible(*m_data))
        start([data = m_data, epochs](JobContext& job, const KeySpacePreview& preview) { return extendKeySpace(data, epochs, job, preview); });
}

void KeySpaceView::clear() {
    m_load.cancel();
    m_judge.cancel();
    m_nearest.cancel();
    m_quiet.stop();
    m_asked.reset();
    m_next.reset();
    m_data.reset();
    m_quality.reset();
    m_neighbours.clear();
    m_canvas->setScene(std::make_shared<PointScene>(), true);
    setWorking(false);
}

void KeySpaceView::showPreview(DataPtr data) {
    m_data = std::move(data);
    m_quality.reset();
    m_canvas->setScene(keySpaceScene(*m_data, m_options, nullptr), false, false);
    Q_EMIT arrived();
}

void KeySpaceView::accept(Result<DataPtr> result) {
    setWorking(false);
    const std::optional<KeySpaceQuestion> next = std::exchange(m_next, {});
    if (!result || (*result)->gap != KeySpaceData::Gap::None) {
        if (next)
            return ask(*next, true);
        const auto message = result ? KeySpaceText::problem((*result)->gap, (*result)->question.layer) : KeySpaceText::problem(result.error());
        clear();
        Q_EMIT failed(message);
        return;
    }
    const DataPtr before = std::move(m_data);
    m_data = *result;
    m_quality.reset();
    m_point = -1;
    // Without alignment the axes of two pictures have nothing to do with each other, and a way between them would be made up.
    const bool aligned = before && m_data->question.alignment != KeySpaceAlignment::None && before->question.sameReference(m_data->question);
    const bool still = style()->styleHint(QStyle::SH_Widget_Animation_Duration, nullptr, this) <= 0; // the desktop asks for no motion
    rebuild(aligned && m_morphing && !still);
    m_quiet.start();
    Q_EMIT arrived();
    if (next)
        ask(*next, true);
}

void KeySpaceView::setOptions(const KeySpaceOptions& options) {
    m_options = options;
    rebuild(false);
}

void KeySpaceView::rebuild(bool morph) {
    if (!m_data)
        return;
    const bool ofSession = m_data->question.capture == m_context.session.capture();
    m_canvas->setScene(keySpaceScene(*m_data, m_options, ofSession ? m_context.session.analysis().get() : nullptr), false, morph);
    showSelection();
}

void KeySpaceView::judge() {
    if (!m_data)
        return;
    m_judge.run(m_context.jobs, this, [data = m_data](JobContext& job) { return judgeKeySpace(*data, job); },
                [this](Result<std::shared_ptr<const KeySpaceQuality>> result) {
                    m_quality = result ? *result : nullptr;
                    Q_EMIT judged();
                });
}

void KeySpaceView::setNeighbours(int count) {
    m_neighbourCount = count;
    findNeighbours();
}

void KeySpaceView::findNeighbours() {
    m_nearest.cancel();
    m_neighbours.clear();
    m_canvas->setNeighbours({});
    if (!m_data || m_neighbourCount == 0 || selectedPoint() < 0) {
        Q_EMIT neighboursFound();
        return;
    }
    m_nearest.run(m_context.jobs, this,
                  [cloud = m_data->cloud, point = selectedPoint(), count = m_neighbourCount](JobContext&) -> Result<std::vector<KeySpaceNeighbour>> {
                      return nearestInOriginal(*cloud, point, count);
                  },
                  [this](Result<std::vector<KeySpaceNeighbour>> found) {
                      if (found)
                          m_neighbours = std::move(*found);
                      std::vector<int> points;
                      for (const KeySpaceNeighbour& each : m_neighbours)
                          points.push_back(each.point);
                      m_canvas->setNeighbours(std::move(points));
                      Q_EMIT neighboursFound();
                  });
}

/// A token of the window's selection as one of the shown capture (which may be another run), or back with `outwards`; -1 when there is none.
int KeySpaceView::ownToken(int token, bool outwards) const {
    const auto& shown = m_data->question.capture;
    const auto& selected = m_context.session.capture();
    if (shown == selected || !selected || token < 0)
        return token;
    const auto sample = static_cast<std::size_t>(m_data->question.sample);
    if (sample >= selected->header().samples.size())
        return -1;
    const SampleTokens &own = *shown->header().samples[sample], &theirs = *selected->header().samples[sample];
    return outwards ? matchingToken(own, token, theirs) : matchingToken(theirs, token, own);
}

void KeySpaceView::showSelection() {
    if (!m_data)
        return;
    const int token = ownToken(m_context.selection.token().value, false);
    const bool ours = m_data->question.sample == m_context.selection.sample().value;
    const bool meant = m_point >= 0 && m_point < m_data->count() && m_data->point(m_point).token == token && m_data->point(m_point).sample == m_data->question.sample;
    const int point = !ours ? -1 : meant ? m_point : m_data->pointOfToken(token);
    const bool changed = point != selectedPoint() || m_neighbours.empty();
    std::vector<int> tokens;
    for (const int each : m_context.selection.tokens())
        if (const int own = ownToken(each, false); own >= 0)
            tokens.push_back(own);
    std::sort(tokens.begin(), tokens.end());
    m_canvas->setSelected(point);
    m_canvas->setMarked(ours ? m_data->pointsOfTokens(tokens) : std::vector<int>());
    if (changed)
        findNeighbours();
    describe();
}

void KeySpaceView::describe() {
    const QStringList facts = KeySpaceText::facts(*m_data, selectedPoint());
    QString text = facts.isEmpty() ? tr("%n point(s), none selected", nullptr, m_data->count()) : tr("selected: %1").arg(facts.join(QStringLiteral(", ")));
    if (const std::vector<int>& set = m_canvas->focus().marked; !set.empty())
        text += QStringLiteral("; ") + KeySpaceText::describeSet(*m_data, set);
    m_canvas->setAccessibleName(KeySpaceText::title(m_data->question));
    m_canvas->setAccessibleDescription(text);
}

void KeySpaceView::clicked(int point) {
    m_point = point;
    if (!m_data || point < 0)
        return m_context.selection.setToken(TokenId(-1));
    const CloudPoint& about = m_data->point(point);
    if (about.sample != m_context.selection.sample().value)
        m_context.selection.setSample(SampleId(about.sample));
    m_context.selection.setToken(TokenId(ownToken(about.token, true)));
    showSelection(); // another point of the same token
}

void KeySpaceView::marked(const std::vector<int>& points) {
    if (!m_data)
        return;
    std::vector<int> tokens;
    for (const int token : m_data->tokensOfPoints(points))
        tokens.push_back(ownToken(token, true));
    m_context.selection.setTokens(std::move(tokens));
}

void KeySpaceView::showFacts(int point, const QPoint& global) {
    const QStringList facts = m_data && point >= 0 ? KeySpaceText::facts(*m_data, point) : QStringList();
    QStatusTipEvent status(facts.join(QStringLiteral(" · ")));
    QCoreApplication::sendEvent(this, &status);
    if (facts.isEmpty())
        return QToolTip::hideText();
    QString rich;
    for (const QString& fact : facts)
        rich += rich.isEmpty() ? QStringLiteral("<b>%1</b>").arg(fact.toHtmlEscaped()) : QStringLiteral("<br>%1").arg(fact.toHtmlEscaped());
    QToolTip::showText(global + QPoint(14, 10), QStringLiteral("<p style='white-space:pre'>%1</p>").arg(rich), m_canvas);
}

} // namespace sinkscope
