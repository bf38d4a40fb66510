// SPDX-License-Identifier: Apache-2.0
#include "core/capture/half_float.h"
#include "support/capture_fixture.h"
#include "support/verify_result.h"

#include <QFile>

#include <cmath>
#include <limits>
#include <sys/resource.h>
#include <csignal>

using namespace sinkscope;
using namespace sinkscope::test;

class TestCaptureStore : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void headerComesBack();
    void numbersComeBack_data();
    void numbersComeBack();
    void attentionFromVectorsEqualsTheStreamedStatistics_data();
    void attentionFromVectorsEqualsTheStreamedStatistics();
    void wrongRulesAreRefused();
    void readableWhileItGrows();
    void oldFileStaysUntilTheNewOneExists();
    void halfPrecisionRoundsToNearest();
    void halfPrecisionRefusesWhatItCannotHold();
    void onlySomeLayers();
    void zeroBytesInTextKeepTheOffsets();
    void writingWhatIsNotKeptIsAnError();
    void noRoomOnTheDisk();
    void writeErrorsAreReported();
    void plannedBytesCoverTheFile();
    void looksLikeCapture();
    void longConfigFits();
};

void TestCaptureStore::headerComesBack() {
    const ScratchFolder folder;
    const CaptureHeader wanted = smallHeader();
    QVERIFY_RESULT(writeCapture(fileIn(folder), wanted));
    const auto store = CaptureStore::open(fileIn(folder));
    QVERIFY_RESULT(store);
    const CaptureHeader& got = (*store)->header();
    QCOMPARE(got.architecture, wanted.architecture);
    QCOMPARE(got.title, wanted.title);
    QCOMPARE(got.source, wanted.source);
    QCOMPARE(got.configJson, wanted.configJson);
    QCOMPARE(got.recipeJson, wanted.recipeJson);
    QCOMPARE(got.weightSha256, wanted.weightSha256);
    QCOMPARE(got.weightFingerprint, wanted.weightFingerprint);
    QCOMPARE(got.positions, wanted.positions);
    QCOMPARE(got.dtype, wanted.dtype);
    QCOMPARE(got.createdUtc, wanted.createdUtc);
    QCOMPARE(got.layers, 3);
    QCOMPARE(got.heads, 4);
    QCOMPARE(got.keyValueHeads, 2);
    QCOMPARE(got.headWidth, 5);
    QCOMPARE(got.width, 20);
    QCOMPARE(got.vocabulary, 50);
    QCOMPARE(got.rule.scale, 0.4);
    QVERIFY(got.rule.causal && got.bosPresent);
    QCOMPARE(got.capturedLayers, wanted.capturedLayers);
    QCOMPARE(got.samples.size(), wanted.samples.size());
    for (std::size_t i = 0; i < got.samples.size(); ++i) {
        const SampleTokens &a = *got.samples[i], &b = *wanted.samples[i];
        QCOMPARE(a.text, b.text);
        QCOMPARE(a.group, b.group);
        QCOMPARE(a.display, b.display);
        QCOMPARE(a.encoding.ids, b.encoding.ids);
        QCOMPARE(a.encoding.pieces, b.encoding.pieces);
        QVERIFY(a.encoding.offsets == b.encoding.offsets);
        QCOMPARE(a.encoding.special, b.encoding.special);
        QCOMPARE(a.encoding.segments, b.encoding.segments);
    }
    QVERIFY((*store)->isComplete());
}

void TestCaptureStore::numbersComeBack_data() {
    QTest::addColumn<bool>("vectors");
    QTest::addColumn<bool>("attention");
    QTest::addColumn<bool>("hidden");
    QTest::addColumn<bool>("half");
    QTest::newRow("vectors") << true << false << false << false;
    QTest::newRow("everything") << true << true << true << false;
    QTest::newRow("everything, float16") << true << true << true << true;
    QTest::newRow("statistics only") << false << false << false << false;
}

