// SPDX-License-Identifier: Apache-2.0
#include "support/run_cli.h"
#include "support/tiny_gpt2.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <limits>
#include <random>

using namespace sinkscope;
using namespace sinkscope::test;
namespace fs = std::filesystem;

namespace {
QString text(const char* latin) { return QLatin1String(latin); }
} // namespace

class TestSpectrum : public QObject {
    Q_OBJECT
    QTemporaryDir m_directory;

    [[nodiscard]] fs::path at(const char* name) const { return fs::path(m_directory.path().toStdString()) / name; }
    [[nodiscard]] QString path(const char* name) const { return m_directory.filePath(text(name)); }
    QJsonArray matricesOf(const QStringList& arguments) {
        const CliRun run = runCli(QStringList{text("spectrum")} + arguments + QStringList{text("--json")});
        return run.code == 0 && run.err.isEmpty() ? QJsonDocument::fromJson(run.out).object()[text("matrices")].toArray() : QJsonArray();
    }
    static QJsonObject named(const QJsonArray& matrices, const char* name) {
        for (const auto& matrix : matrices)
            if (matrix.toObject()[text("name")].toString() == text(name))
                return matrix.toObject();
        return {};
    }

private Q_SLOTS:
    void initTestCase() {
        writeTinyGpt2(at("gpt2"));
        std::mt19937 random(1);
        std::normal_distribution<float> normal(0, 0.5F);
        std::vector<float> noise(300 * 100);
        for (float& value : noise)
            value = normal(random);
        std::vector<float> spiked = noise, broken = noise;
        for (float& value : spiked)
            value += 0.3F; // rank one, far beyond the edge
        broken[17] = std::numeric_limits<float>::quiet_NaN();
        SafetensorsWriter writer;
        writer.addFloats("noise", {300, 100}, noise).addFloats("spiked", {100, 300}, spiked).addFloats("broken", {300, 100}, broken);
        writer.addFloats("vector", {4}, {1, 2, 3, 4}).addFloats("zeros", {3, 3}, std::vector<float>(9, 0.0F));
        writer.addFloats("diagonal", {3, 3}, {3, 0, 0, 0, -2, 0, 0, 0, 1});
        writer.add("numbers", DType::I32, {2, 2}, tensorBytes(std::vector<std::int32_t>{1, 2, 3, 4}));
        writer.write(at("matrices.safetensors"));
    }

    void knownSpectrum() {
        const QJsonObject diagonal = named(matricesOf({path("matrices.safetensors"), text("--tensor"), text("diagonal"), text("--values")}), "diagonal");
        QVERIFY(!diagonal.isEmpty());
        const QJsonArray values = diagonal[text("eigenvalues")].toArray(); // of W'W / 3
        QCOMPARE(values.size(), 3);
        for (int i = 0; i < 3; ++i)
            QVERIFY(std::abs(values[i].toDouble() - std::pow(3.0 - i, 2) / 3) < 1e-12);
        QVERIFY(std::abs(diagonal[text("largest_singular_value")].toDouble() - 3) < 1e-12);
        QVERIFY(std::abs(diagonal[text("stable_rank")].toDouble() - 14.0 / 9) < 1e-12);
        QCOMPARE(diagonal[text("rank")].toInt(), 3);
        QVERIFY(diagonal[text("power_law")].isNull()); // three values make no tail
        const double p[] = {9 / 14.0, 4 / 14.0, 1 / 14.0};
        QVERIFY(std::abs(diagonal[text("entropy")].toDouble() + (p[0] * std::log(p[0]) + p[1] * std::log(p[1]) + p[2] * std::log(p[2])) / std::log(3)) < 1e-12);
    }

    void noiseAndSpikes() {
        const QJsonArray matrices = matricesOf({path("matrices.safetensors")});
        const QJsonObject noise = named(matrices, "noise"), spiked = named(matrices, "spiked");
        const QJsonObject law = noise[text("marchenko_pastur")].toObject();
        QVERIFY(std::abs(law[text("variance")].toDouble() - 0.25) < 0.01);
        QVERIFY(law[text("ks")].toDouble() < 0.03 && law[text("wasserstein")].toDouble() < 0.03);
        QCOMPARE(noise[text("spikes")].toInt(), 0);
        QCOMPARE(spiked[text("spikes")].toInt(), 1);
        QCOMPARE(spiked[text("q")].toDouble(), 3.0); // turned: 300 x 100
        QVERIFY(noise[text("power_law")].toObject()[text("tail")].toInt() >= 10);
    }

    void whatHasNoSpectrumIsSaid() {
        const QJsonArray matrices = matricesOf({path("matrices.safetensors")});
        QCOMPARE(matrices.size(), 6); // the vector is no matrix
        const auto codeOf = [&](const char* name) { return named(matrices, name)[text("problem")].toObject()[text("code")].toString(); };
        QCOMPARE(codeOf("broken"), text("not_finite"));
        QCOMPARE(codeOf("zeros"), text("invalid_argument"));
        QCOMPARE(codeOf("numbers"), text("invalid_argument"));
        for (const char* name : {"vector", "numbers", "zeros", "broken", "nonsense"}) {
            const CliRun run = runCli({text("spectrum"), path("matrices.safetensors"), text("--tensor"), text(name)});
            QVERIFY2(run.code != 0 && run.out.isEmpty() && isOneErrorLine(run.err), name);
        }
    }

    void sizesAreLimited() {
        const QStringList small{path("matrices.safetensors"), text("--largest"), text("50")};
        QVERIFY(named(matricesOf(small), "noise").contains(text("problem")));
        QVERIFY(!named(matricesOf(small), "diagonal").contains(text("problem")));
    }

    void rolesAndNames() {
        const QJsonArray outputs = matricesOf({path("gpt2"), text("--tensor"), text("attention output weight")});
        QCOMPARE(outputs.size(), 1);
        QCOMPARE(outputs[0].toObject()[text("name")].toString(), text("transformer.h.0.attn.c_proj.weight"));
        // All elements 0.5: rank one, sigma = 0.5 * 8.
        QCOMPARE(outputs[0].toObject()[text("rank")].toInt(), 1);
        QVERIFY(std::abs(outputs[0].toObject()[text("largest_singular_value")].toDouble() - 4) < 1e-9);
        QCOMPARE(matricesOf({path("gpt2")}).size(), 6);
    }

    void tableForPeople() {
        const CliRun run = runCli({text("spectrum"), path("matrices.safetensors")});
        QCOMPARE(run.code, 0);
        QVERIFY(run.out.contains("300 x 100") && run.out.contains("Marchenko-Pastur") && run.out.contains("\"broken\" holds NaN or infinity"));
    }
};

QTEST_GUILESS_MAIN(TestSpectrum)
#include "tst_spectrum.moc"
