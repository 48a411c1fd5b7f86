"""A drawing as Mermaid text, for Markdown that draws it: GitHub, GitLab, Obsidian.

>>> import gradtutor as gt
>>> print(mermaid_text(gt.parse("f = x*y").drawing(x=2, y=3)))
flowchart LR
  n0["x"]
  n1["y"]
  n2(("×"))
  output["f"]
  n0 -- "2.00<br/>3.00" --> n2
  n1 -- "3.00<br/>2.00" --> n2
  n2 -- "f = 6.00<br/>1.00" --> output
<BLANKLINE>
"""

from __future__ import annotations

from gradtutor.render.drawing import Drawing, DrawnBox, DrawnWire, Form, Label
from gradtutor.render.dressing.names import shown
from gradtutor.render.writers.format import Format

#: What stands round a box's text.
SHAPES: dict[Form, tuple[str, str]] = {
    "bare": ("[", "]"),
    "dot": ("((", "))"),
    "circle": ("((", "))"),
    "ellipse": ("([", "])"),
    "caption": ("(", ")"),
    "layer": ("[", "]"),
}


def mermaid_text(drawing: Drawing) -> str:
    """Return a flowchart; on each wire the value above the gradient."""
    lines = [f"flowchart {drawing.direction}"]
    lines += [f"  {_box(box)}" for box in drawing.boxes]
    lines += [f"  {_wire(wire)}" for wire in drawing.wires]
    return "\n".join(lines) + "\n"


def _box(box: DrawnBox) -> str:
    before, after = SHAPES[box.form]
    text = "<br/>".join(_escaped(shown(line.text)) for line in box.lines)
    return f'{box.id}{before}"{text or " "}"{after}'


def _wire(wire: DrawnWire) -> str:
    texts = [text for text in map(label_line, (wire.value, wire.gradient)) if text]
    label = f'-- "{"<br/>".join(map(_escaped, texts))}" ' if texts else ""
    return f"{wire.source} {label}--> {wire.target}"


def label_line(label: Label) -> str:
    """Return a value or a gradient on one line: a tensor's numbers by rows."""
    if label.hidden:
        return ""
    rows = "; ".join(" ".join(map(shown, row)) for row in label.rows)
    number = shown(label.number) if label.shape else ""
    return " ".join(part for part in (shown(label.head), number, rows) if part)


def _escaped(text: str) -> str:
    """Write the signs that mean something to Mermaid by its codes."""
    signs = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;"}
    return "".join(signs.get(one, one) for one in text)


FORMAT = Format("mmd", lambda picture: mermaid_text(picture.drawing))
