// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/key_space_scene.h"

#include <QLocale>

#include <algorithm>
#include <cmath>

namespace sinkscope {

QString KeySpaceText::number(double value) {
    const double size = std::abs(value);
    return size != 0 && (size < 0.001 || size >= 100000) ? QLocale().toString(value, 'e', 1) : QLocale().toString(value, 'g', 3);
}

QString KeySpaceText::spaceTitle(Space space) {
    switch (space) {
    case Space::Query: return tr("Query space");
    case Space::Key: return tr("Key space");
    case Space::Value: return tr("Value space");
    case Space::Hidden: return tr("Hidden states");
    }
    return {};
}

QString KeySpaceText::title(const KeySpaceQuestion& question) {
    QString title = tr("%1 — layer %2, head %3").arg(spaceTitle(question.space)).arg(question.layer).arg(question.head);
    const CaptureHeader& header = question.capture->header();
    const bool shared = header.keyValueHeads > 0 && header.keyValueHeads < header.heads;
    if (shared && (question.space == Space::Key || question.space == Space::Value))
        title += tr(" (kv %1 of %2)").arg(question.head / (header.heads / header.keyValueHeads)).arg(header.keyValueHeads);
    return title;
}

QString KeySpaceText::colorName(KeySpaceOptions::Color color) {
    switch (color) {
    case KeySpaceOptions::Color::Received: return tr("Received attention");
    case KeySpaceOptions::Color::Position: return tr("Position");
    case KeySpaceOptions::Color::Norm: return tr("Norm");
    }
    return {};
}

QStringList KeySpaceText::facts(const KeySpaceData& data, const SampleTokens& tokens, int token) {
    const auto index = static_cast<std::size_t>(token);
    if (token < 0 || token >= data.tokens)
        return {};
    QStringList facts{tr("token %1 “%2”").arg(token).arg(index < tokens.display.size() ? QString::fromStdString(tokens.display[index]) : QString())};
    facts << tr("received attention %1").arg(number(static_cast<double>(data.statistics->received(data.question.head, token))));
    facts << tr("norm %1").arg(number(static_cast<double>(data.norms[index])));
    if (std::find(data.anchors.begin(), data.anchors.end(), token) != data.anchors.end())
        facts << tr("anchor: a sink of this head");
    return facts;
}

KeySpaceText::Message KeySpaceText::problem(KeySpaceData::Gap gap, int layer) {
    if (gap == KeySpaceData::Gap::LayerMissing)
        return {tr("Layer %1 is not there yet").arg(layer),
                tr("It appears here as soon as the run has reached it. A stopped run has only the layers it finished.")};
    if (gap == KeySpaceData::Gap::TooShort)
        return {tr("Too few tokens"), tr("Fewer than %1 points always lie in a plane: there is no space to see. Run a longer text.").arg(KeySpaceData::kFewestTokens)};
    return {tr("No vectors in this capture"), tr("Queries, keys and values were not kept. Run again and keep them to see them in space.")};
}

KeySpaceText::Message KeySpaceText::problem(const Error& error) {
    const QString detail = QString::fromStdString(error.detail);
    switch (error.code) {
    case ErrorCode::InvalidArgument: return {tr("These vectors cannot be projected"), tr("Choose another projection, or run a longer text. (%1)").arg(detail)};
    case ErrorCode::NotFinite:
        return {tr("The vectors hold NaN or infinity"),
                tr("They cannot be placed. The model may have overflowed in this layer: try float32. (%1)").arg(detail)};
    default: return {tr("These vectors cannot be shown"), QString::fromStdString(describe(error))};
    }
}

} // namespace sinkscope
