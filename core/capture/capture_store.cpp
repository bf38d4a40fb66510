// SPDX-License-Identifier: Apache-2.0
#include "core/capture/capture_store.h"

#include "core/attention/statistics_builder.h"
#include "core/capture/capture_layout.h"
#include "core/capture/capture_reader.h"
#include "core/capture/half_float.h"
#include "core/capture/raw_file.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

namespace sinkscope {
namespace {

std::string placeText(int sample, int layer) { return "sample " + std::to_string(sample) + ", layer " + std::to_string(layer); }

/// The one implementation. A store being written holds a RawFile and the offsets; reading always goes through HDF5, on a file whose
/// structure no longer changes.
class FileCapture final : public CaptureStore {
public:
    FileCapture(std::filesystem::path path, CaptureHeader header, CaptureReader reader, double hitQuantile)
        : m_path(std::move(path)), m_header(std::move(header)), m_reader(std::move(reader)), m_hitQuantile(hitQuantile),
          m_done(m_header.samples.size() * static_cast<std::size_t>(m_header.layers)) {}

    void startWriting(RawFile file, CaptureLayout layout, const KeepOptions& keep) {
        m_file = std::move(file);
        m_layout = std::move(layout);
        m_keep = keep;
    }
    Result<void> clearProgress() const;
    Result<void> readProgress();
    void noteFields();

    const CaptureHeader& header() const override { return m_header; }
    bool hasLayer(int sample, int layer) const override;
    bool hasSpace(Space space) const override { return space == Space::Hidden ? m_hasHidden : m_hasVectors; }
    Result<std::shared_ptr<const LayerStatistics>> statistics(int sample, int layer) override;
    Result<HeadVectors> vectors(int sample, int layer, Space space, int head) override;

    Result<void> writeVectors(int sample, int layer, std::span<const float> query, std::span<const float> key,
                              std::span<const float> value) override;
    Result<void> writeAttentionRows(int sample, int layer, int head, int firstQuery, int queries, int keys, std::size_t stride,
                                    const float* weights) override;
    Result<void> writeHidden(int sample, int layer, std::span<const float> hidden) override;
    Result<void> writeLogits(int sample, std::span<const float> logits) override;
    Result<void> writeStatistics(const LayerStatistics& statistics) override;
    Result<void> finishLayer(int layer) override;
    Result<void> finish() override;
    bool isComplete() const override { return m_complete; }
    const std::filesystem::path& path() const override { return m_path; }

private:
    std::size_t doneIndex(int sample, int layer) const {
        return static_cast<std::size_t>(sample) * static_cast<std::size_t>(m_header.layers) + static_cast<std::size_t>(layer);
    }
    bool isCaptured(int sample, int layer) const {
        return sample >= 0 && sample < static_cast<int>(m_header.samples.size()) && slotOfLayer(m_header, layer).has_value();
    }
    Result<std::int64_t> offsetOf(int sample, int layer, Field field) const;
    template <typename T> Result<void> writeField(int sample, int layer, Field field, std::span<const T> values) const;
    Result<void> writeFloats(std::uint64_t offset, std::span<const float> values, Element element, const std::string& what) const;
    Result<void> markDone(int sample, int layer);

