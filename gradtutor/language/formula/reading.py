r"""Formulas to a graph: a whitelist walk over the syntax tree, nothing evaluated.

>>> graph = parse_formula("q = x + y\nf = q*z")
>>> [node for node in graph]
['x', 'y', 'q', 'z', 'f']
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from gradtutor.gates import GATES, Shape, ShapeMismatchError, show_shape
from gradtutor.graph import (
    Graph,
    Span,
    add_gate,
    add_input,
    add_number,
    mark_labels,
    new_graph,
    operands,
    origin,
    paused_collector,
    place_gate,
)
from gradtutor.language.errors import (
    ArgumentError,
    FormulaSyntaxError,
    LimitError,
    NotInLanguageError,
    SourceError,
    SourceShapeError,
    UnknownNameError,
)
from gradtutor.language.formula.arrays import made_array
from gradtutor.language.formula.calls import read_call, read_index
from gradtutor.language.formula.constants import CONSTANTS, constant_value
from gradtutor.language.formula.declarations import is_declaration, read_declaration
from gradtutor.language.formula.letters import (
    calls_matrices,
    is_minus_one,
    lettered,
)
from gradtutor.language.formula.naming import BARS, NO_FORMULA, ONLY_GATES
from gradtutor.language.formula.norms import (
    BY_RANK,
    HELD,
    NormError,
    is_of_rank,
    norm_tree,
)
from gradtutor.language.formula.notation.doubts import AmbiguousError
from gradtutor.language.formula.notation.names import products
from gradtutor.language.formula.opening import opened
from gradtutor.language.formula.settings import parted
from gradtutor.language.formula.source import NotedSource, noted, read_source
from gradtutor.language.formula.trees import Beside, Star, numeral_text, placed
from gradtutor.language.formula.unparse import reading_text
from gradtutor.language.formula.walk import OPERATORS, foreign, post_order
from gradtutor.language.literals import (
    Literal,
    literal,
    refuse_decimal_comma,
)
from gradtutor.language.syntax import MAX_EXPONENT, Source
from gradtutor.messages import key, tr


def parse_formula(text: str, shapes: Mapping[str, Shape] | None = None) -> Graph:
    """Read a formula, or several lines of assignments, into a graph.

    Parameters
    ----------
    text : str
        The last line is the output; earlier lines name intermediates; ``x: (N, 3)``
        declares a tensor input; ``x = 2`` gives an input its value.
    shapes : mapping from str to tuple, optional
        Shapes of inputs that the text does not declare; a scalar otherwise.

    Raises
    ------
    gradtutor.language.SourceError
        With the place of the mistake.
    """
    known = dict(shapes or {})
    text, settings = parted(text)
    graph = _parse(text, known)
    if settings.strip():
        graph.graph["settings"] = settings
    return graph


def _parse(text: str, known: dict[str, Shape]) -> Graph:
    with paused_collector():
        source = read_source(text, known)
        if isinstance(source, NotedSource):
            return _read(source, known)
        try:
            graph = _read(source, known)
        except (NotInLanguageError, UnknownNameError) as error:
            meant = key(error.message) in (ONLY_GATES, NO_FORMULA, BARS)
            if not meant and not isinstance(error, UnknownNameError):
                raise
            return _otherwise(text, known, error)
        if not known and calls_matrices(source.tree):
            return _read(noted(text, known, of_matrices=True), known)
        return _read(noted(text, known), known) if _meant(graph, known) else graph


def _read(source: Source, shapes: dict[str, Shape]) -> Graph:
    """Read a tree into a graph, and note how a text of mathematics was read."""
    noted_text = isinstance(source, NotedSource)
    implied = (
        source.shapes
        if isinstance(source, NotedSource)
        else lettered(source.tree, shapes)
    )
    formula = _Formula(source, implied | shapes)
    graph = formula.graph
    if implied:
        graph.graph["implied"] = sorted(implied)
        given = ", ".join(
            tr("{name} is {shape}", name=name, shape=show_shape(implied[name]))
            for name in implied
        )
        source.notes.append(
            tr(
                "by the letters {given}; values or lines such as x: (3,) say otherwise",
                given=given,
            )
        )
    if noted_text or source.notes:
        text = reading_text(graph, formula.lines) if noted_text else ""
        graph.graph["reading"] = {"text": text, "notes": source.notes}
    return graph


def _otherwise(text: str, shapes: dict[str, Shape], error: SourceError) -> Graph:
    """Read as mathematics what is no formula as Python: 2(x + 1), x(y + 1)."""
    try:
        source = noted(text, shapes)
        if not source.implied:
            raise error
        return _read(source, shapes)
    except (AmbiguousError, LimitError):
        raise
    except SourceError:
        raise error from None


def _meant(graph: Graph, shapes: Mapping[str, Shape]) -> bool:
    """Whether a formula of Python is meant otherwise: e^x, xy beside x and y."""
    free = [
        name
        for name, data in graph.nodes(data=True)
        if data["gate"] == "input"
        and data.get("value") is None
        and name not in shapes
        and data["shape"] == ()
    ]
    if "e" in free and EULER.search(graph.graph["source"]):
        return True
    return products(free, [*shapes, *(name for name in graph if name not in free)])


MAX_FACTORS = 64
#: e to a power: e is Euler's number there, unless it has a value.
EULER = re.compile(r"(?<!\w)e\s*(\^|\*\*|＾)")


class _Formula:
    """The state of one reading: the graph so far and what each name means."""

    def __init__(self, source: Source, shapes: dict[str, Shape]) -> None:
        self.source = source
        self.shapes = shapes
        self.graph = new_graph(source.text)
        self.meaning: dict[str, str] = {}
        self.assigned: set[str] = set()
        self.versions: dict[str, int] = {}
        text = unicodedata.normalize("NFKC", source.text)  # as Python reads names
        self.written = set(re.findall(r"\w+", text))
        self.first_use: dict[str, Span] = {}
        self.undeclared = False
        if not source.tree.body:
            raise FormulaSyntaxError(tr("there is no formula"), source.text, (0, 1))
        output = ""
        #: The node of each line, and its name where the line gives it one.
        self.lines: list[tuple[str, str]] = []
        for statement in source.tree.body:
            made = self._statement(statement)
            output = made or output
            self.lines += [(_target(statement), made)] * bool(made)
        if not output:
            raise FormulaSyntaxError(
                tr("only declarations: there is no formula"), source.text, (0, 1)
            )
        self.graph.graph["output"] = origin(self.graph, output)
        mark_labels(self.graph)

    def fail(
        self,
        kind: Callable[..., Exception],
        message: str,
        node: ast.AST,
        hint: str = "",
    ) -> Exception:
        """Make an error that points at a node."""
        return kind(message, self.source.text, self.source.span(node), hint)

    # ---- statements ----

    def _statement(self, statement: ast.stmt) -> str:
        match statement:
            case ast.Expr(value):
                refuse_decimal_comma(self.source, value)
                return self._expression(value)
            case ast.Assign(targets=[ast.Name(name)], value=value):
                return self._assign(name, value, statement)
            case ast.AnnAssign() if is_declaration(statement):
                self._declare(statement)
                return ""
        hint = tr("a line is a formula, name = formula, or name: (shape)")
        raise self.fail(
            NotInLanguageError, tr("this is not a formula"), statement, hint
        )

    def _declare(self, statement: ast.AnnAssign) -> None:
        said = read_declaration(self.source, statement)
        name, annotation = said.name, statement.annotation
        if name in self.meaning:
            message = tr("{name} is declared after its first use", name=name)
            raise self.fail(ArgumentError, message, annotation, tr("declare it above"))
        self.shapes[name] = said.shape
        role = "parameter" if said.role == "parameter" else "input"
        span = self.source.span(annotation)
        self.meaning[name] = add_input(
            self.graph, name, said.shape, role=role, span=span
        )
        if said.role in ("target", "data"):
            self.graph.graph.setdefault("declared", {})[name] = said.role
        if said.start:
            self.graph.nodes[name]["start"] = said.start
        if said.scale is not None:
            self.graph.nodes[name]["start_scale"] = said.scale

    def _assign(self, name: str, value: ast.expr, statement: ast.stmt) -> str:
        refuse_decimal_comma(self.source, value)
        given = literal(self.source, value) or made_array(self.source, value)
        if given is not None and name in self.shapes.keys() - self.assigned:
            node = self._give(name, given, value)
        elif given is not None and name not in self.meaning:
            node = add_input(
                self.graph, name, given.shape, span=self.source.span(value)
            )
            self.graph.nodes[node]["value"] = given.value
            if isinstance(value, ast.Call):
                self.graph.nodes[node]["made"] = self.source.plain(value)
        else:
            used = name in self.first_use and name not in self.assigned
            if used and name not in _names(value):
                message = tr(
                    "{name} is used before this line gives it a meaning", name=name
                )
                raise self.fail(
                    ArgumentError, message, statement, tr("move this line up")
                )
            node = self._expression(value, name)
        self.meaning[name] = node
        self.assigned.add(name)
        return node

    def _give(self, name: str, given: Literal, value: ast.expr) -> str:
        """Give a declared input its value."""
        declared = self.shapes[name]
        if len(declared) != len(given.shape) or any(
            isinstance(size, int) and size != other
            for size, other in zip(declared, given.shape, strict=True)
        ):
            message = tr(
                "{name} is {declared}, its value {given}",
                name=name,
                declared=show_shape(declared),
                given=show_shape(given.shape),
            )
            raise self.fail(SourceShapeError, message, value)
        if name not in self.meaning:
            self._name(name, value)
        self.graph.nodes[name]["value"] = given.value
        return name

    def _fresh(self, name: str) -> str:
        """Return the name, or name_2, name_3, ... where it gets a new meaning."""
        if name not in self.graph:
            return name
        count = self.versions.get(name, 1) + 1
        while f"{name}_{count}" in self.written:
            count += 1
        self.versions[name] = count
        return f"{name}_{count}"

    # ---- expressions ----

    def _expression(self, root: ast.expr, name: str | None = None) -> str:
        """Read an expression bottom-up, by a loop, so that depth costs no stack."""
        nodes: dict[ast.expr, str] = {}
        while (inner := opened(self.source, root)) is not None:
            root = inner
        for item in post_order(self.source, root):
            nodes[item] = self._node(item, nodes, name if item is root else None)
        return nodes[root]

    def _node(
        self, item: ast.expr, nodes: dict[ast.expr, str], name: str | None
    ) -> str:
        inner = opened(self.source, item)
        if inner is not None:
            return nodes[inner]
        match item:
            case ast.Name(identifier):
                return self._name(identifier, item)
            case ast.Constant() | ast.UnaryOp(ast.USub(), ast.Constant()):
                return self._number(item)
            case ast.UnaryOp(ast.UAdd(), operand):
                return nodes[operand]
            case ast.UnaryOp(_, operand):
                return self._gate("neg", [nodes[operand]], item, name)
            case ast.BinOp(left, op, right):
                sides = [nodes[left], nodes[right]]
                if isinstance(op, ast.Pow):
                    self._check_exponent(right)
                    if is_minus_one(right) and self._rank(sides[0]) == 2:
                        return self._inverse(sides[0], item, name)
                sign = OPERATORS[type(op)]
                if isinstance(op, Beside | Star):
                    sign = self._product_of(sides, item, op)
                return self._gate(sign, sides, item, name)
            case ast.Compare(left, [op], [right]):
                return self._gate(
                    OPERATORS[type(op)], [nodes[left], nodes[right]], item, name
                )
            case ast.IfExp(test, body, orelse):
                branches = [nodes[test], nodes[body], nodes[orelse]]
                return self._gate("where", branches, item, name)
            case ast.Attribute(value):
                return self._gate("transpose", [nodes[value]], item, name)
            case ast.Subscript(value, index):
                at = read_index(self.source, index)
                return self._gate("index", [nodes[value]], item, name, at=at)
        return self._call(item, nodes, name)

    def _rank(self, node: str) -> int:
        return len(self.graph.nodes[node]["shape"] or ())

    def _inverse(self, matrix: str, item: ast.BinOp, name: str | None) -> str:
        """Read X⁻¹ as the inverse; X**-1 of Python may be either, and is refused."""
        if not isinstance(self.source, NotedSource):
            shown = self.source.segment(item.left)
            message = tr("{name} to the power -1 has two readings", name=shown)
            hint = tr(
                "write inv({name}), the inverse, or 1/{name}, element by element",
                name=shown,
            )
            raise self.fail(AmbiguousError, message, item, hint)
        return self._gate("inv", [matrix], item, name)

    def _product_of(self, sides: list[str], item: ast.expr, op: ast.operator) -> str:
        """Choose the product of what stands side by side: @ of tensors, else ×."""
        left, right = (self.graph.nodes[side] for side in sides)
        ranks = [len(side["shape"] or ()) for side in (left, right)]
        rows = [self._is_row(side) for side in sides]
        if 0 in ranks:
            return "mul"
        if isinstance(op, Star):
            said = tr(
                "* between matrices and vectors is the matrix product; ⊙ or .* is not"
            )
            self.source.notes += [said] * (said not in self.source.notes)
            if ranks == [1, 1] and not any(rows):
                return "mul"
        if ranks == [1, 1] and not any(rows):
            message = tr("two vectors side by side have two readings")
            a, b = (str(side["name"] or "x") for side in (left, right))
            hint = tr(
                "write {a}*{b}, element by element, or {a} @ {b}, the inner product",
                a=a,
                b=b,
            )
            raise self.fail(AmbiguousError, message, item, hint)
        outer = ranks == [1, 1] and rows == [False, True]
        return "outer" if outer else "matmul"

    def _is_row(self, node: str) -> bool:
        """Whether a vector lies: it was transposed, or is such a one times a matrix."""
        data = self.graph.nodes[node]
        if data["gate"] == "transpose" and len(data["shape"] or ()) == 1:
            return True
        inner = operands(self.graph, node) if data["gate"] in ("matmul", "mul") else []
        return any(self._is_row(one) for one in inner[:1]) or (
            data["gate"] == "mul" and self._is_row(inner[1])
        )

    def _name(self, name: str, item: ast.expr) -> str:
        if name not in self.meaning:
            if name in CONSTANTS and name not in self.shapes:
                return add_number(
                    self.graph, CONSTANTS[name], name, self.source.span(item)
                )
            span = self.first_use[name] = self.source.span(item)
            self.undeclared |= name not in self.shapes
            shape = self.shapes.get(name, ())
            self.meaning[name] = add_input(self.graph, name, shape, span=span)
        return self.meaning[name]

    def _number(self, item: ast.expr) -> str:
        given = literal(self.source, item)
        if given is None:
            raise self.fail(NotInLanguageError, *foreign(item))
        text = numeral_text(item) or self.source.plain(item)
        return add_number(self.graph, given.value, text, self.source.span(item))

    def _check_exponent(self, exponent: ast.expr) -> None:
        value = constant_value(self.source, exponent)
        if value is not None and not abs(value) <= MAX_EXPONENT:
            message = tr("the exponent is larger than {limit}", limit=MAX_EXPONENT)
            raise self.fail(
                LimitError, message, exponent, tr("use exp(n*log(x)) instead")
            )

    def _call(
        self, item: ast.expr, nodes: dict[ast.expr, str], name: str | None
    ) -> str:
        call = read_call(self.source, item)
        args = [nodes[arg] for arg in call.args]
        if call.gate == BY_RANK:
            return self._norm(args[0], item, name, **call.attrs)
        if call.gate == "prod":
            return self._multiplied(args[0], item, name, call.attrs["axis"])
        args += [add_number(self.graph, value) for value in call.defaults]
        while len(args) > 2 and call.folds:  # max(a, b, c) = max(max(a, b), c)
            args[:2] = [self._gate(call.gate, args[:2], item, None)]
        return self._gate(call.gate, args, item, name, **call.attrs)

    def _norm(self, x: str, item: ast.expr, name: str | None, **said: ast.expr) -> str:
        """Read a norm of some order, which of a matrix is another than of a vector."""
        shape = self.graph.nodes[x]["shape"] or ()
        try:
            tree = norm_tree(said, shape)
        except NormError as error:
            raise self.fail(ArgumentError, str(error), item, error.hint) from None
        if not shape and self.undeclared and is_of_rank(said):
            self.graph.graph.setdefault("vectors", []).append(x)
        self.meaning[HELD] = x
        placed(tree, self.source.places, self.source.span(item))
        return self._expression(tree, name)

    def _multiplied(
        self, x: str, item: ast.expr, name: str | None, axis: int | None
    ) -> str:
        """Multiply the parts of a tensor along an axis, or all its numbers."""
        shape = self.graph.nodes[x]["shape"]
        if axis is None and len(shape or ()) > 1:
            x = self._gate("reshape", [x], item, None, shape=(-1,))
            shape = self.graph.nodes[x]["shape"]
        rank = len(shape or ())
        place = 0 if axis is None else axis % max(rank, 1)
        size = shape[place] if shape and place < rank else None
        if shape == ():
            return x
        if not isinstance(size, int) or not 1 <= size <= MAX_FACTORS:
            message = (
                tr("a product of {size} is not read", size=size)
                if shape
                else tr("a product of unknown size is not read")
            )
            hint = tr(
                "of 1 to {limit} numbers: give the shape, as in x: (3,)",
                limit=MAX_FACTORS,
            )
            raise self.fail(LimitError, message, item, hint)
        whole = ((None, None, None),) * place
        parts = [
            self._gate("index", [x], item, None, at=(*whole, count))
            for count in range(size)
        ]
        for part in parts[1:-1]:
            parts[0] = self._gate("mul", [parts[0], part], item, None)
        return (
            self._gate("mul", [parts[0], parts[-1]], item, name)
            if size > 1
            else parts[0]
        )

    def _gate(
        self, gate: str, args: list[str], item: ast.expr, name: str | None, **attrs: Any
    ) -> str:
        span = self.source.span(item)
        name = name and self._fresh(name)  # now that the inputs have taken theirs
        stacked = gate == "matmul" and self._stacked(args)
        if stacked:
            gate, attrs = "einsum", {"subscripts": stacked}
        try:
            return add_gate(self.graph, gate, *args, name=name, span=span, **attrs)
        except ShapeMismatchError as error:
            if self.undeclared:  # their values may yet bring shapes that fit
                return place_gate(
                    self.graph, gate, args, None, name=name, span=span, attrs=attrs
                )
            message = f"{GATES[gate].infix or gate}: {error}"
            raise self.fail(SourceShapeError, message, item) from None

    def _stacked(self, args: list[str]) -> str:
        """Return the letters of a product of stacks of matrices, or nothing."""
        ranks = [len(self.graph.nodes[arg]["shape"] or ()) for arg in args]
        if max(ranks) <= 2 or min(ranks) < 2:
            return ""
        batch = "abcdefgh"[: max(ranks) - 2]
        left, right = (batch[len(batch) - (rank - 2) :] for rank in ranks)
        return f"{left}xk,{right}ky->{batch}xy"


def _target(statement: ast.stmt) -> str:
    """Return the name that a line gives its value."""
    match statement:
        case ast.Assign(targets=[ast.Name(name)]):
            return name
    return ""


def _names(expression: ast.expr) -> set[str]:
    """Return the names that an expression reads."""
    return {item.id for item in ast.walk(expression) if isinstance(item, ast.Name)}
