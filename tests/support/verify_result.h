// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <QTest>

#include <string>

/// Fails the test with the error's text when a Result holds one. The argument is evaluated once.
#define QVERIFY_RESULT(...)                                                                                           \
    do {                                                                                                              \
        const auto& verified_ = (__VA_ARGS__);                                                                        \
        QVERIFY2(verified_.has_value(), verified_ ? "" : sinkscope::describe(verified_.error()).c_str());             \
    } while (false)
/// Fails unless a Result holds an error of this code. The argument is evaluated once.
#define QVERIFY_ERROR(result, expected)                                                                               \
    do {                                                                                                              \
        const auto& verified_ = (result);                                                                             \
        QVERIFY2(!verified_.has_value(), "expected an error, got a value");                                           \
        QVERIFY2(verified_.error().code == (expected),                                                                \
                 (std::string("got ") + std::string(sinkscope::nameOf(verified_.error().code)) + ": " +               \
                  sinkscope::describe(verified_.error()))                                                             \
                     .c_str());                                                                                       \
    } while (false)
