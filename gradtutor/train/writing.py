"""Files written whole or not at all: a failure leaves the old one."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gradtutor.render.picture import write_bytes


def write_text(path: Path, text: str) -> None:
    """Replace a text file in one step."""
    write_bytes(path, text.encode())


def write_bytes_with(path: Path, write: Callable[[Any], object]) -> None:
    """Replace a file by what ``write`` puts into a binary file object."""
    buffer = io.BytesIO()
    write(buffer)
    write_bytes(path, buffer.getvalue())
