"""Lists, tuples and data of a program: whether true, taken apart, gone through."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Batch, Data, Filled, OpenSizes
from gradtutor.language.program.held.freezing import parameters_of
from gradtutor.language.program.values import (
    Instance,
    Library,
    Parameters,
    Part,
    Setting,
    Stack,
    Symbol,
    Tensor,
    Unknown,
)
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

#: Items of one list that are kept.
MAX_ITEMS = 20_000
PLAIN = (bool, int, float, str, list, tuple, dict, range, set)


def truth(value: Any) -> bool | None:
    """Return whether a value counts as true; None where the text does not tell."""
    if value is None or isinstance(value, PLAIN):
        return bool(value)
    if isinstance(value, Unknown | Data | Filled | Tensor | Library):
        return None
    return True


def unpacked(
    value: Any, count: int, star: int | None, node: ast.AST, run: Interpreter
) -> list[Any]:
    """Take a value apart into so many; data into parts of which nothing is known."""
    if isinstance(value, OpenSizes):
        raise run.tracer.inputs.need_axes(count)
    parts = _parts(value, count, run, node)
    if star is not None:
        after = count - star - 1
        middle = list(parts[star : len(parts) - after])
        parts = [*parts[:star], middle, *parts[len(parts) - after :]]
    if len(parts) != count:
        unknown = run.unknown(
            tr("it does not come apart into {count}", count=count), node
        )
        return [unknown] * count
    return list(parts)


def _parts(value: Any, count: int, run: Interpreter, node: ast.AST) -> list[Any]:
    match value:
        case Stack(layers):
            return list(layers)
        case Data(of=model, path=path) if model is not None:
            work = value.work
            return [Data(of=model, path=(*path, i), work=work) for i in range(count)]
        case Symbol():
            return [Symbol(Part(i), (value,), {}, node) for i in range(count)]
        case Data() | Unknown() | Library():
            return [element(value) for _ in range(count)]  # each another
        case Tensor() if run.tracer is not None and run.tracer.is_input(value):
            return [run.tracer.inputs.part(i) for i in range(count)]
        case Tensor() if run.tracer is not None:
            return list(run.tracer.split_apart(value, node))
        case dict():
            return list(value)
        case list() | tuple() | range() | str():
            return list(value)
    return []


def element(value: Any) -> Any:
    """Return what one goes through in data: an example, its first axis gone."""
    if isinstance(value, Data) and value.shape:
        return Data(value.shape[1:], count=value.count)
    return value if isinstance(value, Unknown) else Data()


def elements(
    run: Interpreter, value: Any, node: ast.AST
) -> tuple[list[Any], int | None, bool]:
    """Return what a loop goes through, how often, and whether it is data."""
    match value:
        case range():
            return list(value[:MAX_ITEMS]), len(value), False
        case list() | tuple() | str():
            return list(value)[:MAX_ITEMS], len(value), False
        case dict() | set():
            return list(value)[:MAX_ITEMS], len(value), False
        case Stack(layers, name=name):
            items = list(value.words) if name == "ModuleDict" else list(layers)
            return items, len(items), False
        case Instance(names=names) if "__batches__" in names:
            return [names["__batches__"]], None, True
        case Tensor() if run.tracer is not None:
            parts = list(run.tracer.split_apart(value, node))
            return parts, len(parts), False
        case Setting():
            return [], 0, False
        case Parameters(model):
            arrays: list[Any] = [one for _, one in parameters_of(model)]
            return arrays, len(arrays), False
        case Filled((int(count),), counted=True):
            first = value.start
            return list(range(first, first + min(count, MAX_ITEMS))), count, False
    return [element(value)], None, True


def sizes(value: Any) -> tuple[Any, ...] | None:
    """Return the axes of nested lists of numbers."""
    if isinstance(value, Data | Filled):
        return value.shape
    if not isinstance(value, list | tuple):
        return ()
    if not value:
        return (0,)
    inner = sizes(value[0])
    return None if inner is None else (len(value), *inner)


def as_size(value: Any) -> Any:
    """Return a size of data; None for what is not known."""
    if isinstance(value, Batch) or (isinstance(value, int) and value is not True):
        return value
    return None
