// SPDX-License-Identifier: Apache-2.0
#include "views/vtk/key_space_quality.h"

#include "core/math/quality/projection_quality.h"
#include "core/spaces/cloud_geometry.h"

#include <algorithm>
#include <cmath>

namespace sinkscope {

Result<std::shared_ptr<const KeySpaceQuality>> judgeKeySpace(const KeySpaceData& data, JobContext& context) {
    auto quality = std::make_shared<KeySpaceQuality>();
    quality->numbers = data.projection->quality;
    const PointCloud& cloud = *data.cloud;
    SINKSCOPE_TRY(const auto numbers, projectionQuality(cloud.values, cloud.count(), cloud.width, data.projection->coordinates,
                                                        data.projection->dimensions, {}, context));
    if (numbers)
        addTo(quality->numbers, *numbers);
    SINKSCOPE_TRY(const CloudGeometry geometry, cloudGeometry(cloud, data.question.capture->header(), context));
    quality->effectiveRank = geometry.shape.effectiveRank;
    quality->anisotropy = geometry.shape.anisotropy;
    quality->meanCosine = geometry.meanCosine;
    quality->dimension = geometry.dimension;
    return std::shared_ptr<const KeySpaceQuality>(std::move(quality));
}

std::vector<KeySpaceNeighbour> nearestInOriginal(const PointCloud& cloud, int point, int count) {
    std::vector<KeySpaceNeighbour> all;
    if (point < 0 || point >= cloud.count())
        return all;
    const auto own = cloud.vector(static_cast<std::size_t>(point));
    for (int other = 0; other < cloud.count(); ++other) {
        if (other == point)
            continue;
        const auto row = cloud.vector(static_cast<std::size_t>(other));
        double sum = 0;
        for (std::size_t k = 0; k < row.size(); ++k) {
            const double step = static_cast<double>(row[k]) - static_cast<double>(own[k]);
            sum += step * step;
        }
        all.push_back({other, sum});
    }
    const auto end = all.begin() + std::min<std::ptrdiff_t>(count, static_cast<std::ptrdiff_t>(all.size()));
    std::partial_sort(all.begin(), end, all.end(), [](const auto& a, const auto& b) { return a.distance != b.distance ? a.distance < b.distance : a.point < b.point; });
    all.erase(end, all.end());
    for (KeySpaceNeighbour& each : all)
        each.distance = std::sqrt(each.distance);
    return all;
}

} // namespace sinkscope
