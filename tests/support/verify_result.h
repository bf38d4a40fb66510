// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <QTest>

#include <string>

/// Fails the test with the error's text when a Result holds one.
#define QVERIFY_RESULT(result) QVERIFY2((result).has_value(), (result) ? "" : sinkscope::describe((result).error()).c_str())
/// Fails unless a Result holds an error of this code.
#define QVERIFY_ERROR(result, expected)                                                                               \
    do {                                                                                                              \
        QVERIFY2(!(result).has_value(), "expected an error, got a value");                                            \
        QVERIFY2((result).error().code == (expected),                                                                 \
                 (std::string("got ") + std::string(sinkscope::nameOf((result).error().code)) + ": " +                \
                  sinkscope::describe((result).error()))                                                              \
                     .c_str());                                                                                       \
    } while (false)
