// SPDX-License-Identifier: Apache-2.0
#include "support/fake_capture.h"
#include "support/verify_result.h"
#include "views/panel_frame.h"
#include "views/view_spec.h"

#include <QDir>
#include <QTest>

#include <algorithm>
#include <set>

using namespace sinkscope;

/// Every registered panel lives through what a session does to it, in both themes. With SINKSCOPE_SCREENS=1 it leaves pictures of all panels in
/// <build>/screens.
class TestEveryView : public QObject {
    Q_OBJECT

    struct Fixture {
        Theme theme = Theme::light();
        SessionModel session;
        Selection selection;
        ThemeNotifier notifier;
        std::unique_ptr<JobPool> pool = std::make_unique<JobPool>(1);
        JobBridge bridge{*pool};
        [[nodiscard]] ViewContext context() { return {session, selection, bridge, theme, notifier}; }
        /// The pool goes before the bridge.
        ~Fixture() { pool.reset(); }
    };

    static QSize sizeOf(DockArea area) {
        switch (area) {
        case DockArea::Left: return {268, 300};
        case DockArea::Heads: return {392, 640};
        case DockArea::Map: return {500, 640};
        case DockArea::Right: return {520, 520};
        case DockArea::Bottom: return {894, 230};
        }
        return {400, 300};
    }

    /// At least four colours: more than background, border and one text colour.
    static bool isBlank(const QImage& image) {
        std::set<QRgb> colors;
        for (int y = 0; y < image.height(); ++y)
            for (int x = 0; x < image.width(); ++x)
                if (colors.insert(image.pixel(x, y)).second && colors.size() >= 4)
                    return false;
        return true;
    }

    static void save(const QWidget& widget, const QString& name) {
        if (qEnvironmentVariableIsEmpty("SINKSCOPE_SCREENS"))
            return;
        const QDir folder(QStringLiteral(SINKSCOPE_BINARY_DIR "/screens"));
        QVERIFY(QDir().mkpath(folder.path()));
        QVERIFY(const_cast<QWidget&>(widget).grab().save(folder.filePath(name + QStringLiteral(".png"))));
    }

    static void feed(Fixture& fixture, const std::shared_ptr<test::FakeCapture>& capture, int layers) {
        for (int sample = 0; sample < static_cast<int>(capture->header().samples.size()); ++sample)
            for (int layer = 0; layer < layers; ++layer) {
                const auto statistics = capture->statistics(sample, layer);
                QVERIFY_RESULT(statistics);
                fixture.session.addStatistics(*statistics);
            }
    }

    static void analyse(Fixture& fixture, const std::shared_ptr<test::FakeCapture>& capture) {
        JobContext context;
        const auto analysis = analyzeCapture(*capture, AnalysisRequest{}, context);
        QVERIFY_RESULT(analysis);
        fixture.session.setAnalysis(*analysis);
    }

private Q_SLOTS:
    void livesThroughASession_data() {
        QTest::addColumn<const ViewSpec*>("spec");
        QTest::addColumn<bool>("dark");
        for (const ViewSpec* spec : views())
            for (const bool dark : {false, true})
                QTest::addRow("%s, %s", spec->id, dark ? "dark" : "light") << spec << dark;
    }

