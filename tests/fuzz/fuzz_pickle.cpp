// SPDX-License-Identifier: Apache-2.0
#include "core/checkpoint/torch_tensors.h"
#include "fuzz/fuzz_target.h"

#include <cstdlib>

namespace sinkscope::test {
namespace {

/// Every value can be asked for everything, and every number of a value is one of a value.
void checkTree(const PickleTree& tree) {
    if (tree.root() >= tree.size())
        std::abort();
    std::size_t looked = 0;
    for (PickleId id = 0; id < tree.size(); ++id) {
        static_cast<void>(tree.text(id).size() + static_cast<std::size_t>(tree.integer(id).value_or(0)));
        static_cast<void>(torchMeaning(tree.global(id)));
        for (const PickleId item : tree.items(id).first(std::min<std::size_t>(tree.items(id).size(), 1000)))
            if (item >= tree.size() || ++looked > 1'000'000)
                return item >= tree.size() ? std::abort() : void();
    }
}

} // namespace

/// The pickle of a checkpoint alone, and what it says about tensors.
std::string fuzzOutcome(std::span<const std::byte> bytes) {
    const auto pickle = readPickle(bytes, resolveTorchName, "data.pkl");
    if (!pickle) {
        if (describe(pickle.error()).find('\n') != std::string::npos)
            std::abort();
        return outcomeOf(pickle);
    }
    if (pickle->end > bytes.size())
        std::abort();
    checkTree(pickle->tree);
    const auto content = torchContent(pickle->tree, "data.pkl");
    if (!content)
        return outcomeOf(content);
    for (const TorchTensor& tensor : content->tensors)
        if (tensor.offset < 0 || tensor.shape.size() != tensor.stride.size() || !content->storages.contains(tensor.storage))
            std::abort();
    return outcomeOf(content);
}

} // namespace sinkscope::test
