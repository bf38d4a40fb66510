// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/checkpoint.h"
#include "core/checkpoint/hub_cache.h"
#include "support/safetensors_writer.h"
#include "support/verify_result.h"

#include <QTemporaryDir>

#include <memory>

using namespace sinkscope;
using namespace sinkscope::test;
namespace fs = std::filesystem;

class TestHubCache : public QObject {
    Q_OBJECT
    std::unique_ptr<QTemporaryDir> m_directory;

    [[nodiscard]] fs::path at(const std::string& name = {}) const { return fs::path(m_directory->path().toStdString()) / name; }
    /// A file as the hub's library keeps it: the content in blobs, a link to it in the snapshot.
    void keep(const std::string& repository, const std::string& revision, const std::string& name, const std::string& content) const {
        const std::string blob = std::to_string(std::hash<std::string>{}(revision + name));
        writeBytes(at(repository) / "blobs" / blob, content);
        fs::create_directories(at(repository) / "snapshots" / revision);
        fs::create_symlink(fs::path("../../blobs") / blob, at(repository) / "snapshots" / revision / name);
    }
    [[nodiscard]] std::vector<CachedModel> models() const {
        JobContext context;
        auto list = listHubCache(at(), context);
        return list ? *list : std::vector<CachedModel>{};
    }

private Q_SLOTS:
    void init() { m_directory = std::make_unique<QTemporaryDir>(); }
    void cleanup() {
        for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"})
            qunsetenv(name);
    }

    void listsModels() {
        const std::string weights = SafetensorsWriter().addFloats("a", {2}, {1, 2}).bytes();
        keep("models--owner--some--model", "0a1", "model.safetensors", weights);
        keep("models--owner--some--model", "0a1", "config.json", R"({"model_type":"gpt2"})");
        keep("models--gpt2", "0b2", "config.json", "{");
        keep("models--gpt2", "0b2", "model.safetensors.index.json", R"({"weight_map":{"a":"1.safetensors","b":"2.safetensors"}})");
        keep("models--gpt2", "0b2", "1.safetensors", weights);
        fs::create_directories(at("models--empty"));
        fs::create_directories(at("datasets--owner--data"));
        const auto list = models();
        QCOMPARE(list.size(), std::size_t(3));
        QCOMPARE(list[0].id, std::string("empty"));
        QVERIFY(!list[0].canOpen() && list[0].revision.empty());
        QCOMPARE(list[1].id, std::string("gpt2"));
        QCOMPARE(list[1].missing, std::size_t(1));
        QCOMPARE(list[1].bytes, std::uint64_t(weights.size()));
        QVERIFY(!list[1].canOpen() && list[1].architecture.empty());
        QCOMPARE(list[2].id, std::string("owner/some--model"));
        QCOMPARE(list[2].revision, std::string("0a1"));
        QCOMPARE(list[2].weights, std::string("model.safetensors"));
        QCOMPARE(list[2].architecture, std::string("gpt2"));
        QVERIFY(list[2].canOpen());
        const auto opened = openCheckpoint(list[2].repository);
        QVERIFY_RESULT(opened);
        QCOMPARE((*opened)->tensors.size(), std::size_t(1));
    }

    void followsTheMainRevision() {
        keep("models--x", "0a1", "model.safetensors", SafetensorsWriter().addFloats("a", {1}, {1}).bytes());
        keep("models--x", "0b2", "model.safetensors", SafetensorsWriter().addFloats("a", {2}, {1, 2}).bytes());
        QVERIFY(models()[0].revision.empty()); // which one?
        writeBytes(at("models--x/refs/main"), "0b2\n");
        QCOMPARE(models()[0].revision, std::string("0b2"));
        writeBytes(at("models--x/refs/main"), "../../other");
        QVERIFY(models()[0].revision.empty());
    }

    void leavesLinksOutOfTheCacheAlone() {
        writeBytes(at("outside/config.json"), R"({"model_type":"secret"})");
        SafetensorsWriter().addFloats("a", {1}, {1}).write(at("outside/model.safetensors"));
        fs::create_directories(at("models--x/snapshots"));
        fs::create_directory_symlink(at("outside"), at("models--x/snapshots/0a1"));
        QVERIFY(models()[0].revision.empty());
        fs::create_directories(at("models--y/snapshots/0a1"));
        fs::create_symlink(at("outside/config.json"), at("models--y/snapshots/0a1/config.json"));
        QVERIFY(models()[1].architecture.empty());
    }

    void opensByTheNameOnTheHub() {
        keep("models--owner--model", "0a1", "model.safetensors", SafetensorsWriter().addFloats("a", {1}, {1}).bytes());
        QVERIFY_ERROR(openCheckpoint("owner/model"), ErrorCode::FileNotFound);
        qputenv("HF_HUB_CACHE", QByteArray::fromStdString(at().string()));
        const auto opened = openCheckpoint("owner/model");
        QVERIFY_RESULT(opened);
        QCOMPARE((*opened)->folder, at("models--owner--model/snapshots/0a1"));
        for (const char* name : {"owner", "owner/model/x", "../model", "/owner/model", "owner/.."})
            QVERIFY(cachedRepository(name).empty());
    }

    void knowsWhereTheCacheIs() {
        qputenv("XDG_CACHE_HOME", "/x");
        QCOMPARE(hubCacheFolder(), fs::path("/x/huggingface/hub"));
        qputenv("HF_HOME", "/h");
        QCOMPARE(hubCacheFolder(), fs::path("/h/hub"));
        qputenv("HUGGINGFACE_HUB_CACHE", "/o");
        QCOMPARE(hubCacheFolder(), fs::path("/o"));
        qputenv("HF_HUB_CACHE", "~/c");
        QCOMPARE(hubCacheFolder(), fs::path(qgetenv("HOME").toStdString()) / "c");
    }

    void aCacheThatIsNotThereHoldsNothing() {
        JobContext context;
        const auto list = listHubCache(at("absent"), context);
        QVERIFY_RESULT(list);
        QVERIFY(list->empty());
        writeBytes(at("file"), "");
        QVERIFY_ERROR(listHubCache(at("file"), context), ErrorCode::FileUnreadable);
    }
};

QTEST_GUILESS_MAIN(TestHubCache)
#include "tst_hub_cache.moc"
