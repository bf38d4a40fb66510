// SPDX-License-Identifier: Apache-2.0
// Probes: draws, effects and sentences on made-up numbers; whole runs on the demo model and on tiny ones.
#include "core/session/probe_draw.h"
#include "core/session/probe_effects.h"
#include "support/tiny_model.h"
#include "support/verify_result.h"

#include <cmath>
#include <fstream>
#include <set>

using namespace sinkscope;
using Kind = AttentionEdit::Kind;

namespace {

const char* const kSources = SINKSCOPE_SOURCE_DIR;

/// A token per character, between two special ones when it is for an encoder.
class LetterTokenizer : public Tokenizer {
public:
    explicit LetterTokenizer(bool encoder) : m_encoder(encoder) {}
    [[nodiscard]] Result<Encoding> encode(std::string_view text, bool addSpecial = true) const override {
        Encoding encoding;
        const auto add = [&](std::int32_t id, bool special) {
            encoding.ids.push_back(id);
            encoding.pieces.push_back(*pieceOf(id));
            encoding.offsets.emplace_back(0, 0);
            encoding.special.push_back(special ? 1 : 0);
            encoding.segments.push_back(0);
        };
        if (addSpecial)
            add(0, true);
        for (const char letter : text)
            add(2 + letter % 13, false);
        if (addSpecial && m_encoder)
            add(1, true);
        return encoding;
    }
    [[nodiscard]] std::size_t vocabularySize() const override { return 16; }
    [[nodiscard]] std::string_view kind() const override { return "letters"; }
    [[nodiscard]] std::optional<std::string> pieceOf(std::int32_t id) const override { return "t" + std::to_string(id); }
    [[nodiscard]] std::optional<std::int32_t> idOf(std::string_view) const override { return std::nullopt; }
    [[nodiscard]] std::optional<std::int32_t> bosId() const override { return 0; }
    [[nodiscard]] std::string displayText(std::int32_t id) const override { return *pieceOf(id); }

private:
    bool m_encoder;
};

std::vector<std::string> demoTexts(std::size_t count = 10) {
    std::ifstream file(std::string(kSources) + "/resources/demo/sentences.txt");
    std::vector<std::string> texts;
    for (std::string line; texts.size() < count && std::getline(file, line);)
        texts.push_back(line);
    return texts;
}

const QuantityEffect* effectOn(const ProbeOutcome& outcome, ProbeQuantity quantity) {
    const auto found = std::ranges::find(outcome.effects, quantity, &QuantityEffect::quantity);
    return found == outcome.effects.end() ? nullptr : &*found;
}

/// Outcomes whose loss changes by the given numbers.
std::vector<SampleOutcome> losses(const std::vector<double>& changes) {
    std::vector<SampleOutcome> outcomes(changes.size());
    for (std::size_t i = 0; i < changes.size(); ++i) {
        outcomes[i].before[0] = 3;
        outcomes[i].after[0] = 3 + changes[i];
    }
    return outcomes;
}

bool same(const Estimate& a, const Estimate& b, double tolerance = 0) {
    return a.samples == b.samples && std::abs(a.value - b.value) <= tolerance && std::abs(a.low - b.low) <= tolerance &&
           std::abs(a.high - b.high) <= tolerance;
}

bool same(const ProbeResult& a, const ProbeResult& b, double tolerance = 0) {
    if (a.outcomes.size() != b.outcomes.size())
        return false;
    for (std::size_t i = 0; i < a.outcomes.size(); ++i) {
        const auto &x = a.outcomes[i].effects, &y = b.outcomes[i].effects;
        if (x.size() != y.size() || a.outcomes[i].after.kind != b.outcomes[i].after.kind)
            return false;
        for (std::size_t e = 0; e < x.size(); ++e) {
            if (!same(x[e].before, y[e].before, tolerance) || !same(x[e].after, y[e].after, tolerance) ||
                !same(x[e].change, y[e].change, tolerance) || x[e].controls.size() != y[e].controls.size())
                return false;
            for (std::size_t c = 0; c < x[e].controls.size(); ++c)
                if (!same(x[e].controls[c].change, y[e].controls[c].change, tolerance) ||
                    !same(x[e].controls[c].excess, y[e].controls[c].excess, tolerance))
                    return false;
        }
    }
    return true;
}

} // namespace

