// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/vtk_target.h"

#include <QOpenGLContext>
#include <QOpenGLExtraFunctions>
#include <QOpenGLFunctions>

#include <vtkCallbackCommand.h>
#include <vtkCommand.h>
#include <vtkGenericOpenGLRenderWindow.h>
#include <vtkNew.h>
#include <vtkOpenGLFramebufferObject.h>
#include <vtkOpenGLState.h>
#include <vtkRenderer.h>

namespace sinkscope {

namespace {
constexpr int kSamples = 8; // of anti-aliasing

void addAnswer(vtkObject& object, unsigned long event, void (*answer)(vtkObject*, unsigned long, void*, void*)) {
    vtkNew<vtkCallbackCommand> command;
    command->SetCallback(answer);
    object.AddObserver(event, command);
}
} // namespace

bool VtkTarget::rendersInSoftware() {
    const auto* name = reinterpret_cast<const char*>(QOpenGLContext::currentContext()->functions()->glGetString(GL_RENDERER));
    const QString renderer = QString::fromLatin1(name ? name : "");
    for (const char* known : {"llvmpipe", "softpipe", "SwiftShader", "Software"})
        if (renderer.contains(QLatin1String(known), Qt::CaseInsensitive))
            return true;
    return false;
}

QSurfaceFormat VtkTarget::surfaceFormat() {
    QSurfaceFormat format;
    format.setRenderableType(QSurfaceFormat::OpenGL);
    format.setVersion(3, 2);
    format.setProfile(QSurfaceFormat::CoreProfile);
    format.setDepthBufferSize(24);
    format.setStencilBufferSize(8);
    format.setSamples(0); // VTK smooths in a framebuffer of its own
    return format;
}

bool VtkTarget::isSupported(const QOpenGLContext& context) {
    return context.isValid() && !context.isOpenGLES() && context.format().version() >= std::pair(3, 2);
}

VtkTarget::VtkTarget() : m_window(vtkSmartPointer<vtkGenericOpenGLRenderWindow>::New()) {
    m_window->SetOwnContext(false);
    m_window->SetFrameBlitModeToBlitToCurrent();
    // Qt asks for forward-compatible contexts. They draw lines of one pixel only, whatever width the driver reports, so VTK has to make wide ones
    // itself (in a geometry shader).
    m_window->SetForceMaximumHardwareLineWidth(1);
    m_window->SetReadyForRendering(true);
    m_isSoftware = rendersInSoftware();
}

VtkTarget::~VtkTarget() {
    if (m_renderer)
        m_window->RemoveRenderer(m_renderer);
    m_window->Finalize();
}

void VtkTarget::attach(vtkRenderer& renderer) {
    m_renderer = &renderer;
    // The context is current whenever a target is used. Answering MakeCurrent with QOpenGLWidget::makeCurrent would be worse than nothing: that
    // binds Qt's framebuffer while VTK is filling its own.
    addAnswer(*m_window, vtkCommand::WindowIsCurrentEvent,
              [](vtkObject*, unsigned long, void*, void* answer) { *static_cast<bool*>(answer) = QOpenGLContext::currentContext() != nullptr; });
    addAnswer(*m_window, vtkCommand::WindowSupportsOpenGLEvent,
              [](vtkObject*, unsigned long, void*, void* answer) { *static_cast<int*>(answer) = 1; });
    m_window->AddRenderer(&renderer);
}

void VtkTarget::render(const QSize& size, bool moving) {
    prepareState();
    m_window->SetMultiSamples(multisamples(moving) ? kSamples : 0);
    m_window->SetSize(size.width(), size.height());
    m_window->Render();
    restoreState();
}

void VtkTarget::repeat() {
    // Not m_window->Frame(): that would resolve the samples again, which is most of the work of a software renderer.
    QOpenGLExtraFunctions* gl = QOpenGLContext::currentContext()->extraFunctions();
    GLint target = 0;
    gl->glGetIntegerv(GL_DRAW_FRAMEBUFFER_BINDING, &target);
    gl->glBindFramebuffer(GL_READ_FRAMEBUFFER, m_window->GetDisplayFramebuffer()->GetFBOIndex());
    const int* size = m_window->GetSize();
    gl->glDisable(GL_SCISSOR_TEST);
    gl->glBlitFramebuffer(0, 0, size[0], size[1], 0, 0, size[0], size[1], GL_COLOR_BUFFER_BIT, GL_NEAREST);
    gl->glBindFramebuffer(GL_FRAMEBUFFER, static_cast<GLuint>(target));
    makeOpaque();
}

void VtkTarget::makeOpaque() {
    QOpenGLFunctions* gl = QOpenGLContext::currentContext()->functions();
    gl->glDisable(GL_SCISSOR_TEST);
    gl->glColorMask(GL_FALSE, GL_FALSE, GL_FALSE, GL_TRUE);
    gl->glClearColor(0, 0, 0, 1);
    gl->glClear(GL_COLOR_BUFFER_BIT);
    gl->glColorMask(GL_TRUE, GL_TRUE, GL_TRUE, GL_TRUE);
}

void VtkTarget::prepareState() {
    vtkOpenGLState* state = m_window->GetState();
    state->Reset(); // Qt has changed the driver's state behind VTK's cached copy of it
    state->Push();
    state->vtkglDepthFunc(GL_LEQUAL);
    QOpenGLContext::currentContext()->functions()->glEnable(GL_SAMPLE_ALPHA_TO_COVERAGE); // smooth rims of discs without sorting them by depth
}

void VtkTarget::restoreState() {
    QOpenGLFunctions* gl = QOpenGLContext::currentContext()->functions();
    gl->glDisable(GL_SAMPLE_ALPHA_TO_COVERAGE);
    m_window->GetState()->Pop();
    makeOpaque();
    // QPainter comes next and does not expect these.
    gl->glDisable(GL_DEPTH_TEST);
    gl->glDisable(GL_CULL_FACE);
    gl->glUseProgram(0);
    gl->glActiveTexture(GL_TEXTURE0);
    gl->glBindBuffer(GL_ARRAY_BUFFER, 0);
}

} // namespace sinkscope
