// SPDX-License-Identifier: Apache-2.0
#include "core/base/printable.h"
#include "core/capture/hdf5_reader.h"
#include "core/capture/raw_file.h"
#include "core/capture/sweep_schema.h"
#include "core/io/atomic_write.h"

#include <algorithm>
#include <map>

namespace sinkscope {
namespace {

namespace fs = std::filesystem;

/// Where the numbers of a cell lie in the file.
using CellOffsets = std::array<std::int64_t, kSweepFields.size()>;

hid_t typeOf(SweepField field) {
    return isFloat(field) ? H5T_IEEE_F32LE : field == SweepField::State ? H5T_STD_U8LE : H5T_STD_I32LE;
}

class RawSweepWriter : public SweepWriter {
public:
    RawSweepWriter(SweepHeader header, RawFile file) : m_header(std::move(header)), m_file(std::move(file)) {}
    Result<void> findOffsets(const fs::path& path);
    void setStates(std::vector<std::vector<UnitState>> states) { m_states = std::move(states); }

    [[nodiscard]] UnitState state(int model, int variant, int sample) const override {
        return m_states[m_header.cellIndex(model, variant)][static_cast<std::size_t>(sample)];
    }
    Result<void> write(const SweepUnit& unit) override;

private:
    template <typename T> Result<void> put(const SweepUnit& unit, SweepField field, std::span<const T> numbers);

