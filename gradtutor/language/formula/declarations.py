"""Declarations of a formula: ``x: (N, 3)``, ``W: parameter (3, 10) = normal(0.1)``.

>>> import ast
>>> from gradtutor.language.syntax import Source
>>> source = Source("W: parameter (3, 10) = normal(0.1)")
>>> read_declaration(source, source.tree.body[0])
Declared(name='W', shape=(3, 10), role='parameter', start='normal', scale=0.1)
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from gradtutor.gates import Shape
from gradtutor.language.errors import ArgumentError, near
from gradtutor.language.literals import literal, read_shape
from gradtutor.language.syntax import Source
from gradtutor.messages import mark, tr

#: What an input can be declared to be, and the role that its node has.
ROLES = {"parameter": "parameter", "target": "target", "data": "data"}
#: How a parameter begins; those with a number take one, as in normal(0.02).
STARTS = ("zeros", "ones", "normal", "uniform", "glorot", "he")
SCALED = ("normal", "uniform")
AS_IN = mark(
    "as in W: parameter (784, 10) = normal(0.02), zeros, ones, uniform(0.1), he"
)


@dataclass(frozen=True)
class Declared:
    """What a line says of an input.

    Attributes
    ----------
    role : str
        ``parameter``, ``target``, ``data``, or nothing where only a shape stands.
    start : str
        One of ``STARTS``, ``constant``, or nothing.
    scale : float or None
        Its number: a deviation, half a width, the constant.
    """

    name: str
    shape: Shape
    role: str = ""
    start: str = ""
    scale: float | None = None


def is_declaration(statement: ast.stmt) -> bool:
    """Whether a line declares an input: ``name: ...``, with a start for parameters."""
    match statement:
        case ast.AnnAssign(target=ast.Name(), value=None):
            return True
        case ast.AnnAssign(target=ast.Name(), annotation=annotation):
            return _role(annotation) == "parameter"
    return False


def read_declaration(source: Source, statement: ast.stmt) -> Declared:
    """Read a line that declares an input.

    Raises
    ------
    gradtutor.language.SourceError
        Where a size, or the parameter's start, is not one.
    """
    assert isinstance(statement, ast.AnnAssign)
    assert isinstance(statement.target, ast.Name)
    name, annotation = statement.target.id, statement.annotation
    role = _role(annotation)
    shape = _shape(source, annotation, role)
    start, scale = "", None
    if statement.value is not None:
        start, scale = _start(source, statement.value)
    return Declared(name, shape, ROLES.get(role, ""), start, scale)


def _role(annotation: ast.expr) -> str:
    match annotation:
        case ast.Name(word) | ast.Call(func=ast.Name(word)) if word in ROLES:
            return word
    return ""


def _shape(source: Source, annotation: ast.expr, role: str) -> Shape:
    if not role:
        return read_shape(source, annotation)
    sizes = annotation.args if isinstance(annotation, ast.Call) else []
    if len(sizes) == 1 and isinstance(sizes[0], ast.Tuple):  # parameter((3, 2))
        sizes = sizes[0].elts
    shape = tuple(read_shape(source, size)[0] for size in sizes)
    if role == "parameter" and any(isinstance(size, str) for size in shape):
        message = tr("a parameter's sizes are whole numbers")
        raise ArgumentError(message, source.text, source.span(annotation), tr(AS_IN))
    return shape


def _start(source: Source, value: ast.expr) -> tuple[str, float | None]:
    """Read how a parameter begins: a word, a word with a number, or a number."""
    given = literal(source, value)
    if given is not None and given.shape == ():
        return "constant", float(given.value)
    match value:
        case ast.Name(word) | ast.Call(func=ast.Name(word), args=[]):
            numbers: list[ast.expr] = []
        case ast.Call(func=ast.Name(word), args=[one], keywords=[]):
            numbers = [one]
        case _:
            word, numbers = source.segment(value), []
    if word not in STARTS:
        message = tr("{word} is no start of a parameter", word=word)
        hint = near(word, STARTS) or tr(AS_IN)
        raise ArgumentError(message, source.text, source.span(value), hint)
    if bool(numbers) != (word in SCALED):
        message = tr("{word} takes no number", word=word)
        if word in SCALED:
            message = tr("{word} takes a number", word=word)
        raise ArgumentError(message, source.text, source.span(value), tr(AS_IN))
    return word, _scale(source, numbers[0]) if numbers else None


def _scale(source: Source, node: ast.expr) -> float:
    given = literal(source, node)
    if given is None or given.shape != () or not given.value > 0:
        message = tr("the size of a start is a number above 0")
        raise ArgumentError(message, source.text, source.span(node), tr(AS_IN))
    return float(given.value)
