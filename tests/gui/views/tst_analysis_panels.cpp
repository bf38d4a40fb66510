// SPDX-License-Identifier: Apache-2.0
#include "support/fake_capture.h"
#include "support/verify_result.h"
#include "views/charts/depth_chart.h"
#include "views/explain_popup.h"
#include "views/frame_groups.h"
#include "views/frame_widgets.h"
#include "views/metric_menu.h"
#include "views/metric_notice.h"
#include "views/models/head_metrics.h"
#include "views/panel_frame.h"
#include "views/parameter_form.h"
#include "views/view_spec.h"

#include <QClipboard>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QTabWidget>
#include <QTest>
#include <QVBoxLayout>

#include <algorithm>

using namespace sinkscope;

/// What panels do with an analysis: choosing and finding metrics, explaining numbers, thresholds, sinks.
class TestAnalysisPanels : public QObject {
    Q_OBJECT

    struct Fixture {
        Theme theme = Theme::light();
        SessionModel session;
        Selection selection;
        ThemeNotifier notifier;
        std::unique_ptr<JobPool> pool = std::make_unique<JobPool>(1);
        JobBridge bridge{*pool};
        std::shared_ptr<test::FakeCapture> capture = std::make_shared<test::FakeCapture>();
        [[nodiscard]] ViewContext context() { return {session, selection, bridge, theme, notifier}; }
        ~Fixture() { pool.reset(); }

        void analyse(std::optional<std::vector<std::string>> families) {
            JobContext jobContext;
            const auto analysis = analyzeCapture(*capture, {.metrics = {}, .families = std::move(families)}, jobContext);
            QVERIFY_RESULT(analysis);
            session.setAnalysis(*analysis);
        }
        void begin() {
            session.setCapture(capture);
            for (int sample = 0; sample < 2; ++sample)
                for (int layer = 0; layer < 4; ++layer) {
                    const auto statistics = capture->statistics(sample, layer);
                    QVERIFY_RESULT(statistics);
                    session.addStatistics(*statistics);
                }
        }
        std::unique_ptr<QWidget> panel(const char* id, QSize size) {
            for (const ViewSpec* spec : views())
                if (std::string_view(spec->id) == id) {
                    std::unique_ptr<QWidget> made(spec->create(context(), nullptr));
                    made->resize(size);
                    made->show();
                    return made;
                }
            return nullptr;
        }
    };

private Q_SLOTS:
    void menuOffersEveryMetric() {
        MetricMenu menu(MetricMenu::Choice::One, {findMetric("received_first")}, nullptr);
        for (const MetricSpec* metric : allMetrics())
            QVERIFY2(!menu.actionOf(*metric)->toolTip().isEmpty(), metric->id.data());
        std::size_t inSections = 0;
        const auto actions = menu.actions();
        for (const QAction* action : actions)
            if (action->menu())
                inSections += static_cast<std::size_t>(action->menu()->actions().size());
        QCOMPARE(inSections, allMetrics().size());
        QSignalSpy changed(&menu, &MetricMenu::changed);
        menu.actionOf(*findMetric("gini"))->trigger();
        QCOMPARE(changed.size(), 1);
        QCOMPARE(menu.chosen(), std::vector<const MetricSpec*>{findMetric("gini")});
        QVERIFY(!menu.actionOf(*findMetric("received_first"))->isChecked());
        menu.actionOf(*findMetric("gini"))->trigger(); // the chosen one again: it stays
        QVERIFY(menu.actionOf(*findMetric("gini"))->isChecked());
    }

    void menuFindsByTyping() {
        MetricMenu menu(MetricMenu::Choice::Several, {}, nullptr);
        menu.popup(QPoint(20, 20));
        QTRY_VERIFY(menu.isVisible());
        QTest::keyClicks(&menu, QStringLiteral("gini"));
        auto* field = menu.findChild<QLineEdit*>();
        QVERIFY(field);
        QCOMPARE(field->text(), QStringLiteral("gini"));
        QVERIFY(menu.actions().contains(menu.actionOf(*findMetric("gini"))));
        QVERIFY(!menu.actions().contains(menu.actionOf(*findMetric("received_first"))));
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(menu.chosen(), std::vector<const MetricSpec*>{findMetric("gini")});
        menu.close();
        menu.actionOf(*findMetric("gini"))->trigger();
        QVERIFY(menu.chosen().empty());
    }

