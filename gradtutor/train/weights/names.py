r"""Each parameter's name and layout in PyTorch: W1 is the transpose of 0.weight.

>>> from gradtutor.language import parse_network
>>> text = "Sequential([Input(4), Linear(3), ReLU(), Linear(2)])\nloss = MSELoss()"
>>> [(one.name, one.torch) for one in weights_of(parse_network(text))]
[('W1', '0.weight'), ('b1', '0.bias'), ('W2', '2.weight'), ('b2', '2.bias')]
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np

from gradtutor.graph import Graph, inputs, network_of, weights
from gradtutor.messages import tr
from gradtutor.train.weights.errors import WeightsError
from gradtutor.train.weights.keras import from_keras, is_keras
from gradtutor.train.weights.layout import PARTS, Arrays, Weight

#: PyTorch's word for a parameter, by its first letters.
STATISTICS = {"mean": "running_mean", "var": "running_var"}
WORDS = {"W": "weight", "b": "bias", "gamma": "weight", "beta": "bias"} | STATISTICS
RECURRENT_WORDS = {"W": "weight_ih", "U": "weight_hh", "b": "bias_ih", "c": "bias_hh"}
#: What a training learned of the columns, by name.
LEARNED = tuple(
    f"{key}_{kind}" for key in "Xy" for kind in ("fill", "mean", "deviation")
)


def weights_of(graph: Graph) -> list[Weight]:
    """Return the arrays of a network, parameters and then running statistics.

    Parameters
    ----------
    graph : Graph
        A network, as ``gradtutor.language.parse_network`` makes it.
    """
    names = weights(graph)
    modules = {name: str(graph.nodes[name].get("module", "")) for name in names}
    found = [_weight(graph, name, modules) for name in names]
    return [*found, *_statistics(graph, modules)]


def _weight(graph: Graph, name: str, modules: Mapping[str, str]) -> Weight:
    node = graph.nodes[name]
    shape = tuple(map(int, node["shape"]))
    stem, module, kind = _stem(name), modules[name], node.get("layer", "")
    if network_of(graph).get("formula"):  # its own names are all there is
        return Weight(name, shape, name, shape)
    if not module:
        raise WeightsError(
            tr("{name}: the network's text does not name its layers", name=name)
        )
    if kind == "parameter":
        return Weight(name, shape, module, shape)
    before = "" if module == "." else f"{module}."
    if kind.endswith("_cell"):
        return _held(name, shape, f"{before}{RECURRENT_WORDS[stem]}")
    if kind.removesuffix("_both") in ("rnn", "lstm", "gru"):
        return _recurrent(graph, name, modules, before)
    if kind in QUERIES:
        whole = (PARTS * shape[-1], *shape[:-1])
        torch = f"{before}in_proj_{WORDS[stem]}"
        layout, part = ("same", "transposed")[len(shape) - 1], QUERIES.index(kind)
        return Weight(name, shape, torch, whole, layout, part=part)
    torch = f"{before}{WORDS.get(stem, 'weight')}"
    if kind == "linear":
        return Weight(
            name, shape, torch, shape[::-1], ("same", "transposed")[stem == "W"]
        )
    if kind == "conv_transposed" and stem == "W":
        turned = (shape[1], shape[0], *shape[2:])
        return Weight(name, shape, torch, turned, "turned")
    if stem == "E" or (kind == "conv" and stem == "W"):
        return Weight(name, shape, torch, shape)
    if kind == "layer_norm" and len(shape) > 1:
        return Weight(name, shape, torch, shape[:-1] if shape[-1] == 1 else shape)
    if kind in FLAT:
        return Weight(name, shape, torch, (int(np.prod(shape)),))
    raise WeightsError(
        tr(
            "{name} of {kind} has no name in PyTorch here",
            name=name,
            kind=kind or tr("this layer"),
        )
    )


#: Attention's projections, in the order in which PyTorch has their rows.
QUERIES = ("query", "key", "value")
#: Layers whose numbers PyTorch has as one row.
FLAT = ("conv", "conv_transposed", "depthwise", "batch_norm", "layer_norm", "rms_norm",
        "group_norm", "instance_norm", "prelu")  # fmt: skip


def _recurrent(
    graph: Graph, name: str, modules: Mapping[str, str], before: str
) -> Weight:
    """Name an array of a recurrent layer: of the n-th of a stack, of either way."""
    shape, stem = tuple(map(int, graph.nodes[name]["shape"])), _stem(name)
    level = [k for k in modules if modules[k] == modules[name] and _stem(k) == stem]
    place, backwards = level.index(name), 0
    if graph.nodes[name]["layer"].endswith("_both"):
        place, backwards = divmod(place, 2)
    suffix = f"_l{place}" + "_reverse" * bool(backwards)
    alone = stem == "b" and name.replace("b", "c", 1) not in modules
    second = f"{before}bias_hh{suffix}" if alone else ""
    torch = f"{before}{RECURRENT_WORDS[stem]}{suffix}"
    return _held(name, shape, torch, second)


def _held(name: str, shape: tuple[int, ...], torch: str, second: str = "") -> Weight:
    layout = ("same", "transposed")[len(shape) - 1]
    return Weight(name, shape, torch, shape[::-1], layout, second)


def _stem(name: str) -> str:
    return re.sub(r"[\d_]+$", "", name)


def _statistics(graph: Graph, modules: Mapping[str, str]) -> Iterator[Weight]:
    seen: set[str] = set()
    for name in network_of(graph)["statistics"]:
        stem = _stem(name)
        shape = tuple(map(int, graph.nodes[name]["shape"]))
        module = modules[_gamma_of(graph, name, modules)]
        torch = f"{'' if module == '.' else module + '.'}{STATISTICS[stem]}"
        if torch in seen:
            raise WeightsError(
                tr(
                    "{module} normalises in several places: PyTorch keeps one running "
                    "mean for all, this training one for each. Give each place a "
                    "normalisation of its own, or export to .onnx",
                    module=module,
                )
            )
        seen.add(torch)
        yield Weight(name, shape, torch, (int(np.prod(shape)),))


def _gamma_of(graph: Graph, statistic: str, modules: Mapping[str, str]) -> str:
    """Return the γ beside a statistic; of a layer that is used again, its only one."""
    own = statistic.replace(_stem(statistic), "gamma", 1)
    if own in modules:
        return own
    place = graph.nodes[statistic]["span"]
    found = [name for name in modules if _stem(name) == "gamma"]
    found = [name for name in found if graph.nodes[name]["span"] == place]
    if not found:
        raise WeightsError(
            tr("{name}: the network's text does not name its layers", name=statistic)
        )
    return found[0]


# ---- there and back ----


def as_pytorch(graph: Graph, arrays: Arrays) -> dict[str, np.ndarray]:
    """Return a ``state_dict`` that loads with ``strict=True``, float32 and counts.

    A recurrent layer's second bias is zero, and ``num_batches_tracked`` too.
    """
    weights = weights_of(graph)
    kept = {one.name: np.asarray(arrays[one.name], dtype=np.float32) for one in weights}
    found = in_torch(weights, kept)
    for weight in weights:
        if weight.second:
            found[weight.second] = np.zeros_like(found[weight.torch])
        if weight.torch.endswith("running_var"):
            module = weight.torch.rpartition("running_var")[0]
            found[f"{module}num_batches_tracked"] = np.array(0, dtype=np.int64)
    return found


def in_torch(weights: list[Weight], arrays: Arrays) -> dict[str, np.ndarray]:
    """Return arrays, or their gradients, by PyTorch's names and in its layouts."""
    rows: dict[str, list[np.ndarray]] = {}
    for one in sorted(weights, key=lambda one: one.part):
        rows.setdefault(one.torch, []).append(one.to_torch(arrays[one.name]))
    names = dict.fromkeys(one.torch for one in weights)
    return {k: np.concatenate(rows[k]) if rows[k][1:] else rows[k][0] for k in names}


