// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/sweep_table.h"

#include "core/base/printable.h"
#include "core/corpus/sample_groups.h"
#include "core/math/rank_correlation.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sinkscope {
namespace {

class Tabulator {
public:
    Tabulator(const SweepReader& sweep, const SweepTableRequest& request) : m_sweep(sweep), m_header(sweep.header()) { m_table.request = request; }
    Result<SweepTable> run(JobContext& context);

private:
    Result<void> chooseMetrics();
    Result<void> addCell(int model, int variant);
    Result<std::vector<SampleGroup>> groupsOf(int model, int variant) const;
    Result<void> correlateHeads(int model, int variant, const std::vector<UnitState>& states);
    void correlate(int model, int variant, bool overHeads, const std::vector<std::vector<double>>& columns);
    [[nodiscard]] std::string nameOf(int model, int variant) const {
        return m_header.models[static_cast<std::size_t>(model)].title + ", " + m_header.variants[static_cast<std::size_t>(variant)].id;
    }

    const SweepReader& m_sweep;
    const SweepHeader& m_header;
    std::vector<int> m_metrics; ///< chosen
    int m_reference = -1;
    SweepTable m_table;
};

Result<void> Tabulator::chooseMetrics() {
    const auto indexOf = [&](const std::string& id) -> Result<int> {
        const auto found = std::ranges::find(m_header.metrics, id, &SweepMetric::id);
        if (found == m_header.metrics.end())
            return Error{ErrorCode::InvalidArgument, "the sweep has no metric \"" + printable(id, 60) + "\"", {}};
        return static_cast<int>(found - m_header.metrics.begin());
    };
    SINKSCOPE_TRY(m_reference, indexOf(m_table.request.reference));
    for (const std::string& id : m_table.request.metrics) {
        SINKSCOPE_TRY(const int index, indexOf(id));
        m_metrics.push_back(index);
    }
    for (int index = 0; m_table.request.metrics.empty() && index < static_cast<int>(m_header.metrics.size()); ++index)
        m_metrics.push_back(index);
    return {};
}

Result<std::vector<SampleGroup>> Tabulator::groupsOf(int model, int variant) const {
    if (m_table.request.grouping == TableGrouping::Group)
        return groupsByName(m_header.groups);
    if (m_table.request.grouping == TableGrouping::None)
        return std::vector<SampleGroup>();
    SINKSCOPE_TRY(const auto tokens, m_sweep.tokens(model, variant));
    return groupsByLength(tokens);
}

Result<void> Tabulator::addCell(int model, int variant) {
    const SweepCell& cell = m_header.cell(model, variant);
    if (!cell.inapplicable.empty()) {
        m_table.notes.push_back(nameOf(model, variant) + ": " + cell.inapplicable);
        return {};
    }
    SINKSCOPE_TRY(const auto states, m_sweep.states(model, variant));
    SINKSCOPE_TRY(const auto values, m_sweep.modelValues(model, variant));
    const auto missing = std::ranges::count(states, UnitState::Missing), leftOut = std::ranges::count(states, UnitState::LeftOut);
    if (missing + leftOut > 0)
        m_table.notes.push_back(nameOf(model, variant) + ": " + std::to_string(missing) + " of " + std::to_string(states.size()) +
                                " samples are missing, " + std::to_string(leftOut) + " were left out");
    const std::size_t width = m_header.metrics.size();
    const auto columnOf = [&](int metric) {
        std::vector<double> column(states.size(), std::numeric_limits<double>::quiet_NaN());
        for (std::size_t sample = 0; sample < states.size(); ++sample)
            if (states[sample] == UnitState::Done)
                column[sample] = values[sample * width + static_cast<std::size_t>(metric)];
        return column;
    };
    SINKSCOPE_TRY(const auto groups, groupsOf(model, variant));
    SINKSCOPE_TRY(auto frames, sweepFrames(m_sweep, model, variant, groups));
    std::ranges::move(frames, std::back_inserter(m_table.frames));
    std::vector<std::vector<double>> columns;
    for (int metric = 0; metric < static_cast<int>(width); ++metric)
        columns.push_back(columnOf(metric));
    const auto addRow = [&](const std::string& group, int metric, std::span<const double> column) {
        if (const Estimate estimate = estimateOf(column); estimate.samples > 0)
            m_table.rows.push_back({model, variant, group, metric, estimate});
    };
    for (const int metric : m_metrics)
        addRow({}, metric, columns[static_cast<std::size_t>(metric)]);
    for (const SampleGroup& group : groups)
        for (const int metric : m_metrics) {
            std::vector<double> part;
            for (const int sample : group.samples)
                part.push_back(columns[static_cast<std::size_t>(metric)][static_cast<std::size_t>(sample)]);
            addRow(group.name, metric, part);
        }
    SINKSCOPE_CHECK(correlateHeads(model, variant, states));
    correlate(model, variant, false, columns);
    return {};
}

/// Mean over samples for every head, then correlation over the heads.
Result<void> Tabulator::correlateHeads(int model, int variant, const std::vector<UnitState>& states) {
    const SweepModel& facts = m_header.models[static_cast<std::size_t>(model)];
    const std::size_t width = m_header.metrics.size(), heads = static_cast<std::size_t>(facts.layers) * static_cast<std::size_t>(facts.heads);
    std::vector<std::vector<double>> sums(width, std::vector<double>(heads, 0.0));
    std::vector<std::vector<int>> counts(width, std::vector<int>(heads, 0));
    for (std::size_t sample = 0; sample < states.size(); ++sample) {
        if (states[sample] != UnitState::Done)
            continue;
        SINKSCOPE_TRY(const auto values, m_sweep.headValues(model, variant, static_cast<int>(sample)));
        for (std::size_t head = 0; head < heads; ++head)
            for (std::size_t metric = 0; metric < width; ++metric)
                if (const float value = values[head * width + metric]; !std::isnan(value)) {
                    sums[metric][head] += value;
                    ++counts[metric][head];
                }
    }
    for (std::size_t metric = 0; metric < width; ++metric)
        for (std::size_t head = 0; head < heads; ++head)
            sums[metric][head] = counts[metric][head] > 0 ? sums[metric][head] / counts[metric][head] : std::numeric_limits<double>::quiet_NaN();
    correlate(model, variant, true, sums);
    return {};
}

void Tabulator::correlate(int model, int variant, bool overHeads, const std::vector<std::vector<double>>& columns) {
    std::vector<int> tested;
    std::vector<std::vector<double>> chosen;
    for (const int metric : m_metrics)
        if (metric != m_reference) {
            tested.push_back(metric);
            chosen.push_back(columns[static_cast<std::size_t>(metric)]);
        }
    const auto results = rankCorrelations(columns[static_cast<std::size_t>(m_reference)], chosen, m_table.request.permutations, m_table.request.seed);
    std::vector<double> p;
    const std::size_t first = m_table.correlations.size();
    for (std::size_t i = 0; i < tested.size(); ++i)
        if (!std::isnan(results[i].rho)) {
            p.push_back(results[i].p);
            m_table.correlations.push_back({.model = model, .variant = variant, .metric = tested[i], .overHeads = overHeads, .rho = results[i].rho,
                                            .p = results[i].p, .adjusted = 1, .count = results[i].count});
        }
    const auto corrected = adjusted(p, m_table.request.correction);
    for (std::size_t i = 0; i < corrected.size(); ++i)
        m_table.correlations[first + i].adjusted = corrected[i];
}

Result<SweepTable> Tabulator::run(JobContext& context) {
    SINKSCOPE_CHECK(chooseMetrics());
    const int variants = static_cast<int>(m_header.variants.size());
    for (int cell = 0; cell < static_cast<int>(m_header.cells.size()); ++cell) {
        SINKSCOPE_CHECK(context.checkpoint());
        SINKSCOPE_CHECK(addCell(cell / variants, cell % variants));
        context.progress((cell + 1.0) / static_cast<double>(m_header.cells.size()), "cell " + std::to_string(cell + 1));
    }
    if (m_table.rows.empty())
        return Error{ErrorCode::InvalidArgument, "nothing of the sweep is finished yet", {}};
    m_table.header = m_header;
    return std::move(m_table);
}

} // namespace

Result<SweepTable> tabulateSweep(const SweepReader& sweep, const SweepTableRequest& request, JobContext& context) {
    return Tabulator(sweep, request).run(context);
}

} // namespace sinkscope
