// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/jobs/thread_team.h"
#include "core/nn/device_product.h"
#include "core/nn/float_buffer.h"
#include "core/nn/matrix.h"
#include "core/nn/run_meter.h"

#include <functional>
#include <memory>
#include <vector>

namespace sinkscope {

/// Part of a product, in the memory of the thread that computed it and still in its cache: [rows, columns], contiguous.
struct Tile {
    std::size_t row = 0, rows = 0, column = 0, columns = 0;
    float* data = nullptr;
    [[nodiscard]] float* at(std::size_t r) const { return data + r * columns; }
};

/// Matrix products on all threads, cut into tiles that depend on the shapes only. What happens to a tile (bias, activation,
/// rotation, adding to the residual stream) is done at once by the thread that has it, so that the product as a whole is never
/// stored.
class LinearRunner {
public:
    using TileSink = std::function<void(const Tile&)>;
    /// `device` may be null: the processor.
    LinearRunner(ThreadTeam& team, const JobContext& context, RunMeter& meter, std::unique_ptr<DeviceProduct> device = {})
        : m_team(team), m_context(context), m_meter(meter), m_device(std::move(device)), m_scratch(static_cast<std::size_t>(team.size())) {}

    /// input [rows, in] times weight [in, out]; the columns of a tile are a multiple of `granule` that starts at a multiple of it.
    /// With a weight in bfloat16 the (contiguous) input is rounded to it first, and a tile is what came out, as float32.
    Result<void> run(const MatrixView& input, const MatrixView& weight, std::size_t granule, const TileSink& sink);

private:
    Result<MatrixView> rounded(const MatrixView& input);
    Result<void> runOnProcessor(const MatrixView& input, const MatrixView& weight, std::size_t granule, const TileSink& sink);
    Result<void> runOnDevice(const MatrixView& input, const MatrixView& weight, std::size_t granule, const TileSink& sink);

    ThreadTeam& m_team;
    const JobContext& m_context;
    RunMeter& m_meter;
    std::unique_ptr<DeviceProduct> m_device;
    std::vector<FloatBuffer> m_scratch; ///< [worker]
    FloatBuffer m_input;                ///< the input in bfloat16
};

} // namespace sinkscope
