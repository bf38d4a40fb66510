// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/figures/figure_spec.h"
#include "views/job_bridge.h"

#include <QDialog>
#include <QTimer>

class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QLineEdit;

namespace sinkscope {

/// Asks how a figure is to be written and shows what it will look like. Thread: gui.
class FigureDialog : public QDialog {
    Q_OBJECT
public:
    FigureDialog(QJsonObject recipe, std::shared_ptr<CaptureSource> capture, std::shared_ptr<const AnalysisResult> analysis, JobBridge& jobs,
                 const QString& folder, QWidget* parent = nullptr);

    [[nodiscard]] QJsonObject recipe() const;
    [[nodiscard]] QString outputPath() const;
    /// The preview shows what the fields say.
    [[nodiscard]] bool isReady() const { return m_isReady; }

private:
    void chooseVenue(int index);
    void choosePath();
    void refresh();
    void addMetricChoice(QFormLayout& form);

    QJsonObject m_recipe;
    std::shared_ptr<CaptureSource> m_capture;
    std::shared_ptr<const AnalysisResult> m_analysis;
    JobBridge& m_jobs;
    QComboBox* m_venue;
    QDoubleSpinBox* m_width;
    QDoubleSpinBox* m_font;
    QComboBox* m_format;
    QDoubleSpinBox* m_dpi;
    QLineEdit* m_path;
    QLabel* m_preview;
    QTimer m_debounce;
    std::uint64_t m_generation = 0;
    bool m_isReady = false;
};

} // namespace sinkscope
