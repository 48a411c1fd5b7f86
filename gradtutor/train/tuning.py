"""Which way each convolution takes on this machine: both are timed, the faster is kept.

A convolution is one of shifted rows, or windows and a product; its gradient by x is
another one, with the kernel turned. Each is put into a network of one layer, whose
steps a child process times in turns: least times, as other programs run as well.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gradtutor.blas import VARIABLES
from gradtutor.codegen import ScriptData, Settings, training_script
from gradtutor.codegen.cpu.direct_passes import Convolution, is_possible
from gradtutor.errors import TutorError
from gradtutor.gates.structural.convolution import spatial_attrs
from gradtutor.graph import Graph, dependents, inputs, operands
from gradtutor.language import parse_network
from gradtutor.messages import tr

#: What times steps of scripts: paths, sizes of X and y, and seconds come as arguments.
TIMER = Path(__file__).parent / "step_timer.py"
SECONDS = 0.3  # for each two ways
ROWS, WINDOWS = "rows", "windows"


@dataclass(frozen=True)
class Layer:
    """A convolution of a network.

    Attributes
    ----------
    example, answer : tuple of int
        Shapes of x and of the result, without the batch.
    attrs : mapping
        Stride, padding, dilation and groups, as the network says them.
    sloped : bool
        Whether the gradient by x is wanted.
    """

    weights: tuple[int, ...]
    example: tuple[int, ...]
    answer: tuple[int, ...]
    attrs: tuple[tuple[str, Any], ...]
    sloped: bool

    @property
    def forward(self) -> Convolution:
        """What is convolved on the way to the loss."""
        return self.weights, self.answer[1:]

    @property
    def turned(self) -> Convolution:
        """What is convolved for the gradient by x."""
        out, channels, *kernel = self.weights
        groups = dict(self.attrs)["groups"]
        return (channels * groups, out // groups, *kernel), self.example[1:]

    @property
    def network(self) -> str:
        """A network of this layer; a slope of a PReLU needs the gradient by x."""
        sizes = ", ".join(map(str, self.example))
        rank, (out, _, *kernel) = len(self.weights) - 2, self.weights
        attrs = ", ".join(f"{key}={value!r}" for key, value in self.attrs)
        before = "PReLU(), " * self.sloped
        layer = f"Conv{rank}d({self.example[0]}, {out}, {tuple(kernel)}, {attrs})"
        return f"Sequential([Input({sizes}), {before}{layer}])\nloss = MSELoss()"

    def __str__(self) -> str:
        """Say what is convolved: channels, taps and places."""
        groups = dict(self.attrs)["groups"]
        channels, taps = f"{self.example[0]} → {self.weights[0]}", self.weights[2:]
        words = f"{channels}, {'×'.join(map(str, taps))}"
        words += f" / {groups}" * (groups > 1)
        return f"{words} @ {'×'.join(map(str, self.answer[1:]))}"


def layers_of(graph: Graph) -> Iterator[Layer]:
    """Yield the convolutions of a network that may go either way, each kind once."""
    trained = dependents(graph, inputs(graph, "parameter"))
    found: dict[Layer, None] = {}
    for node, data in graph.nodes(data=True):
        if data["gate"] != "conv":
            continue
        x, w = operands(graph, node)
        shapes = [graph.nodes[one]["shape"] for one in (x, w, node)]
        example, weights, answer = (tuple(shape) for shape in shapes)
        attrs = {key: data["attrs"][key] for key in (*SPATIAL, "groups")}
        spatial = {key: attrs[key] for key in SPATIAL}
        stride = spatial_attrs(spatial, weights[2:])["stride"]
        batched = len(example) == len(weights)
        if batched and is_possible(weights, stride) and _is_plain(attrs["padding"]):
            frozen, sloped = tuple(attrs.items()), x in trained
            layer = Layer(weights, example[:-1], answer[:-1], frozen, sloped)
            found[layer] = None
    yield from found


SPATIAL = ("stride", "padding", "dilation")


def _is_plain(padding: Any) -> bool:
    """Whether a layer's text can say it: both sides of an axis are alike, or "same"."""
    sides = padding if isinstance(padding, tuple) else (padding,)
    return not any(isinstance(side, tuple) for side in sides)


