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

QString KeySpaceText::spaceTitle(CloudSpace space) {
    switch (space) {
    case CloudSpace::Query: return tr("Query space");
    case CloudSpace::Key: return tr("Key space");
    case CloudSpace::Value: return tr("Value space");
    case CloudSpace::Hidden: return tr("Hidden states");
    case CloudSpace::KeyQuery: return tr("Keys and queries");
    }
    return {};
}

QString KeySpaceText::title(const KeySpaceQuestion& question) {
    const CaptureHeader& header = question.capture->header();
    const QString space = spaceTitle(question.space);
    const bool hidden = question.space == CloudSpace::Hidden;
    const bool shared = header.keyValueHeads > 0 && header.keyValueHeads < header.heads;
    const int group = header.keyValueHeads > 0 ? question.head / std::max(1, header.heads / header.keyValueHeads) : 0;
    QString title;
    if (question.scope == KeySpaceScope::AllLayers)
        title = tr("%1 — all layers").arg(space);
    else if (question.scope == KeySpaceScope::Layer || hidden)
        title = tr("%1 — layer %2").arg(space).arg(question.layer);
    else if (question.scope == KeySpaceScope::Group)
        title = tr("%1 — layer %2, kv %3 of %4").arg(space).arg(question.layer).arg(group).arg(header.keyValueHeads);
    else
        title = tr("%1 — layer %2, head %3").arg(space).arg(question.layer).arg(question.head);
    if (question.scope == KeySpaceScope::Head && shared && (question.space == CloudSpace::Key || question.space == CloudSpace::Value))
        title += tr(" (kv %1 of %2)").arg(group).arg(header.keyValueHeads);
    return question.allSamples ? tr("%1, all samples").arg(title) : title;
}

QString KeySpaceText::attributeName(KeySpaceAttribute attribute) {
    switch (attribute) {
    case KeySpaceAttribute::None: return tr("None");
    case KeySpaceAttribute::Received: return tr("Received attention");
    case KeySpaceAttribute::Position: return tr("Position");
    case KeySpaceAttribute::Norm: return tr("Norm");
    case KeySpaceAttribute::Layer: return tr("Layer");
    case KeySpaceAttribute::TokenClass: return tr("Token class");
    case KeySpaceAttribute::Sample: return tr("Sample");
    case KeySpaceAttribute::Head: return tr("Head");
    case KeySpaceAttribute::Kind: return tr("Key or query");
    case KeySpaceAttribute::Cluster: return tr("Cluster");
    }
    return {};
}

bool KeySpaceText::isCategory(KeySpaceAttribute attribute) {
    return attribute == KeySpaceAttribute::TokenClass || attribute == KeySpaceAttribute::Sample || attribute == KeySpaceAttribute::Head ||
           attribute == KeySpaceAttribute::Kind || attribute == KeySpaceAttribute::Cluster;
}

QString KeySpaceText::className(TokenClass tokenClass) {
    switch (tokenClass) {
    case TokenClass::Special: return tr("special");
    case TokenClass::Whitespace: return tr("white space");
    case TokenClass::Punctuation: return tr("punctuation");
    case TokenClass::Number: return tr("number");
    case TokenClass::WordStart: return tr("start of a word");
    case TokenClass::Continuation: return tr("rest of a word");
    }
    return {};
}

QString KeySpaceText::kindName(PointKind kind) {
    switch (kind) {
    case PointKind::Key: return tr("key");
    case PointKind::Query: return tr("query");
    case PointKind::Value: return tr("value");
    case PointKind::Hidden: return tr("hidden state");
    }
    return {};
}

QString KeySpaceText::tokenText(const KeySpaceData& data, int point) {
    const std::string_view text = textOf(data.question.capture->header(), data.point(point));
    const QString trimmed = QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())).trimmed();
    return trimmed.isEmpty() ? QStringLiteral("␣") : trimmed;
}

QStringList KeySpaceText::facts(const KeySpaceData& data, int point) {
    if (point < 0 || point >= data.count())
        return {};
    const CloudPoint& about = data.point(point);
    QStringList facts{tr("token %1 “%2”").arg(about.token).arg(tokenText(data, point))};
    if (data.question.space == CloudSpace::KeyQuery)
        facts << kindName(about.kind);
    if (data.question.scope != KeySpaceScope::Head && about.head >= 0)
        facts << tr("layer %1, head %2").arg(about.layer).arg(about.head);
    else if (data.question.scope == KeySpaceScope::AllLayers)
        facts << tr("layer %1").arg(about.layer);
    if (data.question.allSamples)
        facts << tr("sample %1").arg(about.sample);
    if (const float received = data.received[static_cast<std::size_t>(point)]; !std::isnan(received))
        facts << tr("received attention %1").arg(number(static_cast<double>(received)));
    facts << tr("norm %1").arg(number(static_cast<double>(about.norm)));
    facts << className(about.tokenClass);
    if (std::find(data.anchors.begin(), data.anchors.end(), point) != data.anchors.end())
        facts << (data.question.scope == KeySpaceScope::Head ? tr("anchor: a sink of this head") : tr("anchor: a sink"));
    if (about.clipped)
        facts << tr("drawn in: it lies farther out");
    return facts;
}

QString KeySpaceText::describeSet(const KeySpaceData& data, const std::vector<int>& points) {
    if (points.empty())
        return tr("no set");
    QStringList first;
    for (const int point : points) {
        if (first.size() == 5)
            break;
        first << QStringLiteral("“%1”").arg(tokenText(data, point));
    }
    const QString names = first.join(QStringLiteral(", "));
    return points.size() > 5 ? tr("set of %n point(s): %1 and more", nullptr, static_cast<int>(points.size())).arg(names)
                             : tr("set of %n point(s): %1", nullptr, static_cast<int>(points.size())).arg(names);
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
