// A stand-in for cuBLAS: the part of the handle API that scripts call.
#include "product.h"

#pragma GCC visibility push(default)

using namespace product;

product::Enqueue product::enqueue;
extern "C" void cuda_host_enqueue_with(product::Enqueue function) { product::enqueue = function; }

struct cublasContext {
    cudaStream_t stream;
    cublasMath_t math;
    char* workspace;
    size_t workspace_bytes;
};

extern "C" {
cublasStatus_t cublasCreate_v2(cublasHandle_t* handle) {
    *handle = new cublasContext{};
    return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasDestroy_v2(cublasHandle_t handle) {
    delete handle;
    return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t stream) {
    if (!handle) return CUBLAS_STATUS_NOT_INITIALIZED;
    handle->stream = stream;
    handle->workspace = nullptr;  // as the real one: back to the library's own
    return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t handle, void* workspace, size_t bytes) {
    if (!handle) return CUBLAS_STATUS_NOT_INITIALIZED;
    if (uint64_t(workspace) % 256) return refuse(CUBLAS_STATUS_INVALID_VALUE, "workspace alignment");
    handle->workspace = (char*)workspace, handle->workspace_bytes = bytes;
    return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetMathMode(cublasHandle_t handle, cublasMath_t mode) {
    if (!handle) return CUBLAS_STATUS_NOT_INITIALIZED;
    handle->math = mode;
    return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasGetVersion_v2(cublasHandle_t, int* version) {
    *version = 130000;
    return CUBLAS_STATUS_SUCCESS;
}
const char* cublasGetStatusName(cublasStatus_t status) {
    switch (status) {
        case CUBLAS_STATUS_SUCCESS: return "CUBLAS_STATUS_SUCCESS";
        case CUBLAS_STATUS_NOT_INITIALIZED: return "CUBLAS_STATUS_NOT_INITIALIZED";
        case CUBLAS_STATUS_INVALID_VALUE: return "CUBLAS_STATUS_INVALID_VALUE";
        case CUBLAS_STATUS_EXECUTION_FAILED: return "CUBLAS_STATUS_EXECUTION_FAILED";
        case CUBLAS_STATUS_NOT_SUPPORTED: return "CUBLAS_STATUS_NOT_SUPPORTED";
        default: return "an unknown status";
    }
}
const char* cublasGetStatusString(cublasStatus_t status) { return cublasGetStatusName(status); }
}

// ---- products: columns first --------------------------------------------------------------

static Side side(const void* at, cudaDataType type, cublasOperation_t op, int64_t rows,
                 int64_t columns, int64_t ld, int64_t stride) {
    bool plain = op == CUBLAS_OP_N;
    return {(char*)at, type, rows, columns, plain ? 1 : ld, plain ? ld : 1, stride};
}
static bool narrow(cudaDataType_t type) { return type == CUDA_R_16F || type == CUDA_R_16BF; }

static cublasStatus_t gemm(const char* name, cublasHandle_t handle, cublasOperation_t ta,
                           cublasOperation_t tb, int m, int n, int k, const void* alpha,
                           const void* a, cudaDataType at, int lda, int64_t sa, const void* b,
                           cudaDataType bt, int ldb, int64_t sb, const void* beta, void* c,
                           cudaDataType ct, int ldc, int64_t sc, int batches, int compute) {
    bool wide = compute == CUBLAS_COMPUTE_64F || compute == CUBLAS_COMPUTE_64F_PEDANTIC;
    if (!handle) return CUBLAS_STATUS_NOT_INITIALIZED;
    if (m < 0 || n < 0 || k < 0 || batches < 0)
        return refuse(CUBLAS_STATUS_INVALID_VALUE, "%s: a size below zero", name);
    if (lda < (ta ? k : m) || ldb < (tb ? n : k) || ldc < m || lda < 1 || ldb < 1 || ldc < 1)
        return refuse(CUBLAS_STATUS_INVALID_VALUE,
                      "%s: leading dimensions %d, %d, %d of %d x %d x %d", name, lda, ldb, ldc, m,
                      n, k);
    bool fits = wide ? at == CUDA_R_64F && ct == at
                     : at != CUDA_R_64F && (ct == at || (narrow(at) && ct == CUDA_R_32F));
    if (at != bt || !fits)
        return refuse(CUBLAS_STATUS_NOT_SUPPORTED, "%s: types %d, %d, %d", name, at, bt, ct);
    if (!alpha || !beta) return refuse(CUBLAS_STATUS_INVALID_VALUE, "%s: no scalars", name);
    if (!m || !n || !batches) return CUBLAS_STATUS_SUCCESS;
    Product p = {};
    p.name = name;
    p.a = side(a, at, ta, m, k, lda, sa), p.b = side(b, bt, tb, k, n, ldb, sb);
    p.c = p.d = side(c, ct, CUBLAS_OP_N, m, n, ldc, sc);
    p.batches = batches;
    bool tf32 = (handle->math & 15) == CUBLAS_TF32_TENSOR_OP_MATH;
    p.compute = tf32 && compute == CUBLAS_COMPUTE_32F ? CUBLAS_COMPUTE_32F_FAST_TF32 : compute;
    p.alpha = load((const char*)alpha, wide ? CUDA_R_64F : CUDA_R_32F);
    p.beta = load((const char*)beta, wide ? CUDA_R_64F : CUDA_R_32F);
    p.epilogue = CUBLASLT_EPILOGUE_DEFAULT;
    p.workspace = handle->workspace, p.workspace_bytes = handle->workspace_bytes;
    return start(p, handle->stream);
}

extern "C" {
cublasStatus_t cublasSgemm_v2(cublasHandle_t handle, cublasOperation_t ta, cublasOperation_t tb,
                              int m, int n, int k, const float* alpha, const float* a, int lda,
                              const float* b, int ldb, const float* beta, float* c, int ldc) {
    return gemm("cublasSgemm", handle, ta, tb, m, n, k, alpha, a, CUDA_R_32F, lda, 0, b,
                CUDA_R_32F, ldb, 0, beta, c, CUDA_R_32F, ldc, 0, 1, CUBLAS_COMPUTE_32F);
}
cublasStatus_t cublasDgemm_v2(cublasHandle_t handle, cublasOperation_t ta, cublasOperation_t tb,
                              int m, int n, int k, const double* alpha, const double* a, int lda,
                              const double* b, int ldb, const double* beta, double* c, int ldc) {
    return gemm("cublasDgemm", handle, ta, tb, m, n, k, alpha, a, CUDA_R_64F, lda, 0, b,
                CUDA_R_64F, ldb, 0, beta, c, CUDA_R_64F, ldc, 0, 1, CUBLAS_COMPUTE_64F);
}
cublasStatus_t cublasSgemmStridedBatched(cublasHandle_t handle, cublasOperation_t ta,
                                         cublasOperation_t tb, int m, int n, int k,
                                         const float* alpha, const float* a, int lda,
                                         long long sa, const float* b, int ldb, long long sb,
                                         const float* beta, float* c, int ldc, long long sc,
                                         int batches) {
    return gemm("cublasSgemmStridedBatched", handle, ta, tb, m, n, k, alpha, a, CUDA_R_32F, lda,
                sa, b, CUDA_R_32F, ldb, sb, beta, c, CUDA_R_32F, ldc, sc, batches,
                CUBLAS_COMPUTE_32F);
}
cublasStatus_t cublasGemmStridedBatchedEx(
    cublasHandle_t handle, cublasOperation_t ta, cublasOperation_t tb, int m, int n, int k,
    const void* alpha, const void* a, cudaDataType at, int lda, long long sa, const void* b,
    cudaDataType bt, int ldb, long long sb, const void* beta, void* c, cudaDataType ct, int ldc,
    long long sc, int batches, cublasComputeType_t compute, cublasGemmAlgo_t) {
    return gemm("cublasGemmEx", handle, ta, tb, m, n, k, alpha, a, at, lda, sa, b, bt, ldb, sb,
                beta, c, ct, ldc, sc, batches, compute);
}
cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t ta, cublasOperation_t tb,
                            int m, int n, int k, const void* alpha, const void* a,
                            cudaDataType at, int lda, const void* b, cudaDataType bt, int ldb,
                            const void* beta, void* c, cudaDataType ct, int ldc,
                            cublasComputeType_t compute, cublasGemmAlgo_t algo) {
    return cublasGemmStridedBatchedEx(handle, ta, tb, m, n, k, alpha, a, at, lda, 0, b, bt, ldb, 0,
                                      beta, c, ct, ldc, 0, 1, compute, algo);
}
}
