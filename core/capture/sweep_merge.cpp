// SPDX-License-Identifier: Apache-2.0
#include "core/base/printable.h"
#include "core/capture/sweep_schema.h"
#include "core/io/atomic_write.h"

#include <algorithm>

namespace sinkscope {
namespace {

namespace fs = std::filesystem;

struct Shard {
    std::string name; ///< relative to the folder of the merged file
    fs::path path;
    std::unique_ptr<SweepReader> reader;
};

Result<std::string> relativeName(const fs::path& shard, const fs::path& output) {
    std::error_code failure;
    fs::path folder = fs::canonical(fs::absolute(output).parent_path(), failure);
    if (failure)
        return Error{ErrorCode::WriteFailed, "there is no such folder", output};
    const fs::path target = fs::canonical(shard, failure);
    if (failure)
        return Error{ErrorCode::FileNotFound, "there is no such file", shard};
    const fs::path name = target.lexically_relative(folder);
    if (name.empty() || *name.begin() == "..")
        return Error{ErrorCode::InvalidArgument, "a shard must lie in the folder of the merged file, or below it", shard};
    if (target == folder / output.filename())
        return Error{ErrorCode::InvalidArgument, "the merged file cannot be one of its shards", shard};
    return name.string();
}

Result<std::vector<Shard>> openShards(std::span<const fs::path> paths, const fs::path& output) {
    std::vector<Shard> shards;
    for (const fs::path& path : paths) {
        SINKSCOPE_TRY(std::string name, relativeName(path, output));
        SINKSCOPE_TRY(auto reader, SweepReader::open(path));
        if (reader->isMerged())
            return Error{ErrorCode::InvalidArgument, "is already merged; name its shards instead", path};
        shards.push_back({std::move(name), path, std::move(reader)});
        const SweepHeader &first = shards.front().reader->header(), &own = shards.back().reader->header();
        if (const auto difference = recipeDifference(first.recipeJson, own.recipeJson); !difference.empty())
            return Error{ErrorCode::InvalidArgument, "belongs to another sweep than the first shard: " + difference, path};
        if (own.texts != first.texts || own.models.size() != first.models.size() || own.metrics.size() != first.metrics.size() ||
            own.variants.size() != first.variants.size())
            return Error{ErrorCode::CaptureInvalid, "has the recipe of the first shard, but other samples, models or metrics", path};
        for (std::size_t model = 0; model < own.models.size(); ++model)
            if (own.models[model].layers != first.models[model].layers || own.models[model].heads != first.models[model].heads)
                return Error{ErrorCode::CaptureInvalid, "has the recipe of the first shard, but a model of another size", path};
    }
    return shards;
}

/// Stretches of finished samples of one shard's cell.
struct Piece {
    std::size_t shard = 0;
    int from = 0, count = 0; ///< samples
};

/// Which shard has which samples of a cell. Errors: InvalidArgument when two have the same.
Result<std::vector<Piece>> piecesOf(const std::vector<Shard>& shards, int model, int variant, SweepMerge& merge, int& present) {
    std::vector<Piece> pieces;
    std::vector<int> owner(shards.front().reader->header().texts.size(), -1);
    for (std::size_t index = 0; index < shards.size(); ++index) {
        SINKSCOPE_TRY(const auto states, shards[index].reader->states(model, variant));
        for (int sample = 0; sample < static_cast<int>(states.size()); ++sample) {
            const UnitState state = states[static_cast<std::size_t>(sample)];
            if (state == UnitState::Missing)
                continue;
            int& own = owner[static_cast<std::size_t>(sample)];
            if (own >= 0)
                return Error{ErrorCode::InvalidArgument,
                             "sample " + std::to_string(sample) + " of " + cellPath(model, variant) + " is also in " +
                                 shards[static_cast<std::size_t>(own)].name,
                             shards[index].path};
            own = static_cast<int>(index);
            (state == UnitState::Done ? merge.done : merge.leftOut)++;
            ++present;
            if (!pieces.empty() && pieces.back().shard == index && pieces.back().from + pieces.back().count == sample)
                ++pieces.back().count;
            else
                pieces.push_back({index, sample, 1});
        }
    }
    return pieces;
}

SweepHeader headerOf(const std::vector<Shard>& shards) {
    SweepHeader header = shards.front().reader->header();
    header.shard = header.shards = 1;
    for (SweepCell& cell : header.cells) {
        cell.first = 0;
        cell.count = cell.inapplicable.empty() ? header.samples() : 0;
    }
    return header;
}

hid_t typeOf(SweepField field) {
    return isFloat(field) ? H5T_IEEE_F32LE : field == SweepField::State ? H5T_STD_U8LE : H5T_STD_I32LE;
}

std::string cellName(const SweepHeader& header, int model, int variant) {
    return printable(header.models[static_cast<std::size_t>(model)].title) + ", " + printable(header.variants[static_cast<std::size_t>(variant)].id);
}

Result<void> combineCell(LayoutWriter& writer, const SweepHeader& header, const std::vector<Shard>& shards, int model, int variant,
                         SweepMerge& merge) {
    const int samples = header.cell(model, variant).count;
    if (samples == 0)
        return {};
    int present = 0;
    SINKSCOPE_TRY(const auto pieces, piecesOf(shards, model, variant, merge, present));
    merge.units += static_cast<std::size_t>(samples);
    if (present < samples)
        merge.missing.push_back(cellName(header, model, variant) + ": " + std::to_string(samples - present) + " of " +
                                std::to_string(samples) + " samples are missing");
    const h5::Group group = writer.openGroup(cellPath(model, variant));
    for (const SweepField field : kSweepFields) {
        std::vector<Stretch> stretches;
        for (const Piece& piece : pieces) {
            const Shard& shard = shards[piece.shard];
            const SweepCell& own = shard.reader->header().cell(model, variant);
            stretches.push_back({.file = shard.name, .dataset = sweepPath(model, variant, field),
                                 .shape = shapeOf(field, header, model, own.count),
                                 .from = static_cast<std::uint64_t>(piece.from - own.first), .to = static_cast<std::uint64_t>(piece.from),
                                 .count = static_cast<std::uint64_t>(piece.count)});
        }
        writer.combine(group, nameOf(field).data(), shapeOf(field, header, model, samples), typeOf(field), stretches);
    }
    return {};
}

} // namespace

Result<SweepMerge> mergeSweeps(std::span<const fs::path> paths, const fs::path& output) {
    if (paths.empty())
        return Error{ErrorCode::InvalidArgument, "there is no shard to merge", output};
    SINKSCOPE_TRY(const auto shards, openShards(paths, output));
    const SweepHeader header = headerOf(shards);
    SweepMerge merge;
    const auto write = [&](const fs::path& temporary) -> Result<void> {
        const h5::Session session;
        LayoutWriter writer(temporary, header.cells.size() * kSweepFields.size(), LayoutWriter::Format::New);
        writeSweepHeader(writer, header);
        for (int model = 0; model < static_cast<int>(header.models.size()); ++model)
            for (int variant = 0; variant < static_cast<int>(header.variants.size()); ++variant)
                SINKSCOPE_CHECK(combineCell(writer, header, shards, model, variant, merge));
        return writer.close(temporary);
    };
    SINKSCOPE_CHECK(replaceFileAtomically(output, write));
    return merge;
}

} // namespace sinkscope
