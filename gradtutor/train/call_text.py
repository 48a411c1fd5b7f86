"""Calls of a loader as lines of a script, broken as a formatter breaks them."""

from __future__ import annotations

from typing import Any

from gradtutor.train.model import Call, literal

WIDTH = 88


def statement(name: str, call: Call, first: str) -> list[str]:
    """Return ``name = call``, broken over lines as a formatter breaks it."""
    return call_lines(call, first, 4, f"{name} = ")


def call_lines(call: Call, first: str, indent: int, before: str) -> list[str]:
    """Return a call in lines of at most 88 characters."""
    blank = " " * indent
    line = f"{blank}{before}{call.text(first)}"
    if len(line) + 1 <= WIDTH:
        return [line]
    inside = ", ".join([first, *map(literal, call.settings)])
    head = f"{blank}{before}{call.function.__name__}("
    if len(inside) + indent + 4 <= WIDTH:
        return [head, f"{blank}    {inside}", f"{blank})"]
    items = [f"{blank}    {first},"]
    for value in call.settings:
        items += _broken(value, indent + 4)
    return [head, *items, f"{blank})"]


def _broken(value: Any, indent: int, key: str = "") -> list[str]:
    """Write a constant with a comma behind, its items on lines of their own if long."""
    blank, text = " " * indent, literal(value)
    if len(blank + key + text) + 1 <= WIDTH or not isinstance(value, list | dict):
        return [f"{blank}{key}{text},"]
    left, right = "[]" if isinstance(value, list) else "{}"
    pairs = value.items() if isinstance(value, dict) else ((None, one) for one in value)
    inner: list[str] = []
    for name, one in pairs:
        inner += _broken(one, indent + 4, "" if name is None else f"{literal(name)}: ")
    return [f"{blank}{key}{left}", *inner, f"{blank}{right},"]
