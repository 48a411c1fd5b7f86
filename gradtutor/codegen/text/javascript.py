"""A graph as plain JavaScript: the statements that compute every node's value.

The text of a pointwise gate is its NumPy text, translated; so a gate is still declared
once. Nothing in a program is a person's text: values stand in an array ``v``.

>>> javascript_text("sigmoid"), javascript_text("pow"), javascript_text("max")
('1 / (1 + Math.exp(-a))', 'power(a, b)', 'Math.max(a, b)')
"""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gradtutor.calculus.recipe import recipe
from gradtutor.calculus.tape import GraphTape
from gradtutor.codegen.text.expression import (
    Apply,
    Argument,
    Expression,
    Literal,
    read_expression,
)
from gradtutor.codegen.text.numpy_text import fill, numpy_text, recipe_text
from gradtutor.deferred import sympy
from gradtutor.gates import COPY, GATES, Call, Pointwise, Structural
from gradtutor.graph import (
    Graph,
    add_input,
    new_graph,
    node_data,
    node_shape,
    operands,
    topological_order,
)
from gradtutor.messages import tr

TEMPLATES = Path(__file__).parents[1] / "templates"

#: NumPy's functions by JavaScript's names; those without a dot are in the runtime.
SAME_NAME = (
    *("exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh"),
    *("abs", "sign", "log1p", "expm1", "floor"),
)
FUNCTIONS = {
    **{name: f"Math.{name}" for name in SAME_NAME},
    "arcsin": "Math.asin",
    "arccos": "Math.acos",
    "arctan": "Math.atan",
    "arctan2": "Math.atan2",
    "arcsinh": "Math.asinh",
    "arccosh": "Math.acosh",
    "arctanh": "Math.atanh",
    "round": "round",
    "maximum": "Math.max",
    "minimum": "Math.min",
    "logaddexp": "logaddexp",
    "where": "where",
    "power": "power",
    "erf": "erf",
}
OPERATORS: dict[str, type[ast.operator]] = {
    "add": ast.Add,
    "subtract": ast.Sub,
    "multiply": ast.Mult,
    "divide": ast.Div,
}
COMPARISONS: dict[str, type[ast.cmpop]] = {
    "greater": ast.Gt,
    "greater_equal": ast.GtE,
    "less": ast.Lt,
    "less_equal": ast.LtE,
    "equal": ast.Eq,
    "not_equal": ast.NotEq,
}
#: Constants of the table's formulas that are no short decimals.
NAMED = {
    math.pi: "Math.PI",
    math.sqrt(2): "Math.sqrt(2)",
    math.sqrt(math.pi): "Math.sqrt(Math.PI)",
}

#: Tensor gates that the runtime has; the others are printed opened.
TENSOR_GATES = (
    *("matmul", "outer", "einsum", "sum", "mean", "amax", "amin", "maximum_over"),
    *("first_winner", "broadcast", "size", "softmax", "logsumexp", "one_hot"),
    *("reshape", "transpose", "pad", "slice", "flip", "concat", "gather", "cumsum"),
    *("scatter_add", "windows", "fold", "max_unpool", "mean_unpool"),
    *("diag", "eye", "inv", "solve", "det", "kron", "kron_left", "kron_right"),
    *("singular_value", "nuclear_norm", "singular_pair", "polar"),
    *("singular_pair_slope", "polar_slope"),
)


@dataclass(frozen=True)
class Program:
    """A function's body, and where it keeps what.

    Attributes
    ----------
    lines : list of str
        Statements ``v[2] = v[0] + v[1];`` in order.
    slots : dict
        For every node the index of its value in ``v``; inputs are filled by the caller.
    size : int
        How many values there are.
    """

    lines: list[str]
    slots: dict[str, int]
    size: int


def translated(numpy: str, place: Callable[[str], str] = str) -> str:
    """Return a NumPy expression in JavaScript; ``place`` says what a name is there.

    Raises
    ------
    NotImplementedError
        When it calls a function that has no counterpart.
    """
    return ast.unparse(_javascript(read_expression(numpy), place))


def _javascript(tree: Expression, place: Callable[[str], str]) -> ast.expr:
    """Return an expression as JavaScript's syntax tree, as far as Python shares it."""
    match tree:
        case Argument(name):
            return ast.Name(place(name))
        case Literal(value):
            return ast.Name(NAMED.get(value) or number_javascript(value))
        case Apply("negative", (part,)):
            return _negative(_javascript(part, place))
        case Apply(function, (left, right)) if function in OPERATORS:
            sign = OPERATORS[function]()
            return ast.BinOp(_javascript(left, place), sign, _javascript(right, place))
        case Apply(function, (left, right)) if function in COMPARISONS:
            first, second = (_javascript(one, place) for one in (left, right))
            sides = first, [COMPARISONS[function]()], [second]
            return _call("Number", ast.Compare(*sides))  # true is 1.0
        case Apply(function, parts):
            if function not in FUNCTIONS:
                raise NotImplementedError(
                    tr("{function} has no JavaScript", function=function)
                )
            return _call(
                FUNCTIONS[function], *(_javascript(one, place) for one in parts)
            )


