// SPDX-License-Identifier: Apache-2.0
#include "core/attention/attention_pyramid.h"

#include "core/attention/pyramid_kernels.h"
#include "core/base/assert.h"
#include "core/jobs/thread_team.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sinkscope {
namespace {

/// Queries whose logits are there at once: with 16,384 keys 1 MB, which stays in the cache.
constexpr int kRows = 16;
constexpr std::size_t kMostCells = 1 << 24;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

int cellsOf(int tokens, int level) { return static_cast<int>((std::int64_t{tokens} + (std::int64_t{1} << level) - 1) >> level); }

void resize(AttentionCells& cells) {
    const std::size_t count = static_cast<std::size_t>(cells.rows) * static_cast<std::size_t>(cells.columns);
    for (auto* values : {&cells.largest, &cells.smallest, &cells.mean})
        values->assign(count, 0.0F);
    cells.largestLogit.assign(count, -kInfinity);
}

} // namespace

/// What one thread needs: the logits of some queries, then their weights, and what is pooled of them in each column. Indexed by key.
struct AttentionPyramid::Worker {
    std::vector<float> rows; ///< [kRows, stride]
    std::size_t stride = 0;
    std::vector<float> largest, smallest, sum, logit; ///< [keys]
    std::vector<std::int64_t> visible;                ///< [cells] pairs of query and key
    // Of the whole matrix, while it is computed for the first time:
    std::vector<float> logTotal;      ///< [tokens], +infinity where another thread computed the row
    std::vector<float> columnLargest; ///< [tokens]
    float lowest = kInfinity, highest = -kInfinity;

    void start(std::size_t keys, std::size_t cells) {
        stride = (keys + kPanelKeys - 1) / kPanelKeys * kPanelKeys;
        rows.resize(stride * kRows);
        largest.assign(keys, 0.0F);
        smallest.assign(keys, kInfinity);
        sum.assign(keys, 0.0F);
        logit.assign(keys, -kInfinity);
        visible.assign(cells, 0);
    }
};

/// Logits of a query become its weights, with what there is to know of the row; and the total that parts are computed with later.
void AttentionPyramid::completeRow(Worker& worker, float* row, int query, int first, int last) const {
    const auto visible = static_cast<std::size_t>(last - first);
    float low = 0, high = 0, least = 0, most = 0;
    rangeOf(row + first, visible, low, high);
    softmaxRow(row, first, last, last, m_rule, nullptr);
    rangeOf(row + first, visible, least, most);
    worker.logTotal[static_cast<std::size_t>(query)] = high - std::log(most);
    if (m_rule.causal && query == 0 && m_tokens > 1)
        return; // it has no choice
    worker.lowest = std::min(worker.lowest, low);
    worker.highest = std::max(worker.highest, high);
    raiseColumns(row + first, visible, worker.columnLargest.data() + first);
}

