// SPDX-License-Identifier: Apache-2.0
#include "core/io/zip_archive.h"
#include "fuzz/fuzz_target.h"

#include <algorithm>
#include <cstdlib>

namespace sinkscope::test {

/// Members that are accepted lie inside the archive, apart from each other, under different names.
std::string fuzzOutcome(std::span<const std::byte> bytes) {
    auto members = parseZip(bytes, "fuzz.zip");
    if (!members) {
        if (describe(members.error()).find('\n') != std::string::npos)
            std::abort();
        return outcomeOf(members);
    }
    std::ranges::sort(*members, {}, &ZipMember::begin);
    std::uint64_t position = 0;
    for (const ZipMember& member : *members) {
        if (member.begin < position || member.begin > bytes.size() || member.packedSize > bytes.size() - member.begin)
            std::abort();
        position = member.begin + member.packedSize;
        if (findMember(*members, member.name) != &member)
            std::abort();
    }
    return outcomeOf(members);
}

} // namespace sinkscope::test
