r"""A derivation's lines, laid out for a terminal, as Markdown or as LaTeX.

>>> page = [Heading("Sum"), Row(("∂f/∂x", "1"), "constant")]
>>> print(plain(page))
Sum
  constant  ∂f/∂x = 1
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from gradtutor.messages.cells import cells, padded

if TYPE_CHECKING:
    from gradtutor.calculus.index.sentences import Line


@dataclass(frozen=True)
class Heading:
    """The title of what follows."""

    text: str


@dataclass(frozen=True)
class Say:
    """A sentence; formulas in it stand between dollar signs in LaTeX and Markdown."""

    text: str


@dataclass(frozen=True)
class Row:
    """Formulas joined by =, with words in front and a note, a formula too, behind."""

    chain: tuple[str, ...]
    label: str = ""
    note: str = ""
    indent: int = 1

    @property
    def formula(self) -> str:
        """The formulas as one, each once in a row, empty ones left out."""
        return " = ".join(text for text, _ in groupby(filter(None, self.chain)))


@dataclass(frozen=True)
class ProofLines:
    """The lines of a proof, formulas between dollar signs in LaTeX."""

    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """The lines as plain text."""
        return "\n".join(line.written() for line in self.lines)

    @property
    def latex(self) -> str:
        """The lines as LaTeX, a paragraph each."""
        from gradtutor.explain.notation.latex_proofs import PROOF_LATEX

        return "\n\n".join(line.written(PROOF_LATEX) for line in self.lines)


Block = Heading | Say | Row | ProofLines


def plain(blocks: Sequence[Block]) -> str:
    """Lay out for a terminal: the words of neighbouring rows in one column."""
    lines: list[str] = []
    for (kind, _), group in groupby(blocks, _alike):
        items = list(group)
        if kind is Row:
            lines += _columns(items)  # type: ignore[arg-type]
        elif kind is Heading:
            for item in items:
                lines += [""] * bool(lines) + [item.text]  # type: ignore[union-attr]
        else:
            lines += ["  " * (kind is Say) + item.text for item in items]  # type: ignore[union-attr]
    return "\n".join(lines)


def _alike(block: Block) -> tuple[type, bool]:
    return type(block), isinstance(block, Row) and bool(block.label)


def _columns(rows: list[Row]) -> list[str]:
    width = max(cells(row.label) for row in rows)
    lines = []
    for row in rows:
        label = padded(row.label, width + 2) if width else ""
        note = f"   {row.note}" if row.note else ""
        lines.append("  " * row.indent + label + row.formula + note)
    return lines


def markdown(blocks: Sequence[Block]) -> str:
    """Lay out as Markdown with formulas between dollar signs, as GitHub shows them."""
    form: dict[type, Callable[..., str]] = {
        Heading: lambda item: f"\n### {item.text}\n",
        Say: lambda item: f"\n{item.text}\n",
        ProofLines: lambda item: f"\n```text\n{item.text}\n```\n",
        Row: _item,
    }
    text = "\n".join(form[type(item)](item) for item in blocks)
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.strip("\n")


def _item(row: Row) -> str:
    label = f"{row.label}: " if row.label else ""
    note = f" {row.note}" if row.note else ""
    return "  " * (row.indent - 1) + f"- {label}${row.formula}${note}"


def latex(blocks: Sequence[Block]) -> str:
    """Lay out as LaTeX: text, and every row a displayed formula."""
    form: dict[type, Callable[..., str]] = {
        Heading: lambda item: f"\n\\paragraph{{{_escaped(item.text)}}}",
        Say: lambda item: f"{_escaped(item.text)}\n",
        ProofLines: lambda item: item.latex,
        Row: _display,
    }
    return "\n".join(form[type(item)](item) for item in blocks).strip("\n")


def _display(row: Row) -> str:
    """Display the formula, its note behind it."""
    note = r" \qquad " + row.note.replace("$", "") if row.note else ""
    return f"{_escaped(row.label)}\n\\[ {row.formula}{note} \\]".lstrip("\n")


def _escaped(text: str) -> str:
    """Protect what is special in LaTeX's text, outside of formulas."""
    parts = text.split("$")
    for i in range(0, len(parts), 2):
        for sign in "_%&#":
            parts[i] = parts[i].replace(sign, f"\\{sign}")
    return "$".join(parts)