class TestProbe : public QObject {
    Q_OBJECT
    std::shared_ptr<const LoadedModel> m_demo;

    static Result<std::shared_ptr<const ProbeResult>> probe(const LoadedModel& model, const ProbeRequest& request) {
        JobContext context;
        return runProbes(model, request, context);
    }
    static ProbeRequest requestFor(std::vector<std::string> ids, std::size_t texts = 10) {
        ProbeRequest request;
        request.texts = demoTexts(texts);
        request.probes = std::move(ids);
        request.options.threads = 2;
        return request;
    }

private Q_SLOTS:
    void initTestCase() {
        const auto model = loadModel(std::string(kSources) + "/resources/demo");
        QVERIFY_RESULT(model);
        m_demo = *model;
    }

    void everyProbeIsOneKindOfChange() {
        std::set<std::string_view> ids;
        for (const ProbeSpec* spec : probes()) {
            QVERIFY(ids.insert(spec->id).second && findProbe(spec->id) == spec);
            QCOMPARE((spec->changeRun ? 1 : 0) + (spec->changeTokens ? 1 : 0) + (spec->changeEmbedding ? 1 : 0) + (spec->edit ? 1 : 0), 1);
            QVERIFY(!spec->title.empty() && !spec->explanation.empty() && !spec->source.empty());
        }
        QVERIFY(!findProbe("magic"));
    }

    void anchorsAreSinksOfEnoughHeads() {
        const std::vector<SinkPlace> sinks{{0, 0, 5}, {0, 1, 0}, {1, 0, 0}, {1, 1, 0}, {2, 1, 0}};
        const auto anchors = anchorsOf(sinks, 4, 5, {}); // a tenth of 20 heads
        QCOMPARE(anchors.size(), std::size_t{1});
        QCOMPARE(anchors[0].token, 0);
        QVERIFY(anchors[0].heads == (std::vector<HeadPlace>{{0, 1}, {1, 0}, {1, 1}, {2, 1}}));
        QVERIFY(anchorsOf({}, 4, 5, {}).empty());
    }
    void controlsDrawOthers() {
        const std::vector<AnchorPlaces> anchors{{0, {{0, 1}, {1, 0}}}, {3, {{0, 0}}}};
        std::set<int> positions;
        std::set<std::pair<int, int>> heads;
        for (int draw = 0; draw < 200; ++draw) {
            const auto moved = atRandomPositions(anchors, Kind::Mask, AnchorHeads::Sinks, 6, {7, 2, draw});
            QCOMPARE(moved.size(), std::size_t{2});
            QVERIFY(moved[0].tokens != moved[1].tokens && moved[0].heads == anchors[0].heads && moved[1].heads == anchors[1].heads);
            for (const auto& edit : moved)
                positions.insert(edit.tokens.at(0));
            const auto [elsewhere, here] = inRandomHeads(anchors, Kind::Mask, 2, 2, {7, 2, draw});
            QVERIFY(here.empty());
            QCOMPARE(elsewhere.size(), std::size_t{2});
            QVERIFY(elsewhere[0].tokens == std::vector<int>{0} && elsewhere[0].heads.size() == 2 && elsewhere[1].heads.size() == 1);
            for (const HeadPlace& place : elsewhere[1].heads)
                heads.insert({place.layer, place.head});
        }
        QVERIFY(positions == (std::set<int>{1, 2, 4, 5}));                              // every other one, and no anchor
        QVERIFY(heads == (std::set<std::pair<int, int>>{{0, 1}, {1, 0}, {1, 1}}));
        const auto drawn = [&](const DrawSeed& seed) { return atRandomPositions(anchors, Kind::Mask, AnchorHeads::Sinks, 4000, seed)[0].tokens; };
        QCOMPARE(drawn({7, 2, 1}), drawn({7, 2, 1}));
        QVERIFY(drawn({7, 2, 1}) != drawn({7, 2, 2}) && drawn({7, 2, 1}) != drawn({7, 3, 1}) && drawn({7, 2, 1}) != drawn({8, 2, 1}));
        const std::vector<AnchorPlaces> crowded{{0, {{0, 0}}}, {2, {{0, 0}}}};
        QVERIFY(atRandomPositions(crowded, Kind::Mask, AnchorHeads::Sinks, 3, {}).empty()); // one other token for two anchors
        QCOMPARE(atRandomPositions(crowded, Kind::Mask, AnchorHeads::Sinks, 4, {}).size(), std::size_t{2});
        // A sink in three of four heads has one other: that is compared with each of the three in turn.
        std::set<std::pair<int, int>> own;
        for (int draw = 0; draw < 50; ++draw) {
            const auto [elsewhere, here] = inRandomHeads({{{0, {{0, 0}, {0, 1}, {1, 0}}}}}, Kind::Mask, 2, 2, {7, 2, draw});
            QVERIFY(elsewhere.size() == 1 && here.size() == 1 && elsewhere[0].heads == (std::vector<HeadPlace>{{1, 1}}) && here[0].heads.size() == 1);
            own.insert({here[0].heads[0].layer, here[0].heads[0].head});
        }
        QVERIFY(own == (std::set<std::pair<int, int>>{{0, 0}, {0, 1}, {1, 0}}));
        const auto nowhere = inRandomHeads({{{0, {{0, 0}}}}}, Kind::Mask, 1, 1, {});
        QVERIFY(nowhere.elsewhere.empty() && nowhere.here.empty());
        QVERIFY(editsOf(anchors, Kind::ZeroValue, AnchorHeads::All)[0].heads.empty());
    }

