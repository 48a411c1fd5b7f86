"""The optimiser as one kernel over the flat vector of all parameters."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from gradtutor.codegen.optimiser_text import check_constants
from gradtutor.codegen.optimisers import OPTIMISERS

if TYPE_CHECKING:
    from gradtutor.codegen.script import Settings

#: The lines of each update: g is the gradient's element, rate the learning rate.
UPDATES = {
    "SGD": ["theta -= rate * g;"],
    "Momentum": ["velocity = mu * velocity + g;", "theta -= rate * velocity;"],
    "Nesterov": [
        "velocity = mu * velocity + g;",
        "theta -= rate * (g + mu * velocity);",
    ],
    "AdaGrad": ["squares += g * g;", "theta -= rate * g / (sqrt(squares) + epsilon);"],
    "AdaDelta": [
        "squares = decay * squares + (1 - decay) * g * g;",
        "const T move = g * sqrt((moves + epsilon) / (squares + epsilon));",
        "moves = decay * moves + (1 - decay) * move * move;",
        "theta -= rate * move;",
    ],
    "RMSProp": [
        "squares = decay * squares + (1 - decay) * g * g;",
        "theta -= rate * g / (sqrt(squares) + epsilon);",
    ],
    "Adam": [
        "const T t = clock[0] + 1;  // steps, this one counted",
        "m = beta1 * m + (1 - beta1) * g;",
        "v = beta2 * v + (1 - beta2) * g * g;",
        "// 1 - beta**t without loss of digits; the biases of m and v are divided out",
        "const T mean = m / -expm1(t * log(beta1));",
        "const T square = v / -expm1(t * log(beta2));",
        "theta -= rate * mean / (sqrt(square) + epsilon);",
    ],
}
UPDATES["AdamW"] = ["theta *= 1 - rate * weight_decay;", *UPDATES["Adam"]]
#: Each update's constants and their usual values.
CONSTANTS = {
    "SGD": {},
    "Momentum": {"mu": 0.9},
    "Nesterov": {"mu": 0.9},
    "AdaGrad": {"epsilon": 1e-10},
    "AdaDelta": {"decay": 0.9, "epsilon": 1e-6},
    "RMSProp": {"decay": 0.99, "epsilon": 1e-8},
    "Adam": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
    "AdamW": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 0.01},
}
#: What a network calls a constant that the update calls otherwise.
RENAMED = {"momentum": "mu"}


def device_optimiser(settings: Settings) -> str:
    """Return the source of the optimiser's kernel and of its class.

    Raises
    ------
    ValueError
        When a constant of the optimiser or of the schedule is not usable.
    """
    check_constants(settings)
    chosen = OPTIMISERS[settings.optimiser]
    name = chosen.__name__
    kept: tuple[str, ...] = chosen.KEPT
    constants = _constants(name, settings)
    decay = name != "AdamW" and constants.get("weight_decay")
    gradient = "gradient + weight_decay * theta" if decay else "gradient"
    numbers = [f"const T {key} = {value};" for key, value in constants.items()]
    lines = [
        *([SKIP] if settings.scaled else []),
        *(
            numbers
            if name == "AdamW" or decay
            else [n for n in numbers if "weight" not in n]
        ),
        f"const T g = {gradient}, rate = learning_rate[0];",
        *(_counted(line) if settings.scaled else line for line in UPDATES[name]),
    ]
    outs = ", ".join(f"T {one}" for one in ("theta", *kept))
    body = "\n".join(f"    {line}" for line in lines)
    arrays = "".join(f", self.{one}" for one in kept)
    made = "\n".join(f"        self.{one} = cp.zeros_like(theta)" for one in kept)
    text = _with_counts(TEXT) if settings.scaled else TEXT
    return text.format(
        small=name.lower(),
        name=name,
        outs=outs,
        body=body,
        about=inspect.getdoc(chosen).splitlines()[0],  # type: ignore[union-attr]
        arrays=arrays,
        made=f"\n{made}" if made else "",
        kept=f"({', '.join(map(repr, kept))}{',' if len(kept) == 1 else ''})".replace(
            "'", '"'
        ),
    )


def _constants(name: str, settings: Settings) -> dict[str, float]:
    given = {RENAMED.get(k, k): v for k, v in settings.optimiser_settings.items()}
    usual = CONSTANTS[name]
    known = {*usual, "weight_decay"}
    return dict(usual) | {k: v for k, v in given.items() if k in known}


# ---- loss scaling: a step whose gradient overflowed is none ----

SKIP = "if (counts[0]) continue;  // the gradient overflowed: all stays as it is"


def _counted(line: str) -> str:
    """Count only the steps that were done."""
    return line.replace("clock[0] + 1;", "clock[0] + 1 - counts[2];")


def _with_counts(text: str) -> str:
    """Hand the counts of skipped steps to the optimiser's kernel."""
    for old, new in (
        ("raw uint64 clock", "raw uint64 clock, raw uint64 counts"),
        ("gradient, clock):", "gradient, clock, counts):"),
        ("self.rate, clock, theta", "self.rate, clock, counts, theta"),
    ):
        text = text.replace(old, new)
    return text


TEXT = '''UPDATE = cp.ElementwiseKernel(
    "T gradient, raw T learning_rate, raw uint64 clock",
    "{outs}",
    """
{body}
    """,
    "{small}",
)


class {name}:
    """{about}"""

    KEPT = {kept}

    def __init__(self, theta, learning_rate):
        self.rate = cp.full(1, learning_rate, theta.dtype){made}

    def step(self, theta, gradient, clock):
        """Move theta: one kernel reads and writes every number once."""
        UPDATE(gradient, self.rate, clock, theta{arrays})

    def set_rate(self, learning_rate):
        """Take another learning rate from the next step on."""
        self.rate.fill(learning_rate)

    def state(self):
        """Return what a checkpoint must hold."""
        return {{name: cp.asnumpy(getattr(self, name)) for name in self.KEPT}}

    def restore(self, state):
        """Take up a checkpoint's values."""
        for name in self.KEPT:
            getattr(self, name)[...] = cp.asarray(state[name])'''