    void noticeSaysWhatIsMissing() {
        Fixture fixture;
        MetricNotice notice(fixture.session, fixture.theme);
        notice.setMetrics({findMetric("received_first")});
        QVERIFY(notice.text().isEmpty());
        fixture.begin();
        notice.setMetrics({findMetric("gini")});
        QVERIFY2(notice.text().contains(QStringLiteral("once the run has been analysed")), qPrintable(notice.text()));
        fixture.analyse(std::vector<std::string>{});
        QVERIFY2(notice.text().contains(QStringLiteral("has not been evaluated")), qPrintable(notice.text()));
        QSignalSpy wanted(&fixture.session, &SessionModel::familyRequested);
        Q_EMIT notice.linkActivated(QStringLiteral("concentration"));
        QCOMPARE(wanted.size(), 1);
        fixture.analyse(std::vector<std::string>{"concentration"});
        QVERIFY(notice.text().isEmpty());
        fixture.analyse(std::vector<std::string>{"hidden_geometry"}); // which the capture cannot serve
        notice.setMetrics({findMetric("hidden_anisotropy")});
        QVERIFY2(notice.text().contains(QStringLiteral("hidden states")), qPrintable(notice.text()));
    }

    /// Before the analysis in workers, afterwards from it: the same numbers.
    void headMetrics() {
        Fixture fixture;
        HeadMetrics metrics(fixture.session, fixture.bridge);
        metrics.setMetric(findMetric("received_first"));
        fixture.begin();
        QTRY_VERIFY(metrics.value(3, 1).has_value());
        const double before = *metrics.value(3, 1);
        metrics.setAveraged(true);
        QTRY_VERIFY(metrics.estimate(3, 1) && metrics.estimate(3, 1)->samples == 2);
        const double mean = *metrics.value(3, 1);
        fixture.analyse(std::nullopt);
        QVERIFY(std::abs(*metrics.value(3, 1) - mean) < 1e-12);
        metrics.setAveraged(false);
        QCOMPARE(*metrics.value(3, 1), before);
        metrics.setMetric(findMetric("gini"));
        QVERIFY(metrics.value(0, 0));
        QVERIFY(metrics.range().first <= metrics.range().second);
        fixture.session.setCapture(nullptr);
        QVERIFY(!metrics.value(0, 0));
        QVERIFY(metrics.range().first > metrics.range().second);
    }

    void depthChartsByUnit() {
        std::vector<DepthLine> lines;
        for (const char* id : {"received_first", "row_entropy", "gini", "keys_effective"})
            lines.push_back({findMetric(id), {Estimate{0.5, 0.4, 0.6, 3}, std::nullopt, Estimate{0.7, 0.7, 0.7, 3}}});
        const auto groups = depthGroups(lines);
        QCOMPARE(groups.size(), std::size_t{3});
        QCOMPARE(groups[0].size(), std::size_t{2}); // both are shares
        QCOMPARE(groups[0][1].color, 2);
        const auto places = depthPlaces(3, QRectF(0, 0, 900, 300), 280);
        QCOMPARE(places.size(), std::size_t{3});
        QVERIFY(places[0].right() <= places[1].left() + 0.01 && places[0].height() == 300);
        QCOMPARE(depthPlaces(3, QRectF(0, 0, 300, 300), 280)[1].top(), 100.0);
        const Theme theme = Theme::light();
        const DepthChart chart = makeDepthChart(groups[0], 3, {"centralized", "", "none"}, QSizeF(200, 160), theme, theme.smallFont);
        QCOMPARE(chart.legendPlaces.size(), std::size_t{2});
        QVERIFY(chart.legendPlaces[1].top() > chart.legendPlaces[0].top()); // 200 pixels hold one name a row
        QVERIFY(leastDepthHeight(groups[0], 200, theme.smallFont) > leastDepthHeight(groups[0], 900, theme.smallFont));
        QVERIFY(makeDepthChart(groups[0], 3, {}, QSizeF(900, 90), theme, theme.smallFont).ticks.values.size() <
                makeDepthChart(groups[0], 3, {}, QSizeF(900, 400), theme, theme.smallFont).ticks.values.size());
    }