def own_arrays(graph: Graph, arrays: Arrays) -> dict[str, np.ndarray]:
    """Return a network's arrays by this program's names, and what scales columns.

    Raises
    ------
    WeightsError
        When an array is missing or of another shape.
    """
    if _are_own(graph, arrays):
        own = _own(graph, arrays)
        made = {name: np.asarray(one, np.float32) for name, one in own.items()}
    else:
        made = from_theirs(graph, arrays)
    learned = {name: arrays[name] for name in arrays if name in LEARNED}
    return {**learned, **made}


def from_theirs(graph: Graph, arrays: Arrays) -> dict[str, np.ndarray]:
    """Return this program's arrays of PyTorch's, of Keras's or of its own.

    Raises
    ------
    WeightsError
        When an array is missing, too many, or of another shape.
    """
    if _are_own(graph, arrays):
        return _own(graph, arrays)
    return (from_keras if is_keras(arrays) else from_pytorch)(graph, arrays)


def _are_own(graph: Graph, arrays: Arrays) -> bool:
    """Whether arrays are called as here: no layer needs a name elsewhere then."""
    return all(
        name in arrays for name in inputs(graph, "parameter", "frozen", "statistic")
    )


def _own(graph: Graph, arrays: Arrays) -> dict[str, np.ndarray]:
    names = inputs(graph, "parameter", "frozen", "statistic")
    for name in names:
        shape = tuple(graph.nodes[name]["shape"])
        if np.shape(arrays[name]) != shape:
            found = np.shape(arrays[name])
            raise WeightsError(
                tr(
                    "{name} is {found}, the network has {shape}",
                    name=name,
                    found=found,
                    shape=shape,
                )
            )
    return {name: np.asarray(arrays[name]) for name in names}


