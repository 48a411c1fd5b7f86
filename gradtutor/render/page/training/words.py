"""What the page that trains says, in the language that is spoken."""

from __future__ import annotations

from gradtutor.messages import mark, tr

#: What the page's script says, by its names there, blanks and all.
SENTENCES = {
    "play": mark("Play"),
    "pause": mark("Pause"),
    "dark": mark("Dark theme"),
    "light": mark("Light theme"),
    "value": mark("value"),
    "gradient": mark("gradient"),
    "noLoss": mark("the loss of each update appears here"),
    "hover": mark("Point at a wire: its weight, gradient and state appear here."),
    "diverged": mark(
        "The numbers have left the range of floating point: the learning rate is "
        "too large. Reset, and take a smaller one."
    ),
    "noPoints": mark("There are no data points: add some, or choose a data set."),
    "point": mark("point {i} of {n}: ({x}, {y})"),
    "pointOfClass": mark("point {i} of {n}: ({x}, {y}), class {label}"),
    "early": mark(
        "Stopped: the points held out have not become better for so many updates. "
        "The weights of update {update} are back."
    ),
    "dead": mark(
        "{dead} of {all} neurons answer 0 to every point: no gradient comes through."
    ),
    "walkStart": mark(
        "The next step begins the forward pass, with one example of the next batch."
    ),
    "forwardStage": mark("forward, gate {i} of {n}"),
    "backwardStage": mark("backward, gate {i} of {n}"),
    "sum": mark("sum so far"),
    "average": mark("average of {n}"),
    "answer": mark("answer"),
    "inkAnswer": mark("the network answers {label}"),
    "removed": mark("removed; {n} points are left"),
    "status": mark("update {update}: loss {loss}"),
    "statusOfClasses": mark("update {update}: loss {loss}, {accuracy} % right"),
}


def script_words() -> dict[str, str]:
    """Return the sentences that the page's script says, blanks and all."""
    return {name: tr(sentence) for name, sentence in SENTENCES.items()}


def page_words() -> dict[str, str]:
    """Return the words that stand in the page's own text, by their names there."""
    return _controls() | _figures() | _insides()


def _controls() -> dict[str, str]:
    return {
        "no_script": tr("This page computes with JavaScript, which is switched off."),
        "theme": tr("Dark theme"),
        "source": tr("Source"),
        "toolbar": tr("Train"),
        "one": tr("One update"),
        "epoch": tr("One epoch"),
        "reset": tr("Reset"),
        "fresh": tr("New weights"),
        "speed": tr("Speed"),
        "a_second": tr("a second"),
        "fastest": tr("as fast as it can"),
        "settings": tr("Settings"),
        "data": tr("Data"),
        "optimiser": tr("Optimiser"),
        "rate": tr("Learning rate"),
        "lesson": tr("Lesson"),
        "own_network": tr("none: this network"),
        "activation": tr("Activation"),
        "hold": tr("Held out, in percent"),
        "patience": tr("Stop early: updates without improvement (0: never)"),
        "held_loss": tr("loss held out"),
        "batch": tr("Batch size (0: all data)"),
        "shuffle": tr("Shuffle every epoch"),
        "formulas": tr("The formulas of an update"),
        "updates": tr("update"),
        "epochs": tr("epoch"),
        "loss": tr("loss"),
        "accuracy": tr("right answers"),
    }


def _figures() -> dict[str, str]:
    return {
        "classes": tr("Data and what the network answers"),
        "curve": tr("Data and the fitted curve"),
        "plane_help": tr(
            "Click: add a point. Drag: move it. Shift and click: delete. Keys: Page "
            "Down and Page Up choose a point, arrows move it, Delete removes it, A "
            "adds one, digits change its class."
        ),
        "curve_help": tr(
            "Click: add a point. Drag: move it. Shift and click: delete. Keys: Page "
            "Down and Page Up choose a point, arrows move it, Delete removes it, A "
            "adds one."
        ),
        "new_class": tr("Class of a new point"),
        "add": tr("Add a point"),
        "remove": tr("Delete the point"),
        "curve_of_loss": tr("The loss of each update"),
        "land": tr("The loss landscape and the way down"),
        "circuit": tr("The circuit: value and gradient on every wire"),
        "wires": tr("The weights"),
        "wires_help": tr(
            "Blue is positive, orange negative; the wider, the larger. Point at a "
            "wire, or go from one to the next by arrows."
        ),
        "matrices_help": tr(
            "Blue is positive, orange negative; the fuller the larger."
        ),
        "numbers": tr("All weights"),
        "key_help": tr(
            "Keys: Space plays and pauses, . makes one update, E one epoch, R resets; "
            "W, G and P go on by a wire, a gate, a pass."
        ),
    }


def _insides() -> dict[str, str]:
    return {
        "loss_key": tr(
            "Solid: the batch that is learned. Dashed: the points held out."
        ),
        "shown": tr("On the wires"),
        "layer_sizes": tr("How large the gradient is in each layer"),
        "walk": tr("One update, gate by gate"),
        "one_wire": tr("One wire"),
        "one_gate": tr("One gate"),
        "one_pass": tr("One pass"),
        "wishes": tr("What each example wishes for the last layer"),
        "wishes_help": tr(
            "−∂loss/∂z: up means that this example would have the number larger. "
            "Below: the same for each weight, blue up, orange down. On the right the "
            "average over the batch, which the update follows."
        ),
        "drawing": tr("Draw, and see what the network answers"),
        "answers": tr("Answers"),
        "wipe": tr("Clear"),
        "an_example": tr("An example"),
        "it_is": tr("It is"),
        "learn_it": tr("Add to the data"),
        "drawing_help": tr(
            "Draw with the pointer. Keys: arrows move, Space paints, Shift and arrows "
            "draw a line, Delete clears."
        ),
    }
