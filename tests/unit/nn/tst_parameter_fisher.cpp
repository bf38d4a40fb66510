// SPDX-License-Identifier: Apache-2.0
// Fisher information of parameters: groups, closed forms, finite differences, limits.
#include "core/nn/parameter_fisher.h"
#include "support/recording_consumer.h"
#include "support/tiny_model.h"
#include "support/verify_result.h"

#include <cmath>
#include <limits>
#include <numeric>
#include <set>

using namespace sinkscope;
using namespace sinkscope::test;

namespace {

using Spec = std::shared_ptr<const ModelSpec>;

Result<ParameterFisher> fisherOf(const Spec& spec, const std::vector<SampleInput>& samples, const FisherOptions& options = {}) {
    JobContext context;
    return parameterFisher(*spec, samples, options, context);
}

std::size_t groupAt(const ParameterFisher& fisher, Component component, int layer) {
    for (std::size_t group = 0; group < fisher.table.groups.size(); ++group)
        if (fisher.table.groups[group].component == component && fisher.table.groups[group].layer == layer)
            return group;
    return fisher.table.groups.size();
}

/// Log-likelihood of a sample by the fast forward pass, softmax in double; NaN when it fails.
double logLikelihood(const ModelSpec& spec, const SampleInput& sample) {
    RecordingConsumer consumer;
    JobContext context;
    if (!runModel(spec, {&sample, 1}, {.threads = 1}, consumer, context))
        return std::numeric_limits<double>::quiet_NaN();
    const auto& logits = consumer.kept["0.logits"];
    const auto vocabulary = static_cast<std::size_t>(spec.vocabulary);
    double sum = 0;
    for (std::size_t token = 0; token + 1 < sample.ids.size(); ++token) {
        const float* row = logits.data() + token * vocabulary;
        const double largest = *std::max_element(row, row + vocabulary);
        double normaliser = 0;
        for (std::size_t word = 0; word < vocabulary; ++word)
            normaliser += std::exp(row[word] - largest);
        sum += row[static_cast<std::size_t>(sample.ids[token + 1])] - largest - std::log(normaliser);
    }
    return sum;
}

/// One layer that adds nothing to the residual stream and a vocabulary of two words: logits are W times the normalised embedding, so the
/// model is a logistic regression on it.
TinyModel logisticRegression() {
    TinyModel model = TinyModel::llama(1);
    model.config["vocab_size"] = "2";
    model.shapes["model.embed_tokens.weight"] = model.shapes["lm_head.weight"] = {2, 16};
    model.change = [](const std::string& name, std::size_t, float value) {
        return name.find("o_proj") != std::string::npos || name.find("down_proj") != std::string::npos ? 0.0f : value;
    };
    return model;
}

} // namespace

