// cuBLASLt's descriptors: layouts, operations and preferences, and their attributes.
#pragma once

#include "product.h"

using namespace product;

struct Layout {
    cudaDataType_t type;
    int64_t rows, columns, ld, stride;
    int32_t order, batches;
};
struct Description {
    int32_t compute, scale, pointer_mode, transa, transb, bias_type;
    uint32_t epilogue;
    char *bias, *aux;
    int64_t bias_stride, aux_ld, aux_stride;
};
struct Preference {
    uint64_t workspace;
    uint32_t alignment[4];
};
static_assert(sizeof(Layout) <= sizeof(cublasLtMatrixLayoutOpaque_t), "fits");
static_assert(sizeof(Description) <= sizeof(cublasLtMatmulDescOpaque_t), "fits");
static_assert(sizeof(Preference) <= sizeof(cublasLtMatmulPreferenceOpaque_t), "fits");

template <class T> static T& as(void* opaque) { return *(T*)opaque; }
template <class T> static cublasStatus_t take(T& field, const void* from, size_t size) {
    if (!from || size != sizeof(T))
        return refuse(CUBLAS_STATUS_INVALID_VALUE, "an attribute of %zu bytes, it has %zu", size,
                      sizeof(T));
    memcpy(&field, from, size);
    return CUBLAS_STATUS_SUCCESS;
}

extern "C" {
cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* layout, cudaDataType type,
                                          uint64_t rows, uint64_t columns, int64_t ld) {
    *layout = new cublasLtMatrixLayoutOpaque_t{};
    as<Layout>(*layout) = {type, int64_t(rows), int64_t(columns), ld, 0, CUBLASLT_ORDER_COL, 1};
    return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout) {
    delete layout;
    return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatrixLayoutSetAttribute(cublasLtMatrixLayout_t layout,
                                                cublasLtMatrixLayoutAttribute_t attribute,
                                                const void* from, size_t size) {
    Layout& to = as<Layout>(layout);
    switch (attribute) {
        case CUBLASLT_MATRIX_LAYOUT_ORDER: return take(to.order, from, size);
        case CUBLASLT_MATRIX_LAYOUT_LD: return take(to.ld, from, size);
        case CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT: return take(to.batches, from, size);
        case CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET: return take(to.stride, from, size);
        default: return refuse(CUBLAS_STATUS_INVALID_VALUE, "layout attribute %d", attribute);
    }
}

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* description,
                                        cublasComputeType_t compute, cudaDataType_t scale) {
    *description = new cublasLtMatmulDescOpaque_t{};
    Description& made = as<Description>(*description);
    made.compute = compute, made.scale = scale;
    made.epilogue = CUBLASLT_EPILOGUE_DEFAULT, made.bias_type = -1;
    return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t description) {
    delete description;
    return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t description,
                                              cublasLtMatmulDescAttributes_t attribute,
                                              const void* from, size_t size) {
    Description& to = as<Description>(description);
    switch (attribute) {
        case CUBLASLT_MATMUL_DESC_COMPUTE_TYPE: return take(to.compute, from, size);
        case CUBLASLT_MATMUL_DESC_SCALE_TYPE: return take(to.scale, from, size);
        case CUBLASLT_MATMUL_DESC_POINTER_MODE: return take(to.pointer_mode, from, size);
        case CUBLASLT_MATMUL_DESC_TRANSA: return take(to.transa, from, size);
        case CUBLASLT_MATMUL_DESC_TRANSB: return take(to.transb, from, size);
        case CUBLASLT_MATMUL_DESC_EPILOGUE: return take(to.epilogue, from, size);
        case CUBLASLT_MATMUL_DESC_BIAS_POINTER: return take(to.bias, from, size);
        case CUBLASLT_MATMUL_DESC_BIAS_BATCH_STRIDE: return take(to.bias_stride, from, size);
        case CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE: return take(to.bias_type, from, size);
        case CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER: return take(to.aux, from, size);
        case CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD: return take(to.aux_ld, from, size);
        case CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_BATCH_STRIDE: return take(to.aux_stride, from, size);
        default: return refuse(CUBLAS_STATUS_INVALID_VALUE, "matmul attribute %d", attribute);
    }
}

cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* preference) {
    *preference = new cublasLtMatmulPreferenceOpaque_t{};
    for (uint32_t& bytes : as<Preference>(*preference).alignment) bytes = 256;
    return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference) {
    delete preference;
    return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t preference,
                                                    cublasLtMatmulPreferenceAttributes_t attribute,
                                                    const void* from, size_t size) {
    Preference& to = as<Preference>(preference);
    int side = attribute - CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES;
    uint32_t unused;
    if (attribute == CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES)
        return take(to.workspace, from, size);
    if (side >= 0 && side < 4) return take(to.alignment[side], from, size);
    return take(unused, from, size);
}
}