void TestCaptureStore::numbersComeBack() {
    QFETCH(bool, vectors);
    QFETCH(bool, attention);
    QFETCH(bool, hidden);
    QFETCH(bool, half);
    const ScratchFolder folder;
    const CaptureHeader header = smallHeader();
    const KeepOptions keep{.vectors = vectors, .attention = attention, .hidden = hidden, .logits = false, .halfPrecision = half};
    QVERIFY_RESULT(writeCapture(fileIn(folder), header, keep));
    const auto opened = CaptureStore::open(fileIn(folder));
    QVERIFY_RESULT(opened);
    CaptureStore& store = **opened;
    QCOMPARE(store.hasSpace(Space::Key), vectors);
    QCOMPARE(store.hasSpace(Space::Hidden), hidden);
    const auto near = [&](float a, float b) { return half ? std::abs(a - b) <= std::abs(b) * 0x1p-11F + 1e-7F : a == b; };
    for (int sample = 0; sample < 3; ++sample)
        for (int layer = 0; layer < 3; ++layer) {
            const LayerData data = layerData(header, sample, layer);
            const auto statistics = store.statistics(sample, layer);
            QVERIFY_RESULT(statistics);
            QVERIFY(sameStatistics(**statistics, *data.statistics));
            const auto compare = [&](Space space, int head, std::span<const float> wanted) {
                const auto got = store.vectors(sample, layer, space, head);
                QVERIFY_RESULT(got);
                QVERIFY(std::ranges::equal(got->values, wanted, near));
                QCOMPARE(got->width * got->tokens, static_cast<int>(wanted.size()));
            };
            const std::size_t perHead = data.key.size() / 2;
            for (int head = 0; vectors && head < 4; ++head)
                compare(Space::Query, head, std::span(data.query).subspan(perHead * static_cast<std::size_t>(head), perHead));
            for (int group = 0; vectors && group < 2; ++group) {
                compare(Space::Key, group, std::span(data.key).subspan(perHead * static_cast<std::size_t>(group), perHead));
                compare(Space::Value, group, std::span(data.value).subspan(perHead * static_cast<std::size_t>(group), perHead));
            }
            if (hidden)
                compare(Space::Hidden, 0, data.hidden);
            else
                QVERIFY_ERROR(store.vectors(sample, layer, Space::Hidden, 0), ErrorCode::InvalidArgument);
        }
    QVERIFY_ERROR(store.statistics(3, 0), ErrorCode::InvalidArgument);
    QVERIFY_ERROR(store.statistics(0, -1), ErrorCode::InvalidArgument);
    QVERIFY_ERROR(store.vectors(0, 0, Space::Key, 2), ErrorCode::InvalidArgument);
    QVERIFY_ERROR(store.vectors(0, 0, Space::Query, -1), ErrorCode::InvalidArgument);
}

void TestCaptureStore::attentionFromVectorsEqualsTheStreamedStatistics_data() {
    QTest::addColumn<QString>("kind");
    for (const char* kind : {"plain", "windows", "alibi", "rounded", "cap", "sinks", "both sides"})
        QTest::newRow(kind) << kind;
}

/// Also that the rule of every head comes back from the file.
void TestCaptureStore::attentionFromVectorsEqualsTheStreamedStatistics() {
    QFETCH(QString, kind);
    const ScratchFolder folder;
    CaptureHeader header = smallHeader();
    if (kind == QLatin1String("windows") || kind == QLatin1String("both sides"))
        header.headRules.windows = {0, 4, 3};
    header.rule.causal = kind != QLatin1String("both sides");
    if (kind == QLatin1String("alibi") || kind == QLatin1String("rounded"))
        header.headRules.alibiSlopes = {0.5, 0.25, 0.125, 0.3};
    header.rule.alibiInBFloat16 = kind == QLatin1String("rounded");
    header.rule.softCap = kind == QLatin1String("cap") ? 0.7 : 0;
    for (int head = 0; kind == QLatin1String("sinks") && head < 12; ++head)
        header.headRules.sinks.push_back(0.25F * static_cast<float>(head) - 1);
    QVERIFY_RESULT(writeCapture(fileIn(folder), header));
    const auto store = CaptureStore::open(fileIn(folder));
    QVERIFY_RESULT(store);
    QVERIFY((*store)->header().rule == header.rule);
    QVERIFY((*store)->header().headRules == header.headRules);
    for (int head = 0; head < 4; ++head) { // grouped queries: two heads share a key
        const auto attention = attentionOf(**store, 2, 1, head);
        QVERIFY_RESULT(attention);
        const auto statistics = *(*store)->statistics(2, 1);
        const int tokens = (*attention)->tokens;
        QCOMPARE(tokens, 12);
        QCOMPARE((*attention)->sink.size(), header.headRules.sinks.empty() ? std::size_t{0} : std::size_t{12});
        for (int query = 0; query < tokens; ++query) { // rows sum to one with the learned sink, whose weight the statistics hold
            const auto row = std::span((*attention)->weights).subspan(static_cast<std::size_t>(query * tokens), static_cast<std::size_t>(tokens));
            double sum = (*attention)->sink.empty() ? 0.0 : double{(*attention)->sink[static_cast<std::size_t>(query)]};
            double entropy = sum > 0 ? -sum * std::log(sum) : 0.0;
            if (sum > 0)
                QCOMPARE(statistics->sinkWeight[static_cast<std::size_t>(head * tokens + query)], static_cast<float>(sum));
            int seen = 0;
            for (const float weight : row) {
                sum += weight;
                entropy -= weight > 0 ? double{weight} * std::log(double{weight}) : 0.0;
                seen += weight > 0 ? 1 : 0;
            }
            QVERIFY(std::abs(sum - 1) < 1e-6);
            QVERIFY(std::abs(entropy - double{statistics->rowEntropy[static_cast<std::size_t>(head * tokens + query)]}) < 1e-5);
            QCOMPARE(seen, statistics->visibleKeys(query));
        }
        for (int key = 0; key < tokens; ++key) {
            double mass = 0;
            int seeing = 0;
            for (int query = 0; query < tokens; ++query)
                seeing += (*attention)->weights[static_cast<std::size_t>(query * tokens + key)] > 0 ? 1 : 0;
            QCOMPARE(seeing, statistics->eligible(key));
            for (int query = 0; query < tokens; ++query)
                mass += (*attention)->weights[static_cast<std::size_t>(query * tokens + key)];
            QVERIFY(std::abs(mass - statistics->columnMass[static_cast<std::size_t>(head * tokens + key)]) < 1e-5);
            QCOMPARE((*attention)->weights[static_cast<std::size_t>(key * tokens + key)],
                     statistics->selfWeight[static_cast<std::size_t>(head * tokens + key)]);
        }
    }
    QVERIFY_ERROR(attentionOf(**store, 0, 0, 4), ErrorCode::InvalidArgument);
}

