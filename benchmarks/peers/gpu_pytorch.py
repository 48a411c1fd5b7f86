"""PyTorch's training step on a GPU, six ways.

Mode "compile" is what a tutorial compiles: the model and the loss; gather and Adam stay
eager. "compile-step" compiles the gather with them, and Adam's update as well.

python benchmarks/peers/gpu_pytorch.py lenet --mode graph
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gpu_worker
import torch
from drawing import initial_weights
from networks import BETA1, BETA2, EPSILON, LEARNING_RATE
from pytorch_step import build, loss_function

#: Each mode's part of `torch.compile`, or none.
COMPILED = {
    "compile": "max-autotune",
    "compile-step": "max-autotune",
    "graph-compile": "max-autotune-no-cudagraphs",
}
MODES = ("eager", *COMPILED, "graph", "graph-channels-last")
ON_DEVICE = ("kernel", "gpu_memcpy", "gpu_memset")  # the profiler's categories
HALVES = {"bfloat16": torch.bfloat16, "float16": torch.float16}
Step = Callable[[], object]


@dataclass(frozen=True)
class Epoch:
    """The data on the device, the order of its rows (steps, N), and what is counted."""

    X: torch.Tensor
    y: torch.Tensor
    order: torch.Tensor
    total: torch.Tensor
    place: torch.Tensor


def epoch_on(device: torch.device, options: Any, layout: dict[str, Any]) -> Epoch:
    """Put an epoch on the device."""
    network = gpu_worker.network_of(options)
    arrays = gpu_worker.data_set(network, options.steps)
    X, y, order = (torch.from_numpy(array).to(device) for array in arrays)
    total = torch.zeros((), dtype=torch.float64, device=device)
    place = torch.zeros(1, dtype=torch.int64, device=device)
    if layout:  # index_select would forget the layout of (N, C, H, W)
        X = X.permute(0, 2, 3, 1).contiguous()
    return Epoch(X, y, order, total, place)


def training_step(
    options: Any, epoch: Epoch, layout: dict[str, Any]
) -> Callable[[torch.Tensor], None]:
    """Return step(rows): gather a batch, forward, loss, backward, Adam, sum losses."""
    network = gpu_worker.network_of(options)
    device = epoch.X.device
    on_gpu = device.type == "cuda"
    model = build(network, initial_weights(network)).to(device, **layout)
    optimiser = torch.optim.Adam(
        model.parameters(),
        lr=LEARNING_RATE,
        betas=(BETA1, BETA2),
        eps=EPSILON,
        fused=options.mode != "compile-step",  # there it is compiled
        capturable=options.mode.startswith(("graph", "compile-step")) and on_gpu,
    )
    loss_of = loss_function(network)
    half = HALVES.get(options.precision)
    # The weights are cast once a step anyway: a cache of casts would leave the graph.
    mixed = torch.autocast(
        device.type, half, enabled=half is not None, cache_enabled=False
    )
    scaler = torch.amp.GradScaler(device.type, enabled=half is torch.float16)

    def gathered(rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x, y = epoch.X.index_select(0, rows), epoch.y.index_select(0, rows)
        return x.permute(0, 3, 1, 2) if layout else x, y

    def forward(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        with mixed:
            return loss_of(model(x), y)

    def gathering(rows: torch.Tensor) -> torch.Tensor:
        return forward(*gathered(rows))

    def update() -> None:
        scaler.step(optimiser)

    whole = options.mode == "compile-step"
    if mode := COMPILED.get(options.mode):
        if whole:
            gathering = torch.compile(gathering, mode=mode)
        else:
            forward = torch.compile(forward, mode=mode)
    if whole and not scaler.is_enabled():  # a scaler asks the host whether to step
        update = torch.compile(optimiser.step)

    def step(rows: torch.Tensor) -> None:
        if options.mode.startswith("compile"):
            torch.compiler.cudagraph_mark_step_begin()
        optimiser.zero_grad(set_to_none=True)
        loss = gathering(rows) if whole else forward(*gathered(rows))
        scaler.scale(loss).backward()  # a scale of 1 but for float16
        update()
        scaler.update()
        epoch.total.add_(loss.detach())

    return step


def captured(step: Step) -> Step:
    """Record a step as a CUDA graph, as PyTorch's manual says; return its replay."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def prepared(options: Any) -> gpu_worker.Contender:
    """Return the contender."""
    device = torch.device(options.device)
    on_gpu = device.type == "cuda"
    choose_precision(options.precision)
    last = options.mode == "graph-channels-last"
    layout = {"memory_format": torch.channels_last} if last else {}
    epoch = epoch_on(device, options, layout)
    step = training_step(options, epoch, layout)

    def next_step() -> None:  # the count is on the device: a replay moves it on
        step(epoch.order.index_select(0, epoch.place)[0])
        epoch.place.add_(1)

    replay = next_step
    if options.mode.startswith("graph") and on_gpu:
        replay = captured(next_step)

    def run(steps: int = options.steps) -> None:
        epoch.total.zero_()
        epoch.place.zero_()
        for i in range(steps):
            if options.mode.startswith("graph"):
                replay()
            else:
                step(epoch.order[i])

    def facts() -> dict[str, Any]:
        loss = epoch.total.item() / options.steps
        return {"loss": loss, "kernels": kernels(run) if on_gpu else None}

    time_of = gpu_time if on_gpu else host_time
    return gpu_worker.Contender(lambda: time_of(run) / options.steps, facts)


def choose_precision(precision: str) -> None:
    """Let products and convolutions round their factors to TF32, or not."""
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = precision == "tf32"
    torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")


def gpu_time(run: Step) -> float:
    """Return µs between two events on the device."""
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    run()
    end.record()
    end.synchronize()
    return start.elapsed_time(end) * 1000


def host_time(run: Step) -> float:
    """Return µs by the host's clock."""
    began = time.perf_counter()
    run()
    return (time.perf_counter() - began) * 1e6


def kernels(run: Callable[[int], None]) -> int:
    """Count kernels, copies and settings of memory in a step: in 4 less those in 3."""
    counts = []
    for steps in (3, 4):
        activities = [torch.profiler.ProfilerActivity.CUDA]
        with torch.profiler.profile(activities=activities) as profile:
            run(steps)
            torch.cuda.synchronize()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "trace.json"
            profile.export_chrome_trace(str(path))
            events = json.loads(path.read_text(encoding="utf-8"))["traceEvents"]
        counts.append(sum(event.get("cat") in ON_DEVICE for event in events))
    return counts[1] - counts[0]


def main() -> None:
    """Answer gpu_step.py."""
    parser = gpu_worker.parser(__doc__)
    parser.add_argument("--mode", choices=MODES, default="eager")
    options = parser.parse_args()
    if options.device == "cuda" and not torch.cuda.is_available():
        sys.exit(f"PyTorch {torch.__version__} finds no CUDA device")
    if options.device == "cpu":
        torch.set_num_threads(len(os.sched_getaffinity(0)))
    gpu_worker.serve(lambda: prepared(options), {"torch": torch.__version__})


if __name__ == "__main__":
    main()
