r"""Shapes that docstrings and comments state: ``x: (N, D)``, ``W -- of shape (n, m)``.

>>> said("x: (N, D), mu, eps: (N, Z)\nW -- weights of size (Z, D)", ["x", "mu", "W"])[0]
{'x': (5, 3), 'mu': (5, 4), 'W': (4, 3)}
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

NAMED = re.compile(
    r"(?P<names>[A-Za-z_]\w*\*?(?:\s*,\s*[A-Za-z_]\w*\*?)*)\s*(?::|--|—|：|∈)"
    r"(?P<words>(?:[^():\n;]|\n(?=\s+(?:in|of|with)?\s*(?:shape|size)\b))*?)"
    r"\((?P<sizes>[^()]*)\)"
)
#: A single number: ``outside_idx: int``.
ALONE = re.compile(
    r"(?P<name>[A-Za-z_]\w*)\s*(?::|--)\s*(?:an? )?(?:int|integer|float|scalar|index)"
    r"(?=\s*(?:[,;.]|$|index|number|value))",
    re.MULTILINE,
)
WORDS = re.compile(r"(number|num|count|size) of [\w ]+|batch size|[\w ]+ size")
#: Sizes by the order in which their names appear; in the second try all are even.
LADDERS: tuple[tuple[int, ...], ...] = ((5, 3, 4, 2, 6, 7), (4, 6, 2, 8, 4, 6))
WINDOWS = {"K": 3, "k": 3, "HH": 3, "WW": 3, "kh": 3, "kw": 3, "H": 4, "W": 4, "L": 7}
Sizes = dict[str, tuple[int, ...]]


def said(
    text: str, names: Sequence[str], made: Mapping[str, Sequence[str]] | None = None
) -> list[Sizes]:
    """Return the shapes of those names that a text states, once for each ladder.

    Parameters
    ----------
    made : mapping, optional
        Sizes that a program makes arrays with.
    """
    own = {n: list(sizes) for n, sizes in (made or {}).items() if n in names}
    stated = {**own, **dict(_numbers(text, names)), **dict(_stated(text, names))}
    symbols = {part for sizes in stated.values() for part in sizes}
    images = any(len(sizes) > 2 for sizes in stated.values()) or {"K", "L"} <= symbols
    found = []
    for ladder in LADDERS:
        sizes = _shapes(stated, ladder, WINDOWS if images else {})
        if sizes and sizes not in found:
            found.append(sizes)
    return found


def _stated(text: str, names: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each name with the sizes of its axes, as texts."""
    for match in NAMED.finditer(text):
        sizes = [part.strip() for part in match["sizes"].split(",")]
        scalar = sizes == ["scalar"]
        alone = len(sizes) == 1 and not re.fullmatch(r"[A-Z]|\d+", sizes[0])
        if alone and not scalar:
            continue
        parts = [] if scalar else [s for s in sizes if s]
        if match["words"].rstrip().endswith("shape"):  # (word vector length, )
            parts = [re.sub(r"(?<=[a-z]) (?=[a-z])", "_", part) for part in parts]
        if not all(map(_is_size, parts)):
            continue
        for given in match["names"].split(","):
            pattern = re.escape(given.strip()).replace(r"\*", r"\w+")
            for name in names:
                if re.fullmatch(pattern, name):
                    yield name, parts


def _numbers(text: str, names: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    for match in ALONE.finditer(text):
        if match["name"] in names:
            yield match["name"], []


def _is_size(text: str) -> bool:
    return bool(WORDS.fullmatch(text) or re.fullmatch(r"[\w\s*/+-]+", text)) and (
        " " not in text or bool(WORDS.fullmatch(text) or re.search(r"[*/+-]", text))
    )


def _shapes(
    stated: Mapping[str, Sequence[str]],
    ladder: Sequence[int],
    windows: Mapping[str, int],
) -> Sizes:
    """Give every symbol a size; {} where some axis gets no whole number."""
    known: dict[str, int] = {}
    found: Sizes = {}
    for name, parts in stated.items():
        sizes = [_size(part, known, ladder, windows) for part in parts]
        if any(size is None for size in sizes):
            return {}
        found[name] = tuple(size for size in sizes if size is not None)
    return found


def _size(
    text: str, known: dict[str, int], ladder: Sequence[int], windows: Mapping[str, int]
) -> int | None:
    if WORDS.fullmatch(text):
        return _symbol(text, known, ladder, windows)
    try:
        node = ast.parse(
            re.sub(r"(?<![\w.])(\d+)(?=[A-Za-z])", r"\1*", text), mode="eval"
        )
        value = _number(node.body, known, ladder, windows)
    except (SyntaxError, ZeroDivisionError):
        return None
    return int(value) if value is not None and value == int(value) > 0 else None


def _number(
    node: ast.expr,
    known: dict[str, int],
    ladder: Sequence[int],
    windows: Mapping[str, int],
) -> Fraction | None:
    match node:
        case ast.Constant(int(value)):
            return Fraction(value)
        case ast.Name(name):
            return Fraction(_symbol(name, known, ladder, windows))
        case ast.BinOp(left, op, right):
            one = _number(left, known, ladder, windows)
            other = _number(right, known, ladder, windows)
            if one is None or other is None:
                return None
            match op:
                case ast.Add():
                    return one + other
                case ast.Sub():
                    return one - other
                case ast.Mult():
                    return one * other
                case ast.Div() | ast.FloorDiv():
                    return one / other
    return None


def _symbol(
    name: str, known: dict[str, int], ladder: Sequence[int], windows: Mapping[str, int]
) -> int:
    if name not in known:
        known[name] = windows.get(name) or ladder[len(known) % len(ladder)]
    return known[name]
