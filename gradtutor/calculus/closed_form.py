"""A node's mathematics as one sympy expression, and that expression as text again.

>>> from gradtutor.language import parse
>>> from gradtutor.calculus import backward_graph
>>> backward = backward_graph(parse("1/(1+exp(-w*x))"), wrt=["w"])
>>> derivative_text(backward.graph, backward.of_node["w"])
'x*exp(-w*x)/(1 + exp(-w*x))**2'
"""

from __future__ import annotations

import math
from collections.abc import Collection
from functools import cached_property

from gradtutor.calculus.recipe import functions
from gradtutor.deferred import sympy
from gradtutor.gates import COPY, GATES, Pointwise
from gradtutor.graph import Graph, inputs, node_data, operands
from gradtutor.graph.order import Order, needed
from gradtutor.language.formula.unparse import Expressions, program_text

#: Largest expression tree that is written in closed form; beyond it, shared lines.
MAX_TREE = 300
#: Longest closed form, in characters.
MAX_TEXT = 400


def derivative_text(graph: Graph, node: str, stops: Collection[str] = ()) -> str:
    """Write one gradient in the language; see `Derivatives`."""
    return Derivatives(graph, stops).text(node)


class Derivatives:
    """The gradients of one graph in the language; what they share is worked out once.

    Parameters
    ----------
    stops : collection of str
        Named nodes to keep as names, to write the gradients in terms of them.
    """

    def __init__(self, graph: Graph, stops: Collection[str] = ()) -> None:
        self.graph, self.stops = graph, set(stops)
        self.forms = ClosedForms(graph, self.stops)
        self.expressions = Expressions(graph, limit=MAX_TEXT)

    @cached_property
    def order(self) -> dict[str, int]:
        """The inputs, each with its place in the formula."""
        return {name: place for place, name in enumerate(inputs(self.graph))}

    def text(self, node: str) -> str:
        """Write a gradient: in closed form if short, else as shared lines."""
        expression = self.forms.of(node)
        if expression is not None:
            text = expression_string(expression, self.order)
            if len(text) <= MAX_TEXT:
                return text
        if node in self.stops:
            return str(self.graph.nodes[node]["name"])
        if self.stops:  # tensors: in terms of the gradients, dz2, as well
            return self.expressions.text(node)
        return program_text(self.graph, node)


def expression_string(expression: sympy.Basic, order: Order = ()) -> str:
    """Write a sympy expression in the language.

    Parameters
    ----------
    order : sequence of str or mapping
        Names in the order in which a person wrote them, or each with its place.

    >>> expression_string(sympy.Max(sympy.Symbol("x"), 0) ** 2)
    'max(0, x)**2'
    """
    from gradtutor.calculus.expression_printer import Printer

    return str(Printer(order).doprint(expression))


def closed_form(
    graph: Graph, node: str, stops: Collection[str] = ()
) -> sympy.Expr | None:
    """Return one node as a sympy expression, or None; see `ClosedForms`."""
    return ClosedForms(graph, stops).of(node)


class ClosedForms:
    """The nodes of a graph as sympy expressions, each worked out once.

    Parameters
    ----------
    stops : collection of str
        Named nodes that stay names.
    """

    def __init__(self, graph: Graph, stops: Collection[str] = ()) -> None:
        self.graph, self.stops = graph, set(stops)
        self.size: dict[str, int] = {}
        self.known: dict[str, sympy.Expr | None] = {}

    def of(self, node: str) -> sympy.Expr | None:
        """Return a node as an expression; None when there is none that can be read.

        It is too large, or made of tensors, or has a part without a real value:
        log(-2).
        """
        for item in needed(self.graph, node, self.known):
            self.known[item] = self._form(item)
        found = self.known[node]
        return None if found is None or is_unreal(found) else found

    def _form(self, node: str) -> sympy.Expr | None:
        """Write a node on its arguments' forms; of a stop they must exist as well."""
        data, args = node_data(self.graph, node), operands(self.graph, node)
        forms = [self.known[arg] for arg in args]
        if data["shape"] not in ((), None) or any(form is None for form in forms):
            return None
        stop = node in self.stops
        self.size[node] = 1 if stop else 1 + sum(self.size[arg] for arg in args)
        if stop:
            return sympy.Symbol(data["name"], real=True)
        if self.size[node] > MAX_TREE:
            return None
        try:
            return gate_expression(self.graph, node, forms)
        except (TypeError, ValueError, ArithmeticError, AttributeError, RecursionError):
            return None  # sympy compares no complex numbers, and no nan


