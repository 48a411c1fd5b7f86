"""Where a wrong value comes from: out of a helper to its caller, past other names."""

from __future__ import annotations

import ast
from collections.abc import Sequence

import numpy as np

from gradtutor.audit.diagnosis.graph import Event
from gradtutor.audit.diagnosis.hypothesis import all_same


def origin_of(text: str, events: Sequence[Event], event: Event) -> Event:
    """Return the line that a wrong value was made on.

    A return statement of a helper hands on what its caller asked for;
    ``nabla_b[-l] = delta`` only keeps it.
    """
    tree = ast.parse(text)
    place = next(i for i, one in enumerate(events) if one is event)
    if event.name == "return":
        return _caller(tree, events, place) or event
    event = _without_effect(tree, events, place)
    place = next(i for i, one in enumerate(events) if one is event)
    named = _only_a_name(tree, event.line)
    for before in reversed(events[:place]) if named else ():
        if before.name == named and _equal(before, event):
            return before
    return event


def _without_effect(tree: ast.Module, events: Sequence[Event], place: int) -> Event:
    """Return the line that should have changed a part of a value, and changed nothing.

    After ``da = dh.copy()`` it is ``da[h < 0] = 0`` where no h is below 0.
    """
    event = events[place]
    for after in events[place + 1 :]:
        if after.name == event.name:
            changes = _changes_a_part(tree, after.line) and after.line != event.line
            return after if changes and _equal(event, after) else event
    return event


def _changes_a_part(tree: ast.Module, line: int) -> bool:
    for node in ast.walk(tree):
        match node:
            case ast.Assign([ast.Subscript()]) | ast.AugAssign(ast.Subscript()) if (
                node.lineno == line
            ):
                return True
    return False


def _caller(tree: ast.Module, events: Sequence[Event], place: int) -> Event | None:
    """Return the line outside the function that got the value which it returned."""
    inside = _function_at(tree, events[place].line)
    for after in events[place + 1 :]:
        if _function_at(tree, after.line) is not inside and after.name != "return":
            same_line = after.line != events[place].line
            return after if same_line and _derived(events[place], after) else None
    return None


def _derived(one: Event, other: Event) -> bool:
    return one.values[0].shape == other.values[0].shape or other.values[0].size > 0


def _equal(one: Event, other: Event) -> bool:
    return one.values[0].shape == other.values[0].shape and all_same(
        zip(map(np.asarray, one.values), map(np.asarray, other.values), strict=True)
    )


def _function_at(tree: ast.Module, line: int) -> ast.FunctionDef | None:
    """Return the innermost function around a line."""
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and node.lineno <= line <= (node.end_lineno or line)
    ]
    return max(around, key=lambda node: node.lineno, default=None)


def _only_a_name(tree: ast.Module, line: int) -> str:
    """Return the name that a line only puts into a list, or an empty string."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign([ast.Subscript(_, key)], ast.Name(name), lineno=at) if (
                at == line and not isinstance(key, ast.Constant)
            ):
                return name
    return ""
