// SPDX-License-Identifier: Apache-2.0
#include "core/io/atomic_write.h"
#include "core/io/json_reader.h"
#include "core/io/mapped_file.h"
#include "support/verify_result.h"

#include <QTemporaryDir>

#include <csignal>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

using namespace sinkscope;
namespace fs = std::filesystem;

class TestIo : public QObject {
    Q_OBJECT
    QTemporaryDir m_directory;

    [[nodiscard]] fs::path at(const char* name) const { return fs::path(m_directory.path().toStdString()) / name; }
    static std::string contentOf(const fs::path& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

private Q_SLOTS:
    void mapsAFile() {
        QVERIFY_RESULT(writeFileAtomically(at("a.bin"), "hello"));
        const auto file = MappedFile::open(at("a.bin"));
        QVERIFY_RESULT(file);
        QCOMPARE((*file)->bytes().size(), std::size_t(5));
        QCOMPARE(std::to_integer<char>((*file)->bytes()[4]), 'o');
        (*file)->prefetch((*file)->bytes());
        (*file)->release((*file)->bytes());
        QCOMPARE(std::to_integer<char>((*file)->bytes()[0]), 'h'); // released pages come back
    }

    void mapsAnEmptyFile() {
        QVERIFY_RESULT(writeFileAtomically(at("empty"), ""));
        const auto file = MappedFile::open(at("empty"));
        QVERIFY_RESULT(file);
        QVERIFY((*file)->bytes().empty());
    }

    void namesWhatCannotBeMapped() {
        QVERIFY_ERROR(MappedFile::open(at("absent")), ErrorCode::FileNotFound);
        QVERIFY_ERROR(MappedFile::open(at("")), ErrorCode::FileUnreadable); // a folder
        QVERIFY_ERROR(MappedFile::open("/dev/null"), ErrorCode::FileUnreadable);
    }

    void replacesAFileWholeOrNotAtAll() {
        const auto path = at("replaced.txt");
        QVERIFY_RESULT(writeFileAtomically(path, "first"));
        QVERIFY_RESULT(writeFileAtomically(path, "second"));
        QCOMPARE(contentOf(path), std::string("second"));
        const auto failed = replaceFileAtomically(path, [](const fs::path& temporary) -> Result<void> {
            std::ofstream(temporary) << "half";
            return Error{ErrorCode::Internal, "stopped half-way", temporary};
        });
        QVERIFY_ERROR(failed, ErrorCode::Internal);
        QCOMPARE(failed.error().file, path);
        QCOMPARE(contentOf(path), std::string("second"));
        QCOMPARE(std::distance(fs::directory_iterator(m_directory.path().toStdString()), {}), std::ptrdiff_t(3)); // nothing left over
    }

    void reportsAFolderThatIsNotThere() { QVERIFY_ERROR(writeFileAtomically(at("no/such/file"), "x"), ErrorCode::WriteFailed); }

    void reportsAFullDisk() {
        // A limit on file size is the one way to run out of room that a test can make on any machine.
        rlimit before{};
        QCOMPARE(getrlimit(RLIMIT_FSIZE, &before), 0);
        const auto handler = std::signal(SIGXFSZ, SIG_IGN);
        const rlimit small{4096, before.rlim_max};
        QCOMPARE(setrlimit(RLIMIT_FSIZE, &small), 0);
        const auto written = writeFileAtomically(at("big"), std::string(100'000, 'x'));
        setrlimit(RLIMIT_FSIZE, &before);
        std::signal(SIGXFSZ, handler);
        QVERIFY_ERROR(written, ErrorCode::DiskFull);
        QVERIFY(!fs::exists(at("big")));
    }

    void readsTypedMembers() {
        const auto json = parseJson(R"({"i": 3, "f": 3.0, "g": 2.5, "b": true, "s": "x", "n": null, "big": 18446744073709551615})",
                                    ErrorCode::ConfigInvalid, "c.json");
        QVERIFY_RESULT(json);
        QCOMPARE(integerAt(*json, "i"), std::optional<std::int64_t>(3));
        QCOMPARE(integerAt(*json, "f"), std::optional<std::int64_t>(3));
        QVERIFY(!integerAt(*json, "g") && !integerAt(*json, "big") && !integerAt(*json, "s") && !integerAt(*json, "n"));
        QCOMPARE(numberAt(*json, "g"), std::optional(2.5));
        QCOMPARE(booleanAt(*json, "b"), std::optional(true));
        QCOMPARE(stringAt(*json, "s"), std::optional<std::string>("x"));
        QVERIFY(!stringAt(*json, "absent"));
    }

    void refusesBrokenAndBottomlessJson() {
        const auto broken = parseJson("{\"a\": ", ErrorCode::ConfigInvalid, "c.json");
        QVERIFY_ERROR(broken, ErrorCode::ConfigInvalid);
        QCOMPARE(broken.error().file, fs::path("c.json"));
        const auto deep = parseJson(std::string(200'000, '['), ErrorCode::TokenizerInvalid, "t.json");
        QVERIFY_ERROR(deep, ErrorCode::TokenizerInvalid);
    }
};

QTEST_GUILESS_MAIN(TestIo)
#include "tst_io.moc"
