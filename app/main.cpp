// SPDX-License-Identifier: Apache-2.0
#include "app/application.h"
#include "app/figure_command.h"
#include "core/nn/forward.h"

#include <QSurfaceFormat>

#include <cstring>

namespace {

/// Figures other than the 3D view are drawn without a display.
void chooseOffscreenPlatform(int argc, char** argv) {
    const bool hasDisplay = qEnvironmentVariableIsSet("DISPLAY") || qEnvironmentVariableIsSet("WAYLAND_DISPLAY");
    if (hasDisplay || qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        return;
    for (int i = 1; i < argc; ++i)
        if (std::strcmp(argv[i], "--figure") == 0)
            qputenv("QT_QPA_PLATFORM", "offscreen");
}

} // namespace

int main(int argc, char** argv) {
    sinkscope::selectBlasKernels(argc, argv);
    chooseOffscreenPlatform(argc, argv);
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
