// SPDX-License-Identifier: Apache-2.0
// Which pictures follow each other, and which of them may share a reference.
#include "views/vtk/key_space_axis.h"

#include <algorithm>

namespace sinkscope {

int keyValueHeadOf(const KeySpaceStep& step) {
    const CaptureHeader& header = step.capture->header();
    return step.head / std::max(1, header.heads / std::max(1, header.keyValueHeads));
}

int vectorHeadOf(CloudSpace space, const KeySpaceStep& step) {
    switch (space) {
    case CloudSpace::Query:
    case CloudSpace::KeyQuery: return step.head;
    case CloudSpace::Key:
    case CloudSpace::Value: return keyValueHeadOf(step);
    case CloudSpace::Hidden: return 0;
    }
    return 0;
}

bool KeySpaceQuestion::followsAxis() const {
    const bool ofHeads = (scope == KeySpaceScope::Head || scope == KeySpaceScope::Group) && space != CloudSpace::Hidden;
    switch (axis) {
    case KeySpaceAxis::Layers: return scope != KeySpaceScope::AllLayers;
    case KeySpaceAxis::Heads: return ofHeads;
    case KeySpaceAxis::Runs: return runs.size() > 1;
    }
    return false;
}

std::optional<KeySpaceStep> KeySpaceQuestion::step(int number) const {
    const CaptureHeader& header = capture->header();
    KeySpaceStep step = own();
    switch (axis) {
    case KeySpaceAxis::Layers:
        step.layer = number;
        return number >= 0 && number < header.layers ? std::optional(step) : std::nullopt;
    case KeySpaceAxis::Heads:
        step.head = number;
        return number >= 0 && number < header.heads ? std::optional(step) : std::nullopt;
    case KeySpaceAxis::Runs:
        if (number < 0 || number >= static_cast<int>(runs.size()))
            return {};
        step.capture = runs[static_cast<std::size_t>(number)];
        return step;
    }
    return {};
}

bool KeySpaceQuestion::sameStep(const KeySpaceStep& a, const KeySpaceStep& b) const {
    const bool sameHead = scope == KeySpaceScope::Group ? keyValueHeadOf(a) == keyValueHeadOf(b) : vectorHeadOf(space, a) == vectorHeadOf(space, b);
    const bool headsCount = scope == KeySpaceScope::Head || scope == KeySpaceScope::Group;
    return a.capture == b.capture && a.layer == b.layer && (sameHead || !headsCount);
}

std::vector<KeySpaceStep> KeySpaceQuestion::steps() const {
    const CaptureHeader& header = capture->header();
    const int numbers = axis == KeySpaceAxis::Layers ? header.layers : axis == KeySpaceAxis::Heads ? header.heads : static_cast<int>(runs.size());
    std::vector<KeySpaceStep> all;
    for (int number = 0; number < numbers; ++number) {
        const auto next = step(number);
        const auto& captured = next->capture->header().capturedLayers;
        const bool there = std::find(captured.begin(), captured.end(), next->layer) != captured.end() &&
                           (allSamples || next->capture->hasLayer(sample, next->layer));
        const bool again = std::any_of(all.begin(), all.end(), [&](const KeySpaceStep& each) { return sameStep(each, *next); });
        if (there && !again)
            all.push_back(*next);
    }
    return all;
}

std::string KeySpaceQuestion::nameOfStep(int number) const {
    switch (axis) {
    case KeySpaceAxis::Layers: return "L" + std::to_string(number);
    case KeySpaceAxis::Heads: return "H" + std::to_string(number);
    case KeySpaceAxis::Runs: return "run " + std::to_string(number + 1);
    }
    return {};
}

bool KeySpaceQuestion::sameReference(const KeySpaceQuestion& other) const {
    const bool sameSample = allSamples ? other.allSamples : !other.allSamples && sample == other.sample;
    // The place on the axis may differ, what lies beside it may not. (Alignment apart, a layer's cloud does not depend on other steps.)
    const bool samePlace = (axis == KeySpaceAxis::Layers || layer == other.layer) && (axis == KeySpaceAxis::Heads || head == other.head) &&
                           (axis == KeySpaceAxis::Runs ? runs == other.runs : capture == other.capture);
    return samePlace && axis == other.axis && sameSample && space == other.space && beforeRotary == other.beforeRotary && scope == other.scope &&
           projection == other.projection && parameters == other.parameters && alignment == other.alignment && alignTo == other.alignTo &&
           scaling == other.scaling && matchDotProducts == other.matchDotProducts && maxPoints == other.maxPoints;
}

bool KeySpaceQuestion::sameVectors(const KeySpaceQuestion& other) const {
    return sameReference(other) && capture == other.capture && layer == other.layer && head == other.head && sample == other.sample &&
           clusters == other.clusters;
}

CloudRequest KeySpaceQuestion::request(const KeySpaceStep& step) const {
    CloudRequest request;
    request.space = space;
    request.beforeRotary = beforeRotary;
    request.scope = scope == KeySpaceScope::Head ? CloudScope::Head : scope == KeySpaceScope::Group ? CloudScope::Group : CloudScope::Layer;
    request.head = scope == KeySpaceScope::Head ? vectorHeadOf(space, step) : keyValueHeadOf(step);
    if (scope != KeySpaceScope::AllLayers)
        request.layers = {step.layer};
    if (!allSamples)
        request.samples = {sample};
    request.matchDotProducts = matchDotProducts && space == CloudSpace::KeyQuery;
    request.scaling = scaling;
    request.maxPoints = maxPoints;
    request.sinks = sinks;
    return request;
}

} // namespace sinkscope
