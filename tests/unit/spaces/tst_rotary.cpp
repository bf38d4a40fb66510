// SPDX-License-Identifier: Apache-2.0
// Vectors before the rotary embedding: rotations taken back by their formula, and runs of the bundled demo model that differ in positions only.
#include "core/model/rotary_encoding.h"
#include "core/model/rope_table.h"
#include "core/session/capture_run.h"
#include "core/spaces/point_cloud.h"
#include "support/capture_fixture.h"
#include "support/fake_capture.h"
#include "support/verify_result.h"

#include <random>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

using Scaling = RopeParameters::Scaling;

RopeParameters ropeWith(Scaling scaling) {
    RopeParameters rope{.theta = 10000, .rotaryWidth = 16, .scaling = scaling, .factor = 4};
    rope.originalPositions = 32;
    return rope;
}

Result<std::shared_ptr<const PointCloud>> keysBefore(CaptureSource& source, bool before, CloudSpace space = CloudSpace::Key) {
    JobContext context;
    return assembleCloud(source, {.space = space, .beforeRotary = before, .scope = CloudScope::Layer}, context);
}

double largestDifference(const std::vector<float>& a, const std::vector<float>& b) {
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        largest = std::max(largest, std::abs(static_cast<double>(a[i]) - b[i]));
    return largest;
}

/// A capture in memory with another header.
class ChangedHeader : public FakeCapture {
public:
    explicit ChangedHeader(const std::function<void(CaptureHeader&)>& change) : m_changed(FakeCapture::header()) { change(m_changed); }
    [[nodiscard]] const CaptureHeader& header() const override { return m_changed; }

private:
    CaptureHeader m_changed;
};

} // namespace

class TestRotary : public QObject {
    Q_OBJECT
    std::shared_ptr<const LoadedModel> m_model;

    Result<std::shared_ptr<CaptureStore>> run(const std::filesystem::path& output, const Intervention& intervention) {
        RunRequest request{.texts = {"The heart pumps blood through the body.", "A number is prime."}, .bos = BosChoice::Auto, .keep = {},
                           .options = {.threads = 2, .layers = {0}}, .output = output};
        if (!intervention.empty())
            request.options.intervention = std::make_shared<const Intervention>(intervention);
        SINKSCOPE_TRY(const RunPlan plan, planCapture(*m_model, request));
        JobContext context;
        return runCapture(*m_model, request, plan, context, {}, {});
    }

private Q_SLOTS:
    void initTestCase() {
        const auto model = loadModel(SINKSCOPE_SOURCE_DIR "/resources/demo");
        QVERIFY_RESULT(model);
        m_model = *model;
    }

    void rotationAndBack() {
        for (const Scaling scaling : {Scaling::None, Scaling::Linear, Scaling::Dynamic, Scaling::Llama3, Scaling::NtkAware, Scaling::Yarn}) {
            const RopeTable table(ropeWith(scaling), 200, 3);
            std::mt19937 random(4);
            std::normal_distribution<float> normal;
            for (const int token : {0, 1, 57, 199}) {
                std::vector<float> vector(20), turned;
                for (float& value : vector)
                    value = normal(random);
                turned = vector;
                table.rotate(turned.data(), token);
                QVERIFY(largestDifference(turned, vector) > 0.1);
                table.unrotate(turned.data(), token);
                QVERIFY(largestDifference(turned, vector) < 1e-6);
            }
        }
    }

    void textAndBack() {
        for (const Scaling scaling : {Scaling::None, Scaling::Linear, Scaling::Dynamic, Scaling::Llama3, Scaling::NtkAware, Scaling::Yarn}) {
            RotaryEncoding encoding{ropeWith(scaling), 17};
            encoding.rope.attentionFactor = 1.25;
            encoding.rope.truncate = false;
            const auto read = parseRotaryEncoding(textOf(encoding));
            QVERIFY_RESULT(read);
            QVERIFY(*read == encoding);
        }
        const std::string good = textOf(RotaryEncoding{ropeWith(Scaling::Llama3), 0});
        const auto changed = [&](const std::string& from, const std::string& to) {
            std::string text = good;
            const auto at = text.find(from);
            return at == text.npos ? std::string("not there") : text.replace(at, from.size(), to);
        };
        QVERIFY_RESULT(parseRotaryEncoding(good));
        for (const auto& [from, to] : std::initializer_list<std::pair<const char*, const char*>>{
                 {"\"rotary_width\":16", "\"rotary_width\":15"}, {"\"rotary_width\":16", "\"rotary_width\":0"}, {"llama3", "spiral"},
                 {"\"factor\":4.0", "\"factor\":\"4\""}, {"\"original_positions\":32", "\"original_positions\":0"},
                 {"\"truncate\":true", "\"truncate\":1"}, {"\"position_shift\":0", "\"position_shift\":-1"},
                 {"\"high_frequency_factor\":4.0", "\"high_frequency_factor\":0.5"}, {"{", "["}, {"\"theta\"", "\"thet\""}})
            QVERIFY2(!parseRotaryEncoding(changed(from, to)), from);
    }

