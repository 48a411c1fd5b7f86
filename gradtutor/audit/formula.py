"""A formula as a forward function in NumPy, and its gradients by our own graph."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradtutor.codegen.runtime import called
from gradtutor.codegen.text.statements import statements
from gradtutor.evaluate import run
from gradtutor.graph import Graph, inputs, origin, with_shapes
from gradtutor.language.formula import parse_formula

Array = NDArray[np.float64]
#: What functions of `gradtutor.codegen.runtime` import.
IMPORTS = "import math\n\nimport numpy as np\n\n"


def formula_inputs(formula: str, shapes: Mapping[str, tuple[int, ...]]) -> list[str]:
    """Return the inputs of a formula that it gives no value itself.

    Raises
    ------
    gradtutor.language.SourceError
        With the place of the mistake.
    """
    graph = parse_formula(formula, _tensors(shapes))
    return [name for name in inputs(graph) if graph.nodes[name].get("value") is None]


def forward_text(formula: str, shapes: Mapping[str, tuple[int, ...]]) -> str:
    """Write a formula as a Python module with the function ``forward``.

    >>> print(forward_text("(x + y)*z", {}).splitlines()[-2].strip())
    mul_1 = (x + y) * z
    """
    graph = _graph(formula, shapes)
    names = formula_inputs(formula, shapes)
    given = [n for n in inputs(graph) if n not in names]
    values = [f"    {n} = np.array({graph.nodes[n]['value']!r}, float)" for n in given]
    output = origin(graph, graph.graph["output"])
    lines = statements(graph, [output])
    body = [f"    {line.name} = {line.text}" for line in lines]
    last = lines[-1].name if lines else output
    head = f"def forward({', '.join(names)}):"
    functions = [inspect.getsource(call) for call in called(x.text for x in lines)]
    return "\n".join([IMPORTS, *functions, head, *values, *body, f"    return {last}"])


def formula_gradients(
    formula: str, point: Mapping[str, NDArray[Any]], upstream: Array
) -> tuple[Array, dict[str, Array]]:
    """Return value and gradients of a formula by gradtutor's own backward pass.

    Parameters
    ----------
    upstream : array
        Multiplies the output, whose sum is differentiated.
    """
    shapes = {name: value.shape for name, value in point.items()}
    shapes["_upstream"] = upstream.shape
    text = f"{_named(formula)}\nsum(_output*_upstream)"
    trace = run(parse_formula(text, _tensors(shapes)), {**point, "_upstream": upstream})
    gradients = trace.input_gradients()
    return trace.values["_output"], {n: gradients[n] for n in point if n in gradients}


def _named(formula: str) -> str:
    """Give a formula's last line the name ``_output``."""
    lines = [line for line in formula.replace(";", "\n").split("\n") if line.strip()]
    name, equals, _ = lines[-1].partition("=")
    if equals and name.strip().isidentifier():
        return "\n".join([*lines, f"_output = {name.strip()}*1"])
    return "\n".join([*lines[:-1], f"_output = {lines[-1].strip()}"])


def _graph(formula: str, shapes: Mapping[str, tuple[int, ...]]) -> Graph:
    return with_shapes(parse_formula(formula, _tensors(shapes)), _tensors(shapes))


def _tensors(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    return {name: shape for name, shape in shapes.items() if shape}