    std::filesystem::path m_path;
    CaptureHeader m_header;
    CaptureReader m_reader;
    double m_hitQuantile;
    std::vector<std::atomic<std::uint8_t>> m_done; ///< [sample, layer]
    std::atomic<bool> m_complete = false;
    bool m_hasVectors = false, m_hasHidden = false;
    RawFile m_file; ///< open while a run writes
    CaptureLayout m_layout;
    KeepOptions m_keep;
};

Result<void> FileCapture::clearProgress() const {
    const std::vector<std::byte> zeros(m_done.size());
    SINKSCOPE_CHECK(m_file.write(static_cast<std::uint64_t>(m_layout.layerDone), zeros));
    return m_file.write(static_cast<std::uint64_t>(m_layout.complete), std::span(zeros).first(1));
}

Result<void> FileCapture::readProgress() {
    SINKSCOPE_TRY(const auto done, m_reader.layerDone(m_header));
    std::ranges::copy(done, m_done.begin());
    SINKSCOPE_TRY(const bool complete, m_reader.complete());
    m_complete = complete;
    return {};
}

void FileCapture::noteFields() {
    m_hasVectors = m_reader.hasField(m_header, Field::Query) && m_reader.hasField(m_header, Field::Key) &&
                   m_reader.hasField(m_header, Field::Value);
    m_hasHidden = m_reader.hasField(m_header, Field::Hidden);
}

bool FileCapture::hasLayer(int sample, int layer) const {
    return isCaptured(sample, layer) && m_done[doneIndex(sample, layer)].load(std::memory_order_acquire) != 0;
}

Result<std::shared_ptr<const LayerStatistics>> FileCapture::statistics(int sample, int layer) {
    if (!hasLayer(sample, layer))
        return Error{ErrorCode::InvalidArgument, placeText(sample, layer) + " is not in the capture", m_path};
    const LayerDimensions dimensions = dimensionsOf(m_header, sample);
    const auto floats = [&](Field field) { return m_reader.floats(fieldPath(sample, layer, field), shapeOf(field, dimensions)); };
    LayerStatistics s;
    s.sample = sample;
    s.layer = layer;
    s.tokens = dimensions.tokens;
    s.heads = dimensions.heads;
    s.keyValueHeads = dimensions.keyValueHeads;
    s.causal = m_header.rule.causal;
    s.window = m_header.windowOf(layer);
    s.quantile = m_hitQuantile;
    SINKSCOPE_TRY(s.columnMass, floats(Field::ColumnMass));
    SINKSCOPE_TRY(s.rowEntropy, floats(Field::RowEntropy));
    SINKSCOPE_TRY(s.previousWeight, floats(Field::PreviousWeight));
    SINKSCOPE_TRY(s.selfWeight, floats(Field::SelfWeight));
    SINKSCOPE_TRY(s.threshold, floats(Field::Threshold));
    SINKSCOPE_TRY(s.hitFrequency, floats(Field::HitFrequency));
    SINKSCOPE_TRY(s.queryNorm, floats(Field::QueryNorm));
    SINKSCOPE_TRY(s.keyNorm, floats(Field::KeyNorm));
    SINKSCOPE_TRY(s.valueNorm, floats(Field::ValueNorm));
    SINKSCOPE_TRY(s.hiddenNorm, floats(Field::HiddenNorm));
    SINKSCOPE_TRY(s.thumbnail, floats(Field::Thumbnail));
    if (!m_header.headRules.sinks.empty()) {
        SINKSCOPE_TRY(s.sinkWeight, floats(Field::SinkWeight));
    }
    const std::string argmaxPath = fieldPath(sample, layer, Field::RowArgmax);
    SINKSCOPE_TRY(s.rowArgmax, m_reader.integers(argmaxPath, shapeOf(Field::RowArgmax, dimensions)));
    for (const std::int32_t key : s.rowArgmax)
        if (key < 0 || key >= s.tokens)
            return Error{ErrorCode::CaptureInvalid, argmaxPath + " names key " + std::to_string(key), m_path};
    return std::make_shared<const LayerStatistics>(std::move(s));
}

Result<HeadVectors> FileCapture::vectors(int sample, int layer, Space space, int head) {
    if (!hasLayer(sample, layer) || !hasSpace(space))
        return Error{ErrorCode::InvalidArgument,
                     "the " + std::string(nameOf(space)) + " vectors of " + placeText(sample, layer) + " are not in the capture", m_path};
    const LayerDimensions dimensions = dimensionsOf(m_header, sample);
    const int heads = space == Space::Query ? dimensions.heads : space == Space::Hidden ? 1 : dimensions.keyValueHeads;
    if (space != Space::Hidden && (head < 0 || head >= heads))
        return Error{ErrorCode::InvalidArgument, "head " + std::to_string(head) + " of " + std::to_string(heads), m_path};
    const Field field = space == Space::Query ? Field::Query : space == Space::Key ? Field::Key
                      : space == Space::Value ? Field::Value : Field::Hidden;
    HeadVectors result{.tokens = dimensions.tokens,
                       .width = space == Space::Hidden ? dimensions.width : dimensions.headWidth,
                       .values = {}};
    const auto first = space == Space::Hidden ? std::optional<std::uint64_t>() : static_cast<std::uint64_t>(head);
    SINKSCOPE_TRY(result.values, m_reader.floats(fieldPath(sample, layer, field), shapeOf(field, dimensions), first));
    return result;
}

Result<std::int64_t> FileCapture::offsetOf(int sample, int layer, Field field) const {
    if (!m_file)
        return Error{ErrorCode::InvalidArgument, "the capture is open for reading only", m_path};
    if (!isCaptured(sample, layer))
        return Error{ErrorCode::InvalidArgument, placeText(sample, layer) + " is not part of the capture", m_path};
    const std::int64_t offset = m_layout.fields[m_layout.indexOf(static_cast<std::size_t>(sample), *slotOfLayer(m_header, layer), field)];
    if (offset == CaptureLayout::kAbsent)
        return Error{ErrorCode::InvalidArgument, std::string(nameOf(field)) + " is not kept by this capture", m_path};
    return offset;
}

Result<void> FileCapture::writeFloats(std::uint64_t offset, std::span<const float> values, Element element,
                                      const std::string& what) const {
    if (element != Element::Float16)
        return m_file.write(offset, std::as_bytes(values));
    std::vector<std::uint16_t> halves(values.size());
    bool fits = true;
    for (std::size_t i = 0; i < values.size(); ++i) {
        fits = fits && std::abs(values[i]) <= kLargestHalf;
        halves[i] = halfFromFloat(values[i]);
    }
    if (!fits)
        return Error{ErrorCode::NotFinite, what + ": a value is beyond what float16 can hold (65504); keep it in float32", m_path};
    return m_file.write(offset, std::as_bytes(std::span<const std::uint16_t>(halves)));
}

template <typename T>
Result<void> FileCapture::writeField(int sample, int layer, Field field, std::span<const T> values) const {
    SINKSCOPE_TRY(const std::int64_t offset, offsetOf(sample, layer, field));
    if (values.size() != countOf(shapeOf(field, dimensionsOf(m_header, sample))))
        return Error{ErrorCode::Internal, std::string(nameOf(field)) + " of " + placeText(sample, layer) + " has the wrong size", m_path};
    if constexpr (std::is_same_v<T, float>)
        return writeFloats(static_cast<std::uint64_t>(offset), values, elementOf(field, m_keep), fieldPath(sample, layer, field));
    else
        return m_file.write(static_cast<std::uint64_t>(offset), std::as_bytes(values));
}

Result<void> FileCapture::writeVectors(int sample, int layer, std::span<const float> query, std::span<const float> key,
                                       std::span<const float> value) {
    SINKSCOPE_CHECK(writeField(sample, layer, Field::Query, query));
    SINKSCOPE_CHECK(writeField(sample, layer, Field::Key, key));
    return writeField(sample, layer, Field::Value, value);
}

Result<void> FileCapture::writeAttentionRows(int sample, int layer, int head, int firstQuery, int queries, int keys,
                                             std::size_t stride, const float* weights) {
    SINKSCOPE_TRY(const std::int64_t offset, offsetOf(sample, layer, Field::Attention));
    const auto tokens = static_cast<std::size_t>(dimensionsOf(m_header, sample).tokens);
    const auto rows = static_cast<std::size_t>(queries);
    std::vector<float> full(rows * tokens, 0.0F); // with the columns that the block leaves out
    for (std::size_t row = 0; row < rows; ++row)
        std::copy_n(weights + row * stride, static_cast<std::size_t>(keys), full.begin() + static_cast<std::ptrdiff_t>(row * tokens));
    const std::size_t first = (static_cast<std::size_t>(head) * tokens + static_cast<std::size_t>(firstQuery)) * tokens;
    const Element element = elementOf(Field::Attention, m_keep);
    return writeFloats(static_cast<std::uint64_t>(offset) + first * sizeOf(element), full, element,
                       fieldPath(sample, layer, Field::Attention));
}

Result<void> FileCapture::writeHidden(int sample, int layer, std::span<const float> hidden) {
    return writeField(sample, layer, Field::Hidden, hidden);
}

Result<void> FileCapture::writeLogits(int sample, std::span<const float> logits) {
    const auto index = static_cast<std::size_t>(sample);
    if (!m_file || index >= m_layout.logits.size() || m_layout.logits[index] == CaptureLayout::kAbsent)
        return Error{ErrorCode::InvalidArgument, "logits are not kept by this capture", m_path};
    if (logits.size() != static_cast<std::size_t>(dimensionsOf(m_header, sample).tokens) * static_cast<std::size_t>(m_header.vocabulary))
        return Error{ErrorCode::Internal, "logits of sample " + std::to_string(sample) + " have the wrong size", m_path};
    return m_file.write(static_cast<std::uint64_t>(m_layout.logits[index]), std::as_bytes(logits));
}

Result<void> FileCapture::writeStatistics(const LayerStatistics& s) {
    const auto floats = [&](Field field, const std::vector<float>& values) {
        return writeField<float>(s.sample, s.layer, field, values);
    };
    SINKSCOPE_CHECK(floats(Field::ColumnMass, s.columnMass));
    SINKSCOPE_CHECK(floats(Field::RowEntropy, s.rowEntropy));
    SINKSCOPE_CHECK(writeField<std::int32_t>(s.sample, s.layer, Field::RowArgmax, s.rowArgmax));
    SINKSCOPE_CHECK(floats(Field::PreviousWeight, s.previousWeight));
    SINKSCOPE_CHECK(floats(Field::SelfWeight, s.selfWeight));
    SINKSCOPE_CHECK(floats(Field::Threshold, s.threshold));
    SINKSCOPE_CHECK(floats(Field::HitFrequency, s.hitFrequency));
    SINKSCOPE_CHECK(floats(Field::QueryNorm, s.queryNorm));
    SINKSCOPE_CHECK(floats(Field::KeyNorm, s.keyNorm));
    SINKSCOPE_CHECK(floats(Field::ValueNorm, s.valueNorm));
    SINKSCOPE_CHECK(floats(Field::HiddenNorm, s.hiddenNorm));
    SINKSCOPE_CHECK(floats(Field::Thumbnail, s.thumbnail));
    if (!s.sinkWeight.empty())
        SINKSCOPE_CHECK(floats(Field::SinkWeight, s.sinkWeight));
    return markDone(s.sample, s.layer);
}

Result<void> FileCapture::markDone(int sample, int layer) {
    constexpr std::byte kOne{1};
    const std::size_t index = doneIndex(sample, layer);
    SINKSCOPE_CHECK(m_file.write(static_cast<std::uint64_t>(m_layout.layerDone) + index, std::span(&kOne, 1)));
    m_done[index].store(1, std::memory_order_release);
    return {};
}

Result<void> FileCapture::finishLayer(int layer) {
    for (int sample = 0; sample < static_cast<int>(m_header.samples.size()); ++sample)
        if (!hasLayer(sample, layer))
            return Error{ErrorCode::Internal, placeText(sample, layer) + " was not written", m_path};
    return {};
}

Result<void> FileCapture::finish() {
    for (const int layer : m_header.capturedLayers)
        SINKSCOPE_CHECK(finishLayer(layer));
    constexpr std::byte kOne{1};
    SINKSCOPE_CHECK(m_file.write(static_cast<std::uint64_t>(m_layout.complete), std::span(&kOne, 1)));
    m_complete = true;
    return {};
}

Result<void> checkHeader(const CaptureHeader& header, const std::filesystem::path& path) {
    const bool sane = header.layers > 0 && header.heads > 0 && header.keyValueHeads > 0 && header.headWidth > 0 && header.width > 0 &&
                      header.vocabulary > 0 && !header.capturedLayers.empty() && !header.samples.empty();
    if (!sane)
        return Error{ErrorCode::InvalidArgument, "a capture needs a model, at least one layer and at least one sample", path};
    for (const auto& sample : header.samples) {
        const std::size_t tokens = sample->encoding.ids.size();
        if (tokens == 0 || sample->encoding.pieces.size() != tokens || sample->encoding.offsets.size() != tokens ||
            sample->encoding.special.size() != tokens || sample->display.size() != tokens)
            return Error{ErrorCode::InvalidArgument, "a sample of the capture has no tokens, or lacks pieces or offsets", path};
    }
    return {};
}

/// A name in the same folder that no other run uses. The extension is kept.
std::filesystem::path temporaryName(const std::filesystem::path& path) {
    static std::atomic<unsigned> counter = 0;
    auto temporary = path;
    temporary.replace_filename("." + path.stem().string() + ".part" + std::to_string(getpid()) + "-" + std::to_string(counter++) +
                               path.extension().string());
    return temporary;
}

/// Renames. Plain rename over an existing file makes some file systems write out the new one first, which takes seconds.
std::error_code putInPlace(const std::filesystem::path& temporary, const std::filesystem::path& path) {
    std::error_code failure;
    if (::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) == 0 &&
        std::filesystem::is_regular_file(temporary, failure)) {
        std::filesystem::remove(temporary, failure); // the old file: its readers keep it until they close it
        return {};
    }
    std::filesystem::rename(temporary, path, failure);
    return failure;
}

Result<std::shared_ptr<FileCapture>> createAt(const std::filesystem::path& temporary, const std::filesystem::path& path,
                                              CaptureHeader header, const KeepOptions& keep) {
    // Tried before HDF5 writes, which is left in a poor state when its writes fail, and taken once the layout is known.
    SINKSCOPE_CHECK(tryToReserve(temporary, path, CaptureStore::plannedBytes(header, keep)));
    SINKSCOPE_TRY(CaptureLayout layout, writeCaptureLayout(temporary, header, keep));
    SINKSCOPE_CHECK(tryToReserve(temporary, path, std::filesystem::file_size(temporary)));
    SINKSCOPE_TRY(RawFile file, RawFile::open(temporary, path));
    SINKSCOPE_TRY(CaptureReader reader, CaptureReader::open(temporary, path));
    auto store = std::make_shared<FileCapture>(path, std::move(header), std::move(reader), kHitQuantile);
    store->noteFields();
    store->startWriting(std::move(file), std::move(layout), keep);
    SINKSCOPE_CHECK(store->clearProgress());
    return store;
}

} // namespace

