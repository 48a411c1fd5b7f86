"""A map of colours as graphviz's HTML: a cell a number, and a legend below."""

from __future__ import annotations

from gradtutor.render.dressing.names import shown
from gradtutor.render.heat import Heat, heat_colour
from gradtutor.render.style import Colours, text_width

TABLE = '<table border="{}" cellborder="0" cellspacing="{}" cellpadding="0"{}>'
LEGEND_HEIGHT = 26  # with the gaps round it
LEGEND = 'width="6" height="8" fixedsize="true"'


def heat_html(head: str, heat: Heat, colours: Colours) -> str:
    """Write a map between its shape and its legend."""
    side = f'width="{heat.cell:g}" height="{heat.cell:g}" fixedsize="true"'
    rows = [[_cell(x, side, heat, colours) for x in row] for row in heat.cells]
    frame = f' color="{colours.faint}"'
    lines = [head] if head.strip() else []
    lines += [_table(rows, border=1, more=frame), _legend(heat, colours)]
    return _table([[f"<td>{line}</td>"] for line in lines], spacing=2)


def heat_width(heat: Heat) -> int:
    """Return about how many points wide a map and its legend are."""
    texts = text_width(shown(heat.low) + shown(heat.high)) * 10 / 14
    legend = texts + 6 * len(heat.legend) + 12
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
        f'<td><font point-size="10">{text}</font></td>'
        for text in (f"{shown(heat.low)} ", f" {shown(heat.high)}")
    )
    scale = [_cell(x, LEGEND, heat, colours) for x in heat.legend]
    return _table([[low, *scale, high]])


def _cell(share: float | None, size: str, heat: Heat, colours: Colours) -> str:
    if share is None:
        return f"<td {size}></td>"
    return f'<td {size} bgcolor="{heat_colour(share, heat, colours)}"></td>'
