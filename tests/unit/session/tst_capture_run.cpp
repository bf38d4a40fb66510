// SPDX-License-Identifier: Apache-2.0
// Planning and running with the bundled demo model, from text to a capture that is read back.
#include "core/session/capture_run.h"
#include "support/capture_fixture.h"
#include "support/verify_result.h"

#include <cmath>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

const char* const kDemo = SINKSCOPE_SOURCE_DIR "/resources/demo";

RunRequest requestFor(std::vector<std::string> texts, const std::filesystem::path& output) {
    return {.texts = std::move(texts), .bos = BosChoice::Auto, .keep = {}, .options = {.threads = 2}, .output = output};
}

Result<std::shared_ptr<CaptureStore>> runAll(const LoadedModel& model, const RunRequest& request, const LayerArrived& arrived = {},
                                             std::stop_token stop = {}) {
    SINKSCOPE_TRY(const RunPlan plan, planCapture(model, request));
    JobContext context(stop, {});
    return runCapture(model, request, plan, context, {}, arrived);
}

} // namespace

class TestCaptureRun : public QObject {
    Q_OBJECT
    std::shared_ptr<const LoadedModel> m_model;

private Q_SLOTS:
    void initTestCase() {
        const auto model = loadModel(kDemo);
        QVERIFY_RESULT(model);
        m_model = *model;
        QVERIFY(m_model->canRun());
    }
    void planSaysWhatTheRunWillTake();
    void planRefusesWhatCannotRun();
    void bosSwitch();
    void interventionsAreRecorded();
    void statisticsAreThoseOfTheVectors();
    void onlyTheLayersAskedFor();
    void cancelKeepsWhatWasFinished();
    void samplesDoNotInfluenceEachOther();
};

void TestCaptureRun::planSaysWhatTheRunWillTake() {
    const ScratchFolder folder;
    const auto request = requestFor({"The heart pumps blood.", "A number is prime."}, fileIn(folder));
    const auto plan = planCapture(*m_model, request);
    QVERIFY_RESULT(plan);
    const CaptureHeader& header = plan->header;
    QCOMPARE(header.architecture, std::string(m_model->spec->arch->id));
    QCOMPARE(header.title, std::string("demo"));
    QCOMPARE(header.samples.size(), std::size_t{2});
    QCOMPARE(header.samples[0]->text, std::string("The heart pumps blood."));
    QCOMPARE(header.samples[0]->display.size(), plan->inputs[0].ids.size());
    QCOMPARE(static_cast<int>(header.capturedLayers.size()), m_model->spec->layers);
    QCOMPARE(header.rule.scale, m_model->spec->attentionScale);
    QVERIFY(header.rule.causal && !header.configJson.empty() && header.createdUtc.ends_with("Z"));
    QVERIFY(header.weightFingerprint.starts_with("fnv1a64-sampled:"));
    QCOMPARE(plan->diskBytes, CaptureStore::plannedBytes(header, request.keep));
    QVERIFY(plan->memory.total() > 0);
}

void TestCaptureRun::planRefusesWhatCannotRun() {
    const ScratchFolder folder;
    const auto plan = [&](std::vector<std::string> texts, const std::function<void(RunRequest&)>& change = {}) {
        RunRequest request = requestFor(std::move(texts), fileIn(folder));
        if (change)
            change(request);
        return planCapture(*m_model, request);
    };
    QVERIFY_ERROR(plan({}), ErrorCode::EmptyText);
    QVERIFY_ERROR(plan({""}, [](RunRequest& r) { r.bos = BosChoice::No; }), ErrorCode::EmptyText);
    QVERIFY_ERROR(plan({"fine", "broken \xff"}), ErrorCode::InvalidUtf8);
    std::string endless;
    for (int i = 0; i < m_model->spec->positions + 1; ++i)
        endless += "word ";
    const auto tooLong = plan({"fine", endless});
    QVERIFY_ERROR(tooLong, ErrorCode::TextTooLong);
    QVERIFY2(tooLong.error().detail.starts_with("sample 1: "), tooLong.error().detail.c_str());
    QVERIFY_ERROR(plan({"fine"}, [](RunRequest& r) { r.options.maxMemory = 1000; }), ErrorCode::MemoryExceeded);
    QVERIFY_ERROR(plan({"fine"}, [](RunRequest& r) { r.options.layers = {0, 99}; }), ErrorCode::InvalidArgument);
    QVERIFY_ERROR(plan({"fine"}, [](RunRequest& r) { r.options.layers = {-1}; }), ErrorCode::InvalidArgument);
    LoadedModel broken = *m_model;
    broken.spec = nullptr;
    broken.problems = {{ErrorCode::UnknownArchitecture, "model_type is \"rnn\"", {}}};
    QVERIFY_ERROR(planCapture(broken, requestFor({"fine"}, fileIn(folder))), ErrorCode::UnknownArchitecture);
}

