"""Subscripts of a program: of lists, dictionaries, data and tensors."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Batch, Data, Filled, OpenSizes
from gradtutor.language.program.data.operators import is_symbolic
from gradtutor.language.program.data.probing import TimeFirstError
from gradtutor.language.program.data.tables import indexed
from gradtutor.language.program.values import (
    Instance,
    Library,
    Part,
    Stack,
    Symbol,
    Tensor,
    Unknown,
    Weight,
)
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter


def subscript(run: Interpreter, value: Any, index: Any, node: ast.AST) -> Any:
    """Return a part of a value."""
    if isinstance(value, Weight) and run.tracer is not None:
        if isinstance(index, Tensor) and not run.tracer.plain:  # C[x], rows of a table
            return run.tracer.indexed(value, index, node)
        value = run.tracer.tensor(value, node)
    if isinstance(value, Tensor) and run.tracer is not None:
        return run.tracer.indexed(value, index, node)
    if isinstance(value, OpenSizes) and index != 0:
        raise run.tracer.inputs.need_axes(2)
    if is_symbolic(value) and not isinstance(value, list | tuple):
        return Symbol(Part(index), (value,), {}, node)
    if isinstance(value, Stack):
        return _of_layers(run, value, index, node)
    if isinstance(value, Instance) and isinstance(index, str):
        return value.names.get(index, Data())
    if isinstance(value, Data):
        _check_steps(run, value, index, node)
        return indexed(value, index) or data_part(value, index)
    if isinstance(value, Filled):
        return _of_constant(value, index)
    if isinstance(value, Unknown | Library):
        return Data() if isinstance(value, Library) else value
    if isinstance(index, Unknown):
        return index
    try:
        return value[index]
    except (TypeError, KeyError, IndexError, ValueError):
        return run.unknown(tr("there is no such part"), node)


def _check_steps(run: Interpreter, value: Data, index: Any, node: ast.AST) -> None:
    """Stop where a table of positions is cut by the number of examples."""
    cut = index[0] if isinstance(index, tuple) and index else index
    by_examples = isinstance(cut, slice) and isinstance(cut.stop, Batch)
    if by_examples and value.of is None and run.tracer is not None:
        raise TimeFirstError(
            tr("a table is cut by the number of examples"),
            run.source.text,
            run.span(node),
        )


def _of_layers(run: Interpreter, value: Stack, index: Any, node: ast.AST) -> Any:
    if isinstance(index, str) and index in value.words:
        index = value.words[index]
    if isinstance(index, slice):
        return Stack(value.layers[index], value.span)
    if isinstance(index, int) and -len(value.layers) <= index < len(value.layers):
        return value.layers[index]
    return run.unknown(tr("there is no such layer"), node)


def data_part(value: Data, index: Any) -> Data:
    """Return the axes that an index leaves of an array; of outputs, the one taken."""
    if value.of is not None and isinstance(index, int):
        path = (*value.path, index)
        return Data(of=value.of, path=path, work=value.work)
    if value.shape is None and value.of is None and _cuts(index):
        value = Data((None,) * len(index))  # as many axes as places
    if value.shape is None or isinstance(index, str):
        return Data(of=value.of, path=value.path, work=value.work)
    kept: list[Any] = []
    sizes = list(value.shape)
    for one in index if isinstance(index, tuple) else (index,):
        if one is None:
            kept.append(1)
        elif isinstance(one, slice):
            kept.append(_slice_size(sizes.pop(0), one) if sizes else None)
        elif isinstance(one, int):
            del sizes[:1]
        else:
            return Data(None)
    return Data((*kept, *sizes), count=value.count)


def _cuts(index: Any) -> bool:
    """Whether an index has several places, one of them a cut of a known length."""
    cuts = index if isinstance(index, tuple) else ()
    known = [one for one in cuts if isinstance(one, slice) and type(one.stop) is int]
    return len(cuts) > 1 and bool(known)


def _slice_size(size: Any, cut: slice) -> Any:
    if cut == slice(None):
        return size
    parts = (cut.start, cut.stop, cut.step)
    if all(one is None or type(one) is int for one in parts) and type(size) is int:
        return len(range(*cut.indices(size)))
    both = type(cut.start) is int and type(cut.stop) is int and cut.step is None
    if both and 0 <= cut.start <= cut.stop and size is None:
        return cut.stop - cut.start
    if cut.start is None and type(cut.stop) is int and cut.stop >= 0:
        return cut.stop if not isinstance(size, int) else min(size, cut.stop)
    return None


def _of_constant(value: Filled, index: Any) -> Any:
    """Cut a constant array; a triangle's corner is a triangle."""
    cut = index if isinstance(index, tuple) else (index,)
    stops = [one.stop for one in cut if isinstance(one, slice) and not one.start]
    if len(stops) < len([one for one in cut if one is not None]):
        front = [one for one in cut if one is None or one == slice(None)]
        if len(front) == len(cut):
            return value if None not in cut else indexed(value, index) or value
        return indexed(value, index) or Data()
    kept = tuple(
        stop if type(stop) is int else size
        for stop, size in zip(stops, value.shape, strict=False)
    )
    shape = (*kept, *value.shape[len(kept) :])
    return Filled(shape, value.value, value.lower, value.counted, value.start)
