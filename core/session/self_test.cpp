// SPDX-License-Identifier: Apache-2.0
#include "core/session/self_test.h"

#include "core/nn/agreement.h"
#include "core/session/expected_values.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace sinkscope {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kExpected = ".expected.safetensors";

/// Names of the fixtures in a folder: <name>.expected.safetensors beside the checkpoint <name>.
std::set<std::string> fixturesIn(const fs::path& folder) {
    std::set<std::string> names;
    std::error_code failure;
    for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end; entry.increment(failure)) {
        const std::string name = entry->path().filename().string();
        if (name.size() > kExpected.size() && name.ends_with(kExpected))
            names.insert(name.substr(0, name.size() - kExpected.size()));
    }
    return names;
}

Result<void> runFixture(const fs::path& folder, const RunOptions& options, SelfTestCase& result, JobContext& context) {
    SINKSCOPE_TRY(const auto checkpoint, openCheckpoint(folder / result.fixture));
    SINKSCOPE_TRY(const auto spec, buildModelSpec(checkpoint));
    result.architecture = spec->arch->id;
    SINKSCOPE_TRY(const auto expected, openCheckpoint(folder / (result.fixture + std::string(kExpected))));
    ExpectedValues consumer(*expected, *spec);
    const std::vector<SampleInput> inputs = expectedInputs(*expected);
    const RunOptions run{.device = options.device, .compute = options.compute, .threads = options.threads};
    SINKSCOPE_CHECK(runModel(*spec, inputs, run, consumer, context));
    result.differences = consumer.differences();
    return {};
}

} // namespace

double SelfTestCase::worstError() const {
    double worst = 0;
    for (const SelfTestDifference& difference : differences)
        worst = difference.error > worst || std::isnan(difference.error) ? difference.error : worst;
    return worst;
}

bool SelfTestRun::passed() const {
    return !unavailable && !cases.empty() && std::ranges::all_of(cases, [this](const SelfTestCase& one) { return one.agrees(allowed); });
}

Result<fs::path> selfTestFixtures() {
    std::error_code failure;
    const auto program = fs::read_symlink("/proc/self/exe", failure);
    const fs::path installed = program.parent_path().parent_path() / "share/sinkscope/selftest", source = SINKSCOPE_SOURCE_DIR "/tests/golden/models";
    for (const fs::path& folder : {installed, source})
        if (!fixturesIn(folder).empty())
            return folder;
    return Error{ErrorCode::FileNotFound, "the fixtures of the self-test are not beside the program", installed};
}

Result<SelfTestRun> selfTest(const fs::path& fixtures, const RunOptions& options, JobContext& context, const SelfTestArrived& arrived) {
    SelfTestRun run{.device = options.device, .compute = options.compute, .allowed = allowedError(options.compute), .unavailable = {}, .cases = {}};
    if (const auto available = checkAvailable(options.device, options.compute); !available) {
        run.unavailable = available.error();
        return run;
    }
    const auto names = fixturesIn(fixtures);
    if (names.empty())
        return Error{ErrorCode::FileNotFound, "no fixture (a file ending in .expected.safetensors) is in this folder", fixtures};
    for (const std::string& name : names) {
        SINKSCOPE_CHECK(context.checkpoint());
        context.progress(static_cast<double>(run.cases.size()) / static_cast<double>(names.size()), name);
        SelfTestCase& one = run.cases.emplace_back(SelfTestCase{.fixture = name, .architecture = {}, .differences = {}, .failure = {}});
        JobContext inner = context.part(0, 0, "");
        if (const auto done = runFixture(fixtures, options, one, inner); !done)
            one.failure = done.error();
        if (arrived)
            arrived(one);
    }
    SINKSCOPE_CHECK(context.checkpoint());
    context.progress(1.0, "done");
    return run;
}

} // namespace sinkscope
