// SPDX-License-Identifier: Apache-2.0
// Captures that somebody else wrote or damaged: each must give one error that says what is wrong, and nothing on stderr.
#include "core/capture/hdf5_raii.h"
#include "support/capture_fixture.h"
#include "support/verify_result.h"

#include <QFile>

#include <functional>
#include <limits>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

using Damage = std::function<void(hid_t file)>;

void remove(hid_t file, const char* path) { H5Ldelete(file, path, H5P_DEFAULT); }

void dataset(hid_t file, const char* path, const std::vector<hsize_t>& shape, hid_t type, const void* data = nullptr) {
    remove(file, path);
    const h5::Space space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr));
    const h5::Dataset made(H5Dcreate2(file, path, type, space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    if (data != nullptr)
        H5Dwrite(made.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
}

void attribute(hid_t file, const char* object, const char* name, hid_t type, const void* value, hsize_t count = 1) {
    H5Adelete_by_name(file, object, name, H5P_DEFAULT);
    const h5::Space space(H5Screate_simple(1, &count, nullptr));
    const h5::Attribute made(H5Acreate_by_name(file, object, name, type, space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Awrite(made.get(), type, value);
}

Damage number(const char* object, const char* name, std::int64_t value) {
    return [=](hid_t file) { attribute(file, object, name, H5T_NATIVE_INT64, &value); };
}

Damage fixedText(const char* object, const char* name, const std::string& value) {
    return [=](hid_t file) {
        const h5::Type type(H5Tcopy(H5T_C_S1));
        H5Tset_size(type.get(), value.size());
        attribute(file, object, name, type.get(), value.data());
    };
}

/// An enormous dataset that takes no room in the file: nothing was ever written to its chunks.
void emptyChunks(hid_t file, const char* path, const std::vector<hsize_t>& shape, hid_t type) {
    remove(file, path);
    const h5::Properties creation(H5Pcreate(H5P_DATASET_CREATE));
    const std::vector<hsize_t> chunk(shape.size(), 1);
    H5Pset_chunk(creation.get(), static_cast<int>(chunk.size()), chunk.data());
    const h5::Space space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr));
    const h5::Dataset made(H5Dcreate2(file, path, type, space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT));
}

void externalData(hid_t file, const char* path, const std::vector<hsize_t>& shape) {
    remove(file, path);
    const h5::Properties creation(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_external(creation.get(), "/etc/passwd", 0, H5F_UNLIMITED);
    const h5::Space space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr));
    const h5::Dataset made(H5Dcreate2(file, path, H5T_NATIVE_FLOAT, space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT));
}

constexpr const char* kIds = "/samples/0000/tokens/ids";
constexpr const char* kMass = "/samples/0000/layers/01/stats/column_mass";
constexpr const char* kArgmax = "/samples/0000/layers/01/stats/row_argmax";

/// Everything that a program reads from a capture.
Result<void> readAll(const std::filesystem::path& path) {
    SINKSCOPE_TRY(const auto store, CaptureStore::open(path));
    for (int sample = 0; sample < static_cast<int>(store->header().samples.size()); ++sample)
        for (const int layer : store->header().capturedLayers) {
            if (!store->hasLayer(sample, layer))
                continue;
            SINKSCOPE_TRY(const auto statistics, store->statistics(sample, layer));
            for (const Space space : {Space::Query, Space::Key, Space::Value, Space::Hidden})
                if (store->hasSpace(space)) {
                    SINKSCOPE_TRY(const auto vectors, store->vectors(sample, layer, space, 0));
                }
        }
    return {};
}

} // namespace

class TestCaptureHostile : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void oneClearError_data();
    void oneClearError();
    void truncatedAnywhere();
    void notHdf5();
    void otherWritersAreReadable();

private:
    void damaged(const char* name, const char* expected, const Damage& damage, ErrorCode code = ErrorCode::CaptureInvalid) {
        QTest::newRow(name) << QString::fromLatin1(expected) << damage << static_cast<int>(code);
    }
    void headerRows();
    void tokenRows();
    void layerRows();
};

Q_DECLARE_METATYPE(Damage)

