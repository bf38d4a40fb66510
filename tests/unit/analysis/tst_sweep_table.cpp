// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/sweep_table.h"
#include "core/analysis/verdict_text.h"
#include "core/export/sweep_export.h"
#include "core/io/json_reader.h"
#include "core/math/rank_correlation.h"
#include "support/capture_fixture.h"
#include "support/verify_result.h"

#include <QTest>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

constexpr int kSamples = 12, kLayers = 2, kHeads = 3;
constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

/// sink_rate of a sample and head, and two features: one that rises with it over heads and falls over samples, one without a value.
float sinkRate(int sample, int head) { return static_cast<float>(0.01 * sample + 0.1 * head); }
float feature(int sample, int head) { return static_cast<float>(5 - sample + head * head); }

SweepHeader headerOf() {
    SweepHeader header;
    header.recipeJson = "{\"samples\":12}";
    header.models = {{"tiny_50%", "/models/tiny", "gpt2", "f", kLayers, kHeads, "F16 weights", true}};
    header.variants = {{"intact", "as it is"}, {"bos=yes", "with BOS"}, {"bos=no", "without BOS"}};
    header.metrics = {{"sink_rate", "Sink rate", false}, {"feature", "Feature & co, <x>", false}, {"nothing", "Nothing", false}};
    for (int sample = 0; sample < kSamples; ++sample) {
        header.texts.push_back(std::to_string(sample));
        header.groups.emplace_back(sample < 6 ? "low, \"er\"" : "upper");
    }
    header.cells.resize(3, {.positions = "learned", .bosPresent = false, .firstToken = "<s>", .inapplicable = {}, .first = 0, .count = kSamples});
    header.cells[1] = {.positions = "learned", .bosPresent = false, .firstToken = {}, .inapplicable = "its tokenizer has no BOS"};
    return header;
}

SweepUnit unitOf(int variant, int sample) {
    SweepUnit unit{.model = 0, .variant = variant, .sample = sample, .state = UnitState::Done, .tokens = sample < 3 ? 8 : 30,
                   .firstToken = variant == 0 ? 1 : sample};
    // Variant 0 is a clear sink on one token but for the first sample, which is too short to say; variant 2 has no frame.
    unit.frame = variant == 0 ? std::vector<float>{0.5F + static_cast<float>(sample) / 64, 1.1F, 0.6F, 0.1F, 0} : std::vector<float>{0.02F, 1, 0.1F, 0.1F, 0};
    if (sample == 0)
        unit.frame.assign(kSweepFrameNumbers, kNone);
    double rate = 0, value = 0;
    for (int head = 0; head < kLayers * kHeads; ++head) {
        unit.headValues.insert(unit.headValues.end(), {sinkRate(sample, head), feature(sample, head), kNone});
        rate += sinkRate(sample, head) / (kLayers * kHeads);
        value += feature(sample, head) / (kLayers * kHeads);
    }
    unit.layerValues.assign(kLayers * 3, kNone);
    unit.modelValues = {static_cast<float>(rate), static_cast<float>(value), kNone};
    return unit;
}

} // namespace

class TestSweepTable : public QObject {
    Q_OBJECT
    ScratchFolder m_folder;
    std::unique_ptr<SweepReader> m_sweep;

    SweepTable tableOf(const SweepTableRequest& request) const {
        JobContext context;
        auto table = tabulateSweep(*m_sweep, request, context);
        return table ? *std::move(table) : SweepTable{};
    }

private Q_SLOTS:
    void initTestCase() {
        auto writer = SweepWriter::create(fileIn(m_folder), headerOf());
        QVERIFY_RESULT(writer);
        for (int sample = 0; sample < kSamples; ++sample)
            QVERIFY_RESULT((*writer)->write(unitOf(0, sample)));
        for (int sample = 0; sample < 4; ++sample) // the last variant is only begun
            QVERIFY_RESULT((*writer)->write(unitOf(2, sample)));
        auto reader = SweepReader::open(fileIn(m_folder));
        QVERIFY_RESULT(reader);
        m_sweep = *std::move(reader);
    }