Result<std::shared_ptr<CaptureStore>> CaptureStore::create(const std::filesystem::path& path, CaptureHeader header,
                                                           const KeepOptions& keep) {
    SINKSCOPE_CHECK(checkHeader(header, path));
    SINKSCOPE_CHECK(checkDiskSpace(path, plannedBytes(header, keep)));
    const auto temporary = temporaryName(path);
    auto store = createAt(temporary, path, std::move(header), keep);
    std::error_code failure;
    if (store)
        failure = putInPlace(temporary, path);
    if (!store || failure) {
        std::error_code ignored;
        std::filesystem::remove(temporary, ignored);
        Error error = store ? Error{ErrorCode::WriteFailed, failure.message(), path} : store.error();
        error.file = path;
        return error;
    }
    return std::shared_ptr<CaptureStore>(std::move(*store));
}

Result<std::shared_ptr<CaptureStore>> CaptureStore::open(const std::filesystem::path& path) {
    SINKSCOPE_TRY(CaptureReader reader, CaptureReader::open(path, path));
    SINKSCOPE_TRY(CaptureHeader header, reader.header());
    SINKSCOPE_TRY(const double hitQuantile, reader.hitQuantile());
    auto store = std::make_shared<FileCapture>(path, std::move(header), std::move(reader), hitQuantile);
    SINKSCOPE_CHECK(store->readProgress());
    store->noteFields();
    return std::shared_ptr<CaptureStore>(std::move(store));
}