    void livesThroughASession() {
        QFETCH(const ViewSpec*, spec);
        QFETCH(bool, dark);
        Fixture fixture;
        fixture.theme = dark ? Theme::dark() : Theme::light();
        applyTheme(fixture.theme);
        std::unique_ptr<QWidget> panel(spec->create(fixture.context(), nullptr));
        QVERIFY(panel);
        panel->resize(sizeOf(spec->area));
        panel->show();
        QVERIFY(QTest::qWaitForWindowExposed(panel.get()));
        const QString name = QString::fromLatin1(spec->id) + (dark ? QStringLiteral("_dark") : QStringLiteral("_light"));
        QVERIFY(!isBlank(panel->grab().toImage())); // the empty state says something
        save(*panel, name + QStringLiteral("_empty"));

        const auto capture = std::make_shared<test::FakeCapture>();
        fixture.session.setCapture(capture);
        fixture.session.setRunState(SessionModel::RunState::Running);
        feed(fixture, capture, 2);
        fixture.selection.setHead(LayerId(1), HeadId(2));
        QTRY_VERIFY(!isBlank(panel->grab().toImage()));
        feed(fixture, capture, 4);
        analyse(fixture, capture);
        fixture.session.setRunState(SessionModel::RunState::Complete);
        fixture.selection.setHead(LayerId(3), HeadId(1));
        fixture.selection.setToken(TokenId(0));
        fixture.selection.setQuery(TokenId(16));
        settle(fixture);
        QVERIFY(!isBlank(panel->grab().toImage()));
        save(*panel, name);

        panel->resize(panel->size() * 0.6);
        panel->resize(sizeOf(spec->area) * 1.4);
        QVERIFY(!isBlank(panel->grab().toImage()));
        fixture.selection.setSample(SampleId(1));
        fixture.selection.setToken(TokenId(-1));
        for (int key : {Qt::Key_Right, Qt::Key_Down, Qt::Key_Left, Qt::Key_Up})
            QTest::keyClick(panel.get(), static_cast<Qt::Key>(key));
        fixture.theme = dark ? Theme::light() : Theme::dark();
        Q_EMIT fixture.notifier.themeChanged();
        settle(fixture);
        QVERIFY(!isBlank(panel->grab().toImage()));
        fixture.selection.setHead(LayerId(0), HeadId(0)); // a job is under way when the panel dies
        panel.reset();
        settle(fixture);
    }

    /// A run of another shape replaces the first while everything is selected.
    void anotherCapture_data() { livesThroughASession_data(); }
    void anotherCapture() {
        QFETCH(const ViewSpec*, spec);
        Fixture fixture;
        std::unique_ptr<QWidget> panel(spec->create(fixture.context(), nullptr));
        panel->resize(sizeOf(spec->area));
        panel->show();
        QVERIFY(QTest::qWaitForWindowExposed(panel.get()));
        const auto first = std::make_shared<test::FakeCapture>();
        fixture.session.setCapture(first);
        feed(fixture, first, 4);
        analyse(fixture, first);
        fixture.selection.setSample(SampleId(1));
        fixture.selection.setHead(LayerId(3), HeadId(3));
        fixture.selection.setToken(TokenId(23));
        fixture.selection.setQuery(TokenId(22));
        settle(fixture);
        test::FakeCaptureOptions small{.layers = 1, .heads = 1, .keyValueHeads = 1, .causal = false, .samples = 1, .words = {"[CLS]", "x"}};
        const auto second = std::make_shared<test::FakeCapture>(small);
        fixture.session.setCapture(second); // before anybody has reset the selection
        settle(fixture);
        QVERIFY(!isBlank(panel->grab().toImage()));
        fixture.selection.reset();
        feed(fixture, second, 1);
        analyse(fixture, second);
        settle(fixture);
        QVERIFY(!isBlank(panel->grab().toImage()));
        fixture.session.setCapture(nullptr);
        settle(fixture);
        panel->grab();
    }

    void idsAreUnique() {
        std::set<std::string> ids;
        for (const ViewSpec* spec : views())
            QVERIFY2(ids.insert(spec->id).second, spec->id);
        QVERIFY(ids.size() >= 7);
    }

private:
    static void applyTheme(const Theme& theme) {
        qApp->setFont(theme.font);
        qApp->setPalette(theme.palette());
        qApp->setStyleSheet(theme.styleSheet());
    }

    /// Until what is queued now has run and has come back. The pool has one thread, so that jobs end in the order they were queued; results may
    /// queue further jobs, hence the rounds.
    static void settle(Fixture& fixture) {
        for (int round = 0; round < 4; ++round) {
            bool isDone = false;
            QObject receiver;
            fixture.bridge.run<int>(&receiver, Strand::Free, [](JobContext&) -> Result<int> { return 1; }, [&](const Result<int>&) { isDone = true; });
            QTRY_VERIFY(isDone);
            QCoreApplication::processEvents();
        }
    }
};

QTEST_MAIN(TestEveryView)
#include "tst_every_view.moc"
