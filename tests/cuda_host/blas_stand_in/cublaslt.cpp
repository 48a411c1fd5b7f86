// A stand-in for cuBLASLt: a heuristic with one answer, and the product.
#include <string>

#pragma GCC visibility push(default)
#include "descriptors.h"

static const uint64_t algorithm = 0x67726164, workspace_needed = 4096;

extern "C" {
cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
    *handle = (cublasLtHandle_t)malloc(8);
    return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle) {
    free(handle);
    return CUBLAS_STATUS_SUCCESS;
}
size_t cublasLtGetVersion(void) { return 130000; }
const char* cublasGetStatusName(cublasStatus_t status);
const char* cublasLtGetStatusName(cublasStatus_t status) { return cublasGetStatusName(status); }
const char* cublasLtGetStatusString(cublasStatus_t status) { return cublasGetStatusName(status); }
}

// ---- what the real one refuses -------------------------------------------------------------

static Side side(const Layout& layout, const void* at, int op) {
    bool by_columns = layout.order == CUBLASLT_ORDER_COL;
    Side made = {(char*)at,      layout.type,
                 layout.rows,    layout.columns,
                 by_columns ? 1 : layout.ld, by_columns ? layout.ld : 1,
                 layout.stride};
    if (op == CUBLAS_OP_N) return made;
    return {made.at, made.type, made.columns, made.rows, made.column_step, made.row_step, made.batch_step};
}
static cublasStatus_t check_layout(const char* name, const Layout& layout) {
    bool by_columns = layout.order == CUBLASLT_ORDER_COL;
    if (!by_columns && layout.order != CUBLASLT_ORDER_ROW)
        return refuse(CUBLAS_STATUS_NOT_SUPPORTED, "%s: order %d", name, layout.order);
    if (layout.rows < 1 || layout.columns < 1 || layout.batches < 1 ||
        layout.ld < (by_columns ? layout.rows : layout.columns))
        return refuse(CUBLAS_STATUS_INVALID_VALUE, "%s: %ld x %ld, leading dimension %ld", name,
                      long(layout.rows), long(layout.columns), long(layout.ld));
    return CUBLAS_STATUS_SUCCESS;
}
static cublasStatus_t check_types(const Description& how, const Layout* all[4]) {
    cudaDataType_t in = all[0]->type, out = all[3]->type;
    bool wide = how.compute == CUBLAS_COMPUTE_64F || how.compute == CUBLAS_COMPUTE_64F_PEDANTIC;
    static const int singles[] = {CUBLAS_COMPUTE_32F, CUBLAS_COMPUTE_32F_PEDANTIC,
                                  CUBLAS_COMPUTE_32F_FAST_TF32, CUBLAS_COMPUTE_32F_FAST_16F,
                                  CUBLAS_COMPUTE_32F_FAST_16BF};
    bool single = false;
    for (int each : singles) single |= each == how.compute;
    bool fits = in == all[1]->type && out == all[2]->type &&
                how.scale == (wide ? CUDA_R_64F : CUDA_R_32F) &&
                (wide ? in == CUDA_R_64F && out == CUDA_R_64F
                      : single && in != CUDA_R_64F &&
                            (out == in || (in != CUDA_R_32F && out == CUDA_R_32F)));
    if (!fits)
        return refuse(CUBLAS_STATUS_NOT_SUPPORTED, "types %d, %d, %d, %d, compute %d, scale %d",
                      in, all[1]->type, all[2]->type, out, how.compute, how.scale);
    return CUBLAS_STATUS_SUCCESS;
}
// CUDA_HOST_NO_EPILOGUES="134 136": what this device's heuristic has no algorithm for.
static bool is_offered(uint32_t epilogue) {
    const char* without = getenv("CUDA_HOST_NO_EPILOGUES");
    std::string all = without ? " " + std::string(without) + " " : "";
    return all.find(" " + std::to_string(epilogue) + " ") == std::string::npos;
}
static cublasStatus_t check_epilogue(const Description& how, const Layout& d, int64_t terms) {
    uint32_t e = how.epilogue;
    static const uint32_t known[] = {1, 2, 4, 6, 130, 134, 136, 152, 256, 512};
    bool found = false;
    for (uint32_t each : known) found |= each == e;
    if (!found || !is_offered(e)) return refuse(CUBLAS_STATUS_NOT_SUPPORTED, "epilogue %u", e);
    if (e == CUBLASLT_EPILOGUE_DEFAULT) return CUBLAS_STATUS_SUCCESS;
    if (d.type == CUDA_R_64F || d.order != CUBLASLT_ORDER_COL)
        return refuse(CUBLAS_STATUS_NOT_SUPPORTED, "epilogue %u on float64 or rows first", e);
    if ((e & (8 | 256 | 512)) && terms == 1)  // nvmath-python: "K=1 is not supported"
        return refuse(CUBLAS_STATUS_NOT_SUPPORTED, "epilogue %u of sums of one term", e);
    if ((e & (4 | 16 | 256 | 512)) && !how.bias)
        return refuse(CUBLAS_STATUS_INVALID_VALUE, "epilogue %u without a bias pointer", e);
    if ((e & 128) && (!how.aux || uint64_t(how.aux) % 16))
        return refuse(CUBLAS_STATUS_INVALID_VALUE, "epilogue %u, auxiliary pointer %p", e, how.aux);
    if ((e & 128) && (how.aux_ld % 128 || how.aux_ld < d.rows))
        return refuse(CUBLAS_STATUS_INVALID_VALUE, "epilogue %u, auxiliary leading dimension %ld", e,
                      long(how.aux_ld));
    if (how.bias_type != -1 && how.bias_type != d.type)
        return refuse(CUBLAS_STATUS_NOT_SUPPORTED, "bias type %d of a result of type %d",
                      how.bias_type, d.type);
    return CUBLAS_STATUS_SUCCESS;
}
#define RETURN_IF_NOT_OK(call) \
    if (cublasStatus_t status = call) return status

