"""A GPU: CuPy's kernels, cuBLASLt's products, one CUDA graph a step."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from gradtutor.codegen.backends.backend import Backend
from gradtutor.codegen.backends.target import Device, Target
from gradtutor.codegen.gpu.borders import borders_in_windows
from gradtutor.codegen.gpu.channels_last import copy_channels_last
from gradtutor.codegen.gpu.convolutions import CONVOLVERS, whole_passes
from gradtutor.codegen.gpu.functions import (
    as_cupy,
    device_functions,
    kit_functions,
    own_functions,
)
from gradtutor.codegen.gpu.half_storage import halve
from gradtutor.codegen.gpu.kernels import device_kernels
from gradtutor.codegen.gpu.lowering import DeviceLowering
from gradtutor.codegen.gpu.parts import parts_in_place, written_in_place
from gradtutor.codegen.gpu.products import with_epilogues
from gradtutor.codegen.gpu.sums import sum_kernels
from gradtutor.codegen.ir.names import name_arrays
from gradtutor.codegen.ir.program import Pass, Program
from gradtutor.codegen.ir.side_by_side import side_by_side
from gradtutor.codegen.optimisers import Plan, device_class
from gradtutor.codegen.parallel import synchronise
from gradtutor.codegen.rewrite.passes import DEVICE_PASSES
from gradtutor.codegen.rewrite.rules import Rule
from gradtutor.codegen.settings import Settings
from gradtutor.codegen.text.wrapping import WIDTH
from gradtutor.gates import Shape
from gradtutor.graph import Graph, network_of


class CuPy(Backend):
    """Kernels of a GPU."""

    on_gpu = True
    library = "CuPy"
    features: tuple[str, ...] = ("device",)
    after_lowering: tuple[Pass, ...] = (
        *(parts_in_place, borders_in_windows),
        *(with_epilogues, name_arrays),
    )
    before_printing: tuple[Pass, ...] = (
        *(synchronise, halve, copy_channels_last),
        *(sum_kernels, device_kernels),
        *(written_in_place, side_by_side),
    )
    function_word = "launched"
    draws_masks = False
    alignment = 64
    owner = ("CuPy",)

    def passes(self, settings: Settings, without: Collection[Rule]) -> tuple[Rule, ...]:
        """Return the rewrites of a graph; what needs no windows stays whole."""
        rules = tuple(rule for rule in DEVICE_PASSES if rule not in without)
        whole = settings.conv in CONVOLVERS
        return whole_passes(rules, settings.conv) if whole else rules

    def program(
        self, graph: Graph, targets: Mapping[str, str], settings: Settings
    ) -> Program:
        """Return the operations that compute a graph's targets."""
        lowering = DeviceLowering(settings.conv)
        return lowering.program(graph, targets, settings.step_batch)

    def optimiser(self, plan: Plan, settings: Settings) -> str:
        """Return a class that launches one kernel."""
        return device_class(plan, settings.scaled)

    def functions(
        self,
        lines: Sequence[str],
        loops: Sequence[str],
        around: Sequence[str],
        settings: Settings,
    ) -> str:
        """Return twins of NumPy's functions, products, and the fused kernels."""
        if settings.kit:
            return own_functions(lines, loops, settings.products)
        return device_functions(lines, loops, around, settings.products)

    def kit(self, settings: Settings) -> str:
        """Return the functions that any network may need."""
        unused = {f"{conv}.py" for conv in CONVOLVERS if conv != settings.conv}
        unused |= set() if settings.half else {"half.py"}
        return kit_functions(unused, settings.products)

    def written(self, text: Any) -> Any:
        """Return NumPy text as CuPy's."""
        return as_cupy(text)

    def target(self, labels: str, *, tokens: bool) -> Target:
        """Return how arrays are brought to the device and back."""
        return Device(labels, tokens)

    def around(self, graph: Graph, settings: Settings) -> list[str]:
        """Return the functions that the script's frame calls, around its step."""
        statistics = bool(network_of(graph)["statistics"])
        found = ["on_device"]
        found += ["gather_batch"] * (not settings.shift and not settings.one_kernel)
        found += ["narrow", "convert"] * settings.half
        found += ["LossScale"] * settings.scaled
        found += ["PHILOX"] * bool(settings.shift)
        found += ["clip_gradient"] * bool(settings.clip)
        found += ["track"] * statistics
        found += ["reduce_over"] * (statistics and bool(settings.parallel))
        return found

    def needs(self, settings: Settings) -> list[str]:
        """Return the packages that a script needs, in words."""
        nvmath = settings.products == "nvmath"
        found = ["gpu_kit.py beside it"] * settings.kit
        found += ["CuPy", "nvmath-python" if nvmath else "cuda-pathfinder"]
        found += ["nvidia-cudnn-frontend with cuDNN"] * (settings.conv == "cudnn")
        found += ["NCCL"] * bool(settings.parallel)
        return [*found, *["ml_dtypes"] * settings.bfloat16, "NumPy"]

    def imports(self, settings: Settings) -> set[str]:
        """Return import lines of the standard library that it needs besides."""
        own = settings.products == "ctypes" and not settings.kit
        return {"import ctypes"} if own else set()

    def facts(self, graph: Graph, settings: Settings) -> dict[str, Any]:
        """Return what the templates say of a batch and of the libraries."""
        x, y = graph.nodes["X"]["shape"], graph.nodes["y"]["shape"]
        return {
            "image_sizes": x[1:3],
            "side_by_side": f"{_side_by_side(x)}, {_side_by_side(y)}",
            "first_given": ", first" if settings.parallel else "",
            "half_type": "ml_dtypes.bfloat16" if settings.bfloat16 else "np.float16",
            "tried": "\n".join(_tried(settings)),
            "not_found": "\n".join(_not_found(settings)),
        }


