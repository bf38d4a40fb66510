// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/ids.h"
#include "core/capture/capture.h"

#include <QObject>
#include <QString>

#include <vector>

namespace sinkscope {

/// The one selection that all views share and follow. Views never talk to each other, only to this. Setting what is already
/// set emits nothing, so that views may set and listen without loops. Thread: gui.
class Selection : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;

    [[nodiscard]] SampleId sample() const { return m_sample; }
    [[nodiscard]] LayerId layer() const { return m_layer; }
    [[nodiscard]] HeadId head() const { return m_head; }
    /// The token everything highlights (a key); -1 when none.
    [[nodiscard]] TokenId token() const { return m_token; }
    /// The query whose row is looked at; -1 when none.
    [[nodiscard]] TokenId query() const { return m_query; }
    /// A set of tokens of the sample, ascending, chosen by drawing around them or by several rows: shown beside the token. May be empty.
    [[nodiscard]] const std::vector<int>& tokens() const { return m_tokens; }
    [[nodiscard]] Space space() const { return m_space; }
    /// Name of the tensor of the opened checkpoint that the inspector's panels show; empty when none.
    [[nodiscard]] const QString& tensor() const { return m_tensor; }

    void setSample(SampleId sample);
    void setHead(LayerId layer, HeadId head);
    void setToken(TokenId token);
    void setQuery(TokenId query);
    /// In any order; double ones and negative ones are dropped.
    void setTokens(std::vector<int> tokens);
    void setSpace(Space space);
    void setTensor(const QString& name);
    /// Brings a panel to the front (by its id), for what the user has asked to see in it.
    void showView(const QString& id) { Q_EMIT viewRequested(id); }
    /// Forgets tokens and goes back to sample 0, layer 0, head 0: a new run has begun.
    void reset();

Q_SIGNALS:
    void sampleChanged(sinkscope::SampleId sample);
    void headChanged(sinkscope::LayerId layer, sinkscope::HeadId head);
    void tokenChanged(sinkscope::TokenId token);
    void queryChanged(sinkscope::TokenId query);
    void tokensChanged();
    void spaceChanged(sinkscope::Space space);
    void tensorChanged(const QString& name);
    void viewRequested(const QString& id);

private:
    SampleId m_sample{0};
    LayerId m_layer{0};
    HeadId m_head{0};
    TokenId m_token{-1};
    TokenId m_query{-1};
    std::vector<int> m_tokens;
    Space m_space = Space::Key;
    QString m_tensor;
};

} // namespace sinkscope
