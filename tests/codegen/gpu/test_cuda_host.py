"""The stand-in for a GPU: CUDA kernels run on the host as they would on a device."""

from __future__ import annotations

import numpy as np
import pytest
from cuda_host.host_kernel import LaunchError, compile_host
from cuda_host.host_library import CompileError

ORDERS = ["forward", "reverse", "shuffle:3"]

SAXPY = """
extern "C" __global__ void __launch_bounds__(256)
saxpy(const float* __restrict__ x, float* __restrict__ y, float a, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    for (; i < n; i += gridDim.x * blockDim.x)
        y[i] = fmaf(a, __ldg(x + i), y[i]);
}
"""

SUM = """
extern "C" __global__ void sum(const float* x, float* total, int n) {
    extern __shared__ float part[];
    float own = 0.0f;
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    for (; i < n; i += gridDim.x * blockDim.x)
        own += x[i];
    part[threadIdx.x] = own;
    __syncthreads();
    for (int half = blockDim.x / 2; half > 0; half /= 2) {
        if (threadIdx.x < half) part[threadIdx.x] += part[threadIdx.x + half];
        __syncthreads();
    }
    if (threadIdx.x == 0) atomicAdd(total, part[0]);
}
"""

TRANSPOSE = """
#define TILE 16
extern "C" __global__
void transpose(const double* x, double* y, int rows, int columns) {
    __shared__ double tile[TILE][TILE + 1];
    int c = blockIdx.x * TILE + threadIdx.x, r = blockIdx.y * TILE + threadIdx.y;
    if (r < rows && c < columns) tile[threadIdx.y][threadIdx.x] = x[r * columns + c];
    __syncthreads();
    c = blockIdx.x * TILE + threadIdx.y, r = blockIdx.y * TILE + threadIdx.x;
    if (r < rows && c < columns) y[c * rows + r] = tile[threadIdx.x][threadIdx.y];
}
"""

SOFTMAX = """
#include <math_constants.h>
__device__ float warp_max(float v) {
    for (int by = 16; by > 0; by /= 2)
        v = fmaxf(v, __shfl_xor_sync(0xffffffffu, v, by));
    return v;
}
__device__ float warp_sum(float v) {
    for (int by = 16; by > 0; by /= 2) v += __shfl_down_sync(0xffffffffu, v, by);
    return __shfl_sync(0xffffffffu, v, 0);
}
// One warp a row.
extern "C" __global__ void softmax(const float* x, float* y, int rows, int columns) {
    int lane = threadIdx.x % 32;
    int row = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
    if (row >= rows) return;
    float top = -CUDART_INF_F, total = 0.0f;
    for (int c = lane; c < columns; c += 32) top = fmaxf(top, x[row * columns + c]);
    top = warp_max(top);
    for (int c = lane; c < columns; c += 32)
        total += __expf(x[row * columns + c] - top);
    total = warp_sum(total);
    for (int c = lane; c < columns; c += 32)
        y[row * columns + c] = __expf(x[row * columns + c] - top) / total;
}
"""

random = np.random.default_rng(8)


def normal(*shape, dtype="f4"):
    return random.normal(size=shape).astype(dtype)


