"""A drawing's boxes as DOT: forms, lines of text, and how they stand out."""

from __future__ import annotations

from html import escape

from gradtutor.render.drawing import POINTS, DrawnBox, Line, Weight
from gradtutor.render.dressing.names import in_lines, shown, with_powers
from gradtutor.render.style import Colours, chinese_width
from gradtutor.render.writers.look import Look


def box_attributes(box: DrawnBox, colours: Colours, look: Look) -> dict[str, str]:
    """Return the attributes of a box: its form, its text, its mark."""
    attributes = _form(box, colours, look)
    if box.ordered:
        attributes["ordering"] = "in"
    attributes |= weight_attributes(box.weight, colours)
    if box.alarm:
        attributes |= {"penwidth": "4", "color": colours.alarm}
    if box.active:
        colour = colours.value if box.active == "forward" else colours.gradient
        attributes |= {"penwidth": "3", "color": colour}
    if box.tooltip:
        attributes["tooltip"] = escape(box.tooltip)
    if box.lines:
        attributes["label"] = f"<{_lines(box.lines, colours)}>"
    return attributes


def weight_attributes(weight: Weight, colours: Colours) -> dict[str, str]:
    """Return how a box or a wire stands out, or does not."""
    if weight == "strong":
        return {"color": colours.gradient, "penwidth": "1.6"}
    faint = {"color": colours.faint, "fontcolor": colours.faint}
    return faint if weight == "faint" else {}


def _form(box: DrawnBox, colours: Colours, look: Look) -> dict[str, str]:
    """Return the attributes of a form."""
    rounded = "rounded,filled" if look.filled else "rounded"
    paper = {"fillcolor": colours.paper} if look.filled else {}
    ink = {"fillcolor": colours.ink} if look.filled else {}
    bare = {"width": "0", "height": "0", "margin": look.name_margin}
    dot = {"width": f"{look.dot:g}", "fixedsize": "true", "label": ""}
    circle = {"width": f"{look.circle:g}", "fixedsize": "true"}
    forms: dict[str, dict[str, str]] = {
        "bare": {"shape": "plaintext", **bare, **paper},
        "dot": {"shape": "circle", **dot, **ink},
        "circle": {"shape": "circle", **circle},
        "ellipse": {"shape": "ellipse", "margin": look.ellipse_margin},
        "caption": {"shape": "box", "style": rounded, "margin": "0.14,0.05"},
        "layer": {"shape": "box", "style": rounded, "margin": "0.2,0.09"},
    }
    sizes = {"detail": 11, "caption": 10, "alarm": 10}
    lines = () if box.form == "bare" else box.lines
    widths = [chinese_width(one.text, sizes.get(one.role, 14)) for one in lines]
    wide = {"width": f"{max(widths) / POINTS:.3f}"} if any(widths) else {}
    return forms[box.form] | wide


def _lines(lines: tuple[Line, ...], colours: Colours) -> str:
    """Write a box's lines; those of a sign share its size."""
    signs = [with_powers(line.text) for line in lines if line.role == "sign"]
    size = 18 if len(signs) == 1 and len(signs[0]) == 1 else 14
    sign = "<br/>".join(map(escape, signs))
    head = [f'<font point-size="{size}">{sign}</font>'] if signs else []
    rest = [_line(line, colours) for line in lines if line.role != "sign"]
    return "<br/>".join(head + rest)


def _line(line: Line, colours: Colours) -> str:
    text, small = escape(line.text), '<font color="{}" point-size="10">{}</font>'
    if line.role == "name":
        text = "<br/>".join(escape(shown(one)) for one in in_lines(line.text))
    if line.role == "detail":
        text = escape(shown(line.text))
    written = {
        "title": f"<b>{text}</b>",
        "detail": f'<font point-size="11">{text}</font>',
        "alarm": small.format(colours.alarm, text),
        "caption": small.format(colours.faint, text),
    }
    return written.get(line.role, text)
