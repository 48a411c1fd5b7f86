"""The job of a repair: lines with which every gradient is right, if there are any."""

from __future__ import annotations

import ast
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.sandbox.child.calling import Caller
from gradtutor.audit.sandbox.child.repair.forms import is_factor
from gradtutor.audit.sandbox.child.repair.kinds import MEAN, PATH, TIME
from gradtutor.audit.sandbox.child.repair.lines import Line, lines_of
from gradtutor.audit.sandbox.child.repair.search import Repair, Repairs, Target
from gradtutor.audit.sandbox.child.repair.shown import rewritten
from gradtutor.audit.sandbox.child.repair.wholes import is_gradient

MOST_STEPS = 3  # lines that are mended one after the other
NUMERIC = "numeric."


def repaired(
    caller: Caller,
    text: str,
    path: str,
    points: Sequence[Mapping[str, NDArray[Any]]],
    places: Mapping[str, int],
    hint: Mapping[str, Any],
    seconds: float,
) -> dict[str, Any]:
    """Mend one line after the other until all gradients are right.

    Parameters
    ----------
    points : sequence of mappings
        Inputs, the upstream gradient, and ``numeric.W``, the right gradient of W.
    places : mapping
        Where among the results each gradient stands.
    hint : mapping
        The ``line`` and the ``label`` that the diagnosis has found, and the lines whose
        values are right as their names say (``trusted``).

    Returns
    -------
    dict
        ``steps``: line, label, the statement and what stands in its place; and whether
        all gradients are right then (``whole``).
    """
    tree = ast.parse(text)
    search = Repairs(
        caller,
        tree,
        places,
        [_target(p) for p in points],
        time.process_time() + seconds,
        hint.get("trusted", ()),
    )
    scopes = search.scopes(path)
    plan = caller.plan
    lines = lines_of(tree, plan["function"], plan["forward_name"], scopes)
    before = search.everywhere()
    steps: list[dict[str, Any]] = []
    while len(before) < len(places) and len(steps) < MOST_STEPS:
        found = search.search(lines, before, hint.get("line", 0))
        if not found:
            break
        mended = {step["line"] for step in steps}
        left = [line for line in hint.get("wrong", ()) if line not in mended]
        best = min(found, key=lambda r: _likely(r, hint, steps, left[:1]))
        steps.append(_step(best, text))
        search.apply(best)
        before = best.right
        lines = [line for line in lines if line is not best.line]
    return {"steps": steps, "whole": len(before) == len(places), "tried": search.tried}


def _target(point: Mapping[str, NDArray[Any]]) -> Target:
    numeric = {
        n.removeprefix(NUMERIC): v for n, v in point.items() if n.startswith(NUMERIC)
    }
    inputs = {
        n: v for n, v in point.items() if n != "upstream" and not n.startswith(NUMERIC)
    }
    return Target(inputs, np.asarray(point["upstream"]), numeric)


def _likely(
    repair: Repair,
    hint: Mapping[str, Any],
    steps: Sequence[Any],
    next_wrong: Sequence[int],
) -> tuple[Any, ...]:
    """Rank: mends most, on the line of the diagnosis, as it says, of a likely kind."""
    known = bool(hint.get("label")) and not steps
    known &= hint.get("label") != MEAN or repair.edit.label != MEAN
    near = known and repair.line.statement.lineno == hint.get("line")
    named = near and bool(hint.get("named"))
    named |= bool(steps) and repair.line.statement.lineno in next_wrong
    alike = known and repair.edit.label == hint.get("label")
    rank = repair.edit.rank
    rank = min(rank, 2) if repair.edit.label == MEAN else rank
    return (
        -len(repair.right),
        rank - 0.5 * near - 1.5 * named - 0.5 * alike + 0.25 * repair.line.helper,
        _inside(repair),
        repair.line.statement.lineno,
    )


def _inside(repair: Repair) -> tuple[int, bool]:
    """Rank places of a mean that is missing: after a loop, of what is a gradient."""
    statement = repair.line.statement
    if repair.edit.label != MEAN:
        return (0, False)
    whole = statement
    match statement:
        case ast.Assign([ast.Subscript(of)], value):
            whole = ast.Assign([of], value)
        case ast.AugAssign(ast.Subscript(of), _, value):
            whole = ast.Assign([of], value)
    return (repair.line.loops, not is_gradient(whole))


def _step(repair: Repair, text: str) -> dict[str, Any]:
    edit, line = repair.edit, repair.line
    node = edit.node or line.statement
    return {
        "line": node.lineno,
        "label": _of_time(repair),
        "old": _head(repair.line),
        "new": rewritten(text, line.statement, edit.node, edit.new)
        or _shown(repair.statement),
        "right": sorted(repair.right),
        "factor": edit.node is not None and is_factor(line.statement, edit.node),
    }


def _of_time(repair: Repair) -> str:
    """Return an edit's label; a term that a loop hands to its next round is of time."""
    label, line = repair.edit.label, repair.line
    if label not in (PATH, TIME):
        return label
    later = {
        ast.unparse(target)
        for item in line.block[line.place + 1 :]
        if isinstance(item, ast.Assign)
        for target in item.targets
    }
    match repair.edit.new:
        case ast.BinOp(_, ast.Add(), ast.Name(name)) if line.loops and name in later:
            return TIME
    return label if line.loops else PATH


def _shown(statement: ast.stmt) -> str:
    """Return a statement's first line; both of two that stand in the place of one."""
    match statement:
        case ast.If(ast.Constant(True), body):
            return "; ".join(map(ast.unparse, body))
    return ast.unparse(statement).splitlines()[0]


def _head(line: Line) -> str:
    return ast.unparse(line.statement).splitlines()[0]