void TestCaptureRun::bosSwitch() {
    const ScratchFolder folder;
    RunRequest request = requestFor({"A number is prime."}, fileIn(folder));
    request.bos = BosChoice::Yes;
    const auto with = planCapture(*m_model, request);
    QVERIFY_RESULT(with);
    request.bos = BosChoice::No;
    const auto without = planCapture(*m_model, request);
    QVERIFY_RESULT(without);
    QVERIFY(with->header.bosPresent && !without->header.bosPresent);
    QCOMPARE(with->inputs[0].ids.size(), without->inputs[0].ids.size() + 1);
    QCOMPARE(with->inputs[0].ids[0], *m_model->tokenizer->bosId());
}

void TestCaptureRun::interventionsAreRecorded() {
    const ScratchFolder folder;
    RunRequest request = requestFor({"A number is prime."}, fileIn(folder));
    Intervention intervention{.positionShift = 7, .rope = m_model->spec->rope, .edits = {}};
    intervention.rope->theta = 500;
    intervention.edits.push_back({.kind = AttentionEdit::Kind::Mask, .sample = 0, .tokens = {0}, .heads = {{2, -1}}});
    request.options.intervention = std::make_shared<const Intervention>(intervention);
    QVERIFY_ERROR(planCapture(*m_model, request), ErrorCode::InvalidArgument); // attention is recomputed from the vectors
    request.keep = {.vectors = false, .attention = true};
    const auto store = runAll(*m_model, request);
    QVERIFY_RESULT(store);
    QVERIFY((*store)->header().recipeJson.find(R"("edits":[{"heads":[[2,-1]],"kind":"mask","sample":0,"tokens":[0]}])") != std::string::npos);
    QVERIFY((*store)->header().recipeJson.find(R"("position_shift":7)") != std::string::npos);
    QCOMPARE((*store)->header().positions, std::string("RoPE, theta 500, positions + 7"));
    const auto hidden = *(*store)->statistics(0, 2), intact = *(*store)->statistics(0, 1);
    QVERIFY(hidden->columnMass[0] == 1.0F && intact->columnMass[0] > 1.0F); // the first query alone sees the first token
    request.keep = {};
    intervention.edits.front().kind = AttentionEdit::Kind::ZeroValue;
    request.options.intervention = std::make_shared<const Intervention>(intervention);
    QVERIFY_RESULT(planCapture(*m_model, request));
    intervention.edits.front().tokens = {99};
    request.options.intervention = std::make_shared<const Intervention>(intervention);
    QVERIFY_ERROR(planCapture(*m_model, request), ErrorCode::InvalidArgument);
}

void TestCaptureRun::statisticsAreThoseOfTheVectors() {
    const ScratchFolder folder;
    RunRequest request = requestFor({"The heart pumps blood through the body.", "x"}, fileIn(folder));
    request.keep = {.attention = true, .hidden = true, .logits = true};
    int arrivals = 0;
    const auto store = runAll(*m_model, request, [&](const auto&) { ++arrivals; });
    QVERIFY_RESULT(store);
    QVERIFY((*store)->isComplete());
    QCOMPARE(arrivals, 2 * m_model->spec->layers);
    const auto opened = CaptureStore::open(fileIn(folder)); // without the model
    QVERIFY_RESULT(opened);
    for (int sample = 0; sample < 2; ++sample)
        for (int layer = 0; layer < m_model->spec->layers; ++layer) {
            const auto statistics = (*opened)->statistics(sample, layer);
            QVERIFY_RESULT(statistics);
            const auto tokens = static_cast<std::size_t>((*statistics)->tokens);
            for (int head = 0; head < m_model->spec->heads; ++head) {
                const auto attention = attentionOf(**opened, sample, layer, head);
                QVERIFY_RESULT(attention);
                const auto mass = (*statistics)->ofHead((*statistics)->columnMass, head);
                for (std::size_t key = 0; key < tokens; ++key) {
                    double sum = 0;
                    for (std::size_t query = 0; query < tokens; ++query)
                        sum += (*attention)->weights[query * tokens + key];
                    QVERIFY(std::abs(sum - mass[key]) < 1e-4);
                }
            }
            const auto hidden = (*opened)->vectors(sample, layer, Space::Hidden, 0);
            QVERIFY_RESULT(hidden);
            double square = 0;
            for (int i = 0; i < hidden->width; ++i)
                square += std::pow(hidden->values[static_cast<std::size_t>(i)], 2);
            QVERIFY(std::abs(std::sqrt(square) - (*statistics)->hiddenNorm[0]) < 1e-4 * std::sqrt(square));
        }
}

