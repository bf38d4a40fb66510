// SPDX-License-Identifier: Apache-2.0
// Sweep files: written, continued, merged, and damaged on purpose.
#include "core/capture/sweep_store.h"
#include "support/capture_fixture.h"
#include "support/verify_result.h"

#include <QTest>

#include <cmath>
#include <functional>
#include <hdf5.h>
#include <limits>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

namespace fs = std::filesystem;

constexpr int kSamples = 7;

/// Two models of different sizes, two variants of which one does not apply to the second model; room for samples [first, end).
SweepHeader headerOf(int first = 0, int end = kSamples, int shard = 1, int shards = 1) {
    SweepHeader header;
    header.recipeJson = "{\"samples\":7,\"variants\":[\"intact\",\"bos=no\"]}";
    header.createdUtc = "2025-08-04T00:00:00Z";
    header.shard = shard;
    header.shards = shards;
    header.models = {{"tiny", "/models/tiny", "gpt2", "f1", 2, 3, "F32 weights", true}, {"wide", "/models/wide", "bert", "f2", 1, 5, "F16 weights", false}};
    header.variants = {{"intact", "as it is"}, {"bos=no", "without BOS"}};
    header.metrics = {{"sink_rate", "Sink rate", false}, {"of_layers", "Of layers", true}};
    for (int sample = 0; sample < kSamples; ++sample) {
        header.texts.push_back("sentence " + std::to_string(sample));
        header.groups.emplace_back(sample % 2 == 0 ? "even" : "");
    }
    for (int cell = 0; cell < 4; ++cell)
        header.cells.push_back({.positions = "RoPE", .bosPresent = cell % 2 == 0, .firstToken = "<s>", .inapplicable = {}, .first = first, .count = end - first});
    header.cells[3] = {.positions = "learned", .bosPresent = false, .firstToken = {}, .inapplicable = "its tokenizer has no BOS"};
    return header;
}

float numberOf(int model, int variant, int sample, int index) {
    return static_cast<float>(1000 * model + 100 * variant + 10 * sample) + static_cast<float>(index) / 16;
}

SweepUnit unitOf(const SweepHeader& header, int model, int variant, int sample) {
    const SweepModel& facts = header.models[static_cast<std::size_t>(model)];
    SweepUnit unit{.model = model, .variant = variant, .sample = sample, .state = UnitState::Done, .tokens = 5 + sample, .firstToken = 40 + sample};
    for (int i = 0; i < static_cast<int>(kSweepFrameNumbers); ++i)
        unit.frame.push_back(numberOf(model, variant, sample, i + 3));
    unit.modelValues = {numberOf(model, variant, sample, 0), std::numeric_limits<float>::quiet_NaN()};
    for (int i = 0; i < facts.layers * 2; ++i)
        unit.layerValues.push_back(numberOf(model, variant, sample, i));
    for (int i = 0; i < facts.layers * facts.heads * 2; ++i)
        unit.headValues.push_back(numberOf(model, variant, sample, i));
    return unit;
}

/// Writes the samples [from, to) of every cell that has room for them.
void writeUnits(SweepWriter& writer, const SweepHeader& header, int from, int to) {
    for (int cell = 0; cell < 3; ++cell)
        for (int sample = from; sample < to; ++sample)
            QVERIFY_RESULT(writer.write(unitOf(header, cell / 2, cell % 2, sample)));
}

