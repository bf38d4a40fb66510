// SPDX-License-Identifier: Apache-2.0
#include "app/application.h"

#include "app/main_window.h"
#include "app/qt_text.h"
#include "core/base/log.h"

#include <QCommandLineParser>
#include <QElapsedTimer>
#include <QStandardPaths>
#include <QTimer>

namespace sinkscope {
namespace {

/// A handler that takes longer is a bug: worth a line in the log.
constexpr qint64 kSlowHandlerMs = 50;
/// How long nothing may happen before a screenshot is taken.
constexpr int kSettleMs = 1500;

[[noreturn]] void wrongUsage(const QString& what) {
    std::fprintf(stderr, "sinkscope: %s (try: sinkscope --help)\n", qPrintable(what));
    std::exit(2);
}

/// Grabs the window once everything that was asked for has been done.
void takeScreenshot(MainWindow& window, const QString& file) {
    auto* timer = new QTimer(&window);
    timer->setInterval(kSettleMs);
    QObject::connect(timer, &QTimer::timeout, &window, [&window, timer, file] {
        if (!window.controller().isIdle())
            return;
        timer->stop();
        if (!window.grab().save(file))
            std::fprintf(stderr, "sinkscope: cannot write %s\n", qPrintable(file));
        window.close();
    });
    timer->start();
}

} // namespace

Application::Application(int& argc, char** argv) : QApplication(argc, argv) {
    setApplicationName(QStringLiteral("sinkscope"));
    setOrganizationName(QStringLiteral("sinkscope"));
    setApplicationDisplayName(QStringLiteral("Sinkscope"));
    setApplicationVersion(QStringLiteral(SINKSCOPE_VERSION));
    setDesktopFileName(QStringLiteral("sinkscope"));
    const QString folder = QStringLiteral(":/sinkscope/translations");
    if (m_translator.load(QLocale(), QStringLiteral("sinkscope"), QStringLiteral("_"), folder) || m_translator.load(QStringLiteral("sinkscope_en"), folder))
        installTranslator(&m_translator); // English has its plural forms in there
    setWindowIcon(QIcon(QStringLiteral(":/sinkscope/icons/sinkscope.svg")));
}

bool Application::notify(QObject* receiver, QEvent* event) {
    const bool outermost = m_depth++ == 0;
    QElapsedTimer timer;
    if (outermost)
        timer.start();
    const int type = event->type();
    const QByteArray name = outermost ? QByteArray(receiver->metaObject()->className()) : QByteArray();
    const bool handled = QApplication::notify(receiver, event);
    --m_depth;
    if (outermost && timer.elapsed() > kSlowHandlerMs)
        logMessage(LogLevel::Info, "slow: event " + std::to_string(type) + " of " + name.toStdString() + " took " + std::to_string(timer.elapsed()) + " ms");
    return handled;
}

StartOptions parseArguments(const QApplication& application) {
    QCommandLineParser parser;
    parser.setApplicationDescription(Application::tr("Attention sinks as reference frames, on any checkpoint."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(QStringLiteral("path"), Application::tr("Checkpoint, capture or text file to open."), QStringLiteral("[path...]"));
    const QCommandLineOption demo(QStringLiteral("demo"), Application::tr("Open the bundled demo and run it."));
    const QCommandLineOption figure(QStringLiteral("figure"), Application::tr("Draw a figure without a window."), QStringLiteral("recipe.json"));
    const QCommandLineOption output({QStringLiteral("o"), QStringLiteral("output")}, Application::tr("Where --figure writes (.pdf, .svg, .png, .json, for some .csv)."), QStringLiteral("file"));
    const QCommandLineOption screenshot(QStringLiteral("screenshot"), Application::tr("Write a picture of the window when idle, and quit."), QStringLiteral("file.png"));
    const QCommandLineOption size(QStringLiteral("size"), Application::tr("Size of the window, for example 1280x800."), QStringLiteral("WxH"));
    const QCommandLineOption theme(QStringLiteral("theme"), Application::tr("light or dark."), QStringLiteral("name"));
    parser.addOptions({demo, figure, output, screenshot, size, theme});
    if (!parser.parse(application.arguments()))
        wrongUsage(parser.errorText());
    parser.process(application); // --help and --version end here
    StartOptions options;
    options.paths = parser.positionalArguments();
    options.demo = parser.isSet(demo);
    options.figure = parser.value(figure);
    options.output = parser.value(output);
    options.screenshot = parser.value(screenshot);
    options.theme = parser.value(theme);
    if (parser.isSet(size)) {
        const QStringList sides = parser.value(size).split(QLatin1Char('x'));
        options.size = sides.size() == 2 ? QSize(sides[0].toInt(), sides[1].toInt()) : QSize();
        if (options.size.isEmpty())
            wrongUsage(QStringLiteral("--size takes a width and a height such as 1280x800"));
    }
    if (options.figure.isEmpty() != options.output.isEmpty())
        wrongUsage(QStringLiteral("--figure needs -o, and -o needs --figure"));
    return options;
}

int runWindow(Application& application, const StartOptions& options) {
    const Settings settings;
    ThemeController themes;
    themes.setFontZoom(settings.fontZoom());
    themes.setMode(options.theme == QLatin1String("dark")    ? ThemeMode::Dark
                   : options.theme == QLatin1String("light") ? ThemeMode::Light
                                                             : settings.themeMode());
    const QString cache = QStandardPaths::writableLocation(QStandardPaths::CacheLocation) + QStringLiteral("/runs");
    MainWindow window(themes, toPath(cache));
    if (options.size.isValid())
        window.resize(options.size);
    window.show();
    // Opening waits until the window has been painted once.
    QTimer::singleShot(0, &window, [&window, &options] {
        if (options.demo)
            window.openDemo();
        window.openAll(options.paths);
        if (!options.screenshot.isEmpty())
            takeScreenshot(window, options.screenshot);
    });
    return application.exec();
}

} // namespace sinkscope
