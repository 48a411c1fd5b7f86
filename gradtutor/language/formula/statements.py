"""Lines of a formula: declarations, values, named parts, the output."""

from __future__ import annotations

import ast

from gradtutor.gates import Shape, show_shape
from gradtutor.graph import (
    add_input,
    mark_labels,
    origin,
)
from gradtutor.language.errors import (
    ArgumentError,
    FormulaSyntaxError,
    NotInLanguageError,
    SourceShapeError,
)
from gradtutor.language.formula.arrays import made_array
from gradtutor.language.formula.declarations import is_declaration, read_declaration
from gradtutor.language.formula.expressions import Expressions
from gradtutor.language.literals import (
    Literal,
    literal,
    refuse_decimal_comma,
)
from gradtutor.language.syntax import Source
from gradtutor.messages import tr


class Formula(Expressions):
    """A formula's graph: ``graph``, and the node of each line in ``lines``."""

    def __init__(self, source: Source, shapes: dict[str, Shape]) -> None:
        super().__init__(source, shapes)
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


def _target(statement: ast.stmt) -> str:
    """Return the name that a line gives its value."""
    match statement:
        case ast.Assign(targets=[ast.Name(name)]):
            return name
    return ""


def _names(expression: ast.expr) -> set[str]:
    """Return the names that an expression reads."""
    return {item.id for item in ast.walk(expression) if isinstance(item, ast.Name)}
