"""Functions that CuPy scripts get, alone, on the host's stand-in: against NumPy."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from cuda_host import kernel_log, nvrtc
from cuda_host.scripts import environment

from gradtutor.codegen.gpu.functions import device_functions

IMPORTS = "import functools\nimport math\n\nimport cupy as cp\nimport numpy as np\n\n"


def calculated(folder, functions, code, arrays, order="forward"):
    """Run code with printed functions on arrays; return the arrays that it `save`s."""
    (folder / "log").mkdir(exist_ok=True)
    np.savez(folder / "given.npz", **arrays)
    script = folder / "printed.py"
    given = f"given = dict(np.load({str(folder / 'given.npz')!r}))\nsaved = {{}}\n"
    end = f"np.savez({str(folder / 'saved.npz')!r}, **saved)\n"
    text = device_functions([], [], functions)
    script.write_text("\n".join([IMPORTS, text, given, code, end]))
    settings = {"CUDA_HOST_ORDER": order, "CUDA_HOST_LOG": str(folder / "log")}
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        capture_output=True, text=True, timeout=120, check=False,
        env=environment() | settings,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    with np.load(folder / "saved.npz") as found:
        return dict(found)


def compiled_by_nvrtc(folder):
    """Compile all kernels that were logged for real devices."""
    if nvrtc.missing():
        pytest.skip(f"not installed: {nvrtc.missing()}")
    kernels = {kernel.source: kernel for kernel in kernel_log.kernels(folder / "log")}
    for kernel, architecture in nvrtc.in_turn(kernels.values()):
        cubin, _ = nvrtc.nvrtc_compile(kernel, architecture)
        assert cubin.startswith(b"\x7fELF"), kernel.name
    return len(kernels)


# ---- reductions: shape and axes; the first are cut into parts ----

LONG = [((100_003,), (0,)), ((3, 40_009), (1,)), ((33_001, 5), (0,)),
        ((2, 20_011, 3), (1,)), ((4, 9, 11, 1013), (1, 2, 3))]  # fmt: skip
SHORT = [((7,), (0,)), ((64, 40), (0,)), ((5, 3, 4), (1,)), ((1, 1), (0, 1))]
#: What NumPy calls each kind of reduction.
KINDS = {
    "sum": np.sum,
    "squares": lambda x, axis: np.sum(x * x, axis=axis),
    "max": np.max,
    "min": np.min,
}
REDUCED = """
count = 0
empty = cp.empty
for name, x in given.items():
    kind, case, axes = name.split("|")
    axes = tuple(map(int, axes.split(",")))
    parts = parts_of(*sides(x, axes))
    rest = [size for i, size in enumerate(x.shape) if i not in axes]
    for dtype in (np.float32, np.float64):
        out = cp.empty(rest, dtype)
        reduce_over(kind, cp.asarray(x.astype(dtype)), axes, out, 0.5)
        saved[f"{name}|{np.dtype(dtype).name}"] = cp.asnumpy(out)
    saved[f"{name}|parts"] = np.array(parts)
"""


def test_reductions_are_numpys_whatever_order_blocks_come_in(tmp_path):
    rng = np.random.default_rng(1)
    given = {
        f"{kind}|{place}|{','.join(map(str, axes))}": rng.normal(size=shape) + 0.1
        for kind in KINDS
        for place, (shape, axes) in enumerate(LONG + SHORT)
    }
    runs = [
        calculated(tmp_path, ["reduce_over"], REDUCED, given, order)
        for order in ("forward", "shuffle:7")
    ]
    for name, x in given.items():
        kind, place, axes = name.split("|")
        axes = tuple(map(int, axes.split(",")))
        expected = 0.5 * KINDS[kind](x, axis=axes)
        assert (runs[0][f"{name}|parts"] > 1) == (int(place) < len(LONG)), name
        for dtype, tolerance in (("float64", 1e-12), ("float32", 2e-6)):
            found, again = (run[f"{name}|{dtype}"] for run in runs)
            terms = np.sum(np.abs(x), axis=axes) if kind == "sum" else np.abs(expected)
            assert np.all(np.abs(found - expected) <= tolerance * terms), (name, dtype)
            np.testing.assert_array_equal(found, again)  # to the bit
    assert compiled_by_nvrtc(tmp_path) == 2 * len(KINDS)


def test_a_nan_is_the_largest_wherever_it_stands(tmp_path):
    x = np.zeros((2, 50_000))
    x[0, 49_999] = np.nan
    code = """
out = cp.empty(2, np.float64)
reduce_over("max", cp.asarray(given["x"]), (1,), out)
saved["out"] = cp.asnumpy(out)
"""
    out = calculated(tmp_path, ["reduce_over"], code, {"x": x})["out"]
    assert np.isnan(out[0]) and out[1] == 0
