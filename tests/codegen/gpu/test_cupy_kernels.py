"""Kernel bodies on the host, gate by gate: C against NumPy, special values included."""

from __future__ import annotations

import math

import numpy as np
import pytest
from cuda_host.host_kernel import compile_host

from gradtutor.codegen.gpu.c_text import c_text
from gradtutor.codegen.gpu.functions import device_functions
from gradtutor.codegen.runtime.numbers import erf
from gradtutor.codegen.text.numpy_text import numpy_text
from gradtutor.gates import GATES, Pointwise

POINTWISE = [name for name, gate in GATES.items() if isinstance(gate, Pointwise)]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 3.0, 1e-8, 88.0, -88.0, math.nan, math.inf]
SPECIAL += [-math.inf]


def on_host(text, *arrays):
    """Run ``out = text`` over x, y, w in float64 and return out."""
    parameters = ", ".join(f"const double* {n}_" for n in "xyw"[: len(arrays)])
    loads = " ".join(f"const T {n} = {n}_[i];" for n in "xyw"[: len(arrays)])
    source = f"""typedef double T;
    extern "C" __global__ void gate({parameters}, double* out, int count) {{
        const int i = blockIdx.x * blockDim.x + threadIdx.x;
        if (i < count) {{ {loads} out[i] = {text}; }}
    }}"""
    out = np.empty_like(arrays[0])
    kernel = compile_host(source)
    kernel((-(-len(out) // 32),), (32,), (*arrays, out, np.int32(len(out))))
    return out


@pytest.mark.parametrize("name", POINTWISE)
def test_a_gate_in_c_equals_numpy(name):
    low, high = GATES[name].arity
    arguments = list("xyw"[: max(low, high)])
    rng = np.random.default_rng(7)
    grid = np.array(np.meshgrid(*[SPECIAL] * len(arguments))).reshape(
        len(arguments), -1
    )
    columns = np.concatenate([grid, rng.normal(size=(len(arguments), 37)) * 3], axis=1)
    if name == "where":
        columns[0] = columns[0] > 0
    columns = [np.ascontiguousarray(column) for column in columns]
    ours = on_host(c_text(name, arguments), *columns)
    names = dict(zip("abc", columns, strict=False))
    with np.errstate(
        all="ignore"
    ):  # the gate's NumPy text, which JAX and mpmath confirm
        expected = eval(numpy_text(name), {"np": np, "math": math, "erf": erf}, names)
    np.testing.assert_allclose(ours, expected, rtol=1e-13, atol=0)


KNOWN = [  # counter, key, first word: Random123's kat_vectors for philox4x32, 10 rounds
    ((0, 0, 0, 0), (0, 0), 0x6627E8D5),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, 0x408F276D),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        0xD16CFE09,
    ),
]


def philox_source():
    """Return the script's random numbers as a kernel of their own."""
    text = device_functions([], [], ["PHILOX"])
    preamble = text.split('"""')[1]
    return (
        preamble
        + """
    extern "C" __global__ void draw(
        const unsigned int* c, const unsigned int* k, unsigned int* out) {
        out[0] = philox(c[0], c[1], c[2], c[3], k[0], k[1]);
    }
    extern "C" __global__ void mask(double* out, unsigned long long step, int count) {
        const int i = blockIdx.x * blockDim.x + threadIdx.x;
        if (i < count) out[i] = dropout(step, 5, 2, i, 0.3);
    }"""
    )


@pytest.mark.parametrize(("counter", "key", "first"), KNOWN)
def test_random_numbers_are_philox(counter, key, first):
    out = np.zeros(1, np.uint32)
    kernel = compile_host(philox_source(), "draw")
    kernel((1,), (1,), (np.array(counter, np.uint32), np.array(key, np.uint32), out))
    assert int(out[0]) == first, hex(out[0])


def test_a_mask_keeps_the_mean_and_changes_with_the_step():
    masks = np.empty((2, 100_000))
    kernel = compile_host(philox_source(), "mask")
    for step in range(2):
        kernel((782,), (128,), (masks[step], np.uint64(step), np.int32(100_000)))
    assert set(np.unique(masks)) == {0.0, 1 / 0.7}
    kept = (masks > 0).mean(axis=1)
    spread = math.sqrt(0.3 * 0.7 / 100_000)
    assert np.all(np.abs(kept - 0.7) < 5 * spread), kept
    both = np.mean((masks[0] > 0) & (masks[1] > 0))
    assert abs(both - 0.49) < 5 * math.sqrt(0.49 * 0.51 / 100_000), both