def is_unreal(expression: sympy.Expr) -> bool:
    """Whether sympy made an expression complex, or infinite: no text can say that."""
    infinite = (sympy.zoo, sympy.oo, -sympy.oo, sympy.nan)  # what sympy makes of 1/0
    return bool(expression.has(*infinite, sympy.I, sympy.re, sympy.im, sympy.arg))


def gate_expression(graph: Graph, node: str, args: list[sympy.Expr]) -> sympy.Expr:
    """Apply one gate; gates that sympy has no function for stay closed."""
    data = node_data(graph, node)
    if data["gate"] == "input":
        return sympy.Symbol(data["name"], real=True)
    if data["gate"] == "number":
        return _number(data["value"], data["text"])
    if data["gate"] == COPY:
        return args[0]
    if data["gate"] == "routed":
        return routed(*args)
    gate = GATES[data["gate"]]
    if not isinstance(gate, Pointwise) or not _transparent(gate):
        return sympy.Function(gate.name)(*args)
    if gate.name == "pow" and all(arg.is_number for arg in args):
        return sympy.Float(float(args[0]) ** float(args[1]))  # 9**999 stays a float
    from gradtutor.gates.symbols import ARGUMENTS

    formula = gate.formula.xreplace(dict(zip(ARGUMENTS, args, strict=False)))
    return gathered(formula) if gate.name in ("add", "sub") else formula


def routed(gradient: sympy.Expr, slope: sympy.Expr) -> sympy.Expr:
    """Multiply a gradient by a slope inside the branches that it was chosen by.

    >>> from gradtutor.gates.symbols import WHERE
    >>> x, u = sympy.symbols("x u")
    >>> routed(3 * WHERE(x, u, 0), 1 / x)
    where(x, 3*u/x, 0)
    """
    from gradtutor.gates.symbols import WHERE

    if gradient.is_Add:
        return sympy.Add(*(routed(term, slope) for term in gradient.args))
    factors = sympy.Mul.make_args(gradient)
    choice = next((one for one in factors if one.func == WHERE), None)
    if choice is None:
        return gradient * slope
    rest = sympy.Mul(*(one for one in factors if one is not choice))
    decides, *branches = choice.args
    return WHERE(decides, *(routed(rest * one, slope) for one in branches))


def gathered(total: sympy.Expr) -> sympy.Expr:
    """Add up what is chosen by the same condition inside one choice.

    >>> from gradtutor.gates.symbols import WHERE
    >>> x = sympy.Symbol("x")
    >>> gathered(WHERE(x, 0, 1) + 3 * WHERE(x, 1 / x, 0))
    where(x, 3/x, 1)
    """
    from gradtutor.gates.symbols import WHERE

    choices: dict[sympy.Expr, list[sympy.Expr]] = {}
    for term in sympy.Add.make_args(total):
        chosen = routed(term, sympy.S.One)
        if chosen.func == WHERE:
            choices.setdefault(chosen.args[0], []).append(term)
    for decides, terms in choices.items():
        if len(terms) > 1:
            each = [routed(term, sympy.S.One).args[1:] for term in terms]
            sums = [gathered(sympy.Add(*some)) for some in zip(*each, strict=True)]
            one = WHERE(decides, *sums)
            total = total - sympy.Add(*terms) + one
    return total


def _transparent(gate: Pointwise) -> bool:
    """Whether sympy knows the gate itself, as + or exp, and may tidy it."""
    arithmetic = (gate.infix or gate.prefix) and not isinstance(
        gate.formula, sympy.Piecewise
    )
    function = functions().get(type(gate.formula)) == gate.name
    return bool(arithmetic) or function or gate.name == "sqrt"


def _number(value: float, text: str) -> sympy.Expr:
    if text in ("pi", "π"):
        return sympy.pi
    if not math.isfinite(value):  # sympy's own infinity would swallow what it meets
        word = sympy.Symbol("nan" if math.isnan(value) else "inf", real=True)
        return -word if value < 0 else word
    return sympy.Integer(value) if value == int(value) else sympy.Float(value)
