// SPDX-License-Identifier: Apache-2.0
#include "core/capture/hdf5_reader.h"
#include "core/capture/sweep_schema.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace sinkscope {
namespace {

namespace fs = std::filesystem;

/// A name in a virtual dataset: relative, and not climbing out of the folder.
bool staysBelow(const fs::path& name) {
    return !name.empty() && name.is_relative() && std::ranges::none_of(name, [](const fs::path& part) { return part == ".." || part == "."; });
}

bool liesBelow(const fs::path& file, const fs::path& folder) {
    std::error_code failure;
    const fs::path root = fs::canonical(folder, failure), target = failure ? fs::path() : fs::canonical(file, failure);
    return !failure && std::mismatch(root.begin(), root.end(), target.begin(), target.end()).first == root.end();
}

class SweepFile : public SweepReader {
public:
    SweepFile(Hdf5Reader file) : m_file(std::move(file)) {}
    Result<void> readHeader();
    Result<void> checkDatasets();

    [[nodiscard]] const SweepHeader& header() const override { return m_header; }
    [[nodiscard]] bool isMerged() const override { return m_merged; }
    [[nodiscard]] Result<std::vector<UnitState>> states(int model, int variant) const override;
    [[nodiscard]] Result<std::vector<int>> tokens(int model, int variant) const override { return integers(model, variant, SweepField::Tokens); }
    [[nodiscard]] Result<std::vector<int>> firstTokens(int model, int variant) const override;
    [[nodiscard]] Result<std::vector<float>> frames(int model, int variant) const override { return rows(model, variant, SweepField::Frame); }
    [[nodiscard]] Result<std::vector<float>> modelValues(int model, int variant) const override { return rows(model, variant, SweepField::Model); }
    [[nodiscard]] Result<std::vector<float>> layerValues(int model, int variant, int sample) const override {
        return numbers(model, variant, sample, SweepField::Layers);
    }
    [[nodiscard]] Result<std::vector<float>> headValues(int model, int variant, int sample) const override {
        return numbers(model, variant, sample, SweepField::Heads);
    }

private:
    Result<std::uint64_t> countOf(const h5::Group& root, const char* name, int limit) const;
    Result<void> readLists();
    Result<void> readModel(int model, std::size_t variants);
    Result<SweepCell> readCell(int model, int variant) const;
    Result<void> checkSources(const std::string& path, const Shape& shape, std::set<std::string>& sources);
    Result<void> checkSource(const std::string& source, const fs::path& folder) const;
    Result<std::vector<int>> integers(int model, int variant, SweepField field) const;
    /// Of all samples.
    Result<std::vector<float>> rows(int model, int variant, SweepField field) const;
    Result<std::vector<float>> numbers(int model, int variant, int sample, SweepField field) const;

