"""From measurements to a report: the misconception, the first wrong line, the words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from gradtutor.audit.case import Case, divides_by_a_count
from gradtutor.audit.diagnosis.graph import Array, Event, Forward
from gradtutor.audit.diagnosis.locate import (
    computed,
    first_wrong,
    left_out_at,
    misnamed_before,
    overwrote,
)
from gradtutor.audit.diagnosis.named import named_wrong, right_lines, wrong_lines
from gradtutor.audit.diagnosis.origin import origin_of
from gradtutor.audit.diagnosis.partials import wrong_partial
from gradtutor.audit.diagnosis.search import Diagnosis, diagnose
from gradtutor.audit.program.results_said import turned_said
from gradtutor.audit.report import GradientRow, Report
from gradtutor.messages import listed, tr

CASTS = re.compile(r"astype|\bint\d*\b|//|floor|trunc|round|dtype")
UPSTREAM, INNER = "upstream-left-out", "dropped-inner-derivative"
OVERWRITTEN, PATH, MUTATED = "overwritten-gradient", "forgotten-path", "mutated-input"


def noted(case: Case) -> Report:
    """Report right gradients, with what was assumed, and what was written into."""
    first = case.measured[0]
    changed = [
        *first.by_forward,
        *(["upstream"] if "upstream" in first.mutated else []),
    ]
    if not changed:
        said = list(case.task.plan.assumed)
        if first.turned:
            said += [turned_said(first.turned, unnamed=case.task.plan.unnamed)]
        return case.report(True, reason="; ".join(said))
    lines = case.task.changed_lines(case.measured)
    line = next((lines[n] for n in changed if n in lines), 0)
    who = case.task.plan.forward_name if first.by_forward else case.task.plan.function
    name = tr("its upstream gradient") if changed == ["upstream"] else listed(changed)
    reason = tr(
        "the gradients are right; {who} changes {name} in place", who=who, name=name
    )
    place = case.place(line) if line else None
    return case.report(True, place, MUTATED, reason)


def unclean(case: Case) -> Report:
    """Report right gradients from a function that changes arguments, or its state."""
    if not case.mutated:
        reason = tr(
            "called twice, the function gives different gradients: "
            "it adds to its last result"
        )
        return case.report(False, None, MUTATED, reason)
    reason = tr(
        "the gradients are right, and the function changes {names} in place",
        names=listed(case.mutated),
    )
    return _mutating(case, reason, ())


def _mutating(case: Case, reason: str, others: tuple[str, ...]) -> Report:
    lines = case.task.changed_lines(case.measured)
    line = next((lines[n] for n in case.mutated if n in lines), 0)
    place = case.place(line) if line else None
    return case.report(False, place, MUTATED, reason, others)


def explained(case: Case, *, explain: bool = True) -> Report:
    """Report wrong gradients: what gives them, and the first wrong line."""
    if not explain:
        return case.report(False, reason=_plain_reason(case.rows))
    if case.task.plan.suspects:
        reason = tr("a value that is used twice gets only its last gradient")
        at = case.place(case.task.plan.suspects[0])
        return case.report(False, at, OVERWRITTEN, reason)
    forward = case.task.tables(case.measured)
    if forward is None:
        return case.report(False, reason=_plain_reason(case.rows))
    case = replace(case, measured=case.measured[: len(forward.points)])
    theirs = {
        name: tuple(
            one.theirs[name].astype(np.float64) * case.scales.get(name, 1.0)
            for one in case.measured
        )
        for name in case.measured[0].theirs
    }
    whole = {n for n, g in case.measured[0].theirs.items() if g.dtype.kind in "iu"}
    casts = bool(whole or CASTS.search(case.task.program.text))
    found = diagnose(forward, theirs, frozenset(whole), casts=casts)
    clipped = case.mutated == ("upstream",) and (case.task.plan.gentle or found)
    if case.mutated and not clipped:  # np.clip(d, -1, 1, out=d) comes last
        names = listed(case.mutated)
        reason = tr("the function changes {names} in place", names=names)
        return _mutating(case, reason, (found.best.label,) if found else ())
    trusted = right_lines(forward, _scales(case))
    mistaken = wrong_lines(forward, _scales(case))
    event = _event(case, forward, found, theirs)
    named = misnamed_before(forward, event, _scales(case)) if found else None
    event = named or event
    place = case.place(event.line, event.name.removeprefix("return")) if event else None
    if found is None:
        report = case.report(False, place, reason=_plain_reason(case.rows))
        return replace(report, trusted=trusted, mistaken=mistaken)
    ran = case.task.program.text.splitlines()
    added = event and re.search(r"[-+*/@]=", ran[event.line - 1])
    label, others = _refined(forward, None if added else event, found)
    report = case.report(False, place, label, _reason(case, found), others)
    return replace(
        report,
        trusted=trusted,
        mistaken=mistaken,
        explained=() if named else found.explained,
        said=found.best.said,
        unsure=named is not None,
        named=named is not None
        or (event is not None and named_wrong(forward, found.best, event)),
    )


def _event(
    case: Case,
    forward: Forward,
    found: Diagnosis | None,
    theirs: Mapping[str, tuple[Array, ...]],
) -> Event | None:
    partial = wrong_partial(forward)
    if partial is not None:
        return partial
    names = found.explained if found else theirs
    some = {name: theirs[name] for name in names}
    scales = _scales(case)
    event = first_wrong(forward, found, some, scales)
    if event is None:
        return None
    origin = origin_of(case.task.program.text, forward.events, event)
    return left_out_at(forward, found, origin, scales) if found else origin


def _scales(case: Case) -> tuple[float, ...]:
    """Return the numbers of examples that something is divided by."""
    if not divides_by_a_count(case.task.program.text):
        return ()
    sizes = {size for one in case.task.arguments.values() for size in one.shape}
    found = [float(size) for size in sizes if size > 2]
    return (*found, *(1 / size for size in found)) if case.scales else tuple(found)


def _refined(
    forward: Forward, event: Event | None, found: Diagnosis
) -> tuple[str, tuple[str, ...]]:
    """Between labels that give the same numbers, let the lines of backward decide."""
    label, same_numbers = found.best.label, {found.best.label, *found.others}
    if (
        event
        and same_numbers & {PATH, OVERWRITTEN}
        and overwrote(forward, event, found.best)
    ):
        label = OVERWRITTEN
    elif label == UPSTREAM and INNER in same_numbers:
        label = UPSTREAM if computed(forward, found.best) else INNER
    return label, tuple(sorted(same_numbers - {label}))


# ---- words ----


def _reason(case: Case, found: Diagnosis) -> str:
    wrong = [row.name for row in case.rows if row.ok is False]
    rest = ", ".join(name for name in wrong if name not in found.explained)
    told = {"said": found.best.said, "count": len(case.measured)}
    if not rest:
        return tr("{said}: this gives your numbers at all {count} points", **told)
    return tr(
        "{said}: this gives your numbers at all {count} points; "
        "the gradient of {rest} is wrong besides",
        rest=rest,
        **told,
    )


def _plain_reason(rows: tuple[GradientRow, ...]) -> str:
    row = next(row for row in rows if row.ok is False)
    if row.note and not np.isfinite(row.relative_error):
        return tr("the gradient of {name}: {note}", name=row.name, note=row.note)
    return tr(
        "the gradient of {name} is wrong: {element} is "
        "{theirs:.6g}, finite differences say {numeric:.6g}",
        name=row.name,
        element=row.element,
        theirs=row.theirs,
        numeric=row.numeric,
    )
