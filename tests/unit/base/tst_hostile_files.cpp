// SPDX-License-Identifier: Apache-2.0
// Every ErrorCode that a reader's source names has a hand-made file in tests/fuzz/corpus that must produce it (replay_main.cpp makes sure
// that it does), except those that no content of a file can cause.
#include "core/base/error.h"

#include <QTest>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>

using namespace sinkscope;
namespace fs = std::filesystem;

namespace {

struct Reader {
    const char* target;
    std::vector<std::string> sources;  ///< files, or folders with every file in them
    std::set<std::string> elsewhere;   ///< spelled as in the enumeration; caused by the file system, memory, the caller, or only by many megabytes
};

const std::vector<Reader> kReaders{
    {"safetensors", {"core/checkpoint/safetensors_reader.cpp"}, {"OutOfMemory"}},
    {"gguf", {"core/checkpoint/gguf_reader.cpp"}, {}},
    {"weight_index", {"core/checkpoint/weight_index.cpp"}, {"FileUnreadable"}},
    {"zip", {"core/io/zip_archive.cpp"}, {}},
    {"pickle", {"core/checkpoint/pickle_reader.cpp", "core/checkpoint/torch_tensors.cpp"}, {}},
    {"pytorch", {"core/checkpoint/torch_reader.cpp"}, {}},
    {"config", {"core/model/config_reader.cpp", "core/model/model_spec.cpp", "core/model/rope_config.cpp", "core/model/tensor_table.cpp"}, {}},
    {"tokenizer", {"core/tokenizer"}, {"TokenizerMissing", "InvalidArgument", "Unavailable"}},
    {"sentencepiece", {"core/tokenizer/sentencepiece_check.cpp", "core/tokenizer/sentencepiece_file.cpp", "core/tokenizer/sentencepiece_model.cpp",
                       "core/tokenizer/side_files.cpp"}, {}},
    {"capture", {"core/capture/capture_store.cpp", "core/capture/hdf5_reader.cpp", "core/capture/capture_reader.cpp", "core/capture/capture_schema.cpp"},
     {"FileNotFound", "FileUnreadable", "Internal", "WriteFailed"}},
    {"samples", {"core/corpus/sample_lines.cpp"}, {"FileUnreadable", "TextTooLong"}},
};

fs::path source() { return SINKSCOPE_SOURCE_DIR; }

std::string contentOf(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// The spellings after "ErrorCode::" in a file, or in those of a folder.
std::set<std::string> codesIn(const fs::path& path) {
    std::set<std::string> codes;
    if (fs::is_directory(path)) {
        for (const auto& entry : fs::recursive_directory_iterator(path))
            if (entry.path().extension() == ".cpp")
                codes.merge(codesIn(entry.path()));
        return codes;
    }
    const std::string text = contentOf(path);
    static const std::regex kCode("ErrorCode::(\\w+)");
    for (std::sregex_iterator at(text.begin(), text.end(), kCode), end; at != end; ++at)
        codes.insert((*at)[1]);
    return codes;
}

/// "TensorOutOfFile" is "tensor_out_of_file", "InvalidUtf8" is "invalid_utf8".
std::string fileName(const std::string& spelling) {
    std::string name;
    for (const char letter : spelling)
        if (letter >= 'A' && letter <= 'Z') {
            name += name.empty() ? "" : "_";
            name += static_cast<char>(letter - 'A' + 'a');
        } else {
            name += letter;
        }
    return name;
}

std::set<std::string> outcomesOf(const std::string& target) {
    std::set<std::string> outcomes;
    for (const auto& entry : fs::directory_iterator(source() / "tests/fuzz/corpus" / target)) {
        const std::string name = entry.path().filename().string();
        outcomes.insert(name.substr(0, name.find_first_of("-.")));
    }
    return outcomes;
}

} // namespace

class TestHostileFiles : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyCodeOfAReaderHasAFile_data() {
        QTest::addColumn<int>("reader");
        for (std::size_t i = 0; i < kReaders.size(); ++i)
            QTest::newRow(kReaders[i].target) << static_cast<int>(i);
    }
    void everyCodeOfAReaderHasAFile() {
        QFETCH(int, reader);
        const Reader& spec = kReaders[static_cast<std::size_t>(reader)];
        const auto outcomes = outcomesOf(spec.target);
        std::set<std::string> codes;
        for (const std::string& path : spec.sources) {
            QVERIFY2(fs::exists(source() / path), path.c_str());
            codes.merge(codesIn(source() / path));
        }
        QVERIFY(!codes.empty());
        for (const std::string& code : codes)
            if (!spec.elsewhere.contains(code))
                QVERIFY2(outcomes.contains(fileName(code)), ("no file for " + fileName(code)).c_str());
        for (const std::string& code : spec.elsewhere)
            QVERIFY2(codes.contains(code), ("excepted, but never named: " + code).c_str());
        QVERIFY2(outcomes.contains("ok"), "no file that is read");
    }

    /// A file that is named after nothing would never be noticed.
    void filesAreNamedAfterOutcomes() {
        std::set<std::string> known{"ok", "any"};
        for (int code = 0; code <= static_cast<int>(ErrorCode::Internal); ++code)
            known.insert(std::string(nameOf(static_cast<ErrorCode>(code))));
        for (const auto& target : fs::directory_iterator(source() / "tests/fuzz/corpus"))
            for (const std::string& outcome : outcomesOf(target.path().filename().string()))
                QVERIFY2(known.contains(outcome), outcome.c_str());
    }
};

QTEST_GUILESS_MAIN(TestHostileFiles)
#include "tst_hostile_files.moc"
