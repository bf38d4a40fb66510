// SPDX-License-Identifier: Apache-2.0
// GGUF files against what transformers and the tokenizers libraries computed (tests/golden/gen/make_gguf_models.py).
#include "core/nn/forward.h"
#include "core/session/capture_run.h"
#include "golden/tolerance.h"
#include "support/recording_consumer.h"
#include "support/verify_result.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

using namespace sinkscope;
namespace fs = std::filesystem;

class TestGguf : public QObject {
    Q_OBJECT

    static fs::path golden() { return fs::path(SINKSCOPE_SOURCE_DIR) / "tests/golden"; }
    static std::vector<fs::path> filesIn(const char* folder) {
        std::vector<fs::path> files;
        for (const auto& entry : fs::directory_iterator(golden() / "gguf" / folder))
            if (entry.path().extension() == ".gguf")
                files.push_back(entry.path());
        std::ranges::sort(files);
        return files;
    }
    /// Of a quantised file beside it, else of the checkpoint that it was made from.
    static fs::path expectedOf(const fs::path& file) {
        const std::string name = file.stem().string() + ".expected.safetensors";
        return fs::exists(file.parent_path() / name) ? file.parent_path() / name : golden() / "models" / name;
    }
    static std::vector<std::int32_t> integers(const TensorInfo* tensor) {
        std::vector<std::int32_t> values(tensor ? tensor->bytes.size() / 4 : 0);
        if (tensor)
            std::memcpy(values.data(), tensor->bytes.data(), tensor->bytes.size());
        return values;
    }
    /// Components of heads in the order in which files with paired rotary components have them: i and i + half become 2i and 2i + 1.
    static std::vector<float> paired(const std::vector<float>& values, std::size_t width) {
        std::vector<float> result(values.size());
        for (std::size_t i = 0; i < values.size(); ++i) {
            const std::size_t at = i % width;
            result[i - at + (at < width / 2 ? 2 * at : 2 * (at - width / 2) + 1)] = values[i];
        }
        return result;
    }
    static double errorOf(const std::vector<float>& found, const std::vector<float>& expected) {
        double error = 0, square = 0;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            error += (double{found[i]} - double{expected[i]}) * (double{found[i]} - double{expected[i]});
            square += double{expected[i]} * double{expected[i]};
        }
        return error / square;
    }
    static std::vector<nlohmann::json> linesOf(const fs::path& file) {
        std::vector<nlohmann::json> lines;
        std::ifstream stream(file);
        for (std::string line; std::getline(stream, line);)
            lines.push_back(nlohmann::json::parse(line));
        return lines;
    }
    static bool hasLongWord(const std::string& text) {
        std::size_t length = 0;
        return std::ranges::any_of(text, [&](char c) { return (length = c == ' ' ? 0 : length + 1) > 40; });
    }

