"""Sentences about what comes back: its order, what was not checked, what is unclear."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradtutor.audit.program.naming import DATA
from gradtutor.audit.program.plan import Plan
from gradtutor.messages import listed, tr


def turned_said(names: Sequence[str], *, unnamed: bool) -> str:
    """Say that the results come back in another order than the arguments."""
    told = {"names": listed(list(names))}
    if unnamed:
        return tr(
            "by their shapes, the results are the gradients of {names}, in this order",
            **told,
        )
    return tr(
        "by their names, the results are the gradients of {names}, in this order",
        **told,
    )


def unchecked_said(plan: Plan, places: Sequence[int]) -> str:
    """Say which results were not checked, and how to have them checked."""
    numbers = listed([str(i + 1) for i in places])
    names = ",".join(_likely(plan, max(len(plan.texts), places[-1] + 1)))
    if len(places) > 1:
        return tr(
            "results {numbers} were not checked: say --returns {names}, "
            "what each is the gradient of",
            numbers=numbers,
            names=names,
        )
    return tr(
        "result {numbers} was not checked: say --returns {names}, "
        "what each is the gradient of",
        numbers=numbers,
        names=names,
    )


def _likely(plan: Plan, count: int) -> list[str]:
    """Return as many names as there are results: parameters before data."""
    names = [*plan.differentiable, *plan.fixed]
    chosen = sorted(names, key=lambda n: bool(DATA.fullmatch(n)))[:count]
    return [name for name in names if name in chosen]


def unclear(plan: Plan, paths: Sequence[Sequence[Any]], count: int) -> str:
    """Say that nothing which came back is the gradient of an argument."""
    names = ", ".join(plan.differentiable) or tr("no argument")
    if count or [] in paths:
        return tr(
            "{function} returns {said}; the arguments are {names}\n"
            "say which gradients these are: --returns {likely}",
            function=plan.function,
            said=_counted(max(count, 1)),
            names=names,
            likely=",".join(_likely(plan, max(count, 1))),
        )
    keys = ", ".join(str(path[0]) for path in paths)
    return tr(
        "{function} returns {said}; the gradients are those of {names}",
        function=plan.function,
        said=tr("the keys {keys}", keys=keys) if keys else tr("nothing"),
        names=names,
    )


def _counted(count: int) -> str:
    return tr("one value") if count == 1 else tr("{count} values", count=count)
