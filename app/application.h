// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QApplication>
#include <QSize>
#include <QStringList>
#include <QTranslator>

namespace sinkscope {

/// What the command line asked for.
struct StartOptions {
    QStringList paths;
    QString figure, output;     ///< --figure RECIPE -o OUTPUT
    QString screenshot;         ///< --screenshot FILE: paint, wait until idle, write, quit
    QSize size;                 ///< of the window, with --size
    QString theme;              ///< "light", "dark" or empty
    bool demo = false;
};

/// A QApplication that logs event handlers that kept the interface waiting. Thread: gui.
class Application : public QApplication {
    Q_OBJECT
public:
    Application(int& argc, char** argv);
    bool notify(QObject* receiver, QEvent* event) override;

private:
    QTranslator m_translator;
    int m_depth = 0; ///< of nested notifications; only the outermost is timed
};

/// Parses the arguments; prints help or an error and exits the process where Qt's parser does so.
StartOptions parseArguments(const QApplication& application);
/// Opens the window as asked and runs until it closes. Returns the exit code.
int runWindow(Application& application, const StartOptions& options);

} // namespace sinkscope