    void comparesDistributions() {
        const std::vector<float> intact{0, 0, std::log(3.0f), 0, 5, 5}, changed{std::log(3.0f), 0, 2, std::log(2.0f) + 2, 0, 0};
        ThreadTeam team(1);
        KeptOutput kept;
        kept.keep({0, 3, 2, intact}, team, JobContext()); // (1/2 1/2), (3/4 1/4), (1/2 1/2)
        SampleOutcome outcome;
        const std::vector<std::int32_t> ids{1, 0, 1};
        QVERIFY_RESULT(kept.compare(0, {0, 3, 2, changed}, ids, 0, true, team, JobContext(), outcome)); // (3/4 1/4), (1/3 2/3), same
        const auto value = [&](ProbeQuantity quantity) { return outcome.after[static_cast<std::size_t>(quantity)]; };
        const double kl = (0.5 * std::log(0.5 / 0.75) + 0.5 * std::log(0.5 / 0.25) + 0.75 * std::log(0.75 * 3) + 0.25 * std::log(0.25 * 1.5)) / 3;
        QVERIFY(std::abs(value(ProbeQuantity::Kl) - kl) < 1e-6);
        QVERIFY(std::abs(value(ProbeQuantity::Top1) - 2.0 / 3) < 1e-12);
        QVERIFY(std::abs(outcome.before[0] - (std::log(2.0) + std::log(4.0)) / 2) < 1e-6);
        QVERIFY(std::abs(outcome.after[0] - (std::log(4.0 / 3) + std::log(1.5)) / 2) < 1e-6);
        SampleOutcome shorter; // without the first token: rows 1 and 2 are compared
        QVERIFY_RESULT(kept.compare(0, {0, 2, 2, std::span(intact).subspan(2)}, std::span(ids).subspan(1), 1, true, team, JobContext(), shorter));
        QVERIFY(std::abs(shorter.after[1]) < 1e-6 && shorter.after[2] == 1 && std::abs(shorter.after[0] - std::log(4.0)) < 1e-6);
        SampleOutcome single; // nothing to predict
        QVERIFY_RESULT(kept.compare(0, {0, 1, 2, std::span(intact).subspan(4)}, std::span(ids).subspan(2), 2, true, team, JobContext(), single));
        QVERIFY(std::isnan(single.after[0]) && single.after[2] == 1);
    }

