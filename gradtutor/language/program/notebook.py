r"""A notebook's cells of code as one program.

>>> notebook_text('{"cells": [{"cell_type": "code", "source": ["x = 1"]}]}')
'# ---- cell 1 ----\nx = 1\n'
"""

from __future__ import annotations

import ast
import json
import re
from typing import Any

from gradtutor.language.errors import SourceError
from gradtutor.messages import tr

#: Starts of lines that IPython reads and Python does not.
MAGIC = ("%", "!", "?")
#: Magics of a whole cell whose text is Python all the same.
PYTHON_CELLS = ("time", "timeit", "capture", "prun", "writefile", "python", "python3",
                "tutor", "memit", "debug", "skip")  # fmt: skip
#: What runs a statement and says how long it took.
TIMED = re.compile(r"%(?:time|prun|memit)\s+(?!-)(?=\S)")
#: A name that takes what a magic or the shell answers: ``files = !ls``.
ANSWERED = re.compile(r"([A-Za-z_]\w*)\s*=\s*[%!](?=\S)")


def notebook_text(text: str) -> str:
    """Return the code of a notebook; a text that is none comes back as it is.

    Magic lines (``%matplotlib inline``, ``!pip install``) become comments, so that
    lines keep their numbers within a cell.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        if text.lstrip()[:1] == "{" and '"cells"' in text:
            raise _broken(text, error) from None
        return without_magic(text)
    cells = found.get("cells") if isinstance(found, dict) else None
    if not isinstance(cells, list):
        return text
    parts = []
    for number, cell in enumerate(cells, start=1):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            lines = _source(cell).split("\n")
            parts += [f"# ---- cell {number} ----", *_of_cell(lines)]
    return "\n".join(parts) + "\n"


def _broken(text: str, error: Exception) -> SourceError:
    """Return the error of a notebook whose JSON cannot be read, at its place."""
    at = min(getattr(error, "pos", 0), max(0, len(text.rstrip()) - 1))
    message = tr("this notebook is broken: its JSON ends or goes wrong here")
    hint = tr("open it in Jupyter and save it again, or give its code as a .py file")
    return SourceError(message, text, (at, at + 1), hint)


def _of_cell(lines: list[str]) -> list[str]:
    """Return a cell's lines; one of another language (``%%bash``) as comments."""
    first = next((line.strip() for line in lines if line.strip()), "")
    word = first.removeprefix("%%").split(" ")[0] if first.startswith("%%") else ""
    if word and word not in PYTHON_CELLS:
        return [f"# {line}" for line in lines]
    return [_plain(line) for line in lines]


def without_magic(text: str) -> str:
    """Comment out the lines of a pasted cell that only IPython reads."""
    bare = [line.strip() for line in text.split("\n")]
    if not any(one.startswith(MAGIC) or ANSWERED.match(one) for one in bare):
        return text
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "\n".join(map(_plain, text.split("\n")))
    return text


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _plain(line: str) -> str:
    """Comment out what only IPython reads; a line ending in ? asks for help."""
    bare = line.strip()
    if timed := TIMED.match(bare):
        return line.replace(timed[0], "", 1)
    if answered := ANSWERED.match(bare):
        return f"{line[: len(line) - len(line.lstrip())]}{answered[1]} = []  # {bare}"
    magic = bare.startswith(MAGIC) or (bare.endswith("?") and "#" not in bare)
    return f"{line[: len(line) - len(line.lstrip())]}pass  # {bare}" if magic else line
