"""A person's forward as a graph of its statements, with the wrong gradient marked."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gradtutor.audit.diagnosis.graph import Array, Forward, Node
from gradtutor.audit.program.naming import match_name
from gradtutor.audit.program.pairs import Pair
from gradtutor.audit.program.source import Program, ProgramError
from gradtutor.audit.report import Report
from gradtutor.audit.request import Request
from gradtutor.audit.tasks import make_task
from gradtutor.messages import tr

MOST = 60  # variables that a picture shows
OUTPUT = "output"


@dataclass(frozen=True)
class Variable:
    """An argument of forward, or what a statement of it assigns.

    Attributes
    ----------
    text : str
        What it is computed by, as the person wrote it; empty for an argument.
    sources : tuple of int
        The places of the variables that it is computed from.
    value, gradient : array
        At one small point; the gradient is the right one.
    """

    name: str
    text: str
    line: int
    sources: tuple[int, ...]
    value: Array
    gradient: Array


@dataclass(frozen=True)
class Sketch:
    """Forward's variables, which of them get a wrong gradient, and their numbers.

    Attributes
    ----------
    wrong : int
        The place of the variable whose gradient the first wrong line computes; -1 where
        it is none of forward's.
    theirs : array or None
        What that line computes.
    """

    variables: tuple[Variable, ...]
    wrong: int = -1
    theirs: Array | None = None

    @property
    def right(self) -> Array | None:
        """What the wrong line should compute."""
        return self.variables[self.wrong].gradient if self.wrong >= 0 else None


def sketch(program: Program, pair: Pair, request: Request, report: Report) -> Sketch:
    """Run forward at a small point and draw what it computes.

    Raises
    ------
    ProgramError
        When it cannot be run, or is too large to be drawn.
    """
    task = next(iter(make_task(program, pair, request)))
    task = task.smaller() or task
    measured, _ = task.measure()
    forward = task.tables(measured) if measured else None
    if forward is None:
        raise ProgramError(tr("no values of forward are at hand to be drawn"))
    found = list(_variables(forward, program.text))
    if len(found) > MOST:
        raise ProgramError(
            tr(
                "forward assigns {count} values; a picture shows {most}",
                count=len(found),
                most=MOST,
            )
        )
    variables = tuple(variable for variable, _ in found)
    return _marked(variables, forward, report)


def _variables(forward: Forward, text: str) -> Iterator[tuple[Variable, Node]]:
    """Yield arguments and assigned values; an argument is read, not computed."""
    seen: list[Node] = []
    lines = _statements(text)
    for node in forward.nodes:
        if not (node.variable or node.op == "output"):
            continue
        made_by = _returned(forward, node) if node.op == "output" else node
        sources = tuple(dict.fromkeys(_sources(forward, made_by, seen)))
        if len(sources) == 1 and _is_alias(forward, node, seen[sources[0]]):
            continue  # W1 = self.params["W1"]
        if node.op == "output" and not sources and seen:
            sources = (len(seen) - 1,)
        name = OUTPUT if node.op == "output" else node.target or node.name
        source = "" if node.op == "argument" else lines.get(made_by.line, "")
        value = forward.value(node, 0)
        made = Variable(
            name,
            source or made_by.text,
            node.line,
            sources,
            value,
            forward.gradient(node, 0),
        )
        seen.append(node)
        yield made, node


def _statements(text: str) -> dict[int, str]:
    """Return what each line assigns: the right side of its statement."""
    return {
        node.lineno: ast.unparse(node.value)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Assign | ast.Return) and node.value is not None
    }


def _sources(forward: Forward, node: Node, seen: list[Node]) -> Iterator[int]:
    """Yield the variables that a value is computed from, by the names it reads."""
    below = [node]
    if node.op == "output":
        same = [i for i, v in enumerate(seen) if _same(forward, v, node)]
        yield from same[-1:]
        return
    while below:
        inner = below.pop()
        below.extend(reversed(forward.children[inner.index]))
        if inner.op == "name":
            named = [
                i for i, v in enumerate(seen) if (v.target or v.name) == inner.name
            ]
            same = [
                i for i in named or range(len(seen)) if _same(forward, seen[i], inner)
            ]
            yield from same[-1:] or named[-1:]


def _returned(forward: Forward, output: Node) -> Node:
    """Return the expression that is returned; the output where a variable is."""
    for node in reversed(forward.nodes):
        top = node.parent < 0 and node.op not in ("argument", "output", "name")
        if top and not node.variable and _same(forward, node, output):
            return node
    return output


def _is_alias(forward: Forward, node: Node, source: Node) -> bool:
    named = node.target == (source.target or source.name)
    return named and _same(forward, node, source)


def _same(forward: Forward, one: Node, other: Node) -> bool:
    if one.shape != other.shape:
        return False
    return bool(np.allclose(forward.value(one, 0), forward.value(other, 0)))


def _marked(
    variables: tuple[Variable, ...], forward: Forward, report: Report
) -> Sketch:
    """Find whose gradient the first wrong line computes."""
    if report.place is None:
        return Sketch(variables)
    events = [e for e in forward.events if e.line == report.place.line]
    names = [variable.name for variable in variables]
    for event in events:
        name = match_name(event.name.removeprefix("return").strip(), names)
        places = [i for i, n in enumerate(names) if n == name]
        fits = [
            i for i in places if variables[i].gradient.shape == event.values[0].shape
        ]
        if fits:
            return Sketch(variables, fits[-1], event.values[0])
    for event in events:
        open_ = _not_computed(variables, forward, event.values[0])
        if open_:
            return Sketch(variables, open_[-1], event.values[0])
    wrong = next((row.name for row in report.gradients if row.ok is False), "")
    return Sketch(variables, names.index(wrong) if wrong in names else -1)


def _not_computed(
    variables: tuple[Variable, ...], forward: Forward, theirs: Array
) -> list[int]:
    """Return what a line of no telling name may be the gradient of, in order.

    It has the line's shape, and no line of backward computes it rightly.
    """
    return [
        i
        for i, variable in enumerate(variables)
        if variable.gradient.shape == theirs.shape
        and variable.name != OUTPUT
        and np.any(variable.gradient)
        and not any(
            event.values[0].shape == theirs.shape
            and np.allclose(event.values[0], variable.gradient)
            for event in forward.events
        )
    ]
