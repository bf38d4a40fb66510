// SPDX-License-Identifier: Apache-2.0
#include "core/corpus/sample_groups.h"
#include "core/corpus/sample_lines.h"
#include "core/tokenizer/tokenizer.h"
#include "support/capture_fixture.h"
#include "support/safetensors_writer.h"
#include "support/verify_result.h"

#include <QTest>

#include <sys/stat.h>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

namespace fs = std::filesystem;

std::vector<std::string> textsOf(const std::vector<Sample>& samples) {
    std::vector<std::string> texts;
    for (const Sample& sample : samples)
        texts.push_back(sample.text);
    return texts;
}

std::shared_ptr<const SampleSet> numbered(int count) {
    auto set = std::make_shared<SampleSet>();
    for (int i = 0; i < count; ++i)
        set->samples.push_back({.text = std::to_string(i), .group = i % 2 == 0 ? "even" : "odd"});
    return set;
}

} // namespace

class TestSampleSet : public QObject {
    Q_OBJECT
    ScratchFolder m_folder;

    fs::path at(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }
    fs::path write(const char* name, const std::string& content) const {
        fs::create_directories(at(name).parent_path());
        writeBytes(at(name), content);
        return at(name);
    }

private Q_SLOTS:
    void textLinesWithEveryLineEnd() {
        const auto set = openSampleSet(write("a.txt", "\xEF\xBB\xBFone\r\n\n \t\r\ntwo  \n\xE2\x88\x9Athree"));
        QVERIFY_RESULT(set);
        QCOMPARE((*set)->format, std::string("text_lines"));
        QCOMPARE((*set)->title, std::string("a.txt"));
        QCOMPARE(textsOf((*set)->samples), (std::vector<std::string>{"one", "two  ", "\xE2\x88\x9Athree"}));
        QCOMPARE((*set)->samples[1].line, std::size_t{4});
        QCOMPARE((*set)->groups(), std::vector<std::string>{""});
    }

    void jsonLinesKnowThreeNamesOfGroups() {
        const std::string content = "\xEF\xBB\xBF{\"text\":\"a\\u00e9\",\"group\":\"g\",\"subject\":\"s\"}\r\n\n{\"subject\":\"s\",\"text\":\"b\"}\n"
                                    "{\"category\":\"c\",\"text\":\"c\",\"group\":null}\n{\"text\":\"d\"}";
        const auto set = openSampleSet(write("without_ending", content)); // known by what is in it
        QVERIFY_RESULT(set);
        QCOMPARE((*set)->format, std::string("json_lines"));
        QCOMPARE(textsOf((*set)->samples), (std::vector<std::string>{"a\xC3\xA9", "b", "c", "d"}));
        QCOMPARE((*set)->groups(), (std::vector<std::string>{"", "c", "g", "s"}));
        QCOMPARE((*set)->samples[3].line, std::size_t{5});
    }

    void brokenLinesAreNamed_data() {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<int>("code");
        const auto row = [](const char* name, const QByteArray& line, ErrorCode code) {
            QTest::newRow(name) << QByteArray("{\"text\":\"fine\"}\n" + line + "\n") << static_cast<int>(code);
        };
        row("half an object", "{\"text\":", ErrorCode::SamplesInvalid);
        row("two objects", "{\"text\":\"a\"} {\"text\":\"b\"}", ErrorCode::SamplesInvalid);
        row("a list", "[\"text\"]", ErrorCode::SamplesInvalid);
        row("no text", "{\"Text\":\"a\"}", ErrorCode::SamplesInvalid);
        row("a number", "{\"text\":1}", ErrorCode::SamplesInvalid);
        row("a lone surrogate", "{\"text\":\"\\ud800\"}", ErrorCode::SamplesInvalid);
        row("a NUL", QByteArray("{\"text\":\"a\"}\0", 13), ErrorCode::SamplesInvalid);
        row("deep", "{\"text\":" + QByteArray(5000, '[') + QByteArray(5000, ']') + "}", ErrorCode::SamplesInvalid);
        row("group is a number", "{\"text\":\"a\",\"group\":7}", ErrorCode::SamplesInvalid);
        row("group is a novel", "{\"text\":\"a\",\"group\":\"" + QByteArray(257, 'g') + "\"}", ErrorCode::SamplesInvalid);
        row("blank", "{\"text\":\" \\t\"}", ErrorCode::EmptyText);
        row("not UTF-8", "{\"text\":\"\xC0\xAF\"}", ErrorCode::InvalidUtf8);
        row("too long", "{\"text\":\"" + QByteArray(static_cast<qsizetype>(kMaxTextBytes) + 1, 'x') + "\"}", ErrorCode::TextTooLong);
        row("line too long", QByteArray((16 << 20) + 1, '['), ErrorCode::TextTooLong);
    }
    void brokenLinesAreNamed() {
        QFETCH(const QByteArray, content);
        QFETCH(const int, code);
        const auto samples = parseJsonLines(content.toStdString(), "a.jsonl");
        QVERIFY_ERROR(samples, static_cast<ErrorCode>(code));
        QVERIFY2(samples.error().detail.starts_with("line 2: "), samples.error().detail.c_str());
        QCOMPARE(samples.error().file, fs::path("a.jsonl"));
    }

