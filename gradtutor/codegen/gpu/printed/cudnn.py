"""Convolution by NVIDIA's cuDNN, and the order of memory that it takes.

Printed into scripts of the CuPy backend with ``--conv cudnn``; read as text, never
imported.
"""

# ruff: noqa: ANN001, ANN201, F821 (printed into scripts as they are)

import functools
import sys

import cudnn
import cupy as cp
import numpy as np

SWAP_ENDS = """
extern "C" __global__ void swap_ends(const S* x, T* out, int A, int M, int B) {
    // out[b, m, a] = x[a, m, b]. A block turns a tile of 32 x 32 in shared memory: so
    // what it reads, and what it writes, lie side by side.
    __shared__ S tile[32][33];
    const int wide = (B + 31) / 32, high = (A + 31) / 32;
    const int b0 = blockIdx.x % wide * 32, a0 = blockIdx.x / wide % high * 32;
    const size_t m = blockIdx.x / wide / high;
    for (int row = threadIdx.y; row < 32; row += blockDim.y) {
        const int a = a0 + row, b = b0 + threadIdx.x;
        if (a < A && b < B) tile[row][threadIdx.x] = x[((size_t)a * M + m) * B + b];
    }
    __syncthreads();
    for (int row = threadIdx.y; row < 32; row += blockDim.y) {
        const int a = a0 + threadIdx.x, b = b0 + row;
        if (a < A && b < B)
            out[((size_t)b * M + m) * A + a] = T(tile[threadIdx.x][row]);
    }
}
"""


@functools.cache
def swap_kernel(dtype, out_dtype):
    """Return the compiled kernel that turns numbers of one type into the other."""
    head = typedefs(S=dtype, T=out_dtype)
    return cp.RawKernel(head + SWAP_ENDS, "swap_ends")


