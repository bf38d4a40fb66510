// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/analysis/verdict.h"

namespace sinkscope {

inline constexpr const char* kNotEnough = "not enough";

/// What a verdict rests on, before it is put into words.
struct FrameWords {
    enum Outcome { None, ExcessOpen, Bidirectional, EndsOpen, Centralized, Distributed, AnchorsOpen };
    Outcome outcome = None;
    FrameLevel level = FrameLevel::Model;
    double leastExcess = 0;
    bool causal = true;
    int samples = 0;
    Estimate excess{}, anchors{}, ends{};
    FrameScores scores{};
};

/// "0.31".
std::string plainText(double value);
/// "31 %", "3.1 %".
std::string percentText(double share);
/// "31 % (28 % to 35 %)"; without the interval of a single sample.
std::string withInterval(const Estimate& estimate, std::string (*format)(double));

/// "centralized", ..
std::string kindOf(const FrameWords& words);
/// One sentence after the other, with every number and threshold that decided.
std::string longReason(const FrameWords& words, double sinkShare, double baseline, const FrameThresholds& thresholds);
/// "excess 71 % (65 % to 78 %), 1.02 anchors".
std::string shortReason(const FrameWords& words);
/// Why there is no verdict, when `samples` samples were long enough.
std::string notEnoughReason(int samples, const FrameThresholds& thresholds);

} // namespace sinkscope