void TestCaptureStore::wrongRulesAreRefused() {
    const ScratchFolder folder;
    CaptureHeader header = smallHeader();
    header.headRules.windows = {0, 4}; // one layer too few
    auto store = CaptureStore::create(fileIn(folder), header, {});
    QVERIFY_RESULT(store);
    QVERIFY_ERROR(CaptureStore::open(fileIn(folder)), ErrorCode::CaptureInvalid);
}

void TestCaptureStore::readableWhileItGrows() {
    const ScratchFolder folder;
    const CaptureHeader header = smallHeader();
    const KeepOptions keep;
    const auto created = CaptureStore::create(fileIn(folder), header, keep);
    QVERIFY_RESULT(created);
    CaptureStore& store = **created;
    QVERIFY(!store.hasLayer(0, 0));
    QVERIFY_ERROR(store.statistics(0, 0), ErrorCode::InvalidArgument);
    QVERIFY_RESULT(writeLayer(store, keep, 0, 0));
    QVERIFY(store.hasLayer(0, 0) && !store.hasLayer(1, 0) && !store.hasLayer(0, 1));
    QVERIFY(sameStatistics(**store.statistics(0, 0), *layerData(header, 0, 0).statistics));
    QVERIFY_RESULT(store.vectors(0, 0, Space::Query, 3));
    QVERIFY_ERROR(store.finishLayer(0), ErrorCode::Internal);
    const auto other = CaptureStore::open(fileIn(folder)); // as another process would see it now
    QVERIFY_RESULT(other);
    QVERIFY((*other)->hasLayer(0, 0) && !(*other)->hasLayer(0, 1) && !(*other)->isComplete());
    QVERIFY(sameStatistics(**(*other)->statistics(0, 0), *layerData(header, 0, 0).statistics));
    QVERIFY_ERROR((*other)->writeStatistics(*layerData(header, 0, 0).statistics), ErrorCode::InvalidArgument);
}

void TestCaptureStore::oldFileStaysUntilTheNewOneExists() {
    const ScratchFolder folder;
    const auto path = fileIn(folder);
    const auto old = writeCapture(path, smallHeader({4}));
    QVERIFY_RESULT(old);
    CaptureHeader broken = smallHeader({5});
    broken.capturedLayers.clear();
    QVERIFY_ERROR(CaptureStore::create(path, broken, {}), ErrorCode::InvalidArgument);
    QVERIFY_RESULT(CaptureStore::open(path));
    const auto replaced = CaptureStore::create(path, smallHeader({6}), {});
    QVERIFY_RESULT(replaced);
    QVERIFY_RESULT((*old)->vectors(0, 2, Space::Key, 0)); // whoever has the old one open keeps it
    const auto now = CaptureStore::open(path);
    QVERIFY_RESULT(now);
    QCOMPARE((*now)->header().samples[0]->encoding.ids.size(), std::size_t{6});
    QCOMPARE(std::distance(std::filesystem::directory_iterator(path.parent_path()), std::filesystem::directory_iterator()), 1);
}

