r"""Each array's place in a ``.weights.h5`` of Keras 3, and its layout there.

A file has a group for each layer, called by its class and counted, with its variables
in order: ``layers/dense_1/vars/0`` is the kernel of the second Dense. Kernels of
convolutions are (height, width, in, out).

>>> from gradtutor.language import parse_network
>>> text = "Sequential([Input(4), Linear(3), ReLU(), Linear(2)])\nloss = MSELoss()"
>>> [one.path for one in keras_places(parse_network(text))][:3]
['layers/dense/vars/0', 'layers/dense/vars/1', 'layers/dense_1/vars/0']
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from gradtutor.graph import Graph, network_of, operands, readers, weights
from gradtutor.messages import tr
from gradtutor.train.datasets import MissingPackageError
from gradtutor.train.weights.errors import WeightsError
from gradtutor.train.writing import write_bytes_with

Arrays = Mapping[str, np.ndarray]
#: Keras's classes in snake case, by our kinds of layer; of convolutions with the rank.
CLASSES = {
    "linear": "dense",
    "batch_norm": "batch_normalization",
    "layer_norm": "layer_normalization",
    "embedding": "embedding",
    "lstm": "lstm",
    "rnn": "simple_rnn",
}
#: The order of a layer's variables, by the first letters of our names.
ORDER = ("W", "E", "gamma", "U", "b", "beta", "mean", "var")
CELLS = ("lstm", "rnn")
CONVOLUTIONS = ("conv", "conv_transposed")


@dataclass(frozen=True)
class Place:
    """One array: our name and shape, its path, and Keras's axes.

    ``image`` is (C, H, W) of a kernel that reads flattened images, whose rows Keras has
    with the channels last; ``turned`` says that Keras has a kernel end to start.
    """

    name: str
    shape: tuple[int, ...]
    path: str
    axes: tuple[int, ...] = ()
    image: tuple[int, ...] = ()
    turned: bool = False

    @property
    def theirs(self) -> tuple[int, ...]:
        """The shape that Keras has."""
        if self.axes:
            return tuple(self.shape[axis] for axis in self.axes)
        return tuple(size for size in self.shape if size != 1) or (1,)

    def to_keras(self, array: np.ndarray) -> np.ndarray:
        """Return an array as Keras has it."""
        if self.image:
            array = np.moveaxis(array.reshape(*self.image, -1), 0, -2)
        array = self._end_to_start(array)
        turned = array.transpose(self.axes) if self.axes else array
        return np.ascontiguousarray(turned, np.float32).reshape(self._flat())

    def _end_to_start(self, array: np.ndarray) -> np.ndarray:
        return np.flip(array, tuple(range(2, array.ndim))) if self.turned else array

    def _flat(self) -> tuple[int, ...]:
        one = _stem(self.name) in ("gamma", "beta", "mean", "var")  # a row
        return self.theirs if one or self.axes or len(self.shape) > 2 else self.shape

    def from_keras(self, array: np.ndarray) -> np.ndarray:
        """Return our array of Keras's."""
        if array.shape != self._flat():
            raise WeightsError(
                tr(
                    "{path} is {shape}, the network has {flat}",
                    path=self.path,
                    shape=array.shape,
                    flat=self._flat(),
                )
            )
        if self.axes:
            back = array.transpose(np.argsort(self.axes))
            return np.ascontiguousarray(self._end_to_start(back))
        if self.image:
            rows = array.reshape(*self.image[1:], self.image[0], -1)
            array = np.moveaxis(rows, -2, 0)
        return np.ascontiguousarray(array, np.float32).reshape(self.shape)


def keras_places(graph: Graph) -> list[Place]:
    """Return where Keras keeps each array of a network.

    Raises
    ------
    WeightsError
        When a layer has no such place here.
    """
    modules: dict[str, list[str]] = {}
    for name in [*weights(graph), *network_of(graph)["statistics"]]:
        modules.setdefault(_module(graph, name), []).append(name)
    places: list[Place] = []
    counts: dict[str, int] = {}
    for names in modules.values():
        kind = _class(graph, names[0])
        count = counts[kind] = counts.get(kind, -1) + 1
        group = f"layers/{kind}_{count}" if count else f"layers/{kind}"
        group += "/cell" * (_layer(graph, names[0]) in CELLS)
        for place, name in enumerate(sorted(names, key=_order)):
            shape = tuple(map(int, graph.nodes[name]["shape"]))
            turned = _layer(graph, name) == "conv_transposed" and len(shape) > 2
            ends = (0, 1) if turned else (1, 0)
            axes = (*range(2, len(shape)), *ends) if _is_kernel(name, shape) else ()
            path, image = f"{group}/vars/{place}", _image(graph, name)
            places.append(Place(name, shape, path, axes, image, turned))
    return places


