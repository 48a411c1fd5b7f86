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
BOX_WIDTH = 44
BOX = f'border="1" width="{BOX_WIDTH}" height="{LINE}" fixedsize="true"'
BOX_GAP = 2  # round it


def wire_table(wire: DrawnWire, colours: Colours, direction: str) -> str:
    """Write both numbers of a wire: above and below it, or left and right."""
    value, gradient, c = wire.value, wire.gradient, colours
    if wire.weight == "faint":
        c = replace(c, value=c.faint, gradient=c.faint, ink=c.faint)
    elif wire.weight == "strong":
        c = replace(c, ink=c.gradient)
    level = "" if direction == "LR" else LEVEL
    up_c, down_c = (_clear(c) if one.hidden else c for one in (value, gradient))
    above = label_html(_kept(value), up_c, level=level)
    above = f'<font color="{up_c.value}">{above}</font>'
    below = label_html(_kept(gradient), down_c, slanted=True)
    below = f'<font color="{down_c.gradient}">{below}</font>'
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


def _clear(colours: Colours) -> Colours:
    """Return colours that cannot be seen, of a label whose room is kept."""
    names = ("value", "gradient", "ink", "faint")
    clear = {name: f"{getattr(colours, name)}00" for name in names}
    return replace(colours, **clear)


def _kept(label: Label) -> Label:
    """Return a label, of a hidden one without its map's colours."""
    if label.heat is None or not label.hidden:
        return label
    return replace(label, heat=label.heat.unseen)


def label_width(label: Label) -> int:
    """Return about how many points wide a label is, rather too many than too few."""
    lines = [] if _is_box(label) else [shown(one) for one in in_lines(label.head)]
    lines += [shown(label.number)] if label.shape else []
    widths = [_width(line) for line in lines or [""]]
    if _is_box(label):
        widths.append(
            _width(BLANK) + text_width(f"{shown(label.title)} = ") * bool(label.title)
        )
    if label.heat is not None:
        widths.append(heat_width(label.heat))
    columns = zip(*label.rows, strict=True)
    cells = [max(_width(shown(cell)) for cell in one) for one in columns]
    return max(*widths, sum(cells) + CELL_GAP * (len(cells) + 1))


def _width(text: str) -> int:
    """Return how wide a line is, or the box that stands for a number."""
    return BOX_WIDTH + 2 * BOX_GAP if text == BLANK else text_width(text)


def _is_box(label: Label) -> bool:
    """Whether a single number is to be filled in."""
    return label.number == BLANK and not label.shape


def label_height(label: Label) -> float:
    """Return about how many points high a label is."""
    lines = LINE * max(1, len(in_lines(label.head)))
    if label.heat is not None:
        return lines + heat_height(label.heat)
    if label.rows:
        row = LINE + CELL_GAP + 3 * (BLANK in label.rows[0])
        return lines + len(label.rows) * row + CELL_GAP
    box = 3 * BOX_GAP * (label.number == BLANK)
    return lines + box + LINE * bool(label.shape and label.number)


def cells_of_one_height(value: Label, gradient: Label) -> tuple[str, str]:
    """Return the cells' tags, so that the line between them is the wire itself."""
    high, low = (label_height(one) for one in (value, gradient))
    single = not (value.shape or gradient.shape)
    if single and (_is_box(value) or _is_box(gradient)):
        return '<td height="28">', '<td height="28">'
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
    if _is_box(label):
        return _box_to_fill(escape(shown(label.title)), ink)
    style = "<i>{}</i>" if slanted else "{}" + level
    head = "<br/>".join(escape(shown(one)) for one in in_lines(label.head))
    if label.heat is not None:
        return heat_html(style.format(head), label.heat, colours)
    if label.number == BLANK and not label.rows:
        return _box_below(style.format(head), ink)
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


def _box_below(head: str, ink: str) -> str:
    """Write an empty box under the shape of a tensor too large for its numbers."""
    return (
        f'<table border="0" cellborder="0" cellspacing="{BOX_GAP}" cellpadding="0">'
        f'<tr><td>{head}</td></tr><tr><td {BOX} color="{ink}"> </td></tr></table>'
    )


def _cell(text: str, blank: bool, ink: str) -> str:
    """Write a number of a tensor, or the box for it."""
    if blank:
        return f'<td {BOX} color="{ink}"> </td>'
    return f'<td align="right">{text}</td>'
