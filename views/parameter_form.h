// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/parameter_spec.h"

#include <QWidget>

#include <span>
#include <vector>

namespace sinkscope {

/// A form made from a list of parameters: numbers with their range, named variants as a list of choices, each with its explanation as tooltip. Rows
/// that differ from the standard can be put back. Thread: gui.
class ParameterForm : public QWidget {
    Q_OBJECT
public:
    /// `owner` is the first part of the keys in ParameterValues ("graph" in "graph.threshold").
    ParameterForm(std::string owner, std::span<const ParameterSpec> parameters, const ParameterValues& values, QWidget* parent = nullptr);

    /// Every parameter that is not at its standard value.
    [[nodiscard]] ParameterValues values() const;
    void setValues(const ParameterValues& values);
    void reset() { setValues({}); }

Q_SIGNALS:
    void changed();

private:
    struct Row {
        const ParameterSpec* spec = nullptr;
        QWidget* editor = nullptr;
    };
    QWidget* makeEditor(const ParameterSpec& spec);
    [[nodiscard]] static double valueIn(const Row& row);

    std::string m_owner;
    std::vector<Row> m_rows;
};

} // namespace sinkscope
