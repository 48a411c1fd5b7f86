"""Documents as Markdown, pictures in files beside it."""

from __future__ import annotations

import string

from gradtutor.teach.document import (
    Block,
    Choices,
    Document,
    Fields,
    Figure,
    Grid,
    Heading,
    Prose,
)
from gradtutor.teach.words import before


def markdown(document: Document, pictures: str) -> str:
    """Return a document as Markdown.

    Parameters
    ----------
    pictures : str
        The folder of the pictures as a link has it; each is ``NAME.svg`` there.
    """
    parts = [_block(block, pictures) for block in document.blocks]
    return "\n\n".join(part for part in parts if part) + "\n"


def _block(block: Block, pictures: str) -> str:
    match block:
        case Heading():
            aside = f" ({block.aside})" if block.aside else ""
            return f"{'#' * block.level} {block.text}{aside}"
        case Prose():
            return block.text
        case Fields():
            filled = block.filled or ("",) * len(block.labels)
            pairs = zip(block.labels, filled, strict=True)
            return "  ".join(
                f"{before(label)}{text or '_' * 16}" for label, text in pairs
            )
        case Choices():
            rows = zip(string.ascii_lowercase, block.texts, strict=False)
            return "\n".join(f"- {letter}) {text}" for letter, text in rows)
        case Figure():
            return f"![{block.caption or block.name}]({pictures}/{block.name}.svg)"
        case Grid():
            return grid_text(block)
    return ""


def grid_text(grid: Grid) -> str:
    """Return a table of Markdown."""
    head, *rest = [f"| {' | '.join(row)} |" for row in grid.rows]
    rule = "|" + " --- |" * len(grid.rows[0])
    return "\n".join([head, rule, *rest])
