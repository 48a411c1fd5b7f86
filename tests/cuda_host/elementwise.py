"""The text that CuPy makes of an ElementwiseKernel, and the bytes of its arguments.

Learnt from CuPy 14.2 (cupy/_core/_kernel.pyx);
tests/codegen/gpu/test_nvrtc.py compares the texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

C_TYPES = {
    "float64": "double",
    "float32": "float",
    "float16": "float16",
    "bfloat16": "bfloat16",
    "int64": "long long",
    "int32": "int",
    "int16": "short",
    "int8": "signed char",
    "uint64": "unsigned long long",
    "uint32": "unsigned int",
    "uint16": "unsigned short",
    "uint8": "unsigned char",
    "bool": "bool",
}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a kernel: ``raw T x``; ``dtype`` is None for a placeholder."""

    name: str
    kind: str
    dtype: np.dtype | None
    raw: bool
    constant: bool

    @property
    def c_type(self) -> str:
        """The type's name in the text: the placeholder, or the C type."""
        return self.kind if self.dtype is None else C_TYPES[self.dtype.name]


def parameters(text: str, constant: bool) -> tuple[Parameter, ...]:
    """Read a parameter list.

    Examples
    --------
    >>> [p.name for p in parameters("T x, raw float32 w", True)]
    ['x', 'w']
    """
    found = []
    for part in text.split(",") if text.strip() else ():
        *words, kind, name = part.split()
        if set(words) - {"raw"}:
            raise ValueError(f"Unknown keyword in {part!r}")
        dtype = None if len(kind) == 1 else dtype_named(kind)
        found.append(Parameter(name, kind, dtype, "raw" in words, constant))
    return tuple(found)


def dtype_named(name: str) -> np.dtype:
    """Return a NumPy type by name, bfloat16 included."""
    if name != "bfloat16":
        return np.dtype(name)
    import ml_dtypes

    return np.dtype(ml_dtypes.bfloat16)


def placeholders(
    params: Sequence[Parameter], dtypes: Sequence[np.dtype | None]
) -> dict[str, np.dtype]:
    """Decide what each placeholder stands for: outputs first, scalars not asked.

    Parameters
    ----------
    params : sequence of Parameter
        In the order in which they decide.
    dtypes : sequence of numpy.dtype or None
        The arguments' types; None for a scalar.

    Raises
    ------
    TypeError
        When an array's type is not the declared one.
    """
    chosen: dict[str, np.dtype] = {}
    for param, dtype in zip(params, dtypes, strict=True):
        if dtype is None:
            continue
        wanted = param.dtype or chosen.setdefault(param.kind, dtype)
        if wanted != dtype:
            raise TypeError(f"Type is mismatched. {param.name} {dtype} {wanted}")
    return chosen


def array_type(array: np.ndarray) -> str:
    """Return the C++ type in which an array is handed over."""
    narrow = int(array.nbytes < 2**31)
    name = C_TYPES[array.dtype.name]
    contiguous = int(array.flags.c_contiguous)
    return f"CArray<{name}, {array.ndim}, {contiguous}, {narrow}>"


def declarations(params: Sequence[Parameter], values: Sequence[Any]) -> list[str]:
    """Write the parameter list of the ``__global__`` function."""
    lines = []
    for param, value in zip(params, values, strict=True):
        is_array = isinstance(value, np.ndarray)
        kind = array_type(value) if is_array else C_TYPES[value.dtype.name]
        name = f"_raw_{param.name}" if is_array and not param.raw else param.name
        lines.append(f"{'const ' * param.constant}{kind} {name}")
    return lines


def elementwise_text(
    name: str,
    params: Sequence[Parameter],
    values: Sequence[Any],
    chosen: dict[str, np.dtype],
    operation: str,
    ndim: int,
    preamble: str = "",
    loop_prep: str = "",
    after_loop: str = "",
) -> str:
    """Write the translation unit of an ElementwiseKernel, CuPy's headers left out.

    Parameters
    ----------
    name : str
    params, values : sequences
        Parameters with their arguments: NumPy arrays and NumPy scalars.
    chosen : dict
        What placeholders stand for.
    operation, preamble, loop_prep, after_loop : str
        The kernel's own texts.
    ndim : int
        Dimensions of the loop.
    """
    loads = [
        f"{'const ' * p.constant}{p.c_type} &{p.name} = _raw_{p.name}[_ind.get()];"
        for p, value in zip(params, values, strict=True)
        if isinstance(value, np.ndarray) and not p.raw
    ]
    names = [value.dtype.name for value in values] + [d.name for d in chosen.values()]
    halves = sorted({name for name in names if name in ("bfloat16", "float16")})
    types = [f"typedef {C_TYPES[d.name]} {kind};" for kind, d in sorted(chosen.items())]
    arguments = [*declarations(params, values), f"CIndexer<{ndim}, 1> _ind"]
    return "\n".join(
        [
            *(f'#include "cupy/{name}.cuh"' for name in halves),
            *types,
            preamble,
            f'extern "C" __global__ void {name}({", ".join(arguments)}) {{',
            f"{loop_prep};",
            "#pragma unroll 1",
            "CUPY_FOR(i, _ind.size()) {",
            "_ind.set(i);",
            *loads,
            f"{operation};",
            "}",
            f"{after_loop};",
            "}",
        ]
    )


def packed(value: Any) -> np.ndarray:
    """Return an argument's bytes: a scalar, or the members of carray.h's CArray."""
    if not isinstance(value, np.ndarray):
        return np.asarray(value)
    axes = (value.shape or (0,), value.strides or (0,))
    return np.array([value.ctypes.data, value.size, *axes[0], *axes[1]], np.int64)


def packed_indexer(shape: tuple[int, ...]) -> np.ndarray:
    """Return the bytes of carray.h's CIndexer."""
    axes = shape or (0,)
    return np.array([np.prod(shape, dtype=int), *axes, *[0] * len(axes)], np.int64)


def flattened(
    params: Sequence[Parameter], values: Sequence[Any], shape: tuple[int, ...]
) -> tuple[list[Any], tuple[int, ...]]:
    """Give contiguous arguments one dimension, as CuPy does to save divisions."""
    arrays = [
        value
        for param, value in zip(params, values, strict=True)
        if isinstance(value, np.ndarray) and not param.raw
    ]
    if len(shape) < 2 or not arrays or not all(a.flags.c_contiguous for a in arrays):
        return list(values), shape
    flat = [
        v.reshape(-1) if isinstance(v, np.ndarray) and not p.raw else v
        for p, v in zip(params, values, strict=True)
    ]
    return flat, (arrays[0].size,)
