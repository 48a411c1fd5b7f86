"""Values as text: as Python writes them, or else as people do.

>>> read_point("x=-2, k=1/3, W=[[1,2],[3,4]]")["x"]
array(-2.)
>>> read_point("x=1½, y=2³")
{'x': array(1.5), 'y': array(8.)}
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from gradtutor.evaluate.values import Array, node_values
from gradtutor.graph import Span, inputs
from gradtutor.language.errors import ArgumentError, SourceError
from gradtutor.language.formula import parse_formula
from gradtutor.language.literals import literal
from gradtutor.language.syntax import Source
from gradtutor.messages import tr

#: A text of values is read as the keywords of a call.
OPENING = "point("
#: The index of a name before its equals sign: x₁ = 3.
SUBSCRIPTED = re.compile(r"(?<=\w)[₀-₉]+(?=\s*[=＝])")
#: LaTeX's word for λ, which Python keeps for itself; as long as it was.
LAMBDA, LETTER = re.compile(r"(?<!\w)lambda((?:_?\d+)?)(?=\s*=)"), r"λ\1     "
#: Names that stand for values, and are no inputs.
NAMED = {"inf": np.inf, "nan": np.nan}
#: A name and its equals sign; what closes and opens a list or a call.
NAME = re.compile(r"\s*([^\W\d]\w*)\s*[=＝](?![=＝])")
OPEN, CLOSE, COMMAS = "([（［{", ")]）］}", ",，"
NO_NUMBER = "{;\n"  # cases, and several formulas
#: Slips: a comma in a decimal number, another sign between values, one after a name.
DECIMAL = re.compile(r"(?<==)(-?\d+),(\d+)(?=\s*(?:[,;]\s*[^\W\d]|$))")
BETWEEN = re.compile(r"(?<=[\w)\]])\s*(;|\s)\s*(?=[^\W\d]\w*\s*=(?!=))")
#: Two numbers with nothing between: 1 000, 1 ½, 1.2.3.
GAP = re.compile(r"[\d¼-¾⅐-⅞]\s+[\d¼-¾⅐-⅞]|\d\.\d+\.")
COLON = re.compile(r"(?:^|(?<=,))\s*([^\W\d]\w*)\s*(:)\s*([^,]*)")


class _Pair(NamedTuple):
    """A name, the text of its value, and where that begins."""

    name: str
    value: str
    start: int

    @property
    def span(self) -> Span:
        """Where the value stands."""
        return self.start, self.start + len(self.value)


def read_point(text: str) -> dict[str, Array]:
    """Read ``x=-2, y=5``: numbers, formulas of numbers, and lists of numbers.

    Raises
    ------
    gradtutor.language.SourceError
        With the place of the mistake.
    """
    named = LAMBDA.sub(LETTER, SUBSCRIPTED.sub(_indexed, text))
    try:
        source = Source(f"{OPENING}{named})")
    except SourceError as error:
        return _as_mathematics(named, _about(text, error, len(OPENING)))
    try:
        items = _keywords(source)
        pairs = [_pair(source, item) for item in items]
        _refuse_repeats(pairs, source.text)
        return {
            pair.name: _value(source, item, pair)
            for item, pair in zip(items, pairs, strict=True)
        }
    except SourceError as error:
        raise _about(text, error, len(OPENING)) from None


def _indexed(name: re.Match[str]) -> str:
    """Write ``x₁`` as formulas read it, ``x_1``."""
    return f"_{unicodedata.normalize('NFKC', name[0])}"


def _about(text: str, error: SourceError, before: int) -> SourceError:
    """Speak of the person's text, without what we have put before it, and of slips."""
    slip = _slip(text)
    if slip:
        message, place, hint = slip
        return type(error)(message, text, place, hint)
    start, end = (max(0, place - before) for place in error.span)
    hint = error.hint or tr("write values as x=-2,y=5")
    return type(error)(error.message, text, (start, end), hint)


def _slip(text: str) -> tuple[str, Span, str] | None:
    """Know a usual slip in values: what and where it is, what to write instead."""
    plain = "".join(
        unicodedata.normalize("NFKC", c) if c in "，；：＝" or c.isdecimal() else c
        for c in text
    )
    comma = DECIMAL.search(plain)
    if comma:
        hint = tr(
            "write {whole}.{part}; a list stands in brackets: [{whole}, {part}]",
            whole=comma[1],
            part=comma[2],
        )
        return tr("a comma stands between values"), comma.span(0), hint
    between = BETWEEN.search(plain)
    if between:
        hint = tr("write values as x=-2,y=5")
        return tr("a comma stands between values"), between.span(1), hint
    colon = COLON.search(plain)
    if colon:
        hint = tr("write {name}={value}", name=colon[1], value=colon[3].strip())
        return tr("a value follows an equals sign"), colon.span(2), hint
    return None


# ---- as Python ----


