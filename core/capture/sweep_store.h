// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sinkscope {

inline constexpr std::string_view kSweepFormat = "sinkscope-sweep";
inline constexpr int kSweepVersion = 2; ///< 2: first tokens and frames

struct SweepModel {
    std::string title, source, architecture, fingerprint;
    int layers = 0, heads = 0;
    std::string dtype{}; ///< of weights and computation, for people
    bool causal = true;
};

struct SweepVariant {
    std::string id;    ///< as on the command line: "intact", "bos=no", "shift_positions:shift=100"
    std::string title; ///< for people
};

struct SweepMetric {
    std::string id, title;
    bool perLayer = false; ///< one value a layer; heads then hold NaN
};

/// One model under one variant.
struct SweepCell {
    std::string positions;     ///< kind of position encoding, as it was changed
    bool bosPresent = false;   ///< in the first sample
    std::string firstToken{};  ///< of the first sample, as it is displayed
    std::string inapplicable;  ///< why the model has no such variant; empty: it has. Otherwise the cell has no units.
    int first = 0, count = 0;  ///< samples that this file has room for: all of them, or the part of a shard
};

/// All that is known of a sweep before it runs. Immutable.
struct SweepHeader {
    std::string recipeJson;    ///< all that the numbers depend on; the same in every shard
    std::string createdUtc;
    int shard = 1, shards = 1; ///< 1-based; a merged file is 1 of 1
    std::vector<SweepModel> models;
    std::vector<SweepVariant> variants;
    std::vector<SweepMetric> metrics;
    std::vector<std::string> texts, groups; ///< of the samples; a group may be empty
    std::vector<SweepCell> cells;           ///< [model, variant]

    [[nodiscard]] std::size_t cellIndex(int model, int variant) const {
        return static_cast<std::size_t>(model) * variants.size() + static_cast<std::size_t>(variant);
    }
    [[nodiscard]] const SweepCell& cell(int model, int variant) const { return cells[cellIndex(model, variant)]; }
    [[nodiscard]] int samples() const { return static_cast<int>(texts.size()); }
};

/// A unit is one sample in one cell.
enum class UnitState : std::uint8_t {
    Missing, ///< not computed yet
    Done,
    LeftOut, ///< cannot be computed: no tokens, or more than the model takes
};

/// What a unit says about the frame of the whole model, in this order: excess, effective number of anchors, attention on anchors, what uniform
/// attention would put there, share of the two ends. NaN for a sample that is too short.
inline constexpr std::size_t kSweepFrameNumbers = 5;

/// The numbers of one unit, in the order of the metrics; NaN where a metric has no value.
struct SweepUnit {
    int model = 0, variant = 0, sample = 0;
    UnitState state = UnitState::Done;
    int tokens = 0;
    int firstToken = -1;              ///< its id
    std::vector<float> frame{};       ///< [kSweepFrameNumbers]
    std::vector<float> modelValues{}; ///< [metrics]: mean over all heads
    std::vector<float> layerValues{}; ///< [layers, metrics]: mean over the heads of a layer
    std::vector<float> headValues{}; ///< [layers, heads, metrics]
};

/// Read access to a sweep: a shard, or several merged into one by virtual datasets. Believes nothing in the file; sources of virtual
/// datasets must be plain sweep files in the same folder or below. Thread: any but gui; calls may come from several.
class SweepReader {
public:
    /// Errors: FileNotFound, FileUnreadable, CaptureInvalid, PathEscapes.
    static Result<std::unique_ptr<SweepReader>> open(const std::filesystem::path& path);
    virtual ~SweepReader() = default;
    [[nodiscard]] virtual const SweepHeader& header() const = 0;
    /// Of all samples; Missing where the file has no room for them.
    [[nodiscard]] virtual Result<std::vector<UnitState>> states(int model, int variant) const = 0;
    [[nodiscard]] virtual Result<std::vector<int>> tokens(int model, int variant) const = 0;
    /// Ids; -1 where there is none.
    [[nodiscard]] virtual Result<std::vector<int>> firstTokens(int model, int variant) const = 0;
    /// [samples, kSweepFrameNumbers]; NaN where nothing is.
    [[nodiscard]] virtual Result<std::vector<float>> frames(int model, int variant) const = 0;
    /// [samples, metrics]; NaN where nothing is.
    [[nodiscard]] virtual Result<std::vector<float>> modelValues(int model, int variant) const = 0;
    /// [layers, metrics] of one sample.
    [[nodiscard]] virtual Result<std::vector<float>> layerValues(int model, int variant, int sample) const = 0;
    /// [layers, heads, metrics] of one sample.
    [[nodiscard]] virtual Result<std::vector<float>> headValues(int model, int variant, int sample) const = 0;
    /// True for a file made by mergeSweeps.
    [[nodiscard]] virtual bool isMerged() const = 0;
};

/// Writes a sweep, so that a killed process leaves a readable file: every dataset is laid out and filled with NaN before the first unit is
/// computed; afterwards only numbers are written into place, and a unit's state after its numbers. Thread: the one that made it.
class SweepWriter {
public:
    /// Lays out a new file. Errors: WriteFailed, DiskFull.
    static Result<std::unique_ptr<SweepWriter>> create(const std::filesystem::path& path, const SweepHeader& header);
    /// Goes on with a file that was begun before. Errors: those of SweepReader::open; InvalidArgument when it was begun with another recipe
    /// or shard, naming the first difference; WriteFailed, also when another process is writing it.
    static Result<std::unique_ptr<SweepWriter>> resume(const std::filesystem::path& path, const SweepHeader& expected);
    virtual ~SweepWriter() = default;
    [[nodiscard]] virtual UnitState state(int model, int variant, int sample) const = 0;
    /// Errors: WriteFailed, DiskFull.
    virtual Result<void> write(const SweepUnit& unit) = 0;
};

/// What merging found.
struct SweepMerge {
    std::size_t units = 0, done = 0, leftOut = 0;
    std::vector<std::string> missing; ///< one line per cell that is not whole: "demo, bos=no: 12 of 500 samples are missing"
};
/// Writes a file whose datasets are virtual: it takes up almost nothing and reads the shards where they lie, by names relative to its own
/// folder, in or below which all of them must be. Errors: those of SweepReader::open; InvalidArgument for shards of different sweeps, for
/// units that two shards have, and for shards that lie elsewhere; WriteFailed, DiskFull.
Result<SweepMerge> mergeSweeps(std::span<const std::filesystem::path> shards, const std::filesystem::path& output);

} // namespace sinkscope