bool same(const std::vector<float>& a, const std::vector<float>& b) {
    return std::ranges::equal(a, b, [](float x, float y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

/// Opens the file with HDF5 itself and changes it.
void damage(const fs::path& path, const std::function<void(hid_t)>& change) {
    const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    QVERIFY(file >= 0);
    change(file);
    H5Fclose(file);
}

void setInteger(hid_t file, const char* group, const char* name, std::int64_t value) {
    const hid_t owner = H5Gopen2(file, group, H5P_DEFAULT), attribute = H5Aopen(owner, name, H5P_DEFAULT);
    QVERIFY(H5Awrite(attribute, H5T_NATIVE_INT64, &value) >= 0);
    H5Aclose(attribute);
    H5Gclose(owner);
}

/// Replaces a dataset by a virtual one of the same shape that takes everything from `source`.
void redirect(hid_t file, const char* path, const char* source, const char* sourcePath) {
    const hid_t old = H5Dopen2(file, path, H5P_DEFAULT), space = H5Dget_space(old), creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Dclose(old);
    QVERIFY(H5Pset_virtual(creation, space, source, sourcePath, space) >= 0);
    H5Ldelete(file, path, H5P_DEFAULT);
    const hid_t dataset = H5Dcreate2(file, path, H5T_IEEE_F32LE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    QVERIFY(dataset >= 0);
    H5Dclose(dataset);
    H5Pclose(creation);
    H5Sclose(space);
}

constexpr const char* kModelValues = "/models/00/variants/00/model_values";

} // namespace

class TestSweepStore : public QObject {
    Q_OBJECT
    ScratchFolder m_folder;

    fs::path at(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }
    fs::path whole(const char* name) const {
        const SweepHeader header = headerOf();
        auto writer = SweepWriter::create(at(name), header);
        if (writer)
            writeUnits(**writer, header, 0, kSamples);
        return at(name);
    }
    fs::path shard(const char* name, int first, int end, int number, int written) const {
        const SweepHeader header = headerOf(first, end, number, 2);
        auto writer = SweepWriter::create(at(name), header);
        if (writer)
            writeUnits(**writer, header, first, written);
        return at(name);
    }

private Q_SLOTS:
    void numbersComeBack() {
        const auto reader = SweepReader::open(whole("a.h5"));
        QVERIFY_RESULT(reader);
        const SweepHeader &got = (*reader)->header(), wanted = headerOf();
        QCOMPARE(got.recipeJson, wanted.recipeJson);
        QCOMPARE(got.texts, wanted.texts);
        QCOMPARE(got.groups, wanted.groups);
        QCOMPARE(got.models[1].title, std::string("wide"));
        QCOMPARE(got.models[1].heads, 5);
        QCOMPARE(got.metrics[1].id, std::string("of_layers"));
        QVERIFY(got.metrics[1].perLayer && !got.metrics[0].perLayer);
        QCOMPARE(got.cell(1, 1).inapplicable, std::string("its tokenizer has no BOS"));
        QVERIFY(got.cell(0, 0).bosPresent && !got.cell(0, 1).bosPresent && !(*reader)->isMerged());
        const SweepUnit unit = unitOf(wanted, 1, 0, 3);
        QVERIFY(same(*(*reader)->layerValues(1, 0, 3), unit.layerValues));
        QVERIFY(same(*(*reader)->headValues(1, 0, 3), unit.headValues));
        const auto values = (*reader)->modelValues(1, 0);
        QVERIFY(same({values->begin() + 6, values->begin() + 8}, unit.modelValues));
        const auto frames = (*reader)->frames(1, 0);
        QVERIFY(same({frames->begin() + 15, frames->begin() + 20}, unit.frame));
        QCOMPARE((*(*reader)->firstTokens(1, 0))[3], 43);
        QVERIFY(got.models[0].causal && !got.models[1].causal && got.models[1].dtype == "F16 weights");
        QCOMPARE(got.cell(0, 0).firstToken, std::string("<s>"));
        QCOMPARE((*(*reader)->tokens(0, 1))[6], 11);
        QCOMPARE(*(*reader)->states(1, 1), std::vector<UnitState>(kSamples, UnitState::Missing));
        QVERIFY_ERROR((*reader)->headValues(1, 1, 0), ErrorCode::InvalidArgument);
    }

    void whatIsMissingIsNaN() {
        const SweepHeader header = headerOf(2, 6);
        const auto writer = SweepWriter::create(at("part.h5"), header);
        QVERIFY_RESULT(writer);
        writeUnits(**writer, header, 2, 4);
        QVERIFY_RESULT((*writer)->write({.model = 0, .variant = 0, .sample = 4, .state = UnitState::LeftOut}));
        const auto reader = SweepReader::open(at("part.h5")); // while it is being written
        QVERIFY_RESULT(reader);
        using enum UnitState;
        QCOMPARE(*(*reader)->states(0, 0), (std::vector<UnitState>{Missing, Missing, Done, Done, LeftOut, Missing, Missing}));
        const auto values = (*reader)->modelValues(0, 0);
        for (std::size_t sample = 0; sample < kSamples; ++sample)
            QCOMPARE(std::isnan((*values)[2 * sample]), sample != 2 && sample != 3);
        const auto heads = (*reader)->headValues(0, 0, 5);
        for (const float value : *heads)
            QVERIFY(std::isnan(value));
    }

    void aKilledSweepGoesOn() {
        const SweepHeader header = headerOf();
        {
            const auto writer = SweepWriter::create(at("killed.h5"), header);
            QVERIFY_RESULT(writer);
            writeUnits(**writer, header, 0, 3);
            QVERIFY_ERROR(SweepWriter::resume(at("killed.h5"), header), ErrorCode::WriteFailed); // one writer at a time
        }
        const auto writer = SweepWriter::resume(at("killed.h5"), header);
        QVERIFY_RESULT(writer);
        QVERIFY((*writer)->state(0, 1, 2) == UnitState::Done && (*writer)->state(0, 1, 3) == UnitState::Missing);
        writeUnits(**writer, header, 3, kSamples);
        const auto a = SweepReader::open(at("killed.h5")), b = SweepReader::open(whole("b.h5"));
        for (int cell = 0; cell < 3; ++cell)
            for (int sample = 0; sample < kSamples; ++sample)
                QVERIFY(same(*(*a)->headValues(cell / 2, cell % 2, sample), *(*b)->headValues(cell / 2, cell % 2, sample)));
    }

    void anotherSweepIsNotContinued() {
        const fs::path path = whole("c.h5");
        SweepHeader other = headerOf();
        other.recipeJson = "{\"samples\":7,\"variants\":[\"intact\"]}";
        const auto refused = SweepWriter::resume(path, other);
        QVERIFY_ERROR(refused, ErrorCode::InvalidArgument);
        QVERIFY2(refused.error().detail.find("variants was [\"intact\",\"bos=no\"] and is now [\"intact\"]") != std::string::npos,
                 refused.error().detail.c_str());
        QVERIFY_ERROR(SweepWriter::resume(path, headerOf(0, kSamples, 1, 2)), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(SweepWriter::create(at("nowhere/c.h5"), headerOf()), ErrorCode::WriteFailed);
    }

    void mergedReadsAsTheWhole() {
        const std::vector<fs::path> shards{shard("s1.h5", 0, 4, 1, 4), shard("s2.h5", 4, kSamples, 2, kSamples)};
        const auto merge = mergeSweeps(shards, at("merged.h5"));
        QVERIFY_RESULT(merge);
        QVERIFY(merge->missing.empty() && merge->done == 3 * kSamples && merge->units == 3 * kSamples);
        const auto merged = SweepReader::open(at("merged.h5")), wanted = SweepReader::open(whole("d.h5"));
        QVERIFY_RESULT(merged);
        QVERIFY((*merged)->isMerged());
        for (int cell = 0; cell < 3; ++cell) {
            QVERIFY(same(*(*merged)->modelValues(cell / 2, cell % 2), *(*wanted)->modelValues(cell / 2, cell % 2)));
            QCOMPARE(*(*merged)->tokens(cell / 2, cell % 2), *(*wanted)->tokens(cell / 2, cell % 2));
            for (int sample = 0; sample < kSamples; ++sample) {
                QVERIFY(same(*(*merged)->headValues(cell / 2, cell % 2, sample), *(*wanted)->headValues(cell / 2, cell % 2, sample)));
                QVERIFY(same(*(*merged)->layerValues(cell / 2, cell % 2, sample), *(*wanted)->layerValues(cell / 2, cell % 2, sample)));
            }
        }
        // Names are relative: the folder can move.
        fs::create_directories(at("moved"));
        for (const char* name : {"s1.h5", "s2.h5", "merged.h5"})
            fs::copy_file(at(name), at("moved") / name);
        fs::remove(at("s1.h5"));
        QVERIFY_RESULT(SweepReader::open(at("moved/merged.h5")));
        QVERIFY_ERROR(SweepReader::open(at("merged.h5")), ErrorCode::FileNotFound);
        QVERIFY_ERROR(SweepWriter::resume(at("moved/merged.h5"), headerOf()), ErrorCode::InvalidArgument);
    }

    void mergingSaysWhatIsMissing() {
        const std::vector<fs::path> shards{shard("t1.h5", 0, 4, 1, 3)};
        const auto merge = mergeSweeps(shards, at("part_merged.h5"));
        QVERIFY_RESULT(merge);
        QCOMPARE(merge->missing.size(), std::size_t{3});
        QCOMPARE(merge->missing[0], std::string("tiny, intact: 4 of 7 samples are missing"));
        const auto reader = SweepReader::open(at("part_merged.h5"));
        QCOMPARE((*(*reader)->states(0, 0))[2], UnitState::Done);
        QVERIFY(std::isnan((*(*reader)->headValues(0, 0, 3))[0]));
    }

    void whatDoesNotBelongTogetherIsNotMerged() {
        const fs::path first = shard("u1.h5", 0, 4, 1, 4), overlap = shard("u2.h5", 3, kSamples, 2, kSamples);
        const auto merge = [&](std::vector<fs::path> shards, const char* output = "u.h5") { return mergeSweeps(shards, at(output)); };
        QVERIFY_ERROR(merge({first, overlap}), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(merge({first, first}), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(merge({}), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(merge({first}, "u1.h5"), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(merge({at("none.h5")}), ErrorCode::FileNotFound);
        fs::create_directories(at("elsewhere"));
        QVERIFY_ERROR(merge({first}, "elsewhere/u.h5"), ErrorCode::InvalidArgument);
        SweepHeader other = headerOf(4, kSamples, 2, 2);
        other.recipeJson = "{\"samples\":8}";
        QVERIFY_RESULT(SweepWriter::create(at("u3.h5"), other));
        QVERIFY_ERROR(merge({first, at("u3.h5")}), ErrorCode::InvalidArgument);
        QVERIFY(!fs::exists(at("u.h5")));
    }

    void hostileFiles() {
        const auto refused = [&](ErrorCode code, const std::function<void(hid_t)>& change) {
            const fs::path path = whole("hostile.h5");
            damage(path, change);
            QVERIFY_ERROR(SweepReader::open(path), code);
        };
        whole("source.h5");
        refused(ErrorCode::CaptureInvalid, [](hid_t f) { H5Ldelete(f, "/lists/texts", H5P_DEFAULT); });
        refused(ErrorCode::CaptureInvalid, [](hid_t f) { H5Ldelete(f, kModelValues, H5P_DEFAULT); });
        refused(ErrorCode::CaptureInvalid, [](hid_t f) { H5Ldelete(f, "/models/01", H5P_DEFAULT), H5Ldelete(f, "/models/00", H5P_DEFAULT); });
        refused(ErrorCode::CaptureInvalid, [](hid_t f) { setInteger(f, "/models/00", "heads", 1 << 30); });
        refused(ErrorCode::CaptureInvalid, [](hid_t f) { setInteger(f, "/models/00", "heads", 4096); });
        refused(ErrorCode::CaptureInvalid, [](hid_t f) { setInteger(f, "/", "sample_count", 8); });
        refused(ErrorCode::CaptureInvalid, [](hid_t f) { setInteger(f, "/", "metric_count", -1); });
        refused(ErrorCode::CaptureInvalid, [](hid_t f) { setInteger(f, "/", "version", 99); });
        refused(ErrorCode::CaptureInvalid, [](hid_t f) { setInteger(f, "/models/00/variants/00", "first_sample", 3); setInteger(f, "/models/00/variants/00", "samples", 5); });
        refused(ErrorCode::PathEscapes, [](hid_t f) { redirect(f, kModelValues, "/etc/passwd", kModelValues); });
        refused(ErrorCode::PathEscapes, [](hid_t f) { redirect(f, kModelValues, "../source.h5", kModelValues); });
        refused(ErrorCode::PathEscapes, [](hid_t f) { redirect(f, kModelValues, ".", kModelValues); });
        refused(ErrorCode::FileNotFound, [](hid_t f) { redirect(f, kModelValues, "nowhere.h5", kModelValues); });
        refused(ErrorCode::CaptureInvalid, [](hid_t f) { redirect(f, kModelValues, "source.h5", "/models/00/variants/01/model_values"); });
        // A link inside the folder that leads out of it.
        const ScratchFolder outside;
        fs::copy_file(at("source.h5"), fileIn(outside, "out.h5"));
        fs::create_symlink(fileIn(outside, "out.h5"), at("link.h5"));
        refused(ErrorCode::PathEscapes, [](hid_t f) { redirect(f, kModelValues, "link.h5", kModelValues); });
        // A source that is itself put together could lead anywhere.
        damage(whole("chain.h5"), [](hid_t f) { redirect(f, kModelValues, "source.h5", kModelValues); });
        QVERIFY_RESULT(SweepReader::open(at("chain.h5")));
        refused(ErrorCode::CaptureInvalid, [](hid_t f) { redirect(f, kModelValues, "chain.h5", kModelValues); });
        QVERIFY_ERROR(SweepReader::open(m_folder.path().toStdString()), ErrorCode::FileUnreadable);
    }

    void captureIsNoSweep() {
        const auto store = CaptureStore::create(at("capture.h5"), smallHeader(), {});
        QVERIFY_RESULT(store);
        QVERIFY_ERROR(SweepReader::open(at("capture.h5")), ErrorCode::CaptureInvalid);
        QVERIFY_ERROR(SweepWriter::resume(at("capture.h5"), headerOf()), ErrorCode::CaptureInvalid);
    }
};

QTEST_GUILESS_MAIN(TestSweepStore)
#include "tst_sweep_store.moc"
