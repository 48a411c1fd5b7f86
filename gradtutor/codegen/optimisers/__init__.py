"""Optimisers as text: a class of NumPy calls, a compiled loop, a kernel of a GPU."""

from __future__ import annotations

from gradtutor.codegen.optimisers.constants import check_constants
from gradtutor.codegen.optimisers.device import device_class
from gradtutor.codegen.optimisers.in_place import step_lines
from gradtutor.codegen.optimisers.numpy_class import class_text, loop_text
from gradtutor.codegen.optimisers.plan import Plan, plan_of
from gradtutor.codegen.settings import Settings
from gradtutor.optimisers import OPTIMISERS

__all__ = ["check_constants", "optimiser_text", "plan_of", "step_lines"]


def optimiser_text(settings: Settings) -> str:
    """Return the source of the optimiser that a script has, for its backend.

    Raises
    ------
    ValueError
        When a constant of the optimiser or of the schedule is not usable.
    """
    check_constants(settings)
    plan = _plan(settings)
    if settings.backend == "cupy":
        return device_class(plan, settings.scaled)
    compiled = settings.backend == "numba"
    loop = f"{loop_text(plan)}\n\n\n" if compiled else ""
    return loop + class_text(plan, compiled)


def _plan(settings: Settings) -> Plan:
    entry = OPTIMISERS[settings.optimiser]
    known = {*entry.constants, "weight_decay"}
    given = settings.optimiser_settings
    return plan_of(entry, {k: v for k, v in given.items() if k in known})
