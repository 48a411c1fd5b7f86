"""The stand-in for CuPy: arrays, kernels, streams that work late, captures."""

from __future__ import annotations

import json
import textwrap

import pytest
from cuda_host import kernel_log
from cuda_host.scripts import run_script

START = """
import ctypes
import sys
import cupy as cp
import numpy as np

SCALE = cp.ElementwiseKernel("T x, float32 by", "T y", "y = x * T(by)", "scale")
ADD = cp.RawModule(code='''extern "C" __global__
void add(float* x, const float* y, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) x[i] += y[i];
}''').get_function("add")
x = cp.asarray(np.arange(6, dtype="f4").reshape(2, 3))
y = cp.ones((2, 3), cp.float32)
stream = cp.cuda.Stream(non_blocking=True)

def add(x, y):
    ADD((1,), (32,), (x, y, np.int32(x.size)))

def same(one, other):
    one, other = (a.get() if isinstance(a, cp.ndarray) else a for a in (one, other))
    np.testing.assert_array_equal(one, other)
"""


def run(tmp_path, body, **more):
    path = tmp_path / "script.py"
    path.write_text(START + textwrap.dedent(body))
    return run_script(path, **more)


WORKS = {
    "a view is seen through": """
        x.T[1:, 0].fill(9)
        same(x, [[0, 9, 9], [3, 4, 5]])
        assert x[0, 1].shape == () and x.T.strides == (4, 12) and x.size == 6
        assert x.reshape(3, 2).data.ptr == x.data.ptr != x.T.reshape(-1).data.ptr
    """,
    "an elementwise kernel broadcasts and takes strides": """
        k = cp.ElementwiseKernel("T x, T row, raw T w, S s", "T out",
                                 "out = x + row * w[i % 2] + T(s)", "k")
        row, w, s = np.arange(2, dtype="f4"), np.array([2, 3], "f4"), np.int64(1)
        out = k(x.T, cp.asarray(row), cp.asarray(w), cp.asarray([s] * 2))
        i = np.arange(6).reshape(3, 2)
        same(out, x.get().T + row * w[i % 2] + 1)
        k(x.T, cp.asarray(row), cp.asarray(w), cp.asarray([s] * 2), x.T)
        same(x.T, out)
    """,
    "an elementwise kernel over a size with raw arrays": """
        k = cp.ElementwiseKernel("raw T x, int32 n", "raw T out",
                                 "out[n - 1 - i] = x[i]", "k")
        out = cp.empty(6, "f4")
        k(x, 6, out, size=6)
        same(out, np.arange(6)[::-1])
    """,
    "an elementwise kernel in half and in double": """
        for dtype in ("f2", "f8"):
            same(SCALE(x.astype(dtype), 0.1), x.get().astype(dtype)
                 * np.float32(0.1).astype(dtype))
    """,
    "arithmetic, reductions and comparisons": """
        same((x * 2 - y) / 4, (x.get() * 2 - 1) / 4)
        x += 1
        same(cp.exp(x).sum(axis=0), np.exp(x.get()).sum(axis=0))
        assert float(x.max()) == 6 and (x > 3).any() and int(x.argmax()) == 5
        same(x[cp.asarray([1, 0])], x.get()[[1, 0]])
        cp.multiply(x, y, out=y)
        same(y, x)
    """,
    "memory starts as NaN and is counted": """
        assert np.isnan(cp.empty(3, "f4").get()).all()
        pool = cp.get_default_memory_pool()
        before = pool.used_bytes()
        z = cp.zeros(1000, "f8")
        assert pool.used_bytes() - before == 8192 and z.data.mem.size == 8000
        del z
        assert pool.used_bytes() == before
    """,
    "work on a stream is late": """
        with stream:
            add(x, y)
        same(x, np.arange(6).reshape(2, 3))  # nobody has waited
        stream.synchronize()
        same(x, np.arange(6).reshape(2, 3) + 1)
        blocking = cp.cuda.Stream()
        with blocking:
            add(x, y)
        same(x, np.arange(6).reshape(2, 3) + 2)  # the default stream waits for it
    """,
    "a stream waits for another's event": """
        other = cp.cuda.Stream(non_blocking=True)
        with stream:
            add(x, y)
        event = stream.record()
        other.wait_event(event)
        with other:
            add(y, x)
        other.synchronize()
        same(y, np.arange(6).reshape(2, 3) + 2)
        assert event.done and stream.done
    """,
    "a graph replays on the same memory": """
        with stream:
            stream.begin_capture()
            assert stream.is_capturing()
            add(x, y)
            SCALE(x, 2, x)
            x[0] = 5
            graph = stream.end_capture()
        same(x, np.arange(6).reshape(2, 3))
        for _ in range(2):
            graph.launch(stream)
        stream.synchronize()
        same(x, [[5, 5, 5], [((3 + 1) * 2 + 1) * 2, 22, 26]])
        y.fill(0)
        graph.launch(stream)
        stream.synchronize()
        same(x, [[5, 5, 5], [36, 44, 52]])
    """,
    "a capture forks and joins": """
        other = cp.cuda.Stream(non_blocking=True)
        with stream:
            stream.begin_capture()
            add(x, y)
            fork = stream.record()
            other.wait_event(fork)
            with other:
                add(y, x)
            stream.wait_event(other.record())
            graph = stream.end_capture()
        graph.launch(stream)
        stream.synchronize()
        same(y, np.arange(6).reshape(2, 3) + 2)
    """,
    "bytes are copied and set": """
        cp.cuda.runtime.memcpyAsync(x.data.ptr, y.data.ptr, 12, 3, stream.ptr)
        cp.cuda.runtime.memsetAsync(x.data.ptr + 12, 0, 12, stream.ptr)
        stream.synchronize()
        same(x, [[1, 1, 1], [0, 0, 0]])
        flat = cp.ndarray((3,), cp.float32, x.data + 12)
        flat.set(np.ones(3, "f4"))
        same(x, 1)
    """,
    "the library is captured as well": """
        from cuda import pathfinder
        blas = ctypes.CDLL(pathfinder.load_nvidia_dynamic_lib("cublas").abs_path)
        handle, one = ctypes.c_void_p(), ctypes.byref(ctypes.c_float(1))
        blas.cublasCreate_v2(ctypes.byref(handle))
        blas.cublasSetStream_v2(handle, ctypes.c_void_p(stream.ptr))
        a, b = cp.ones((2, 2), "f4"), cp.ones((2, 2), "f4")
        pointer = ctypes.c_void_p(a.data.ptr)
        stream.begin_capture()
        assert blas.cublasSgemm_v2(
            handle, 0, 0, 2, 2, 2, one, pointer, 2, pointer, 2, one,
            ctypes.c_void_p(b.data.ptr), 2) == 0
        graph = stream.end_capture()
        same(b, 1)
        for _ in range(3):
            graph.launch(stream)
        stream.synchronize()
        same(b, 7)
    """,
}


