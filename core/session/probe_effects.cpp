// SPDX-License-Identifier: Apache-2.0
#include "core/session/probe_effects.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

namespace sinkscope {
namespace {

struct QuantityText {
    std::string_view id, title, unit;
};
constexpr std::array<QuantityText, kProbeQuantities> kTexts{{
    {"loss", "next-token loss", " nats"},
    {"kl", "divergence of the output from that of the intact model", " nats"},
    {"top1", "share of positions with the same most probable token", ""},
    {"sink_rate", "sink rate", ""},
    {"sink_mass", "attention on sinks", ""},
    {"anchors", "effective number of anchors", ""},
    {"sink_share", "attention on anchors", ""},
}};

/// Changes up to this are rounding of float32 products that were cut elsewhere.
constexpr double kRounding = 1e-5;

std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3g", value);
    return text;
}

std::string interval(const Estimate& estimate) {
    if (estimate.samples < 2)
        return number(estimate.value) + " (one sample, no interval)";
    return number(estimate.value) + " (" + number(estimate.low) + " to " + number(estimate.high) + ")";
}

bool holdsZero(const Estimate& estimate) { return estimate.low <= 0 && estimate.high >= 0; }
bool apart(const Estimate& a, const Estimate& b) { return a.high < b.low || a.low > b.high; }

/// Stronger than the control in the same direction, by the samples' own differences as well as by the two intervals.
bool exceeds(const Estimate& change, const ControlEffect& control) {
    const bool sameDirection = (control.excess.value > 0) == (change.value > 0);
    return sameDirection && !holdsZero(control.excess) && apart(control.own.samples > 0 ? control.own : change, control.change);
}

std::string controlText(const ControlEffect& control) {
    const char* what = control.id == "random_position" ? "at as many other positions" : "in as many other heads";
    if (control.own.samples > 0)
        return "the same in other heads " + interval(control.change) + " and in equally many of its own " + interval(control.own);
    return "the same " + std::string(what) + " " + interval(control.change);
}

std::string sentenceOf(const QuantityEffect& effect, std::string_view what, bool byConstruction) {
    const QuantityText& text = kTexts[static_cast<std::size_t>(effect.quantity)];
    const std::string subject = "the " + std::string(text.title), size = interval(effect.change) + std::string(text.unit);
    const std::string with = "With " + std::string(what) + ", ";
    if (std::max(std::abs(effect.change.low), std::abs(effect.change.high)) < kRounding)
        return with + subject + " does not change beyond rounding.";
    if (effect.change.samples < 2 || holdsZero(effect.change))
        return with + subject + " changes by " + size + (effect.change.samples < 2 ? ": one sample says nothing about others."
                                                                                   : ": not set apart from no change.");
    const std::string change = subject + (effect.change.value > 0 ? " rises by " : " falls by ") +
                               (effect.change.value > 0 ? size : interval({-effect.change.value, -effect.change.high, -effect.change.low,
                                                                           effect.change.samples}) + std::string(text.unit));
    if (effect.controls.empty())
        return with + change + ". There is no control to compare that with.";
    std::string controls;
    for (const ControlEffect& control : effect.controls)
        controls += (controls.empty() ? "" : ", ") + controlText(control);
    if (byConstruction)
        return with + change + ": hiding a key takes the attention on it away by construction; as a control, " + controls + ".";
    if (!effect.causal)
        return with + change + "; as a control, " + controls + ": no cause is named, " +
               (effect.change.samples < kFewestForCause ? "there are too few samples." : "the control is not clearly weaker.");
    return "T" + change.substr(1) + " because of this edit: " + std::string(what) + "; as a control, " + controls + ".";
}

/// Change of a quantity in every sample; NaN where there is none.
std::vector<double> changesOf(const std::vector<SampleOutcome>& outcomes, std::size_t quantity) {
    std::vector<double> changes;
    for (const SampleOutcome& outcome : outcomes)
        changes.push_back(outcome.after[quantity] - outcome.before[quantity]);
    return changes;
}

/// Mean over the draws that have the quantity; NaN when none has.
double meanChange(const std::vector<std::vector<SampleOutcome>>& draws, std::size_t sample, std::size_t quantity) {
    double sum = 0;
    int count = 0;
    for (const auto& draw : draws) {
        const double change = draw[sample].after[quantity] - draw[sample].before[quantity];
        sum += std::isnan(change) ? 0 : change;
        count += std::isnan(change) ? 0 : 1;
    }
    return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
}

ControlEffect controlOf(const ProbeMeasurements::Control& control, std::size_t quantity, const std::vector<double>& effect) {
    std::vector<double> means(effect.size()), excess(effect.size()), own(effect);
    bool isSmaller = false;
    for (std::size_t sample = 0; sample < effect.size(); ++sample) {
        means[sample] = std::isnan(effect[sample]) ? effect[sample] : meanChange(control.draws, sample, quantity);
        if (const double part = meanChange(control.matched, sample, quantity); !std::isnan(part)) {
            own[sample] = part;
            isSmaller = true;
        }
        if (std::isnan(means[sample])) // compared are the same samples
            own[sample] = means[sample];
        excess[sample] = own[sample] - means[sample];
    }
    return {control.id, estimateOf(means), estimateOf(excess), isSmaller ? estimateOf(own) : Estimate{}};
}

} // namespace

std::string_view idOf(ProbeQuantity quantity) { return kTexts[static_cast<std::size_t>(quantity)].id; }
std::string_view titleOf(ProbeQuantity quantity) { return kTexts[static_cast<std::size_t>(quantity)].title; }

std::vector<QuantityEffect> effectsOf(const ProbeMeasurements& measured, std::string_view what, bool hidesKeys) {
    std::vector<QuantityEffect> effects;
    for (std::size_t quantity = 0; quantity < kProbeQuantities; ++quantity) {
        const auto changes = changesOf(measured.effect, quantity);
        QuantityEffect effect{.quantity = static_cast<ProbeQuantity>(quantity), .before = {}, .after = {}, .change = estimateOf(changes),
                              .controls = {}, .causal = false, .sentence = {}};
        if (effect.change.samples == 0)
            continue;
        std::vector<double> before, after;
        for (std::size_t sample = 0; sample < changes.size(); ++sample)
            if (!std::isnan(changes[sample])) {
                before.push_back(measured.effect[sample].before[quantity]);
                after.push_back(measured.effect[sample].after[quantity]);
            }
        effect.before = estimateOf(before);
        effect.after = estimateOf(after);
        for (const auto& control : measured.controls)
            if (auto found = controlOf(control, quantity, changes); found.change.samples > 0)
                effect.controls.push_back(std::move(found));
        const Estimate& change = effect.change;
        const bool byConstruction = hidesKeys && quantity >= static_cast<std::size_t>(ProbeQuantity::SinkRate);
        effect.causal = !byConstruction && change.samples >= kFewestForCause && !holdsZero(change) && std::abs(change.value) >= kRounding &&
                        !effect.controls.empty() &&
                        std::ranges::all_of(effect.controls, [&](const ControlEffect& control) {
                            return control.excess.samples >= kFewestForCause && exceeds(change, control);
                        });
        effect.sentence = sentenceOf(effect, what, byConstruction);
        effects.push_back(std::move(effect));
    }
    return effects;
}

} // namespace sinkscope