    void meansAndGroups() {
        const SweepTable table = tableOf({.grouping = TableGrouping::Group});
        // Two cells with values, two metrics with values; all samples and two groups, of which the second has none in the last cell.
        QCOMPARE(table.rows.size(), std::size_t{2 * 3 + 2 * 2});
        const SweepRow& all = table.rows[1];
        QVERIFY(all.group.empty() && all.metric == 1 && all.estimate.samples == kSamples);
        std::vector<double> values;
        for (int sample = 0; sample < kSamples; ++sample)
            values.push_back(unitOf(0, sample).modelValues[1]);
        const Estimate wanted = estimateOf(values);
        QVERIFY(all.estimate.value == wanted.value && all.estimate.low == wanted.low && all.estimate.high == wanted.high);
        QCOMPARE(table.rows[3].group, std::string("low, \"er\""));
        const Estimate lower = estimateOf(std::span(values).first(6));
        QVERIFY(table.rows[3].estimate.value == lower.value && table.rows[3].estimate.samples == 6);
        QCOMPARE(table.notes, (std::vector<std::string>{"tiny_50%, bos=yes: its tokenizer has no BOS",
                                                        "tiny_50%, bos=no: 8 of 12 samples are missing, 0 were left out"}));
        const SweepTable lengths = tableOf({.grouping = TableGrouping::Length});
        QCOMPARE(lengths.rows[2].group, std::string("1-10"));
        QCOMPARE(lengths.rows[2].estimate.samples, 3);
        QCOMPARE(lengths.rows[4].group, std::string("21-30"));
    }

    void framesAreVerdicts() {
        const SweepTable table = tableOf({.grouping = TableGrouping::Length});
        QCOMPARE(table.frames.size(), std::size_t{6}); // two cells: all, 1-10 and 21-30
        const SweepFrame &all = table.frames[0], &none = table.frames[3];
        QVERIFY(all.group.empty() && all.variant == 0 && all.verdict.kind == "centralized" && all.verdict.excess.samples == kSamples - 1);
        QVERIFY(all.verdict.excess.value == 0.59375 && all.verdict.excess.low < 0.59375);
        QVERIFY(none.variant == 2 && none.verdict.kind == "none" && none.context.samples == 4);
        QCOMPARE(table.frames[1].group, std::string("1-10"));
        QVERIFY(table.frames[1].verdict.kind == "not enough" && table.frames[1].verdict.excess.samples == 0); // two of three samples have enough tokens
        QCOMPARE(table.frames[2].verdict.excess.samples, 9);
        const FrameContext& context = all.context;
        QVERIFY(context.samples == kSamples && context.fewestTokens == 8 && context.mostTokens == 30 && context.firstTokenId == 1 && context.sameFirstToken);
        QVERIFY(!none.context.sameFirstToken && context.positions == "learned" && context.mask == "causal" && context.dtype == "F16 weights");
        QVERIFY(textOf(context).find("first token 1 \"<s>\"") != std::string::npos);
        const std::string csv = sweepCsv(table, SweepPart::Frames);
        QCOMPARE(std::ranges::count(csv, '\n'), 7);
        QVERIFY2(csv.find("\ntiny_50%,intact,,centralized,0.59375,") != std::string::npos && csv.find(",1,<s>,1,8,30,30,learned,F16 weights,causal,uniform,\"Anchors receive 60 % ") != std::string::npos,
                 csv.c_str());
        const std::string latex = sweepLatex(table, SweepPart::Frames);
        QVERIFY2(latex.find("tiny\\_50\\% & intact & 21-30 & centralized & $0.609$") != std::string::npos, latex.c_str());
        const auto json = parseJson(sweepJson(table), ErrorCode::Internal, {});
        QVERIFY_RESULT(json);
        QVERIFY((*json)["frames"][0]["verdict"]["kind"] == "centralized" && (*json)["frames"][0]["context"]["tokens"]["most"] == 30);
        QVERIFY((*json)["frames"][0]["verdict"]["scores"]["centralized"].get<double>() > 0.5 &&
                (*json)["frames"][0]["verdict"]["reason"].get<std::string>().find("one token is the origin") != std::string::npos);
    }

