// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/analysis.h"

#include <QDialog>

#include <vector>

class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace sinkscope {

class ParameterForm;
struct Theme;

/// Which feature families to evaluate, and with which parameters. Made from the registry: a family that is added there is in this dialog.
/// Thread: gui.
class AnalysesDialog : public QDialog {
    Q_OBJECT
public:
    /// Shows what `request` asks for; what `last` could not evaluate says why.
    AnalysesDialog(const AnalysisRequest& request, const AnalysisResult* last, bool hasCapture, QWidget* parent = nullptr);

    /// `request` with the families and parameters that were chosen.
    [[nodiscard]] AnalysisRequest request() const;

private:
    struct Entry {
        const FeatureFamily* family = nullptr;
        QCheckBox* check = nullptr;
        QWidget* row = nullptr;
        ParameterForm* form = nullptr; ///< null without parameters
    };
    QWidget* makeEntry(const FeatureFamily& family, const AnalysisResult* last);
    QWidget* makeGroup(const ParameterGroup& group);
    void chooseStandard();
    void search(const QString& text);
    void updateCount();

    AnalysisRequest m_request;
    std::vector<Entry> m_entries;
    std::vector<ParameterForm*> m_groups; ///< of parameters that belong to no family
    QLabel* m_count;
    QPushButton* m_evaluate = nullptr;
};

} // namespace sinkscope