def _side_by_side(shape: Shape) -> int:
    """Return how many numbers of an example follow each other in a batch.

    >>> [_side_by_side(one) for one in (("N", 784), (3, 32, 32, "N"), (28, "N", 9))]
    [784, 1, 9]
    """
    return math.prod(int(size) for size in shape[shape.index("N") + 1 :])


def _tried(settings: Settings) -> list[str]:
    """Return the lines that import what may be missing."""
    nvmath = settings.products == "nvmath"
    lines = ["import cudnn"] * (settings.conv == "cudnn") + ["import cupy as cp"]
    lines += ["import ml_dtypes"] * settings.bfloat16
    lines += ["from cuda import pathfinder"] * (not nvmath)
    if settings.parallel:
        lines += ["from cupy.cuda import nccl", ""]
        lines.append(
            "if not nccl.available:  # CuPy has said why, and goes on without it"
        )
        lines.append('    raise ImportError("CuPy finds no NCCL")')
    if nvmath:
        lines.append("from nvmath import CudaDataType")
        lines.append("from nvmath.bindings import cublas, cublasLt")
    return lines


def _not_found(settings: Settings) -> list[str]:
    """Return the lines that say what to install."""
    base = "'cupy-cuda12x[ctk]'" + " ml_dtypes" * settings.bfloat16
    base += " nvidia-nccl-cu12" * bool(settings.parallel)
    more = ["'nvidia-cudnn-frontend<1.28' nvidia-cudnn-cu12"] * (
        settings.conv == "cudnn"
    )
    more += ["'nvmath-python[cu12]'"] * (settings.products == "nvmath")
    said = f'print(f"{{error}}: pip install {base}", file=sys.stderr)'
    if not more and len(said) <= WIDTH - 4:
        return [said]
    added = [f'needed += " {package}"' for package in more]
    asked = 'print(f"{error}: pip install {needed}", file=sys.stderr)'
    return [f'needed = "{base}"', *added, asked]