    void parameterForm() {
        static constexpr std::string_view kChoices[] = {"mean", "larger"};
        static constexpr ParameterSpec kSpecs[] = {
            {.id = "cut", .title = "Cut", .explanation = "A number.", .low = 0, .high = 1, .standard = 0.05},
            {.id = "count", .title = "Count", .explanation = "A whole number.", .low = 1, .high = 9, .standard = 3, .integer = true},
            {.id = "how", .title = "How", .explanation = "A choice.", .choices = kChoices}};
        ParameterForm form("own", kSpecs, {{"own.count", 5}, {"other.cut", 0.5}});
        QCOMPARE(form.values(), (ParameterValues{{"own.count", 5}}));
        QSignalSpy changed(&form, &ParameterForm::changed);
        form.findChild<QDoubleSpinBox*>(QStringLiteral("cut"))->setValue(0.125);
        form.findChild<QComboBox*>(QStringLiteral("how"))->setCurrentIndex(1);
        form.findChild<QSpinBox*>(QStringLiteral("count"))->setValue(70); // more than it may be
        QCOMPARE(changed.size(), 3);
        QCOMPARE(form.values(), (ParameterValues{{"own.count", 9}, {"own.cut", 0.125}, {"own.how", 1}}));
        form.reset();
        QVERIFY(form.values().empty());
    }

    void explanations() {
        ExplainButton button;
        button.setExplanation(explanationOf(*findMetric("graph_density"), nullptr, QStringLiteral("0.3")));
        for (const QString& part : {utf8(findMetric("graph_density")->source), QStringLiteral("Percentile"), QStringLiteral("0.3")})
            QVERIFY2(button.toolTip().contains(part.toHtmlEscaped()), qPrintable(part + QStringLiteral(" is not in ") + button.toolTip()));
        button.show();
        button.click();
        const auto popups = button.findChildren<QFrame*>(QStringLiteral("explanation"));
        QCOMPARE(popups.size(), 1);
        QVERIFY(popups.front()->isVisible());
        QTest::keyClick(popups.front(), Qt::Key_Escape);
        QTRY_VERIFY(button.findChildren<QFrame*>(QStringLiteral("explanation")).isEmpty());
    }

    void frameCard() {
        Fixture fixture;
        auto card = fixture.panel("frame_card", {420, 700});
        auto* frame = qobject_cast<PanelFrame*>(card.get());
        QVERIFY(frame && frame->isEmpty());
        fixture.begin();
        QVERIFY(frame->isEmpty()); // not analysed
        fixture.analyse(std::nullopt);
        QVERIFY(!frame->isEmpty());
        const auto* kind = card->findChild<QLabel*>(QStringLiteral("frameKind"));
        const auto* reason = card->findChild<QLabel*>(QStringLiteral("frameReason"));
        const QString ofModel = reason->text();
        QVERIFY(!kind->text().isEmpty() && !ofModel.isEmpty());
        QVERIFY(card->findChild<QLabel*>(QStringLiteral("frameContext"))->text().contains(QStringLiteral("BOS")));
        fixture.selection.setHead(LayerId(3), HeadId(1));
        card->findChild<QAction*>(QStringLiteral("frame_head"))->trigger();
        QVERIFY(reason->text() != ofModel);
        QCOMPARE(kind->text(), QStringLiteral("Centralized"));
        fixture.selection.setHead(LayerId(0), HeadId(3)); // looks at the previous token
        QVERIFY(kind->text() != QStringLiteral("Centralized"));
        QSignalSpy wanted(&fixture.session, &SessionModel::parametersRequested);
        card->findChild<QAction*>(QStringLiteral("thresholds"))->trigger();
        auto* anchors = card->findChild<QDoubleSpinBox*>(QStringLiteral("anchors"));
        QVERIFY(anchors && anchors->isVisible());
        anchors->setValue(2.5);
        QTRY_COMPARE(wanted.size(), 1);
        QCOMPARE(wanted.front().front().value<ParameterValues>().at("frame.anchors"), 2.5);
    }

    /// Nothing is cut at the right, also when the rows were made while the card was behind another tab.
    void frameCardIsAsWideAsItsPage() {
        Fixture fixture;
        auto card = fixture.panel("frame_card", {300, 700});
        QWidget window;
        QTabWidget tabs;
        (new QVBoxLayout(&window))->addWidget(&tabs);
        tabs.addTab(new QWidget, QStringLiteral("in front"));
        tabs.addTab(card.get(), QStringLiteral("behind"));
        window.resize(300, 700);
        window.show();
        fixture.begin();
        fixture.analyse(std::nullopt);
        tabs.setCurrentIndex(1);
        auto* page = card->findChild<QWidget*>(QStringLiteral("frameCard"));
        QVERIFY(page);
        QTRY_VERIFY(page->isVisible() && page->width() > 0);
        QTRY_VERIFY2(page->width() <= page->parentWidget()->width(), qPrintable(QStringLiteral("%1 in %2").arg(page->width()).arg(page->parentWidget()->width())));
        QVERIFY2(page->width() < 380, "titles give way"); // 421 where they did not
        tabs.removeTab(1);
        card->setParent(nullptr); // the fixture's
    }

