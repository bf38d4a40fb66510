// SPDX-License-Identifier: Apache-2.0
#include "app/main_window.h"
#include "app/qt_text.h"
#include "support/gguf_split.h"
#include "views/inspector/tensor_tree_view.h"
#include "views/inspector/weight_map_widget.h"
#include "views/panel_frame.h"

#include <QDir>
#include <QDockWidget>
#include <QDropEvent>
#include <QLabel>
#include <QMenuBar>
#include <QMimeData>
#include <QTemporaryDir>
#include <QTest>

using namespace sinkscope;

/// The inspector in the whole window: from the list of tensors to the panels beside it. With SINKSCOPE_SCREENS=1 it leaves pictures of the window in
/// both themes and two sizes in <build>/screens.
class TestInspectorWindow : public QObject {
    Q_OBJECT

    static constexpr int kPatience = 120000; // of a slow machine, under a sanitizer

    QTemporaryDir m_folder;
    std::unique_ptr<ThemeController> m_themes;
    std::unique_ptr<MainWindow> m_window;

    [[nodiscard]] QDockWidget* dock(const char* id) const { return m_window->findChild<QDockWidget*>(QLatin1String(id)); }
    [[nodiscard]] static bool isInFront(const QDockWidget* dock) { return dock->widget()->isVisible() && !dock->widget()->visibleRegion().isEmpty(); }
    [[nodiscard]] WeightMapWidget& map() const { return *m_window->findChild<WeightMapWidget*>(); }
    static QString textsOf(const QWidget& widget) {
        QStringList texts;
        for (const QLabel* label : widget.findChildren<QLabel*>())
            texts.append(label->text());
        return texts.join(QLatin1Char(' '));
    }
    void save(const QString& name) {
        const QDir folder(QStringLiteral(SINKSCOPE_BINARY_DIR "/screens"));
        if (qEnvironmentVariableIsEmpty("SINKSCOPE_SCREENS") || !QDir().mkpath(folder.path()))
            return;
        for (const QSize size : {QSize(1400, 880), QSize(1680, 1050)})
            for (const ThemeMode mode : {ThemeMode::Light, ThemeMode::Dark}) {
                m_window->resize(size);
                m_themes->setMode(mode);
                QTest::qWait(400); // for a picture only
                m_window->grab().save(folder.filePath(QStringLiteral("window_%1_%2_%3.png").arg(name).arg(size.width()).arg(mode == ThemeMode::Dark ? QStringLiteral("dark") : QStringLiteral("light"))));
            }
        m_themes->setMode(ThemeMode::Light);
    }

private Q_SLOTS:
    void initTestCase() {
        qputenv("XDG_CONFIG_HOME", QFile::encodeName(m_folder.filePath(QStringLiteral("config"))));
        m_themes = std::make_unique<ThemeController>();
        m_themes->setMode(ThemeMode::Light);
        m_window = std::make_unique<MainWindow>(*m_themes, toPath(m_folder.path()));
        m_window->resize(1400, 880);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        m_window->open(demoFolder());
        QTRY_VERIFY_WITH_TIMEOUT(m_window->session().model(), kPatience);
        QVERIFY(QTest::qWaitFor([this] { return m_window->isIdle(); }, kPatience));
    }

    void cleanupTestCase() { m_window.reset(); }

    /// Hidden panels read nothing; shown ones catch up.
    void aTensorComesToTheFront() {
        m_window->selection().showView(QStringLiteral("tensor_table"));
        QTRY_VERIFY(isInFront(dock("tensor_table")));
        auto* tree = m_window->findChild<TensorTreeView*>();
        tree->setFilter(QStringLiteral("layer 3"));
        tree->select(QStringLiteral("model.layers.3.mlp.down_proj.weight"));
        QVERIFY(!isInFront(dock("weight_map")));
        QVERIFY(!map().content().picture);
        QTest::keyClick(tree, Qt::Key_Return);
        QTRY_VERIFY(isInFront(dock("weight_map")));
        QTRY_VERIFY_WITH_TIMEOUT(map().content().picture, kPatience);
        m_window->selection().showView(QStringLiteral("tensor_statistics"));
        QTRY_VERIFY_WITH_TIMEOUT(textsOf(*dock("tensor_statistics")).contains(QStringLiteral("Std deviation")), kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(textsOf(*dock("tensor_statistics")).contains(QStringLiteral("Singular values")), kPatience);
        save(QStringLiteral("inspector"));
        m_window->selection().setTensor(QStringLiteral("model.embed_tokens.weight"));
        QTRY_VERIFY_WITH_TIMEOUT(map().content().rows == 4096 && map().content().picture, kPatience);
        map().zoomAt(map().currentView().plot.topLeft() + QPointF(20, 80), {40, 60});
        QTRY_VERIFY_WITH_TIMEOUT(map().content().picture->isExact(), kPatience);
        for (QAction* action : dock("tensor_statistics")->findChildren<QAction*>())
            if (action->text() == QStringLiteral("Spectrum"))
                action->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(textsOf(*dock("tensor_statistics")).contains(QStringLiteral("Stable rank")), kPatience);
        save(QStringLiteral("spectrum"));
    }

    /// Dropped on the window, whole or any part of a split one: the card says what it is, the filter finds its tensors.
    void ggufFilesAreDropped() {
        const auto golden = std::filesystem::path(SINKSCOPE_SOURCE_DIR) / "tests/golden/gguf/models/llama_q8_0.gguf";
        const auto parts = test::splitGguf(golden, toPath(m_folder.filePath(QStringLiteral("tiny"))));
        QCOMPARE(parts.size(), std::size_t{3});
        for (const auto& path : {golden, parts[1]}) {
            QMimeData data;
            data.setUrls({QUrl::fromLocalFile(fromPath(path))});
            const QPoint centre = m_window->rect().center();
            QDragEnterEvent enter(centre, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
            QApplication::sendEvent(m_window.get(), &enter);
            QVERIFY(enter.isAccepted());
            QDropEvent event(centre, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
            QApplication::sendEvent(m_window.get(), &event);
            QTRY_VERIFY_WITH_TIMEOUT(m_window->session().model() && m_window->session().model()->checkpoint->opened == path, kPatience);
            QVERIFY(QTest::qWaitFor([this] { return m_window->isIdle(); }, kPatience));
            QVERIFY(m_window->session().model()->spec);
            const QString card = textsOf(*dock("checkpoint_card"));
            QVERIFY2(card.contains(QStringLiteral("LLaMA")) && card.contains(QStringLiteral("dequantized")), qPrintable(card));
            QCOMPARE(card.contains(QStringLiteral("all 3 parts are opened")), path != golden);
            auto* tree = m_window->findChild<TensorTreeView*>();
            tree->setFilter(QStringLiteral("layer 1 query"));
            QCOMPARE(tree->shownTensors(), 1);
            save(path == golden ? QStringLiteral("gguf") : QStringLiteral("gguf_split"));
            tree->setFilter({});
        }
    }

    void toolsAreInTheMenu() {
        QStringList entries;
        for (const QAction* menu : m_window->menuBar()->actions())
            if (menu->text() == QStringLiteral("&Tools"))
                for (const QAction* action : menu->menu()->actions())
                    entries.append(action->text());
        QVERIFY(entries.contains(QStringLiteral("&Compare Checkpoints…")) && entries.contains(QStringLiteral("&Self-Test…")));
    }
};

QTEST_MAIN(TestInspectorWindow)
#include "tst_inspector_window.moc"
