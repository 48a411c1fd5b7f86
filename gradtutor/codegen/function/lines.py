"""The lines of a function: what is used twice gets a name, and is worked out once.

>>> from gradtutor.language import parse
>>> found = function_lines(parse("tanh(w*x)**2"), ["w"])
>>> [f"{line.name} = {line.text}" for line in found.lines][:2]
['tanh_1 = np.tanh(w * x)', 'f = tanh_1**2']
>>> found.gradients
{'w': 'dw'}
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gradtutor.calculus.backward import backward_graph
from gradtutor.calculus.symbols import output_name
from gradtutor.codegen.function.numbers import with_bare_numbers
from gradtutor.codegen.rewrite.masks import masks_as_numbers
from gradtutor.codegen.rewrite.rules import apply_passes
from gradtutor.codegen.text.numpy_text import number_text
from gradtutor.codegen.text.statements import Statement, statements
from gradtutor.gates import Shape
from gradtutor.graph import Graph, inputs


class NoTextError(ValueError):
    """A formula that a language has no text for; the message says what to do."""


@dataclass(frozen=True)
class Function:
    """A function's arguments, lines and results, in NumPy's expressions.

    Attributes
    ----------
    formula : str
        What the person wrote.
    arguments : dict
        Each input's name and shape.
    value : str
        The text of the value.
    gradients : dict
        For each input asked for the text of its gradient.
    routes : bool
        Whether a gradient passes by a slope that may be infinite: no one is warned.
    """

    formula: str
    arguments: dict[str, Shape]
    lines: list[Statement]
    output: str
    value: str
    gradients: dict[str, str]
    routes: bool = False

    def translated(self, write: Callable[[str], str]) -> Function:
        """Return the function with every expression written in another language."""
        lines = [replace(line, text=write(line.text)) for line in self.lines]
        slopes = {name: write(text) for name, text in self.gradients.items()}
        return replace(self, lines=lines, value=write(self.value), gradients=slopes)

    @property
    def is_scalar(self) -> bool:
        """Whether every value is a number."""
        return all(line.shape == "()" for line in self.lines) and not any(
            self.arguments.values()
        )


def function_lines(graph: Graph, wrt: Sequence[str], ties: str = "torch") -> Function:
    """Return the lines that compute a formula and its gradients.

    Parameters
    ----------
    graph : Graph
        With all shapes.
    wrt : sequence of str
        The inputs whose gradients are wanted.
    """
    backward = backward_graph(graph, wrt=wrt, ties=ties)
    reached = [name for name in wrt if name in backward.of_node]
    found = [graph.graph["output"], *(backward.of_node[name] for name in reached)]
    numbers, found = apply_passes(backward.graph, found, (masks_as_numbers,))
    named, made = with_bare_numbers(numbers)
    output, node = output_name(graph), made[found[0]]
    slopes = {n: made[slope] for n, slope in zip(reached, found[1:], strict=True)}
    _name(named, node, output)
    for name, slope in slopes.items():
        _name(named, slope, f"d{output}_d{name}")
    lines = statements(named, [node, *slopes.values()])
    texts = {line.node: line.name for line in lines}
    gradients = {
        name: _text(named, slopes[name], texts) if name in slopes else "0.0"
        for name in wrt
    }
    for name, text in gradients.items():
        shape = graph.nodes[name]["shape"]
        if shape and _is_number(text):
            gradients[name] = f"np.full({name}.shape, {text})"
    return Function(
        graph.graph["source"],
        {name: graph.nodes[name]["shape"] or () for name in inputs(graph)},
        lines,
        output,
        _text(named, node, texts),
        gradients,
        any(gate == "routed" for _, gate in named.nodes(data="gate")),
    )


def _name(graph: Graph, node: str, name: str) -> None:
    """Name a node that has no name, nor is an input or a number."""
    data = graph.nodes[node]
    taken = {data["name"] for _, data in graph.nodes(data=True)}
    if data["gate"] in ("input", "number") or data["name"]:
        return
    while name in taken:
        name += "_"
    data["name"] = name


def _text(graph: Graph, node: str, lines: dict[str, str]) -> str:
    data = graph.nodes[node]
    if data["gate"] == "number":
        return number_text(data["value"])
    return lines.get(node) or str(data["name"])


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).replace("-", "", 1).replace("e", "", 1).isdigit()