    /// A row per group with its verdict and the number of samples; groups that are too small say so.
    void frameCardGroups() {
        Fixture fixture;
        fixture.capture = std::make_shared<test::FakeCapture>(test::FakeCaptureOptions{.samples = 7, .groups = {"physics", "physics", "chemistry"}});
        auto card = fixture.panel("frame_card", {420, 700});
        fixture.session.setCapture(fixture.capture);
        fixture.analyse(std::vector<std::string>{});
        auto* groups = card->findChild<FrameGroups*>();
        auto* choice = card->findChild<QComboBox*>(QStringLiteral("frameGrouping"));
        QVERIFY(groups && groups->isVisible() && choice);
        QTRY_COMPARE(groups->groups().size(), std::size_t{2}); // subjects are there: they are shown at once
        QCOMPARE(groups->groups()[0].group, std::string("chemistry")); // samples 2 and 5
        QCOMPARE(groups->groups()[0].verdict.kind, std::string("not enough"));
        QCOMPARE(groups->groups()[1].verdict.kind, fixture.session.analysis()->verdict.kind);
        QStringList texts;
        for (const QLabel* text : groups->findChildren<QLabel*>())
            texts.append(text->text());
        for (const char* wanted : {"chemistry", "Not enough", "n = 2", "physics", "n = 5"})
            QVERIFY2(texts.contains(QLatin1String(wanted)), wanted);
        QCOMPARE(groups->findChildren<EvidenceScale*>().size(), 1); // no number where there is not enough
        const auto explained = groups->findChildren<ExplainButton*>();
        QCOMPARE(explained.size(), 2);
        QVERIFY(explained.front()->explanation().reading.contains(QStringLiteral("3 are needed")));
        choice->setCurrentIndex(choice->findText(QStringLiteral("By length")));
        Q_EMIT choice->activated(choice->currentIndex());
        QTRY_COMPARE(groups->groups().size(), std::size_t{1}); // all have 24 tokens
        QCOMPARE(groups->groups()[0].group, std::string("21-30"));
        QCOMPARE(groups->groups()[0].context.samples, 7);
        fixture.analyse(std::vector<std::string>{"concentration"}); // the choice stays
        QCOMPARE(choice->currentText(), QStringLiteral("By length"));
        QTRY_COMPARE(groups->groups().size(), std::size_t{1});
        card->findChild<QAction*>(QStringLiteral("frame_head"))->trigger();
        QVERIFY(!groups->isVisible());
        card->findChild<QAction*>(QStringLiteral("frame_model"))->trigger();
        QVERIFY(groups->isVisible());
        QTRY_COMPARE(groups->groups().size(), std::size_t{1});
    }

    void sinkTableSelectsAndCopies() {
        Fixture fixture;
        auto panel = fixture.panel("sink_table", {520, 300});
        fixture.begin();
        fixture.analyse(std::vector<std::string>{});
        panel->findChild<QAction*>(QStringLiteral("allSamples"))->trigger();
        auto* table = panel->findChild<QTableView*>();
        QVERIFY(table && table->model()->rowCount() >= 2);
        for (int row = 0; row < table->model()->rowCount(); ++row)
            if (table->model()->index(row, 0).data().toInt() == 1)
                table->setCurrentIndex(table->model()->index(row, 1));
        QCOMPARE(fixture.selection.sample().value, 1);
        QCOMPARE(fixture.selection.token().value, 0);
        panel->findChild<QLineEdit*>()->setText(QStringLiteral("bos"));
        QCOMPARE(table->model()->rowCount(), 2);
        panel->findChild<QAction*>(QStringLiteral("copyAction"))->trigger();
        const QStringList lines = QGuiApplication::clipboard()->text().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), 3);
        QVERIFY2(lines.front().startsWith(QStringLiteral("Sample\t#\tToken")), qPrintable(lines.front()));
    }

private:
    static QString utf8(std::string_view text) { return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())); }
};

QTEST_MAIN(TestAnalysisPanels)
#include "tst_analysis_panels.moc"
