// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/tokenizer/normalized_text.h"

namespace sinkscope {

/// NFD, NFC, NFKD and NFKC as two choices (Unicode Standard Annex 15).
struct UnicodeForm {
    bool compatible = false, composed = false;
};

/// Normalizes and keeps the origin of every character. Thread: any.
void toUnicodeForm(NormalizedText& text, UnicodeForm form);

} // namespace sinkscope