/// Pools the queries of one row of cells. `whole`: all keys are there, and each row's softmax is computed; else that of `build` is used.
void AttentionPyramid::poolRow(Worker& worker, AttentionCells& cells, int row, bool whole) const {
    const int cell = 1 << cells.level, begin = row * cell, end = std::min(m_tokens, begin + cell);
    const int firstKey = cells.firstColumn * cell;
    const int lastKey = static_cast<int>(std::min<std::int64_t>(m_tokens, std::int64_t{cells.firstColumn + cells.columns} * cell));
    const auto width = static_cast<std::size_t>(m_headWidth);
    worker.start(static_cast<std::size_t>(lastKey), static_cast<std::size_t>(cells.columns));
    for (int from = begin; from < end; from += kRows) {
        const int count = std::min(kRows, end - from);
        const auto seen = static_cast<std::size_t>(std::min(lastKey, m_rule.endVisible(from + count - 1, m_tokens)));
        const auto unseen = static_cast<std::size_t>(std::max(firstKey, m_rule.firstVisible(from))) / kPanelKeys * kPanelKeys;
        if (seen <= unseen)
            continue;
        panelLogits(m_query.data() + static_cast<std::size_t>(from) * width, static_cast<std::size_t>(count), width, m_panels.data() + unseen * width,
                    (seen - unseen + kPanelKeys - 1) / kPanelKeys, static_cast<float>(m_rule.scale), worker.rows.data() + unseen, worker.stride);
        for (int query = from; query < from + count; ++query) {
            float* values = worker.rows.data() + static_cast<std::size_t>(query - from) * worker.stride;
            const int first = std::max(firstKey, m_rule.firstVisible(query)), last = std::min(lastKey, m_rule.endVisible(query, m_tokens));
            if (first >= last)
                continue;
            const auto visible = static_cast<std::size_t>(last - first);
            shapeLogits(values, query, first, last, m_rule);
            raiseColumns(values + first, visible, worker.logit.data() + first);
            if (whole)
                completeRow(worker, values, query, first, last);
            else
                exponentiate(values + first, visible, m_logTotal[static_cast<std::size_t>(query)]);
            poolColumns(values + first, visible, worker.largest.data() + first, worker.smallest.data() + first, worker.sum.data() + first);
            for (int column = first / cell; column <= (last - 1) / cell; ++column)
                worker.visible[static_cast<std::size_t>(column - cells.firstColumn)] += std::min<std::int64_t>(last, std::int64_t{column + 1} * cell) -
                                                                                        std::max(first, column * cell);
        }
    }
    finishCells(worker, cells, row, lastKey);
}

/// From columns to cells.
void AttentionPyramid::finishCells(const Worker& worker, AttentionCells& cells, int row, int lastKey) const {
    const int cell = 1 << cells.level;
    for (int column = cells.firstColumn; column < cells.firstColumn + cells.columns; ++column) {
        const std::int64_t visible = worker.visible[static_cast<std::size_t>(column - cells.firstColumn)];
        if (visible == 0)
            continue;
        const std::size_t at = cells.at(row, column);
        const auto first = static_cast<std::size_t>(column * cell), end = static_cast<std::size_t>(std::min<std::int64_t>(std::int64_t{column + 1} * cell, lastKey));
        double sum = 0;
        cells.smallest[at] = kInfinity;
        for (std::size_t key = first; key < end; ++key) {
            cells.largest[at] = std::max(cells.largest[at], worker.largest[key]);
            cells.smallest[at] = std::min(cells.smallest[at], worker.smallest[key]);
            cells.largestLogit[at] = std::max(cells.largestLogit[at], worker.logit[key]);
            sum += double{worker.sum[key]};
        }
        cells.mean[at] = static_cast<float>(sum / static_cast<double>(visible));
    }
}

Result<std::shared_ptr<const AttentionPyramid>> AttentionPyramid::build(std::vector<float> query, std::vector<float> key, int tokens, int headWidth,
                                                                        const AttentionRule& rule, const Options& options, JobContext& context) {
    const auto count = static_cast<std::size_t>(tokens), width = static_cast<std::size_t>(headWidth);
    SINKSCOPE_ASSERT(tokens > 0 && options.side > 0 && query.size() == count * width && key.size() == count * width);
    std::shared_ptr<AttentionPyramid> pyramid(new AttentionPyramid);
    pyramid->m_tokens = tokens;
    pyramid->m_headWidth = headWidth;
    pyramid->m_rule = rule;
    pyramid->m_threads = options.threads > 0 ? options.threads : usableProcessors();
    pyramid->m_query = std::move(query);
    pyramid->m_panels = keyPanels(key.data(), count, width);
    pyramid->m_logTotal.resize(count);
    AttentionCells& cells = pyramid->m_overview;
    while (cellsOf(tokens, cells.level) > options.side)
        ++cells.level;
    cells.rows = cells.columns = cellsOf(tokens, cells.level);
    resize(cells);
    ThreadTeam team(pyramid->m_threads);
    std::vector<Worker> workers(static_cast<std::size_t>(team.size()));
    for (Worker& worker : workers) {
        worker.columnLargest.assign(count, 0.0F);
        worker.logTotal.assign(count, kInfinity);
    }
    SINKSCOPE_CHECK(team.run(static_cast<std::size_t>(cells.rows), [&](std::size_t task, int worker) { // the longest rows first
        pyramid->poolRow(workers[static_cast<std::size_t>(worker)], cells, cells.rows - 1 - static_cast<int>(task), true);
    }, context));
    pyramid->m_lowestLogit = kInfinity;
    pyramid->m_highestLogit = -kInfinity;
    pyramid->m_columnLargest.assign(count, 0.0F);
    std::ranges::fill(pyramid->m_logTotal, kInfinity);
    for (const Worker& worker : workers) {
        pyramid->m_lowestLogit = std::min(pyramid->m_lowestLogit, worker.lowest);
        pyramid->m_highestLogit = std::max(pyramid->m_highestLogit, worker.highest);
        for (std::size_t token = 0; token < count; ++token) {
            pyramid->m_columnLargest[token] = std::max(pyramid->m_columnLargest[token], worker.columnLargest[token]);
            pyramid->m_logTotal[token] = std::min(pyramid->m_logTotal[token], worker.logTotal[token]);
        }
    }
    return std::shared_ptr<const AttentionPyramid>(std::move(pyramid));
}