    /// The kind, a score for each kind, intervals, reasons, and all that it has to be read with.
    void framesInWords() {
        const SweepTable table = tableOf({});
        const SweepFrame& frame = table.frames[0];
        const auto lines = verdictLines(frame.verdict, frame.context);
        QCOMPARE(lines.size(), std::size_t{5});
        QCOMPARE(lines[0].text, std::string("centralized"));
        QVERIFY2(lines[1].text.starts_with("centralized 0.77, distributed 0.10, bidirectional 0.00, none 0.23"), lines[1].text.c_str());
        QVERIFY2(lines[2].text.starts_with("excess 59 % (56 % to 62 %), effective anchors 1.10 (1.10 to 1.10), attention on anchors 60 %") &&
                     lines[2].text.ends_with("by chance 10 % (10 % to 10 %); 95 % intervals over 11 samples"),
                 lines[2].text.c_str());
        QVERIFY2(lines[3].text.find("Effective number of anchors 1.10 (1.10 to 1.10), below 1.50") != std::string::npos, lines[3].text.c_str());
        for (const char* wanted : {"without BOS", "first token 1 \"<s>\"", "positions learned", "F16 weights", "mask causal", "12 samples of 8 to 30 tokens", "null uniform"})
            QVERIFY2(lines[4].text.find(wanted) != std::string::npos, wanted);
        const std::string latex = sweepLatex(table, SweepPart::Frames);
        QVERIFY(latex.find("\\end{tabular}\n\n\\begin{description}\n\\item[tiny\\_50\\%, intact] \\emph{frame:} centralized.\n") != std::string::npos);
        for (const VerdictLine& line : lines)
            QVERIFY2(latex.find("\\emph{" + line.name + ":} " + latexEscaped(line.text)) != std::string::npos, line.name.c_str());
        const FrameVerdict none = verdictOf({}, FrameLevel::Model, {});
        const auto few = verdictLines(none, frame.context); // no number that nobody should believe
        QVERIFY(few.size() == 3 && few[0].text == "not enough" && few[1].text == "No sample has at least 4 tokens.");
    }

    void thresholdsComeFromTheRecipe() {
        QCOMPARE(frameThresholdsOf("{\"parameters\":{\"frame.spread\":\"0.4\",\"frame.anchors\":\"x\",\"frame.ends\":7}}").spread, 0.4);
        for (const char* recipe : {"", "[]", "{\"parameters\":3}", "{\"parameters\":{\"frame.anchors\":\"x\",\"frame.ends\":7}}"}) {
            const FrameThresholds thresholds = frameThresholdsOf(std::string(recipe));
            QVERIFY(thresholds.spread == FrameThresholds{}.spread && thresholds.anchors == FrameThresholds{}.anchors && thresholds.ends == FrameThresholds{}.ends);
        }
    }

    void correlationsOverHeadsAndSamples() {
        const SweepTable table = tableOf({});
        QCOMPARE(table.correlations.size(), std::size_t{4}); // one metric, two levels, two cells
        const SweepCorrelation &heads = table.correlations[0], &samples = table.correlations[1];
        QVERIFY(heads.overHeads && std::abs(heads.rho - 1) < 1e-12 && heads.count == kLayers * kHeads);
        QVERIFY(!samples.overHeads && std::abs(samples.rho + 1) < 1e-12 && samples.count == kSamples);
        QVERIFY(std::abs(heads.p - 2.0 / 720) < 0.003 && samples.p == 1.0 / 10000);
        QVERIFY(heads.adjusted == heads.p); // a single test
    }