void TestCaptureStore::halfPrecisionRoundsToNearest() {
    for (std::uint32_t half = 0; half < 0x10000; ++half) { // every half is exact, and neighbours round to the nearer one, ties to even
        const float value = floatFromHalf(static_cast<std::uint16_t>(half));
        if (std::isnan(value)) {
            QVERIFY(std::isnan(floatFromHalf(halfFromFloat(value))));
            continue;
        }
        QCOMPARE(halfFromFloat(value), static_cast<std::uint16_t>(half));
        if ((half & 0x7fff) >= 0x7bff)
            continue;
        const float next = floatFromHalf(static_cast<std::uint16_t>(half + 1));
        const float middle = value + (next - value) / 2;
        QCOMPARE(halfFromFloat(middle), static_cast<std::uint16_t>(half + (half & 1)));
        QCOMPARE(halfFromFloat(std::nextafter(middle, value)), static_cast<std::uint16_t>(half));
        QCOMPARE(halfFromFloat(std::nextafter(middle, next)), static_cast<std::uint16_t>(half + 1));
    }
    QCOMPARE(halfFromFloat(65519.99F), std::uint16_t{0x7bff});
    QCOMPARE(halfFromFloat(65520.0F), std::uint16_t{0x7c00});
    QCOMPARE(halfFromFloat(-1e30F), std::uint16_t{0xfc00});
}

void TestCaptureStore::halfPrecisionRefusesWhatItCannotHold() {
    const ScratchFolder folder;
    const auto store = CaptureStore::create(fileIn(folder), smallHeader({2}), {.hidden = true, .halfPrecision = true});
    QVERIFY_RESULT(store);
    std::vector<float> hidden(2 * 20, 1.0F);
    hidden[7] = 70000.0F;
    QVERIFY_ERROR((*store)->writeHidden(0, 0, hidden), ErrorCode::NotFinite);
    hidden[7] = 65504.0F;
    QVERIFY_RESULT((*store)->writeHidden(0, 0, hidden));
}

void TestCaptureStore::onlySomeLayers() {
    const ScratchFolder folder;
    CaptureHeader header = smallHeader({5}, 12);
    header.capturedLayers = {2, 10};
    const auto store = writeCapture(fileIn(folder), header);
    QVERIFY_RESULT(store);
    const auto opened = CaptureStore::open(fileIn(folder));
    QVERIFY_RESULT(opened);
    QVERIFY((*opened)->hasLayer(0, 2) && (*opened)->hasLayer(0, 10) && !(*opened)->hasLayer(0, 3));
    QVERIFY((*opened)->hasSpace(Space::Query));
    QVERIFY(sameStatistics(**(*opened)->statistics(0, 10), *layerData(header, 0, 10).statistics));
    QVERIFY_ERROR((*opened)->statistics(0, 3), ErrorCode::InvalidArgument);
    QVERIFY_ERROR((*store)->writeHidden(0, 3, {}), ErrorCode::InvalidArgument);
}

void TestCaptureStore::zeroBytesInTextKeepTheOffsets() {
    const ScratchFolder folder;
    CaptureHeader header = smallHeader({3});
    SampleTokens sample = *header.samples[0];
    sample.text = std::string("a\0b", 3);
    sample.encoding.pieces[1] = std::string("\0", 1);
    header.samples = {std::make_shared<const SampleTokens>(sample)};
    QVERIFY_RESULT(CaptureStore::create(fileIn(folder), header, {}));
    const auto opened = CaptureStore::open(fileIn(folder));
    QVERIFY_RESULT(opened);
    QCOMPARE(QString::fromStdString((*opened)->header().samples[0]->text), QStringLiteral("a\u2400b"));
    QCOMPARE(QString::fromStdString((*opened)->header().samples[0]->encoding.pieces[1]), QStringLiteral("\u2400"));
}

void TestCaptureStore::writingWhatIsNotKeptIsAnError() {
    const ScratchFolder folder;
    const auto store = CaptureStore::create(fileIn(folder), smallHeader({2}), {.vectors = false});
    QVERIFY_RESULT(store);
    const std::vector<float> numbers(2000, 0.0F);
    QVERIFY_ERROR((*store)->writeVectors(0, 0, numbers, numbers, numbers), ErrorCode::InvalidArgument);
    QVERIFY_ERROR((*store)->writeLogits(0, numbers), ErrorCode::InvalidArgument);
    QVERIFY_ERROR((*store)->writeAttentionRows(0, 0, 0, 0, 1, 1, 2, numbers.data()), ErrorCode::InvalidArgument);
    QVERIFY_ERROR((*store)->finish(), ErrorCode::Internal);
    QVERIFY_ERROR(attentionOf(**store, 0, 0, 0), ErrorCode::InvalidArgument);
}

