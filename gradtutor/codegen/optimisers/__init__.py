"""Optimisers as text: a class of NumPy calls, a compiled loop, a kernel of a GPU."""

from __future__ import annotations

from gradtutor.codegen.optimisers.constants import check_constants
from gradtutor.codegen.optimisers.device import device_class
from gradtutor.codegen.optimisers.in_place import step_lines
from gradtutor.codegen.optimisers.numpy_class import class_text, loop_text
from gradtutor.codegen.optimisers.plan import Plan, plan_of
from gradtutor.codegen.settings import Settings
from gradtutor.optimisers import OPTIMISERS

__all__ = [
    "Plan",
    "check_constants",
    "class_text",
    "device_class",
    "loop_text",
    "optimiser_plan",
    "plan_of",
    "step_lines",
]


def optimiser_plan(settings: Settings) -> Plan:
    """Return how the optimiser of a script computes.

    Raises
    ------
    ValueError
        When a constant of the optimiser or of the schedule is not usable.
    """
    check_constants(settings)
    entry = OPTIMISERS[settings.optimiser]
    known = {*entry.constants, "weight_decay"}
    given = settings.optimiser_settings
    return plan_of(entry, {k: v for k, v in given.items() if k in known})