def tuned(graph: Graph, settings: Settings) -> tuple[Settings, list[str]]:
    """Return settings with the faster way of each convolution, and what was timed."""
    known: dict[Convolution, bool] = {}
    notes = []
    with tempfile.TemporaryDirectory() as folder:
        for layer in layers_of(graph):
            for convolution in dict.fromkeys(_asked(layer)):
                if convolution not in known:
                    times = _timed(layer, convolution, known, settings, Path(folder))
                    known[convolution] = times[ROWS] <= times[WINDOWS]
                    notes.append(_told(layer, convolution, times))
    return replace(settings, rows=known), notes


def _asked(layer: Layer) -> list[Convolution]:
    """Return what of a layer is timed, the way forward first."""
    unturned = all(step == 1 for step in _steps(layer))
    return [layer.forward, *[layer.turned] * (layer.sloped and unturned)]


def _steps(layer: Layer) -> Sequence[int]:
    spatial = {key: dict(layer.attrs)[key] for key in SPATIAL}
    found: Any = spatial_attrs(spatial, layer.weights[2:])["stride"]
    return tuple(found)


def _timed(
    layer: Layer,
    convolution: Convolution,
    known: Mapping[Convolution, bool],
    settings: Settings,
    folder: Path,
) -> dict[str, float]:
    """Return the seconds of a layer's step with one of its convolutions either way."""
    shards = max(settings.threads, 1)
    N = max(settings.step_batch // shards, 1)
    graph = parse_network(layer.network, layer.example, None)
    paths = {}
    for way in (ROWS, WINDOWS):
        chosen = Settings(
            batch_size=N, backend=settings.backend, ties=settings.ties,
            rows={**known, convolution: way == ROWS},
        )  # fmt: skip
        paths[way] = folder / f"{way}.py"
        paths[way].write_text(training_script(graph, NO_DATA, chosen), encoding="utf-8")
    shapes = [(*sizes, N) for sizes in (layer.example, layer.answer)]
    asked = {"paths": list(map(str, paths.values())), "shapes": shapes}
    done = subprocess.run(
        [sys.executable, "-P", str(TIMER), json.dumps(asked | {"seconds": SECONDS})],
        capture_output=True, text=True, check=False,
        env=os.environ | dict.fromkeys(VARIABLES, "1"),
    )  # fmt: skip
    if done.returncode:
        words = (done.stderr.strip() or str(done.returncode)).splitlines()[-1]
        raise TutorError(
            tr("convolution {layer} cannot be timed: {words}; leave out --tune",
               layer=layer, words=words)
        )  # fmt: skip
    return dict(zip(paths, json.loads(done.stdout), strict=True))


#: The steps that are timed make their own numbers.
NO_DATA = ScriptData("noise", "LOADER = None", "LOADER", 1, None, "Random.")


def _told(layer: Layer, convolution: Convolution, times: Mapping[str, float]) -> str:
    rows, windows = (f"{1000 * times[way]:.2f}" for way in (ROWS, WINDOWS))
    forward = convolution == layer.forward
    words = {
        (True, True): tr(
            "convolution {layer}: shifted rows {rows} ms, windows {windows} ms a step: "
            "rows are taken", layer=layer, rows=rows, windows=windows),
        (True, False): tr(
            "convolution {layer}: shifted rows {rows} ms, windows {windows} ms a step: "
            "windows are taken", layer=layer, rows=rows, windows=windows),
        (False, True): tr(
            "gradient by x of convolution {layer}: shifted rows {rows} ms, windows "
            "{windows} ms a step: rows are taken",
            layer=layer, rows=rows, windows=windows),
        (False, False): tr(
            "gradient by x of convolution {layer}: shifted rows {rows} ms, windows "
            "{windows} ms a step: windows are taken",
            layer=layer, rows=rows, windows=windows),
    }  # fmt: skip
    return words[forward, times[ROWS] <= times[WINDOWS]]
