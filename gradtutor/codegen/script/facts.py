"""What the script's template says about parameters, the step and the evaluation."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradtutor.codegen.backends import backend_of
from gradtutor.codegen.comments.made import comment
from gradtutor.codegen.script.statistics import needs_two_examples, statistic_facts
from gradtutor.codegen.settings import Settings
from gradtutor.codegen.step import Step
from gradtutor.codegen.text.wrapping import WIDTH, wrapped
from gradtutor.gates import STOPPED, show_shape
from gradtutor.graph import Graph, dependents, inputs, network_of, weights


def parameter_facts(graph: Graph, settings: Settings) -> dict[str, Any]:
    """Return what the template says about the parameters, those kept at the end."""
    names, frozen = weights(graph), inputs(graph, "frozen")
    shapes = [(name, show_shape(graph.nodes[name]["shape"])) for name in names]
    fans = [(name, str(graph.nodes[name].get("fan_in", 1))) for name in names]
    return {
        "parameters": names,
        "gradient_names": [f"d{name}" for name in names if name not in frozen],
        "frozen": frozen,
        "stopped": tuple(_stopped(graph)),
        "trained_count": _trained_count(graph, settings),
        "moved": "theta[:TRAINED]" if frozen else "theta",
        "shape_lines": table_lines("SHAPES", shapes),
        "fan_lines": table_lines("FAN_IN", fans),
        "scales": any(name.startswith("gamma") for name in names),
        "still": any(name.startswith("var") for name in frozen),
        "starts": starts(graph, names),
        "constants": constants(graph),
    }


def _stopped(graph: Graph) -> list[str]:
    """Return the parameters on whose way to the loss a gradient is stopped."""
    stops = [n for n, data in graph.nodes(data=True) if data["gate"] in STOPPED]
    names = inputs(graph, "parameter") if stops else []
    return [one for one in names if dependents(graph, [one]).intersection(stops)]


def _trained_count(graph: Graph, settings: Settings) -> int:
    """Return where in the flat vector the weights begin that keep their values."""
    step = backend_of(settings).alignment
    sizes = (math.prod(graph.nodes[one]["shape"]) for one in inputs(graph, "parameter"))
    return sum(-(-size // step) * step for size in sizes)


def table_lines(name: str, entries: Sequence[tuple[str, str]]) -> list[str]:
    """Write a table on one line where it fits, else an entry a line.

    >>> table_lines("FAN_IN", [("W1", "4"), ("b1", "4")])
    ['FAN_IN = {"W1": 4, "b1": 4}']
    """
    pairs = [f'"{key}": {value}' for key, value in entries]
    whole = f"{name} = {{{', '.join(pairs)}}}"
    if len(whole) <= WIDTH:
        return [whole]
    return [f"{name} = {{", *(f"    {pair}," for pair in pairs), "}"]


def constants(graph: Graph) -> list[tuple[str, str]]:
    """Return the numbers of a formula: ``k`` and ``np.array([1, 2])``."""
    names = inputs(graph, "constant")
    return [(name, constant_text(graph.nodes[name])) for name in names]


def constant_text(data: Mapping[str, Any]) -> str:
    """Write an array as it was made, ``np.tril(np.ones((4, 4)))``, or its numbers."""
    made = data.get("made")
    if not made:
        numbers = repr(np.array(data["value"]).tolist()).replace(".0,", ",")
        return f"np.array({numbers.replace('.0]', ']')}, np.float32)"
    tree = ast.parse(made, mode="eval").body
    text = array_call(tree)
    whole = isinstance(tree, ast.Call | ast.Subscript | ast.Attribute)
    return f"{text if whole else f'({text})'}.astype(np.float32)"


def array_call(node: ast.expr) -> str:
    """Write ``tril(ones(4, 4))`` in NumPy's words, whose sizes are one tuple."""
    return ast.unparse(_InNumpy().visit(node))


class _InNumpy(ast.NodeTransformer):
    """Puts ``np.`` before each function, and sizes into a tuple."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        node.args = [self.visit(one) for one in node.args]
        func = node.func
        if isinstance(func, ast.Attribute) and not isinstance(func.value, ast.Name):
            func.value = self.visit(func.value)  # a method: x.reshape(2, 3)
            return node
        name = func.attr if isinstance(func, ast.Attribute) else func.id  # type: ignore[attr-defined]
        node.func = ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load())
        if name in ("ones", "zeros") and len(node.args) > 1:
            node.args = [ast.Tuple(node.args, ast.Load())]
        return node


def starts(graph: Graph, names: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return each parameter's distribution and size, where a formula states them."""
    if not network_of(graph).get("formula"):
        return []
    nodes = graph.nodes
    return [
        (name, nodes[name]["start"], repr(nodes[name]["start_scale"])) for name in names
    ]


#: How a script writes what a block of memory holds.
KINDS = {"bool": "bool", "uint8": "np.uint8", "half": "narrow(dtype)"}


def step_facts(graph: Graph, step: Step, settings: Settings) -> dict[str, Any]:
    """Return the lines of a step and the arrays that it writes."""
    masks, backend = inputs(graph, "mask"), backend_of(settings)
    arrays = backend.written(step.arrays)
    return {
        "forward_lines": backend.written(wrapped(step.forward)),
        "backward_lines": backend.written(wrapped(step.backward)),
        "loss": step.loss,
        "blocks": [
            backend.memory(
                backend.written(f"np.empty({size}, {KINDS.get(kind, 'dtype')})")
            )
            for size, kind in step.blocks
        ],
        "arrays": arrays,
        "array_names": step.names,
        "space": step.space,
        "spaced": any(text.startswith("spaced(") for _, text in arrays),
        "memory_words": _memory_words(step, settings),
        "masks": masks,
        "mask_rates": [(name, graph.nodes[name]["rate"]) for name in masks],
        "needs_two": needs_two_examples(graph),
        "batch_lines": _batch_lines(
            graph, "narrow(dtype)" if step.half_batch else "dtype"
        ),
        "used": _words([*step.forward, *step.backward]),
        **statistic_facts(graph, step, settings),
        **backend.facts(graph, settings),
    }


def _batch_lines(graph: Graph, kind: str) -> list[str]:
    """Write the arrays of a batch on a GPU, on one line where they fit."""
    X, y = (show_shape(graph.nodes[name]["shape"]) for name in "Xy")
    made = [f"cp.empty({X}, {kind})", f"cp.empty({y}, y_dtype)"]
    line = f"return {', '.join(made)}"
    if len(line) <= WIDTH - 4:
        return [line]
    return ["return (", *(f"    {one}," for one in made), ")"]


def _words(lines: Sequence[str]) -> set[str]:
    """Return the names in code, comments left out."""
    code = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    return set(re.findall(r"\w+", code))


def _memory_words(step: Step, settings: Settings) -> str:
    """Say that arrays share memory, and what that saves."""
    batch = settings.batch_size
    peak, without = step.peak_bytes(batch), step.unshared_bytes(batch)
    shared = "Arrays that are never needed at the same time share a block"
    if peak == without or settings.optimiser == "gd":
        return f"{shared}."
    said = comment(
        shared + ": {shared} MB for N = {n} instead of {apart} MB.",
        shared=f"{peak / 1e6:.2f}",
        n=batch,
        apart=f"{without / 1e6:.2f}",
    )
    return said.replace(": ", ":\n    ", 1)