Result<AttentionCells> AttentionPyramid::part(int level, int firstRow, int firstColumn, int rows, int columns, JobContext& context) const {
    if (level < 0 || level > m_overview.level || firstRow < 0 || firstColumn < 0 || rows < 0 || columns < 0)
        return Error{ErrorCode::InvalidArgument, "no such part of the attention of " + std::to_string(m_tokens) + " tokens", {}};
    const int all = cellsOf(m_tokens, level);
    AttentionCells cells;
    cells.level = level;
    cells.firstRow = std::min(firstRow, all);
    cells.firstColumn = std::min(firstColumn, all);
    cells.rows = std::min(rows, all - cells.firstRow);
    cells.columns = std::min(columns, all - cells.firstColumn);
    if (static_cast<std::size_t>(cells.rows) * static_cast<std::size_t>(cells.columns) > kMostCells)
        return Error{ErrorCode::InvalidArgument, std::to_string(cells.rows) + " x " + std::to_string(cells.columns) + " cells at once", {}};
    resize(cells);
    if (cells.columns == 0)
        return cells;
    ThreadTeam team(m_threads);
    std::vector<Worker> workers(static_cast<std::size_t>(team.size()));
    SINKSCOPE_CHECK(team.run(static_cast<std::size_t>(cells.rows), [&](std::size_t task, int worker) {
        poolRow(workers[static_cast<std::size_t>(worker)], cells, cells.firstRow + cells.rows - 1 - static_cast<int>(task), false);
    }, context));
    return cells;
}

float AttentionPyramid::logit(int query, int key) const {
    if (key < m_rule.firstVisible(query) || key >= m_rule.endVisible(query, m_tokens))
        return -kInfinity;
    const auto width = static_cast<std::size_t>(m_headWidth), at = static_cast<std::size_t>(key);
    const float* row = m_query.data() + static_cast<std::size_t>(query) * width;
    const float* column = m_panels.data() + at / kPanelKeys * kPanelKeys * width + at % kPanelKeys;
    float sum = 0;
    for (std::size_t i = 0; i < width; ++i)
        sum += row[i] * column[i * kPanelKeys];
    sum *= static_cast<float>(m_rule.scale);
    if (m_rule.softCap <= 0 && m_rule.alibiSlope <= 0)
        return sum;
    std::vector<float> shaped(at + 1); // rows are indexed by key
    shaped[at] = sum;
    shapeLogits(shaped.data(), query, key, key + 1, m_rule);
    return shaped[at];
}

float AttentionPyramid::weight(int query, int key) const { return std::exp(logit(query, key) - m_logTotal[static_cast<std::size_t>(query)]); }

} // namespace sinkscope
