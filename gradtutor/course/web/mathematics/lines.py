r"""A block of formulas, line below line, words between them, as one display.

>>> display("u = 3·x       du/dx = 3").count("<mtd")
4
>>> unread("p = q +")
['p = q +']
"""

from __future__ import annotations

import re
from html import escape

from gradtutor.course.web.mathematics.formula import RELATIONS, formula
from gradtutor.course.web.mathematics.parts import Part, row, sign, words

#: What a piece of a line begins with that goes on with the piece before it.
GOES_ON = re.compile(r"(?:[=≈≠<>≤≥←→+*·×/@]|-[ >])")
ENDS = ",;:，；：。."
WORD = re.compile(r"[A-Za-z]{3,}(?:-[A-Za-z]+)*|[一-鿿]+|that is")


def display(text: str) -> str:
    """Return lines of formulas as an element of MathML, = below =."""
    groups = [one for one in re.split(r"\n\s*\n", text.strip("\n")) if one.strip()]
    return f'<div class="math">{"".join(map(_table, groups))}</div>\n'


def _table(text: str) -> str:
    lines = [_pieces(line) for line in text.splitlines()]
    cells = [[cell for piece in line for cell in _cells(piece)] for line in lines]
    rows = "".join(_row(line, max(map(len, cells))) for line in cells)
    said = escape("; ".join(" ".join(line.split()) for line in text.splitlines()))
    return (
        f'<math display="block" alttext="{said}" aria-label="{said}">'
        f"<mtable>{rows}</mtable></math>"
    )


def unread(text: str) -> list[str]:
    """Return the pieces of which signs of mathematics were left among the words."""
    pieces = [piece for line in text.splitlines() for piece in _pieces(line)]
    return [one for one in pieces if any(map(_has_signs, _said(one)))]


def _said(piece: str) -> list[str]:
    """Return the words of a piece."""
    parts = _parts(piece)
    return [one.text for one in parts if one.tag == "mtext"] if parts else [piece]


def _has_signs(text: str) -> bool:
    return any(one in text for one in "=+*/^≈←∂Σ·×")


def _row(cells: list[Part | None], wide: int) -> str:
    """Write a row; an empty cell keeps its place."""
    all_ = [*cells, *[None] * (wide - len(cells))]
    return f"<mtr>{''.join(_cell(one, n) for n, one in enumerate(all_))}</mtr>"


def _cell(part: Part | None, place: int) -> str:
    side = "left" if place % 2 else "right"
    return f'<mtd class="{side}">{part.markup() if part else ""}</mtd>'


def _pieces(line: str) -> list[str]:
    """Cut a line where several spaces stand outside of brackets."""
    found, depth = [""], 0
    for piece in re.split(r"(\s{2,})", line.strip()):
        if piece.isspace() and depth <= 0:
            found.append("")
            continue
        found[-1] += piece
        depth += sum(map(piece.count, "([")) - sum(map(piece.count, ")]"))
    joined: list[str] = []
    for piece in found:
        if joined and (GOES_ON.match(piece) or not joined[-1]):
            joined[-1] = f"{joined[-1]} {piece}"
        else:
            joined.append(piece)
    return joined


def _cells(piece: str) -> tuple[Part | None, Part | None]:
    """Return a piece as two cells, the second from its first relation on."""
    parts = _parts(piece)
    if not parts:
        return None, words(piece)
    inside = parts[0].children if parts[0].tag == "mrow" else ()
    at = next((n for n, one in enumerate(inside) if _relates(one)), 0)
    if at:
        return row(*inside[:at]), row(*inside[at:], *parts[1:])
    return None, row(*parts)


def _relates(part: Part) -> bool:
    return part.tag == "mo" and part.text in RELATIONS.values()


def _parts(piece: str) -> list[Part]:
    """Return the longest formula in a piece, with the words before and behind it."""
    chunks = piece.split(" ")
    for size in range(len(chunks), 0, -1):
        for start in range(len(chunks) - size + 1):
            before, rest = chunks[:start], chunks[start + size :]
            made = _made(chunks[start : start + size], alone=not before + rest)
            if made and _depth(before) == 0:
                first = [words(f"{' '.join(before)} ")] if before else []
                return [*first, *made, *([words(f" {' '.join(rest)}")] if rest else [])]
    return []


def _made(chunks: list[str], *, alone: bool) -> list[Part]:
    """Return a formula and what ends its sentence; a word is none."""
    text, last = _ended(" ".join(chunks))
    found = formula(text)
    if found is None or WORD.fullmatch(text):
        return []
    if not alone and found.tag in ("mi", "mn"):
        return []
    return [found, sign(last)] if last else [found]


def _ended(text: str) -> tuple[str, str]:
    """Return a text without what ends a sentence, and that."""
    ends = text[-1:] in tuple(ENDS) and not text.endswith("...")
    return (text[:-1], text[-1]) if ends else (text, "")


def _depth(chunks: list[str]) -> int:
    """Return how many brackets are open behind some text."""
    return sum(one.count("(") + one.count("（") for one in chunks) - sum(
        one.count(")") + one.count("）") for one in chunks
    )