    void hostileFiles() {
        QVERIFY_ERROR(openSampleSet(at("nowhere")), ErrorCode::FileNotFound);
        QVERIFY_ERROR(openSampleSet(write("empty.txt", "")), ErrorCode::EmptyText);
        QVERIFY_ERROR(openSampleSet(write("blank.txt", "\xEF\xBB\xBF \r\n\n")), ErrorCode::EmptyText);
        QVERIFY_ERROR(openSampleSet(write("empty.jsonl", "\n")), ErrorCode::EmptyText);
        const auto latin = openSampleSet(write("latin.txt", "fine\ncaf\xE9\n"));
        QVERIFY_ERROR(latin, ErrorCode::InvalidUtf8);
        QVERIFY(latin.error().detail.starts_with("line 2: byte 3 "));
        QCOMPARE(mkfifo(at("pipe.txt").c_str(), 0600), 0); // reading it would wait for ever
        QVERIFY_ERROR(openSampleSet(at("pipe.txt")), ErrorCode::FileUnreadable);
        fs::resize_file(write("huge.txt", "x"), kMaxSampleSetBytes + 1); // sparse
        QVERIFY_ERROR(openSampleSet(at("huge.txt")), ErrorCode::SamplesInvalid);
        std::string many((kMaxSamples + 1) * 2, '\n');
        for (std::size_t i = 0; i < many.size(); i += 2)
            many[i] = 'x';
        QVERIFY_ERROR(parseTextLines(many, "many.txt"), ErrorCode::SamplesInvalid);
    }

    void folderSortsByName() {
        write("set/physics/2.txt", "second\nline\n");
        write("set/physics/1.txt", "first\r\n");
        write("set/chemistry/acids/a.txt", "\xEF\xBB\xBFthird");
        write("set/top.txt", "top");
        write("set/blank.txt", " \n");
        write("set/notes.md", "no sample");
        fs::create_symlink("physics/1.txt", at("set/again.txt"));
        const auto set = openSampleSet(at("set/"));
        QVERIFY_RESULT(set);
        QCOMPARE((*set)->title, std::string("set"));
        QCOMPARE((*set)->format, std::string("text_folder"));
        QCOMPARE(textsOf((*set)->samples), (std::vector<std::string>{"first", "third", "first", "second\nline", "top"}));
        QCOMPARE((*set)->samples[1].group, std::string("chemistry/acids"));
        QCOMPARE((*set)->samples[3].file, fs::path("physics/2.txt"));
        QCOMPARE((*set)->groups(), (std::vector<std::string>{"", "chemistry/acids", "physics"}));
    }

    void linksOutOfAFolderAreRefused() {
        const fs::path secret = write("outside/secret.txt", "secret");
        for (const fs::path& target : {secret, fs::path("../outside/secret.txt"), fs::path("../outside"), fs::path("nowhere.txt")}) {
            fs::remove_all(at("linked"));
            write("linked/a.txt", "fine");
            fs::create_symlink(target, at("linked/b.txt"));
            QVERIFY_ERROR(openSampleSet(at("linked")), ErrorCode::PathEscapes);
        }
        fs::remove_all(at("linked"));
        fs::create_directories(at("linked"));
        QVERIFY_ERROR(openSampleSet(at("linked")), ErrorCode::EmptyText);
        write("linked/bad.txt", "\xFF");
        QVERIFY_ERROR(openSampleSet(at("linked")), ErrorCode::InvalidUtf8);
        // A set that is itself reached through a link is what the user named.
        fs::create_directory_symlink(at("outside"), at("door"));
        QVERIFY_RESULT(openSampleSet(at("door")));
    }

