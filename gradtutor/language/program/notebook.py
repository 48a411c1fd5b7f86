r"""A notebook's cells of code as one program.

>>> notebook_text('{"cells": [{"cell_type": "code", "source": ["x = 1"]}]}')
'# ---- cell 1 ----\nx = 1\n'
"""

from __future__ import annotations

import ast
import json
from typing import Any

#: Starts of lines that IPython reads and Python does not.
MAGIC = ("%", "!", "?")


def notebook_text(text: str) -> str:
    """Return the code of a notebook; a text that is none comes back as it is.

    Magic lines (``%matplotlib inline``, ``!pip install``) become comments, so that
    lines keep their numbers within a cell.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return without_magic(text)
    cells = found.get("cells") if isinstance(found, dict) else None
    if not isinstance(cells, list):
        return text
    parts = []
    for number, cell in enumerate(cells, start=1):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            lines = _source(cell).split("\n")
            parts += [f"# ---- cell {number} ----", *map(_plain, lines)]
    return "\n".join(parts) + "\n"


def without_magic(text: str) -> str:
    """Comment out the lines of a pasted cell that only IPython reads."""
    if not any(line.lstrip().startswith(MAGIC) for line in text.split("\n")):
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
    magic = bare.startswith(MAGIC) or (bare.endswith("?") and "#" not in bare)
    return f"{line[: len(line) - len(line.lstrip())]}pass  # {bare}" if magic else line
