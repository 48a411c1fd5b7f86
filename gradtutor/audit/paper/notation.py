"""How a derivation's left sides are written: df/dx, f'(x), f_x, fractions of LaTeX.

>>> [(s.name, s.claim) for s in statements("Let f(x) = x^2, so f'(x) = 2x", {"f", "x"})]
[('f', None), ('', ('f', 'x'))]
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from gradtutor.audit.paper.normal import SECOND_NAME

NAME = r"[^\W\d_]\w*?"
D = r"(?:\\partial|\\mathrm\{d\}|\\mathrm d|[d∂])"
EQUALS = re.compile(r"(?<![<>=!:])=(?!=)")
#: df/dx, ∂f/∂x, d f / d x
QUOTIENT = re.compile(
    rf"(?<![\w.\\]){D}\s?(?P<top>{NAME})\s?/\s?{D}\s?(?P<below>[^\W\d_]\w*)(?!\w)"
)
FRACTION = re.compile(
    rf"\\[dt]?frac\s*\{{\s*{D}\s*(?P<top>{NAME})\s*\}}"
    rf"\s*\{{\s*{D}\s*(?P<below>[^\W\d_]\w*)\s*\}}"
)
OPERATOR = re.compile(
    rf"(?<![\w.]){D}\s?/\s?{D}(?P<below>[^\W\d_]\w*)[ (]\s*(?P<top>[^\W\d_]\w*)\s*\)?"
)
PRIME = re.compile(
    r"(?<![\w.])(?P<top>[^\W\d_]\w*)['′’]\s*(?:\(\s*(?P<below>[^\W\d_]\w*)\s*\))?"
)
SUBSCRIPT = re.compile(r"(?<![\w.])(?P<top>[^\W\d_]\w*?)_(?P<below>[^\W\d_]\w*)(?!\w)")
CALL = re.compile(
    r"(?P<name>[^\W\d]\w*)\s*\(\s*(?P<inputs>[^\W\d]\w*(?:\s*,\s*[^\W\d]\w*)*)\s*\)"
)
APPLIED = re.compile(r"(?<![\w.\\])(?P<name>[fghu])\((?P<argument>[^\W\d_])\)")
PLAIN = re.compile(r"(?P<name>[^\W\d]\w*)")
SHAPE = re.compile(
    r"\s*(?P<name>[^\W\d]\w*)\s*(?::|∈|\\in)\s*"
    r"(?:\(?(?P<sizes>\d+(?:\s*[,x×]\s*\d+)*)\s*,?\)?|(?P<real>number|scalar|ℝ|\(\)))\s*"
)
#: What stands between two claims on a line.
BETWEEN = re.compile(
    r"⇒|⟹|=>|\\Rightarrow|\\implies|\\\\|&&?|\s+and\s+|，|；|\.\s+(?=[A-Z][a-z]+\s[^.]*=)|(?:,|、)\s*(?=[^,]*?=)"
)
#: Words, in any language, that may stand before an equation.
PREFIX = re.compile(
    r"\s*(?:[^\W\d_]{2,}[,.:，。：]?\s*|[\u4e00-\u9fff][,，。：:]?\s*|[$∴∵•]+\s*)*"
)
WORDS = re.compile(r"[^\W\d_]{2,}.*\s[^\W\d_]{2,}|[\u4e00-\u9fff]{2,}|:\s*$")


@dataclass(frozen=True)
class Statement:
    """One equation: what its left side is, and where its right sides stand.

    Attributes
    ----------
    name : str
        What it defines, or empty.
    claim : tuple of str or None
        ``("f", "x")`` for ∂f/∂x.
    start, end : int
        Of the whole, in the line.
    equals : tuple of int
        Where its equals signs stand, in the line.
    """

    name: str
    claim: tuple[str, ...] | None
    start: int
    end: int
    equals: tuple[int, ...]


def statements(line: str, known: Collection[str]) -> Iterator[Statement]:
    """Yield the equations of a line; words before and between them are passed over.

    Parameters
    ----------
    known : collection of str
        The names that there are so far: f_x is a derivative where f and x are known.
    """
    for start, end in _pieces(line):
        found_here = [m.start() for m in EQUALS.finditer(line, start, end)]
        outside = [cut for cut in found_here if _balanced(line[start:cut])]
        equals = outside or found_here  # softmax(z, axis=1)
        if not equals:
            continue
        found = _left(line[start : equals[0]], known)
        if found is not None:
            name, claim, offset = found
            yield Statement(name, claim, start + offset, end, tuple(equals))


def _pieces(line: str) -> Iterator[tuple[int, int]]:
    """Yield where the equations of a line begin and end."""
    start = 0
    for match in BETWEEN.finditer(line):
        before = EQUALS.search(line, start, match.start())
        after = EQUALS.search(line, match.end())
        if before and after and _balanced(line[start : match.start()]):
            yield start, match.start()
            start = match.end()
    yield start, len(line)


def _balanced(text: str) -> bool:
    return all(text.count(a) == text.count(b) for a, b in ("()", "[]", "{}"))


def _left(
    text: str, known: Collection[str]
) -> tuple[str, tuple[str, ...] | None, int] | None:
    """Read a left side; words may stand before it."""
    trimmed = text.rstrip().rstrip("$")
    for match in re.finditer(r"(?<!\S)[$]*\S", trimmed + " "):
        start = match.end() - 1
        if not PREFIX.fullmatch(trimmed[:start]):
            return None
        claim = derivative(trimmed[start:], known, whole=True)
        if claim is not None:
            return "", claim, start
        for pattern in (CALL, PLAIN):
            found = pattern.fullmatch(trimmed, start)
            if found:
                return found["name"], None, start
    return None


def derivative(
    text: str, known: Collection[str], *, whole: bool = False
) -> tuple[str, ...] | None:
    """Return what is differentiated by what, if the text is a derivative."""
    second = SECOND_NAME.fullmatch(text)
    if second:
        return second["top"], *(
            only_input(known, second["top"]) if n == "x" and n not in known else n
            for n in (second["one"], second["two"])
        )
    for pattern in (QUOTIENT, FRACTION, OPERATOR, PRIME, SUBSCRIPT):
        match = pattern.fullmatch(text) if whole else pattern.match(text)
        if match is None:
            continue
        top, below = match["top"], match["below"] or only_input(known, match["top"])
        if pattern is SUBSCRIPT and not (
            {top, below} <= set(known) and text not in known
        ):
            continue
        if below:
            return top, below
    return None


def only_input(known: Collection[str], top: str) -> str:
    """Return the name that f' differentiates by: the first one that is not f."""
    names = [name for name in known if name != top]
    return "x" if "x" in names else names[0] if names else ""


