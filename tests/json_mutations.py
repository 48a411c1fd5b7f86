"""Valid JSON broken at random, by a seed: what from_json must refuse or read whole."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np

from gradtutor.calculus import backward_graph
from gradtutor.circuit import Circuit, parse
from gradtutor.gates import GATES
from gradtutor.graph.build import gate_shape

FORMULAS = [
    "(x+y)*z",
    "f = max(x*y, x + z)",
    "leaky_relu(x, 0.2) + x**2 - 1e-3/y",
    "x = 2\ny = x*sin(x)*π\nsigmoid(y)",
    "W = [[1, 2], [3, -4]]\nx = [1, 0.5]\nz = W@x\nsum(softmax(z)*z, axis=-1)",
    "x: (N, 3)\nb: (3,)\nmean(amax(x + b, axis=(0, 1), keepdims=True))",
    "x: (3, 4)\ny: (3,)\nW: (4, 5)\nloss = cross_entropy(relu(x@W), y)",
    "x: (2, 6, 6, 3)\nw: (4, 2, 3, 3)\nc = conv(x, w, padding=1)\n"
    "sum(max_pool(c, kernel=(2, 2)))",
    "x: (2, 3, 4)\nsum(transpose(reshape(x, shape=(6, 4))))",
    "A: (2, 3)\nB: (3, 4)\nsum(concat(A, flip(A, axis=1), axis=1)) + sum(A@B)",
    "x: (3, 4)\nsum(standardize(x, axis=0)**2) + variance(x)",
    "sum(tanh(W @ x + b)**2)",
]
NETWORKS = [
    "Sequential([Input(4), Linear(3), ReLU(), Dropout(0.5), Linear(2)])\n"
    "loss = CrossEntropyLoss()",
    "Sequential([Input(1, 6, 6), Conv2d(2, 3), BatchNorm2d(), MaxPool2d(2), Flatten(),"
    " Linear(1)])\nloss = MSELoss()",
]
#: What a value may turn into.
VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 2, 3, 7, 1.5, -0.5, 10**9, 10**20, 1e308, float("nan"),
    float("inf"), "", "x", "y", "N", "2*N", "nan", "-inf", "mul", "copy", "input",
    "x.copy", "import os", "a\nb", "\x1b[31m", "_", "λ", "0", "lambda", "loss",
    [], {}, [0], [1, 2], [[0, 0]], [[[1]]], [None], ["N", 3], {"axis": 0}, {"a": {}},
]  # fmt: skip


def seeds() -> list[Any]:
    """Return valid graphs as JSON data: forward, backward, opened, networks."""
    graphs = []
    for text in (*FORMULAS, *NETWORKS):
        circuit = parse(text)
        graphs.append(circuit.graph)
        if text != FORMULAS[-1]:  # its shapes are not known
            graphs.append(backward_graph(circuit.graph).graph)
            graphs.append(circuit.open().graph)
    return [json.loads(Circuit(graph).to_json()) for graph in graphs]


def mutated(rng: np.random.Generator, data: Any, others: list[Any]) -> str:
    """Return JSON text with one to three faults, or changes that may be none."""
    data = copy.deepcopy(data)
    change = _break if rng.random() < 0.5 else _vary
    for _ in range(int(rng.integers(1, 4))):
        change(rng, data, others)
    text = json.dumps(data, ensure_ascii=False)
    if rng.random() < 0.03:
        place = int(rng.integers(len(text)))
        text = text[:place] + str(
            rng.choice(['"', "{", "]", "9" * 5000, "", "[" * 9999])
        )
    return text


def _break(rng: np.random.Generator, data: Any, others: list[Any]) -> None:
    """Change one place, small ones as likely as the whole lists."""
    places = list(_places(data))
    holder, key = places[int(rng.integers(len(places)))]
    if not (isinstance(holder, dict) and key in holder) and not (
        isinstance(holder, list) and key < len(holder)
    ):
        return
    kind = int(rng.integers(6))
    if kind == 0:
        del holder[key]
    elif kind == 1 and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[int(rng.integers(len(holder)))]))
    elif kind == 2 and isinstance(holder, dict):
        holder[str(rng.choice(["name", "axis", "gate", "é", "x y"]))] = holder.pop(key)
    elif kind == 3:  # a value that is right elsewhere
        holder[key] = copy.deepcopy(_like(rng, key, others, holder[key]))
    elif (
        kind == 4 and isinstance(holder[key], int) and not isinstance(holder[key], bool)
    ):
        holder[key] += int(rng.choice([-2, -1, 1, 2]))
    else:
        holder[key] = copy.deepcopy(VALUES[int(rng.integers(len(VALUES)))])


def _vary(rng: np.random.Generator, data: Any, _others: list[Any]) -> None:
    """Change what a graph may well have: a gate, a wire, a shape, a number."""
    nodes = data["nodes"]
    node = nodes[int(rng.integers(len(nodes)))]
    kind = int(rng.integers(8))
    if kind == 0 and node["gate"] in GATES and not node["attrs"]:
        arity = GATES[node["gate"]].arity
        alike = [name for name, gate in GATES.items() if gate.arity == arity]
        node["gate"] = str(rng.choice(alike))
        node["attrs"] = dict(getattr(GATES[node["gate"]], "keywords", {}))
    elif kind == 1:
        data["graph"]["output"] = node["id"]
    elif kind == 2 and node["gate"] not in ("input", "number"):
        node["shape"] = None
    elif kind == 3 and node["gate"] == "input":
        node["role"] = str(rng.choice(["input", "parameter", "label", "mask"]))
    elif kind == 4 and node["gate"] == "input":
        shapes = [
            [],
            [0],
            [1],
            [3],
            ["N"],
            ["K", 3],
            [2, 3],
            [2, 3, 4],
            ["2*N"],
            [1] * 9,
        ]
        node["shape"] = shapes[int(rng.integers(len(shapes)))]
        node.pop("value", None)
        _reshape(data)
    elif kind == 5 and node["gate"] == "number":
        node["value"] = [0.0, -1.0, 1e300, 5e-324, "nan", "inf", "-inf"][
            int(rng.integers(7))
        ]
        node["text"] = str(rng.choice(["0", "1e999", "nan", "π", "x", "0x1", "2.5"]))
    elif kind == 6:
        node["span"] = None
    elif kind == 7 and node.get("attrs"):
        key = str(rng.choice(list(node["attrs"])))
        choices = [0, -1, 1, [0], [1, 0], [], None, True, 2, [2, 2], [[0, 0], [1, 1]]]
        node["attrs"][key] = choices[int(rng.integers(len(choices)))]
        _reshape(data)


def _reshape(data: Any) -> None:
    """Give the gates the shapes that follow from the inputs'; null where none does."""
    nodes = {node["id"]: node for node in data["nodes"]}
    wired: dict[str, dict[int, str]] = {name: {} for name in nodes}
    for wire in data["edges"]:
        wired[wire["target"]][wire["key"]] = wire["source"]
    for _ in range(3):  # copy gates stand after their readers
        for name, node in nodes.items():
            if node["gate"] in ("input", "number"):
                continue
            shapes = [nodes[wired[name][k]]["shape"] for k in sorted(wired[name])]
            known = tuple(one if one is None else tuple(one) for one in shapes)
            attrs = {k: _frozen(v) for k, v in node.get("attrs", {}).items()}
            try:
                shape = gate_shape(node["gate"], known, attrs)
            except Exception:
                shape = None
            node["shape"] = shape if shape is None else list(shape)


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _places(value: Any):
    """Yield every (holder, key)."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(pairs):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


def _like(rng: np.random.Generator, key: Any, others: list[Any], old: Any) -> Any:
    """Return what another graph has under the same key."""
    other = others[int(rng.integers(len(others)))]
    found = [holder[k] for holder, k in _places(other) if k == key]
    return found[int(rng.integers(len(found)))] if found else old
