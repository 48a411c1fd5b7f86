"""The numbers on a wire as graphviz's HTML, and how wide they are."""

from __future__ import annotations

from dataclasses import replace
from html import escape

from gradtutor.render.drawing import BLANK, DrawnWire, Label
from gradtutor.render.dressing.names import in_lines, shown
from gradtutor.render.style import Colours, text_width
from gradtutor.render.writers.dot_heat import heat_height, heat_html, heat_width

CELL_GAP = 8  # points between a tensor's numbers
LINE = 19  # points of a line of text
#: Beside upright text it makes the layout program put both texts on one line: it sets
#: text of several kinds a little higher than text of one.
LEVEL = '<font point-size="1"> </font>'
#: Of a box in which a number is to be written, in points.
BOX = 'border="1" width="44" height="19" fixedsize="true"'


def wire_table(wire: DrawnWire, colours: Colours, direction: str) -> str:
    """Write both numbers of a wire: above and below it, or left and right."""
    value, gradient, c = wire.value, wire.gradient, colours
    if wire.weight == "faint":
        c = replace(c, value=c.faint, gradient=c.faint, ink=c.faint)
    elif wire.weight == "strong":
        c = replace(c, ink=c.gradient)
    level = "" if direction == "LR" else LEVEL
    paint = [_clear if one.hidden else str for one in (value, gradient)]
    above = label_html(value, c, level=level)
    above = f'<font color="{paint[0](c.value)}">{above}</font>'
    below = label_html(gradient, c, slanted=True)
    below = f'<font color="{paint[1](c.gradient)}">{below}</font>'
    frame = (
        '<table border="0" cellborder="0" cellspacing="0" cellpadding="2"'
        f' color="{c.ink}">'
    )
    if direction == "LR":
        up, down = cells_of_one_height(value, gradient)
        rows = f"<tr>{up}{above}</td></tr><HR/><tr>{down}{below}</td></tr>"
        return f"{frame}{rows}</table>"
    # Cells of one width, so that the bar between them is the wire itself.
    size = f'width="{max(label_width(value), label_width(gradient)) + 6}"'
    left = f'<td {size} align="right">{above}</td>'
    right = f'<td {size} align="left">{below}</td>'
    return f"{frame}<tr>{left}<VR/>{right}</tr></table>"


def _clear(colour: str) -> str:
    """Return a colour that cannot be seen, of a text whose room is kept."""
    return f"{colour}00"


def label_width(label: Label) -> int:
    """Return about how many points wide a label is, rather too many than too few."""
    lines = [shown(one) for one in in_lines(label.head)]
    lines += [shown(label.number)] if label.shape else []
    widths = [text_width(line) for line in lines or [""]]
    if label.heat is not None:
        widths.append(heat_width(label.heat))
    columns = zip(*label.rows, strict=True)
    cells = [max(text_width(shown(cell)) for cell in one) for one in columns]
    return max(*widths, sum(cells) + CELL_GAP * (len(cells) + 1))


def label_height(label: Label) -> float:
    """Return about how many points high a label is."""
    lines = LINE * max(1, len(in_lines(label.head)))
    if label.heat is not None:
        return lines + heat_height(label.heat)
    if label.rows:
        row = LINE + CELL_GAP + 3 * (BLANK in label.rows[0])
        return lines + len(label.rows) * row + CELL_GAP
    return lines + LINE * bool(label.shape and label.number)


def cells_of_one_height(value: Label, gradient: Label) -> tuple[str, str]:
    """Return the cells' tags, so that the line between them is the wire itself."""
    if BLANK in (value.number, gradient.number):
        return '<td height="28">', '<td height="28">'
    high, low = (label_height(one) for one in (value, gradient))
    if high == low:
        return "<td>", "<td>"
    size = f'height="{max(high, low) + 10:.0f}"'
    return f'<td {size} valign="bottom">', f'<td {size} valign="top">'


def label_html(
    label: Label, colours: Colours, *, slanted: bool = False, level: str = ""
) -> str:
    """Write a label as graphviz's HTML, a gradient's in italics.

    ``level`` follows each text, to bring it to the height of another beside it; the
    ink of the colours frames the boxes in which numbers are to be written.
    """
    ink = colours.ink
    if label.number == BLANK and not label.shape:
        return _box_to_fill(escape(shown(label.title)), ink)
    style = "<i>{}</i>" if slanted else "{}" + level
    head = "<br/>".join(escape(shown(one)) for one in in_lines(label.head))
    if label.heat is not None:
        return heat_html(style.format(head), label.heat, colours)
    if not label.rows:
        parts = [head, escape(shown(label.number))] if label.shape else [head]
        return style.format("<br/>".join(parts) or " ")
    cells = "".join(
        "<tr>"
        + "".join(_cell(style.format(shown(cell)), cell == BLANK, ink) for cell in row)
        + "</tr>"
        for row in label.rows
    )
    return (
        f'<table border="0" cellborder="0" cellspacing="{CELL_GAP}" cellpadding="0">'
        f'<tr><td colspan="{len(label.rows[0])}">{style.format(head)}</td></tr>'
        f"{cells}</table>"
    )


def _box_to_fill(title: str, ink: str) -> str:
    """Write an empty box after what it is to hold."""
    before = f"<td>{title} = </td>" if title else ""
    return (
        '<table border="0" cellborder="0" cellspacing="2" cellpadding="0">'
        f'<tr>{before}<td {BOX} color="{ink}"> </td></tr></table>'
    )


def _cell(text: str, blank: bool, ink: str) -> str:
    """Write a number of a tensor, or the box for it."""
    if blank:
        return f'<td {BOX} color="{ink}"> </td>'
    return f'<td align="right">{text}</td>'
