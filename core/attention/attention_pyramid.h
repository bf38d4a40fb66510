// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/attention/head_attention.h"
#include "core/jobs/job_context.h"

#include <limits>
#include <memory>
#include <vector>

namespace sinkscope {

/// Part of a head's attention, pooled: a cell stands for 2^level queries times 2^level keys.
struct AttentionCells {
    int level = 0;
    int firstRow = 0, firstColumn = 0, rows = 0, columns = 0; ///< in cells of this level
    /// [rows, columns], of the weights that a query can see. Where none can be seen: 0, and the logit -infinity.
    std::vector<float> largest, smallest, mean;
    std::vector<float> largestLogit; ///< scaled, with cap and bias
    [[nodiscard]] std::size_t at(int row, int column) const {
        return static_cast<std::size_t>(row - firstRow) * static_cast<std::size_t>(columns) + static_cast<std::size_t>(column - firstColumn);
    }
    [[nodiscard]] bool isVisible(std::size_t at) const { return largestLogit[at] != -std::numeric_limits<float>::infinity(); }
};

/// The attention of a head of any length, to look at: pooled to the size of a screen as a whole, and any part of it in any resolution on
/// demand. Computed from query and key in blocks of queries, so that no tokens x tokens matrix is ever held. Immutable.
class AttentionPyramid {
public:
    struct Options {
        int threads = 0;   ///< 0: every processor this process may use. The numbers do not depend on it.
        int side = 1024;   ///< most cells along a side of the overview
    };
    /// `query` and `key` are [tokens, headWidth]. Thread: any but gui. Errors: Cancelled.
    static Result<std::shared_ptr<const AttentionPyramid>> build(std::vector<float> query, std::vector<float> key, int tokens, int headWidth,
                                                                 const AttentionRule& rule, const Options& options, JobContext& context);

    [[nodiscard]] int tokens() const { return m_tokens; }
    [[nodiscard]] const AttentionRule& rule() const { return m_rule; }
    /// Everything, at the coarsest level.
    [[nodiscard]] const AttentionCells& overview() const { return m_overview; }
    /// Cells firstRow.. and firstColumn.. of a level at most that of the overview, cut at the ends of the text; at most 2^24 of them
    /// (InvalidArgument). Thread: any but gui. Errors: InvalidArgument, Cancelled.
    [[nodiscard]] Result<AttentionCells> part(int level, int firstRow, int firstColumn, int rows, int columns, JobContext& context) const;
    /// One cell of the matrix; -infinity and 0 where the query cannot see the key. Thread: any.
    [[nodiscard]] float logit(int query, int key) const;
    [[nodiscard]] float weight(int query, int key) const;
    /// Over all that is visible to queries that have a choice (not query 0 of a causal head).
    [[nodiscard]] float lowestLogit() const { return m_lowestLogit; }
    [[nodiscard]] float highestLogit() const { return m_highestLogit; }
    /// [tokens] largest weight that a key receives from such queries.
    [[nodiscard]] const std::vector<float>& columnLargest() const { return m_columnLargest; }

private:
    struct Worker;
    AttentionPyramid() = default;
    void poolRow(Worker& worker, AttentionCells& cells, int row, bool whole) const;
    void completeRow(Worker& worker, float* row, int query, int first, int last) const;
    void finishCells(const Worker& worker, AttentionCells& cells, int row, int lastKey) const;

    int m_tokens = 0, m_headWidth = 0, m_threads = 1;
    AttentionRule m_rule;
    std::vector<float> m_query, m_panels; ///< keys as panels (pyramid_kernels.h)
    std::vector<float> m_logTotal;        ///< [tokens] weight = exp(logit - this)
    AttentionCells m_overview;
    float m_lowestLogit = 0, m_highestLogit = 0;
    std::vector<float> m_columnLargest;
};

} // namespace sinkscope