def from_pytorch(graph: Graph, arrays: Arrays) -> dict[str, np.ndarray]:
    """Return this program's arrays of a ``state_dict``.

    A prefix that all names share, such as ``model.``, is left out; layers that are
    called otherwise than by number are taken in their order.

    Raises
    ------
    WeightsError
        When an array is missing, too many, or of another shape.
    """
    wanted = weights_of(graph)
    given = _numbered(wanted, arrays)
    missing = [weight.torch for weight in wanted if weight.torch not in given]
    if missing:
        raise WeightsError(
            tr(
                "the weights have no {missing}: they have {arrays}",
                missing=missing[0],
                arrays=", ".join(list(arrays)[:8]),
            )
        )
    known = {name for one in wanted for name in (one.torch, one.second)}
    rest = [n for n in given if n not in known and not n.endswith("_tracked")]
    if rest:
        raise WeightsError(
            tr("the network has no {rest}, the weights do", rest=rest[0])
        )
    return {weight.name: weight.from_torch(given) for weight in wanted}


def _numbered(wanted: list[Weight], arrays: Arrays) -> dict[str, np.ndarray]:
    """Call the modules of a ``state_dict`` as the network's are called, in order."""
    theirs = list(dict.fromkeys(name.rpartition(".")[0] for name in arrays))
    ours = list(dict.fromkeys(one.torch.rpartition(".")[0] for one in wanted))
    if len(theirs) != len(ours):
        return dict(arrays)
    if set(theirs) != set(ours):
        ordered = all(_is_number(name) for name in theirs)
        theirs = sorted(theirs, key=_place) if ordered else theirs
        called = dict(zip(theirs, ours, strict=True))
        parts = ((name.rpartition("."), array) for name, array in arrays.items())
        return {f"{called[m]}.{last}": array for (m, _, last), array in parts}
    return dict(arrays)


def _is_number(name: str) -> bool:
    return name.rpartition(".")[2].isdigit()


def _place(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in name.split(".") if part.isdigit())
