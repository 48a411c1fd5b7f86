"""The lessons of a page that trains: a network, data and settings to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gradtutor.messages import mark, tr

LINE = "Sequential([Input(1), Linear(1)])\nloss = MSELoss()\noptimizer = GD(lr=0.1)\n"
NEURONS = """Sequential([Input(2), Linear(8), ReLU(), Linear(1)])
loss = BCEWithLogitsLoss()
optimizer = SGD(lr=0.3)
"""
DEEP = """Sequential([Input(2), Linear(6), Sigmoid(), Linear(6), Sigmoid(), Linear(6),
    Sigmoid(), Linear(6), Sigmoid(), Linear(1)])
loss = BCEWithLogitsLoss()
optimizer = SGD(lr=0.5)
"""
WIDE = """Sequential([Input(2), Linear(16), Tanh(), Linear(16), Tanh(), Linear(1)])
loss = BCEWithLogitsLoss()
optimizer = Adam(lr=0.02)
"""
TWO = """Sequential([Input(2), Linear(4), Tanh(), Linear(1)])
loss = BCEWithLogitsLoss()
optimizer = Adam(lr=0.05)
"""
DIGITS = """Sequential([Input(64), Linear(16), ReLU(), Linear(10)])
loss = CrossEntropyLoss()
optimizer = Adam(lr=0.01)
"""


@dataclass(frozen=True)
class Lesson:
    """What to look at, and how everything stands for it.

    Attributes
    ----------
    name, title, about : str
        What it is called, short and in words, and what there is to see.
    text, data : str
        The network and its data set.
    chosen : str
        The set of points at the start, where there are several; empty for the first.
    settings : mapping
        Controls by their names; ``fill``: numbers that parameters begin with;
        ``open``: the panel that is unfolded.
    """

    name: str
    title: str
    about: str
    text: str
    data: str
    chosen: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """Return what the page reads, in the language that is spoken."""
        said = {"title": tr(self.title), "about": tr(self.about)}
        where = {"name": self.name, "set": self.chosen or self.data}
        return where | said | {"settings": dict(self.settings)}


LESSONS = (
    Lesson(
        "small-rate",
        mark("Too small a learning rate"),
        mark(
            "Two numbers are learned, so that the landscape of the loss can be seen. "
            "With 0.002 the way down hardly moves. Take 0.1 and compare."
        ),
        LINE,
        "line",
        settings={"optimiser": "sgd", "rate": 0.002, "batch": 0},
    ),
    Lesson(
        "large-rate",
        mark("Too large a learning rate"),
        mark(
            "Each update jumps across the valley and lands higher on the other side: "
            "the loss grows. With 0.8 it zigzags down; find the rate where it turns."
        ),
        LINE,
        "line",
        settings={"optimiser": "sgd", "rate": 0.9, "batch": 0},
    ),
    Lesson(
        "dead-relu",
        mark("Dead ReLU"),
        mark(
            "The biases of the first layer begin at -8, as after one update too large: "
            "every neuron answers 0 for every point (dashed), its gradient is 0, and "
            "only the last bias still learns. Take leaky ReLU: the gradient comes "
            "through."
        ),
        NEURONS,
        "exam",
        settings={
            "activation": "relu",
            "optimiser": "adam",
            "rate": 0.1,
            "batch": 0,
            "fill": {"b1": -8},
        },
    ),
    Lesson(
        "vanishing",
        mark("The sigmoid's gradient vanishes"),
        mark(
            "Each sigmoid passes on a quarter of the gradient at most: see how small "
            "it is in the first layers, and that nothing is learned. Take ReLU or tanh."
        ),
        DEEP,
        "exam",
        "xor",
        settings={"activation": "sigmoid", "optimiser": "sgd", "rate": 0.5, "batch": 0},
    ),
    Lesson(
        "overfitting",
        mark("Overfitting, and stopping early"),
        mark(
            "Of 400 points 40 are learned, the others are held out (hollow). The loss "
            "of what is learned falls, that of the points held out turns and rises. "
            "Write 50 into Stop early and begin again: the best weights come back."
        ),
        WIDE,
        "exam",
        settings={"rate": 0.02, "batch": 0, "hold": 90, "patience": 0},
    ),
    Lesson(
        "collapse",
        mark("Two layers without an activation are one"),
        mark(
            "Without an activation between them W1·W2 is one matrix, and the border is "
            "a line whatever is learned. Take tanh: now it bends."
        ),
        TWO,
        "exam",
        "xor",
        settings={"activation": "identity", "rate": 0.05, "batch": 0},
    ),
    Lesson(
        "wishes",
        mark("What one image wishes for the last layer"),
        mark(
            "Each image of a batch would have its own answer larger and the others "
            "smaller: its column. The update follows the average of all, which is the "
            "column on the right. Draw a digit and see what the network answers."
        ),
        DIGITS,
        "digits",
        settings={"rate": 0.01, "batch": 32, "open": "wishes"},
    ),
)
