// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdio>
#include <cstdlib>

/// For our own mistakes only: no input from a user or a file may reach one. On in every preset; a packager who wants them
/// off defines NDEBUG.
#ifdef NDEBUG
#define SINKSCOPE_ASSERT(condition) static_cast<void>(0)
#else
#define SINKSCOPE_ASSERT(condition)                                                                                   \
    ((condition) ? static_cast<void>(0)                                                                               \
                 : (std::fprintf(stderr, "%s:%d: assertion failed: %s\n", __FILE__, __LINE__, #condition),            \
                    std::abort()))
#endif
