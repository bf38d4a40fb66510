// SPDX-License-Identifier: Apache-2.0
#include "core/base/assert.h"
#include "core/corpus/sample_lines.h"
#include "core/tokenizer/tokenizer.h"
#include "core/tokenizer/unicode.h"
#include "fuzz/fuzz_target.h"

namespace sinkscope::test {
namespace {

void checkSamples(const std::vector<Sample>& samples) {
    SINKSCOPE_ASSERT(!samples.empty());
    std::size_t line = 0;
    for (const Sample& sample : samples) {
        SINKSCOPE_ASSERT(!sample.text.empty() && sample.text.size() <= kMaxTextBytes && sample.line > line);
        SINKSCOPE_ASSERT(!firstInvalidUtf8(sample.text) && !firstInvalidUtf8(sample.group));
        line = sample.line;
    }
}

} // namespace

/// Whatever the bytes are, they are also read as plain text.
std::string fuzzOutcome(std::span<const std::byte> bytes) {
    const std::string_view content(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (const auto lines = parseTextLines(content, "samples.txt"))
        checkSamples(*lines);
    if (const auto whole = parseWholeText(content, "samples.txt"))
        SINKSCOPE_ASSERT(whole->size() <= content.size());
    const auto samples = parseJsonLines(content, "samples.jsonl");
    if (samples)
        checkSamples(*samples);
    return outcomeOf(samples);
}

} // namespace sinkscope::test
