"""What the kernels of a captured step take: its products alone, its fused kernels.

The fused kernels (`fused_...` and the optimiser's) are compared with copies on the
device of as many bytes, each half read and half written, launched in the same way.
"""

from __future__ import annotations

import functools
import re
import statistics
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gpu_gradtutor import Training

Call = tuple[str, Callable[..., object], tuple[Any, ...]]
LAUNCHES, REPEATS = 20, 5
SCRATCH_BYTES = 2**30  # at most, for the copies
DEVICE_TO_DEVICE = 3  # cudaMemcpyDeviceToDevice
#: How many of a kernel's last arguments are read before they are written.
UPDATED = {"UPDATE": 3}


def facts(run: Training, N: int) -> dict[str, Any]:
    """Return nodes of the graph, time of the products, and bandwidths.

    Returns
    -------
    dict
        ``kernels`` a step; ``products_us``; ``fused``: how many ``kernels``, their
        ``bytes``, ``us``, and ``copy_us`` of copies of as many bytes.
    """
    fused = [name for name in run.script if name.startswith("fused_")]
    names = ["launch_product", *fused, "UPDATE"]
    state = [run.theta, run.optimiser.m, run.optimiser.v]
    kept = [array.copy() for array in state]
    calls = recorded(run, names, N)
    products = [call for call in calls if call[0] == "launch_product"]
    others = [call for call in calls if call[0] != "launch_product"]
    cp = run.script["cp"]
    sizes = [traffic(cp, call) for call in others]
    found = {
        "kernels": nodes(run.stepper.graphs[N]),
        "products_us": replayed_us(cp, [ready(call) for call in products]),
        "fused": {
            "kernels": len(others),
            "bytes": sum(sizes),
            "us": replayed_us(cp, [ready(call) for call in others]),
            "copy_us": replayed_us(cp, copies(cp, sizes)),
        },
    }
    for array, before in zip(state, kept, strict=True):
        array[...] = before  # the optimiser's kernel has moved them
    return found


def nodes(graph: Any) -> int | None:
    """Count kernels, copies and settings of memory in a captured graph.

    CUDA names them graph_1_node_0, graph_1_node_1, ... in its DOT text.
    """
    return len(set(re.findall(r"graph_\d+_node_\d+", graph.debug_dot_str()))) or None


def recorded(run: Training, names: list[str], N: int) -> list[Call]:
    """Launch a step kernel by kernel and return the calls of these functions."""
    calls: list[Call] = []
    kept = {name: run.script[name] for name in names}

    def noting(name: str, *arguments: Any) -> Any:
        calls.append((name, kept[name], arguments))
        return kept[name](*arguments)

    try:
        run.script.update({name: functools.partial(noting, name) for name in names})
        run.stepper.step(run.stepper, N)
    finally:
        run.script.update(kept)
    return calls


def ready(call: Call) -> Callable[[], object]:
    """Return a recorded call as a function without arguments."""
    _, function, arguments = call
    return functools.partial(function, *arguments)


def traffic(cp: Any, call: Call) -> int:
    """Return how many bytes a pointwise kernel must read and write."""
    name, _, arguments = call
    again = arguments[len(arguments) - UPDATED.get(name, 0) :]
    arrays = [x for x in (*arguments, *again) if isinstance(x, cp.ndarray)]
    return sum(int(x.nbytes) for x in arrays)


def copies(cp: Any, sizes: list[int]) -> list[Callable[[], object]]:
    """Return copies of half of each size, from place to place in a large memory."""
    halves = [size // 2 for size in sizes]
    room = max(*halves, min(sum(halves), SCRATCH_BYTES // 2))
    source, target = (cp.zeros(room, cp.uint8) for _ in range(2))
    stream, start, made = cp.cuda.get_current_stream().ptr, 0, []
    for half in halves:
        start = start if start + half <= room else 0
        places = target[start:].data.ptr, source[start:].data.ptr
        made.append(
            functools.partial(copy, cp, (target, source), *places, half, stream)
        )
        start += -(-half // 256) * 256
    return made


def copy(
    cp: Any, keep: object, target: int, source: int, size: int, stream: int
) -> None:
    """Copy on the device; `keep` is the memory, which must outlive the graph."""
    cp.cuda.runtime.memcpyAsync(target, source, size, DEVICE_TO_DEVICE, stream)


def replayed_us(cp: Any, calls: list[Callable[[], object]]) -> float:
    """Capture calls as one graph and return µs of a replay, the median of several."""
    stream = cp.cuda.get_current_stream()
    stream.begin_capture()
    for call in calls:
        call()
    graph = stream.end_capture()
    start, end, times = cp.cuda.Event(), cp.cuda.Event(), []
    for _ in range(1 + REPEATS):
        start.record()
        for _ in range(LAUNCHES):
            graph.launch()
        end.record()
        end.synchronize()
        times.append(float(cp.cuda.get_elapsed_time(start, end)) * 1000 / LAUNCHES)
    return statistics.median(times[1:])
