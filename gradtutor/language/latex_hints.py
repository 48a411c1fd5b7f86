r"""LaTeX that people paste: not read, but told how it is written here.

>>> latex_hint(r"W = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}")
'write a matrix as a list of rows: [[1, 2], [3, 4]]'
>>> latex_hint(r"\begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}")
'write cases as where(x > 0, x, 0)'
>>> latex_hint(r"\frac{1}{x}")
'write \\frac{a}{b} as (a)/(b)'
"""

from __future__ import annotations

import re

BLOCK = re.compile(r"\\begin\{(\w+)\*?\}(.*?)\\end\{\1\*?\}", re.DOTALL)
#: What a command is here, in the order of what is told first.
COMMANDS = {
    "frac": r"write \frac{a}{b} as (a)/(b)",
    "sqrt": r"write \sqrt{x} as sqrt(x)",
    "sum": r"write \sum as sum(x), of a tensor x",
    "cdot": "write a product with *: a*b",
    "times": "write a product with *: a*b",
    "left": r"leave out \left and \right: ( and ) are enough",
}
PLAIN = "write it as a line of text: (a + b)/c, sqrt(x), exp(-x), x^2"
READ = 10_000  # characters of a text that are looked at
LONGEST = 120  # characters of a matrix that is written out in a message


def latex_hint(text: str) -> str:
    """Return how the first thing of LaTeX in a text is written in a formula."""
    text = text[:READ]
    block = BLOCK.search(text)
    if block:
        rows = [row.split("&") for row in re.split(r"\\\\", block[2]) if row.strip()]
        cells = [[_cell(cell) for cell in row] for row in rows]
        return _cases(cells) if block[1] == "cases" else _matrix(cells)
    found = re.findall(r"\\([a-zA-Z]+)", text)
    known = (COMMANDS[name] for name in found if name in COMMANDS)
    greek = f"leave out the backslash: {found[0]}" if found else PLAIN
    return next(known, greek if len(found) == 1 else PLAIN)


def _cell(text: str) -> str:
    """Write a cell in the language, as far as that takes no reading."""
    words = re.sub(r"\\text\w*\{([^}]*)\}", r"\1", text)
    signs = {r"\geq": ">=", r"\ge": ">=", r"\leq": "<=", r"\le": "<=", "≥": ">="}
    for sign, plain in (signs | {"≤": "<="}).items():
        words = words.replace(sign, plain)
    return " ".join(words.split()).rstrip(" ,")


def _matrix(cells: list[list[str]]) -> str:
    rows = ", ".join(f"[{', '.join(row)}]" for row in cells)
    shown = f"[{rows}]"
    if "\\" in shown or len(shown) > LONGEST:
        shown = "[[1, 2], [3, 4]]"
    return f"write a matrix as a list of rows: {shown}"


def _cases(cells: list[list[str]]) -> str:
    """Nest where(condition, value, rest); the last case is the rest."""
    shape = [len(row) for row in cells]
    if len(cells) < 2 or set(shape[:-1]) != {2} or shape[-1] > 2:
        return "write cases as where(x > 0, x, 0)"
    written = cells[-1][0]
    for value, condition in reversed(cells[:-1]):
        written = f"where({re.sub(r'^(if|for) ', '', condition)}, {value}, {written})"
    if "\\" in written or len(written) > LONGEST:
        written = "where(x > 0, x, 0)"
    return f"write cases as {written}"