void TestCaptureRun::onlyTheLayersAskedFor() {
    const ScratchFolder folder;
    const auto all = runAll(*m_model, requestFor({"A number is prime."}, fileIn(folder, "all.h5")));
    QVERIFY_RESULT(all);
    RunRequest request = requestFor({"A number is prime."}, fileIn(folder));
    request.options.layers = {3, -1, 1, 3};
    const auto some = runAll(*m_model, request);
    QVERIFY_RESULT(some);
    QCOMPARE((*some)->header().capturedLayers, (std::vector<int>{1, 3}));
    QVERIFY((*some)->hasLayer(0, 3) && !(*some)->hasLayer(0, 2));
    QVERIFY(sameStatistics(**(*some)->statistics(0, 3), **(*all)->statistics(0, 3)));
}

void TestCaptureRun::cancelKeepsWhatWasFinished() {
    const ScratchFolder folder;
    const std::vector<std::string> texts(6, "The heart pumps blood through the body.");
    const auto all = runAll(*m_model, requestFor(texts, fileIn(folder, "all.h5")));
    QVERIFY_RESULT(all);
    std::stop_source stop;
    int arrivals = 0;
    const auto cancelled = runAll(
        *m_model, requestFor(texts, fileIn(folder)), [&](const auto&) { if (++arrivals == 8) stop.request_stop(); }, stop.get_token());
    QVERIFY_ERROR(cancelled, ErrorCode::Cancelled);
    const auto opened = CaptureStore::open(fileIn(folder));
    QVERIFY_RESULT(opened);
    QVERIFY(!(*opened)->isComplete());
    int done = 0;
    for (int layer = 0; layer < m_model->spec->layers; ++layer)
        for (int sample = 0; sample < 6; ++sample)
            if ((*opened)->hasLayer(sample, layer)) {
                ++done;
                QVERIFY(sameStatistics(**(*opened)->statistics(sample, layer), **(*all)->statistics(sample, layer)));
            }
    QCOMPARE(done, arrivals);
    QVERIFY(done >= 8 && done < 6 * m_model->spec->layers);
    const auto early = runAll(*m_model, requestFor(texts, fileIn(folder, "early.h5")), {}, stop.get_token());
    QVERIFY_ERROR(early, ErrorCode::Cancelled);
    QVERIFY(!std::filesystem::exists(fileIn(folder, "early.h5"))); // stopped before it began
}

void TestCaptureRun::samplesDoNotInfluenceEachOther() {
    const ScratchFolder folder;
    const std::string text = "A number is prime.";
    const auto alone = runAll(*m_model, requestFor({text}, fileIn(folder, "alone.h5")));
    QVERIFY_RESULT(alone);
    const auto among = runAll(*m_model, requestFor({"x", text, "The heart pumps blood through the body."}, fileIn(folder)));
    QVERIFY_RESULT(among);
    const int last = m_model->spec->layers - 1;
    const auto a = *(*alone)->statistics(0, last), b = *(*among)->statistics(1, last);
    for (std::size_t i = 0; i < a->columnMass.size(); ++i)
        QVERIFY(std::abs(a->columnMass[i] - b->columnMass[i]) < 1e-3F);
}

QTEST_GUILESS_MAIN(TestCaptureRun)
#include "tst_capture_run.moc"