    void positionsLeaveNoTraceBeforeTheRotation() {
        const ScratchFolder folder;
        Intervention shift, stretched;
        shift.positionShift = 40;
        stretched.rope = m_model->spec->rope;
        stretched.rope->scaling = Scaling::NtkAware;
        stretched.rope->factor = 8;
        const auto plain = run(fileIn(folder, "plain.h5"), {}), moved = run(fileIn(folder, "moved.h5"), shift),
                   other = run(fileIn(folder, "other.h5"), stretched);
        QVERIFY_RESULT(plain);
        QVERIFY_RESULT(moved);
        QVERIFY_RESULT(other);
        QVERIFY(parseRotaryEncoding((*moved)->header().rotary)->positionShift == 40);
        const auto reopened = CaptureStore::open(fileIn(folder, "moved.h5"));
        QVERIFY_RESULT(reopened);
        QCOMPARE((*reopened)->header().rotary, (*moved)->header().rotary);
        for (const CloudSpace space : {CloudSpace::Key, CloudSpace::Query}) {
            const auto a = keysBefore(**plain, true, space), b = keysBefore(**reopened, true, space), c = keysBefore(**other, true, space);
            QVERIFY_RESULT(a);
            QVERIFY_RESULT(b);
            QVERIFY_RESULT(c);
            QVERIFY((*a)->rotationUndone);
            QVERIFY(largestDifference((*a)->values, (*b)->values) < 2e-4); // captures may hold half precision
            QVERIFY(largestDifference((*a)->values, (*c)->values) < 2e-4);
            QVERIFY(largestDifference((*keysBefore(**plain, false, space))->values, (*keysBefore(**moved, false, space))->values) > 0.1);
            QCOMPARE((*b)->points[2].position, 42);
        }
        const auto values = keysBefore(**plain, true, CloudSpace::Value);
        QVERIFY(!(*values)->rotationUndone); // values are never rotated
        QCOMPARE((*values)->values, (*keysBefore(**plain, false, CloudSpace::Value))->values);
    }

    void olderCapturesAndOtherModels() {
        FakeCapture learned; // GPT-2 without a configuration
        QVERIFY_ERROR(keysBefore(learned, true), ErrorCode::ConfigMissing);
        const char* const gpt2 = R"({"model_type":"gpt2","n_layer":4,"n_head":4,"n_embd":64,"vocab_size":50304,"n_positions":1024})";
        ChangedHeader unrotated([&](CaptureHeader& header) { header.configJson = gpt2; });
        const auto plain = keysBefore(unrotated, true);
        QVERIFY_RESULT(plain);
        QVERIFY(!(*plain)->rotationUndone && (*plain)->notes.size() == 1);
        QCOMPARE((*plain)->values, (*keysBefore(unrotated, false))->values);
        const char* const llama = R"({"model_type":"llama","num_hidden_layers":4,"num_attention_heads":4,"num_key_value_heads":2,"hidden_size":64,
            "intermediate_size":24,"vocab_size":32,"max_position_embeddings":4096})";
        ChangedHeader fromConfig([&](CaptureHeader& header) { header.configJson = llama; });
        QVERIFY((*keysBefore(fromConfig, true))->rotationUndone);
        ChangedHeader changedRun([&](CaptureHeader& header) {
            header.configJson = llama;
            header.recipeJson = R"({"intervention":{"position_shift":3,"rope":null}})";
        });
        QVERIFY_ERROR(keysBefore(changedRun, true), ErrorCode::Unavailable);
        ChangedHeader tooWide([&](CaptureHeader& header) { header.rotary = textOf(RotaryEncoding{{.rotaryWidth = 32}, 0}); });
        QVERIFY_ERROR(keysBefore(tooWide, true), ErrorCode::CaptureInvalid);
        ChangedHeader broken([](CaptureHeader& header) { header.rotary = "{"; });
        QVERIFY_ERROR(keysBefore(broken, true), ErrorCode::ConfigInvalid);
    }
};

QTEST_GUILESS_MAIN(TestRotary)
#include "tst_rotary.moc"
