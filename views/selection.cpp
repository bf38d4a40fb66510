// SPDX-License-Identifier: Apache-2.0
#include "views/selection.h"

#include <algorithm>

namespace sinkscope {

void Selection::setSample(SampleId sample) {
    if (sample == m_sample)
        return;
    m_sample = sample;
    m_token = TokenId(-1); // token indices of another sample mean other tokens
    m_query = TokenId(-1);
    Q_EMIT sampleChanged(sample);
    Q_EMIT tokenChanged(m_token);
    Q_EMIT queryChanged(m_query);
    setTokens({});
}

void Selection::setHead(LayerId layer, HeadId head) {
    if (layer == m_layer && head == m_head)
        return;
    m_layer = layer;
    m_head = head;
    Q_EMIT headChanged(layer, head);
}

void Selection::setToken(TokenId token) {
    if (token == m_token)
        return;
    m_token = token;
    Q_EMIT tokenChanged(token);
}

void Selection::setQuery(TokenId query) {
    if (query == m_query)
        return;
    m_query = query;
    Q_EMIT queryChanged(query);
}

void Selection::setTokens(std::vector<int> tokens) {
    std::erase_if(tokens, [](int token) { return token < 0; });
    std::sort(tokens.begin(), tokens.end());
    tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
    if (tokens == m_tokens)
        return;
    m_tokens = std::move(tokens);
    Q_EMIT tokensChanged();
}

void Selection::setSpace(Space space) {
    if (space == m_space)
        return;
    m_space = space;
    Q_EMIT spaceChanged(space);
}

void Selection::setTensor(const QString& name) {
    if (name == m_tensor)
        return;
    m_tensor = name;
    Q_EMIT tensorChanged(name);
}

void Selection::reset() {
    setSample(SampleId(0));
    setHead(LayerId(0), HeadId(0));
    setToken(TokenId(-1));
    setQuery(TokenId(-1));
    setTokens({});
}

} // namespace sinkscope
