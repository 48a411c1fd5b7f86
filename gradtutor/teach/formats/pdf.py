"""Documents as PDF, by typst's wheel: no TeX, no browser, no font of the machine."""

from __future__ import annotations

import string
import tempfile
from collections.abc import Sequence
from pathlib import Path

from gradtutor.messages import tr
from gradtutor.messages.font import chinese_font
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
from gradtutor.teach.formats.typst_markup import code, of_markdown, quoted
from gradtutor.teach.words import before
from gradtutor.train.datasets.catalog import MissingPackageError

FRAME = """#set page(paper: "a4", margin: 18mm, numbering: "1 / 1")
#set text(font: {fonts}, size: 11pt, lang: "{language}")
#show raw: set text(font: {mono}, size: 10pt)
#show raw.where(block: true): it => block(
  fill: luma(244), inset: 8pt, width: 100%, breakable: false, it)
#set table(stroke: 0.4pt + luma(100), inset: 6pt)
#let field(label, filled) = box(width: 1fr)[#label#box(
  width: 1fr, stroke: (bottom: 0.4pt), inset: (bottom: 2pt))[#filled#sym.zws]]
#let title(level, body, aside) = block(above: 16pt, below: 8pt, sticky: true)[
  #text(size: if level == 1 {{ 17pt }} else {{ 12.5pt }}, weight: "bold", body)
  #h(1fr) #text(fill: luma(80), aside)]
"""


def pdf(document: Document) -> bytes:
    """Return a document as PDF.

    Raises
    ------
    MissingPackageError
        When typst is not installed.
    """
    try:
        import typst
    except ImportError:
        raise MissingPackageError(
            tr("a PDF needs typst: pip install 'gradtutor[teach]', or write .html")
        ) from None
    fonts = chinese_font()
    with tempfile.TemporaryDirectory() as folder:
        for figure in document.figures:
            (Path(folder) / f"{figure.name}.svg").write_bytes(figure.svg)
        path = Path(folder) / "sheet.typ"
        path.write_text(typst_text(document), encoding="utf-8")
        return bytes(
            typst.compile(str(path), font_paths=[str(fonts.parent)] if fonts else [])
        )


def typst_text(document: Document) -> str:
    """Return a document in typst's markup."""
    fonts = '("Libertinus Serif", "Noto Sans SC")'
    if document.language == "zh":
        fonts = '("Noto Sans SC", "Libertinus Serif")'
    mono = '("DejaVu Sans Mono", "Noto Sans SC")'
    head = FRAME.format(fonts=fonts, mono=mono, language=document.language)
    groups = _exercises(document.blocks)
    kept = ["\n\n".join(_block(block) for block in group) for group in groups]
    whole = [f"#block(breakable: false, width: 100%)[\n{text}\n]" for text in kept]
    return head + "\n\n".join(whole) + "\n"


def _exercises(blocks: Sequence[Block]) -> list[list[Block]]:
    """Group blocks so that no exercise is torn by a page's end."""
    groups: list[list[Block]] = []
    for block in blocks:
        if isinstance(block, Heading) or not groups:
            groups.append([])
        groups[-1].append(block)
    return groups


def _block(block: Block) -> str:
    match block:
        case Heading():
            words = f"[{quoted(block.text)}], [{quoted(block.aside)}]"
            return f"#title({block.level}, {words})"
        case Prose():
            return of_markdown(block.text)
        case Fields():
            filled = block.filled or ("",) * len(block.labels)
            pairs = zip(block.labels, filled, strict=True)
            made = [f"#field([{quoted(before(a))}], [{quoted(b)}])" for a, b in pairs]
            return " #h(8mm) ".join(made)
        case Choices():
            lettered = zip(string.ascii_lowercase, block.texts, strict=False)
            return " \\\n".join(f"{a}) {of_markdown(text)}" for a, text in lettered)
        case Figure():
            return f"#image({code(block.name + '.svg')}, width: {_width(block)})"
        case Grid():
            cells = [f"[{of_markdown(cell)}]" for row in block.rows for cell in row]
            columns = (
                f"{len(block.rows[0])}"
                if not block.to_fill
                else (f"({'1fr, ' * len(block.rows[0])})")
            )
            rows = "rows: (auto, 24pt), " if block.to_fill else ""
            return f"#table(columns: {columns}, {rows}{', '.join(cells)})"
        case Space():
            return f"#v({7 * block.lines}mm)"


def _width(figure: Figure) -> str:
    """Return a width: the picture's own, or that of the page where it is wider."""
    head = figure.svg[:2000].decode("utf-8", "replace")
    _, _, rest = head.partition('width="')
    number = rest.partition('pt"')[0]
    try:
        points = float(number)
    except ValueError:
        return "100%"
    return "100%" if points > 480 else f"{points:g}pt"