static cublasStatus_t check(const Description& how, const Layout* all[4]) {
    const char* names[] = {"A", "B", "C", "D"};
    for (int i = 0; i < 4; ++i) {
        RETURN_IF_NOT_OK(check_layout(names[i], *all[i]));
        if (all[i]->batches != all[3]->batches)
            return refuse(CUBLAS_STATUS_INVALID_VALUE, "batch counts differ");
    }
    Side a = side(*all[0], nullptr, how.transa), b = side(*all[1], nullptr, how.transb);
    const Layout &c = *all[2], &d = *all[3];
    if (a.columns != b.rows || a.rows != d.rows || b.columns != d.columns || c.rows != d.rows ||
        c.columns != d.columns)
        return refuse(CUBLAS_STATUS_INVALID_VALUE,
                      "%ld x %ld times %ld x %ld plus %ld x %ld into %ld x %ld", long(a.rows),
                      long(a.columns), long(b.rows), long(b.columns), long(c.rows),
                      long(c.columns), long(d.rows), long(d.columns));
    RETURN_IF_NOT_OK(check_types(how, all));
    return check_epilogue(how, d, a.columns);
}

// cublasLt.h: the heuristic depends on the bias pointer's value "to determine expected
// pointer alignment"; a vector load takes 16 bytes at most.
static uint64_t bias_alignment(const Description& how) {
    uint64_t at = uint64_t(how.bias) | 16;
    return at & -at;
}

// ---- the product -----------------------------------------------------------------------------

