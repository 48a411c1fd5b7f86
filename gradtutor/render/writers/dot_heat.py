"""A map of colours as graphviz's HTML: a cell a number, and a legend below."""

from __future__ import annotations

from collections.abc import Sequence

from gradtutor.render.dressing.names import shown
from gradtutor.render.heat import Heat, heat_colour, tint
from gradtutor.render.style import Colours, text_width

TABLE = '<table border="{}" cellborder="0" cellspacing="{}" cellpadding="0"{}>'
LEGEND_HEIGHT = 26  # with the gaps round it
#: Of the full colour; less is paper, which makes a picture's file half as large.
FAINTEST = 0.015
SWATCH = (6, 8)  # points of a colour of the legend


def heat_html(head: str, heat: Heat, colours: Colours) -> str:
    """Write a map between its shape and its legend."""
    size = (heat.cell, heat.cell)
    drawn = _squares(heat.cells, size, heat, colours, border=1)
    lines = [head] if head.strip() else []
    lines += [drawn, _legend(heat, colours)]
    return _table([[f"<td>{line}</td>"] for line in lines], spacing=2)


def heat_width(heat: Heat) -> int:
    """Return about how many points wide a map and its legend are."""
    texts = text_width(shown(heat.low) + shown(heat.high)) * 10 / 14
    legend = texts + SWATCH[0] * len(heat.legend) + 12
    return round(max(heat.columns * heat.cell + 8, legend))


def heat_height(heat: Heat) -> float:
    """Return about how many points high a map and its legend are."""
    return len(heat.cells) * heat.cell + LEGEND_HEIGHT


def _table(
    rows: list[list[str]], *, border: int = 0, spacing: int = 0, more: str = ""
) -> str:
    inside = "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return f"{TABLE.format(border, spacing, more)}{inside}</table>"


def _legend(heat: Heat, colours: Colours) -> str:
    """Write the smallest number, the colours up to the largest, the largest."""
    low, high = (
        f'<td align="{side}"><font point-size="10">{text}</font></td>'
        for side, text in (
            ("right", f"{shown(heat.low)} "),
            ("left", f" {shown(heat.high)}"),
        )
    )
    scale = _squares((heat.legend,), SWATCH, heat, colours)
    return _table([[low, f"<td>{scale}</td>", high]])


def _squares(
    rows: Sequence[Sequence[float | None]],
    size: tuple[float, float],
    heat: Heat,
    colours: Colours,
    *,
    border: int = 0,
) -> str:
    """Write rows of colours that keep their size, however wide their room is."""
    wide, high = size
    side = f'width="{wide:g}" height="{high:g}" fixedsize="true"'
    cells = [[_cell(x, side, heat, colours) for x in row] for row in rows]
    whole = wide * len(rows[0]) + 2 * border, high * len(rows) + 2 * border
    fixed = f' fixedsize="true" width="{whole[0]:g}" height="{whole[1]:g}"'
    return _table(cells, border=border, more=f'{fixed} color="{colours.faint}"')


def _cell(share: float | None, size: str, heat: Heat, colours: Colours) -> str:
    """Write a cell; one that could not be told from the paper stays empty."""
    if share is None or tint(share, heat, colours)[1] < FAINTEST:
        return f"<td {size}></td>"
    return f'<td {size} bgcolor="{heat_colour(share, heat, colours)}"></td>'
