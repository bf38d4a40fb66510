// SPDX-License-Identifier: Apache-2.0
#include "support/fake_capture.h"
#include "support/verify_result.h"
#include "views/paint/attention_graph.h"

#include <QTest>

#include <cmath>

using namespace sinkscope;

namespace {

/// A head that gives every token's attention to token 0, or to the token before it.
class PlainCapture : public test::FakeCapture {
public:
    PlainCapture(int tokens, bool star) : FakeCapture({.layers = 1, .heads = 1, .keyValueHeads = 1, .samples = 1, .words = std::vector<std::string>(static_cast<std::size_t>(tokens), " word")}), m_tokens(tokens), m_star(star) {}
    Result<std::shared_ptr<const HeadAttention>> attention(int, int, int) override {
        auto result = std::make_shared<HeadAttention>();
        result->tokens = m_tokens;
        result->weights.assign(static_cast<std::size_t>(m_tokens * m_tokens), 0.0F);
        for (int query = 0; query < m_tokens; ++query)
            result->weights[static_cast<std::size_t>(query * m_tokens + (m_star ? 0 : std::max(query - 1, 0)))] = 1.0F;
        return std::shared_ptr<const HeadAttention>(std::move(result));
    }

private:
    int m_tokens;
    bool m_star;
};

} // namespace

/// The graph behind the slider and where its parts are drawn.
class TestAttentionGraph : public QObject {
    Q_OBJECT

    static GraphContent contentOf(CaptureSource& capture, int layer, int head, GraphCut kind) {
        JobContext context;
        GraphContent content;
        const auto graph = headGraph(capture, 0, layer, head, kind, context);
        content.graph = graph ? *graph : nullptr;
        content.labels = tokenLabels(*capture.header().samples[0], {0});
        return content;
    }

    static QFont font() {
        QFont font;
        font.setPixelSize(11);
        return font;
    }

private Q_SLOTS:
    void cutsRise() {
        for (const GraphCut kind : {GraphCut::Threshold, GraphCut::Percentile}) {
            const std::vector<double>& cuts = cutsOf(kind);
            for (std::size_t i = 1; i < cuts.size(); ++i)
                QVERIFY(cuts[i] > cuts[i - 1]);
            for (std::size_t i = 0; i < cuts.size(); ++i)
                QCOMPARE(nearestCut(kind, cuts[i]), i);
        }
        QCOMPARE(cutsOf(GraphCut::Threshold)[standardCut(GraphCut::Threshold)], 0.05);
        QCOMPARE(cutsOf(GraphCut::Percentile)[standardCut(GraphCut::Percentile)], 90.0);
    }

    /// Closed forms of a star and of a path: edges of weight one half.
    void closedForms() {
        for (const bool star : {true, false})
            for (const GraphCut kind : {GraphCut::Threshold, GraphCut::Percentile}) {
                PlainCapture capture(12, star);
                const GraphContent content = contentOf(capture, 0, 0, kind);
                QVERIFY(content.graph);
                const GraphAtCut& at = content.graph->cuts[nearestCut(kind, kind == GraphCut::Threshold ? 0.1 : 50)];
                QCOMPARE(at.shape.edges, 11);
                QCOMPARE(at.shape.components, 1);
                QCOMPARE(at.shape.cycles(), 0);
                QVERIFY(std::abs(*at.fiedler - (star ? 1.0 : 2 - 2 * std::cos(M_PI / 12))) < 1e-9);
                QVERIFY(std::abs(*at.shape.centralization - (star ? 1.0 : 2.0 / 110)) < 1e-12);
                if (kind == GraphCut::Threshold) {
                    const GraphAtCut& above = content.graph->cuts[nearestCut(kind, 0.5)]; // an edge must exceed it
                    QCOMPARE(above.shape.edges, 0);
                    QCOMPARE(*above.fiedler, 0.0);
                }
            }
    }

    /// A cut keeps the heaviest edges: exactly those that cutting the matrix keeps.
    void edgesAreAPrefix() {
        test::FakeCapture capture;
        const auto attention = attentionOf(capture, 0, 1, 1);
        QVERIFY_RESULT(attention);
        const auto weights = symmetrized((*attention)->weights, 24, Symmetrization::Mean);
        QVERIFY_RESULT(weights);
        for (const GraphCut kind : {GraphCut::Threshold, GraphCut::Percentile}) {
            GraphContent content = contentOf(capture, 1, 1, kind);
            for (content.cut = 0; content.cut < content.graph->cuts.size(); content.cut += 7) {
                const double value = content.graph->cuts[content.cut].cut;
                const BinaryGraph graph = kind == GraphCut::Threshold ? cutAtThreshold(*weights, value) : cutAtPercentile(*weights, value);
                QCOMPARE(degreesAt(content), degreesOf(graph));
                for (int edge = 0; edge < content.graph->edgesAt(content.cut); ++edge) {
                    const auto& one = content.graph->edges[static_cast<std::size_t>(edge)];
                    QVERIFY(graph.hasEdge(one.first, one.second));
                }
            }
        }
    }

    /// Every token has a place of its own inside the area, in order around the middle, and the pointer finds it.
    void places_data() {
        QTest::addColumn<int>("tokens");
        for (const int tokens : {1, 2, 3, 24, 90, 400})
            QTest::addRow("%d", tokens) << tokens;
    }
    void places() {
        QFETCH(int, tokens);
        PlainCapture capture(tokens, true);
        const GraphContent content = contentOf(capture, 0, 0, GraphCut::Threshold);
        QVERIFY(content.graph);
        const QRectF area(0, 0, 500, 460);
        const GraphLayout layout = layoutGraph(area, content, font());
        QCOMPARE(layout.nodes[0], layout.centre);
        for (int token = 0; token < tokens; ++token) {
            QVERIFY(area.contains(layout.nodes[static_cast<std::size_t>(token)]));
            QCOMPARE(tokenAt(layout, layout.nodes[static_cast<std::size_t>(token)]), token);
        }
        if (tokens == 24) {
            QVERIFY(std::count(layout.labelled.begin(), layout.labelled.end(), true) >= 20);
            QVERIFY(layout.nodes[1].x() > layout.centre.x() && layout.nodes[23].x() < layout.centre.x()); // clockwise
        }
    }

    void cutUnderThePointer() {
        PlainCapture capture(12, true);
        const GraphContent content = contentOf(capture, 0, 0, GraphCut::Threshold);
        for (const double width : {500.0, 260.0}) {
            const QRectF area(0, 0, width, graphCurvesHeight(width, font()));
            for (const QRectF& cell : layoutGraphCurves(area, font())) {
                QVERIFY(area.contains(cell));
                QCOMPARE(cutAt(area, content, cell.center() - QPointF(cell.width(), 0) / 2, font()).value(), std::size_t{0});
                QCOMPARE(cutAt(area, content, QPointF(cell.right() - 0.5, cell.center().y()), font()).value(), content.graph->cuts.size() - 1);
            }
        }
        QVERIFY(!cutAt(QRectF(0, 0, 500, 90), content, QPointF(-20, 40), font()));
    }

    void stops() {
        std::stop_source stop;
        stop.request_stop();
        JobContext context(stop.get_token(), {});
        PlainCapture capture(12, true);
        QVERIFY_ERROR(headGraph(capture, 0, 0, 0, GraphCut::Threshold, context), ErrorCode::Cancelled);
        QVERIFY_ERROR(headGraph(capture, 0, 0, 0, GraphCut::Percentile, context), ErrorCode::Cancelled);
    }
};

QTEST_MAIN(TestAttentionGraph)
#include "tst_attention_graph.moc"
