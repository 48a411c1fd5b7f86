r"""Read a derivation: lines such as ``q = x + y``, ``df/dx = df/dq*1 = z``.

>>> [line.claim for line in read_derivation("q = x*y\ndq/dx = y").lines]
[None, ('q', 'x')]
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from gradtutor.graph import Graph, inputs
from gradtutor.language.errors import (
    FormulaSyntaxError,
    SourceError,
    UnknownNameError,
    near,
)
from gradtutor.language.formula import parse_formula
from gradtutor.language.literals import literal
from gradtutor.language.syntax import Source

#: ∂f/∂x, df/dx, also with a space; the names are without digits' subscripts.
QUOTIENT = re.compile(r"(?<![\w.])[d∂]([^\W\d]\w*) ?/ ?[d∂]([^\W\d]\w*)(?!\w)")
EQUALS = re.compile(r"(?<![<>=!])=(?!=)")
COMMENT = re.compile(r"\s*(#|//).*")


@dataclass(frozen=True)
class Part:
    """One side of an equation, with ``df/dq`` written ``df_dq``, and its place."""

    text: str
    start: int


@dataclass(frozen=True)
class Line:
    """A line of a derivation.

    Attributes
    ----------
    number : int
        From 1.
    name : str
        The name that the line defines; empty where it claims a derivative.
    claim : tuple of str or None
        ``("f", "x")`` for ∂f/∂x.
    parts : tuple of Part
        What stands after each equals sign.
    """

    number: int
    text: str
    name: str
    claim: tuple[str, str] | None
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Derivation:
    """A derivation that can be read.

    Attributes
    ----------
    values : dict
        Inputs that a line gives a number: ``x = -2``.
    """

    source: str
    lines: tuple[Line, ...]
    values: dict[str, float]

    @property
    def definitions(self) -> list[Line]:
        """The lines that define an intermediate value, in order."""
        return [
            line for line in self.lines if line.name and line.name not in self.values
        ]

    def program(self, up_to: str | None = None, free: str = "") -> str:
        """Return the definitions as a program of the language.

        Parameters
        ----------
        up_to : str, optional
            The definition to end with.
        free : str
            A name whose definition is left out, so that it is an input.
        """
        kept = []
        for line in self.definitions:
            if line.name != free:
                kept.append(f"{line.name} = {line.parts[0].text.strip()}")
            if line.name == up_to:
                break
        return "\n".join(kept)

    def graph(self, up_to: str | None = None, free: str = "") -> Graph:
        """Parse the definitions."""
        return parse_formula(self.program(up_to, free))


def is_derivation(text: str) -> bool:
    """Whether a text has a line that claims a derivative."""
    return any(
        QUOTIENT.fullmatch(EQUALS.split(line)[0].strip())
        for line in _pieces(text)
        if EQUALS.search(line)
    )


def _pieces(text: str) -> list[str]:
    return re.split(r"[\n;]", text)


def read_derivation(text: str) -> Derivation:
    """Read the lines, and refuse what is none.

    Raises
    ------
    gradtutor.language.SourceError
        With line, column and a caret.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace(";", "\n")
    lines = tuple(_lines(text))
    values = {}
    for line in lines:
        number = None if line.claim else _number(line.parts[0].text)
        if number is not None:
            values[line.name] = number
    derivation = Derivation(text, lines, values)
    _check(derivation)
    return derivation


def _lines(text: str) -> Iterator[Line]:
    start = 0
    for number, raw in enumerate(text.split("\n"), 1):
        body = COMMENT.sub("", raw)
        if body.strip():
            yield _line(text, number, body, start)
        start += len(raw) + 1


