// SPDX-License-Identifier: Apache-2.0
#include "core/nn/pass_layout.h"

#include "core/jobs/thread_team.h"
#include "core/nn/device_product.h"
#include "core/nn/float_buffer.h"
#include "core/nn/routing.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <thread>

namespace sinkscope {
namespace {

/// Enough rows for products at full speed; with GPT-2-small shapes one group's work space is then about 50 MB.
constexpr std::size_t kGroupRows = 2048;
/// Tasks that a linear layer is cut into, so that every thread has something to do and none waits long for the last. It follows the
/// machine and not RunOptions::threads: the same cuts give the same bits with any number of threads.
std::size_t wantedTasks() { return 4 * std::max<std::size_t>(std::thread::hardware_concurrency(), 1); }
/// Least and most output columns of a task: fewer waste time on packing, more leave the cache.
constexpr std::size_t kLeastColumns = 128, kMostColumns = 1024;
/// Floating-point operations of one task: some 50 ms on a slow core, so that cancelling is quick.
constexpr double kTaskOperations = 3e9;
/// A head whose weights fit here is one block, which both passes over the attention share...
constexpr std::size_t kWholeHeadBytes = 2 << 20;
/// ... and a longer one is computed in blocks of about this size, which stay in the cache...
constexpr std::size_t kBlockBytes = 2 << 20;
/// ... and are kept for the second pass where all of them fit here, else computed once per pass: reading so much back takes a third of
/// the time of its products and exponentials.
constexpr std::size_t kKeptBytes = 16 << 20;
constexpr std::size_t kLeastQueries = 64;

std::size_t roundedUp(std::size_t value, std::size_t granule) { return (value + granule - 1) / granule * granule; }

std::vector<SampleGroup> groupsOf(std::span<const SampleInput> samples) {
    std::vector<SampleGroup> groups;
    std::size_t row = 0;
    for (int sample = 0; sample < static_cast<int>(samples.size()); ++sample) {
        const std::size_t tokens = samples[static_cast<std::size_t>(sample)].ids.size();
        if (groups.empty() || groups.back().rows + tokens > kGroupRows)
            groups.push_back({sample, 0, row, 0});
        ++groups.back().count;
        groups.back().rows += tokens;
        row += tokens;
    }
    return groups;
}

/// Room, in floats, for a tensor that has to be converted before it can be used.
std::size_t converted(Role role, const TensorInfo& tensor, ComputeType run) {
    if (isUsableInPlace(role, tensor, run))
        return 0;
    return storedType(role, tensor, run) == ComputeType::BFloat16 ? floatsFor(tensor.elements()) : tensor.elements();
}

/// The same of a layer; of the worst one, role by role.
std::size_t convertedLayer(const ModelSpec& spec, int lastLayer, ComputeType run) {
    std::array<std::size_t, kRoleCount> largest{};
    for (std::size_t layer = 0; layer <= static_cast<std::size_t>(std::max(lastLayer, 0)); ++layer)
        for (std::size_t role = 0; role < kRoleCount; ++role)
            if (const TensorInfo* tensor = spec.layerTensors[layer][role])
                largest[role] = std::max(largest[role], converted(static_cast<Role>(role), *tensor, run));
    std::size_t total = 0;
    for (const std::size_t count : largest)
        total += count;
    return total;
}

/// Room, in floats, for what has to be converted of one expert; of the largest, role by role.
std::size_t convertedExpert(const ExpertSpec& experts, int lastLayer, ComputeType run) {
    std::size_t total = 0;
    for (auto index = static_cast<std::size_t>(kFirstExpertRole); index <= static_cast<std::size_t>(kLastLayerRole); ++index) {
        const auto role = static_cast<Role>(index);
        if (role == Role::ExpertGateUpScales || role == Role::ExpertDownScales)
            continue;
        std::size_t largest = 0;
        for (int layer = 0; layer < static_cast<int>(experts.layers.size()) && layer <= lastLayer; ++layer)
            for (int expert = 0; expert < static_cast<int>(experts.tensorsOf(layer, role).size()); ++expert) { // the first stands for all of one tensor
                const TensorInfo part = experts.part(layer, role, expert);
                const bool blocks = part.dtype == DType::U8, brain = storedType(role, part, run) == ComputeType::BFloat16;
                const std::size_t count = blocks ? 2 * part.bytes.size() : isUsableInPlace(role, part, run) ? 0 : part.elements();
                largest = std::max(largest, brain ? floatsFor(count) : count);
            }
        total += largest;
    }
    return total;
}

std::string megabytes(std::uint64_t bytes) {
    char text[32];
    const double value = static_cast<double>(bytes) / 1e6;
    std::snprintf(text, sizeof text, value < 10 ? "%.1f MB" : "%.0f MB", value);
    return text;
}

void sizeWorkSpace(const ModelSpec& spec, ComputeType run, PassLayout& layout) {
    const auto width = static_cast<std::size_t>(spec.width), mlpWidth = static_cast<std::size_t>(spec.mlpWidth),
               headWidth = static_cast<std::size_t>(spec.headWidth),
               queryWidth = static_cast<std::size_t>(spec.heads) * headWidth,
               keyWidth = static_cast<std::size_t>(spec.keyValueHeads) * headWidth;
    layout.hidden = layout.rows * width;
    layout.work = layout.largestGroup * std::max({width, queryWidth, static_cast<std::size_t>(spec.embeddingWidth)});
    layout.query = layout.largestGroup * queryWidth;
    layout.keyValue = layout.largestGroup * keyWidth;
    layout.mlp = layout.finishesLast || layout.lastLayer > 0 ? std::min(layout.largestGroup, kMlpRows) * mlpWidth : 0;
    if (spec.experts.count > 0 && layout.mlp > 0) {
        layout.mlp = std::min(layout.largestGroup, kMlpRows) * static_cast<std::size_t>(std::max(spec.mlpWidth, spec.experts.width));
        layout.router = layout.largestGroup * static_cast<std::size_t>(spec.experts.count);
        layout.expertSum = layout.rows * width;
        layout.routing = RoutingTable::floats(layout.rows, spec.experts.chosen);
        layout.expertWeights = convertedExpert(spec.experts, layout.lastLayer, run);
    }
    const auto& first = spec.layerTensors.front();
    if (spec.parallel || first[static_cast<std::size_t>(Role::AttentionPostNorm)] || first[static_cast<std::size_t>(Role::MlpPostNorm)])
        layout.branch = layout.largestGroup * width;
    if (spec.positionKind == Positions::Rope)
        layout.rope = layout.longestSample * static_cast<std::size_t>(spec.rope.rotaryWidth) * (spec.localRope ? 2 : 1);
    if (spec.embeddingWidth != spec.width)
        layout.table = layout.rows * static_cast<std::size_t>(spec.embeddingWidth);
    layout.tilePerThread = std::min(layout.largestGroup, kTileRows) * (kMostColumns + headWidth);
    layout.layerWeights = convertedLayer(spec, layout.lastLayer, run);
    if (run == ComputeType::BFloat16) { // the input of a product, and a tile of its output, in bfloat16
        layout.tilePerThread += floatsFor(layout.tilePerThread);
        layout.brainInput = floatsFor(std::max({layout.work, layout.mlp, layout.table}));
    }
}

} // namespace

std::size_t tileColumns(std::size_t rows, std::size_t inner, std::size_t columns, std::size_t granule) {
    const std::size_t rowTasks = (rows + kTileRows - 1) / kTileRows, tileRows = std::min(rows, kTileRows);
    const auto affordable = static_cast<std::size_t>(kTaskOperations / (2.0 * static_cast<double>(tileRows * inner)));
    const std::size_t shared = columns / std::max<std::size_t>(1, wantedTasks() / rowTasks);
    const std::size_t wanted = std::clamp(shared, kLeastColumns, std::clamp(affordable, kLeastColumns, kMostColumns));
    return std::min(roundedUp(wanted, granule), columns);
}

std::size_t blockStride(std::size_t keys) { return roundedUp(keys, 16); }

std::size_t blockQueries(std::size_t tokens) {
    const std::size_t rowBytes = blockStride(tokens) * sizeof(float);
    if (tokens * rowBytes <= kWholeHeadBytes)
        return tokens;
    return std::min(tokens, std::max(kLeastQueries, kBlockBytes / rowBytes / kLeastQueries * kLeastQueries));
}

HeadRoom headRoom(std::size_t tokens, bool causal, int passes) {
    const std::size_t block = blockQueries(tokens);
    std::size_t whole = 0;
    for (std::size_t first = 0; first < tokens; first += block) {
        const std::size_t queries = std::min(block, tokens - first);
        whole += queries * blockStride(causal ? first + queries : tokens);
        if (whole > kKeptBytes / sizeof(float))
            return {block * blockStride(tokens), false};
    }
    return passes > 1 || block == tokens ? HeadRoom{whole, true} : HeadRoom{block * blockStride(tokens), false};
}

bool isNorm(Role role) {
    switch (role) {
    case Role::AttentionNorm:
    case Role::AttentionPostNorm:
    case Role::MlpNorm:
    case Role::MlpPostNorm:
    case Role::QueryNorm:
    case Role::KeyNorm:
    case Role::EmbeddingNorm:
    case Role::FinalNorm: return true;
    default: return false;
    }
}

ComputeType storedType(Role role, const TensorInfo& tensor, ComputeType run) {
    return tensor.shape.size() < 2 || isNorm(role) || role == Role::RouterWeight ? ComputeType::Float32 : run; // rounding would send tokens elsewhere
}

bool isUsableInPlace(Role role, const TensorInfo& tensor, ComputeType run) {
    const bool brain = storedType(role, tensor, run) == ComputeType::BFloat16;
    const std::size_t alignment = brain ? alignof(BrainFloat) : alignof(float);
    return tensor.dtype == (brain ? DType::BF16 : DType::F32) && reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) % alignment == 0;
}

