// SPDX-License-Identifier: Apache-2.0
// Sweeps of the bundled demo model: the numbers of an ordinary analysis, in any number of pieces.
#include "core/session/memory_capture.h"
#include "core/session/sweep_run.h"
#include "core/session/sweep_variant.h"
#include "support/capture_fixture.h"
#include "support/verify_result.h"

#include <QTest>

#include <atomic>
#include <cmath>
#include <thread>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

namespace fs = std::filesystem;

const char* const kDemo = SINKSCOPE_SOURCE_DIR "/resources/demo";

std::shared_ptr<const SampleSet> samplesOf(std::vector<std::string> texts) {
    auto set = std::make_shared<SampleSet>();
    for (std::string& text : texts)
        set->samples.push_back({.text = std::move(text), .group = set->samples.size() % 2 == 0 ? "even" : "odd"});
    return set;
}

const std::vector<std::string> kTexts{"The heart pumps blood through the body.", "A prime number has exactly two divisors.", "Water is a compound.",
                                      "Light is fast.", "In a chemical reaction, bonds are broken and new ones are formed."};

bool same(const std::vector<float>& a, const std::vector<float>& b) {
    return std::ranges::equal(a, b, [](float x, float y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

} // namespace

class TestSweepRun : public QObject {
    Q_OBJECT
    ScratchFolder m_folder;

    fs::path at(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }
    SweepRequest requestFor(const char* name) const {
        SweepRequest request;
        request.models = {kDemo};
        request.variants = {"intact", "bos=no", "rope_scaling:kind=ntk,factor=8"};
        request.samples = samplesOf(kTexts);
        request.analysis.families = std::vector<std::string>{"concentration", "value_space"};
        request.options.threads = 2;
        request.output = at(name);
        return request;
    }
    static Result<SweepReport> sweep(const SweepRequest& request, std::stop_token stop = {}, JobContext::ProgressFunction progress = {}) {
        JobContext context(stop, std::move(progress));
        return runSweep(request, context);
    }
    /// Fails unless both hold the same numbers.
    static void compare(const SweepReader& a, const SweepReader& b) {
        for (int variant = 0; variant < static_cast<int>(a.header().variants.size()); ++variant) {
            QCOMPARE(*a.states(0, variant), *b.states(0, variant));
            QCOMPARE(*a.tokens(0, variant), *b.tokens(0, variant));
            QVERIFY(same(*a.modelValues(0, variant), *b.modelValues(0, variant)));
            QVERIFY(same(*a.frames(0, variant), *b.frames(0, variant)));
            QCOMPARE(*a.firstTokens(0, variant), *b.firstTokens(0, variant));
            for (int sample = 0; sample < a.header().samples(); ++sample)
                QVERIFY(same(*a.headValues(0, variant, sample), *b.headValues(0, variant, sample)));
        }
    }

private Q_SLOTS:
    void numbersAreThoseOfAnAnalysis_data() {
        QTest::addColumn<int>("variant");
        QTest::newRow("intact") << 0;
        QTest::newRow("without BOS") << 1;
    }
    void numbersAreThoseOfAnAnalysis() {
        QFETCH(const int, variant);
        const auto model = loadModel(kDemo);
        QVERIFY_RESULT(model);
        const SweepRequest request = requestFor("analysis.h5");
        QVERIFY_RESULT(sweep(request));
        const RunRequest run{.texts = kTexts, .bos = variant == 0 ? BosChoice::Auto : BosChoice::No, .keep = {.hidden = true}, .options = {.threads = 1},
                             .output = at("capture.h5")};
        const auto plan = planCapture(**model, run);
        JobContext context;
        const auto capture = runCapture(**model, run, *plan, context, {}, {});
        QVERIFY_RESULT(capture);
        const auto result = analyzeCapture(**capture, request.analysis, context);
        QVERIFY_RESULT(result);
        const auto reader = SweepReader::open(request.output);
        QVERIFY_RESULT(reader);
        const SweepHeader& header = (*reader)->header();
        QCOMPARE(header.cell(0, variant).bosPresent, variant == 0);
        const auto frames = (*reader)->frames(0, variant);
        QVERIFY_RESULT(frames);
        for (std::size_t sample = 0; sample < kTexts.size(); ++sample) {
            const FrameFeatures& wanted = (*result)->frames[sample].features.value();
            const float* got = &(*frames)[sample * kSweepFrameNumbers];
            QVERIFY(got[0] == static_cast<float>(wanted.excess) && got[1] == static_cast<float>(wanted.anchors));
            QVERIFY(got[2] == static_cast<float>(wanted.sinkShare) && got[3] == static_cast<float>(wanted.baseline));
            QVERIFY(got[4] == static_cast<float>(wanted.endsShare));
        }
        const SampleValues& values = *(*result)->values;
        QCOMPARE(header.metrics.size(), values.metrics().size());
        const auto model1 = *(*reader)->modelValues(0, variant);
        for (std::size_t metric = 0; metric < header.metrics.size(); ++metric) {
            QCOMPARE(header.metrics[metric].id, std::string(values.metrics()[metric]->id));
            const auto means = values.modelMeans(metric);
            for (std::size_t sample = 0; sample < kTexts.size(); ++sample) {
                const float got = model1[sample * header.metrics.size() + metric];
                QVERIFY2(std::isnan(means[sample]) ? std::isnan(got) : got == static_cast<float>(means[sample]), header.metrics[metric].id.c_str());
                const auto heads = *(*reader)->headValues(0, variant, static_cast<int>(sample));
                const float head = heads[(3 * 4 + 2) * header.metrics.size() + metric]; // layer 3, head 2
                const double wanted = values.row(metric, 3, 2)[sample];
                QVERIFY(std::isnan(wanted) ? std::isnan(head) : head == static_cast<float>(wanted));
            }
        }
    }

    void threadsDoNotMatter() {
        SweepRequest one = requestFor("one.h5"), three = requestFor("three.h5");
        one.options.threads = 1;
        three.options.threads = 3;
        QVERIFY_RESULT(sweep(one));
        QVERIFY_RESULT(sweep(three));
        compare(**SweepReader::open(one.output), **SweepReader::open(three.output));
    }

    void variantsChangeWhatTheyName() {
        const SweepRequest request = requestFor("variants.h5");
        QVERIFY_RESULT(sweep(request));
        const auto reader = *SweepReader::open(request.output);
        QVERIFY(!same(*reader->headValues(0, 0, 0), *reader->headValues(0, 1, 0)));
        QVERIFY(!same(*reader->headValues(0, 0, 0), *reader->headValues(0, 2, 0)));
        QCOMPARE((*reader->tokens(0, 0))[0], (*reader->tokens(0, 1))[0] + 1);
        QVERIFY(reader->header().cell(0, 2).positions.find("NTK") != std::string::npos);
    }

    void aCancelledSweepGoesOn() {
        SweepRequest request = requestFor("cancelled.h5");
        std::vector<std::string> texts; // several batches
        for (int i = 0; i < 200; ++i)
            texts.push_back(kTexts[static_cast<std::size_t>(i) % kTexts.size()] + " " + std::to_string(i));
        request.samples = samplesOf(texts);
        request.variants = {"intact", "bos=no"};
        request.analysis.families.emplace();
        std::stop_source stop;
        Result<SweepReport> cancelled = SweepReport{};
        std::atomic<bool> ended{false};
        std::jthread worker([&] {
            cancelled = sweep(request, stop.get_token());
            ended = true;
        });
        const auto isBegun = [&] {
            const auto reader = SweepReader::open(request.output);
            return reader && (*(*reader)->states(0, 0))[0] == UnitState::Done;
        };
        while (!ended && !isBegun())
            std::this_thread::yield();
        stop.request_stop();
        worker.join();
        QVERIFY_ERROR(cancelled, ErrorCode::Cancelled);
        const auto resumed = sweep(request);
        QVERIFY_RESULT(resumed);
        QVERIFY(resumed->before > 0 && resumed->done > 0);
        QCOMPARE(resumed->before + resumed->done, std::size_t{400});
        const auto again = sweep(request);
        QCOMPARE(again->done, std::size_t{0});
        SweepRequest whole = request;
        whole.output = at("whole.h5");
        QVERIFY_RESULT(sweep(whole));
        compare(**SweepReader::open(request.output), **SweepReader::open(whole.output));
        request.variants = {"intact"};
        QVERIFY_ERROR(sweep(request), ErrorCode::InvalidArgument);
    }

    void shardsMakeTheWhole() {
        std::vector<fs::path> shards;
        std::size_t units = 0;
        for (int shard = 1; shard <= 4; ++shard) {
            SweepRequest request = requestFor(("shard" + std::to_string(shard) + ".h5").c_str());
            request.shard = shard;
            request.shards = 4;
            const auto report = sweep(request);
            QVERIFY_RESULT(report);
            QVERIFY(report->units == 3 || report->units == 4); // 15 in four parts
            units += report->units;
            shards.push_back(request.output);
        }
        QCOMPARE(units, std::size_t{15});
        const auto merge = mergeSweeps(shards, at("all.h5"));
        QVERIFY_RESULT(merge);
        QVERIFY(merge->missing.empty());
        const SweepRequest whole = requestFor("unsharded.h5");
        QVERIFY_RESULT(sweep(whole));
        compare(**SweepReader::open(at("all.h5")), **SweepReader::open(whole.output));
    }

    void oneOddSampleDoesNotEndASweep() {
        SweepRequest request = requestFor("odd.h5");
        request.variants = {"intact"};
        std::string words;
        for (int i = 0; i < 300; ++i) // the model has 256 positions
            words += "word ";
        request.samples = samplesOf({"Water is a compound.", words, "Light is fast."});
        const auto report = sweep(request);
        QVERIFY_RESULT(report);
        QVERIFY(report->done == 2 && report->leftOut == 1);
        const auto reader = *SweepReader::open(request.output);
        QCOMPARE(*reader->states(0, 0), (std::vector<UnitState>{UnitState::Done, UnitState::LeftOut, UnitState::Done}));
        QCOMPARE(sweep(request)->done, std::size_t{0}); // and is not tried again
    }

    void refusals() {
        const auto refused = [&](const std::function<void(SweepRequest&)>& change) {
            SweepRequest request = requestFor("refused.h5");
            change(request);
            return sweep(request);
        };
        QVERIFY_ERROR(refused([](SweepRequest& r) { r.variants = {"upside_down"}; }), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(refused([](SweepRequest& r) { r.variants = {"mask_anchor"}; }), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(refused([](SweepRequest& r) { r.variants = {"rope_scaling:kind=cubic"}; }), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(refused([](SweepRequest& r) { r.variants = {"rope_scaling:colour=2"}; }), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(refused([](SweepRequest& r) { r.variants = {"intact", "intact"}; }), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(refused([](SweepRequest& r) { r.models = {}; }), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(refused([](SweepRequest& r) { r.models = {"/nowhere"}; }), ErrorCode::FileNotFound);
        QVERIFY_ERROR(refused([](SweepRequest& r) { r.shard = 5; r.shards = 4; }), ErrorCode::InvalidArgument);
        QVERIFY(!fs::exists(at("refused.h5")));
    }
};

QTEST_GUILESS_MAIN(TestSweepRun)
#include "tst_sweep_run.moc"