def _keywords(source: Source) -> list[ast.keyword]:
    """Return the pairs of the call that the text was put into."""
    match source.tree.body:
        case [ast.Expr(ast.Call(ast.Name(), [], keywords))]:
            return keywords
    place = (len(OPENING), len(source.text) - 1)
    raise ArgumentError(tr("these are not values"), source.text, place)


def _pair(source: Source, item: ast.keyword) -> _Pair:
    start, _ = source.span(item.value)
    return _Pair(str(item.arg), source.segment(item.value), start)


def _value(source: Source, item: ast.keyword, pair: _Pair) -> Array:
    given = literal(source, item.value)
    if given is not None:
        return np.asarray(given.value, dtype=np.float64)
    cut = (
        isinstance(part, ast.BinOp) and isinstance(part.op, ast.FloorDiv | ast.Mod)
        for part in ast.walk(item.value)
    )
    if any(cut):
        raise _no_number(pair, source.text)
    return _read(pair, source.text)


def _no_number(pair: _Pair, text: str) -> ArgumentError:
    message = tr("{name} needs a number, or a list of numbers", name=pair.name)
    return ArgumentError(message, text, pair.span)


# ---- what a formula is, or a list of formulas ----


def _read(pair: _Pair, text: str) -> Array:
    """Read a value, row by row where it is a list."""
    rows = _rows(pair)
    if not rows:
        return _computed(pair, text)
    found = [_read(row, text) for row in rows]
    if any(one.shape != found[0].shape for one in found):
        message = tr("the rows of this list differ in length")
        raise ArgumentError(message, text, pair.span)
    return np.stack(found)


def _rows(pair: _Pair) -> list[_Pair]:
    """Return the parts of a list; none where a value is no list."""
    value = pair.value.rstrip()
    start = len(value) - len(value.lstrip())
    inside = _cut(value[start + 1 : -1])
    listed = value[start : start + 1] == OPEN[1] or len(inside) > 1
    if not (value[start:] and _closes(value[start:]) and listed):
        return []
    places = accumulate(
        (len(part) + 1 for part in inside), initial=pair.start + start + 1
    )
    return [
        pair._replace(value=part, start=place)
        for part, place in zip(inside, places, strict=False)
    ]


def _closes(text: str) -> bool:
    """Whether the bracket that opens a text is closed by its last sign."""
    depths = accumulate((sign in OPEN) - (sign in CLOSE) for sign in text)
    closed = [at for at, depth in enumerate(depths) if depth == 0][:1]
    return text[0] in OPEN[:-1] and closed == [len(text) - 1]


def _cut(text: str) -> list[str]:
    """Cut a text at the commas outside of brackets."""
    depths = accumulate((sign in OPEN) - (sign in CLOSE) for sign in text)
    marks = [at for at, depth in enumerate(depths) if not depth and text[at] in COMMAS]
    return [text[a + 1 : b] for a, b in pairwise([-1, *marks, len(text)])]


def _computed(pair: _Pair, text: str) -> Array:
    """Compute a value that is a formula; its mistakes are at its place in the text."""
    if any(sign in pair.value for sign in NO_NUMBER):
        raise _no_number(pair, text)
    try:
        graph = parse_formula(pair.value)
    except SourceError as error:
        start, end = (at + pair.start for at in error.span)
        raise type(error)(error.message, text, (start, end), error.hint) from None
    if set(inputs(graph)) - NAMED.keys():
        raise _no_number(pair, text)
    return np.asarray(node_values(graph, NAMED)[graph.graph["output"]])


# ---- as mathematics ----


def _as_mathematics(text: str, error: SourceError) -> dict[str, Array]:
    """Read each value as a formula is read: ½, 2³, √2.

    A text of plain signs only is Python's to refuse, and so are two numbers side by
    side, which might be one.
    """
    pairs = _pairs(text)
    if text.isascii() or not pairs or GAP.search(text) or _slip(text):
        raise error from None
    _refuse_repeats(pairs, text)
    return {pair.name: _read(pair, text) for pair in pairs}


def _pairs(text: str) -> list[_Pair]:
    """Cut a text into names and values; none where a part is something else."""
    parts = _cut(text)
    matches = [NAME.match(part) for part in parts]
    starts = accumulate((len(part) + 1 for part in parts), initial=0)
    if None in matches:
        return []
    return [
        _Pair(
            unicodedata.normalize("NFKC", match[1]),
            part[match.end() :],
            start + match.end(),
        )
        for part, start, match in zip(parts, starts, matches, strict=False)
        if match
    ]


def _refuse_repeats(pairs: Sequence[_Pair], text: str) -> None:
    """Refuse two values of one name."""
    for at, pair in enumerate(pairs):
        if any(other.name == pair.name for other in pairs[:at]):
            message = tr("{name} is given twice", name=pair.name)
            raise ArgumentError(message, text, pair.span)