@pytest.mark.parametrize("what", WORKS)
def test_what_works(tmp_path, what):
    done = run(tmp_path, WORKS[what])
    assert done.returncode == 0, done.stderr


CAPTURED = """
with stream:
    stream.begin_capture()
"""
RAISES = {  # a body, and the last line of what is raised
    "a host array for a kernel": (
        "SCALE(np.ones(3), 2)",
        "TypeError: Unsupported type",
    ),
    "a host array beside a device array": ("x + np.ones(3)", "TypeError: Unsupported"),
    "an implicit way out": ("np.asarray(x)", "TypeError: Implicit conversion"),
    "an output of another type": (
        "SCALE(x, 2, cp.empty((2, 3), 'f8'))",
        "TypeError: Type is mismatched",
    ),
    "an output of another shape": (
        "SCALE(x, 2, cp.empty((3, 2), 'f4'))",
        "ValueError: operands could not be broadcast|ValueError: shape mismatch",
    ),
    "an output that would broadcast": (
        "SCALE(x, 2, cp.empty((1, 3), 'f4'))",
        "ValueError: Out shape is mismatched",
    ),
    "no size": (
        "cp.ElementwiseKernel('raw T x', 'raw T y', 'y[i] = x[i]', 'k')(x, y)",
        "ValueError: Loop size is undecided",
    ),
    "an index outside a raw array": (
        "cp.ElementwiseKernel('raw T x', 'T y', 'y = x[i + 1]', 'k')(x, y)",
        "index 6 is outside an array of 6",
    ),
    "an int64 for an int": (
        "ADD((1,), (32,), (x, y, 6))",
        "TypeError: add: parameter 2",
    ),
    "a double array for floats": (
        "ADD((1,), (32,), (x, y.astype('f8'), np.int32(6)))",
        "TypeError: add: parameter 1",
    ),
    "a block too large": (
        "ADD((1,), (2048,), (x, y, np.int32(6)))",
        "CUDADriverError: CUDA_ERROR_INVALID_VALUE",
    ),
    "more shared memory than allowed": (
        "ADD((1,), (1,), (x, y, np.int32(6)), shared_mem=50000)",
        "CUDADriverError: CUDA_ERROR_INVALID_VALUE",
    ),
    "a write past an array": (
        "ADD((8,), (32,), (x, cp.ones(256, 'f4'), np.int32(256)))",
        "add wrote outside an allocation of 24 bytes, at byte 2",
    ),
    "a write far past an array": (
        "ADD((80,), (32,), (x, cp.ones(2560, 'f4'), np.int32(2560)))",
        "illegal memory access in block (",
    ),
    "a read far past an array": (
        "ADD((80,), (32,), (cp.ones(2560, 'f4'), x, np.int32(2560)))",
        "illegal memory access in block (",
    ),
    "a kernel that does not compile": (
        "cp.RawKernel('extern \"C\" __global__ void k() { x = 1; }', 'k').compile()",
        "CompileException: kernel.cu",
    ),
    "a product in a capture": (
        CAPTURED + "    x @ x.T",
        "NotImplementedError: calling",
    ),
    "a wait in a capture": (
        CAPTURED + "    float(x[0, 0])",
        "StreamCaptureUnsupported",
    ),
    "memory in a capture": (CAPTURED + "    SCALE(x, 2)", "StreamCaptureUnsupported"),
    "a join of the default stream": (
        "s = cp.cuda.Stream()\ns.begin_capture()\nadd(x, y)",
        "StreamCaptureImplicit",
    ),
    "a capture on the default stream": (
        "cp.cuda.Stream.null.begin_capture()",
        "RuntimeError: cannot capture on the default",
    ),
    "a fork that does not return": (
        CAPTURED
        + "    s = cp.cuda.Stream()\n"
        + "    s.wait_event(stream.record())\n"
        + "    stream.end_capture()",
        "StreamCaptureUnjoined",
    ),
    "a graph on freed memory": (
        CAPTURED
        + "    SCALE(x, 2, y)\n"
        + "    graph = stream.end_capture()\n"
        + "del x\n"
        + "graph.launch(stream)\n"
        + "stream.synchronize()",
        "a graph launches scale on memory that was freed",
    ),
    "an array that runs out of its memory": (
        "cp.ndarray((7,), 'f4', x.data)",
        "a range of 28 bytes runs 4 bytes out",
    ),
}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("what", RAISES)
def test_what_raises(tmp_path, what):
    body, message = RAISES[what]
    done = run(tmp_path, "pass\n" + body + "\ncp.cuda.Device().synchronize()\n")
    assert done.returncode == 1, done.stdout
    lines = [line for line in done.stderr.splitlines() if not line.startswith(" ")]
    assert any(part in line for line in lines for part in message.split("|")), (
        done.stderr
    )