extern "C" {
cublasStatus_t cublasLtMatmulAlgoGetHeuristic(
    cublasLtHandle_t handle, cublasLtMatmulDesc_t description, cublasLtMatrixLayout_t a,
    cublasLtMatrixLayout_t b, cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
    cublasLtMatmulPreference_t preference, int wanted, cublasLtMatmulHeuristicResult_t results[],
    int* found) {
    if (!handle) return CUBLAS_STATUS_NOT_INITIALIZED;
    *found = 0;
    if (wanted < 1) return refuse(CUBLAS_STATUS_INVALID_VALUE, "no algorithm wanted");
    const Layout* all[] = {&as<Layout>(a), &as<Layout>(b), &as<Layout>(c), &as<Layout>(d)};
    RETURN_IF_NOT_OK(check(as<Description>(description), all));
    Preference& asked = as<Preference>(preference);
    results[0] = {};
    results[0].workspaceSize = asked.workspace < workspace_needed ? 0 : workspace_needed;
    results[0].wavesCount = 1.0f;
    results[0].algo.data[0] = algorithm, results[0].algo.data[1] = results[0].workspaceSize;
    for (int i = 0; i < 4; ++i) results[0].algo.data[2 + i] = asked.alignment[i];
    results[0].algo.data[6] = bias_alignment(as<Description>(description));
    *found = 1;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t description,
                              const void* alpha, const void* a, cublasLtMatrixLayout_t a_layout,
                              const void* b, cublasLtMatrixLayout_t b_layout, const void* beta,
                              const void* c, cublasLtMatrixLayout_t c_layout, void* d,
                              cublasLtMatrixLayout_t d_layout, const cublasLtMatmulAlgo_t* algo,
                              void* workspace, size_t workspace_bytes, cudaStream_t stream) {
    if (!handle) return CUBLAS_STATUS_NOT_INITIALIZED;
    const Description& how = as<Description>(description);
    const Layout* all[] = {&as<Layout>(a_layout), &as<Layout>(b_layout), &as<Layout>(c_layout),
                           &as<Layout>(d_layout)};
    const void* pointers[] = {a, b, c, d};
    RETURN_IF_NOT_OK(check(how, all));
    bool wide = all[3]->type == CUDA_R_64F;
    for (int i = 0; i < 4; ++i) {
        Side one = side(*all[i], pointers[i], CUBLAS_OP_N);
        uint64_t alignment = algo ? algo->data[2 + i] : one.width();
        if ((i != 2 && !pointers[i]) || uint64_t(pointers[i]) % alignment)
            return refuse(CUBLAS_STATUS_INVALID_VALUE,
                          "operand %c at %p, %lu bytes alignment were promised to the heuristic",
                          "ABCD"[i], pointers[i], (unsigned long)alignment);
    }
    if (algo && uint64_t(how.bias) % algo->data[6])
        return refuse(CUBLAS_STATUS_INVALID_VALUE,
                      "bias at %p, the heuristic was shown one aligned to %lu bytes", how.bias,
                      (unsigned long)algo->data[6]);
    if (algo && (algo->data[0] != algorithm || algo->data[1] > workspace_bytes))
        return refuse(CUBLAS_STATUS_INVALID_VALUE, "the algorithm needs a workspace of %lu bytes",
                      (unsigned long)algo->data[1]);
    if ((workspace_bytes && !workspace) || uint64_t(workspace) % 16)
        return refuse(CUBLAS_STATUS_INVALID_VALUE, "workspace %p", workspace);
    if (!alpha || !beta) return refuse(CUBLAS_STATUS_INVALID_VALUE, "no scalars");
    Product p = {};
    p.name = "cublasLtMatmul";
    p.a = side(*all[0], a, how.transa), p.b = side(*all[1], b, how.transb);
    p.c = side(*all[2], c, CUBLAS_OP_N), p.d = side(*all[3], d, CUBLAS_OP_N);
    p.batches = all[3]->batches;
    p.compute = how.compute;
    p.device_scalars = how.pointer_mode == CUBLASLT_POINTER_MODE_DEVICE;
    p.alpha_at = alpha, p.beta_at = beta;
    if (!p.device_scalars) {
        p.alpha = load((const char*)alpha, wide ? CUDA_R_64F : CUDA_R_32F);
        p.beta = load((const char*)beta, wide ? CUDA_R_64F : CUDA_R_32F);
    }
    if (p.beta != 0 && !c) return refuse(CUBLAS_STATUS_INVALID_VALUE, "beta without C");
    p.epilogue = int(how.epilogue);
    if (p.epilogue & (4 | 16 | 256 | 512)) {
        int64_t length = p.epilogue == CUBLASLT_EPILOGUE_BGRADB ? p.d.columns : p.d.rows;
        p.bias = {how.bias, p.d.type, length, 1, 1, length, how.bias_stride};
    }
    if (p.epilogue & 128) p.aux = how.aux, p.aux_ld = how.aux_ld, p.aux_stride = how.aux_stride;
    p.workspace = (char*)workspace, p.workspace_bytes = algo ? algo->data[1] : workspace_bytes;
    return start(p, stream);
}
}