class TestParameterFisher : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyParameterIsInOneGroup() {
        for (TinyModel model : {TinyModel::llama(), TinyModel::gpt2()}) {
            const QTemporaryDir folder;
            const auto spec = model.spec(folder);
            QVERIFY_RESULT(spec);
            const ParameterTable table = parameterTable(**spec);
            QCOMPARE(table.parameters(), (*spec)->parameters); // these checkpoints hold nothing else
            std::set<const TensorInfo*> seen;
            std::vector<std::uint64_t> counted(table.groups.size());
            for (const ParameterTensor& entry : table.tensors) {
                QVERIFY(seen.insert(entry.tensor).second);
                const std::int64_t outputs = entry.tensor->shape[static_cast<std::size_t>(entry.outputAxis)];
                std::int64_t next = 0;
                for (const ParameterPiece& piece : entry.pieces) {
                    QCOMPARE(piece.first, next);
                    next += piece.count;
                    counted[piece.group] += static_cast<std::uint64_t>(piece.count) * (entry.tensor->bytes.size() / 4 / static_cast<std::uint64_t>(outputs));
                }
                QCOMPARE(next, outputs);
            }
            for (std::size_t group = 0; group < counted.size(); ++group)
                QCOMPARE(counted[group], table.groups[group].parameters);
        }
    }

    void tiedUnembeddingCountsAsEmbedding() {
        const QTemporaryDir folder;
        TinyModel model = TinyModel::llama();
        const auto untied = model.spec(folder);
        QVERIFY_RESULT(untied);
        QVERIFY(!parameterTable(**untied).tied);
        QCOMPARE(parameterTable(**untied).groups.back().component, Component::Unembedding);
        model.config["tie_word_embeddings"] = "true";
        const QTemporaryDir other;
        const auto tied = model.spec(other);
        QVERIFY_RESULT(tied);
        QVERIFY(parameterTable(**tied).tied);
        QCOMPARE(parameterTable(**tied).groups.back().component, Component::FinalNorm);
        QCOMPARE(parameterTable(**tied).parameters() + 32 * 16, parameterTable(**untied).parameters());
    }

    /// For two words W's gradient is (e_y - p) h^T, so its squared norm is 2 (1 - p_y)^2 |h|^2, whose mean over y is 2 p (1 - p) |h|^2: the
    /// trace of the Fisher matrix p (1 - p) h h^T of a logistic regression, twice, since w_1 - w_0 is spread over two rows.
    void logisticRegressionHasItsClosedForm() {
        const QTemporaryDir folder;
        const auto spec = logisticRegression().spec(folder);
        QVERIFY_RESULT(spec);
        std::vector<float> embedding(32), weights(32), norm(16);
        convertToFloat(*(*spec)->checkpoint->find("model.embed_tokens.weight"), embedding);
        convertToFloat(*(*spec)->checkpoint->find("lm_head.weight"), weights);
        convertToFloat(*(*spec)->checkpoint->find("model.norm.weight"), norm);
        for (const int word : {0, 1}) {
            double meanSquare = 0, logit = 0, square = 0;
            const float* x = embedding.data() + word * 16;
            for (int i = 0; i < 16; ++i)
                meanSquare += double{x[i]} * x[i] / 16;
            for (int i = 0; i < 16; ++i) {
                const double h = x[i] / std::sqrt(meanSquare + (*spec)->normEpsilon) * norm[static_cast<std::size_t>(i)];
                logit += (double{weights[static_cast<std::size_t>(16 + i)]} - weights[static_cast<std::size_t>(i)]) * h;
                square += h * h;
            }
            const double p = 1 / (1 + std::exp(-logit));
            QVERIFY(p > 0.02 && p < 0.98); // else both sides are about 0
            const auto fisher = fisherOf(*spec, {{{word, 0}, {}}, {{word, 1}, {}}});
            QVERIFY_RESULT(fisher);
            const std::size_t group = groupAt(*fisher, Component::Unembedding, -1);
            const double zero = fisher->samples[0].squaredNorms[group], one = fisher->samples[1].squaredNorms[group];
            QVERIFY(std::abs(fisher->samples[1].logLikelihood - std::log(p)) < 1e-5);
            QVERIFY(std::abs(one / (2 * (1 - p) * (1 - p) * square) - 1) < 1e-4);
            QVERIFY(std::abs(((1 - p) * zero + p * one) / (2 * p * (1 - p) * square) - 1) < 1e-4);
            checkDraws(*spec, word, p, zero, one, group);
        }
    }

    /// Central differences of the fast forward pass, parameter by parameter, against the squared norm that autograd gives.
    void finiteDifferencesAgree() {
        TinyModel model = TinyModel::llama(1);
        const SampleInput sample{{1, 7, 30, 7, 12, 5}, {}};
        const QTemporaryDir folder;
        const auto spec = model.spec(folder);
        QVERIFY_RESULT(spec);
        const auto fisher = fisherOf(*spec, {sample});
        QVERIFY_RESULT(fisher);
        QVERIFY(std::abs(fisher->samples[0].logLikelihood / logLikelihood(**spec, sample) - 1) < 1e-6);
        constexpr float kStep = 5e-3f;
        double squares = 0, worst = 0;
        const auto addTensor = [&](const std::string& name) {
            const auto count = std::accumulate(model.shapes[name].begin(), model.shapes[name].end(), std::int64_t{1}, std::multiplies<>());
            for (std::int64_t at = 0; at < count; ++at) {
                double values[2] = {};
                for (const int side : {0, 1}) {
                    TinyModel moved = model;
                    moved.change = [&](const std::string& tensor, std::size_t index, float value) {
                        return tensor == name && static_cast<std::int64_t>(index) == at ? value + (side == 0 ? -kStep : kStep) : value;
                    };
                    const QTemporaryDir place;
                    const auto movedSpec = moved.spec(place);
                    values[side] = movedSpec ? logLikelihood(**movedSpec, sample) : std::numeric_limits<double>::quiet_NaN();
                }
                squares += std::pow((values[1] - values[0]) / (2.0 * kStep), 2);
            }
        };
        const auto compare = [&](Component component, int layer, const std::vector<std::string>& names) {
            squares = 0;
            for (const std::string& name : names)
                addTensor(name);
            const double expected = fisher->samples[0].squaredNorms[groupAt(*fisher, component, layer)];
            worst = std::max(worst, std::abs(squares / expected - 1));
        };
        compare(Component::FinalNorm, -1, {"model.norm.weight"});
        compare(Component::Norm, 0, {"model.layers.0.input_layernorm.weight", "model.layers.0.post_attention_layernorm.weight"});
        compare(Component::Key, 0, {"model.layers.0.self_attn.k_proj.weight"});
        qInfo("worst relative difference of a squared norm %.1e", worst);
        QVERIFY(worst < 2e-3);
    }

    void sameBitsOnAnyNumberOfThreads() {
        const QTemporaryDir folder;
        const auto spec = TinyModel::llama().spec(folder);
        QVERIFY_RESULT(spec);
        std::vector<SampleInput> samples;
        for (int sample = 0; sample < 9; ++sample)
            samples.push_back({{1, sample, 2 * sample + 3, 30 - sample, 9}, {}});
        for (const FisherLabels labels : {FisherLabels::Data, FisherLabels::Model}) {
            const auto alone = fisherOf(*spec, samples, {.labels = labels, .seed = 3, .threads = 1});
            const auto many = fisherOf(*spec, samples, {.labels = labels, .seed = 3, .threads = 4});
            const auto first = fisherOf(*spec, {samples[0]}, {.labels = labels, .seed = 3});
            QVERIFY_RESULT(alone);
            QVERIFY_RESULT(many);
            QVERIFY_RESULT(first);
            QCOMPARE(many->plan.workers, 4);
            for (std::size_t sample = 0; sample < samples.size(); ++sample)
                QVERIFY(alone->samples[sample].squaredNorms == many->samples[sample].squaredNorms);
            QVERIFY(first->samples[0].squaredNorms == alone->samples[0].squaredNorms);
            const auto other = fisherOf(*spec, samples, {.labels = labels, .seed = 4});
            QVERIFY_RESULT(other);
            QCOMPARE(other->samples[0].squaredNorms == alone->samples[0].squaredNorms, labels == FisherLabels::Data);
        }
    }

    void shortSamples() {
        const QTemporaryDir folder;
        const auto spec = TinyModel::gpt2().spec(folder);
        QVERIFY_RESULT(spec);
        const std::vector<SampleInput> samples{{{3}, {}}, {{3, 5}, {}}};
        const auto sequence = fisherOf(*spec, samples), token = fisherOf(*spec, samples, {.per = FisherPer::Token});
        QVERIFY_RESULT(sequence);
        QVERIFY_RESULT(token);
        QCOMPARE(sequence->samples[0].terms, 0);
        QVERIFY(sequence->samples[0].squaredNorms.empty());
        QCOMPARE(sequence->samples[1].terms, 1); // one term: both kinds are the same
        QVERIFY(sequence->samples[1].squaredNorms == token->samples[1].squaredNorms);
        QVERIFY(sequence->samples[1].squaredNorms.size() == sequence->table.groups.size());
    }

    void refusals() {
        const QTemporaryDir folder, bodyFolder, spoiltFolder;
        const auto spec = TinyModel::llama().spec(folder);
        QVERIFY_RESULT(spec);
        QVERIFY_ERROR(fisherOf(*spec, {}), ErrorCode::EmptyText);
        QVERIFY_ERROR(fisherOf(*spec, {{{}, {}}}), ErrorCode::EmptyText);
        QVERIFY_ERROR(fisherOf(*spec, {{{1, 32}, {}}}), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(fisherOf(*spec, {{std::vector<std::int32_t>(4097, 1), {}}}), ErrorCode::TextTooLong);
        QVERIFY_ERROR(fisherOf(*spec, {{{1, 2}, {}}}, {.threads = -1}), ErrorCode::InvalidArgument);
        QVERIFY_ERROR(fisherOf(*spec, {{{1, 2}, {}}}, {.maxMemory = 8 * (*spec)->parameters}), ErrorCode::MemoryExceeded);
        TinyModel body = TinyModel::llama();
        body.shapes.erase("lm_head.weight");
        const auto bodySpec = body.spec(bodyFolder);
        QVERIFY_RESULT(bodySpec);
        QVERIFY_ERROR(fisherOf(*bodySpec, {{{1, 2}, {}}}), ErrorCode::Unavailable);
        TinyModel spoilt = TinyModel::llama();
        spoilt.change = [](const std::string& name, std::size_t index, float value) {
            return name == "model.layers.1.mlp.up_proj.weight" && index == 5 ? std::numeric_limits<float>::quiet_NaN() : value;
        };
        const auto spoiltSpec = spoilt.spec(spoiltFolder);
        QVERIFY_RESULT(spoiltSpec);
        QVERIFY_ERROR(fisherOf(*spoiltSpec, {{{1, 2}, {}}}), ErrorCode::NotFinite);
    }

    void stopsBetweenSamples() {
        const QTemporaryDir folder;
        const auto spec = TinyModel::llama().spec(folder);
        QVERIFY_RESULT(spec);
        std::stop_source stop;
        int reports = 0;
        JobContext context(stop.get_token(), [&](double, const std::string&) {
            ++reports;
            stop.request_stop();
        });
        const std::vector<SampleInput> samples(2000, {{1, 2, 3}, {}});
        QVERIFY_ERROR(parameterFisher(**spec, samples, {.threads = 1}, context), ErrorCode::Cancelled);
        QCOMPARE(reports, 1);
    }

    void lessMemoryMeansFewerAtOnce() {
        const QTemporaryDir folder;
        const auto spec = TinyModel::llama().spec(folder);
        QVERIFY_RESULT(spec);
        const std::vector<SampleInput> samples(6, {{1, 2, 3, 4}, {}});
        const FisherPlan free = planParameterFisher(**spec, samples, {.threads = 16}), one = planParameterFisher(**spec, samples, {.threads = 1});
        QCOMPARE(free.workers, 6);
        QCOMPARE(one.parameters, 4 * (*spec)->parameters);
        QCOMPARE(one.gradients, one.parameters);
        QCOMPARE(free.total() - free.parameters, 6 * (one.total() - one.parameters));
        const std::uint64_t limit = one.parameters + 3 * (one.gradients + one.activations) + 5;
        const FisherPlan limited = planParameterFisher(**spec, samples, {.threads = 16, .maxMemory = limit});
        QCOMPARE(limited.workers, 3);
        QVERIFY(limited.total() <= limit);
        const auto fisher = fisherOf(*spec, samples, {.threads = 16, .maxMemory = limit});
        QVERIFY_RESULT(fisher);
        QCOMPARE(fisher->plan.workers, 3);
    }

private:
    /// Every drawn sample is one of the two, and the second comes up with its probability.
    static void checkDraws(const Spec& spec, int word, double p, double zero, double one, std::size_t group) {
        constexpr int kDraws = 600;
        const auto fisher = fisherOf(spec, std::vector<SampleInput>(kDraws, {{word, 0}, {}}), {.labels = FisherLabels::Model, .seed = 11});
        QVERIFY_RESULT(fisher);
        int ones = 0;
        for (const SampleFisher& sample : fisher->samples) {
            const bool isOne = sample.squaredNorms[group] == one;
            QVERIFY(isOne || sample.squaredNorms[group] == zero);
            ones += isOne ? 1 : 0;
        }
        QVERIFY(std::abs(ones - kDraws * p) < 4 * std::sqrt(kDraws * p * (1 - p)));
    }
};

QTEST_GUILESS_MAIN(TestParameterFisher)
#include "tst_parameter_fisher.moc"
