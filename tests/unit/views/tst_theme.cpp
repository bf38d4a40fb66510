// SPDX-License-Identifier: Apache-2.0
#include "views/theme.h"

#include <QTest>
#include <QWidget>

#include <cmath>

using namespace sinkscope;

class TestTheme : public QObject {
    Q_OBJECT

    static double luminance(QRgb color) {
        const auto linear = [](int channel) {
            const double c = channel / 255.0;
            return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
        };
        return 0.2126 * linear(qRed(color)) + 0.7152 * linear(qGreen(color)) + 0.0722 * linear(qBlue(color));
    }

private Q_SLOTS:
    void textHasContrast_data() {
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }
    void textHasContrast() {
        QFETCH(bool, dark);
        const Theme theme = dark ? Theme::dark() : Theme::light();
        QCOMPARE(theme.isDark, dark);
        for (const QColor& ground : {theme.panel, theme.panelHeader, theme.window})
            for (const QColor& text : {theme.text, theme.mutedText, theme.accent, theme.anchorText, theme.warning, theme.error})
                QVERIFY2(contrastRatio(text, ground) >= 4.5, qPrintable(text.name() + QStringLiteral(" on ") + ground.name()));
        for (const QColor& ground : {theme.selection, theme.chip, theme.hover})
            QVERIFY2(contrastRatio(theme.text, ground) >= 4.5, qPrintable(ground.name()));
        QVERIFY(contrastRatio(theme.onAccent, theme.accent) >= 4.5);
        QVERIFY(contrastRatio(theme.onAnchor, theme.anchor) >= 4.5);
    }

    void contrastOfBlackAndWhite() {
        QVERIFY(std::abs(contrastRatio(Qt::black, Qt::white) - 21.0) < 1e-9);
        QVERIFY(std::abs(contrastRatio(Qt::white, Qt::white) - 1.0) < 1e-9);
    }

    /// Greyscale prints keep the order of values.
    void mapsGrowLighter_data() {
        QTest::addColumn<QByteArray>("map");
        QTest::newRow("viridis") << QByteArray("viridis");
        QTest::newRow("cividis") << QByteArray("cividis");
    }
    void mapsGrowLighter() {
        QFETCH(QByteArray, map);
        const auto& table = sequentialTable(map.toStdString());
        QCOMPARE(table.size(), std::size_t(256));
        for (std::size_t i = 1; i < table.size(); ++i)
            QVERIFY2(luminance(table[i]) >= luminance(table[i - 1]) - 1e-3, qPrintable(QString::number(i)));
        QVERIFY(luminance(table[255]) > luminance(table[0]) + 0.6);
        for (std::size_t i = 1; i < table.size(); ++i) // no steps that the eye takes for borders
            QVERIFY(std::abs(qRed(table[i]) - qRed(table[i - 1])) + std::abs(qGreen(table[i]) - qGreen(table[i - 1])) +
                        std::abs(qBlue(table[i]) - qBlue(table[i - 1])) <= 12);
    }

    void colorsAreClamped() {
        QCOMPARE(sequentialColor("viridis", -3), sequentialColor("viridis", 0));
        QCOMPARE(sequentialColor("viridis", 7), sequentialColor("viridis", 1));
        QCOMPARE(sequentialColor("viridis", std::nan("")), sequentialColor("viridis", 0));
        QCOMPARE(sequentialColor("viridis", 0).name(), QStringLiteral("#440154"));
        QCOMPARE(sequentialColor("cividis", 1).name(), QStringLiteral("#fee838"));
    }

    void styleSheetIsComplete() {
        for (const Theme& theme : {Theme::light(), Theme::dark()}) {
            const QString sheet = theme.styleSheet();
            QVERIFY2(!sheet.contains(QLatin1Char('@')), "a colour has no value");
            QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
            QWidget widget;
            widget.setStyleSheet(sheet); // warns when it cannot be parsed
            widget.ensurePolished();
        }
    }
};

QTEST_MAIN(TestTheme)
#include "tst_theme.moc"