    void causesNeedControls_data() {
        using Row = std::vector<double>;
        QTest::addColumn<Row>("effect");
        QTest::addColumn<Row>("control");
        QTest::addColumn<bool>("causal");
        const Row strong{1.0, 1.2, 0.9, 1.1, 1.3, 1.0};
        QTest::newRow("strong against nothing") << strong << Row{0.1, -0.1, 0.0, 0.05, 0.1, -0.05} << true;
        QTest::newRow("no weaker control") << strong << Row{0.9, 1.3, 1.0, 1.1, 1.2, 1.0} << false;
        QTest::newRow("stronger control") << strong << Row{2.0, 2.1, 2.2, 2.0, 1.9, 2.0} << false;
        QTest::newRow("control the other way") << Row{0.2, 0.25, 0.2, 0.3, 0.2, 0.2} << Row{-2, -2.1, -2, -1.9, -2, -2} << true;
        QTest::newRow("effect holds zero") << Row{1, -1, 1, -1, 0.5, -0.5} << Row{0, 0, 0, 0, 0, 0} << false;
        QTest::newRow("too few samples") << Row{1.0, 1.2, 0.9, 1.1} << Row{0, 0, 0, 0} << false;
        QTest::newRow("no control") << strong << Row{} << false;
        QTest::newRow("rounding") << Row{1e-7, 2e-7, 1e-7, 3e-7, 1e-7, 2e-7} << Row{0, 0, 0, 0, 0, 0} << false;
    }
    void causesNeedControls() {
        QFETCH(std::vector<double>, effect);
        QFETCH(std::vector<double>, control);
        QFETCH(bool, causal);
        ProbeMeasurements measured{losses(effect), {}};
        if (!control.empty())
            measured.controls.push_back({"random_position", {losses(control), losses(control)}});
        const auto effects = effectsOf(measured, "the anchors hidden", true);
        QCOMPARE(effects.size(), std::size_t{1}); // quantities without a value are left out
        QVERIFY2(effects[0].causal == causal, effects[0].sentence.c_str());
        QVERIFY2((effects[0].sentence.find("because") != std::string::npos) == causal, effects[0].sentence.c_str());
        double mean = 0;
        for (const double change : effect)
            mean += change / static_cast<double>(effect.size());
        QVERIFY(std::abs(effects[0].change.value - mean) < 1e-12);
        QCOMPARE(effects[0].before.value, 3.0);
        if (!control.empty()) // paired: the interval of the difference is that of the differences
            QVERIFY(std::abs(effects[0].controls.at(0).excess.value - (mean - effects[0].controls[0].change.value)) < 1e-12);
        const auto mirror = [](std::vector<SampleOutcome>& outcomes) {
            for (SampleOutcome& outcome : outcomes)
                std::swap(outcome.before, outcome.after);
        };
        mirror(measured.effect);
        for (auto& draws : measured.controls)
            std::ranges::for_each(draws.draws, mirror);
        QCOMPARE(effectsOf(measured, "the anchors hidden", true)[0].causal, causal); // the other direction is as good
    }
    /// Where there are too few other heads, the control is smaller, and so is what it is compared with.
    void smallerControlsAreComparedWithSmallerEdits() {
        const std::vector<double> effect{1.0, 1.2, 0.9, 1.1, 1.3, 1.0}, control{0.1, 0.12, 0.1, 0.09, 0.1, 0.11};
        const auto judged = [&](std::vector<double> part, std::vector<double> noValue) {
            ProbeMeasurements measured{losses(effect), {{"random_head", {losses(control)}, {losses(part)}}}};
            for (std::size_t sample = 0; sample < noValue.size(); ++sample)
                if (noValue[sample] > 0)
                    measured.controls[0].matched[0][sample] = {};
            return effectsOf(measured, "the anchors hidden", false)[0];
        };
        const QuantityEffect strong = judged({0.4, 0.5, 0.4, 0.45, 0.5, 0.4}, {1, 0, 0, 0, 0, 0});
        QVERIFY(strong.causal && strong.sentence.find("equally many of its own") != std::string::npos);
        QVERIFY(std::abs(strong.controls[0].own.value - (1.0 + 0.5 + 0.4 + 0.45 + 0.5 + 0.4) / 6) < 1e-12); // the first sample needs no smaller edit
        QVERIFY(std::abs(strong.controls[0].excess.value - (strong.controls[0].own.value - strong.controls[0].change.value)) < 1e-12);
        const QuantityEffect weak = judged({0.1, 0.11, 0.1, 0.12, 0.1, 0.1}, {}); // one head of its own does no more than another one
        QVERIFY2(!weak.causal && weak.sentence.find("because") == std::string::npos, weak.sentence.c_str());
        QCOMPARE(judged({0, 0, 0, 0, 0, 0}, {1, 1, 1, 1, 1, 1}).controls[0].own.samples, 0);
    }

