// SPDX-License-Identifier: Apache-2.0
// Split GGUF files, and what is said of those that leave things unsaid.
#include "core/model/model_spec.h"
#include "support/gguf_split.h"
#include "support/safetensors_writer.h"
#include "support/verify_result.h"

#include <QTemporaryDir>

#include <algorithm>
#include <nlohmann/json.hpp>

using namespace sinkscope;
namespace fs = std::filesystem;

class TestGguf : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    [[nodiscard]] fs::path at(const std::string& name) const { return fs::path(m_folder.path().toStdString()) / name; }
    static fs::path whole() { return fs::path(SINKSCOPE_SOURCE_DIR) / "tests/golden/gguf/models/llama_q8_0.gguf"; }

    std::vector<fs::path> split(const std::string& stem, const test::GgufSplit& changes) const { return test::splitGguf(whole(), at(stem), changes); }
    static ErrorCode codeOf(const fs::path& path) {
        const auto checkpoint = openCheckpoint(path);
        return checkpoint ? ErrorCode::Internal : checkpoint.error().code;
    }
    /// Notes of a file that holds nothing but metadata.
    std::vector<std::string> notesOf(const test::GgufWriter& writer) const {
        test::writeBytes(at("notes.gguf"), writer.bytes());
        const auto checkpoint = openCheckpoint(at("notes.gguf"));
        return checkpoint ? (*checkpoint)->notes : std::vector<std::string>{"not opened"};
    }

private Q_SLOTS:
    void anyPartOpensAll() {
        const auto parts = split("model", {});
        QCOMPARE(parts.size(), std::size_t{3});
        const auto expected = openCheckpoint(whole());
        QVERIFY_RESULT(expected);
        for (const fs::path& part : parts) {
            const auto checkpoint = openCheckpoint(part);
            QVERIFY_RESULT(checkpoint);
            QCOMPARE((*checkpoint)->tensors.size(), (*expected)->tensors.size());
            for (const TensorInfo& tensor : (*expected)->tensors) {
                const TensorInfo* found = (*checkpoint)->find(tensor.name);
                QVERIFY2(found && found->dtype == tensor.dtype && found->shape == tensor.shape, tensor.name.c_str());
                QVERIFY2(std::ranges::equal(found->bytes, tensor.bytes), tensor.name.c_str());
            }
            QVERIFY(*(*checkpoint)->config == *(*expected)->config);
            QVERIFY(std::ranges::find((*checkpoint)->notes, "all 3 parts are opened") != (*checkpoint)->notes.end());
            QVERIFY_RESULT(buildModelSpec(*checkpoint));
        }
    }

    void partsThatDoNotFit() {
        QCOMPARE(codeOf(split("short", {.parts = 2}).front()), ErrorCode::ShardMissing);
        QCOMPARE(codeOf(split("less", {.total = 500}).front()), ErrorCode::TensorMissing);
        QCOMPARE(codeOf(split("twice", {.repeats = true}).back()), ErrorCode::HeaderInvalid);
        const auto parts = split("renamed", {});
        fs::rename(parts[1], at("another.gguf"));
        QCOMPARE(codeOf(at("another.gguf")), ErrorCode::ShardMissing);
        QCOMPARE(codeOf(parts[0]), ErrorCode::ShardMissing);
        test::writeBytes(at("beyond.gguf"), test::GgufWriter().half("split.no", 3).half("split.count", 3).bytes());
        QCOMPARE(codeOf(at("beyond.gguf")), ErrorCode::HeaderInvalid);
    }

    void whatAFileLeavesUnsaidIsSaid() {
        const auto phi3 = [] { return test::GgufWriter().text("general.architecture", "phi3"); };
        QCOMPARE(notesOf(phi3()).size(), std::size_t{1});
        QVERIFY(notesOf(phi3()).front().find("windows") != std::string::npos);
        QVERIFY(notesOf(phi3().size("phi3.attention.sliding_window", 0)).empty());
        const auto llama = [](const char* name) { return test::GgufWriter().text("general.architecture", "llama").text("general.name", name); };
        QVERIFY(notesOf(llama("LLaMA v2")).empty());
        QVERIFY(!notesOf(llama("mistralai_Mistral-7B-v0.1")).empty());
        QVERIFY(!notesOf(test::GgufWriter().text("general.architecture", "qwen3moe").size("qwen3moe.expert_count", 4)).empty());
    }

    /// Windows of an architecture that has none here (OLMo 3 calls itself OLMo 2) are refused, not left out.
    void unknownWindowsAreRefused() {
        const auto config = [this](const test::GgufWriter& writer) {
            test::writeBytes(at("config.gguf"), writer.bytes());
            const auto checkpoint = openCheckpoint(at("config.gguf"));
            return checkpoint ? *(*checkpoint)->config : Json();
        };
        const Json olmo = config(test::GgufWriter().text("general.architecture", "olmo2").size("olmo2.attention.sliding_window", 4096));
        QVERIFY2(olmo["layer_types"] == Json::array({"sliding_attention"}), olmo.dump().c_str());
        const Json gemma = config(test::GgufWriter().text("general.architecture", "gemma3").size("gemma3.attention.sliding_window", 512)
                                      .flags("gemma3.attention.sliding_window_pattern", {true, false}));
        QVERIFY2(gemma["layer_types"] == Json::array({"sliding_attention", "full_attention"}) && gemma["sliding_window"] == 512, gemma.dump().c_str());
    }

    /// One name stands for three architectures.
    void llamasAreToldApart() {
        const auto typeOf = [this](const test::GgufWriter& writer) {
            test::writeBytes(at("type.gguf"), writer.bytes());
            const auto checkpoint = openCheckpoint(at("type.gguf"));
            return checkpoint ? (*checkpoint)->config->value("model_type", std::string()) : std::string();
        };
        const auto llama = [] { return test::GgufWriter().text("general.architecture", "llama"); };
        QCOMPARE(typeOf(llama()), "llama");
        QCOMPARE(typeOf(llama().size("llama.expert_count", 0)), "llama");
        QCOMPARE(typeOf(llama().size("llama.attention.sliding_window", 4096)), "mistral");
        QCOMPARE(typeOf(llama().size("llama.expert_count", 8)), "mixtral");
    }
};

QTEST_GUILESS_MAIN(TestGguf)
#include "tst_gguf.moc"
