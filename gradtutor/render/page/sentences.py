"""What the page of a circuit says, by its English, in the language that is spoken."""

from __future__ import annotations

import re

from gradtutor.messages import mark, tr

#: Every sentence of the page; what a blank is filled with, the page's script knows.
SENTENCES = (
    mark("Skip to the inputs"),
    mark("Dark theme"),
    mark("Light theme"),
    mark("Source"),
    mark("This page computes with JavaScript, which is switched off."),
    mark("Circuit"),
    mark("Step through the circuit"),
    mark("To the start"),
    mark("To the start (Home)"),
    mark("One step back (←)"),
    mark("Back"),
    mark("One step on (→)"),
    mark("Step"),
    mark("To the end"),
    mark("To the end (End)"),
    mark("value"),
    mark("gradient"),
    mark("Open all"),
    mark("Close all"),
    mark("Smaller"),
    mark("Larger"),
    mark("Fit"),
    mark("Fit the width"),
    mark(
        "Left and right arrows step through the gates, Home and End go to "
        "the start and to the end. Up and down arrows visit the wires of "
        "the gate in focus, and light the way to the output. Enter opens or"
        " closes a composite or a layer."
    ),
    mark("What happens here"),
    mark("Inputs"),
    mark("All values and gradients"),
    mark("Table of values and gradients"),
    mark("name"),
    mark("operation"),
    mark("input"),
    mark("copy of {name}"),
    mark("a layer"),
    mark("No gradient passes."),
    mark("Open this layer"),
    mark("Open into its gates"),
    mark("Close {title}"),
    mark("Layer {title}"),
    mark("The inputs are known. Step on to compute gate by gate."),
    mark("ones: the gradients are those of the sum"),
    mark("This circuit has no inputs."),
    mark("Input {name}"),
    mark("empty"),
    mark("{name}, slider"),
    mark("{name}, value"),
    mark("“{text}” is no number: write 2, -0.5, 1e-3, 1/3, 2*pi, inf or nan"),
    mark("This is the kink, where the slope jumps: the rule “{rule}” decides."),
    mark("The first gate that makes {value} from finite numbers{why}."),
    mark("not yet known"),
    mark("none"),
    mark("Wire of {name}: value {value}, gradient {gradient}"),
    mark("Wire of {name}: {shape}"),
    mark("Output {name}"),
    mark("Number {name}"),
    mark(", step {i} of {n}"),
    mark(", Enter opens it"),
    mark("Copy of {name}"),
    mark("start: the inputs are known"),
    mark("forward, step {i} of {n}"),
    mark("the gradient starts at the output"),
    mark("backward, step {i} of {n}"),
    mark("all steps done"),
)
BLANK = re.compile(r"\{(\w+)\}")


def page_sentences() -> dict[str, str]:
    """Return every sentence of the page by its English, blanks and all."""
    return {text: _said(text) for text in map(str, SENTENCES)}


def _said(text: str) -> str:
    """Return a sentence in the language that is spoken, its blanks left open."""
    return tr(text, **{name: f"{{{name}}}" for name in BLANK.findall(text)})


def line_words() -> dict[str, str]:
    """Return the words of a gate's lines, blanks and all."""
    i, n, name = "{i}", "{n}", "{name}"
    return {
        "used": tr(", used {n} times", n=n),
        "use": tr("use {i}", i=i),
        "useOf": tr("use {i} of {n}", i=i, n=n),
        "useOfName": tr("use {i} of {name}", i=i, name=name),
        "via": tr(" via {name}", name=name),
        "local": tr("local derivative: "),
    }
