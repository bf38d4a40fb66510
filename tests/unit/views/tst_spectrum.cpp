// SPDX-License-Identifier: Apache-2.0
#include "support/fake_capture.h"
#include "support/verify_result.h"
#include "views/paint/spectrum.h"

#include <QTest>

#include <cmath>

using namespace sinkscope;

namespace {

/// Every token looks at token 0 only.
class StarCapture : public test::FakeCapture {
public:
    explicit StarCapture(int tokens)
        : FakeCapture({.layers = 1, .heads = 1, .keyValueHeads = 1, .samples = 1, .words = std::vector<std::string>(static_cast<std::size_t>(tokens), "x")}), m_tokens(tokens) {}
    Result<std::shared_ptr<const HeadAttention>> attention(int, int, int) override {
        auto result = std::make_shared<HeadAttention>();
        result->tokens = m_tokens;
        result->weights.assign(static_cast<std::size_t>(m_tokens * m_tokens), 0.0F);
        result->logits.assign(result->weights.size(), 0.0F);
        for (int query = 0; query < m_tokens; ++query)
            result->weights[static_cast<std::size_t>(query * m_tokens)] = 1.0F;
        return std::shared_ptr<const HeadAttention>(std::move(result));
    }

private:
    int m_tokens;
};

} // namespace

/// The spectra behind the stems, and what the pointer finds.
class TestSpectrum : public QObject {
    Q_OBJECT

    static SpectrumContent contentOf(CaptureSource& source, int layer, int head, SpectrumKind kind) {
        JobContext context;
        SpectrumContent content;
        if (const auto spectrum = headSpectrum(source, 0, layer, head, kind, context))
            content.spectrum = *spectrum;
        return content;
    }

private Q_SLOTS:
    /// A star of n tokens whose edges weigh one half: Laplacian 0, 1/2 (n-2 times), n/2; normalized 0, 1, 2; singular values root n, 0.
    void star() {
        constexpr int n = 9;
        StarCapture capture(n);
        const auto laplacian = contentOf(capture, 0, 0, SpectrumKind::Laplacian).spectrum;
        const auto normalized = contentOf(capture, 0, 0, SpectrumKind::Normalized).spectrum;
        const auto singular = contentOf(capture, 0, 0, SpectrumKind::Singular).spectrum;
        QVERIFY(laplacian && normalized && singular);
        for (int i = 0; i < n; ++i) {
            const auto at = static_cast<std::size_t>(i);
            QVERIFY(std::abs(laplacian->values[at] - (i == 0 ? 0 : i == n - 1 ? n / 2.0 : 0.5)) < 1e-9);
            QVERIFY(std::abs(normalized->values[at] - (i == 0 ? 0 : i == n - 1 ? 2 : 1)) < 1e-9);
            QVERIFY(std::abs(singular->values[at] - (i == 0 ? 3 : 0)) < 1e-6);
        }
        QCOMPARE(laplacian->gap.value(), std::size_t{n - 2});
        QCOMPARE(singular->gap.value(), std::size_t{0});
        QCOMPARE(laplacian->token.back(), 0); // the hub makes the largest eigenvalue
        QVERIFY(std::abs(laplacian->share.back() - (n - 1.0) / n) < 1e-9);
        QCOMPARE(singular->token.front(), 0);
        QVERIFY(std::abs(singular->share.front() - 1) < 1e-9);
    }

    /// A head with structure leaves the band of its shuffled rows; the same request gives the same band.
    void band() {
        test::FakeCapture capture;
        JobContext context;
        const auto once = spectrumBand(capture, 0, 3, 1, SpectrumKind::Singular, AttentionNull::Shuffled, context);
        const auto twice = spectrumBand(capture, 0, 3, 1, SpectrumKind::Singular, AttentionNull::Shuffled, context);
        const auto other = spectrumBand(capture, 0, 3, 1, SpectrumKind::Singular, AttentionNull::MatchedEntropy, context);
        QVERIFY_RESULT(once);
        QVERIFY_RESULT(twice);
        QVERIFY_RESULT(other);
        QCOMPARE((*once)->draws, 99);
        QCOMPARE((*once)->low, (*twice)->low);
        QCOMPARE((*once)->high, (*twice)->high);
        QVERIFY((*once)->low != (*other)->low);
        const SpectrumContent content = contentOf(capture, 3, 1, SpectrumKind::Singular);
        QVERIFY(content.spectrum->values.front() > (*once)->high.front()); // a sink
        for (std::size_t i = 0; i < 24; ++i)
            QVERIFY((*once)->low[i] <= (*once)->high[i]);
    }

    void pointerFindsStems() {
        test::FakeCapture capture;
        for (const SpectrumKind kind : kSpectrumKinds) {
            const SpectrumContent content = contentOf(capture, 1, 0, kind);
            const PlotAxes axes = layoutSpectrum(QRectF(0, 0, 800, 220), content, QFont());
            for (int place = 0; place < 24; ++place)
                QCOMPARE(placeAt(axes, content, QPointF(axes.toX(place + 1), axes.area.center().y())), place);
            QCOMPARE(placeAt(axes, content, QPointF(2, 2)), -1);
        }
        QCOMPARE(symbolOf(SpectrumKind::Laplacian, 1), QStringLiteral("λ₂"));
        QCOMPARE(symbolOf(SpectrumKind::Singular, 11), QStringLiteral("σ₁₂"));
    }

    void shortTextsAndStops() {
        for (const int tokens : {1, 2}) {
            StarCapture capture(tokens);
            for (const SpectrumKind kind : kSpectrumKinds) {
                const SpectrumContent content = contentOf(capture, 0, 0, kind);
                QVERIFY(content.spectrum);
                QCOMPARE(static_cast<int>(content.spectrum->values.size()), tokens);
                QVERIFY(!content.spectrum->gap);
            }
        }
        std::stop_source stop;
        stop.request_stop();
        const JobContext context(stop.get_token(), {});
        StarCapture capture(9);
        QVERIFY_ERROR(headSpectrum(capture, 0, 0, 0, SpectrumKind::Laplacian, context), ErrorCode::Cancelled);
        QVERIFY_ERROR(spectrumBand(capture, 0, 0, 0, SpectrumKind::Laplacian, AttentionNull::Shuffled, context), ErrorCode::Cancelled);
    }
};

QTEST_MAIN(TestSpectrum)
#include "tst_spectrum.moc"