def _stem(name: str) -> str:
    return re.sub(r"[\d_]+$", "", name)


def _order(name: str) -> int:
    stem = _stem(name)
    if stem not in ORDER:
        raise WeightsError(tr("{name} has no place in Keras here", name=name))
    return ORDER.index(stem)


def _is_kernel(name: str, shape: tuple[int, ...]) -> bool:
    return _stem(name) == "W" and len(shape) > 2


def _image(graph: Graph, name: str) -> tuple[int, ...]:
    """Return (C, H, W) of the flattened images that a kernel multiplies, or nothing."""
    for _, reader, _ in readers(graph, name):
        if graph.nodes[reader]["gate"] != "matmul":
            continue
        node = operands(graph, reader)[0]
        while len(args := operands(graph, node)) == 1:
            shape = graph.nodes[args[0]]["shape"]
            if graph.nodes[node]["gate"] == "reshape" and len(shape) > 2:
                turned = graph.nodes[args[0]]["gate"] == "transpose"
                return () if turned or shape[-1] != "N" else tuple(shape[:-1])
            node = args[0]
    return ()


def _module(graph: Graph, name: str) -> str:
    """Return the layer of an array; a running statistic is beside its gamma."""
    if name in weights(graph):
        found = str(graph.nodes[name].get("module", ""))
    else:
        gamma = name.replace(_stem(name), "gamma", 1)
        found = str(graph.nodes[gamma].get("module", "")) if gamma in graph else ""
    if not found:
        raise WeightsError(
            tr("{name}: the network's text does not name its layers", name=name)
        )
    return found


def _layer(graph: Graph, name: str) -> str:
    return str(graph.nodes[name].get("layer", ""))


def _class(graph: Graph, name: str) -> str:
    kind = _layer(graph, name)
    if kind in CONVOLUTIONS:
        word = f"conv{len(graph.nodes[name]['shape']) - 2}d"
        return word + "_transpose" * (kind != "conv")
    if kind not in CLASSES:
        raise WeightsError(
            tr(
                "{name} of {kind} has no place in Keras",
                name=name,
                kind=kind or tr("this layer"),
            )
        )
    return CLASSES[kind]


# ---- there and back ----


def is_keras(arrays: Arrays) -> bool:
    """Whether arrays are called as in a ``.weights.h5``."""
    return any("/vars/" in name for name in arrays)


def as_keras(graph: Graph, arrays: Arrays) -> dict[str, np.ndarray]:
    """Return a network's arrays by Keras's paths and layouts."""
    return {
        place.path: place.to_keras(np.asarray(arrays[place.name]))
        for place in keras_places(graph)
    }


def from_keras(graph: Graph, arrays: Arrays) -> dict[str, np.ndarray]:
    """Return a network's arrays of a ``.weights.h5``.

    Raises
    ------
    WeightsError
        When one is missing or of another shape.
    """
    places = keras_places(graph)
    missing = [place.path for place in places if place.path not in arrays]
    if missing:
        raise WeightsError(
            tr(
                "the weights have no {missing}: they have {arrays}",
                missing=missing[0],
                arrays=", ".join(list(arrays)[:8]),
            )
        )
    return {place.name: place.from_keras(arrays[place.path]) for place in places}


# ---- files ----


def need_h5py() -> None:
    """Check that h5py is here.

    Raises
    ------
    MissingPackageError
        When it is not installed.
    """
    if find_spec("h5py") is None:
        raise MissingPackageError(tr('.h5 needs h5py: pip install "gradtutor[keras]"'))


def read_h5(path: Path) -> dict[str, np.ndarray]:
    """Read the variables of a ``.weights.h5``, but for those of its optimiser."""
    need_h5py()
    import h5py

    found: dict[str, np.ndarray] = {}

    def note(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset) and not name.startswith("optimizer"):
            found[name] = np.asarray(item, np.float32)

    with h5py.File(path, "r") as file:
        file.visititems(note)
    return found


def write_h5(path: Path, arrays: Arrays) -> None:
    """Write arrays by their paths, whole or not at all."""
    need_h5py()
    import h5py

    memory = io.BytesIO()
    with h5py.File(memory, "w") as file:
        for name, array in arrays.items():
            file.create_dataset(name, data=array)
    write_bytes_with(path, lambda stream: stream.write(memory.getvalue()))
