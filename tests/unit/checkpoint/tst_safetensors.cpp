// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/safetensors_reader.h"
#include "support/safetensors_writer.h"
#include "support/verify_result.h"

#include <QTemporaryDir>

using namespace sinkscope;
using namespace sinkscope::test;

Q_DECLARE_METATYPE(sinkscope::ErrorCode)

class TestSafetensors : public QObject {
    Q_OBJECT
    QTemporaryDir m_directory;

    [[nodiscard]] std::filesystem::path at(const char* name) const {
        return std::filesystem::path(m_directory.path().toStdString()) / name;
    }
    static Result<std::vector<SafetensorsEntry>> parse(const std::string& bytes) {
        return parseSafetensors(std::as_bytes(std::span(bytes)), "file");
    }

private Q_SLOTS:
    void readsTensorsInTheOrderOfTheirBytes() {
        const std::string header = R"({"b":{"dtype":"F32","shape":[],"data_offsets":[8,12]},"__metadata__":{"format":"pt"},)"
                                   R"("a":{"dtype":"F16","shape":[2,2],"data_offsets":[0,8]},)"
                                   R"("empty":{"dtype":"I64","shape":[0,7],"data_offsets":[8,8],"extra":1}}   )";
        writeBytes(at("a.safetensors"), safetensorsBytes(header, std::string(12, '\1')));
        const auto tensors = readSafetensors(at("a.safetensors"));
        QVERIFY_RESULT(tensors);
        QCOMPARE(tensors->size(), std::size_t(3));
        QCOMPARE((*tensors)[0].name, std::string("a"));
        QCOMPARE((*tensors)[1].name, std::string("empty"));
        QCOMPARE((*tensors)[2].name, std::string("b"));
        QCOMPARE((*tensors)[0].shape, (std::vector<std::int64_t>{2, 2}));
        QVERIFY((*tensors)[2].shape.empty());
        QCOMPARE((*tensors)[0].bytes.size(), std::size_t(8));
        QCOMPARE((*tensors)[2].bytes.data() - (*tensors)[0].file->bytes().data(), std::ptrdiff_t(8 + header.size() + 8));
    }

    void readsAFileWithoutTensors() {
        const auto none = parse(safetensorsBytes("{}", ""));
        QVERIFY_RESULT(none);
        QVERIFY(none->empty());
    }