private Q_SLOTS:
    void everyArchitectureWithANameHasAFixture() {
        std::set<std::string_view> covered;
        for (const fs::path& file : filesIn("models")) {
            const auto model = loadModel(file);
            QVERIFY_RESULT(model);
            QVERIFY2((*model)->spec, file.c_str());
            covered.insert((*model)->spec->arch->id);
        }
        for (const ArchSpec* arch : archs())
            QVERIFY2(arch->gguf.architecture.empty() || covered.contains(arch->id), std::string(arch->id).c_str());
    }

    void runsAsTransformersDoes_data() {
        QTest::addColumn<QString>("file");
        for (const fs::path& file : filesIn("models"))
            QTest::newRow(file.stem().c_str()) << QString::fromStdString(file.string());
    }
    void runsAsTransformersDoes() {
        QFETCH(QString, file);
        const fs::path path = file.toStdString();
        const auto checkpoint = openCheckpoint(path);
        QVERIFY_RESULT(checkpoint);
        const auto spec = buildModelSpec(*checkpoint);
        QVERIFY_RESULT(spec);
        const auto expected = openCheckpoint(expectedOf(path));
        QVERIFY_RESULT(expected);
        std::vector<SampleInput> inputs;
        for (int sample = 0; (*expected)->find(std::to_string(sample) + ".ids"); ++sample)
            inputs.push_back({integers((*expected)->find(std::to_string(sample) + ".ids")), integers((*expected)->find(std::to_string(sample) + ".segments"))});
        QVERIFY(!inputs.empty());
        test::RecordingConsumer consumer;
        consumer.logits = (*spec)->modelTensors[static_cast<std::size_t>(Role::Unembedding)] != nullptr;
        JobContext context;
        QVERIFY_RESULT(runModel(**spec, inputs, {}, consumer, context));
        consumer.collectAttention();
        QVERIFY2(consumer.complaints.empty(), consumer.complaints.empty() ? "" : consumer.complaints.front().c_str());
        for (const TensorInfo& tensor : (*expected)->tensors) {
            if (tensor.dtype != DType::F32 || (tensor.name.ends_with(".logits") && !consumer.logits))
                continue;
            std::vector<float> values(tensor.elements());
            convertToFloat(tensor, values);
            const bool turned = tensor.name.ends_with(".query") || tensor.name.ends_with(".key");
            if (turned && (*spec)->arch->gguf.pairedRotary)
                values = paired(values, static_cast<std::size_t>((*spec)->headWidth));
            const auto& found = consumer.kept[tensor.name];
            QCOMPARE(found.size(), values.size());
            QVERIFY2(errorOf(found, values) < test::kForwardError, (tensor.name + ": " + std::to_string(errorOf(found, values))).c_str());
        }
    }

    void quantizedFilesSaySo() {
        const auto has = [](const char* name) {
            const auto checkpoint = openCheckpoint(golden() / "gguf/models" / name);
            return checkpoint && std::ranges::find((*checkpoint)->notes, "numbers are those of the dequantized weights") != (*checkpoint)->notes.end();
        };
        QVERIFY(has("llama_q8_0.gguf"));
        QVERIFY(!has("llama.gguf"));
    }

    void tokenizesAsTheLibraries_data() {
        QTest::addColumn<QString>("file");
        for (const fs::path& file : filesIn("tokenizers"))
            QTest::newRow(file.stem().c_str()) << QString::fromStdString(file.string());
    }
    void tokenizesAsTheLibraries() {
        QFETCH(QString, file);
        const fs::path path = file.toStdString(), ids = path.parent_path() / (path.stem().string() + ".ids.jsonl");
        const auto checkpoint = openCheckpoint(path);
        QVERIFY_RESULT(checkpoint);
        const auto tokenizer = tokenizerOf(**checkpoint);
        QVERIFY_RESULT(tokenizer);
        const auto texts = linesOf(golden() / "tokenizers/texts.jsonl");
        const bool own = fs::exists(ids); // ids alone, without the frame; else rows of the library, with or without
        const auto expected = linesOf(own ? ids : golden() / "tokenizers" / path.stem() / "expected.jsonl");
        QCOMPARE(expected.size(), texts.size());
        int wrong = 0;
        for (std::size_t i = 0; i < texts.size(); ++i) {
            const auto text = texts[i].get<std::string>();
            // SentencePiece reads no special tokens in texts; GGUF does not keep how long a word may be, which these fixtures set to less.
            if (own ? text.find("</s>") != std::string::npos : path.stem().string().starts_with("wordpiece") && hasLongWord(text))
                continue;
            const auto encoding = (*tokenizer)->encode(text, !own && expected[i][0].get<int>() != 0);
            QVERIFY_RESULT(encoding);
            const auto row = (own ? expected[i] : expected[i][1]).get<std::vector<std::int32_t>>();
            if (encoding->ids != row && ++wrong <= 3)
                qWarning("%s\n got %s\n expected %s", texts[i].dump().c_str(), nlohmann::json(encoding->ids).dump().c_str(), nlohmann::json(row).dump().c_str());
        }
        qInfo("%d of %d strings differ", wrong, static_cast<int>(texts.size()));
        QVERIFY(texts.size() >= 400);
        QCOMPARE(wrong, 0);
    }

    void framesWithBosAndEos() {
        const auto model = loadModel(golden() / "gguf/tokenizers/sentencepiece.gguf");
        QVERIFY_RESULT(model);
        QVERIFY((*model)->tokenizer && !(*model)->spec);
        const auto encoding = (*model)->tokenizer->encode("a charge");
        QVERIFY_RESULT(encoding);
        QVERIFY(encoding->ids.front() == 1 && encoding->ids.back() == 2 && encoding->ids.size() > 2);
        QCOMPARE((*model)->tokenizer->bosId(), std::optional(1));
        const auto bare = encodeWithBos(*(*model)->tokenizer, "a charge", BosChoice::No);
        QVERIFY(bare && bare->ids.front() != 1);
        const auto unigram = loadModel(golden() / "gguf/tokenizers/unigram_t5.gguf");
        QVERIFY(unigram && (*unigram)->tokenizer);
        const auto ended = (*unigram)->tokenizer->encode("a charge");
        QVERIFY(ended && ended->ids.front() != 1 && ended->ids.back() == 1);
    }
};

QTEST_GUILESS_MAIN(TestGguf)
#include "tst_gguf.moc"
