"""Documents as one HTML file, pictures inside, made to be printed."""

from __future__ import annotations

import base64
import string
from html import escape
from pathlib import Path

from gradtutor.teach.document import (
    Block,
    Choices,
    Document,
    Fields,
    Figure,
    Grid,
    Heading,
    Prose,
    Space,
)
from gradtutor.teach.formats.markdown import grid_text
from gradtutor.teach.words import before

STYLE = Path(__file__).with_name("sheet.css")


def html(document: Document) -> str:
    """Return a document as a page that needs no other file."""
    body = "\n".join(_block(block) for block in document.blocks)
    return (
        f'<!doctype html>\n<html lang="{document.language}">\n<head>\n'
        '<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(document.title)}</title>\n<style>{STYLE.read_text(encoding='utf-8')}</style>\n"
        f"</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def html_of_markdown(text: str, *, inline: bool = False) -> str:
    """Return Markdown as HTML; what is HTML in it is shown as text."""
    from gradtutor.course.shown.prose import prose_reader

    reader = prose_reader()
    done = reader.renderInline(text) if inline else reader.render(text)
    return str(done).strip()


def _block(block: Block) -> str:
    match block:
        case Heading():
            aside = f"<small>{escape(block.aside)}</small>" if block.aside else ""
            return f"<h{block.level}>{escape(block.text)}{aside}</h{block.level}>"
        case Prose():
            return html_of_markdown(block.text)
        case Fields():
            return _fields(block)
        case Choices():
            return choices_html(block.texts)
        case Figure():
            return f"<figure>{image(block)}</figure>"
        case Grid():
            return html_of_markdown(grid_text(block))
        case Space():
            return f'<div style="height: {7 * block.lines}mm"></div>'


def _fields(block: Fields) -> str:
    filled = block.filled or ("",) * len(block.labels)
    pairs = zip(block.labels, filled, strict=True)
    spans = [
        f"{escape(before(label))}<span>{escape(text)}</span>" for label, text in pairs
    ]
    return f'<div class="fields">{"".join(spans)}</div>'


def choices_html(texts: tuple[str, ...]) -> str:
    """Return options with their letters."""
    rows = zip(string.ascii_lowercase, texts, strict=False)
    items = [f"<li>{html_of_markdown(text, inline=True)}</li>" for _, text in rows]
    return f"<ol>{''.join(items)}</ol>"


def image(figure: Figure) -> str:
    """Return a picture with its data inside."""
    data = base64.b64encode(figure.svg).decode()
    alt = escape(figure.caption or figure.name)
    return f'<img alt="{alt}" src="data:image/svg+xml;base64,{data}">'
