// __half and __nv_bfloat16 on the host: 16 bits of storage, arithmetic in float, rounded
// to nearest even on the way back. cuda_bf16.h includes this file.
#pragma once

#include "sixteen_bits.h"

#define CUDA_HOST_16BIT(name, pair, pack, unpack)                                     \
    struct name {                                                                     \
        uint16_t bits;                                                                \
        name() = default;                                                             \
        name(float x) : bits(cuda_host::pack(x)) {}                                   \
        name(double x) : name(float(x)) {}                                            \
        name(int x) : name(float(x)) {}                                               \
        operator float() const { return cuda_host::unpack(bits); }                    \
        name& operator+=(name b) { return *this = name(float(*this) + float(b)); }    \
        name& operator-=(name b) { return *this = name(float(*this) - float(b)); }    \
        name& operator*=(name b) { return *this = name(float(*this) * float(b)); }    \
        name& operator/=(name b) { return *this = name(float(*this) / float(b)); }    \
    };                                                                                \
    inline name operator+(name a, name b) { return a += b; }                          \
    inline name operator-(name a, name b) { return a -= b; }                          \
    inline name operator*(name a, name b) { return a *= b; }                          \
    inline name operator/(name a, name b) { return a /= b; }                          \
    inline name operator-(name a) { return name(-float(a)); }                         \
    struct alignas(4) pair { name x, y; };                                            \
    inline name __hadd(name a, name b) { return a + b; }                              \
    inline name __hsub(name a, name b) { return a - b; }                              \
    inline name __hmul(name a, name b) { return a * b; }                              \
    inline name __hmax(name a, name b) { return name(fmaxf(a, b)); }                  \
    inline name __hmin(name a, name b) { return name(fminf(a, b)); }                  \
    inline name __hfma(name a, name b, name c) { return name(fmaf(a, b, c)); }        \
    inline bool __hisnan(name a) { return isnan(float(a)); }                          \
    inline bool __hgt(name a, name b) { return float(a) > float(b); }                 \
    inline float __low2float(pair p) { return p.x; }                                  \
    inline float __high2float(pair p) { return p.y; }

CUDA_HOST_16BIT(__half, __half2, half_bits, half_value)
CUDA_HOST_16BIT(__nv_bfloat16, __nv_bfloat162, bfloat_bits, bfloat_value)

typedef __half half;
typedef __half2 half2;
typedef __nv_bfloat16 nv_bfloat16;
typedef __nv_bfloat162 nv_bfloat162;

inline __half __float2half(float x) { return __half(x); }
inline __half __float2half_rn(float x) { return __half(x); }
inline __half __double2half(double x) { return __half(float(x)); }
inline float __half2float(__half x) { return x; }
inline __half __ushort_as_half(unsigned short x) { return cuda_host_bits<__half>(x); }
inline unsigned short __half_as_ushort(__half x) { return x.bits; }
inline __half2 __floats2half2_rn(float x, float y) { return {__half(x), __half(y)}; }
inline __half2 __float22half2_rn(float2 p) { return {__half(p.x), __half(p.y)}; }
inline float2 __half22float2(__half2 p) { return {float(p.x), float(p.y)}; }

inline __nv_bfloat16 __float2bfloat16(float x) { return __nv_bfloat16(x); }
inline __nv_bfloat16 __float2bfloat16_rn(float x) { return __nv_bfloat16(x); }
inline float __bfloat162float(__nv_bfloat16 x) { return x; }
inline __nv_bfloat16 __ushort_as_bfloat16(unsigned short x) {
    return cuda_host_bits<__nv_bfloat16>(x);
}
inline unsigned short __bfloat16_as_ushort(__nv_bfloat16 x) { return x.bits; }
inline __nv_bfloat162 __floats2bfloat162_rn(float x, float y) {
    return {__nv_bfloat16(x), __nv_bfloat16(y)};
}
inline __nv_bfloat162 __float22bfloat162_rn(float2 p) {
    return {__nv_bfloat16(p.x), __nv_bfloat16(p.y)};
}
inline float2 __bfloat1622float2(__nv_bfloat162 p) { return {float(p.x), float(p.y)}; }

// CuPy's own types in an ElementwiseKernel: storage, all arithmetic is float's.
#define CUDA_HOST_CUPY_16BIT(name, storage)                                           \
    class name {                                                                      \
        storage data_;                                                                \
      public:                                                                         \
        name() = default;                                                             \
        name(float x) : data_(x) {}                                                   \
        explicit name(bool x) : data_(float(x)) {}                                    \
        explicit name(double x) : data_(float(x)) {}                                  \
        explicit name(int x) : data_(float(x)) {}                                     \
        explicit name(unsigned x) : data_(float(x)) {}                                \
        explicit name(long long x) : data_(float(x)) {}                               \
        explicit name(unsigned long long x) : data_(float(x)) {}                      \
        operator float() const { return data_; }                                      \
        name& operator=(const name&) = default;                                       \
        template <class T> name& operator=(const T& x) { return *this = name(x); }    \
        template <class T> name& operator+=(const T& x) { return *this = *this + x; } \
        template <class T> name& operator-=(const T& x) { return *this = *this - x; } \
        template <class T> name& operator*=(const T& x) { return *this = *this * x; } \
        template <class T> name& operator/=(const T& x) { return *this = *this / x; } \
    };                                                                                \
    inline bool isnan(name x) { return isnan(float(x)); }                             \
    inline bool isinf(name x) { return isinf(float(x)); }                             \
    inline bool isfinite(name x) { return isfinite(float(x)); }

CUDA_HOST_CUPY_16BIT(float16, __half)
CUDA_HOST_CUPY_16BIT(bfloat16, __nv_bfloat16)
