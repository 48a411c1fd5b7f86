// CUDA C++ as the host's compiler can read it: words, index variables, vector types,
// warp and block operations, atomics.
//
// A block runs as fibers, one per CUDA thread, or as a plain loop where nothing waits
// (fibers.h). Blocks run one after another, so shared memory is a static variable.
#pragma once

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <initializer_list>
#include <type_traits>
#include <utility>

#define __CUDA_ARCH__ 800
#define __global__
#define __device__
#define __host__
#define __constant__ static
#define __forceinline__ inline
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))
#define __shared__ static __attribute__((section("cuda_shared"), aligned(16)))
#define __grid_constant__

// ---- vector types ------------------------------------------------------------------

#define CUDA_HOST_VECTOR(T, name)                                                     \
    struct alignas(2 * sizeof(T)) name##2 { T x, y; };                                \
    struct name##3 { T x, y, z; };                                                    \
    struct alignas(16) name##4 { T x, y, z, w; };                                     \
    inline name##2 make_##name##2(T x, T y) { return {x, y}; }                        \
    inline name##3 make_##name##3(T x, T y, T z) { return {x, y, z}; }                \
    inline name##4 make_##name##4(T x, T y, T z, T w) { return {x, y, z, w}; }

CUDA_HOST_VECTOR(float, float)
CUDA_HOST_VECTOR(double, double)
CUDA_HOST_VECTOR(int, int)
CUDA_HOST_VECTOR(unsigned, uint)
CUDA_HOST_VECTOR(long long, longlong)
CUDA_HOST_VECTOR(unsigned long long, ulonglong)
struct uchar4 { unsigned char x, y, z, w; };
struct alignas(8) ushort4 { unsigned short x, y, z, w; };

struct dim3 {
    unsigned x, y, z;
    dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};

// Defined in fibers.cpp, so that the compiler reads them anew after a fiber has waited.
extern uint3 threadIdx, blockIdx;
extern dim3 blockDim, gridDim;
static const int warpSize = 32;

namespace cuda_host {
[[noreturn]] void fail(const char* format, ...);  // ends the launch with a message
void wait_block(const char* what, int predicate);
void wait_grid(const char* what);
void wait_warp(const char* what, unsigned mask, int from, const void* value, size_t size);
void warp_result(void* value, size_t size);
unsigned warp_ballot();
unsigned lane();
extern int votes;  // how many predicates were true at the last barrier
extern unsigned char dynamic_shared[];

// ---- warp operations -----------------------------------------------------------------

// A lane of another `width` group is not read: the caller's own value comes back.
template <class T>
T exchange(const char* what, unsigned mask, T value, int from, int width) {
    static_assert(sizeof(T) <= 16, "a shuffle moves at most 16 bytes");
    int first = int(lane()) / width * width;
    if (from < first || from >= first + width) from = int(lane());
    wait_warp(what, mask, from, &value, sizeof(T));
    warp_result(&value, sizeof(T));
    return value;
}
}  // namespace cuda_host

template <class T>
T __shfl_sync(unsigned mask, T value, int from, int width = 32) {
    int first = int(cuda_host::lane()) / width * width;
    return cuda_host::exchange("__shfl_sync", mask, value, first + (from & (width - 1)), width);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int with, int width = 32) {
    int from = int(cuda_host::lane()) ^ with;
    return cuda_host::exchange("__shfl_xor_sync", mask, value, from, width);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned by, int width = 32) {
    int from = int(cuda_host::lane() + by);
    return cuda_host::exchange("__shfl_down_sync", mask, value, from, width);
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned by, int width = 32) {
    int from = int(cuda_host::lane()) - int(by);
    return cuda_host::exchange("__shfl_up_sync", mask, value, from, width);
}
inline unsigned __ballot_sync(unsigned mask, int predicate) {
    cuda_host::wait_warp("__ballot_sync", mask, -1, &predicate, sizeof predicate);
    return cuda_host::warp_ballot();
}
inline int __any_sync(unsigned mask, int p) { return __ballot_sync(mask, p) != 0; }
inline int __all_sync(unsigned mask, int p) { return __ballot_sync(mask, !p) == 0; }
inline void __syncwarp(unsigned mask = 0xffffffffu) {
    int nothing = 0;
    cuda_host::wait_warp("__syncwarp", mask, -1, &nothing, sizeof nothing);
}

// ---- block operations ----------------------------------------------------------------

inline void __syncthreads() { cuda_host::wait_block("__syncthreads", 0); }
inline int __syncthreads_count(int p) {
    cuda_host::wait_block("__syncthreads_count", p);
    return cuda_host::votes;
}
inline int __syncthreads_or(int p) { return __syncthreads_count(p != 0) > 0; }
inline int __syncthreads_and(int p) { return __syncthreads_count(p == 0) == 0; }
inline void __threadfence() {}
inline void __threadfence_block() {}
inline void __nanosleep(unsigned) {}
inline void __trap() { cuda_host::fail("__trap() was called"); }

// One thread at a time runs, so an atomic is a plain update; it gives the old value.
template <class T, class U>
T atomicAdd(T* at, U by) { T old = *at; *at = T(old + by); return old; }
template <class T, class U>
T atomicSub(T* at, U by) { T old = *at; *at = T(old - by); return old; }
template <class T, class U>
T atomicMax(T* at, U by) { T old = *at; if (T(by) > old) *at = T(by); return old; }
template <class T, class U>
T atomicMin(T* at, U by) { T old = *at; if (T(by) < old) *at = T(by); return old; }
template <class T, class U>
T atomicExch(T* at, U to) { T old = *at; *at = T(to); return old; }
template <class T, class U>
T atomicOr(T* at, U bits) { T old = *at; *at = T(old | bits); return old; }
template <class T, class U, class V>
T atomicCAS(T* at, U expected, V to) {
    T old = *at;
    if (old == T(expected)) *at = T(to);
    return old;
}
inline unsigned atomicInc(unsigned* at, unsigned limit) {
    unsigned old = *at;
    *at = old >= limit ? 0 : old + 1;
    return old;
}

#include "cuda_math.h"
#include "cuda_fp16.h"

// NVRTC has no <math.h>, <float.h> and <limits.h>: a kernel must do without their macros.
#undef INFINITY
#undef NAN
#undef HUGE_VAL
#undef HUGE_VALF
#undef M_PI
#undef M_SQRT2
#undef FLT_MAX
#undef FLT_MIN
#undef FLT_EPSILON
#undef DBL_MAX
#undef DBL_EPSILON
#undef INT_MAX
#undef INT_MIN
#undef UINT_MAX
