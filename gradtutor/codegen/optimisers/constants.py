"""What the numbers of an optimiser and of a schedule may be."""

from __future__ import annotations

import math
from typing import Any

from gradtutor.codegen.settings import Settings
from gradtutor.messages import tr

#: Settings from 0 up to, and without, 1; all other numbers are only not negative.
FRACTIONS = {"momentum", "decay", "beta1", "beta2"}


def check_constants(settings: Settings) -> None:
    """Refuse what is no learning rate, momentum, decay, ... before it is printed."""
    rate = settings.learning_rate
    if not _is_number(rate) or not 0 < rate < math.inf:
        raise ValueError(
            tr("the learning rate is a number above 0, not {rate!r}", rate=rate)
        )
    for key, value in settings.optimiser_settings.items():
        if key != "nesterov":
            _check(key, value, 1.0 if key in FRACTIONS else math.inf)
    for key, value in settings.schedule_settings.items():
        whole = isinstance(value, int) and not isinstance(value, bool) and value > 0
        if key in ("step_size", "epochs") and not whole:
            raise ValueError(
                tr(
                    "{key} is a whole number of epochs, not {value!r}",
                    key=key,
                    value=value,
                )
            )
        _check(key, value, math.inf)


def _check(key: str, value: Any, below: float) -> None:
    if not _is_number(value) or not 0 <= value < below:
        limit = tr(" and below 1") if below == 1 else ""
        raise ValueError(
            tr(
                "{key} is a number from 0{limit}, not {value!r}",
                key=key,
                limit=limit,
                value=value,
            )
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
