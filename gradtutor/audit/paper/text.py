r"""Read a derivation: lines such as ``q = x + y``, ``df/dx = df/dq*1 = z``.

>>> [line.claim for line in read_derivation("q = x*y\ndq/dx = y").lines]
[None, ('q', 'x')]
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from gradtutor.audit.paper.halves import halves
from gradtutor.audit.paper.lines import (
    PART,
    Array,
    Derivation,
    Line,
    Part,
    derivative_of,
)
from gradtutor.audit.paper.normal import TAIL, normal
from gradtutor.audit.paper.notation import (
    EQUALS,
    Statement,
    as_names,
    is_words,
    shape_of,
    statements,
)
from gradtutor.graph import inputs
from gradtutor.language.errors import (
    FormulaSyntaxError,
    SourceError,
    SourceShapeError,
    UnknownNameError,
    near,
)
from gradtutor.language.formula import parse_formula
from gradtutor.messages import tr

COMMENT = re.compile(r"\s*(#|//).*")
#: A line that goes on with the equation before it.
CONTINUED = re.compile(r"\s*=(?!=)")


def is_derivation(text: str) -> bool:
    """Whether a text has a line that claims a derivative."""
    known: list[str] = []
    for line in _pieces(normal(text)):
        for one in statements(line, known):
            if one.claim:
                return True
            known += _new_names(line, one)
    return False


def _new_names(line: str, one: Statement) -> list[str]:
    """Return the names of a definition: its own, and those that it reads."""
    right = line[one.equals[0] + 1 : one.end]
    return [*re.findall(r"[^\W\d_]\w*", right), one.name]


def _pieces(text: str) -> list[str]:
    return re.split(r"[\n;]", text)


def read_derivation(text: str, given: Mapping[str, Array] | None = None) -> Derivation:
    """Read the lines, and refuse what is none.

    Parameters
    ----------
    given : mapping, optional
        Values of inputs besides those in the text.

    Raises
    ------
    gradtutor.language.SourceError
        With line, column and a caret.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace(";", "\n")
    written = text.split("\n")
    text, notes = halves(normal(text))
    shapes: dict[str, tuple[int, ...]] = {}
    lines = _as_written(tuple(_lines(text, shapes)), written)
    values: dict[str, Array] = {n: np.asarray(v) for n, v in (given or {}).items()}
    shapes |= {name: value.shape for name, value in values.items()}
    for line in lines:
        number = None if line.claim else _number(line.parts[0].text)
        if number is not None:
            values[line.name] = number
            shapes[line.name] = number.shape
    derivation = Derivation(text, lines, values, shapes, notes)
    _check(derivation)
    return derivation


def _as_written(lines: tuple[Line, ...], written: Sequence[str]) -> tuple[Line, ...]:
    """Show lines as they were written, where there is one equation on each."""
    count = Counter(line.number for line in lines if not line.name.startswith(PART))
    return tuple(
        replace(line, shown=written[line.number - 1].strip())
        if count[line.number] == 1
        else line
        for line in lines
    )


def _lines(text: str, shapes: dict[str, tuple[int, ...]]) -> Iterator[Line]:
    start, left = 0, ""
    known: list[str] = []
    for number, raw in enumerate(text.split("\n"), 1):
        body = COMMENT.sub("", raw)
        shape = shape_of(body)
        if shape:
            shapes[shape[0]] = shape[1]
        elif body.strip():
            more = left if CONTINUED.match(body) else ""
            place = start - len(more)
            yield from _equations(text, number, more + body, place, known)
            left = _left_of_last(more + body, known)
        start += len(raw) + 1


def _left_of_last(body: str, known: list[str]) -> str:
    """Return what a next line that begins with ``=`` has on its left.

    That is the derivative that was claimed last; of a definition, all of it, so that
    its name is given the same meaning again.
    """
    *_, last = (None, *statements(body, known))
    if last is None:
        return ""
    ends = [*last.equals, last.end]
    return body[last.start : ends[0] if last.claim else ends[1]].rstrip("$. ") + " "


def _equations(
    text: str, number: int, body: str, start: int, known: list[str]
) -> Iterator[Line]:
    """Yield the equations of a line of text."""
    found = list(statements(body, known))
    if not found and not (is_words(body) and not EQUALS.search(body)):
        raise _no_equation(text, body, start)
    for one in found:
        yield _line(text, number, body, start, one, known)
        known += [] if one.claim else _new_names(body, one)


