r"""Formulas to a graph: a whitelist walk over the syntax tree, nothing evaluated.

>>> graph = parse_formula("q = x + y\nf = q*z")
>>> [node for node in graph]
['x', 'y', 'q', 'z', 'f']
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from gradtutor.gates import Shape, show_shape
from gradtutor.graph import (
    Graph,
    inputs,
    paused_collector,
)
from gradtutor.language.errors import (
    LimitError,
    NotInLanguageError,
    SourceError,
    SourceShapeError,
    UnknownNameError,
)
from gradtutor.language.formula.doubts import AmbiguousError
from gradtutor.language.formula.functions.naming import BARS, NO_FORMULA, ONLY_GATES
from gradtutor.language.formula.glued import glued_notes
from gradtutor.language.formula.letters import (
    OF_TENSORS,
    calls_matrices,
    lettered,
    speaks_of_tensors,
)
from gradtutor.language.formula.notation.names import has_euler, products
from gradtutor.language.formula.settings import parted
from gradtutor.language.formula.source import NotedSource, noted, read_source
from gradtutor.language.formula.statements import Formula
from gradtutor.language.formula.unparse import reading_text
from gradtutor.language.greek import spellings
from gradtutor.language.syntax import Source
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
    known = {
        name: shape
        for given, shape in (shapes or {}).items()
        for name in (given, *spellings(given))
    }
    text, settings = parted(BARE_LAMBDA.sub(lambda head: " " * len(head[0]), text))
    graph = _parse(text, known)
    if settings.strip():
        graph.graph["settings"] = settings
    return graph


def matrices_by_letters(text: str) -> Graph | None:
    """Read A*exp(x) as of a matrix and a vector; None where no letter is a matrix.

    As on matrixcalculus.org: where a Jacobian is asked for and a formula would be one
    of numbers, capitals are matrices, h to z vectors, and * is their product.
    """
    with paused_collector():
        try:
            graph = _read(noted(text, {}, of_matrices=True, capitals=True), {})
        except SourceError:
            return None
    shapes = [graph.nodes[name]["shape"] for name in inputs(graph)]
    return graph if any(len(shape or ()) == 2 for shape in shapes) else None


def _parse(text: str, known: dict[str, Shape]) -> Graph:
    with paused_collector():
        source = read_source(text, known)
        if isinstance(source, NotedSource):
            return _read(source, known)
        try:
            graph = _read(source, known)
        except SourceShapeError:
            if not calls_matrices(source.tree, OF_TENSORS):
                raise
            return _read(noted(text, known, of_matrices=True), known)
        except (NotInLanguageError, UnknownNameError) as error:
            meant = key(error.message) in (ONLY_GATES, NO_FORMULA, BARS)
            meant = meant or error.message == tr(
                "{kind} is not in the language", kind="Set"
            )  # {(x + 1)}^2
            if not meant and not isinstance(error, UnknownNameError):
                raise
            return _otherwise(text, known, error)
        tensors = not known and speaks_of_tensors(text)
        if tensors and calls_matrices(source.tree):
            return _read(noted(text, known, of_matrices=True), known)
        return _read(noted(text, known), known) if _meant(graph, known) else graph


def _read(source: Source, shapes: dict[str, Shape]) -> Graph:
    """Read a tree into a graph, and note how a text of mathematics was read."""
    noted_text = isinstance(source, NotedSource)
    implied = (
        source.shapes
        if isinstance(source, NotedSource)
        else lettered(source.tree, shapes)
        if speaks_of_tensors(source.text)
        else {}
    )
    try:
        formula = Formula(source, implied | shapes)
    except SourceShapeError as error:
        raise _undeclared(error, source, implied) from None
    graph = formula.graph
    if not inputs(graph, "input", "parameter", "label"):
        for name in inputs(graph, "constant"):  # what else is there to differentiate by
            graph.nodes[name]["role"] = "input"
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
    source.notes += glued_notes(graph, {*shapes, *implied})
    if noted_text or source.notes:
        text = reading_text(graph, formula.lines) if noted_text else ""
        graph.graph["reading"] = {"text": text, "notes": source.notes}
    if isinstance(source, NotedSource) and source.free:
        graph.graph["free"] = source.free
    if isinstance(source, NotedSource) and source.asked:
        graph.graph["asked"] = source.asked
    return graph


def _undeclared(
    error: SourceShapeError, source: Source, implied: Mapping[str, Shape]
) -> SourceShapeError:
    """Say of shapes that do not fit which of them a letter alone gave."""
    names = re.findall(r"\w+", error.source[slice(*error.span)])
    guessed = [name for name in names if name in implied]
    if not guessed or error.hint:
        return error
    name = guessed[0]
    hint = tr(
        "{name} has no declaration and was taken as {shape}; declare it above, as in "
        "{name}: (3,) or {name}: (N, 3)",
        name=name,
        shape=show_shape(implied[name]),
    )
    return SourceShapeError(error.message, error.source, error.span, hint)


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
    text = graph.graph["source"]
    if ("e" in free and EULER.search(text)) or has_euler(text, free):
        return True
    return products(free, [*shapes, *(name for name in graph if name not in free)])


#: A function without a name, lambda x, y: x*y, is the formula behind its colon.
BARE_LAMBDA = re.compile(
    r"\A\s*(?:lambda(\s+\w+(\s*,\s*\w+)*)?\s*:|@\([\w\s,]*\)|return\b)"
)
#: e to a power: e is Euler's number there, unless it has a value.
EULER = re.compile(r"(?<!\w)[eｅ]\s*(\^|\*\*|＾)")