def as_names(text: str, known: Collection[str]) -> str:
    """Write derivatives in a right side as names, ``df_dx``, as long as they were."""
    for pattern in (QUOTIENT, FRACTION, OPERATOR, PRIME):
        text = pattern.sub(lambda m: _as_name(m, known), text)
    return APPLIED.sub(lambda m: _without_argument(m, known), text)


def _without_argument(match: re.Match[str], known: Collection[str]) -> str:
    """Write ``f(x)`` as ``(f) ``, where f has been defined as a function of x."""
    name, argument = match["name"], match["argument"]
    if name not in known or argument not in known:
        return match[0]
    return f"({name})".ljust(len(match[0]))


def _as_name(match: re.Match[str], known: Collection[str]) -> str:
    top, below = match["top"], match["below"] or only_input(known, match["top"])
    room = len(match[0].rstrip()) - len(top) - len(below) - 2
    tail = match[0][len(match[0].rstrip()) :]
    return f"d{top}{'_' * max(1, room)}d{below}{tail}"


def shape_of(line: str) -> tuple[str, tuple[int, ...]] | None:
    """Read a line that gives a shape: ``W: (2, 3)``."""
    match = SHAPE.fullmatch(line)
    if match is None:
        return None
    return match["name"], tuple(
        int(n) for n in re.findall(r"\d+", match["sizes"] or "")
    )


def is_words(line: str) -> bool:
    """Whether a line without an equation is only words."""
    return bool(WORDS.search(line.strip()))