PassLayout layOut(const ModelSpec& spec, std::span<const SampleInput> samples, const RunOptions& options, const TapConsumer& consumer) {
    PassLayout layout;
    layout.groups = groupsOf(samples);
    for (const SampleGroup& group : layout.groups) {
        layout.rows += group.rows;
        layout.largestGroup = std::max(layout.largestGroup, group.rows);
    }
    for (const SampleInput& sample : samples) {
        const std::size_t tokens = sample.ids.size();
        layout.longestSample = std::max(layout.longestSample, tokens);
        layout.blockPerThread = std::max(layout.blockPerThread, headRoom(tokens, spec.attentionRule().causal, consumer.attentionPasses()).floats);
    }
    if (options.intervention && !options.intervention->edits.empty()) // edited values of one head
        layout.blockPerThread += layout.longestSample * static_cast<std::size_t>(spec.headWidth);
    layout.threads = options.threads > 0 ? options.threads : usableProcessors();
    layout.lastLayer = spec.layers - 1;
    if (!options.layers.empty() && !consumer.wantsLogits())
        layout.lastLayer = *std::max_element(options.layers.begin(), options.layers.end());
    layout.finishesLast = consumer.wantsHidden() || consumer.wantsLogits();
    sizeWorkSpace(spec, options.compute, layout);
    if (const TensorInfo* head = spec.modelTensors[static_cast<std::size_t>(Role::Unembedding)]; head && consumer.wantsLogits()) {
        layout.logits = layout.longestSample * static_cast<std::size_t>(spec.vocabulary);
        layout.headWeights = converted(Role::Unembedding, *head, options.compute);
        const auto has = [&spec](Role role) { return spec.modelTensors[static_cast<std::size_t>(role)] != nullptr; };
        if ((has(Role::FinalNorm) || spec.unweightedNorms[static_cast<std::size_t>(Role::FinalNorm)]) && (has(Role::HeadTransformWeight) || has(Role::HeadProjectionWeight)))
            layout.head = layout.longestSample * static_cast<std::size_t>(spec.width);
    }
    return layout;
}

MemoryPlan planRun(const ModelSpec& spec, std::span<const SampleInput> samples, const RunOptions& options, const TapConsumer& consumer) {
    if (samples.empty())
        return {};
    const PassLayout layout = layOut(spec, samples, options, consumer);
    const auto threads = static_cast<std::uint64_t>(layout.threads);
    MemoryPlan plan;
    plan.weights = sizeof(float) * std::max<std::uint64_t>(layout.layerWeights + layout.expertWeights, layout.headWeights);
    plan.activations = sizeof(float) * (layout.hidden + layout.work + layout.query + 2 * layout.keyValue + layout.branch +
                                        layout.mlp + layout.brainInput + layout.router + layout.expertSum + layout.routing + layout.table + layout.rope + layout.logits + layout.head + threads * layout.tilePerThread);
    if (options.device != Device::Cpu)
        plan.activations += 2 * sizeof(float) * DeviceProduct::kMostValues;
    plan.attention = sizeof(float) * threads * layout.blockPerThread;
    return plan;
}

std::string MemoryPlan::text() const {
    return megabytes(total()) + ": weights " + megabytes(weights) + ", activations " + megabytes(activations) + ", attention " +
           megabytes(attention);
}

} // namespace sinkscope
