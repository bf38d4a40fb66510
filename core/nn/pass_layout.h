// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/nn/forward.h"

#include <cstddef>
#include <vector>

namespace sinkscope {

/// Samples that go through a layer together: as many as make the matrix products efficient without needing more memory.
struct SampleGroup {
    int first = 0, count = 0;                     ///< samples
    std::size_t firstRow = 0, rows = 0;           ///< tokens, in the concatenation of all samples
};

/// How a run is cut up and how much work space (in floats) each part needs. Shared by the plan and by the run itself, so that the
/// plan is what happens. Does not depend on the number of threads except where it says so: the same cuts give the same bits.
struct PassLayout {
    std::vector<SampleGroup> groups;
    std::size_t rows = 0, largestGroup = 0, longestSample = 0;
    int threads = 1;
    int lastLayer = 0;        ///< the last one that is needed
    bool finishesLast = true; ///< false: nothing after the attention weights of the last layer is wanted
    std::size_t hidden = 0, work = 0, query = 0, keyValue = 0, branch = 0, mlp = 0, brainInput = 0, rope = 0, logits = 0, head = 0, layerWeights = 0,
                headWeights = 0;
    std::size_t router = 0, expertSum = 0, routing = 0, expertWeights = 0; ///< of layers with experts; the weights of one of them
    std::size_t table = 0; ///< narrower embeddings of all samples, before anything else is allocated for a layer
    std::size_t tilePerThread = 0, blockPerThread = 0;
};

/// Rows of a linear layer's input that one task takes.
inline constexpr std::size_t kTileRows = 512;
/// Rows that go through an MLP at once.
inline constexpr std::size_t kMlpRows = 1024;

/// Columns of a linear layer's output that one task computes: a multiple of `granule`.
std::size_t tileColumns(std::size_t rows, std::size_t inner, std::size_t columns, std::size_t granule);
/// Queries whose weights one attention block holds; `tokens` when a head is one block.
std::size_t blockQueries(std::size_t tokens);
/// Floats from one row of an attention block to the next.
std::size_t blockStride(std::size_t keys);

/// Room for the attention weights of a head: its blocks one behind the other when it `keeps` them for the second of two passes, else the
/// largest one.
struct HeadRoom {
    std::size_t floats = 0;
    bool keeps = false;
};
HeadRoom headRoom(std::size_t tokens, bool causal, int passes);

bool isNorm(Role role);
/// What a weight is held in during a run: matrices in the type of the run, norms and biases in float32.
ComputeType storedType(Role role, const TensorInfo& tensor, ComputeType run);
/// True when the tensor can be used where it lies in the file.
bool isUsableInPlace(Role role, const TensorInfo& tensor, ComputeType run);

/// `samples` is not empty and has no empty sample; `options.layers` has been checked. Thread: any.
PassLayout layOut(const ModelSpec& spec, std::span<const SampleInput> samples, const RunOptions& options, const TapConsumer& consumer);

} // namespace sinkscope