    Hdf5Reader m_file;
    SweepHeader m_header;
    bool m_merged = false;
};

Result<std::uint64_t> SweepFile::countOf(const h5::Group& root, const char* name, int limit) const {
    SINKSCOPE_TRY(const int count, m_file.integer(root, name, 1, limit));
    return static_cast<std::uint64_t>(count);
}

Result<void> SweepFile::readHeader() {
    const h5::Session session;
    SINKSCOPE_TRY(const h5::Group root, m_file.group("/"));
    SINKSCOPE_TRY(const std::string format, m_file.textOr(root, "format", ""));
    if (format != kSweepFormat)
        return m_file.invalid("it is an HDF5 file, but no Sinkscope sweep");
    SINKSCOPE_TRY(const int version, m_file.integer(root, "version", 1, 1 << 20));
    if (version != kSweepVersion)
        return m_file.invalid("it has version " + std::to_string(version) + " of the sweep format; this program reads version " +
                              std::to_string(kSweepVersion) + (version < kSweepVersion ? ", so the sweep has to be made again" : ""));
    SINKSCOPE_TRY(m_header.recipeJson, m_file.text(root, "recipe"));
    SINKSCOPE_TRY(m_header.createdUtc, m_file.textOr(root, "created_utc", ""));
    SINKSCOPE_TRY(m_header.shards, m_file.integer(root, "shards", 1, 1 << 20));
    SINKSCOPE_TRY(m_header.shard, m_file.integer(root, "shard", 1, m_header.shards));
    SINKSCOPE_CHECK(readLists());
    SINKSCOPE_TRY(const std::uint64_t models, m_file.countIn("/models"));
    if (models < 1 || models > static_cast<std::uint64_t>(limits::kSweepModels))
        return m_file.invalid("/models does not hold 1 to " + std::to_string(limits::kSweepModels) + " models");
    for (int model = 0; model < static_cast<int>(models); ++model)
        SINKSCOPE_CHECK(readModel(model, m_header.variants.size()));
    return checkDatasets();
}

Result<void> SweepFile::readLists() {
    SINKSCOPE_TRY(const h5::Group root, m_file.group("/"));
    SINKSCOPE_TRY(const std::uint64_t samples, countOf(root, "sample_count", limits::kSamples));
    SINKSCOPE_TRY(const std::uint64_t metrics, countOf(root, "metric_count", limits::kSweepMetrics));
    SINKSCOPE_TRY(const std::uint64_t variants, countOf(root, "variant_count", limits::kSweepVariants));
    SINKSCOPE_TRY(m_header.texts, m_file.texts("/lists/texts", samples));
    SINKSCOPE_TRY(m_header.groups, m_file.texts("/lists/groups", samples));
    SINKSCOPE_TRY(const auto ids, m_file.texts("/lists/metrics", metrics));
    SINKSCOPE_TRY(const auto titles, m_file.texts("/lists/metric_titles", metrics));
    SINKSCOPE_TRY(const auto perLayer, m_file.integers("/lists/metric_per_layer", {metrics}));
    for (std::size_t i = 0; i < metrics; ++i)
        m_header.metrics.push_back({ids[i], titles[i], perLayer[i] != 0});
    SINKSCOPE_TRY(const auto variantIds, m_file.texts("/lists/variants", variants));
    SINKSCOPE_TRY(const auto variantTitles, m_file.texts("/lists/variant_titles", variants));
    for (std::size_t i = 0; i < variants; ++i)
        m_header.variants.push_back({variantIds[i], variantTitles[i]});
    return {};
}

Result<void> SweepFile::readModel(int model, std::size_t variants) {
    SINKSCOPE_TRY(const h5::Group group, m_file.group(modelPath(model)));
    SweepModel facts;
    SINKSCOPE_TRY(facts.title, m_file.textOr(group, "title", ""));
    SINKSCOPE_TRY(facts.source, m_file.textOr(group, "source", ""));
    SINKSCOPE_TRY(facts.architecture, m_file.textOr(group, "architecture", ""));
    SINKSCOPE_TRY(facts.fingerprint, m_file.textOr(group, "weight_fingerprint", ""));
    SINKSCOPE_TRY(facts.layers, m_file.integer(group, "layers", 1, limits::kLayers));
    SINKSCOPE_TRY(facts.heads, m_file.integer(group, "heads", 1, limits::kHeads));
    SINKSCOPE_TRY(facts.dtype, m_file.textOr(group, "dtype", ""));
    SINKSCOPE_TRY(const int causal, m_file.integer(group, "causal", 0, 1));
    facts.causal = causal != 0;
    m_header.models.push_back(std::move(facts));
    for (int variant = 0; variant < static_cast<int>(variants); ++variant) {
        SINKSCOPE_TRY(SweepCell cell, readCell(model, variant));
        m_header.cells.push_back(std::move(cell));
    }
    return {};
}

Result<SweepCell> SweepFile::readCell(int model, int variant) const {
    SINKSCOPE_TRY(const h5::Group group, m_file.group(cellPath(model, variant)));
    SweepCell cell;
    SINKSCOPE_TRY(cell.positions, m_file.textOr(group, "positions", ""));
    SINKSCOPE_TRY(cell.firstToken, m_file.textOr(group, "first_token", ""));
    SINKSCOPE_TRY(cell.inapplicable, m_file.textOr(group, "inapplicable", ""));
    SINKSCOPE_TRY(const int bos, m_file.integer(group, "bos_present", 0, 1));
    cell.bosPresent = bos != 0;
    SINKSCOPE_TRY(cell.first, m_file.integer(group, "first_sample", 0, m_header.samples()));
    SINKSCOPE_TRY(cell.count, m_file.integer(group, "samples", 0, m_header.samples() - cell.first));
    return cell;
}

/// Every dataset has the shape that the header gives it, and takes its numbers from this file or from sweep files below its folder. Only
/// then HDF5 is allowed to follow them.
Result<void> SweepFile::checkDatasets() {
    std::set<std::string> sources;
    const int variants = static_cast<int>(m_header.variants.size());
    for (int model = 0; model < static_cast<int>(m_header.models.size()); ++model)
        for (int variant = 0; variant < variants; ++variant)
            for (const SweepField field : kSweepFields) {
                const Shape shape = shapeOf(field, m_header, model, m_header.cell(model, variant).count);
                std::uint64_t numbers = 1; // of one sample, or of a model's table
                for (std::size_t axis = field == SweepField::Heads || field == SweepField::Layers ? 1 : 0; axis < shape.size(); ++axis)
                    if (__builtin_mul_overflow(numbers, shape[axis], &numbers) || numbers > limits::kSweepNumbers)
                        return m_file.invalid(sweepPath(model, variant, field) + " is larger than any sweep");
                if (shape[0] > 0)
                    SINKSCOPE_CHECK(checkSources(sweepPath(model, variant, field), shape, sources));
            }
    const fs::path folder = fs::absolute(m_file.path()).parent_path();
    for (const std::string& source : sources)
        SINKSCOPE_CHECK(checkSource(source, folder));
    m_merged = !sources.empty();
    if (m_merged)
        m_file.allowVirtual(folder);
    return {};
}

/// Collects the files that a dataset takes its numbers from.
Result<void> SweepFile::checkSources(const std::string& path, const Shape& shape, std::set<std::string>& sources) {
    SINKSCOPE_TRY(const auto found, m_file.sourcesOf(path, shape));
    for (const auto& [file, dataset] : found) {
        if (!staysBelow(file))
            return Error{ErrorCode::PathEscapes, path + " refers to a file outside the folder", m_file.path()};
        if (dataset != path)
            return m_file.invalid(path + " is put together from other numbers");
        sources.insert(file);
    }
    return {};
}

/// A source must be a sweep with its own numbers: otherwise it could lead on, to any file of the machine.
Result<void> SweepFile::checkSource(const std::string& source, const fs::path& folder) const {
    const fs::path file = folder / source;
    std::error_code failure;
    if (!fs::exists(file, failure))
        return Error{ErrorCode::FileNotFound, "this shard of the sweep is missing", file};
    if (!liesBelow(file, folder))
        return Error{ErrorCode::PathEscapes, "it leads out of the folder of the sweep", file};
    SINKSCOPE_TRY(Hdf5Reader reader, Hdf5Reader::open(file, file));
    SweepFile shard(std::move(reader));
    SINKSCOPE_CHECK(shard.readHeader());
    if (shard.isMerged())
        return m_file.invalid("its shard " + source + " is itself put together from others");
    const auto difference = recipeDifference(shard.header().recipeJson, m_header.recipeJson);
    return difference.empty() ? Result<void>() : Result<void>(m_file.invalid("its shard " + source + " is of another sweep: " + difference));
}

Result<std::vector<int>> SweepFile::integers(int model, int variant, SweepField field) const {
    const SweepCell& cell = m_header.cell(model, variant);
    std::vector<int> all(static_cast<std::size_t>(m_header.samples()), 0);
    if (cell.count == 0)
        return all;
    SINKSCOPE_TRY(const auto part, m_file.integers(sweepPath(model, variant, field), {static_cast<std::uint64_t>(cell.count)}));
    std::ranges::copy(part, all.begin() + cell.first);
    return all;
}

Result<std::vector<UnitState>> SweepFile::states(int model, int variant) const {
    SINKSCOPE_TRY(const auto numbers, integers(model, variant, SweepField::State));
    std::vector<UnitState> states;
    for (const int number : numbers)
        states.push_back(number == 1 ? UnitState::Done : number == 2 ? UnitState::LeftOut : UnitState::Missing);
    return states;
}

Result<std::vector<int>> SweepFile::firstTokens(int model, int variant) const {
    SINKSCOPE_TRY(auto ids, integers(model, variant, SweepField::First));
    SINKSCOPE_TRY(const auto known, states(model, variant));
    for (std::size_t sample = 0; sample < ids.size(); ++sample)
        ids[sample] = known[sample] == UnitState::Done ? ids[sample] : -1;
    return ids;
}

Result<std::vector<float>> SweepFile::rows(int model, int variant, SweepField field) const {
    const SweepCell& cell = m_header.cell(model, variant);
    const Shape shape = shapeOf(field, m_header, model, cell.count);
    const auto width = static_cast<std::size_t>(shape[1]);
    std::vector<float> all(static_cast<std::size_t>(m_header.samples()) * width, std::numeric_limits<float>::quiet_NaN());
    if (cell.count == 0)
        return all;
    SINKSCOPE_TRY(const auto part, m_file.floats(sweepPath(model, variant, field), shape, {}, true));
    std::ranges::copy(part, all.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(cell.first) * width));
    return all;
}

Result<std::vector<float>> SweepFile::numbers(int model, int variant, int sample, SweepField field) const {
    const SweepCell& cell = m_header.cell(model, variant);
    if (sample < cell.first || sample >= cell.first + cell.count)
        return Error{ErrorCode::InvalidArgument, "sample " + std::to_string(sample) + " is not in this file", m_file.path()};
    return m_file.floats(sweepPath(model, variant, field), shapeOf(field, m_header, model, cell.count),
                         static_cast<std::uint64_t>(sample - cell.first), true);
}

} // namespace

Result<std::unique_ptr<SweepReader>> SweepReader::open(const fs::path& path) {
    SINKSCOPE_TRY(Hdf5Reader file, Hdf5Reader::open(path, path));
    auto sweep = std::make_unique<SweepFile>(std::move(file));
    SINKSCOPE_CHECK(sweep->readHeader());
    return std::unique_ptr<SweepReader>(std::move(sweep));
}

} // namespace sinkscope