def softmax(x):
    e = np.exp(x.astype("f8") - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


# ---- kernels agree with NumPy --------------------------------------------------------


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("n", [1, 31, 32, 257, 1000])
def test_saxpy(n, order):
    x, y = normal(n), normal(n)
    x[0], y[-1] = np.nan, np.inf
    wanted = np.float32(2.5) * x.astype("f8") + y
    compile_host(SAXPY)((3,), (64,), (x, y, np.float32(2.5), np.int32(n)), order=order)
    np.testing.assert_allclose(y, wanted, rtol=1e-6)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("n", [1, 63, 64, 65, 5000])
def test_sum_in_dynamic_shared_memory(n, order):
    x, total = normal(n), np.zeros(1, "f4")
    arguments = (x, total, np.int32(n))
    compile_host(SUM)((4,), (64,), arguments, shared_mem=256, order=order)
    np.testing.assert_allclose(total[0], x.sum(dtype="f8"), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("shape", [(1, 1), (16, 16), (17, 33), (5, 40)])
def test_transpose_through_a_tile(shape, order):
    rows, columns = shape
    x, y = normal(*shape, dtype="f8"), np.empty(shape[::-1])
    grid = (-(-columns // 16), -(-rows // 16))
    arguments = (x, y, np.int32(rows), np.int32(columns))
    compile_host(TRANSPOSE)(grid, (16, 16), arguments, order=order)
    np.testing.assert_array_equal(y, x.T)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("shape", [(1, 1), (3, 10), (9, 32), (5, 77)])
def test_softmax_by_warps(shape, order):
    rows, columns = shape
    x, y = normal(*shape), np.empty(shape, "f4")
    x[0, 0] = 1000.0
    arguments = (x, y, np.int32(rows), np.int32(columns))
    compile_host(SOFTMAX)((-(-rows // 4),), (128,), arguments, order=order)
    np.testing.assert_allclose(y, softmax(x), rtol=2e-6, atol=1e-7)


WORDS = [  # an expression of x and the same in NumPy
    ("rsqrtf(x)", lambda x: 1 / np.sqrt(x)),
    ("exp(x)", np.exp),
    ("copysignf(3.0f, x)", lambda x: np.copysign(3, x)),
    ("isnan(x) ? -1.0f : x", lambda x: np.where(np.isnan(x), -1, x)),
    ("isinf(x) ? -1.0f : x", lambda x: np.where(np.isinf(x), -1, x)),
    ("fmaxf(x, 0.0f)", lambda x: np.fmax(x, 0)),
    ("__half2float(__float2half(x))", lambda x: x.astype("f2")),
    ("__bfloat162float(__float2bfloat16(x))", lambda x: bfloat16(x)),
    ("(float)__float_as_uint(x)", lambda x: x.view("u4").astype("f4")),
    ("(float)__popc(__float_as_uint(x))", lambda x: np.bitwise_count(x.view("u4"))),
    (
        "(float)__umulhi(__float_as_uint(x), 0x9E3779B9u)",
        lambda x: ((x.view("u4").astype("u8") * 0x9E3779B9) >> 32).astype("f4"),
    ),
]


def bfloat16(x):
    import ml_dtypes

    return x.astype(ml_dtypes.bfloat16).astype("f4")


@pytest.mark.parametrize(("text", "witness"), WORDS, ids=[w[0] for w in WORDS])
def test_words_of_cuda(text, witness):
    special = [
        0.0,
        -0.0,
        np.nan,
        np.inf,
        -np.inf,
        65504,
        65519,
        65520,
        6e-8,
        3e-8,
        1e-40,
    ]
    x = np.array([*special, 2**-25, 2**-24 * 1.5, *normal(200) * 4], "f4")
    y = np.empty_like(x)
    source = f"""#include <cuda_fp16.h>
    #include <cuda_bf16.h>
    extern "C" __global__ void word(const float* in, float* out, int n) {{
        int i = blockIdx.x * blockDim.x + threadIdx.x;
        if (i < n) {{ float x = in[i]; out[i] = {text}; }}
    }}"""
    compile_host(source)((len(x),), (1,), (x, y, np.int32(len(x))))
    with np.errstate(all="ignore"):
        wanted = witness(x).astype("f4")
    np.testing.assert_allclose(y, wanted, rtol=3e-7)


def test_every_half_and_bfloat16_survives():
    source = """#include <cuda_fp16.h>
    extern "C" __global__ void both(const unsigned short* bits, float* h, float* b,
                                    unsigned short* back) {
        int i = blockIdx.x * 256 + threadIdx.x;
        h[i] = __half2float(__ushort_as_half(bits[i]));
        b[i] = __bfloat162float(__ushort_as_bfloat16(bits[i]));
        back[i] = __half_as_ushort(__float2half_rn(h[i]));
    }"""
    import ml_dtypes

    bits = np.arange(65536).astype("u2")
    h, b, back = np.empty(65536, "f4"), np.empty(65536, "f4"), np.empty(65536, "u2")
    compile_host(source)((256,), (256,), (bits, h, b, back))
    numbers = ~np.isnan(h)
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(h, bits.view("f2").astype("f4"))
        np.testing.assert_array_equal(b, bits.view(ml_dtypes.bfloat16).astype("f4"))
    np.testing.assert_array_equal(back[numbers], bits[numbers])


def test_vector_loads_ballots_and_templates():
    source = """
    template <int N> __device__ int votes(int p) {
        return N * __popc(__ballot_sync(~0u, p));
    }
    extern "C" __global__ void four(const float4* x, float2* y, int* count) {
        float4 v = x[threadIdx.x];
        y[threadIdx.x] = make_float2(v.x + v.y, v.z * v.w);
        int positive = votes<2>(v.x > 0.0f), any = __syncthreads_or(v.x > 0.0f);
        if (threadIdx.x == 5) *count = positive + 1000 * any;
    }"""
    x, y, count = normal(32, 4), np.empty((32, 2), "f4"), np.zeros(1, "i4")
    compile_host(source)((1,), (32,), (x, y, count))
    np.testing.assert_array_equal(
        y, np.stack([x[:, 0] + x[:, 1], x[:, 2] * x[:, 3]], 1)
    )
    assert count[0] == 2 * (x[:, 0] > 0).sum() + 1000


# ---- planted mistakes are caught -----------------------------------------------------


def test_a_missing_barrier_changes_the_result():
    racing = SUM.replace("__syncthreads();\n    for", "for")
    assert racing.count("__syncthreads") == 1
    x = normal(5000)
    sums = []
    for order in ORDERS:
        total = np.zeros(1, "f4")
        arguments = (x, total, np.int32(5000))
        compile_host(racing)((4,), (64,), arguments, shared_mem=256, order=order)
        sums.append(total[0])
    wanted = x.sum(dtype="f8")
    assert not all(np.isclose(s, wanted, rtol=1e-4, atol=1e-4) for s in sums), sums


def test_a_write_race_changes_with_the_order():
    source = (
        """extern "C" __global__ void last(int* winner) { *winner = threadIdx.x; }"""
    )
    winners = []
    for order in ("forward", "reverse"):
        winner = np.zeros(1, "i4")
        compile_host(source)((1,), (32,), (winner,), order=order)
        winners.append(int(winner[0]))
    assert winners == [31, 0]


BROKEN = [  # a body over float* x of 10 elements, threads in the block, what is said
    ("x[10] = 1.0f;", 1, "wrote outside an array of 40 bytes, at byte 40"),
    ("x[-1] = 1.0f;", 1, "wrote outside an array of 40 bytes, at byte -4"),
    ("((float*)8)[0] = 1.0f;", 1, "illegal memory access"),
    (
        "__shared__ float s[8]; s[8 + threadIdx.x] = 1.0f; x[0] = s[0];",
        1,
        "shared array",
    ),
    ("x[0] = 7 / (int)(threadIdx.x);", 1, "division by zero"),
    ("if (threadIdx.x < 7) __syncthreads();", 8, "wait for each other"),
    ("if (threadIdx.x < 7) return; __syncthreads();", 9, "thread 0 has returned"),
    ("if (threadIdx.x < 7) __syncwarp(); else __syncthreads();", 8, "__syncwarp"),
    ("x[0] = __shfl_xor_sync(0xfeu, 1.0f, 1);", 8, "not in its own mask"),
    ("extern __shared__ float s[]; s[2] = 1.0f; x[0] = s[1];", 1, "past 8 bytes"),
    ("extern __shared__ float s[]; s[2] += 1.0f; x[0] = s[1];", 1, "past 8 bytes"),
    ("x[10] += 1.0f;", 1, "wrote outside an array of 40 bytes, at byte 4"),
    ("x[99999] += 1.0f;", 1, "illegal memory access"),
]


@pytest.mark.parametrize(("body", "threads", "message"), BROKEN)
def test_what_a_device_would_not_forgive(body, threads, message):
    kernel = compile_host(f'extern "C" __global__ void bad(float* x) {{ {body} }}')
    with pytest.raises(LaunchError, match=message):
        kernel((1,), (threads,), (np.zeros(10, "f4"),), shared_mem=8)
    x = np.zeros(1, "f4")  # the next kernel runs as if nothing had been
    compile_host(SUM)((1,), (4,), (np.ones(4, "f4"), x, np.int32(4)), shared_mem=16)
    assert x[0] == 4


@pytest.mark.parametrize("body", ["x[10]", "x[-1]"])
def test_a_read_outside_is_nan(body):
    kernel = compile_host(
        f'extern "C" __global__ void f(float* x) {{ x[0] = {body}; }}'
    )
    x = np.zeros(10, "f4")
    kernel((1,), (1,), (x,))
    assert np.isnan(x[0])


ARGUMENTS = [  # arguments for (float* x, int n)
    (np.zeros(3, "f8"), np.int32(3)),
    (np.zeros(3, "f4"), np.int64(3)),
    (np.zeros(3, "f4"), 3),
    (np.zeros(3, "f4"), np.float32(3)),
    (np.float32(1), np.int32(3)),
    (np.zeros(3, "f4"),),
]


@pytest.mark.parametrize("arguments", ARGUMENTS)
def test_arguments_that_would_be_misread(arguments):
    kernel = compile_host('extern "C" __global__ void f(float* x, int n) { x[0] = n; }')
    with pytest.raises(TypeError, match="parameter"):
        kernel((1,), (1,), arguments)


@pytest.mark.parametrize(
    ("grid", "block"), [((1,), (257,)), ((0,), (1,)), ((1, 65536), (1,))]
)
def test_sizes_that_no_device_takes(grid, block):
    x = np.zeros(1, "f4")
    with pytest.raises(LaunchError, match=r"threads|takes"):
        compile_host(SAXPY)(grid, block, (x, x, np.float32(1), np.int32(1)))


@pytest.mark.parametrize("name", ["INFINITY", "NAN", "FLT_MAX", "INT_MAX", "M_PI"])
def test_what_nvrtc_does_not_define(name):
    with pytest.raises(CompileError, match=name):
        compile_host(f'extern "C" __global__ void f(float* x) {{ x[0] = {name}; }}')


def test_a_compile_error_names_the_line():
    with pytest.raises(CompileError, match=r"kernel\.cu:3.*missing"):
        compile_host('extern "C" __global__\nvoid f(float* x) {\n  x[0] = missing;\n}')