    void fingerprintIsOfTheContent() {
        const auto first = openSampleSet(write("p.txt", "one\ntwo\n")), second = openSampleSet(write("q.jsonl", "{\"text\":\"one\"}\n{\"text\":\"two\"}"));
        QCOMPARE((*first)->fingerprint(), (*second)->fingerprint());
        for (const char* other : {"two\none\n", "one\n", "on\netwo\n", "one\ntwo\nthree\n"})
            QVERIFY((*openSampleSet(write("p.txt", other)))->fingerprint() != (*first)->fingerprint());
        QVERIFY((*openSampleSet(write("q.jsonl", "{\"text\":\"one\"}\n{\"text\":\"two\",\"group\":\"g\"}")))->fingerprint() != (*first)->fingerprint());
    }

    void selection() {
        const auto set = numbered(50);
        const auto chosen = [&](SampleSelection selection) { return textsOf((*selectSamples(set, selection))->samples); };
        QCOMPARE(selectSamples(set, {})->get(), set.get());
        QCOMPARE(chosen({.limit = 3}), (std::vector<std::string>{"0", "1", "2"}));
        QCOMPARE(chosen({.limit = 2, .seed = {}, .groups = {"odd"}}), (std::vector<std::string>{"1", "3"}));
        QCOMPARE(chosen({.limit = 90, .seed = 1}).size(), std::size_t{50});
        // Numbers of the generator, which the standard fixes: the same on every machine.
        QCOMPARE(chosen({.limit = 5, .seed = 7}), chosen({.limit = 5, .seed = 7}));
        QVERIFY(chosen({.limit = 5, .seed = 7}) != chosen({.limit = 5, .seed = 8}));
        const auto some = *selectSamples(set, {.limit = 20, .seed = 7});
        for (std::size_t i = 1; i < some->samples.size(); ++i)
            QVERIFY(std::stoi(some->samples[i - 1].text) < std::stoi(some->samples[i].text));
        QVERIFY_ERROR(selectSamples(set, {.groups = {"prime"}}), ErrorCode::InvalidArgument);
    }

    void everySampleIsDrawnEquallyOften() {
        const auto set = numbered(10);
        std::vector<int> hits(10);
        for (std::uint64_t seed = 0; seed < 2000; ++seed) {
            const auto chosen = *selectSamples(set, {.limit = 3, .seed = seed});
            for (const Sample& sample : chosen->samples)
                ++hits[static_cast<std::size_t>(std::stoi(sample.text))];
        }
        for (const int count : hits) // 600 expected, standard deviation 20.5
            QVERIFY2(std::abs(count - 600) < 103, std::to_string(count).c_str());
    }

    void groups() {
        const std::vector<std::string> names{"b", "", "a", "b"};
        const auto byName = groupsByName(names);
        QCOMPARE(byName.size(), std::size_t{2});
        QCOMPARE(byName[0].name, std::string("a"));
        QCOMPARE(byName[1].samples, (std::vector<int>{0, 3}));
        const std::vector<std::pair<int, const char*>> bins{{1, "1-10"}, {10, "1-10"}, {11, "11-20"}, {50, "41-50"}, {51, "51-100"}, {100, "51-100"},
                                                            {101, "101-200"}, {4194304, "3276801-6553600"}};
        for (const auto& [tokens, name] : bins)
            QCOMPARE(lengthBin(tokens), std::string(name));
        const auto byLength = groupsByLength(std::vector<int>{120, 7, 12, 9});
        QCOMPARE(byLength.size(), std::size_t{3});
        QCOMPARE(byLength[0].samples, (std::vector<int>{1, 3}));
        QCOMPARE(byLength[2].name, std::string("101-200"));
    }
};

QTEST_GUILESS_MAIN(TestSampleSet)
#include "tst_sample_set.moc"
