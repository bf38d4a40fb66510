// SPDX-License-Identifier: Apache-2.0
// The bundled sample set is what its README says.
#include "core/corpus/bundled.h"
#include "core/corpus/sample_set.h"
#include "core/tokenizer/tokenizer.h"
#include "support/verify_result.h"

#include <QTest>

#include <algorithm>
#include <map>
#include <set>

using namespace sinkscope;

namespace {

std::set<std::string> wordsOf(const std::string& text) {
    std::set<std::string> words;
    std::string word;
    for (const char c : text + " ") {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalpha(byte) != 0 || byte >= 0x80)
            word += static_cast<char>(std::tolower(byte));
        else if (!word.empty())
            words.insert(std::exchange(word, {}));
    }
    return words;
}

/// Stretches of letters and digits, and every other sign but blanks.
int wordsAndMarksOf(const std::string& text) {
    int count = 0;
    bool inWord = false;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool isLetter = std::isalnum(byte) != 0 || byte >= 0x80;
        count += isLetter ? (inWord ? 0 : 1) : (c == ' ' ? 0 : 1);
        inWord = isLetter;
    }
    return count;
}

/// Shared words over all words of both.
double similarity(const std::set<std::string>& a, const std::set<std::string>& b) {
    std::vector<std::string> shared;
    std::ranges::set_intersection(a, b, std::back_inserter(shared));
    return static_cast<double>(shared.size()) / static_cast<double>(a.size() + b.size() - shared.size());
}

} // namespace

class TestStem : public QObject {
    Q_OBJECT
    std::shared_ptr<const SampleSet> m_set;

private Q_SLOTS:
    void initTestCase() {
        const auto path = bundledSampleSet("stem");
        QVERIFY(path.has_value());
        const auto set = openSampleSet(*path);
        QVERIFY_RESULT(set);
        m_set = *set;
        QVERIFY(!bundledSampleSet("../corpus/stem").has_value());
        QVERIFY(!bundledSampleSet("").has_value());
    }

    void fourGroupsOf125() {
        std::map<std::string, int> counts;
        for (const Sample& sample : m_set->samples)
            ++counts[sample.group];
        QCOMPARE(counts, (std::map<std::string, int>{{"chemistry", 125}, {"mathematics", 125}, {"medicine", 125}, {"physics", 125}}));
    }

    void lengthsSpreadOver6To50Tokens() {
        const auto tokenizer = Tokenizer::load(SINKSCOPE_SOURCE_DIR "/resources/demo/tokenizer.json",
                                               SINKSCOPE_SOURCE_DIR "/resources/demo/tokenizer_config.json");
        QVERIFY_RESULT(tokenizer);
        std::vector<std::size_t> lengths;
        for (const Sample& sample : m_set->samples) {
            const auto encoding = encodeWithBos(**tokenizer, sample.text, BosChoice::Auto);
            QVERIFY_RESULT(encoding);
            lengths.push_back(encoding->ids.size());
            QVERIFY2(lengths.back() >= 6 && lengths.back() <= 50, sample.text.c_str());
        }
        // No common tokenizer joins words, or a word and a mark: with any of them a sentence has at least as many tokens.
        for (const Sample& sample : m_set->samples)
            QVERIFY2(wordsAndMarksOf(sample.text) >= 6, sample.text.c_str());
        const auto between = [&](std::size_t low, std::size_t high) {
            return std::ranges::count_if(lengths, [&](std::size_t length) { return length >= low && length <= high; });
        };
        QVERIFY(between(6, 12) >= 40 && between(15, 35) >= 250 && between(40, 50) >= 40);
    }

    void sentencesAreSentences() {
        for (const Sample& sample : m_set->samples) {
            const std::string& text = sample.text;
            QVERIFY2(text.ends_with('.') || text.ends_with('?'), text.c_str());
            QVERIFY2(std::isupper(static_cast<unsigned char>(text[0])) != 0 || static_cast<unsigned char>(text[0]) >= 0x80, text.c_str());
            QVERIFY2(text.find("  ") == text.npos && text.find(" .") == text.npos && text.find(" ,") == text.npos, text.c_str());
        }
    }

    void noTwoAreNearlyTheSame() {
        std::vector<std::set<std::string>> words;
        for (const Sample& sample : m_set->samples)
            words.push_back(wordsOf(sample.text));
        for (std::size_t i = 0; i < words.size(); ++i)
            for (std::size_t j = 0; j < i; ++j)
                QVERIFY2(similarity(words[i], words[j]) < 0.5,
                         (m_set->samples[i].text + " / " + m_set->samples[j].text).c_str());
    }

    void noTemplateIsRepeated() {
        std::map<std::string, int> beginnings; // of four words
        for (const Sample& sample : m_set->samples) {
            std::size_t end = 0;
            for (int word = 0; word < 4 && end != sample.text.npos; ++word)
                end = sample.text.find(' ', end == 0 ? 0 : end + 1);
            QVERIFY2(++beginnings[sample.text.substr(0, end)] == 1, sample.text.c_str());
        }
    }
};

QTEST_GUILESS_MAIN(TestStem)
#include "tst_stem.moc"
