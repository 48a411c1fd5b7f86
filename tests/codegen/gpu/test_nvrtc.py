"""Kernels compiled by NVRTC for sm_80 and sm_90, as CuPy would: no GPU is needed."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest
from cuda_host import elementwise, kernel_log, nvrtc
from cuda_host.kernel_log import Kernel
from cuda_host.nvrtc import NvrtcError, nvrtc_compile
from cuda_host.scripts import run_script
from networks import BLOB_DATA
from test_cuda_host import SAXPY, SOFTMAX, SUM, TRANSPOSE
from test_cupy_kernels import POINTWISE

from gradtutor.codegen import Settings, training_script
from gradtutor.codegen.gpu.c_text import c_text
from gradtutor.gates import GATES
from gradtutor.language import parse_network

pytestmark = pytest.mark.skipif(
    bool(nvrtc.missing()), reason=f"not installed: {nvrtc.missing()}"
)


@pytest.mark.parametrize("architecture", nvrtc.ARCHITECTURES)
@pytest.mark.parametrize("source", [SAXPY, SUM, TRANSPOSE, SOFTMAX])
def test_raw_kernels_compile(source, architecture):
    cubin, log = nvrtc_compile(Kernel("k", source, headers=False), architecture)
    assert cubin.startswith(b"\x7fELF") and log == ""


def test_half_precision_headers_are_found():
    source = """#include <cuda_fp16.h>
    #include <cuda_bf16.h>
    extern "C" __global__ void k(const __half* x, __nv_bfloat16* y) {
        y[threadIdx.x] = __float2bfloat16(__half2float(x[threadIdx.x]));
    }"""
    assert nvrtc_compile(Kernel("k", source, headers=False))[0]


REFUSED = [  # the body of a kernel over float* x; what the compiler says
    ("x[0] = missing;", "identifier .missing. is undefined"),
    ("int unused;", "warning"),
    ("x[0] = INFINITY;", "INFINITY"),
    ("__shared__ float s[13000]; s[threadIdx.x] = x[0]; x[1] = s[0];", "shared"),
]


@pytest.mark.parametrize(("body", "message"), REFUSED)
def test_errors_and_warnings_raise(body, message):
    source = f'extern "C" __global__ void k(float* x) {{ {body} }}'
    with pytest.raises(NvrtcError, match=message):
        nvrtc_compile(Kernel("k", source, headers=False))


def test_a_name_of_cudas_is_refused():
    kernel = elementwise_kernel("erf", "T x", "T y", "y = x", [np.ones(3, "f4")] * 2)
    with pytest.raises(NvrtcError, match='"C" linkage'):
        nvrtc_compile(kernel)


# ---- the text is CuPy's own ----------------------------------------------------------


def elementwise_kernel(name, in_params, out_params, operation, values, **texts):
    params = elementwise.parameters(in_params, True) + elementwise.parameters(
        out_params, False
    )
    dtypes = [v.dtype if isinstance(v, np.ndarray) else None for v in values]
    chosen = elementwise.placeholders(params, dtypes)
    ndim = np.broadcast_shapes(*[np.shape(v) for v in values])
    text = elementwise.elementwise_text(
        name, params, values, chosen, operation, len(ndim), **texts
    )
    return Kernel(name, text)


def cupys_text(name, in_params, out_params, operation, values, **texts):
    """Ask the real CuPy for the text: it needs no device to write it."""
    import cupy
    from cupy._core import _carray, _kernel, _scalar

    ndarray, indexer, scalar = 1, 2, 3  # _kernel.pxd's _ArgKind
    kernel = cupy.ElementwiseKernel(in_params, out_params, operation, name, **texts)
    dtypes = [v.dtype.type if isinstance(v, np.ndarray) else None for v in values]
    inputs = len(kernel.in_params)
    *_, types = _kernel._decide_params_type(
        kernel.in_params,
        kernel.out_params,
        tuple(dtypes[:inputs]),
        tuple(dtypes[inputs:]),
    )
    infos = [
        _kernel._ArgInfo(
            ndarray, cupy.ndarray, v.dtype, v.ndim, v.flags.c_contiguous, True
        )
        if isinstance(v, np.ndarray)
        else _kernel._ArgInfo(scalar, _scalar.CScalar, v.dtype, 0, True, True)
        for v in values
    ]
    ndim = len(np.broadcast_shapes(*[np.shape(v) for v in values]))
    infos.append(_kernel._ArgInfo(indexer, _carray.Indexer, None, ndim, True, True))
    return _kernel._get_elementwise_kernel_code(
        tuple(infos), types, kernel.params, operation, name, kernel.preamble,
        **{key: text for key, text in texts.items() if key != "preamble"},
    )  # fmt: skip


F4, I4, BF = np.ones(6, "f4"), np.ones(6, "i4"), ml_dtypes.bfloat16
SIGNATURES = [
    ("k", "T x", "T y", "y = x", [F4, F4]),
    ("k", "T x, raw T w, float32 s", "T y", "y = w[i] * s",
     [F4, F4, np.float32(1), F4]),
    ("k", "T x, S n, bool m", "S y", "y = m ? n : S(x)", [F4, I4, np.bool_(True), I4]),
    ("k", "raw T x, uint64 a, int64 b", "raw T y", "y[i] = x[i]",
     [F4.reshape(2, 3), np.uint64(1), np.int64(2), np.ones((3, 2), "f4").T]),
    ("k", "T x, T row", "T y", "y = x + row",
     [F4.reshape(2, 3).T, np.broadcast_to(F4[:2], (3, 2)), np.ones((3, 2), "f4")]),
    ("k", "float16 x, float64 z, uint8 u, int32 i1", "T y", "y = x",
     [F4.astype("f2"), F4.astype("f8"), F4.astype("u1"), I4, F4]),
    ("k", "T x, bfloat16 z", "T y", "y = x",
     [F4.astype("f2"), F4.astype(BF), F4.astype("f2")]),
    ("k", "T x", "T y", "y = twice(x)", [np.ones((), "f8"), np.ones((), "f8")]),
]  # fmt: skip


@pytest.mark.parametrize("case", SIGNATURES)
def test_the_text_of_an_elementwise_kernel_is_cupys(case):
    texts = {"preamble": "__device__ double twice(double x) { return 2 * x; }",
             "loop_prep": "int before = 1", "after_loop": "before += 1"}  # fmt: skip
    ours, theirs = elementwise_kernel(*case, **texts).source, cupys_text(*case, **texts)
    assert ours.split() == theirs.split()


def test_headers_and_options_are_cupys():
    from cupy._core import core

    assert tuple(core._cupy_header_list) == nvrtc.HEADERS
    theirs = core.assemble_cupy_compiler_options(("-DX",))
    ours = nvrtc.options(Kernel("k", "", ("-DX",)), "sm_90")
    assert (
        ours[: len(theirs) - 1] == theirs[:-1]
    )  # the last one is the toolkit's folder


@pytest.mark.parametrize("architecture", nvrtc.ARCHITECTURES)
def test_elementwise_kernels_compile(architecture):
    values = [
        np.ones((3, 2), "f4").T,
        np.ones(3, "f4"),
        np.float64(1),
        np.ones((2, 3), "f4"),
    ]
    arguments = (
        "k",
        "T x, raw T w, float64 s",
        "T y",
        "y = x * w[i % 3] + T(s)",
        values,
    )
    cubin, log = nvrtc_compile(elementwise_kernel(*arguments), architecture)
    assert cubin.startswith(b"\x7fELF") and log == ""


# ---- every pointwise gate ------------------------------------------------------------


@pytest.mark.parametrize("architecture", nvrtc.ARCHITECTURES)
@pytest.mark.parametrize("kind", ["float", "double"])
def test_every_pointwise_gate_compiles(kind, architecture):
    """A gate's partials are gates again, so this is all that fused kernels hold."""
    lines = [
        f"        out[{place}] = {c_text(name, list('xyw'[: max(GATES[name].arity)]))};"
        for place, name in enumerate(POINTWISE)
    ]
    source = f"""typedef {kind} T;
    extern "C" __global__ void gates(const T* from, T* out) {{
        const T x = from[0], y = from[1], w = from[2];
""" + "\n".join([*lines, "        out[99] = x + y + w;", "    }"])
    cubin, log = nvrtc_compile(Kernel("gates", source, headers=False), architecture)
    assert len(POINTWISE) > 30 and cubin.startswith(b"\x7fELF") and log == ""


# ---- a whole script ------------------------------------------------------------------


def test_every_kernel_of_a_script_compiles(tmp_path):
    layers = "Input(4), Linear(6), Tanh(), Linear(3)"
    network = f"Sequential([{layers}])\nloss = CrossEntropyLoss()"
    graph = parse_network(network, BLOB_DATA.features, BLOB_DATA.classes)
    evaluation = parse_network(
        network, BLOB_DATA.features, BLOB_DATA.classes, training=False
    )
    settings = Settings(epochs=1, batch_size=25, learning_rate=0.01, backend="cupy")
    path, log = tmp_path / "train.py", tmp_path / "log"
    log.mkdir()
    path.write_text(training_script(graph, BLOB_DATA, settings, path.name, evaluation))
    done = run_script(path, log=log)
    assert done.returncode == 0, done.stderr
    kernels = kernel_log.kernels(log)
    assert len(kernels) >= 4
    for kernel in kernels:
        for architecture in nvrtc.ARCHITECTURES:
            assert nvrtc_compile(kernel, architecture)[0]
