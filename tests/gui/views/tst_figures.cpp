// SPDX-License-Identifier: Apache-2.0
#include "support/fake_capture.h"
#include "support/verify_result.h"
#include "views/figures/figure_spec.h"
#include "views/image_export/image_exporter_spec.h"

#include <QFile>
#include <QFileInfo>
#include <QImage>
#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>

using namespace sinkscope;

/// Every registered figure in every format: the files are read back with other programs' eyes. With SINKSCOPE_SCREENS=1 they stay in
/// <build>/screens.
class TestFigures : public QObject {
    Q_OBJECT

    std::shared_ptr<CaptureSource> m_capture = std::make_shared<test::FakeCapture>();
    QTemporaryDir m_folder;

    QString pathOf(const QString& name) const {
        return (qEnvironmentVariableIsEmpty("SINKSCOPE_SCREENS") ? m_folder.path() : QStringLiteral(SINKSCOPE_BINARY_DIR "/screens")) +
               QLatin1Char('/') + name;
    }

    static QJsonObject recipeOf(const FigureSpec& figure) {
        return {{QStringLiteral("figure"), QString::fromLatin1(figure.id)}, {QStringLiteral("layer"), 2}, {QStringLiteral("head"), 1}};
    }

    void write(const QJsonObject& recipe, const QString& path) const {
        const auto data = prepareFigure(recipe, m_capture);
        QVERIFY_RESULT(data);
        QVERIFY_RESULT(writeFigure(**data, path.toStdString()));
        QVERIFY(QFileInfo(path).size() > 500);
    }