    void correctionCountsTheTests() {
        // With itself among the tested, sink_rate as a reference is left out; feature as a reference leaves sink_rate.
        const SweepTable table = tableOf({.reference = "feature"});
        QCOMPARE(table.correlations[0].metric, 0);
        QVERIFY(std::abs(table.correlations[0].rho - 1) < 1e-12);
    }

    void refusals() {
        JobContext context;
        QVERIFY_ERROR(tabulateSweep(*m_sweep, {.metrics = {"nope"}}, context), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(tabulateSweep(*m_sweep, {.reference = "nope"}, context), ErrorCode::InvalidArgument);
        QVERIFY_RESULT(SweepWriter::create(fileIn(m_folder, "empty.h5"), headerOf()));
        const auto empty = SweepReader::open(fileIn(m_folder, "empty.h5"));
        QVERIFY_ERROR(tabulateSweep(**empty, {}, context), ErrorCode::InvalidArgument);
        std::stop_source stop;
        stop.request_stop();
        JobContext cancelled(stop.get_token(), {});
        QVERIFY_ERROR(tabulateSweep(*m_sweep, {}, cancelled), ErrorCode::Cancelled);
    }

    void csv() {
        const std::string text = sweepCsv(tableOf({.grouping = TableGrouping::Group, .metrics = {"sink_rate"}}), SweepPart::Values);
        QVERIFY(text.starts_with("model,variant,group,metric,value,low,high,samples\ntiny_50%,intact,,sink_rate,0.305"));
        QVERIFY(text.find("tiny_50%,intact,\"low, \"\"er\"\"\",sink_rate,") != std::string::npos);
        const std::string correlations = sweepCsv(tableOf({}), SweepPart::Correlations);
        QVERIFY(correlations.find("\ntiny_50%,intact,samples,feature,-1,0.0001,0.0001,12\n") != std::string::npos);
    }

    void json() {
        const auto json = parseJson(sweepJson(tableOf({})), ErrorCode::Internal, {});
        QVERIFY_RESULT(json);
        QCOMPARE((*json)["values"].size(), std::size_t{4});
        QCOMPARE((*json)["correlations"].size(), std::size_t{4});
        QVERIFY((*json)["recipe"]["samples"] == 12);
        QVERIFY((*json)["cells"][1]["inapplicable"] == "its tokenizer has no BOS");
        QVERIFY((*json)["permutations"] == 9999);
        QVERIFY((*json)["correction"] == "Holm");
    }

    void latex() {
        const std::string values = sweepLatex(tableOf({.metrics = {"sink_rate", "feature"}}), SweepPart::Values);
        QVERIFY(values.find("\\begin{tabular}{llrr}\n\\toprule\nmodel & variant & Sink rate & Feature \\& co, \\textless{}x\\textgreater{} \\\\\n") != std::string::npos);
        QVERIFY(values.find("\ntiny\\_50\\% & intact & $0.305$ {\\scriptsize $[") != std::string::npos);
        QVERIFY(values.ends_with("\\bottomrule\n\\end{tabular}\n"));
        const std::string correlations = sweepLatex(tableOf({}), SweepPart::Correlations);
        QVERIFY2(correlations.find("& $1$ & $0.003$ & $-1$ & $0.0001$ \\\\") != std::string::npos, correlations.c_str());
        QCOMPARE(latexEscaped("a\\b~c^d{e}f#g$\nh"), std::string("a\\textbackslash{}b\\textasciitilde{}c\\textasciicircum{}d\\{e\\}f\\#g\\$ h"));
        // Rows have as many cells as the head.
        for (const std::string& text : {values, correlations}) {
            const std::size_t columns = text == values ? 3 : 6;
            std::size_t begin = text.find("\\midrule\n") + 9;
            for (std::size_t end = text.find('\n', begin); text[begin] != '\\'; begin = end + 1, end = text.find('\n', begin)) {
                std::size_t cells = 0;
                for (std::size_t i = begin; i < end; ++i)
                    cells += text[i] == '&' && text[i - 1] != '\\' ? 1 : 0;
                QCOMPARE(cells, columns);
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestSweepTable)
#include "tst_sweep_table.moc"