bool CaptureStore::looksLikeCapture(const std::filesystem::path& path) {
    std::error_code failure;
    if (!std::filesystem::is_regular_file(path, failure))
        return false;
    char magic[8] = {};
    std::ifstream(path, std::ios::binary).read(magic, sizeof(magic));
    if (std::memcmp(magic, "\x89HDF\r\n\x1a\n", sizeof(magic)) != 0)
        return false;
    const h5::Session session;
    const h5::File file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
    return file && H5Aexists(file.get(), "format") > 0;
}

std::uint64_t CaptureStore::plannedBytes(const CaptureHeader& header, const KeepOptions& keep) {
    // Measured: a dataset's description takes about 350 bytes, a group's about 700; the strings lie in blocks of 4 KiB.
    constexpr std::uint64_t kPerDataset = 400, kPerGroup = 800, kPerToken = 120, kPerSample = 24'000, kPerFile = 16'384;
    std::uint64_t bytes = kPerFile + header.configJson.size() + header.recipeJson.size();
    for (int sample = 0; sample < static_cast<int>(header.samples.size()); ++sample) {
        const LayerDimensions dimensions = dimensionsOf(header, sample);
        std::uint64_t perLayer = 2 * kPerGroup;
        for (std::size_t index = 0; index < kFieldCount; ++index) {
            const auto field = static_cast<Field>(index);
            if (isKept(field, keep, header))
                perLayer += countOf(shapeOf(field, dimensions)) * sizeOf(elementOf(field, keep)) + kPerDataset;
        }
        const auto tokens = static_cast<std::uint64_t>(dimensions.tokens);
        bytes += perLayer * header.capturedLayers.size() + kPerSample + tokens * kPerToken +
                 header.samples[static_cast<std::size_t>(sample)]->text.size();
        if (keep.logits)
            bytes += tokens * static_cast<std::uint64_t>(header.vocabulary) * sizeof(float);
    }
    return bytes;
}

} // namespace sinkscope
