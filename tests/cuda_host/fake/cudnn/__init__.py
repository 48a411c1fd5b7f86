"""A stand-in for nvidia-cudnn-frontend: the graph API as far as convolutions go.

As strict as the library: packed layouts only, the same one for all tensors; float64
with channels first only; equal padding before and after; nothing is planned in a
capture; a plan is launched on the stream that its handle was given. An engine with
tensor cores rounds float32 to TF32 here, too. See ../../README.md.
"""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np
from cupy import _streams
from cupy._errors import require_device
from cupy._memory import bytes_at
from cupy._work import Operation

from cudnn import _numbers

__version__ = "1.27.0"
WORKSPACE = 1000
data_type = Enum("data_type", "NOT_SET FLOAT DOUBLE HALF BFLOAT16")
heur_mode = Enum("heur_mode", "A B FALLBACK")
numerical_note = Enum(
    "numerical_note", "TENSOR_CORE DOWN_CONVERT_INPUTS NONDETERMINISTIC WINOGRAD"
)
#: Engines in the order of the heuristic, and their notes.
ENGINES = (
    ("winograd", {numerical_note.WINOGRAD, numerical_note.NONDETERMINISTIC}),
    ("tensor_core", {numerical_note.TENSOR_CORE}),
    ("fma", set()),
)
streams: dict[int, int] = {}


class cudnnGraphNotSupportedError(RuntimeError):
    """No engine does this."""


def create_handle() -> int:
    """Open the library; CUDA_HOST_CUDNN=missing: it is not there."""
    if os.environ.get("CUDA_HOST_CUDNN") == "missing":
        raise RuntimeError("Unable to find symbol cudnnCreate")
    require_device()
    handle = 0x5000 + 16 * len(streams)
    streams[handle] = 0
    return handle


def set_stream(handle: int, stream: int) -> None:
    """Launch what follows on a stream."""
    _streams.by_pointer(stream)
    streams[handle] = stream


def get_stream(handle: int) -> int:
    """Return the handle's stream."""
    return streams[handle]


def element_type(kind: data_type) -> np.dtype:
    """Return NumPy's type."""
    if kind is data_type.BFLOAT16:
        import ml_dtypes

        return np.dtype(ml_dtypes.bfloat16)
    names = {"FLOAT": np.float32, "DOUBLE": np.float64, "HALF": np.float16}
    return np.dtype(names[kind.name])


@dataclass(eq=False)
class Tensor:
    """A tensor of a graph: sizes N, C, H, W and how far apart their elements are."""

    name: str
    uid: int
    dim: list[int] = field(default_factory=list)
    stride: list[int] = field(default_factory=list)
    is_virtual: bool = False

    def set_output(self, value: bool) -> Tensor:
        """Say that it is written to memory."""
        self.is_virtual = not value
        return self

    def set_dim(self, dim: list[int]) -> Tensor:
        """Set the sizes."""
        self.dim = list(dim)
        return self

    def set_stride(self, stride: list[int]) -> Tensor:
        """Set the strides."""
        self.stride = list(stride)
        return self

    def layout(self) -> str:
        """Return which packed layout this is, or raise."""
        _, C, H, W = self.dim
        if self.stride == [C * H * W, H * W, W, 1]:
            return "NCHW"
        if self.stride == [C * H * W, 1, W * C, C]:
            return "NHWC"
        raise cudnnGraphNotSupportedError(f"{self.name}: strides {self.stride}")