def _no_equation(text: str, body: str, start: int) -> FormulaSyntaxError:
    cut = EQUALS.search(body)
    if cut is None:
        hint = tr("write q = x + y, or df/dx = ...; a shape as W: (2, 3)")
        place = (start, start + len(body))
        return FormulaSyntaxError(tr("this line has no equals sign"), text, place, hint)
    hint = tr("on the left stands a name, or a derivative such as df/dx")
    place = (start, start + max(1, cut.start()))
    return FormulaSyntaxError(
        tr("this is neither a name nor a derivative"), text, place, hint
    )


def _line(
    text: str, number: int, body: str, start: int, one: Statement, known: list[str]
) -> Line:
    cuts = one.equals
    ends = [*cuts[1:], one.end]
    parts = tuple(
        Part(as_names(_without_words(body[cut + 1 : end]), known), start + cut + 1)
        for cut, end in zip(cuts, ends, strict=True)
    )
    for part, cut in zip(parts, cuts, strict=True):
        if not part.text.strip():
            place = (start + cut, start + cut + 1)
            raise FormulaSyntaxError(
                tr("nothing stands after this equals sign"), text, place
            )
    shown = body[one.start : one.end].strip()
    return Line(number, shown, one.name, one.claim, parts)


def _without_words(text: str) -> str:
    """Cut off what ends a sentence: a full stop, Chinese words."""
    return TAIL.sub("", text).rstrip("$., ")


def _number(text: str) -> Array | None:
    """Read a number, or lists of numbers; None where it is something else."""
    try:
        found = np.asarray(ast.literal_eval(text.strip()), dtype=np.float64)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return found


# ---- checks ----


def _check(derivation: Derivation) -> None:
    """See that every line can be read and speaks of names that exist."""
    known: list[str] = []
    for line in derivation.lines:
        given = line.name in derivation.values and not line.claim
        for part in () if given else line.parts:
            try:
                names = part_inputs(derivation, part)
            except SourceShapeError:
                if not line.claim:
                    raise
                continue  # a claim whose shapes do not fit is a wrong one
            if line.claim or part is not line.parts[0]:
                _check_names(derivation, part, names, known)
            else:
                known += [name for name in names if name not in known]
                _note_shapes(derivation, line, part, names)
        if line.name:
            known.append(line.name)
        elif line.claim:
            _check_claim(derivation, line, known)


def _note_shapes(
    derivation: Derivation, line: Line, part: Part, names: list[str]
) -> None:
    """Note the shapes of a definition, and that its other names are single numbers."""
    for name in names:
        derivation.shapes.setdefault(name, ())
    text = part.text.strip()
    graph = parse_formula(text, derivation.tensors(text))
    shape = graph.nodes[graph.graph["output"]]["shape"]
    derivation.shapes[line.name] = tuple(shape or ())


def part_inputs(derivation: Derivation, part: Part) -> list[str]:
    """Return the names that a part reads.

    Raises
    ------
    gradtutor.language.SourceError
        At its place in the whole text.
    """
    stripped = part.text.strip()
    try:
        return inputs(parse_formula(stripped, derivation.tensors(stripped)))
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
            message = tr("{name} has no meaning yet", name=name.replace("_d", "/d", 1))
            hint = near(name, known) or tr(
                "so far there are {names}", names=", ".join(known) or tr("no names")
            )
            span = (place, place + len(name))
            raise UnknownNameError(message, derivation.source, span, hint)


def _check_claim(derivation: Derivation, line: Line, known: list[str]) -> None:
    assert line.claim is not None
    top, below = (derivation.shapes.get(name, ()) for name in line.claim[:2])
    if top and top != below:
        place = derivation.source.index(line.text) if line.text else 0
        message = tr(
            "{name} is no single number: its shape is {top}",
            name=line.claim[0],
            top=top,
        )
        hint = tr(
            "define one, such as L = sum({name}), and claim its derivatives",
            name=line.claim[0],
        )
        raise FormulaSyntaxError(
            message, derivation.source, (place, place + len(line.text)), hint
        )
    for name in line.claim:
        if name not in known:
            place = derivation.source.index(line.text) if line.text else 0
            hint = near(name, known) or tr("define it on a line above: f = x*y")
            span = (place, place + len(line.text.split("=")[0].rstrip()))
            raise UnknownNameError(
                tr("{name} has no meaning yet", name=name),
                derivation.source,
                span,
                hint,
            )
