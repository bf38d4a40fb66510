// SPDX-License-Identifier: Apache-2.0
#include "views/models/head_barcode.h"

#include "views/models/text_format.h"

#include <QCoreApplication>

#include <algorithm>

namespace sinkscope {
namespace {

QString translated(const char* text) { return QCoreApplication::translate("Barcode", text); }

QString tokenText(const SampleTokens& tokens, int token) {
    return QStringLiteral("%1 “%2”").arg(token).arg(pieceWithSpaces(tokens, token));
}

void addCurves(HeadBarcode& result) {
    std::vector<double>& values = result.values;
    values.push_back(0);
    for (const auto* bars : {&result.barcode.zero, &result.barcode.one})
        for (const Bar& bar : *bars) {
            values.push_back(bar.birth);
            if (!bar.essential())
                values.push_back(bar.death);
        }
    std::ranges::sort(values);
    values.erase(std::unique(values.begin(), values.end()), values.end());
    result.largest = values.back() > 0 ? values.back() : 1.0;
    result.betti[0] = bettiCurve(result.barcode.zero, values);
    result.betti[1] = bettiCurve(result.barcode.one, values);
}

} // namespace

Result<std::shared_ptr<const HeadBarcode>> headBarcode(CaptureSource& source, int sample, int layer, int head, Filtration filtration,
                                                       const JobContext& context) {
    SINKSCOPE_TRY(const auto attention, attentionOf(source, sample, layer, head));
    if (attention->tokens > kLongestBarcode)
        return Error{ErrorCode::InvalidArgument, "barcodes are drawn for up to " + std::to_string(kLongestBarcode) + " tokens", {}};
    SINKSCOPE_TRY(const auto distances, attentionDissimilarity(attention->weights, attention->tokens, {.filtration = filtration}));
    auto result = std::make_shared<HeadBarcode>();
    result->filtration = filtration;
    SINKSCOPE_TRY(result->barcode, ripsBarcode(std::span<const double>(distances), attention->tokens, RipsOptions{}, context));
    addCurves(*result);
    return std::shared_ptr<const HeadBarcode>(std::move(result));
}

const Bar& barOf(const HeadBarcode& barcode, BarId id) {
    const auto& bars = id.dimension == 0 ? barcode.barcode.zero : barcode.barcode.one;
    return bars[static_cast<std::size_t>(id.index)];
}

std::optional<std::pair<int, int>> edgeOf(const HeadBarcode& barcode, BarId id) {
    const Bar& bar = barOf(barcode, id);
    if (id.dimension == 1)
        return std::pair<int, int>(bar.creator[0], bar.creator[1]);
    if (bar.killer[1] < 0)
        return std::nullopt;
    return std::pair<int, int>(bar.killer[0], bar.killer[1]);
}

QString barText(const HeadBarcode& barcode, BarId id, const SampleTokens& tokens) {
    const Bar& bar = barOf(barcode, id);
    const auto name = [&](int token) { return tokenText(tokens, token); };
    if (id.dimension == 0) {
        const QString first = translated("Component of token %1").arg(name(bar.creator[0]));
        if (bar.killer[1] < 0)
            return first + QLatin1Char('\n') + translated("born at 0, never ends");
        return first + QLatin1Char('\n') +
               translated("born at 0, ends at %1: the edge %2 – %3 joins it").arg(numberText(bar.death), name(bar.killer[0]), name(bar.killer[1]));
    }
    const QString first = translated("Cycle, born at %1: the edge %2 – %3 closes it").arg(numberText(bar.birth), name(bar.creator[0]), name(bar.creator[1]));
    if (bar.killer[2] < 0)
        return first + QLatin1Char('\n') + translated("never filled");
    return first + QLatin1Char('\n') +
           translated("ends at %1: the triangle %2, %3, %4 fills it").arg(numberText(bar.death), name(bar.killer[0]), name(bar.killer[1]), name(bar.killer[2]));
}

QString titleOf(Filtration filtration) {
    switch (filtration) {
    case Filtration::Mean: return translated("1 − mean weight");
    case Filtration::Maximum: return translated("1 − larger weight");
    case Filtration::Hellinger: return translated("Hellinger distance");
    }
    return {};
}

std::optional<Filtration> filtrationOf(std::string_view name) {
    const auto found = std::ranges::find(kFiltrations, name, [](Filtration one) { return nameOf(one); });
    return found == kFiltrations.end() ? std::nullopt : std::optional(*found);
}

} // namespace sinkscope
