"""What the page of a circuit says, by its English, in the language that is spoken."""

from __future__ import annotations

from gradtutor.messages import key, tr


def page_sentences() -> dict[str, str]:
    """Return every sentence of the page by its English, blanks and all."""
    said = [
        tr("Skip to the inputs"),
        tr("Dark theme"),
        tr("Light theme"),
        tr("Source"),
        tr("This page computes with JavaScript, which is switched off."),
        tr("Circuit"),
        tr("Step through the circuit"),
        tr("To the start"),
        tr("To the start (Home)"),
        tr("One step back (←)"),
        tr("Back"),
        tr("One step on (→)"),
        tr("Step"),
        tr("To the end"),
        tr("To the end (End)"),
        tr("value"),
        tr("gradient"),
        tr("Open all"),
        tr("Close all"),
        tr("Smaller"),
        tr("Larger"),
        tr("Fit"),
        tr("Fit the width"),
        tr(
            "Left and right arrows step through the gates, Home and End go to "
            "the start and to the end. Up and down arrows visit the wires of "
            "the gate in focus, and light the way to the output. Enter opens or"
            " closes a composite or a layer."
        ),
        tr("What happens here"),
        tr("Inputs"),
        tr("All values and gradients"),
        tr("Table of values and gradients"),
        tr("name"),
        tr("operation"),
        tr("input"),
        tr("copy of {name}", name="{name}"),
        tr("a layer"),
        tr("No gradient passes."),
        tr("Open this layer"),
        tr("Open into its gates"),
        tr("Close {title}", title="{title}"),
        tr("Layer {title}", title="{title}"),
        tr("The inputs are known. Step on to compute gate by gate."),
        tr("ones: the gradients are those of the sum"),
        tr("This circuit has no inputs."),
        tr("Input {name}", name="{name}"),
        tr("empty"),
        tr("{name}, slider", name="{name}"),
        tr("{name}, value", name="{name}"),
        tr(
            "“{text}” is no number: write 2, -0.5, 1e-3, 1/3, 2*pi, inf or nan",
            text="{text}",
        ),
        tr(
            "This is the kink, where the slope jumps: the rule “{rule}” decides.",
            rule="{rule}",
        ),
        tr(
            "The first gate that makes {value} from finite numbers{why}.",
            value="{value}",
            why="{why}",
        ),
        tr("not yet known"),
        tr("none"),
        tr(
            "Wire of {name}: value {value}, gradient {gradient}",
            name="{name}",
            value="{value}",
            gradient="{gradient}",
        ),
        tr("Wire of {name}: {shape}", name="{name}", shape="{shape}"),
        tr("Output {name}", name="{name}"),
        tr("Number {name}", name="{name}"),
        tr(", step {i} of {n}", i="{i}", n="{n}"),
        tr(", Enter opens it"),
        tr("Copy of {name}", name="{name}"),
        tr("start: the inputs are known"),
        tr("forward, step {i} of {n}", i="{i}", n="{n}"),
        tr("the gradient starts at the output"),
        tr("backward, step {i} of {n}", i="{i}", n="{n}"),
        tr("all steps done"),
    ]
    return {key(text): text for text in said}


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
