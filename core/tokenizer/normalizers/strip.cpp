// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/component_specs.h"

namespace sinkscope::registry_normalizers {
extern const NormalizerSpec strip;
namespace {

/// Removes white space at the ends.
class StripNormalizer : public Normalizer {
public:
    StripNormalizer(bool left, bool right) : m_left(left), m_right(right) {}
    [[nodiscard]] Result<void> apply(NormalizedText& text) const override {
        std::size_t begin = 0, end = 0; // of what stays
        bool seen = false;
        for (std::size_t at = 0; at < text.text().size();) {
            const CodePoint point = codePointAt(text.text(), at);
            at += point.bytes;
            if (isWhiteSpace(point.value))
                continue;
            begin = seen ? begin : at - point.bytes;
            end = at;
            seen = true;
        }
        if (!seen)
            begin = end = m_left || m_right ? 0 : text.text().size();
        text = text.slice(m_left && seen ? begin : 0, m_right || !seen ? end : text.text().size());
        return {};
    }

private:
    bool m_left, m_right;
};

Result<std::unique_ptr<const Normalizer>> build(const Json& description) {
    return std::unique_ptr<const Normalizer>(
        new StripNormalizer(booleanAt(description, "strip_left").value_or(true), booleanAt(description, "strip_right").value_or(true)));
}

constexpr std::string_view kTypes[] = {"Strip"};

} // namespace
const NormalizerSpec strip{{.types = kTypes, .build = build}};
} // namespace sinkscope::registry_normalizers