    void whatAnEditDoesByConstructionIsNoFinding() {
        ProbeMeasurements measured{losses({1, 1.1, 1, 1.2, 1, 1.1}), {{"random_position", {losses({0, 0, 0, 0, 0, 0.1})}}}};
        constexpr auto kMass = static_cast<std::size_t>(ProbeQuantity::SinkMass);
        for (auto* outcomes : {&measured.effect, &measured.controls[0].draws[0]})
            for (SampleOutcome& outcome : *outcomes) {
                outcome.before[kMass] = outcome.after[0];
                outcome.after[kMass] = outcome.before[0];
            }
        const auto hidden = effectsOf(measured, "the anchors hidden", true), zeroed = effectsOf(measured, "zero", false);
        QVERIFY(hidden[0].causal && !hidden[1].causal && hidden[1].sentence.find("by construction") != std::string::npos);
        QVERIFY(zeroed[0].causal && zeroed[1].causal);
    }

    void rotaryModelsDoNotSeeAShift() {
        const auto result = probe(*m_demo, requestFor({"shift_positions"}));
        QVERIFY_RESULT(result);
        const ProbeOutcome& outcome = (*result)->outcomes.at(0);
        QCOMPARE(outcome.samples, 10);
        QCOMPARE(outcome.effects.size(), kProbeQuantities);
        QCOMPARE(outcome.before.kind, outcome.after.kind);
        for (const QuantityEffect& effect : outcome.effects)
            QVERIFY2(std::abs(effect.change.value) < 1e-5 && effect.sentence.find("rounding") != std::string::npos, effect.sentence.c_str());
    }

    void contextsTellWhatWasRun() {
        ProbeRequest request = requestFor({"shift_positions", "rope_scaling", "drop_bos", "bos_embedding"});
        request.values = {{"rope_scaling.kind", 1}, {"rope_scaling.factor", 8}};
        const auto result = probe(*m_demo, request);
        QVERIFY_RESULT(result);
        const FrameContext& intact = (*result)->context;
        QVERIFY(intact.bosPresent && intact.firstTokenId == 0 && intact.sameFirstToken && intact.samples == 10 && intact.null == "uniform");
        QVERIFY(intact.dtype.find("computed in F32") != std::string::npos && intact.mask == "causal");
        const auto contextOf = [&](std::size_t outcome) { return (*result)->outcomes.at(outcome).context; };
        QVERIFY(contextOf(0).positions.find("positions + 100") != std::string::npos);
        QVERIFY(contextOf(1).positions != intact.positions && contextOf(1).fewestTokens == intact.fewestTokens);
        QVERIFY(!contextOf(2).bosPresent && contextOf(2).firstTokenId != 0 && contextOf(2).mostTokens == intact.mostTokens - 1);
        QVERIFY(contextOf(3).bosPresent && contextOf(3).positions == intact.positions);
        QCOMPARE((*result)->intact.evidence, std::string("attention matrices"));
        // The sink of the demo belongs to its BOS: without the embedding, little of it is left.
        const QuantityEffect* rate = effectOn((*result)->outcomes.at(3), ProbeQuantity::SinkRate);
        QVERIFY2(rate && rate->change.high < -0.1 && !rate->causal, rate->sentence.c_str());
    }

