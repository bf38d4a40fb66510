// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/analysis.h"
#include "core/capture/capture.h"
#include "views/theme.h"

#include <QImage>
#include <QJsonObject>
#include <QPainter>
#include <QSizeF>

#include <memory>
#include <span>

namespace sinkscope {

/// Everything a figure may draw from. Built from a recipe by `prepareFigure` on a worker; painting needs no file.
struct FigureData {
    QJsonObject recipe;                                     ///< what was asked, with every default filled in
    const CaptureHeader* header = nullptr;                  ///< of `capture`
    std::shared_ptr<CaptureSource> capture;
    int sample = 0, layer = 0, head = 0;
    std::vector<std::shared_ptr<const LayerStatistics>> statistics; ///< [layer], of `sample`
    std::shared_ptr<const HeadAttention> attention;         ///< of (sample, layer, head)
    std::shared_ptr<const AnalysisResult> analysis;         ///< what is known already; may be null
    std::shared_ptr<const void> prepared;                   ///< what FigureSpec::prepare made
};

/// Whether the recipe of a figure names metrics: "metric" (one id) or "metrics" (a list of ids).
enum class FigureMetrics { None, One, Several };

/// A kind of figure. Registered in views/CMakeLists.txt (list `figures`): it is then offered in the Figures menu and by
/// `sinkscope --figure`.
///
/// A recipe is JSON: {"figure": "<id>", "capture": "run.h5", "sample": 0, "layer": 2, "head": 1, "width_mm": 140, "height_mm": 0,
/// "font_pt": 8, "dpi": 300, ...options of the figure}. Relative paths are relative to the recipe. height_mm 0: chosen by the figure.
struct FigureSpec {
    const char* id;      ///< "heat_map", "heads_grid", "received_attention", "key_space"
    const char* title;
    /// True when it can only be drawn as pixels (the 3D view).
    bool rasterOnly;
    /// Height for a width, both in points (1/72 inch).
    double (*heightFor)(const FigureData& data, double width);
    /// Draws into (0,0)-(size), in points, with real text. Uses the light theme. Thread: gui.
    void (*paint)(QPainter& painter, const QSizeF& size, const FigureData& data, const Theme& theme);
    /// Checks the figure's own options and computes what painting needs beyond FigureData (it may read `data.capture`); `prepareFigure` puts the
    /// result into `prepared`. Null: nothing to do. Errors: InvalidArgument (an option) and those of the capture. Thread: any but gui.
    Result<std::shared_ptr<const void>> (*prepare)(const FigureData& data) = nullptr;
    FigureMetrics metrics = FigureMetrics::None;
    /// What is drawn as a table, for ".csv"; null: there is none. Thread: any.
    Result<std::string> (*csv)(const FigureData& data) = nullptr;
};
std::span<const FigureSpec* const> figures();

/// Reads what a recipe names. Errors: InvalidArgument (unknown figure or option out of range) and those of CaptureStore. Thread: any but gui.
Result<std::shared_ptr<const FigureData>> prepareFigure(const QJsonObject& recipe, const std::filesystem::path& baseFolder);
/// The same for a capture that is already open, and perhaps analysed.
Result<std::shared_ptr<const FigureData>> prepareFigure(const QJsonObject& recipe, std::shared_ptr<CaptureSource> capture,
                                                        std::shared_ptr<const AnalysisResult> analysis = {});
/// Draws as large as fits into `room`, in pixels: the preview. Thread: gui.
QImage drawFigure(const FigureData& data, const QSize& room);
/// Draws and writes; the file's extension chooses the format (pdf, svg, png; csv for figures that have a table; json: the recipe itself, with
/// every default filled in, which draws the same again). Every picture carries the recipe and version in its metadata. Errors: InvalidArgument (unknown extension), WriteFailed, DiskFull. Thread: gui.
Result<void> writeFigure(const FigureData& data, const std::filesystem::path& output);

} // namespace sinkscope