@pytest.mark.parametrize(
    ("device", "status"), [("none", "cudaErrorNoDevice"), ("no driver", "Insufficient")]
)
def test_a_machine_without_a_device(tmp_path, device, status):
    path = tmp_path / "script.py"
    path.write_text("import cupy\ncupy.cuda.runtime.getDeviceCount()\n")
    done = run_script(path, settings={"CUDA_HOST_DEVICE": device})
    assert done.returncode == 1
    assert status in done.stderr.splitlines()[-1]


def test_the_log_tells_kernels_and_graphs(tmp_path):
    log = tmp_path / "log"
    log.mkdir()
    body = CAPTURED + "    add(x, y)\n    SCALE(x, 2, y)\n    stream.end_capture()\n"
    assert run(tmp_path, "pass\n" + body, log=log).returncode == 0
    assert kernel_log.graphs(log) == [["add", "scale"]]
    kernels = {kernel.name: kernel for kernel in kernel_log.kernels(log)}
    assert set(kernels) == {"add", "scale"}
    assert "CUPY_FOR" in kernels["scale"].source and not kernels["add"].headers
    assert json.loads(next(log.glob("graph-*.json")).read_text()) == ["add", "scale"]


def test_the_order_of_threads_is_chosen_from_outside(tmp_path):
    body = """
    k = cp.RawKernel('extern "C" __global__ void k(int* x) { *x = threadIdx.x; }', "k")
    winner = cp.zeros(1, cp.int32)
    k((1,), (32,), (winner,))
    print(int(winner[0]))
    """
    orders = ("forward", "reverse")
    done = [
        run(tmp_path, body, settings={"CUDA_HOST_ORDER": order}) for order in orders
    ]
    assert [one.stdout.strip() for one in done] == ["31", "0"]
