// Conversions between float and 16 bits, rounded to nearest even; no name of CUDA's, so
// that NVIDIA's own headers can stand beside it.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

template <class To, class From>
To cuda_host_bits(From value) {
    static_assert(sizeof(To) == sizeof(From), "a bit cast keeps the size");
    To result;
    memcpy(&result, &value, sizeof result);
    return result;
}

namespace cuda_host {
// IEEE 754 binary16; 0x33000000 is 2^-25, half of the smallest subnormal.
inline uint16_t half_bits(float x) {
    uint32_t bits = cuda_host_bits<uint32_t>(x), sign = bits >> 16 & 0x8000;
    bits &= 0x7fffffff;
    if (bits > 0x7f800000) return uint16_t(sign | 0x7fff);   // NaN
    if (bits >= 0x477ff000) return uint16_t(sign | 0x7c00);  // 65520 and up: infinity
    if (bits <= 0x33000000) return uint16_t(sign);
    int exponent = int(bits >> 23) - 127;
    uint32_t fraction = (bits & 0x7fffff) | 0x800000;
    int drop = exponent < -14 ? -1 - exponent : 13;  // a subnormal loses more bits
    uint32_t kept = fraction >> drop, rest = fraction & ((1u << drop) - 1);
    uint32_t half = 1u << (drop - 1);
    kept += rest > half || (rest == half && (kept & 1));
    // A carry out of the fraction runs into the exponent, as it should.
    uint32_t base = exponent < -14 ? 0 : uint32_t(exponent + 14) << 10;
    return uint16_t(sign | (base + kept));
}
inline float half_value(uint16_t bits) {
    int exponent = bits >> 10 & 31, fraction = bits & 1023;
    float size = exponent == 31  ? (fraction ? NAN : HUGE_VALF)
                 : exponent == 0 ? ldexpf(float(fraction), -24)
                                 : ldexpf(float(fraction | 1024), exponent - 25);
    return bits & 0x8000 ? -size : size;
}
inline uint16_t bfloat_bits(float x) {
    uint32_t bits = cuda_host_bits<uint32_t>(x);
    if ((bits & 0x7fffffff) > 0x7f800000) return 0x7fff;  // NaN
    return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
inline float bfloat_value(uint16_t bits) {
    return cuda_host_bits<float>(uint32_t(bits) << 16);
}
}  // namespace cuda_host
