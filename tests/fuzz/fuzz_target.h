// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <span>
#include <string>

namespace sinkscope::test {

/// What a fuzz target defines: feeds bytes to a parser and says what came of it, "ok" or the name of the ErrorCode. Checks whatever
/// must hold of a value that was accepted (SINKSCOPE_ASSERT). libFuzzer calls it with bytes of its own; replay_main.cpp with the corpus.
std::string fuzzOutcome(std::span<const std::byte> bytes);

template <typename T> std::string outcomeOf(const Result<T>& result) {
    return result ? std::string("ok") : std::string(nameOf(result.error().code));
}

} // namespace sinkscope::test
