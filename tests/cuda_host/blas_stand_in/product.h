// One matrix product D = epilogue(alpha op(A) op(B) + beta C), checked and computed.
#pragma once

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vector>

#include "../shim/sixteen_bits.h"
#include "cublas_abi.h"

namespace product {
typedef int (*Enqueue)(void* stream, const char* name, void (*run)(void*), void* data, int count,
                       const uint64_t* ranges);
extern Enqueue enqueue;  // null: products run at once

// A matrix as op() leaves it; steps are counted in elements.
struct Side {
    char* at;
    cudaDataType_t type;
    int64_t rows, columns, row_step, column_step, batch_step;

    size_t width() const { return type == CUDA_R_64F ? 8 : type == CUDA_R_32F ? 4 : 2; }
    size_t bytes(int64_t batches) const {
        return size_t((rows - 1) * row_step + (columns - 1) * column_step +
                      (batches - 1) * batch_step + 1) * width();
    }
    char* place(int64_t batch, int64_t i, int64_t j) const {
        return at + (batch * batch_step + i * row_step + j * column_step) * int64_t(width());
    }
};

struct Product {
    const char* name;
    Side a, b, c, d;
    int64_t batches;
    int compute;  // how float inputs are rounded
    bool device_scalars;
    double alpha, beta;
    const void *alpha_at, *beta_at;  // read when it runs, if they lie on the device
    int epilogue;
    Side bias;  // one column
    char* aux;
    int64_t aux_ld, aux_stride;  // bits
    char* workspace;
    size_t workspace_bytes;
};

// Says why on stderr: the status alone tells nobody what is wrong.
inline cublasStatus_t refuse(cublasStatus_t status, const char* format, ...) {
    va_list list;
    va_start(list, format);
    fprintf(stderr, "cuBLAS stand-in: ");
    vfprintf(stderr, format, list);
    fprintf(stderr, "\n");
    va_end(list);
    return status;
}

inline double load(const char* at, cudaDataType_t type) {
    switch (type) {
        case CUDA_R_64F: return *(const double*)at;
        case CUDA_R_32F: return *(const float*)at;
        case CUDA_R_16F: return cuda_host::half_value(*(const uint16_t*)at);
        default: return cuda_host::bfloat_value(*(const uint16_t*)at);
    }
}
inline void store(char* at, cudaDataType_t type, double value) {
    switch (type) {
        case CUDA_R_64F: *(double*)at = value; break;
        case CUDA_R_32F: *(float*)at = float(value); break;
        case CUDA_R_16F: *(uint16_t*)at = cuda_host::half_bits(float(value)); break;
        default: *(uint16_t*)at = cuda_host::bfloat_bits(float(value));
    }
}
// What a fast compute type keeps of a float; TF32 keeps ten bits of its fraction.
inline double rounded(double value, int compute) {
    if (compute == CUBLAS_COMPUTE_32F_FAST_16F)
        return cuda_host::half_value(cuda_host::half_bits(float(value)));
    if (compute == CUBLAS_COMPUTE_32F_FAST_16BF)
        return cuda_host::bfloat_value(cuda_host::bfloat_bits(float(value)));
    if (compute != CUBLAS_COMPUTE_32F_FAST_TF32) return value;
    uint32_t bits = cuda_host_bits<uint32_t>(float(value));
    if ((bits & 0x7f800000) != 0x7f800000) bits = (bits + 0x1000) & ~0x1fffu;
    return cuda_host_bits<float>(bits);
}

inline std::vector<double> unpacked(const Side& side, int64_t batch, int compute) {
    bool exact = side.type != CUDA_R_32F;
    std::vector<double> values(size_t(side.rows * side.columns));
    for (int64_t i = 0; i < side.rows; ++i)
        for (int64_t j = 0; j < side.columns; ++j) {
            double value = load(side.place(batch, i, j), side.type);
            values[size_t(i * side.columns + j)] =
                exact ? value : rounded(value, compute);
        }
    return values;
}
inline std::vector<double> multiplied(const Product& p, const std::vector<double>& a,
                                      const std::vector<double>& b) {
    size_t m = size_t(p.d.rows), n = size_t(p.d.columns), k = size_t(p.a.columns);
    std::vector<double> d(m * n);
    for (size_t i = 0; i < m; ++i)
        for (size_t l = 0; l < k; ++l) {
            const double factor = a[i * k + l], *row = &b[l * n];
            double* sums = &d[i * n];
            for (size_t j = 0; j < n; ++j) sums[j] += factor * row[j];
        }
    return d;
}
// Sums over one axis of a matrix, given by its number of rows and columns.
inline void store_sums(const Product& p, int64_t batch, const std::vector<double>& values,
                       int64_t rows, int64_t columns, bool over_columns) {
    for (int64_t i = 0; i < (over_columns ? rows : columns); ++i) {
        double sum = 0;
        for (int64_t j = 0; j < (over_columns ? columns : rows); ++j)
            sum += values[size_t(over_columns ? i * columns + j : j * columns + i)];
        store(p.bias.place(batch, i, 0), p.bias.type, sum);
    }
}
inline double through_relu(const Product& p, int64_t batch, int64_t i, int64_t j, double value) {
    int64_t bit = batch * p.aux_stride + j * p.aux_ld + i;
    char *byte = p.aux + bit / 8, mask = char(1 << bit % 8);
    if (p.epilogue & 8) return *byte & mask ? value : 0.0;  // the gradient
    if (!(p.epilogue & 2)) return value;
    // At 0 the bit is 1: nvmath-python's tests of RELU_AUX; CUTLASS, "Aux(i) = Z(i) >= 0".
    if (p.epilogue & 128) *byte = char(value >= 0 ? *byte | mask : *byte & ~mask);
    return value > 0 ? value : value == value ? 0.0 : value;
}

inline void run(void* data) {
    Product& p = *(Product*)data;
    bool wide = p.d.type == CUDA_R_64F;
    auto scalar = [&](const void* at, double value) {
        return p.device_scalars ? load((const char*)at, wide ? CUDA_R_64F : CUDA_R_32F) : value;
    };
    double alpha = scalar(p.alpha_at, p.alpha), beta = scalar(p.beta_at, p.beta);
    if (p.workspace) memset(p.workspace, 0xff, p.workspace_bytes);  // it is the library's
    for (int64_t batch = 0; batch < p.batches; ++batch) {
        std::vector<double> a = unpacked(p.a, batch, p.compute);
        std::vector<double> b = unpacked(p.b, batch, p.compute);
        std::vector<double> d = multiplied(p, a, b);
        for (int64_t i = 0; i < p.d.rows; ++i)
            for (int64_t j = 0; j < p.d.columns; ++j) {
                double& value = d[size_t(i * p.d.columns + j)];
                value *= alpha;
                if (beta != 0) value += beta * load(p.c.place(batch, i, j), p.c.type);
                if (p.epilogue & 4) value += load(p.bias.place(batch, i, 0), p.bias.type);
                value = through_relu(p, batch, i, j, value);
                store(p.d.place(batch, i, j), p.d.type, value);
            }
        if (p.epilogue & 16) store_sums(p, batch, d, p.d.rows, p.d.columns, true);
        if (p.epilogue & 256) store_sums(p, batch, a, p.a.rows, p.a.columns, true);
        if (p.epilogue & 512) store_sums(p, batch, b, p.b.rows, p.b.columns, false);
    }
}

// Hands the product to the stream. The copy stays for good: a graph may replay it.
inline cublasStatus_t start(const Product& product, cudaStream_t stream) {
    Product* p = new Product(product);
    if (!enqueue) {
        run(p);
        return CUBLAS_STATUS_SUCCESS;
    }
    std::vector<uint64_t> ranges;
    auto add = [&](const void* at, size_t bytes) {
        if (at) ranges.push_back(uint64_t(at)), ranges.push_back(bytes);
    };
    for (const Side* side : {&p->a, &p->b, &p->d, &p->bias}) add(side->at, side->bytes(p->batches));
    if (p->device_scalars || p->beta != 0) add(p->c.at, p->c.bytes(p->batches));
    add(p->aux, size_t((p->batches - 1) * p->aux_stride + p->aux_ld * p->d.columns) / 8);
    add(p->workspace, p->workspace_bytes);
    if (p->device_scalars) add(p->alpha_at, 4), add(p->beta_at, 4);
    int failed = enqueue(stream, p->name, run, p, int(ranges.size() / 2), ranges.data());
    return failed ? CUBLAS_STATUS_EXECUTION_FAILED : CUBLAS_STATUS_SUCCESS;
}
}  // namespace product