    void hidingTheAnchorsIsMoreThanItsControls() {
        ProbeRequest request = requestFor({"mask_anchor", "zero_value"});
        const auto result = probe(*m_demo, request);
        QVERIFY_RESULT(result);
        const ProbeOutcome& hidden = (*result)->outcomes.at(0);
        QCOMPARE(hidden.settings.at("heads"), std::string("sinks"));
        QVERIFY(hidden.anchorsEdited >= 1 && hidden.headsEdited > hidden.anchorsEdited);
        const QuantityEffect* loss = effectOn(hidden, ProbeQuantity::Loss);
        QVERIFY(loss && loss->controls.size() == 2);
        QVERIFY2(loss->causal && loss->change.low > 1 && loss->controls[0].change.high < 0.1, loss->sentence.c_str());
        QVERIFY(effectOn(hidden, ProbeQuantity::SinkRate)->after.value == 0);
        const QuantityEffect* mass = effectOn((*result)->outcomes.at(1), ProbeQuantity::SinkMass);
        QVERIFY(mass && mass->after.value > 0.2); // without their values they are sinks all the same
        // Everything but the number of threads decides.
        request.options.threads = 1;
        const auto again = probe(*m_demo, request);
        QVERIFY_RESULT(again);
        QVERIFY(same(**result, **again));
        request.keptBytes = 1; // every sample by itself
        const auto alone = probe(*m_demo, request);
        QVERIFY_RESULT(alone);
        QCOMPARE((*alone)->groups, 10);
        QCOMPARE((*result)->groups, 1);
        QVERIFY(same(**result, **alone, 1e-4));
        request.seed = 2;
        const auto other = probe(*m_demo, request);
        QVERIFY_RESULT(other);
        const QuantityEffect* redrawn = effectOn((*other)->outcomes.at(0), ProbeQuantity::Loss);
        QVERIFY(same(redrawn->change, loss->change, 1e-4) && !same(redrawn->controls[0].change, loss->controls[0].change, 1e-6));
        request.values = {{"mask_anchor.heads", 1}};
        const auto everywhere = probe(*m_demo, request);
        QVERIFY_RESULT(everywhere);
        QCOMPARE(effectOn((*everywhere)->outcomes.at(0), ProbeQuantity::Loss)->controls.size(), std::size_t{1});
    }

    void changedFirstTokens() {
        ProbeRequest request = requestFor({"drop_bos", "replace_bos"});
        const auto result = probe(*m_demo, request);
        QVERIFY_RESULT(result);
        for (const ProbeOutcome& outcome : (*result)->outcomes) {
            QCOMPARE(outcome.samples, 10);
            QVERIFY(effectOn(outcome, ProbeQuantity::Loss)->change.low > 0.5);
            for (const QuantityEffect& effect : outcome.effects)
                QVERIFY2(!effect.causal && effect.sentence.find("because") == std::string::npos, effect.sentence.c_str());
        }
        QVERIFY((*result)->outcomes[0].effects[0].before.value != (*result)->outcomes[1].effects[0].before.value); // other positions
        request.bos = BosChoice::No;
        const auto without = probe(*m_demo, request);
        QVERIFY_RESULT(without);
        QVERIFY(!(*without)->outcomes[0].problem.empty() && (*without)->outcomes[0].effects.empty());
        request.bos = BosChoice::Auto;
        for (const char* token : {"#4096", "#-1", "#x", ""}) {
            request.replacements = {{"replace_bos.token", token}};
            QVERIFY_ERROR(probe(*m_demo, request), ErrorCode::InvalidArgument);
        }
    }

    void shortTextsHaveNoValue() {
        ProbeRequest request = requestFor({});
        request.texts = {"a"};
        request.bos = BosChoice::No;
        const auto result = probe(*m_demo, request);
        QVERIFY_RESULT(result);
        QCOMPARE((*result)->intact.kind, std::string("not enough"));
        for (const ProbeOutcome& outcome : (*result)->outcomes) {
            QVERIFY(!effectOn(outcome, ProbeQuantity::Loss) && !effectOn(outcome, ProbeQuantity::Anchors));
            for (const QuantityEffect& effect : outcome.effects)
                QVERIFY(std::isfinite(effect.change.value) && !effect.causal);
        }
        request.texts = {};
        QVERIFY_ERROR(probe(*m_demo, request), ErrorCode::EmptyText);
    }