def _negative(part: ast.expr) -> ast.expr:
    """Return minus a part; that of a minus is the part itself: ``--x`` subtracts 1."""
    match part:
        case ast.UnaryOp(ast.USub(), inner):
            return inner
        case ast.Name(text) if text.startswith("-"):
            return ast.Name(text.removeprefix("-"))
    return ast.UnaryOp(ast.USub(), part)


def _call(name: str, *args: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name), list(args), [])


@cache
def javascript_text(gate: str) -> str:
    """Return the JavaScript of a pointwise gate in its arguments a, b and c."""
    return translated(numpy_text(gate))


@cache
def expression_javascript(expression: sympy.Basic) -> str:
    """Return a sympy expression of the table, a partial say, as JavaScript.

    >>> from gradtutor.calculus.partials import partial
    >>> expression_javascript(partial("relu", 0))
    'where(Number(a > 0), 1, 0)'
    """
    return translated(recipe_text(recipe(expression)))


def runtime() -> str:
    """Return the functions that a program calls."""
    files = ("tensors.js", "tensor_gates.js", "matrix_gates.js")
    return "\n".join((TEMPLATES / name).read_text("utf-8") for name in files)


def number_javascript(value: float) -> str:
    """Write a constant: all 17 digits, nan and infinity by JavaScript's names."""
    if math.isfinite(value):
        return repr(float(value)).removesuffix(".0")
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def javascript_program(graph: Graph, targets: Iterable[str]) -> Program:
    """Print what computes these nodes of a graph whose shapes are known.

    >>> from gradtutor.language import parse
    >>> javascript_program(parse("(x + y)*2"), ["mul.4"]).lines
    ['v[2] = v[0] + v[1];', 'v[3] = 2;', 'v[4] = v[2] * 2;']
    """
    printer = _Printer(graph)
    for node in topological_order(graph, targets):
        printer.write(node)
    return Program(printer.lines, printer.slots, printer.size)


class _Printer:
    def __init__(self, graph: Graph, size: int = 0) -> None:
        self.graph, self.size = graph, size
        self.slots: dict[str, int] = {}
        self.lines: list[str] = []

    def write(self, node: str) -> None:
        """Give a node its slot and, unless it is an input, its statement."""
        data = node_data(self.graph, node)
        args = operands(self.graph, node)
        if data["gate"] == COPY:
            self.slots[node] = self.slots[args[0]]
            return
        gate = GATES.get(data["gate"])
        if isinstance(gate, Structural) and gate.name not in TENSOR_GATES:
            self.slots[node] = self._opened(gate, node, args)
            return
        self.slots[node] = self.size
        self.size += 1
        if data["gate"] == "number":
            self._assign(node, number_javascript(data["value"]))
        elif isinstance(gate, Pointwise):
            self._assign(node, self._pointwise(gate.name, args))
        elif gate is not None:
            given = [self._value(arg) for arg in args]
            attrs = json.dumps(data["attrs"])
            self._assign(node, f"tensor.{gate.name}({', '.join([*given, attrs])})")

    def _assign(self, node: str, text: str) -> None:
        self.lines.append(f"v[{self.slots[node]}] = {text};")

    def _value(self, node: str) -> str:
        return f"v[{self.slots[node]}]"

    def _pointwise(self, gate: str, args: Sequence[str]) -> str:
        """Write numbers directly, and a loop over the elements of tensors."""
        text = javascript_text(gate)
        if not any(node_shape(self.graph, arg) for arg in args):
            return fill(text, dict(zip("abc", map(self._scalar, args), strict=False)))
        letters = ", ".join("abc"[: len(args)])
        return f"map(({letters}) => {text}, {', '.join(map(self._value, args))})"

    def _scalar(self, node: str) -> str:
        data = node_data(self.graph, node)
        number = data["gate"] == "number"
        return number_javascript(data["value"]) if number else self._value(node)

    def _opened(self, gate: Structural, node: str, args: Sequence[str]) -> int:
        """Print a composite's inner gates; return the slot of the last."""
        if gate.opened is None:
            raise NotImplementedError(tr("{name} has no JavaScript", name=gate.name))
        inner = new_graph()
        names = []
        for count, arg in enumerate(args):
            names.append(add_input(inner, f"a{count}", node_shape(self.graph, arg)))
        attrs = node_data(self.graph, node)["attrs"]
        last = gate.opened(GraphTape(inner), Call(tuple(names), "", attrs))
        printer = _Printer(inner, self.size)
        printer.slots = {n: self.slots[a] for n, a in zip(names, args, strict=True)}
        for item in topological_order(inner, [last]):
            if item not in printer.slots:
                printer.write(item)
        self.size = printer.size
        self.lines += printer.lines
        return printer.slots[last]