class pygraph:
    """A graph of one convolution."""

    def __init__(
        self,
        name: str = "test_graph",
        io_data_type: Any = None,
        intermediate_data_type: Any = None,
        compute_data_type: Any = None,
        handle: Any = None,
    ) -> None:
        self.kind, self.sums, self.handle = io_data_type, compute_data_type, handle
        self.uids = itertools.count(1)
        self.done: list[str] = []
        self.unwanted: set[numerical_note] = set()

    def tensor(self, dim: list[int], stride: list[int], name: str = "") -> Tensor:
        """Describe a tensor that is given."""
        return Tensor(name, next(self.uids), list(dim), list(stride))

    def conv_fprop(self, image, weight, padding, stride, dilation) -> Tensor:
        """Return y = conv(image, weight)."""
        return self._node(
            "conv_fprop", (image, weight, None), padding, stride, dilation
        )

    def conv_dgrad(self, loss, filter, padding, stride, dilation) -> Tensor:
        """Return the gradient by the image."""
        return self._node("conv_dgrad", (None, filter, loss), padding, stride, dilation)

    def conv_wgrad(self, image, loss, padding, stride, dilation) -> Tensor:
        """Return the gradient by the weights."""
        return self._node("conv_wgrad", (image, None, loss), padding, stride, dilation)

    def _node(self, call, tensors, padding, stride, dilation) -> Tensor:
        assert all(isinstance(one, list) for one in (padding, stride, dilation))
        self.call = call
        self.attrs = {"padding": padding, "stride": stride, "dilation": dilation}
        self.made = Tensor(f"{call}::out", next(self.uids), is_virtual=True)
        self.tensors = [one or self.made for one in tensors]
        return self.made

    # ---- planning, in this order ----

    def _after(self, before: str, now: str) -> None:
        if _streams.by_pointer(streams[self.handle]).capture is not None:
            raise RuntimeError(f"{now} while the stream is capturing")
        if before not in self.done:
            raise RuntimeError(f"{now} before {before}")
        self.done.append(now)

    def validate(self) -> None:
        """Check that all is set."""
        for one in self.tensors:
            if not one.dim or not one.stride or one.is_virtual:
                raise ValueError(
                    f"{one.name}: sizes, strides or set_output are missing"
                )
        self.done.append("validate")

    def build_operation_graph(self) -> None:
        """Check that sizes and layouts are the library's."""
        self._after("validate", "build_operation_graph")
        x, w, y = (one.dim for one in self.tensors)
        layouts = {one.layout() for one in self.tensors if min(one.dim[1:]) > 1}
        if len(layouts) > 1 or (self.kind is data_type.DOUBLE and layouts == {"NHWC"}):
            raise cudnnGraphNotSupportedError(f"layouts {layouts} in {self.kind.name}")
        wide = data_type.DOUBLE if self.kind is data_type.DOUBLE else data_type.FLOAT
        if self.sums is not wide:
            raise cudnnGraphNotSupportedError(f"{self.kind.name} summed in {self.sums}")
        numbers = zip(x[2:], w[2:], *self.attrs.values(), strict=True)
        places = [(n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, p, s, d in numbers]
        if y != [x[0], w[0], *places] or x[1] % w[1] or w[0] % (x[1] // w[1]):
            raise ValueError(f"{self.call}: x {x}, w {w}, y {y}, {self.attrs}")

    def create_execution_plans(self, heuristics: list[heur_mode]) -> None:
        """Ask for engines; CUDA_HOST_CUDNN=none: there are none."""
        self._after("build_operation_graph", "create_execution_plans")
        assert all(isinstance(mode, heur_mode) for mode in heuristics)
        found = [] if os.environ.get("CUDA_HOST_CUDNN") == "none" else list(ENGINES)
        self.engines = [
            (name, notes) for name, notes in found
            if self.kind is not data_type.DOUBLE or name == "fma"
        ]  # fmt: skip

    def deselect_numeric_notes(self, notes: list[numerical_note]) -> pygraph:
        """Leave out engines with one of these notes."""
        self._after("create_execution_plans", "deselect_numeric_notes")
        self.engines = [one for one in self.engines if not one[1] & set(notes)]
        return self

    def check_support(self) -> None:
        """Raise unless there is an engine."""
        self._after("create_execution_plans", "check_support")
        if not self.engines:
            raise cudnnGraphNotSupportedError("No execution plans support the graph.")

    def build_plans(self) -> None:
        """Compile the first engine."""
        self._after("check_support", "build_plans")
        self.engine = self.engines[0][0]

    def get_workspace_size(self) -> int:
        """Return the bytes that the plan works in."""
        if "build_plans" not in self.done:
            raise RuntimeError("Call build() first")
        return WORKSPACE + 4 * self.tensors[1].dim[0]

    # ---- launching ----

    def execute(
        self, tensor_dict: dict[Tensor, int], workspace: int, handle: int
    ) -> None:
        """Put the convolution on the handle's stream."""
        size = element_type(self.kind).itemsize
        room = bytes_at(workspace, self.get_workspace_size())
        arrays = [room]
        for one in self.tensors:
            pointer = tensor_dict[one]
            if type(pointer) is not int or pointer % 16:
                raise RuntimeError(f"{one.name} is at {pointer!r}, not aligned by 16")
            arrays.append(bytes_at(pointer, size * int(np.prod(one.dim))))
        work = Operation(f"cudnn_{self.call}_{self.engine}", self._run, arrays)
        _streams.by_pointer(streams[handle]).add(work)

    def _run(self, room: np.ndarray, *arrays: np.ndarray) -> None:
        room[:] = 0xFF
        kind = element_type(self.kind)
        views = [
            np.ndarray(one.dim, kind, array, 0, [kind.itemsize * s for s in one.stride])
            for one, array in zip(self.tensors, arrays, strict=True)
        ]
        tf32 = self.engine == "tensor_core" and self.kind is data_type.FLOAT
        read = [_numbers.as_tf32(one) if tf32 else one for one in views]
        with np.errstate(all="ignore"):
            result = getattr(_numbers, self.call)(
                *(one.astype(np.float64) for one in read), self.attrs
            )
        views[self.tensors.index(self.made)][...] = result.astype(kind)
