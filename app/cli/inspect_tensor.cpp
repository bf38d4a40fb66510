// SPDX-License-Identifier: Apache-2.0
#include "app/cli/inspect_tensor.h"

#include "app/cli/output.h"
#include "core/base/printable.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace sinkscope {
namespace {

constexpr std::size_t kBar = 40; ///< characters of the highest one

std::string numberText(double value, const char* format = "%.6g") {
    char text[32];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

std::string textOf(const TensorHistogram& histogram) {
    if (histogram.counts.empty())
        return "no finite number\n";
    const std::uint64_t most = *std::ranges::max_element(histogram.counts);
    std::vector<std::vector<std::string>> rows;
    for (std::size_t bin = 0; bin < histogram.counts.size(); ++bin) {
        const std::uint64_t count = histogram.counts[bin];
        // Whatever is there shows: the tails of weights are a few among millions.
        const auto length = static_cast<std::size_t>(static_cast<double>(count) / static_cast<double>(most) * kBar);
        rows.push_back({numberText(histogram.edge(bin), "%.4g"), numberText(histogram.edge(bin + 1), "%.4g"), grouped(count),
                        count == 0 ? "" : length == 0 ? "." : std::string(length, '#')});
    }
    return tableText(rows, {true, true, true, false});
}

std::string textOf(const LeadingSingularValues& singular) {
    std::vector<std::vector<std::string>> rows;
    for (std::size_t i = 0; i < singular.values.size(); ++i)
        rows.push_back({"sigma " + std::to_string(i + 1), numberText(singular.values[i], "%.7g"),
                        singular.isExact ? std::string() : "within " + numberText(singular.bounds[i], "%.1e")});
    return tableText(rows, {false, true, false});
}

} // namespace

std::string shapeText(const std::vector<std::int64_t>& shape) {
    std::string text;
    for (const std::int64_t size : shape)
        text += (text.empty() ? "" : " x ") + std::to_string(size);
    return shape.empty() ? "scalar" : text;
}

Result<TensorAnswer> answerQuestion(const Checkpoint& checkpoint, const TensorQuestion& question, JobContext& context) {
    TensorAnswer answer{.tensor = checkpoint.find(question.name), .profile = {}, .hasHistogram = question.bins > 0, .singular = {}};
    if (!answer.tensor)
        return Error{ErrorCode::InvalidArgument, "there is no tensor '" + printable(question.name) + "'; --tensors lists them", checkpoint.opened};
    if (const std::string obstacle = singularObstacle(*answer.tensor); question.singular > 0 && !obstacle.empty())
        return Error{ErrorCode::InvalidArgument, "'" + printable(question.name) + "' " + obstacle, checkpoint.opened};
    if (answer.hasHistogram) {
        SINKSCOPE_TRY(answer.profile, tensorProfile(*answer.tensor, question.bins, context));
    } else {
        SINKSCOPE_TRY(answer.profile.statistics, tensorStatistics(*answer.tensor, context));
    }
    if (question.singular > 0) {
        SINKSCOPE_TRY(answer.singular, leadingSingularValues(*answer.tensor, static_cast<std::size_t>(question.singular), context));
    }
    return answer;
}

Json jsonOf(const TensorAnswer& answer) {
    const TensorStatistics& statistics = answer.profile.statistics;
    const auto number = [&](double value) { return statistics.finite() == 0 ? Json() : jsonNumber(value); };
    Json json = {{"name", answer.tensor->name},
                 {"count", statistics.count},
                 {"min", number(statistics.minimum)},
                 {"max", number(statistics.maximum)},
                 {"mean", number(statistics.mean)},
                 {"std", number(statistics.deviation)},
                 {"l2", number(statistics.norm)},
                 {"zeros", statistics.zeros},
                 {"nan", statistics.nans},
                 {"inf", statistics.infinities}};
    if (answer.hasHistogram)
        json["histogram"] = {{"low", number(answer.profile.histogram.low)}, {"high", number(answer.profile.histogram.high)}, {"counts", answer.profile.histogram.counts}};
    if (answer.singular)
        json["singular"] = {{"values", answer.singular->values}, {"bounds", answer.singular->bounds}, {"exact", answer.singular->isExact}};
    return json;
}

std::string textOf(const TensorAnswer& answer) {
    const TensorInfo& tensor = *answer.tensor;
    const TensorStatistics& statistics = answer.profile.statistics;
    std::vector<std::vector<std::string>> rows{
        {"type", std::string(nameOf(tensor.dtype))}, {"shape", shapeText(tensor.shape)}, {"elements", grouped(statistics.count)}};
    const auto add = [&](const char* name, double value) { rows.push_back({name, statistics.finite() == 0 ? "none" : numberText(value)}); };
    add("min", statistics.minimum);
    add("max", statistics.maximum);
    add("mean", statistics.mean);
    add("std", statistics.deviation);
    add("L2 norm", statistics.norm);
    rows.push_back({"zeros", grouped(statistics.zeros)});
    rows.push_back({"NaN", grouped(statistics.nans)});
    rows.push_back({"Inf", grouped(statistics.infinities)});
    std::string text = printable(tensor.name) + "\n" + tableText(rows, {false, false});
    if (answer.hasHistogram)
        text += "\n" + textOf(answer.profile.histogram);
    if (answer.singular)
        text += "\n" + textOf(*answer.singular);
    return text;
}

} // namespace sinkscope
