// SPDX-License-Identifier: Apache-2.0
// Ids, pieces and code-point offsets against the Hugging Face tokenizers library: exact equality. The fixtures come from tests/golden/gen/make_tokenizers.py and
// make_tokenizer_folders.py; SINKSCOPE_TOKENIZER_FIXTURES may name another folder of them (a wide corpus).
#include "core/tokenizer/open_tokenizer.h"
#include "support/verify_result.h"

#include <QDir>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

using namespace sinkscope;

class TestTokenizer : public QObject {
    Q_OBJECT

    static QString fixtures() {
        return qEnvironmentVariable("SINKSCOPE_TOKENIZER_FIXTURES", QStringLiteral(SINKSCOPE_SOURCE_DIR "/tests/golden/tokenizers"));
    }

    static std::vector<nlohmann::json> linesOf(const std::string& path) {
        std::vector<nlohmann::json> lines;
        std::ifstream file(path);
        for (std::string line; std::getline(file, line);)
            lines.push_back(nlohmann::json::parse(line));
        return lines;
    }

    /// An encoding as the fixtures write it (see make_tokenizers.py).
    static nlohmann::json rowOf(const Tokenizer& tokenizer, const Encoding& encoding, int special) {
        std::vector<std::int32_t> offsets;
        std::vector<std::size_t> specials;
        auto pieces = nlohmann::json::object();
        std::int32_t last = 0;
        for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
            const auto [begin, end] = encoding.offsets[i];
            offsets.insert(offsets.end(), {begin - last, end - begin});
            last = end;
            if (encoding.special[i] != 0)
                specials.push_back(i);
            if (encoding.pieces[i] != tokenizer.pieceOf(encoding.ids[i]))
                pieces[std::to_string(i)] = encoding.pieces[i];
        }
        const bool segmented = std::ranges::any_of(encoding.segments, [](std::int32_t segment) { return segment != 0; });
        return {special, encoding.ids, offsets, specials, pieces, segmented ? nlohmann::json(encoding.segments) : nlohmann::json(0)};
    }

private Q_SLOTS:
    void agreesWithTheLibrary_data() {
        QTest::addColumn<QString>("folder");
        for (const QString& kind : QDir(fixtures()).entryList(QDir::Dirs | QDir::NoDotAndDotDot))
            QTest::newRow(qPrintable(kind)) << fixtures() + QLatin1Char('/') + kind;
    }

    void agreesWithTheLibrary() {
        QFETCH(const QString, folder);
        const std::string base = folder.toStdString();
        const auto tokenizer = openTokenizer(base);
        QVERIFY_RESULT(tokenizer);
        const auto texts = linesOf(fixtures().toStdString() + "/texts.jsonl");
        const auto expected = linesOf(base + "/expected.jsonl");
        QCOMPARE(expected.size(), texts.size());
        int wrong = 0;
        for (std::size_t i = 0; i < texts.size(); ++i) {
            const int special = expected[i][0].get<int>();
            const auto encoding = (*tokenizer)->encode(texts[i].get<std::string>(), special != 0);
            QVERIFY_RESULT(encoding);
            const auto row = rowOf(**tokenizer, *encoding, special);
            if (row != expected[i] && ++wrong <= 5)
                qWarning("%s\n  got      %s\n  expected %s", texts[i].dump().c_str(), row.dump().c_str(), expected[i].dump().c_str());
        }
        const int lines = static_cast<int>(texts.size());
        qInfo("%d of %d strings agree", lines - wrong, lines);
        QVERIFY(lines >= 400);
        QCOMPARE(wrong, 0);
    }
};

QTEST_GUILESS_MAIN(TestTokenizer)
#include "tst_tokenizer.moc"
