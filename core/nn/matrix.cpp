// SPDX-License-Identifier: Apache-2.0
#include "core/nn/matrix.h"

#include "core/jobs/thread_team.h"
#include "core/nn/forward.h"
#include "core/nn/wrapped_matrix.h"

#include <ATen/Parallel.h>
#include <torch/version.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <dlfcn.h>

namespace sinkscope {
namespace {

/// A function of the BLAS that ATen uses, if it has one of this name. Asked of the library that this code is in and of those it
/// depends on: it may have been loaded where a global look-up does not see them.
template <typename Function> Function blasFunction(const char* name) {
    Dl_info here{};
    if (dladdr(reinterpret_cast<const void*>(&computeOnOneThread), &here) == 0)
        return nullptr;
    void* self = dlopen(here.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
    void* library = self ? self : dlopen(nullptr, RTLD_LAZY); // the program itself is not found by its name
    const auto function = library ? reinterpret_cast<Function>(dlsym(library, name)) : nullptr;
    if (library)
        dlclose(library);
    return function;
}

/// oneDNN's product of row-major matrices (dnnl.h of version 2 on). libtorch brings that library for its bfloat16 products.
using DnnlProduct = int (*)(char transposeA, char transposeB, std::int64_t rows, std::int64_t columns, std::int64_t inner, float factor, const float* a,
                            std::int64_t strideA, const float* b, std::int64_t strideB, float before, float* out, std::int64_t stride);

/// Null where ATen's products are not known to be slower: without AVX-512, or when the libtorch at hand hides the library. With it oneDNN
/// compiles its kernels for the processor, which are 1.1 to 1.4 times as fast as OpenBLAS's, most for blocks of attention.
DnnlProduct dnnlProduct() {
#if defined(__x86_64__)
    static const DnnlProduct product = __builtin_cpu_supports("avx512f") ? blasFunction<DnnlProduct>("dnnl_sgemm") : nullptr;
    return product;
#else
    return nullptr;
#endif
}

/// What a matrix is to dnnl_sgemm.
struct Side {
    char transposed;
    std::int64_t stride;
};

Side sideOf(const MatrixView& matrix) {
    const bool byRows = matrix.columnStride == 1;
    return {byRows ? 'N' : 'T', static_cast<std::int64_t>(byRows ? std::max(matrix.rowStride, matrix.columns) : std::max(matrix.columnStride, matrix.rows))};
}

} // namespace

std::uint64_t nextWeightVersion() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

void multiply(const MatrixView& a, const MatrixView& b, float factor, float* out, std::size_t stride) {
    if (const DnnlProduct product = dnnlProduct()) {
        const Side left = sideOf(a), right = sideOf(b);
        const int status = product(left.transposed, right.transposed, static_cast<std::int64_t>(a.rows), static_cast<std::int64_t>(b.columns),
                                   static_cast<std::int64_t>(a.columns), factor, a.data, left.stride, b.data, right.stride, 0.0f, out,
                                   static_cast<std::int64_t>(stride));
        if (status == 0)
            return;
    }
    const c10::InferenceMode inference;
    at::Tensor result = wrapped({out, a.rows, b.columns, stride, 1});
    if (factor == 1.0f)
        at::mm_out(result, wrapped(a), wrapped(b));
    else
        at::addmm_out(result, result, wrapped(a), wrapped(b), 0, factor);
}

void multiplyBrain(const MatrixView& a, const MatrixView& b, BrainFloat* out) {
    const c10::InferenceMode inference;
    at::Tensor result = wrapped({nullptr, a.rows, b.columns, b.columns, 1, out});
    at::mm_out(result, wrapped(a), wrapped(b));
}

void computeOnOneThread() { at::set_num_threads(1); }

SingleThreadedBlas::SingleThreadedBlas() {
    const auto threads = blasFunction<int (*)()>("openblas_get_num_threads");
    m_setThreads = blasFunction<void (*)(int)>("openblas_set_num_threads");
    if (!threads || !m_setThreads)
        return;
    m_before = threads();
    m_setThreads(1);
}

SingleThreadedBlas::~SingleThreadedBlas() {
    if (m_setThreads && m_before > 0)
        m_setThreads(m_before);
}

std::string computeDescription() {
    std::string text = "libtorch " TORCH_VERSION;
    const auto core = blasFunction<char* (*)()>("openblas_get_corename");
    const auto config = blasFunction<char* (*)()>("openblas_get_config");
    if (core && config)
        text += ", " + std::string(config()) + " with " + core() + " kernels";
    else
        text += at::hasMKL() ? ", MKL" : ", unknown BLAS";
    if (dnnlProduct())
        text += ", float32 products by oneDNN";
    return text + ", " + std::to_string(usableProcessors()) + " processors";
}

} // namespace sinkscope