def _line(text: str, number: int, body: str, start: int) -> Line:
    cuts = [match.start() for match in EQUALS.finditer(body)]
    if not cuts:
        hint = "write q = x + y, or df/dx = ..."
        place = (start, start + len(body))
        raise FormulaSyntaxError("this line has no equals sign", text, place, hint)
    left = body[: cuts[0]].strip()
    match = QUOTIENT.fullmatch(left)
    if not match and not left.isidentifier():
        hint = "on the left stands a name, or a derivative such as df/dx"
        place = (start, start + max(1, cuts[0]))
        raise FormulaSyntaxError(
            "this is neither a name nor a derivative", text, place, hint
        )
    ends = [*cuts[1:], len(body)]
    parts = tuple(
        Part(_plain(body[cut + 1 : end]), start + cut + 1)
        for cut, end in zip(cuts, ends, strict=True)
    )
    for part, cut in zip(parts, cuts, strict=True):
        if not part.text.strip():
            place = (start + cut, start + cut + 1)
            raise FormulaSyntaxError(
                "nothing stands after this equals sign", text, place
            )
    claim = (match[1], match[2]) if match else None
    return Line(number, body.strip(), "" if match else left, claim, parts)


def _plain(text: str) -> str:
    """Write df/dq as a name of the same length, so that all places stay."""
    return QUOTIENT.sub(lambda m: "d" + re.sub(r"[/ ∂]", "_", m[0][1:]), text)


def derivative_name(match: tuple[str, str]) -> re.Pattern[str]:
    """Return the pattern of the names that stand for a derivative in a part."""
    return re.compile(rf"d{re.escape(match[0])}_+d?_*{re.escape(match[1])}")


def _number(text: str) -> float | None:
    try:
        source = Source(text.strip())
    except SourceError:
        return None
    match source.tree.body:
        case [ast.Expr(value)]:
            given = literal(source, value)
            if given is not None and given.shape == ():
                return float(given.value)
    return None


# ---- checks ----


def _check(derivation: Derivation) -> None:
    """See that every line can be read and speaks of names that exist."""
    known: list[str] = []
    for line in derivation.lines:
        for part in line.parts:
            names = part_inputs(derivation, part)
            if line.claim or part is not line.parts[0]:
                _check_names(derivation, part, names, known)
            else:
                known += [name for name in names if name not in known]
        if line.name:
            known.append(line.name)
        elif line.claim:
            _check_claim(derivation, line, known)


def part_inputs(derivation: Derivation, part: Part) -> list[str]:
    """Return the names that a part reads.

    Raises
    ------
    gradtutor.language.SourceError
        At its place in the whole text.
    """
    stripped = part.text.strip()
    try:
        return inputs(parse_formula(stripped))
    except SourceError as error:
        shift = part.start + part.text.index(stripped)
        place = error.span[0] + shift, error.span[1] + shift
        raise type(error)(error.message, derivation.source, place, error.hint) from None


def _check_names(
    derivation: Derivation, part: Part, names: list[str], known: list[str]
) -> None:
    for name in names:
        if name not in known and not derivative_of(name, known):
            place = part.start + part.text.index(name)
            message = f"{name.replace('_d', '/d', 1)} has no meaning yet"
            hint = (
                near(name, known)
                or f"so far there are {', '.join(known) or 'no names'}"
            )
            span = (place, place + len(name))
            raise UnknownNameError(message, derivation.source, span, hint)


def _check_claim(derivation: Derivation, line: Line, known: list[str]) -> None:
    assert line.claim is not None
    for name in line.claim:
        if name not in known:
            place = derivation.source.index(line.text) if line.text else 0
            hint = near(name, known) or "define it on a line above: f = x*y"
            span = (place, place + len(line.text.split("=")[0].rstrip()))
            raise UnknownNameError(
                f"{name} has no meaning yet", derivation.source, span, hint
            )


def derivative_of(name: str, known: list[str]) -> tuple[str, str] | None:
    """Return ("f", "q") for df_dq, where f and q are known names."""
    for top in known:
        for below in known:
            if derivative_name((top, below)).fullmatch(name):
                return (top, below)
    return None