    static QByteArray contentOf(const QString& path) {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    static QString outputOf(const QString& program, const QStringList& arguments) {
        QProcess process;
        process.start(program, arguments);
        if (!process.waitForFinished() || process.exitCode() != 0)
            return {};
        return QString::fromUtf8(process.readAllStandardOutput());
    }

    /// What a reader must find as text in a figure.
    static QStringList wordsOf(const FigureSpec& figure) {
        const QString id = QString::fromLatin1(figure.id);
        if (id == QLatin1String("heat_map"))
            return {QStringLiteral("Layer 2, head 1"), QStringLiteral("charge"), QStringLiteral("заряд"), QStringLiteral("<|bos|>"), QStringLiteral("attention weight")};
        if (id == QLatin1String("received_attention"))
            return {QStringLiteral("Layer 2, head 1"), QStringLiteral("charge"), QStringLiteral("uniform attention")};
        if (id == QLatin1String("heads_grid"))
            return {QStringLiteral("H3"), QStringLiteral("L2")};
        if (id == QLatin1String("along_depth"))
            return {QStringLiteral("L0"), QStringLiteral("L3"), QStringLiteral("0.50")};
        if (id == QLatin1String("attention_graph"))
            return {QStringLiteral("Layer 2, head 1"), QStringLiteral("charge"), QStringLiteral("заряд"), QStringLiteral("Fiedler value"), QStringLiteral("weight above 0.05")};
        if (id == QLatin1String("laplacian_spectrum"))
            return {QStringLiteral("Layer 2, head 1"), QStringLiteral("Fiedler value"), QStringLiteral("gap"), QStringLiteral("95 % of 99 draws of")};
        if (id == QLatin1String("value_space"))
            return {QStringLiteral("Layer 2, head 1"), QStringLiteral("charge"), QStringLiteral("Value norm"), QStringLiteral("dashed: equal"), QStringLiteral("Agreement of the rotary planes")};
        if (id == QLatin1String("barcode"))
            return {QStringLiteral("Layer 2, head 1"), QStringLiteral("components"), QStringLiteral("Betti numbers"), QStringLiteral("mean weight")};
        return {};
    }

    /// Text of a PDF in any order, white space and the order of rotated runs set aside.
    static QString squeezed(QString text) { return text.remove(QRegularExpression(QStringLiteral("\\s"))); }

private Q_SLOTS:
    void figure_data() {
        QTest::addColumn<const FigureSpec*>("figure");
        for (const FigureSpec* figure : figures())
            QTest::newRow(figure->id) << figure;
    }

    void pdf_data() { figure_data(); }
    void pdf() {
        QFETCH(const FigureSpec*, figure);
        const QString path = pathOf(QString::fromLatin1(figure->id) + QStringLiteral(".pdf"));
        write(recipeOf(*figure), path);
        const QByteArray bytes = contentOf(path);
        QVERIFY(bytes.startsWith("%PDF-1.6"));
        QVERIFY(bytes.contains("sinkscope-recipe.json"));
        QVERIFY2(!QStandardPaths::findExecutable(QStringLiteral("pdffonts")).isEmpty(), "install poppler-utils, as packaging/test.sh does");
        const QStringList fonts = outputOf(QStringLiteral("pdffonts"), {path}).split(QLatin1Char('\n'), Qt::SkipEmptyParts).mid(2);
        QVERIFY2(!fonts.isEmpty(), "no font: the text has become outlines");
        for (const QString& font : fonts) {
            QVERIFY2(!font.contains(QLatin1String("Type 3")), qPrintable(font));
            QVERIFY2(font.contains(QRegularExpression(QStringLiteral("TrueType.* yes +(yes|no) +yes"))), qPrintable(font)); // embedded, subset, to Unicode
        }
        const QString text = squeezed(outputOf(QStringLiteral("pdftotext"), {QStringLiteral("-raw"), path, QStringLiteral("-")}));
        const QStringList words = wordsOf(*figure);
        for (const QString& word : words)
            QVERIFY2(text.contains(squeezed(word)), qPrintable(word + QStringLiteral(" is not in: ") + text));
        const QString size = outputOf(QStringLiteral("pdfinfo"), {path});
        QVERIFY2(size.contains(QRegularExpression(QStringLiteral("Page size: +397 x "))), qPrintable(size)); // 140 mm, in whole points
        QVERIFY(size.contains(QLatin1String("synthetic-4x4")));
    }

    void svg_data() { figure_data(); }
    void svg() {
        QFETCH(const FigureSpec*, figure);
        const QString path = pathOf(QString::fromLatin1(figure->id) + QStringLiteral(".svg"));
        write(recipeOf(*figure), path);
        QXmlStreamReader reader(contentOf(path));
        QString text, metadata, style;
        QString* target = nullptr;
        while (!reader.atEnd()) {
            reader.readNext();
            if (reader.isStartElement())
                target = reader.name() == QLatin1String("text") ? &text : reader.name() == QLatin1String("metadata") ? &metadata
                         : reader.name() == QLatin1String("style") ? &style : nullptr;
            else if (reader.isCharacters() && target)
                *target += reader.text();
        }
        QVERIFY2(!reader.hasError(), qPrintable(reader.errorString()));
        const QStringList words = wordsOf(*figure);
        for (const QString& word : words)
            QVERIFY2(squeezed(text).contains(squeezed(word)), qPrintable(word));
        QVERIFY2(style.contains(QLatin1String("@font-face")), "no font is embedded");
        const QJsonObject provenance = QJsonDocument::fromJson(metadata.toUtf8()).object();
        QCOMPARE(provenance.value(QLatin1String("recipe")).toObject().value(QLatin1String("figure")).toString(), QString::fromLatin1(figure->id));
    }

    void png_data() { figure_data(); }
    void png() {
        QFETCH(const FigureSpec*, figure);
        const QString path = pathOf(QString::fromLatin1(figure->id) + QStringLiteral(".png"));
        QJsonObject recipe = recipeOf(*figure);
        recipe.insert(QStringLiteral("dpi"), 200);
        recipe.insert(QStringLiteral("width_mm"), 100);
        write(recipe, path);
        const QImage image(path);
        QVERIFY(std::abs(image.width() - 787) <= 1); // 100 mm at 200 dpi
        QVERIFY(std::abs(image.dotsPerMeterX() - 7874) <= 1);
        const QJsonObject provenance = QJsonDocument::fromJson(image.text(QStringLiteral("Sinkscope")).toUtf8()).object();
        QCOMPARE(provenance.value(QLatin1String("recipe")).toObject().value(QLatin1String("dpi")).toInt(), 200);
        QCOMPARE(provenance.value(QLatin1String("model")).toString(), QStringLiteral("synthetic-4x4"));
        QSet<QRgb> colors;
        for (int y = 0; y < image.height(); y += 3)
            for (int x = 0; x < image.width(); x += 3)
                colors.insert(image.pixel(x, y));
        QVERIFY(colors.size() > 8);
    }

    /// The same recipe gives the same picture.
    void isReproducible_data() { figure_data(); }
    void isReproducible() {
        QFETCH(const FigureSpec*, figure);
        write(recipeOf(*figure), pathOf(QStringLiteral("once.png")));
        write(recipeOf(*figure), pathOf(QStringLiteral("twice.png")));
        QCOMPARE(QImage(pathOf(QStringLiteral("once.png"))), QImage(pathOf(QStringLiteral("twice.png"))));
    }

    void refuses_data() {
        QTest::addColumn<QJsonObject>("recipe");
        const auto with = [](const char* figure, const char* key, const QJsonValue& value) {
            return QJsonObject{{QStringLiteral("figure"), QString::fromLatin1(figure)}, {QString::fromLatin1(key), value}};
        };
        QTest::newRow("unknown figure") << with("pie", "layer", 0);
        QTest::newRow("no figure") << QJsonObject();
        QTest::newRow("layer beyond the last") << with("heat_map", "layer", 4);
        QTest::newRow("negative head") << with("heat_map", "head", -1);
        QTest::newRow("half a sample") << with("heat_map", "sample", 0.5);
        QTest::newRow("sample as text") << with("heat_map", "sample", QStringLiteral("first"));
        QTest::newRow("width 0") << with("heat_map", "width_mm", 0);
        QTest::newRow("width as text") << with("heat_map", "width_mm", QStringLiteral("wide"));
        QTest::newRow("endless resolution") << with("heat_map", "dpi", 1e9);
        QTest::newRow("unknown scale") << with("heat_map", "scale", QStringLiteral("rainbow"));
        QTest::newRow("unknown values") << with("heat_map", "values", QStringLiteral("gradients"));
        QTest::newRow("unknown metric") << with("heads_grid", "metric", QStringLiteral("beauty"));
        QTest::newRow("unknown metric along depth") << with("along_depth", "metrics", QJsonArray{QStringLiteral("beauty")});
        QTest::newRow("unknown cut of a graph") << with("attention_graph", "cut", QStringLiteral("guess"));
        QTest::newRow("threshold as text") << with("attention_graph", "threshold", QStringLiteral("low"));
        QTest::newRow("percentile above 100") << with("attention_graph", "percentile", 101);
        QTest::newRow("unknown spectrum") << with("laplacian_spectrum", "spectrum", QStringLiteral("rainbow"));
        QTest::newRow("unknown null") << with("laplacian_spectrum", "null", QStringLiteral("zero"));
        QTest::newRow("unknown filtration") << with("barcode", "filtration", QStringLiteral("euclid"));
        QTest::newRow("unknown view of a barcode") << with("barcode", "view", QStringLiteral("landscape"));
        QTest::newRow("no metric along depth") << with("along_depth", "metrics", QJsonArray());
    }
    void refuses() {
        QFETCH(QJsonObject, recipe);
        QVERIFY_ERROR(prepareFigure(recipe, m_capture), ErrorCode::InvalidArgument);
    }

    void refusesUnknownExtension() {
        const auto data = prepareFigure({{QStringLiteral("figure"), QStringLiteral("heat_map")}}, m_capture);
        QVERIFY_RESULT(data);
        QVERIFY_ERROR(writeFigure(**data, pathOf(QStringLiteral("figure.docx")).toStdString()), ErrorCode::InvalidArgument);
    }

    void saysWhenItCannotWrite() {
        const auto data = prepareFigure({{QStringLiteral("figure"), QStringLiteral("heat_map")}}, m_capture);
        QVERIFY_RESULT(data);
        for (const ImageExporterSpec* exporter : image_exporters()) {
            const QString path = QStringLiteral("/proc/no-such-folder/figure.") + QString::fromLatin1(exporter->extension);
            QVERIFY_ERROR(writeFigure(**data, path.toStdString()), ErrorCode::WriteFailed);
        }
    }

    /// A long text: one image in the file instead of millions of rectangles, and every figure still has room for its parts.
    void longText() {
        test::FakeCaptureOptions options{.layers = 1, .heads = 2, .keyValueHeads = 1, .samples = 1};
        for (int i = 0; i < 600; ++i)
            options.words.push_back(" word" + std::to_string(i));
        const auto capture = std::make_shared<test::FakeCapture>(options);
        for (const char* id : {"heat_map", "received_attention", "attention_graph", "barcode", "value_space"}) {
            const auto data = prepareFigure({{QStringLiteral("figure"), QString::fromLatin1(id)}}, capture);
            QVERIFY_RESULT(data);
            const QString path = pathOf(QStringLiteral("long_") + QString::fromLatin1(id) + QStringLiteral(".pdf"));
            QVERIFY_RESULT(writeFigure(**data, path.toStdString()));
            QVERIFY(QFileInfo(path).size() < 2'000'000);
        }
    }
};

QTEST_MAIN(TestFigures)
#include "tst_figures.moc"
