// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/nn/forward.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sinkscope {

/// How far one quantity of a fixture is from what transformers computed, over all layers, heads and tokens of the worst sample.
struct SelfTestDifference {
    std::string_view what; ///< "attention", "hidden", "query", "key", "value", "logits"
    double error = 0;      ///< sum (a - b)^2 / sum b^2
    double largest = 0;    ///< largest |a - b|
};

/// One fixture: a tiny checkpoint of an architecture, run on this machine.
struct SelfTestCase {
    std::string fixture;      ///< name of its folder
    std::string architecture; ///< id; empty when the checkpoint could not be opened
    std::vector<SelfTestDifference> differences;
    std::optional<Error> failure; ///< it could not be run
    [[nodiscard]] double worstError() const;
    [[nodiscard]] bool agrees(double allowed) const { return !failure && !differences.empty() && worstError() <= allowed; }
};

/// All fixtures on one device and in one type.
struct SelfTestRun {
    Device device = Device::Cpu;
    ComputeType compute = ComputeType::Float32;
    double allowed = 0;               ///< bound of SelfTestDifference::error; tests/golden/tolerance.h
    std::optional<Error> unavailable; ///< this machine cannot compute so; there are then no cases
    std::vector<SelfTestCase> cases;  ///< by fixture, in alphabetical order
    [[nodiscard]] bool passed() const;
};

/// Called on the worker thread when a fixture is through.
using SelfTestArrived = std::function<void(const SelfTestCase&)>;

/// Where the fixtures lie: beside an installed program, else in the source tree. Errors: FileNotFound. Thread: any but gui.
Result<std::filesystem::path> selfTestFixtures();

/// Runs every fixture of a folder with this libtorch and compares attention, vectors, hidden states and logits with the file of expected
/// values beside it. Only `device`, `compute` and `threads` of the options count. A fixture that fails does not end the run; a device that
/// is not there is an entry of the result. Thread: the torch strand. Errors: FileNotFound (no fixtures), Cancelled.
Result<SelfTestRun> selfTest(const std::filesystem::path& fixtures, const RunOptions& options, JobContext& context,
                             const SelfTestArrived& arrived = {});

} // namespace sinkscope