    SweepHeader m_header;
    RawFile m_file;
    std::vector<CellOffsets> m_offsets;             ///< [cell]
    std::vector<std::vector<UnitState>> m_states;   ///< [cell][sample]
};

/// Contiguous datasets have one address, which never changes.
Result<void> RawSweepWriter::findOffsets(const fs::path& path) {
    SINKSCOPE_TRY(const Hdf5Reader reader, Hdf5Reader::open(path, path));
    const h5::Session session;
    for (int model = 0; model < static_cast<int>(m_header.models.size()); ++model)
        for (int variant = 0; variant < static_cast<int>(m_header.variants.size()); ++variant) {
            CellOffsets offsets{};
            const int count = m_header.cell(model, variant).count;
            for (const SweepField field : kSweepFields) {
                if (count == 0)
                    continue;
                const std::string name = sweepPath(model, variant, field);
                SINKSCOPE_TRY(const h5::Dataset dataset,
                              reader.dataset(name, isFloat(field) ? H5T_FLOAT : H5T_INTEGER, shapeOf(field, m_header, model, count)));
                const h5::Type type(H5Dget_type(dataset.get()));
                const haddr_t offset = H5Dget_offset(dataset.get());
                if (offset == HADDR_UNDEF || H5Tequal(type.get(), typeOf(field)) <= 0)
                    return reader.invalid(name + " was not laid out by this program");
                offsets[static_cast<std::size_t>(field)] = static_cast<std::int64_t>(offset);
            }
            m_offsets.push_back(offsets);
        }
    return {};
}

template <typename T> Result<void> RawSweepWriter::put(const SweepUnit& unit, SweepField field, std::span<const T> numbers) {
    const std::size_t cell = m_header.cellIndex(unit.model, unit.variant);
    const auto row = static_cast<std::uint64_t>(unit.sample - m_header.cells[cell].first);
    SINKSCOPE_ASSERT(numbers.size() == countOf(shapeOf(field, m_header, unit.model, 1)));
    const auto offset = static_cast<std::uint64_t>(m_offsets[cell][static_cast<std::size_t>(field)]);
    return m_file.write(offset + row * numbers.size_bytes(), std::as_bytes(numbers));
}

Result<void> RawSweepWriter::write(const SweepUnit& unit) {
    const SweepCell& cell = m_header.cell(unit.model, unit.variant);
    SINKSCOPE_ASSERT(unit.sample >= cell.first && unit.sample < cell.first + cell.count && unit.state != UnitState::Missing);
    const std::int32_t tokens = unit.tokens, first = unit.firstToken;
    const auto state = static_cast<std::uint8_t>(unit.state);
    SINKSCOPE_CHECK(put(unit, SweepField::Tokens, std::span(&tokens, 1)));
    SINKSCOPE_CHECK(put(unit, SweepField::First, std::span(&first, 1)));
    if (unit.state == UnitState::Done) { // what is left out stays NaN
        SINKSCOPE_CHECK(put(unit, SweepField::Frame, std::span(unit.frame)));
        SINKSCOPE_CHECK(put(unit, SweepField::Model, std::span(unit.modelValues)));
        SINKSCOPE_CHECK(put(unit, SweepField::Layers, std::span(unit.layerValues)));
        SINKSCOPE_CHECK(put(unit, SweepField::Heads, std::span(unit.headValues)));
    }
    SINKSCOPE_CHECK(put(unit, SweepField::State, std::span(&state, 1)));
    m_states[m_header.cellIndex(unit.model, unit.variant)][static_cast<std::size_t>(unit.sample)] = unit.state;
    return {};
}

std::uint64_t bytesOf(const SweepHeader& header) {
    std::uint64_t bytes = std::uint64_t{1} << 20;
    for (const std::string& text : header.texts)
        bytes += text.size() + 64;
    for (int model = 0; model < static_cast<int>(header.models.size()); ++model)
        for (int variant = 0; variant < static_cast<int>(header.variants.size()); ++variant)
            for (const SweepField field : kSweepFields)
                bytes += 4096 + 4 * countOf(shapeOf(field, header, model, header.cell(model, variant).count));
    return bytes;
}

Result<void> layOut(const fs::path& path, const SweepHeader& header) {
    const h5::Session session;
    LayoutWriter writer(path, header.cells.size() * kSweepFields.size());
    writeSweepHeader(writer, header);
    for (int model = 0; model < static_cast<int>(header.models.size()); ++model)
        for (int variant = 0; variant < static_cast<int>(header.variants.size()); ++variant) {
            const int count = header.cell(model, variant).count;
            if (count == 0)
                continue;
            const h5::Group group = writer.openGroup(cellPath(model, variant));
            for (const SweepField field : kSweepFields)
                writer.reserveFilled(group, nameOf(field).data(), shapeOf(field, header, model, count), typeOf(field));
        }
    return writer.close(path);
}

Result<std::unique_ptr<SweepWriter>> openForWriting(const fs::path& path, const SweepReader& reader) {
    SINKSCOPE_TRY(RawFile file, RawFile::open(path, path));
    SINKSCOPE_CHECK(file.lock());
    const SweepHeader& header = reader.header();
    auto writer = std::make_unique<RawSweepWriter>(header, std::move(file));
    SINKSCOPE_CHECK(writer->findOffsets(path));
    std::vector<std::vector<UnitState>> states;
    for (int model = 0; model < static_cast<int>(header.models.size()); ++model)
        for (int variant = 0; variant < static_cast<int>(header.variants.size()); ++variant) {
            SINKSCOPE_TRY(auto own, reader.states(model, variant));
            states.push_back(std::move(own));
        }
    writer->setStates(std::move(states));
    return std::unique_ptr<SweepWriter>(std::move(writer));
}

} // namespace

Result<std::unique_ptr<SweepWriter>> SweepWriter::create(const fs::path& path, const SweepHeader& header) {
    SINKSCOPE_CHECK(checkDiskSpace(path, bytesOf(header)));
    SINKSCOPE_CHECK(replaceFileAtomically(path, [&](const fs::path& temporary) { return layOut(temporary, header); }));
    SINKSCOPE_TRY(const auto reader, SweepReader::open(path));
    return openForWriting(path, *reader);
}

Result<std::unique_ptr<SweepWriter>> SweepWriter::resume(const fs::path& path, const SweepHeader& expected) {
    SINKSCOPE_TRY(const auto reader, SweepReader::open(path));
    const SweepHeader& found = reader->header();
    if (reader->isMerged())
        return Error{ErrorCode::InvalidArgument, "is a merged sweep, which cannot be continued", path};
    if (const auto difference = recipeDifference(found.recipeJson, expected.recipeJson); !difference.empty())
        return Error{ErrorCode::InvalidArgument, "holds another sweep: " + difference, path};
    if (found.shard != expected.shard || found.shards != expected.shards)
        return Error{ErrorCode::InvalidArgument, "holds " + shardText(found) + ", not " + shardText(expected), path};
    for (std::size_t cell = 0; cell < expected.cells.size(); ++cell)
        if (found.cells.size() != expected.cells.size() || found.cells[cell].first != expected.cells[cell].first ||
            found.cells[cell].count != expected.cells[cell].count)
            return Error{ErrorCode::CaptureInvalid, "has room for other samples than its shard", path};
    return openForWriting(path, *reader);
}

} // namespace sinkscope