void TestCaptureStore::noRoomOnTheDisk() {
    const ScratchFolder folder;
    CaptureHeader header = smallHeader({1000}, 1, 4, 4, 1);
    header.vocabulary = 1 << 30; // 4 TB of logits a sample
    for (int i = 0; i < 1000; ++i)
        header.samples.push_back(header.samples[0]);
    const auto store = CaptureStore::create(fileIn(folder), header, {.logits = true});
    QVERIFY_ERROR(store, ErrorCode::DiskFull);
    QVERIFY(!std::filesystem::exists(fileIn(folder)));
    QVERIFY_ERROR(CaptureStore::create("/nowhere/at/all.h5", smallHeader(), {}), ErrorCode::WriteFailed);
    QVERIFY_ERROR(CaptureStore::create(folder.path().toStdString(), smallHeader(), {}), ErrorCode::WriteFailed);
}

void TestCaptureStore::writeErrorsAreReported() {
    const ScratchFolder folder;
    // A limit on the size of files stands in for a full disk: the same path through the code.
    std::signal(SIGXFSZ, SIG_IGN);
    struct rlimit before {};
    getrlimit(RLIMIT_FSIZE, &before);
    struct rlimit small = before;
    small.rlim_cur = 64 * 1024;
    setrlimit(RLIMIT_FSIZE, &small);
    const auto store = CaptureStore::create(fileIn(folder), smallHeader({60}, 3, 4, 2, 64), {});
    setrlimit(RLIMIT_FSIZE, &before);
    QVERIFY_ERROR(store, ErrorCode::DiskFull);
    QVERIFY(std::filesystem::is_empty(folder.path().toStdString()));
}

void TestCaptureStore::plannedBytesCoverTheFile() {
    for (const KeepOptions& keep : {KeepOptions{}, KeepOptions{.vectors = false}, KeepOptions{.attention = true, .halfPrecision = true}})
        for (const auto& lengths : {std::vector<int>{1}, std::vector<int>{128}, std::vector<int>(40, 9)}) {
            const ScratchFolder folder;
            const CaptureHeader header = smallHeader(lengths, 12, 12, 12, 64);
            QVERIFY_RESULT(CaptureStore::create(fileIn(folder), header, keep));
            const auto size = std::filesystem::file_size(fileIn(folder));
            const auto planned = CaptureStore::plannedBytes(header, keep);
            QVERIFY2(planned >= size && planned <= size + size / 2 + 40'000,
                     qPrintable(QString::fromLatin1("planned %1, file %2").arg(planned).arg(size)));
        }
}

void TestCaptureStore::looksLikeCapture() {
    const ScratchFolder folder;
    QVERIFY_RESULT(CaptureStore::create(fileIn(folder), smallHeader(), {}));
    QVERIFY(CaptureStore::looksLikeCapture(fileIn(folder)));
    QFile text(QString::fromStdString(fileIn(folder, "text.h5").string()));
    QVERIFY(text.open(QIODevice::WriteOnly));
    text.write("\x89HDF\r\n\x1a\n and nothing else");
    text.close();
    QVERIFY(!CaptureStore::looksLikeCapture(fileIn(folder, "text.h5")));
    QVERIFY(!CaptureStore::looksLikeCapture(fileIn(folder, "missing.h5")));
    QVERIFY(!CaptureStore::looksLikeCapture(folder.path().toStdString()));
    QVERIFY(!CaptureStore::looksLikeCapture("/dev/null"));
}

void TestCaptureStore::longConfigFits() {
    const ScratchFolder folder;
    CaptureHeader header = smallHeader({2});
    header.configJson = "{\"id2label\":\"" + std::string(300'000, 'x') + "\"}"; // beyond what an attribute holds by itself
    QVERIFY_RESULT(CaptureStore::create(fileIn(folder), header, {}));
    const auto opened = CaptureStore::open(fileIn(folder));
    QVERIFY_RESULT(opened);
    QCOMPARE((*opened)->header().configJson, header.configJson);
}

QTEST_GUILESS_MAIN(TestCaptureStore)
#include "tst_capture_store.moc"