def swap_ends(x, A, M, B, out):
    """Write x, seen as (A, M, B), into out as (B, M, A)."""
    blocks = -(-A // 32) * -(-B // 32) * M
    sizes = np.int32(A), np.int32(M), np.int32(B)
    swap_kernel(x.dtype, out.dtype)((blocks,), (32, 8), (x, out, *sizes))


def channels_come_first(dtype):
    """Whether cuDNN takes numbers of a type in the order (N, C, H, W).

    It has float64, which --check needs, in no other. In float32 it would turn
    (N, H, W, C) itself, in memory as large as what it reads and writes; TF32 and 16
    bits are for the tensor cores, which take channels last.
    """
    return dtype == "float64" or (dtype == "float32" and PRECISION == "float32")


def channels_last(x, out):
    """Write images (C, H, W, N) as cuDNN takes them: (N, H, W, C), or C before H."""
    N, H, W, C = out.shape
    M = 1 if C == 1 or channels_come_first(out.dtype) else H * W
    swap_ends(cp.ascontiguousarray(x), C * H * W // M, M, N, out)


def channels_first(x, out):
    """Write cuDNN's images (N, H, W, C) as ours: (C, H, W, N)."""
    N, H, W, C = x.shape
    M = 1 if C == 1 or channels_come_first(x.dtype) else H * W
    swap_ends(x, N, M, C * H * W // M, out)


def weights_last(w, out):
    """Write weights (O, C, kh, kw) as cuDNN takes them: (O, kh, kw, C)."""
    rows, kh, kw, C = out.shape
    w = w.reshape(rows, C, kh, kw)
    if channels_come_first(out.dtype):
        convert(w, out.reshape(w.shape))
    else:
        convert(w.transpose(0, 2, 3, 1), out)


def weights_first(w, out):
    """Write cuDNN's weights (O, kh, kw, C) as ours: (O, C, kh, kw)."""
    rows, kh, kw, C = w.shape
    out = out.reshape(rows, C, kh, kw)
    if channels_come_first(w.dtype):
        convert(w.reshape(out.shape), out)
    else:
        convert(w.transpose(0, 3, 1, 2), out)


CUDNN_CALL = {  # what is computed: by which call, and from what
    "y": ("conv_fprop", {"image": "x", "weight": "w"}),
    "x": ("conv_dgrad", {"loss": "y", "filter": "w"}),
    "w": ("conv_wgrad", {"image": "x", "loss": "y"}),
}
CUDNN_TYPE = {
    "float32": "FLOAT",
    "float64": "DOUBLE",
    "float16": "HALF",
    "bfloat16": "BFLOAT16",
}


@functools.cache
def cudnn_handle():
    """Open the library."""
    try:
        return cudnn.create_handle()
    except RuntimeError as error:
        needed = "nvidia-cudnn-cu12, or nvidia-cudnn-cu13 with cupy-cuda13x"
        print(f"{error}: pip install {needed}", file=sys.stderr)
        sys.exit(4)


@functools.cache
def cudnn_workspace(size):
    """Return memory that stays where it is, as recorded graphs hold its address."""
    return cp.empty(size, cp.uint8)


def cudnn_sizes(shape, dtype):
    """Return sizes and strides of (N, H, W, C) in cuDNN's order of axes, N, C, H, W."""
    N, H, W, C = shape
    inner = (H * W, W, 1) if channels_come_first(dtype) else (1, W * C, C)
    return {"dim": [N, C, H, W], "stride": [C * H * W, *inner]}


@functools.cache
def convolution_plan(wanted, dtype, shapes, stride, padding, dilation):
    """Let cuDNN choose how it computes y = conv(x, w), or the gradient by x or w.

    Returns its graph, the graph's tensors by name, and the bytes it works in.
    """
    kind = getattr(cudnn.data_type, CUDNN_TYPE[dtype])
    sums = cudnn.data_type.DOUBLE if dtype == "float64" else cudnn.data_type.FLOAT
    graph = cudnn.pygraph(
        io_data_type=kind,
        intermediate_data_type=sums,
        compute_data_type=sums,
        handle=cudnn_handle(),
    )
    call, names = CUDNN_CALL[wanted]
    x, w, y = (cudnn_sizes(shape, dtype) for shape in shapes)
    sizes = {"x": x, "w": w, "y": y}
    tensors = {name: graph.tensor(name=name, **sizes[name]) for name in names.values()}
    made = getattr(graph, call)(
        **{argument: tensors[name] for argument, name in names.items()},
        stride=list(stride),
        padding=list(padding),
        dilation=list(dilation),
    )
    made.set_output(True).set_dim(sizes[wanted]["dim"])
    made.set_stride(sizes[wanted]["stride"])
    unwanted = [cudnn.numerical_note.NONDETERMINISTIC]
    if dtype == PRECISION:  # float32 as it is: TF32 would round the factors
        unwanted.append(cudnn.numerical_note.TENSOR_CORE)
        unwanted.append(cudnn.numerical_note.DOWN_CONVERT_INPUTS)
    try:
        graph.validate()
        graph.build_operation_graph()
        graph.create_execution_plans([cudnn.heur_mode.A, cudnn.heur_mode.FALLBACK])
        graph.deselect_numeric_notes(unwanted)
        graph.check_support()
        graph.build_plans()
    except (cudnn.cudnnGraphNotSupportedError, RuntimeError) as error:
        no_convolution(call, dtype, shapes, error)
    size = 1 << (graph.get_workspace_size() - 1).bit_length()
    return graph, tensors | {wanted: made}, size


def no_convolution(call, dtype, shapes, error):
    """Stop with exit code 4 where cuDNN has nothing for a layer."""
    (N, H, W, C), (rows, kh, kw, part), _ = shapes
    ours = (rows, part, kh, kw), (rows, part, kw)
    layers = [name for name, shape in SHAPES.items() if shape in ours]
    print(
        f"cuDNN has no {call} in {dtype} for the layer of {' or '.join(layers)}, on"
        f" images ({C}, {H}, {W}, {N}): write the script with --conv windows"
        f" ({str(error).strip()})",
        file=sys.stderr,
    )
    sys.exit(4)


def convolve(wanted, arrays, stride, padding, dilation):
    """Put a planned convolution on CuPy's stream: it writes one of x, w and y."""
    shapes = tuple(array.shape for array in arrays)
    key = arrays[0].dtype.name, shapes, stride, padding, dilation
    graph, tensors, size = convolution_plan(wanted, *key)
    handle = cudnn_handle()
    cudnn.set_stream(handle, cp.cuda.get_current_stream().ptr)
    named = zip(("x", "w", "y"), arrays, strict=True)
    places = {tensors[name]: array.data.ptr for name, array in named}
    graph.execute(places, cudnn_workspace(size).data.ptr, handle=handle)


def convolution_into(x, w, stride=(1, 1), padding=(0, 0), dilation=(1, 1), out=None):
    """Write the convolution of x (N, H, W, C) with w (O, kh, kw, C) into out."""
    convolve("y", (x, w, out), stride, padding, dilation)


def convolution_dx(u, w, stride=(1, 1), padding=(0, 0), dilation=(1, 1), out=None):
    """Write the gradient by x into out, where u is the gradient by conv(x, w)."""
    convolve("x", (out, w, u), stride, padding, dilation)


def convolution_dw(x, u, stride=(1, 1), padding=(0, 0), dilation=(1, 1), out=None):
    """Write the gradient by w into out, where u is the gradient by conv(x, w)."""
    convolve("w", (x, out, u), stride, padding, dilation)
