"""Print Markdown, tables and pictures: styled on a terminal, plain elsewhere."""

from __future__ import annotations

import io
import os
import re
from typing import Any

from rich.console import Console
from rich.markdown import Markdown

from gradtutor.course.shown.display import WIDTH, wrapped_markdown
from gradtutor.course.shown.prose import prose_reader

#: Two blank lines or more; rich fills those around code with spaces and colours.
BLANK_LINES = re.compile(r"\n(?:(?:\x1b\[[\d;]*m|[ ])*\n){2,}")


def width() -> int:
    """Return the columns to fill: those of the terminal, at most 80."""
    return min(Console().width, WIDTH)


def markdown_text(text: str, *, styled: bool) -> str:
    """Return Markdown as it is printed.

    Parameters
    ----------
    styled : bool
        With rich's styles, for a terminal; else wrapped text.
    """
    columns = width()
    if not styled:
        return wrapped_markdown(text, columns)
    shown = wrapped_markdown(text, columns - 2, end="  ")
    page = Markdown("", code_theme="ansi_dark")
    page.parsed = prose_reader().parse(
        shown
    )  # rich's own reader takes 2*3*4 for 2, 3, 4
    text = printed(page, columns, styled=True)
    return BLANK_LINES.sub("\n\n", text)


def printed(item: Any, columns: int = WIDTH, *, styled: bool) -> str:
    """Return what rich prints of a table or of Markdown."""
    file = io.StringIO()
    colours = styled and not os.environ.get("NO_COLOR")
    console = Console(
        file=file,
        width=columns,
        force_terminal=styled,
        no_color=not colours,
        highlight=False,
    )
    console.print(item)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())
