"""What every part of a reading shares: the graph so far, its names and gates."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Callable
from typing import Any

from gradtutor.gates import GATES, Shape, ShapeMismatchError
from gradtutor.graph import (
    Span,
    add_gate,
    add_input,
    add_number,
    new_graph,
    place_gate,
)
from gradtutor.language.errors import (
    NotInLanguageError,
    SourceShapeError,
    UnknownNameError,
)
from gradtutor.language.formula.constants import CONSTANTS
from gradtutor.language.formula.trees import numeral_text
from gradtutor.language.formula.walk import foreign
from gradtutor.language.literals import (
    literal,
)
from gradtutor.language.syntax import Source
from gradtutor.messages import tr

#: Functions that are no names of inputs: exp -x is exp(-x), no difference.
FUNCTIONS = {"sin", "cos", "tan", "exp", "log", "ln", "sqrt", "tanh", "sigmoid", "relu"}


class Building:
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

    def fail(
        self,
        kind: Callable[..., Exception],
        message: str,
        node: ast.AST,
        hint: str = "",
    ) -> Exception:
        """Make an error that points at a node."""
        return kind(message, self.source.text, self.source.span(node), hint)

    def _fresh(self, name: str) -> str:
        """Return the name, or name_2, name_3, ... where it gets a new meaning."""
        if name not in self.graph:
            return name
        count = self.versions.get(name, 1) + 1
        while f"{name}_{count}" in self.written:
            count += 1
        self.versions[name] = count
        return f"{name}_{count}"

    def _name(self, name: str, item: ast.expr) -> str:
        if name not in self.meaning:
            if name in CONSTANTS and name not in self.shapes:
                return add_number(
                    self.graph, CONSTANTS[name], name, self.source.span(item)
                )
            if name in FUNCTIONS and name not in self.shapes:
                message = tr("{name} is a function: it needs an argument", name=name)
                hint = tr("as in {name}(x)", name=name)
                raise self.fail(UnknownNameError, message, item, hint)
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
