// SPDX-License-Identifier: Apache-2.0
#include "app/application.h"
#include "app/figure_command.h"
#include "core/nn/forward.h"

#include <QSurfaceFormat>

#include <cstdio>
#include <cstring>

namespace {

/// Figures, help and the version need no display; a window does. False when there is none for it.
bool choosePlatform(int argc, char** argv) {
    const bool hasDisplay = qEnvironmentVariableIsSet("DISPLAY") || qEnvironmentVariableIsSet("WAYLAND_DISPLAY");
    if (hasDisplay || qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        return true;
    qputenv("QT_QPA_PLATFORM", "offscreen");
    for (int i = 1; i < argc; ++i)
        for (const char* windowless : {"--figure", "--help", "-h", "--version", "-v"})
            if (std::strcmp(argv[i], windowless) == 0)
                return true;
    return false;
}

} // namespace

int main(int argc, char** argv) {
    sinkscope::selectBlasKernels(argc, argv);
    if (!choosePlatform(argc, argv)) {
        std::fprintf(stderr, "sinkscope: there is no display to open a window on (try: sinkscope-cli, or sinkscope --figure)\n");
        return 1;
    }
    QSurfaceFormat format; // what VTK 9 asks of a context
    format.setVersion(3, 2);
    format.setProfile(QSurfaceFormat::CompatibilityProfile);
    format.setDepthBufferSize(24);
    format.setStencilBufferSize(8);
    QSurfaceFormat::setDefaultFormat(format);
    QGuiApplication::setHighDpiScaleFactorRoundingPolicy(Qt::HighDpiScaleFactorRoundingPolicy::PassThrough);
    sinkscope::Application application(argc, argv);
    const sinkscope::StartOptions options = sinkscope::parseArguments(application);
    if (!options.figure.isEmpty())
        return sinkscope::runFigureCommand(options.figure, options.output);
    return sinkscope::runWindow(application, options);
}
