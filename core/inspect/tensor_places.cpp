// SPDX-License-Identifier: Apache-2.0
#include "core/inspect/tensor_places.h"

namespace sinkscope {

std::vector<TensorPlace> tensorPlaces(const Checkpoint& checkpoint, const ModelSpec* spec) {
    std::vector<TensorPlace> places(checkpoint.tensors.size());
    if (!spec)
        return places;
    const auto set = [&](const TensorInfo* tensor, TensorPlace place) {
        const auto found = tensor ? checkpoint.byName.find(tensor->name) : checkpoint.byName.end();
        if (found != checkpoint.byName.end() && !places[found->second].role)
            places[found->second] = place;
    };
    const auto add = [&](const std::array<const TensorInfo*, kRoleCount>& tensors, int layer) {
        for (std::size_t role = 0; role < kRoleCount; ++role)
            set(tensors[role], {static_cast<Role>(role), layer, -1});
    };
    add(spec->modelTensors, -1);
    for (std::size_t layer = 0; layer < spec->layerTensors.size(); ++layer)
        add(spec->layerTensors[layer], static_cast<int>(layer));
    for (std::size_t layer = 0; layer < spec->experts.layers.size(); ++layer)
        for (std::size_t role = 0; role < ExpertSpec::kRoles; ++role) {
            const auto& tensors = spec->experts.layers[layer][role];
            for (std::size_t expert = 0; expert < tensors.size(); ++expert)
                set(tensors[expert], {static_cast<Role>(static_cast<std::size_t>(kFirstExpertRole) + role), static_cast<int>(layer),
                                      tensors.size() > 1 ? static_cast<int>(expert) : -1});
        }
    return places;
}

std::string textOf(const TensorPlace& place) {
    if (!place.role)
        return {};
    std::string role(nameOf(*place.role));
    if (place.expert >= 0)
        role += " " + std::to_string(place.expert);
    return place.layer < 0 ? role : "layer " + std::to_string(place.layer) + " " + role;
}

} // namespace sinkscope
