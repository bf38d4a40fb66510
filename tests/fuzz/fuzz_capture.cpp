// SPDX-License-Identifier: Apache-2.0
// Captures with arbitrary changes. The bytes are not the file itself, which would only find faults of the HDF5 library: they are a
// list of changes, four bytes each (what, where, two numbers), that the library makes to a good capture. See make_capture_corpus.py.
#include "core/analysis/analysis.h"
#include "core/capture/hdf5_raii.h"
#include "fuzz/fuzz_target.h"
#include "support/capture_data.h"

#include <array>
#include <fstream>
#include <iterator>
#include <limits>
#include <unistd.h>

namespace sinkscope::test {
namespace {

constexpr std::array kObjects{
    "/model", "/samples", "/samples/0000", "/samples/0000/tokens", "/samples/0000/tokens/ids", "/samples/0000/tokens/offsets",
    "/samples/0000/tokens/pieces", "/samples/0000/tokens/special", "/samples/0000/tokens/display", "/samples/0000/layers",
    "/samples/0000/layers/00", "/samples/0000/layers/00/query", "/samples/0000/layers/00/key", "/samples/0000/layers/00/value",
    "/samples/0000/layers/00/hidden", "/samples/0000/layers/00/stats", "/samples/0000/layers/00/stats/column_mass",
    "/samples/0000/layers/00/stats/row_argmax", "/samples/0000/layers/00/stats/threshold", "/samples/0000/layers/00/stats/thumbnail",
    "/progress", "/progress/layer_done", "/progress/complete", "/samples/0001"};
constexpr std::array kNumbers{"layers", "heads", "key_value_heads", "head_width", "width", "vocabulary", "bos_present", "captured_layers",
                              "scale", "hit_quantile", "mask", "title"};
constexpr std::array<std::int64_t, 12> kValues{0, 1, 2, 3, 5, 20, -1, 1'000'000, std::int64_t{1} << 31, std::int64_t{1} << 40,
                                               std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()};
constexpr std::array<hsize_t, 10> kSizes{1, 2, 4, 5, 7, 20, 1'000'000, hsize_t{1} << 31, hsize_t{1} << 40, 0};

struct Change {
    unsigned what, where, first, second;
};

h5::Type typeOf(unsigned choice) {
    const std::array<hid_t, 6> kinds{H5T_NATIVE_FLOAT, H5T_NATIVE_INT32, H5T_NATIVE_DOUBLE, H5T_NATIVE_UINT8, H5T_NATIVE_LDOUBLE, H5T_C_S1};
    h5::Type type(H5Tcopy(kinds[choice % kinds.size()]));
    if (choice % kinds.size() == 5)
        H5Tset_size(type.get(), choice % 2 == 0 ? H5T_VARIABLE : 3);
    return type;
}

void replaceDataset(hid_t file, const char* path, const Change& change) {
    H5Ldelete(file, path, H5P_DEFAULT);
    const int rank = static_cast<int>(change.first % 4);
    std::vector<hsize_t> shape, chunk(static_cast<std::size_t>(rank), 1);
    for (int i = 0; i < rank; ++i)
        shape.push_back(kSizes[(change.second / (i + 1U) + static_cast<unsigned>(i)) % kSizes.size()]);
    const h5::Space space(rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(rank, shape.data(), nullptr));
    const h5::Properties creation(H5Pcreate(H5P_DATASET_CREATE));
    if (rank > 0)
        H5Pset_chunk(creation.get(), rank, chunk.data()); // an absurd size then takes no room
    const h5::Type type = typeOf(change.first / 4);
    const h5::Dataset made(H5Dcreate2(file, path, type.get(), space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT));
}

void setAttribute(hid_t file, const char* name, const Change& change) {
    H5Adelete_by_name(file, "/model", name, H5P_DEFAULT);
    const hsize_t count = 1 + change.second % 3;
    const h5::Space space(H5Screate_simple(1, &count, nullptr));
    const std::int64_t number = kValues[change.first % kValues.size()];
    const std::array<std::int64_t, 3> values{number, number + (number < 1000 ? 1 : 0), number};
    const h5::Type type = typeOf(change.second / 3 % 2 == 0 ? 1 : 2);
    const h5::Attribute made(H5Acreate_by_name(file, "/model", name, type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Awrite(made.get(), H5T_NATIVE_INT64, values.data());
}

/// Fills a dataset of the good capture with one number.
void fill(hid_t file, const char* path, const Change& change) {
    const h5::Dataset dataset(H5Dopen2(file, path, H5P_DEFAULT));
    if (!dataset)
        return;
    const h5::Space space(H5Dget_space(dataset.get()));
    const auto count = H5Sget_simple_extent_npoints(space.get());
    if (count < 0 || count > 10'000)
        return;
    const std::array<double, 8> numbers{0, 1, -1, 7, 1e30, 1e-30, std::numeric_limits<double>::quiet_NaN(),
                                        std::numeric_limits<double>::infinity()};
    const std::vector<double> values(static_cast<std::size_t>(count), numbers[change.first % numbers.size()]);
    H5Dwrite(dataset.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
}

void apply(hid_t file, const Change& change) {
    const char* object = kObjects[change.where % kObjects.size()];
    const char* other = kObjects[change.first % kObjects.size()];
    switch (change.what % 7) {
    case 0:
        H5Ldelete(file, object, H5P_DEFAULT);
        break;
    case 1:
        replaceDataset(file, object, change);
        break;
    case 2:
        setAttribute(file, kNumbers[change.where % kNumbers.size()], change);
        break;
    case 3:
        fill(file, object, change);
        break;
    case 4:
        H5Ldelete(file, object, H5P_DEFAULT);
        H5Lcreate_soft(other, file, object, H5P_DEFAULT, H5P_DEFAULT);
        break;
    case 5:
        H5Ldelete(file, object, H5P_DEFAULT);
        H5Lcreate_external("/dev/null", other, file, object, H5P_DEFAULT, H5P_DEFAULT);
        break;
    default:
        H5Lcopy(file, other, file, "/samples/0001", H5P_DEFAULT, H5P_DEFAULT);
    }
}

Result<void> readEverything(const std::filesystem::path& path) {
    SINKSCOPE_TRY(const auto store, CaptureStore::open(path));
    const CaptureHeader& header = store->header();
    for (int sample = 0; sample < static_cast<int>(header.samples.size()); ++sample)
        for (const int layer : header.capturedLayers) {
            if (!store->hasLayer(sample, layer))
                continue;
            SINKSCOPE_TRY(const auto statistics, store->statistics(sample, layer));
            for (const Space space : {Space::Query, Space::Key, Space::Value, Space::Hidden})
                if (store->hasSpace(space)) {
                    SINKSCOPE_TRY(const HeadVectors vectors, store->vectors(sample, layer, space, 0));
                }
            if (store->hasSpace(Space::Query)) {
                SINKSCOPE_TRY(const auto attention, attentionOf(*store, sample, layer, header.heads - 1));
            }
        }
    JobContext context;
    SINKSCOPE_TRY(const auto analysis, analyzeCapture(*store, {}, context));
    return {};
}

const std::vector<char>& goodCapture(const std::filesystem::path& path) {
    static const std::vector<char> bytes = [&] {
        if (!writeCapture(path, smallHeader({7}, 1), {.hidden = true}))
            std::abort();
        std::ifstream file(path, std::ios::binary);
        return std::vector<char>(std::istreambuf_iterator<char>(file), {});
    }();
    return bytes;
}

} // namespace

std::string fuzzOutcome(std::span<const std::byte> bytes) {
    const auto folder = std::filesystem::is_directory("/dev/shm") ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path();
    const auto path = folder / ("sinkscope-fuzz-" + std::to_string(getpid()) + ".h5");
    const std::vector<char>& good = goodCapture(path);
    std::ofstream(path, std::ios::binary).write(good.data(), static_cast<std::streamsize>(good.size()));
    {
        const h5::Session session;
        const h5::File file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
        for (std::size_t i = 0; i + 4 <= std::min<std::size_t>(bytes.size(), 64); i += 4) {
            const auto at = [&](std::size_t offset) { return std::to_integer<unsigned>(bytes[i + offset]); };
            apply(file.get(), {at(0), at(1), at(2), at(3)});
        }
    }
    const auto read = readEverything(path);
    std::filesystem::remove(path);
    if (H5Fget_obj_count(static_cast<hid_t>(H5F_OBJ_ALL), H5F_OBJ_ALL) != 0)
        std::abort(); // a file that stays open keeps its memory
    if (!read && (read.error().detail.empty() || describe(read.error()).find('\n') != std::string::npos))
        std::abort();
    return outcomeOf(read);
}

} // namespace sinkscope::test
