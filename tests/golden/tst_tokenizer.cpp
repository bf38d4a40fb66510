// SPDX-License-Identifier: Apache-2.0
// Ids and code-point offsets against the Hugging Face tokenizers library: exact equality. The fixtures come from tests/golden/gen/make_tokenizers.py;
// SINKSCOPE_TOKENIZER_FIXTURES may name another folder of them (a wide corpus).
#include "core/tokenizer/tokenizer.h"
#include "support/verify_result.h"

#include <QDir>

#include <nlohmann/json.hpp>

#include <fstream>

using namespace sinkscope;

class TestTokenizer : public QObject {
    Q_OBJECT

    static QString fixtures() {
        return qEnvironmentVariable("SINKSCOPE_TOKENIZER_FIXTURES", QStringLiteral(SINKSCOPE_SOURCE_DIR "/tests/golden/tokenizers"));
    }

    /// Empty when the encoding is what the line says.
    static std::string differenceOf(const Encoding& encoding, const nlohmann::json& line) {
        std::vector<std::int32_t> offsets;
        for (const auto& [begin, end] : encoding.offsets)
            offsets.insert(offsets.end(), {begin, end});
        if (encoding.ids != line["ids"].get<std::vector<std::int32_t>>())
            return "ids " + nlohmann::json(encoding.ids).dump() + " expected " + line["ids"].dump();
        if (offsets != line["offsets"].get<std::vector<std::int32_t>>())
            return "offsets " + nlohmann::json(offsets).dump() + " expected " + line["offsets"].dump();
        const std::vector<int> mask(encoding.special.begin(), encoding.special.end());
        if (mask != line["mask"].get<std::vector<int>>())
            return "special " + nlohmann::json(mask).dump() + " expected " + line["mask"].dump();
        return {};
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
        const auto tokenizer = Tokenizer::load(base + "/tokenizer.json", base + "/tokenizer_config.json");
        QVERIFY_RESULT(tokenizer);
        std::ifstream expected(base + "/expected.jsonl");
        std::string text;
        int lines = 0, wrong = 0;
        while (std::getline(expected, text)) {
            const auto line = nlohmann::json::parse(text);
            const auto encoding = (*tokenizer)->encode(line["text"].get<std::string>(), line["special"].get<bool>());
            QVERIFY_RESULT(encoding);
            const std::string difference = differenceOf(*encoding, line);
            ++lines;
            if (!difference.empty() && ++wrong <= 5)
                qWarning("%s\n  %s", line["text"].dump().c_str(), difference.c_str());
        }
        qInfo("%d of %d strings agree", lines - wrong, lines);
        QVERIFY(lines >= 100);
        QCOMPARE(wrong, 0);
    }
};

QTEST_GUILESS_MAIN(TestTokenizer)
#include "tst_tokenizer.moc"
