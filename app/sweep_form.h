// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/session/sweep_run.h"

#include <QWidget>

#include <functional>

class QComboBox;
class QFormLayout;
class QLineEdit;
class QListWidget;
class QSpinBox;

namespace sinkscope {

/// Models, samples, variants and output of a sweep. Thread: gui.
class SweepForm : public QWidget {
    Q_OBJECT
public:
    /// `model` is what is open (empty: nothing), `texts` are those of the run that is shown.
    SweepForm(const QString& model, std::vector<std::string> texts, QWidget* parent = nullptr);

    /// Makes the request on a worker, because sample sets are read from files. Empty when something is missing: `problem` says what.
    using Maker = std::function<Result<SweepRequest>()>;
    [[nodiscard]] Maker maker() const;
    [[nodiscard]] QString problem() const;
    [[nodiscard]] QString output() const;

Q_SIGNALS:
    void changed();

private:
    enum class Source { Bundled, Run, File };
    QWidget* makeModels(const QString& model);
    QWidget* makeVariants();
    void addSampleRows(QFormLayout& form);
    void addModel(const QString& path);
    void chooseSamples();
    void chooseOutput();
    [[nodiscard]] std::vector<std::string> variants() const;

    std::vector<std::string> m_texts;
    QListWidget* m_models;
    QListWidget* m_variants;
    QLineEdit* m_moreVariants;
    QComboBox* m_source;
    QLineEdit* m_samplePath;
    QSpinBox* m_limit;
    QLineEdit* m_output;
};

} // namespace sinkscope