    void probesThatDoNotFit() {
        QTemporaryDir folder;
        const auto spec = test::TinyModel::gpt2().spec(folder);
        QVERIFY_RESULT(spec);
        const LoadedModel model{(*spec)->checkpoint, *spec, std::make_shared<LetterTokenizer>(false), {}};
        ProbeRequest request;
        request.texts = {"abcdefg", "hello"};
        request.values = {{"shift_positions.shift", 4}};
        const auto all = probe(model, request);
        QVERIFY_RESULT(all);
        for (const ProbeOutcome& outcome : (*all)->outcomes)
            QVERIFY2(outcome.id.starts_with("rope") != outcome.problem.empty() || outcome.problem == "no sample has an anchor", outcome.problem.c_str());
        QVERIFY(effectOn((*all)->outcomes.at(0), ProbeQuantity::Kl)->change.value > 1e-3); // learned positions see a shift
        request.values = {{"shift_positions.shift", 5}}; // 8 tokens, 12 positions
        request.probes = {"shift_positions"};
        QVERIFY_ERROR(probe(model, request), ErrorCode::InvalidArgument);
        request.values = {};
        request.probes = {"rope_base"};
        QVERIFY_ERROR(probe(model, request), ErrorCode::InvalidArgument);
    }
    void encodersHaveNoNextToken() {
        const auto checkpoint = openCheckpoint(std::string(kSources) + "/tests/golden/models/bert");
        QVERIFY_RESULT(checkpoint);
        const auto spec = buildModelSpec(*checkpoint);
        QVERIFY_RESULT(spec);
        ProbeRequest request;
        request.texts = {"what is it", "a bird or a plane", "no"};
        request.values = {{"shift_positions.shift", 3}};
        const auto result = probe({*checkpoint, *spec, std::make_shared<LetterTokenizer>(true), {}}, request);
        QVERIFY_RESULT(result);
        const ProbeOutcome& shifted = (*result)->outcomes.at(0);
        QVERIFY(!effectOn(shifted, ProbeQuantity::Loss) && effectOn(shifted, ProbeQuantity::Kl)->change.value > 1e-4);
        const auto dropped = std::ranges::find((*result)->outcomes, "drop_bos", &ProbeOutcome::id);
        QVERIFY(dropped->samples == 3 && effectOn(*dropped, ProbeQuantity::SinkRate));
    }

    void refusesWhatMakesNoSense() {
        const auto code = [&](auto change) {
            ProbeRequest request = requestFor({"mask_anchor"}, 1);
            change(request);
            const auto result = probe(*m_demo, request);
            return result ? ErrorCode::Internal : result.error().code;
        };
        QCOMPARE(code([](ProbeRequest&) {}), ErrorCode::Internal); // that is: it runs
        QCOMPARE(code([](ProbeRequest& r) { r.probes = {"magic"}; }), ErrorCode::InvalidArgument);
        QCOMPARE(code([](ProbeRequest& r) { r.values = {{"mask_anchor.colour", 1}}; }), ErrorCode::InvalidArgument);
        QCOMPARE(code([](ProbeRequest& r) { r.values = {{"heads", 1}}; }), ErrorCode::InvalidArgument);
        QCOMPARE(code([](ProbeRequest& r) { r.values = {{"mask_anchor.heads", 2}}; }), ErrorCode::InvalidArgument);
        QCOMPARE(code([](ProbeRequest& r) { r.values = {{"shift_positions.shift", std::nan("")}}; }), ErrorCode::InvalidArgument);
        QCOMPARE(code([](ProbeRequest& r) { r.replacements = {{"mask_anchor.token", "a"}}; }), ErrorCode::InvalidArgument);
        QCOMPARE(code([](ProbeRequest& r) { r.draws = 0; }), ErrorCode::InvalidArgument);
        QCOMPARE(code([](ProbeRequest& r) { r.options.layers = {1}; }), ErrorCode::InvalidArgument);
        std::stop_source stop;
        stop.request_stop();
        JobContext stopped(stop.get_token(), {});
        QVERIFY_ERROR(runProbes(*m_demo, requestFor({}), stopped), ErrorCode::Cancelled);
    }
    void progressNeverGoesBack() {
        double last = 0;
        bool isOrdered = true;
        JobContext context({}, [&](double fraction, const std::string&) {
            isOrdered = isOrdered && fraction >= last;
            last = fraction;
        });
        QVERIFY_RESULT(runProbes(*m_demo, requestFor({}, 3), context));
        QVERIFY(isOrdered);
        QCOMPARE(last, 1.0);
    }
};

QTEST_GUILESS_MAIN(TestProbe)
#include "tst_probe.moc"