void TestCaptureHostile::headerRows() {
    damaged("no format", "no Sinkscope capture", [](hid_t f) { H5Adelete(f, "format"); });
    damaged("other format", "no Sinkscope capture", fixedText("/", "format", "netcdf"));
    damaged("format is a number", "attribute format is no text", number("/", "format", 5));
    damaged("newer version", "version 99", number("/", "version", 99));
    damaged("no model", "group /model is missing", [](hid_t f) { remove(f, "/model"); });
    damaged("model is a dataset", "group /model is missing", [](hid_t f) { dataset(f, "/model", {2}, H5T_NATIVE_INT); });
    damaged("no layers", "layers is missing", [](hid_t f) { H5Adelete_by_name(f, "/model", "layers", H5P_DEFAULT); });
    damaged("absurd heads", "heads is 1000000000", number("/model", "heads", 1'000'000'000));
    damaged("negative width", "width is -4", number("/model", "width", -4));
    damaged("heads not shared evenly", "no multiple", number("/model", "heads", 3));
    damaged("layers as text", "layers is missing or no integer", fixedText("/model", "layers", "three"));
    damaged("scale is NaN", "scale", [](hid_t f) {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        attribute(f, "/model", "scale", H5T_NATIVE_DOUBLE, &nan);
    });
    damaged("unknown mask", "mask", fixedText("/model", "mask", "sliding"));
    damaged("captured layers out of range", "captured_layers", [](hid_t f) {
        const std::array<int, 3> layers{0, 1, 77};
        attribute(f, "/model", "captured_layers", H5T_NATIVE_INT, layers.data(), 3);
    });
    damaged("captured layers twice", "captured_layers", [](hid_t f) {
        const std::array<int, 3> layers{0, 1, 1};
        attribute(f, "/model", "captured_layers", H5T_NATIVE_INT, layers.data(), 3);
    });
    damaged("no progress", "/progress/layer_done is missing", [](hid_t f) { remove(f, "/progress"); });
    damaged("progress of another size", "expected [1,3]", [](hid_t f) { dataset(f, "/progress/layer_done", {1, 4}, H5T_NATIVE_UCHAR); });
}

void TestCaptureHostile::tokenRows() {
    damaged("no samples", "samples", [](hid_t f) { remove(f, "/samples/0000"); });
    damaged("sample under another name", "/samples/0000", [](hid_t f) { H5Lmove(f, "/samples/0000", f, "/samples/0007", H5P_DEFAULT, H5P_DEFAULT); });
    damaged("no ids", "ids is missing", [](hid_t f) { remove(f, kIds); });
    damaged("ids are floats", "does not hold integers", [](hid_t f) { dataset(f, kIds, {7}, H5T_NATIVE_FLOAT); });
    damaged("ids are a matrix", "ids does not hold", [](hid_t f) { dataset(f, kIds, {7, 1}, H5T_NATIVE_INT); });
    damaged("id outside the vocabulary", "outside a vocabulary of 50", [](hid_t f) {
        const std::array<int, 7> ids{1, 2, 3, 50, 4, 5, 6};
        dataset(f, kIds, {7}, H5T_NATIVE_INT, ids.data());
    });
    damaged("ids claim a terabyte", "claims", [](hid_t f) { emptyChunks(f, kIds, {hsize_t{1} << 38}, H5T_NATIVE_INT); });
    damaged("ids shape overflows", "impossible shape",
            [](hid_t f) { emptyChunks(f, kIds, {hsize_t{1} << 40, hsize_t{1} << 23}, H5T_NATIVE_INT64); });
    damaged("offsets go backwards", "impossible range", [](hid_t f) {
        const std::array<int, 14> offsets{0, 1, 5, 2};
        dataset(f, "/samples/0000/tokens/offsets", {7, 2}, H5T_NATIVE_INT, offsets.data());
    });
    damaged("offsets of another length", "expected [7,2]",
            [](hid_t f) { dataset(f, "/samples/0000/tokens/offsets", {6, 2}, H5T_NATIVE_INT); });
    damaged("pieces repeat one long text", "too long texts", [](hid_t f) {
        const std::string text(20'000'000, 'x');
        const std::vector<const char*> pieces(7, text.c_str());
        const h5::Type type(H5Tcopy(H5T_C_S1));
        H5Tset_size(type.get(), H5T_VARIABLE);
        dataset(f, "/samples/0000/tokens/pieces", {7}, type.get(), pieces.data());
    });
    damaged("pieces are numbers", "does not hold texts", [](hid_t f) { dataset(f, "/samples/0000/tokens/pieces", {7}, H5T_NATIVE_INT); });
}

void TestCaptureHostile::layerRows() {
    damaged("layer missing", "is missing", [](hid_t f) { remove(f, "/samples/0000/layers/01"); });
    damaged("statistic missing", "column_mass is missing", [](hid_t f) { remove(f, kMass); });
    damaged("statistic of another shape", "has shape [4,8], expected [4,7]",
            [](hid_t f) { dataset(f, kMass, {4, 8}, H5T_NATIVE_FLOAT); });
    damaged("statistic of integers", "does not hold floats", [](hid_t f) { dataset(f, kMass, {4, 7}, H5T_NATIVE_INT); });
    damaged("statistic is a group", "column_mass is missing", [](hid_t f) {
        remove(f, kMass);
        const h5::Group group(H5Gcreate2(f, kMass, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    });
    damaged("statistic in five dimensions", "no array of 1 to 4", [](hid_t f) { dataset(f, kMass, {1, 1, 1, 4, 7}, H5T_NATIVE_FLOAT); });
    damaged("statistic is a scalar", "no array of 1 to 4", [](hid_t f) {
        remove(f, kMass);
        const h5::Space space(H5Screate(H5S_SCALAR));
        const h5::Dataset made(H5Dcreate2(f, kMass, H5T_NATIVE_FLOAT, space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    });
    damaged("statistic holds NaN", "NaN", [](hid_t f) {
        std::vector<float> values(28, 1.0F);
        values[3] = std::numeric_limits<float>::quiet_NaN();
        dataset(f, kMass, {4, 7}, H5T_NATIVE_FLOAT, values.data());
    }, ErrorCode::NotFinite);
    damaged("argmax out of range", "names key 7", [](hid_t f) {
        const std::vector<int> values(28, 7);
        dataset(f, kArgmax, {4, 7}, H5T_NATIVE_INT, values.data());
    });
    damaged("data in another file", "another file", [](hid_t f) { externalData(f, kMass, {4, 7}); });
    damaged("link to another file", "column_mass is missing", [](hid_t f) {
        remove(f, kMass);
        H5Lcreate_external("other.h5", "/secret", f, kMass, H5P_DEFAULT, H5P_DEFAULT);
    });
    damaged("link to itself", "column_mass is missing", [](hid_t f) {
        remove(f, kMass);
        H5Lcreate_soft(kMass, f, kMass, H5P_DEFAULT, H5P_DEFAULT);
    });
    damaged("vectors of another width", "expected [4,7,5]",
            [](hid_t f) { dataset(f, "/samples/0000/layers/01/query", {4, 7, 6}, H5T_NATIVE_FLOAT); });
}

void TestCaptureHostile::oneClearError_data() {
    QTest::addColumn<QString>("expected");
    QTest::addColumn<Damage>("damage");
    QTest::addColumn<int>("code");
    headerRows();
    tokenRows();
    layerRows();
}

void TestCaptureHostile::oneClearError() {
    QFETCH(QString, expected);
    QFETCH(Damage, damage);
    QFETCH(int, code);
    const ScratchFolder folder;
    const auto path = fileIn(folder);
    QVERIFY_RESULT(writeCapture(path, smallHeader({7})));
    QVERIFY_RESULT(readAll(path));
    {
        const h5::Session session;
        const h5::File file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
        QVERIFY(static_cast<bool>(file));
        damage(file.get());
    }
    const auto read = readAll(path);
    QVERIFY_ERROR(read, static_cast<ErrorCode>(code));
    QCOMPARE(read.error().file, path);
    QVERIFY2(QString::fromStdString(read.error().detail).contains(expected), read.error().detail.c_str());
}

void TestCaptureHostile::truncatedAnywhere() {
    const ScratchFolder folder;
    const auto path = fileIn(folder);
    QVERIFY_RESULT(writeCapture(path, smallHeader({7})));
    const auto size = std::filesystem::file_size(path);
    for (std::uintmax_t length = size - 1; length > 0; length -= std::min(length, size / 97)) {
        std::filesystem::resize_file(path, length);
        const auto read = readAll(path);
        QVERIFY(!read && read.error().code == ErrorCode::CaptureInvalid);
    }
    std::filesystem::resize_file(path, 0);
    QVERIFY_ERROR(readAll(path), ErrorCode::CaptureInvalid);
}

void TestCaptureHostile::notHdf5() {
    const ScratchFolder folder;
    QFile text(QString::fromStdString(fileIn(folder).string()));
    QVERIFY(text.open(QIODevice::WriteOnly));
    text.write("This is no HDF5 file.");
    text.close();
    QVERIFY_ERROR(CaptureStore::open(fileIn(folder)), ErrorCode::CaptureInvalid);
    QVERIFY_ERROR(CaptureStore::open(fileIn(folder, "none.h5")), ErrorCode::FileNotFound);
    QVERIFY_ERROR(CaptureStore::open(folder.path().toStdString()), ErrorCode::FileUnreadable);
    QVERIFY_ERROR(CaptureStore::open("/dev/zero"), ErrorCode::FileUnreadable);
}

/// What h5repack or a script of somebody else makes of the same content: chunks, compression, double precision, fixed texts.
void TestCaptureHostile::otherWritersAreReadable() {
    const ScratchFolder folder;
    const auto path = fileIn(folder);
    const CaptureHeader header = smallHeader({7});
    QVERIFY_RESULT(writeCapture(path, header));
    const auto wanted = layerData(header, 0, 1).statistics;
    {
        const h5::Session session;
        const h5::File file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
        remove(file.get(), kMass);
        const h5::Properties creation(H5Pcreate(H5P_DATASET_CREATE));
        const std::array<hsize_t, 2> shape{4, 7}, chunk{2, 7};
        H5Pset_chunk(creation.get(), 2, chunk.data());
        H5Pset_deflate(creation.get(), 6);
        const h5::Space space(H5Screate_simple(2, shape.data(), nullptr));
        const h5::Dataset made(H5Dcreate2(file.get(), kMass, H5T_IEEE_F64BE, space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT));
        QVERIFY(H5Dwrite(made.get(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, wanted->columnMass.data()) >= 0);
        fixedText("/model", "title", "renamed")(file.get());
    }
    const auto store = CaptureStore::open(path);
    QVERIFY_RESULT(store);
    QCOMPARE((*store)->header().title, std::string("renamed"));
    const auto statistics = (*store)->statistics(0, 1);
    QVERIFY_RESULT(statistics);
    QVERIFY(sameStatistics(**statistics, *wanted));
}

QTEST_GUILESS_MAIN(TestCaptureHostile)
#include "tst_capture_hostile.moc"
