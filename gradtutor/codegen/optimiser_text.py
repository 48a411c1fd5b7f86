"""The optimiser's classes as text, with the constants that a network asks for."""

from __future__ import annotations

import inspect
import math
import re
from typing import TYPE_CHECKING, Any

from gradtutor.codegen.optimisers import OPTIMISERS, Adam, AdamW, Optimiser

if TYPE_CHECKING:
    from gradtutor.codegen.script import Settings

#: The class attribute that each setting sets.
ATTRIBUTES = {
    "momentum": "mu",
    "decay": "decay",
    "epsilon": "epsilon",
    "weight_decay": "weight_decay",
}
#: What weight decay adds to a step: the slope of (weight_decay / 2) Σ theta².
L2_LINES = """
        decay = np.multiply(theta, self.weight_decay, out=self.work)
        gradient += decay  # the slope of (weight_decay / 2) * sum(theta**2)
"""
#: Settings from 0 up to, and without, 1; all other numbers are only not negative.
FRACTIONS = {"momentum", "decay", "beta1", "beta2"}


def optimiser_text(settings: Settings) -> str:
    """Return the source of the optimiser and of what it builds on.

    Raises
    ------
    ValueError
        When a constant of the optimiser or of the schedule is not usable.
    """
    check_constants(settings)
    chosen, constants = OPTIMISERS[settings.optimiser], settings.optimiser_settings
    classes = [Optimiser, *([Adam] if chosen is AdamW else []), chosen]
    texts = [inspect.getsource(one).rstrip() for one in classes]
    if constants.get("weight_decay") and chosen is not AdamW:
        texts[-1] = _with_l2(texts[-1])
    text = "\n\n\n".join(texts)
    for key, name in ATTRIBUTES.items():
        if key in constants:
            line = f"    {name} = {constants[key]}"
            text = re.sub(rf"(?m)^    {name} = .*$", line, text)
    betas = {"beta1": 0.9, "beta2": 0.999, "epsilon": "1e-8"} | dict(constants)
    line = "    beta1, beta2, epsilon = {beta1}, {beta2}, {epsilon}".format(**betas)
    return re.sub(r"(?m)^    beta1, beta2, epsilon = .*$", line, text)


def _with_l2(text: str) -> str:
    """Add the L2 penalty's slope to the gradient, as in PyTorch."""
    head, step = text.split("\n    def step(")
    gap = "\n" if head.rstrip().endswith('"""') else ""  # after a class's docstring
    end = step.index('"""\n') + len('"""\n')
    step = step[:end] + L2_LINES.lstrip("\n") + step[end:]
    return f"{head.rstrip()}\n{gap}    weight_decay = 0.0\n\n    def step({step}"


# ---- what the constants may be ----


def check_constants(settings: Settings) -> None:
    """Refuse what is no learning rate, momentum, decay, ... before it is printed."""
    rate = settings.learning_rate
    if not _is_number(rate) or not 0 < rate < math.inf:
        raise ValueError(f"the learning rate is a number above 0, not {rate!r}")
    for key, value in settings.optimiser_settings.items():
        if key != "nesterov":
            _check(key, value, 1.0 if key in FRACTIONS else math.inf)
    for key, value in settings.schedule_settings.items():
        whole = isinstance(value, int) and not isinstance(value, bool) and value > 0
        if key in ("step_size", "epochs") and not whole:
            raise ValueError(f"{key} is a whole number of epochs, not {value!r}")
        _check(key, value, math.inf)


def _check(key: str, value: Any, below: float) -> None:
    if not _is_number(value) or not 0 <= value < below:
        limit = " and below 1" if below == 1 else ""
        raise ValueError(f"{key} is a number from 0{limit}, not {value!r}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