    void refusesHostileHeaders_data() {
        QTest::addColumn<std::string>("header");
        QTest::addColumn<int>("dataSize");
        QTest::addColumn<ErrorCode>("code");
        const auto row = [](const char* name, std::string header, int dataSize, ErrorCode code) {
            QTest::newRow(name) << std::move(header) << dataSize << code;
        };
        using enum ErrorCode;
        const std::string a = R"("a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
        row("not JSON", "{\"a\":", 0, HeaderInvalid);
        row("no brace", "[]", 0, HeaderInvalid);
        row("white space first", " {}", 0, HeaderInvalid);
        row("not UTF-8", "{\"\xff\xfe\":1}", 0, HeaderInvalid);
        row("a list as tensor", R"({"a":[1]})", 0, HeaderInvalid);
        row("no dtype", R"({"a":{"shape":[1],"data_offsets":[0,4]}})", 4, HeaderInvalid);
        row("no shape", R"({"a":{"dtype":"F32","data_offsets":[0,4]}})", 4, HeaderInvalid);
        row("no offsets", R"({"a":{"dtype":"F32","shape":[1]}})", 4, HeaderInvalid);
        row("unknown dtype", R"({"a":{"dtype":"F3","shape":[1],"data_offsets":[0,4]}})", 4, HeaderInvalid);
        row("dtype is a number", R"({"a":{"dtype":4,"shape":[1],"data_offsets":[0,4]}})", 4, HeaderInvalid);
        row("fractional dimension", R"({"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}})", 4, HeaderInvalid);
        row("negative dimension", R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4, HeaderInvalid);
        row("negative offset", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}})", 4, HeaderInvalid);
        row("three offsets", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}})", 4, HeaderInvalid);
        row("backwards", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4, HeaderInvalid);
        row("huge number", R"({"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}})", 4, HeaderInvalid);
        row("same name twice", "{" + a + "," + a + "}", 8, HeaderInvalid);
        row("metadata twice", R"({"__metadata__":{},"__metadata__":{}})", 0, HeaderInvalid);
        row("metadata is a list", R"({"__metadata__":[]})", 0, HeaderInvalid);
        row("metadata holds a number", R"({"__metadata__":{"a":1}})", 0, HeaderInvalid);
        row("gap", "{" + a + R"(,"b":{"dtype":"U8","shape":[1],"data_offsets":[9,10]}})", 10, HeaderInvalid);
        row("gap at the start", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})", 2, HeaderInvalid);
        row("bytes after the end", "{" + a + "}", 9, HeaderInvalid);
        row("data without tensors", "{}", 1, HeaderInvalid);
        row("one byte short", "{" + a + "}", 7, TensorOutOfFile);
        row("far out of the file", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,18446744073709551615]}})", 8, TensorOutOfFile);
        row("overlap", "{" + a + R"(,"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})", 12, TensorOverlap);
        row("inside another", "{" + a + R"(,"b":{"dtype":"U8","shape":[1],"data_offsets":[4,5]}})", 8, TensorOverlap);
        row("same bytes", "{" + a + R"(,"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8, TensorOverlap);
        row("count overflows", R"({"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0, ShapeOverflow);
        row("bytes overflow", R"({"a":{"dtype":"F64","shape":[4611686018427387904],"data_offsets":[0,0]}})", 0, ShapeOverflow);
        row("dimension above 63 bits", R"({"a":{"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,0]}})", 0, ShapeOverflow);
        row("range too short", R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8, ShapeOverflow);
        row("range too long", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}})", 8, ShapeOverflow);
    }

    void refusesHostileHeaders() {
        QFETCH(std::string, header);
        QFETCH(int, dataSize);
        QFETCH(ErrorCode, code);
        const auto entries = parse(safetensorsBytes(header, std::string(static_cast<std::size_t>(dataSize), '\0')));
        QVERIFY_ERROR(entries, code);
        QCOMPARE(entries.error().file, std::filesystem::path("file"));
        QVERIFY(!entries.error().detail.empty());
    }

    void namesTheTensorOfAnUnknownType() {
        const auto entries = parse(safetensorsBytes(R"({"layer.weight":{"dtype":"F3","shape":[],"data_offsets":[0,1]}})", "x"));
        QVERIFY_ERROR(entries, ErrorCode::HeaderInvalid);
        QVERIFY(entries.error().detail.find("layer.weight") != std::string::npos);
        QVERIFY(entries.error().detail.find("F3") != std::string::npos);
    }

    void refusesAbsurdHeaderLengths() {
        std::string bytes = safetensorsBytes("{}", "");
        for (const std::uint64_t length : {kMaxSafetensorsHeader + 1, std::uint64_t(1) << 40U, ~std::uint64_t(0)}) {
            std::memcpy(bytes.data(), &length, 8);
            QVERIFY_ERROR(parse(bytes), ErrorCode::HeaderTooLarge);
        }
        const std::uint64_t allowed = kMaxSafetensorsHeader;
        std::memcpy(bytes.data(), &allowed, 8);
        QVERIFY_ERROR(parse(bytes), ErrorCode::HeaderTruncated);
    }

    void noticesTruncationAtEveryByte() {
        const std::string whole = SafetensorsWriter().addFloats("a", {3}, {1, 2, 3}).addFloats("b", {1}, {4}).bytes();
        QVERIFY_RESULT(parse(whole));
        const std::size_t headerEnd = whole.size() - 16;
        for (std::size_t size = 0; size < whole.size(); ++size) {
            const auto entries = parse(whole.substr(0, size));
            QVERIFY_ERROR(entries, size < headerEnd ? ErrorCode::HeaderTruncated : ErrorCode::TensorOutOfFile);
        }
    }

    void recognisesLfsPointers() {
        const auto entries = parse("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n");
        QVERIFY_ERROR(entries, ErrorCode::HeaderInvalid);
        QVERIFY(entries.error().detail.find("LFS") != std::string::npos);
    }

    void keepsHostileNamesOnOneLine() {
        const auto entries = parse(safetensorsBytes("{\"a\\n\\u001b[31m\":1}", ""));
        QVERIFY_ERROR(entries, ErrorCode::HeaderInvalid);
        const std::string line = describe(entries.error());
        QVERIFY(line.find('\n') == std::string::npos && line.find('\x1b') == std::string::npos);
    }

    void reportsWhatItCannotRead() {
        QVERIFY_ERROR(readSafetensors(at("absent.safetensors")), ErrorCode::FileNotFound);
        QVERIFY_ERROR(readSafetensors(m_directory.path().toStdString()), ErrorCode::FileUnreadable);
    }

    void recognisesContent() {
        writeBytes(at("weights.bin"), SafetensorsWriter().bytes());
        writeBytes(at("text.safetensors"), "a text that is long enough");
        QVERIFY(looksLikeSafetensors(at("weights.bin")));
        QVERIFY(!looksLikeSafetensors(at("text.safetensors")));
        QVERIFY(!looksLikeSafetensors(at("absent")));
        QVERIFY(!looksLikeSafetensors("/dev/zero"));
    }
};

QTEST_GUILESS_MAIN(TestSafetensors)
#include "tst_safetensors.moc"
