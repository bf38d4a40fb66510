// SPDX-License-Identifier: Apache-2.0
// Weights of eight bits with scales beside them, against the product taken element by element.
#include "core/analysis/weight_spectrum.h"
#include "core/inspect/checkpoint_diff.h"
#include "support/safetensors_writer.h"
#include "support/verify_result.h"

#include <QTemporaryDir>

#include <algorithm>
#include <cmath>

using namespace sinkscope;
namespace fs = std::filesystem;

class TestScales : public QObject {
    Q_OBJECT

    static constexpr std::int64_t kRows = 150, kColumns = 260;
    QTemporaryDir m_folder;

    [[nodiscard]] fs::path at(const std::string& name) const { return fs::path(m_folder.path().toStdString()) / name; }
    /// Every pattern that is a number comes up.
    static std::string weights() {
        std::string bytes;
        for (std::int64_t i = 0; i < kRows * kColumns; ++i)
            bytes += static_cast<char>(i * 7 % 127 + (i % 3 == 0 ? 128 : 0));
        return bytes;
    }
    static float factor(std::int64_t i) { return 0.5F + 0.37F * static_cast<float>(i % 11); }
    /// A lone file of one matrix "w" and its scales.
    std::shared_ptr<const Checkpoint> checkpoint(DType type, const std::string& ending, const std::vector<std::int64_t>& shape, float times = 1) const {
        std::int64_t count = 1;
        for (const std::int64_t size : shape)
            count *= size;
        std::vector<float> scales;
        for (std::int64_t i = 0; i < count; ++i)
            scales.push_back(factor(i) * times);
        static int number = 0;
        const fs::path file = at(std::to_string(++number)) / "model.safetensors";
        test::SafetensorsWriter().add("w", type, {kRows, kColumns}, weights()).addFloats("w" + ending, shape, scales).write(file);
        const auto opened = openCheckpoint(file);
        return opened ? *opened : nullptr;
    }
    static std::vector<float> stored(const TensorInfo& tensor) {
        TensorInfo bare = tensor;
        bare.scale = nullptr;
        std::vector<float> values(tensor.elements());
        convertToFloat(bare, values);
        return values;
    }

private Q_SLOTS:
    void numbersAreMultiplied_data() {
        QTest::addColumn<int>("type");
        QTest::addColumn<QString>("ending");
        QTest::addColumn<std::vector<std::int64_t>>("shape");
        QTest::addColumn<std::int64_t>("rows");
        QTest::addColumn<std::int64_t>("columns");
        const auto row = [](const char* name, DType type, const char* ending, std::vector<std::int64_t> shape, std::int64_t rows, std::int64_t columns) {
            QTest::newRow(name) << static_cast<int>(type) << QString(ending) << std::move(shape) << rows << columns;
        };
        row("tensor", DType::F8E4M3, "_scale", {}, kRows, kColumns);
        row("tensor of one", DType::F8E5M2, "_scale", {1}, kRows, kColumns);
        row("rows", DType::F8E4M3, "_scale", {kRows, 1}, 1, kColumns);
        row("rows as a list", DType::F8E4M3Fnuz, "_scale", {kRows}, 1, kColumns);
        row("blocks", DType::F8E4M3, "_scale_inv", {2, 3}, 128, 128);
    }
    void numbersAreMultiplied() {
        QFETCH(int, type);
        QFETCH(QString, ending);
        QFETCH(std::vector<std::int64_t>, shape);
        QFETCH(std::int64_t, rows);
        QFETCH(std::int64_t, columns);
        const auto opened = checkpoint(static_cast<DType>(type), ending.toStdString(), shape);
        QVERIFY(opened);
        const TensorInfo* tensor = opened->find("w");
        QVERIFY(tensor && tensor->scale);
        QCOMPARE(opened->parameters(), static_cast<std::uint64_t>(kRows * kColumns));
        std::vector<float> expected = stored(*tensor), found(expected.size());
        const std::int64_t inRow = (kColumns + columns - 1) / columns;
        for (std::int64_t i = 0; i < kRows * kColumns; ++i)
            expected[static_cast<std::size_t>(i)] *= factor(i / kColumns / rows * inRow + i % kColumns / columns);
        const auto agrees = [](float a, float b) { return a == b || (std::isnan(a) && std::isnan(b)); };
        convertToFloat(*tensor, found);
        QVERIFY(std::ranges::equal(found, expected, agrees));
        for (std::size_t first = 0; first + 777 < expected.size(); first += 3331) { // parts begin and end anywhere
            std::vector<float> part(777);
            convertToFloat(*tensor, first, part);
            QVERIFY(std::ranges::equal(part, std::span(expected).subspan(first, 777), agrees));
        }
    }

    void scalesThatFitNothingAreSaid() {
        const auto opened = checkpoint(DType::F8E4M3, "_scale_inv", {3, 2});
        QVERIFY(opened && !opened->find("w")->scale);
        QVERIFY(std::ranges::any_of(opened->notes, [](const std::string& note) { return note.find("not read") != std::string::npos; }));
    }

    /// The same bytes are other numbers under other scales, and the same under the same.
    void differencesAreThoseOfTheNumbers() {
        const auto first = checkpoint(DType::F8E4M3, "_scale", {kRows}), second = checkpoint(DType::F8E4M3, "_scale", {kRows}, 2),
                   again = checkpoint(DType::F8E4M3, "_scale", {kRows});
        const auto changeOf = [](const auto& a, const auto& b) {
            JobContext context;
            const auto diff = diffCheckpoints(a, b, context);
            return diff ? std::optional(diff->tensors.front().change) : std::nullopt;
        };
        QVERIFY(changeOf(first, second) == Change::Values);
        QVERIFY(changeOf(first, again) == Change::None);
    }

    /// Every width of floating point has a spectrum; that of scaled weights is the scaled one.
    void spectraAreThoseOfTheNumbers() {
        JobContext context;
        for (const DType type : {DType::F8E4M3, DType::F8E5M2, DType::F8E4M3Fnuz, DType::F8E5M2Fnuz}) {
            std::string bytes; // finite patterns of each type
            for (int i = 0; i < 30 * 40; ++i)
                bytes += static_cast<char>(i * 11 % 90 + (i % 2 == 0 ? 128 : 0) + 1);
            test::SafetensorsWriter().add("plain", type, {30, 40}, bytes).add("w", type, {30, 40}, bytes).addFloats("w_scale", {1}, {3}).write(at("spectrum.safetensors"));
            const auto opened = openCheckpoint(at("spectrum.safetensors"));
            QVERIFY_RESULT(opened);
            const auto plain = weightSpectrum(*(*opened)->find("plain"), {}, context), scaled = weightSpectrum(*(*opened)->find("w"), {}, context);
            QVERIFY_RESULT(plain);
            QVERIFY_RESULT(scaled);
            QVERIFY(std::abs(scaled->norm - 3 * plain->norm) < 1e-5 * plain->norm && plain->norm > 0);
        }
    }
};

QTEST_GUILESS_MAIN(TestScales)
#include "tst_scales.moc"
