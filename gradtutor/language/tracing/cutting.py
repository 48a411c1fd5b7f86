"""Parts of tensors, and tensors put together: slices, concatenation, reshaping."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gradtutor.language.errors import SourceShapeError
from gradtutor.language.layers.items import Item
from gradtutor.language.layers.recurrent import step_of
from gradtutor.language.program.array_values import Batch
from gradtutor.language.program.values import Tensor
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer

WHOLE = slice(None)


def indexed(tracer: Tracer, value: Any, index: Any, node: ast.AST) -> Tensor:
    """Append x[:, -1, :]; a step of a recurrent layer's sequence is there already."""
    if tracer.is_input(value) and isinstance(index, int | str):
        return tracer.inputs.named_part(index)
    parts = list(index) if isinstance(index, tuple) else [index]
    rank = len(tracer.sizes(value))
    if any(part is Ellipsis for part in parts):
        at = parts.index(Ellipsis)
        given = len([p for p in parts if p is not None and p is not Ellipsis])
        parts[at : at + 1] = [WHOLE] * (rank - given)
    step = _step(tracer, value, parts, node)
    if step is not None:
        return step
    t = tracer.tensor(value, node)
    sizes = tracer.sizes(t)
    if tracer.inputs.alone and type(parts[0]) is int and _is_steps(sizes):
        t = reshaped(tracer, t, [sizes[0].times, Batch(), *sizes[1:]], node)
        sizes = tracer.sizes(t)
    parts += [WHOLE] * (len(sizes) - len([p for p in parts if p is not None]))
    cuts: list[Any] = [(0, None, 1)] * len(sizes)
    gone: list[int] = []
    grown: list[int] = []
    at = 0
    for part in parts:
        if part is None:
            grown.append(at - len(gone) + len(grown))
            continue
        if at >= len(sizes):
            raise tracer.run.fail(tr("this has fewer axes than places"), node)
        alone = isinstance(part, list | tuple) and len(part) == 1
        cut = _cut(tracer, part[0] if alone else part, sizes[at], node)
        if not (alone or isinstance(part, slice)):
            gone.append(at)
        cuts[t.order[at]] = cut
        at += 1
    result = _sliced(tracer, t, cuts, node)
    result = squeezed(tracer, result, gone, node)
    for axis in grown:
        result = unsqueezed(tracer, result, axis, node)
    return result


def _is_steps(sizes: tuple[Any, ...]) -> bool:
    """Whether the rows are those of all steps of a sequence."""
    return isinstance(sizes[0], Batch) and sizes[0].times > 1


def _step(tracer: Tracer, value: Any, parts: list[Any], node: ast.AST) -> Tensor | None:
    """Return one step of a recurrent layer's states, or of its last ones."""
    if not (isinstance(value, Tensor) and value.steps):
        return None
    time = value.order.index(0)
    rest = [part for i, part in enumerate(parts) if i != time]
    if len(parts) <= time or not all(part == WHOLE for part in rest):
        return None
    part = parts[time]
    if type(part) is not int or not -len(value.steps) <= part < len(value.steps):
        return None
    at = tracer.at(node, "slice")
    return Tensor(step_of(tracer.net, at, value.steps[part]), (0, 1))


def _cut(tracer: Tracer, part: Any, size: Any, node: ast.AST) -> Any:
    """Return (start, stop, step) of an index or a slice along one axis."""
    if part == WHOLE:
        return (0, None, 1)
    if isinstance(part, slice) and isinstance(size, int):
        ends = [part.start, part.stop, part.step]
        if all(one is None or type(one) is int for one in ends):
            start, stop, step = part.indices(size)
            if step > 0:
                return (start, stop, step)
    if isinstance(part, slice) and part.stop == size:
        return (0, None, 1)
    if type(part) is int and isinstance(size, int) and -size <= part < size:
        at = part % size
        return (at, at + 1, 1)
    if type(part) is int and isinstance(size, Batch):
        raise _of_one_example(tracer, part, node)
    message = tr("this index is not a number or a slice with known ends")
    text, reason = tracer.run.source.text, getattr(part, "reason", "")
    raise SourceShapeError(message, text, tracer.run.span(node), reason)


def _of_one_example(tracer: Tracer, part: int, node: ast.AST) -> SourceShapeError:
    """Return the error of a text that takes one example out of its batch."""
    message = tr("[{place}] takes one example out of the batch", place=part)
    hint = tr(
        "networks here are of a whole batch: write [:, ...] so that it stays, and "
        "leave out what makes it a batch of one, such as view(1, 1, -1)"
    )
    return SourceShapeError(
        message, tracer.run.source.text, tracer.run.span(node), hint
    )


def _sliced(tracer: Tracer, t: Tensor, cuts: list[Any], node: ast.AST) -> Tensor:
    if all(cut == (0, None, 1) for cut in cuts):
        return t
    while cuts and cuts[-1] == (0, None, 1):
        cuts = cuts[:-1]
    at = tracer.at(node, "slice")
    return Tensor(tracer.net.gate("slice", t.node, layer=at, cuts=tuple(cuts)), t.order)


# ---- axes of size 1 ----


def squeezed(tracer: Tracer, t: Tensor, axes: Sequence[int], node: ast.AST) -> Tensor:
    """Take out axes of size 1."""
    if not axes:
        return t
    gone = {t.order[axis] for axis in axes}
    shape = tracer.net.graph.nodes[t.node]["shape"]
    kept = tuple(size for i, size in enumerate(shape) if i not in gone)
    made = tracer.net.reshape(t.node, kept, tracer.at(node))
    order = [p for i, p in enumerate(t.order) if i not in set(axes)]
    return Tensor(made, tuple(p - sum(g < p for g in gone) for p in order))


def unsqueezed(tracer: Tracer, t: Tensor, axis: int, node: ast.AST) -> Tensor:
    """Put an axis of size 1 before the one that stands there, in the text's count."""
    rank = len(t.order)
    axis = axis + rank + 1 if axis < 0 else axis
    shape = tracer.net.graph.nodes[t.node]["shape"]
    made = tracer.net.reshape(t.node, (*shape, 1), tracer.at(node))
    return Tensor(made, (*t.order[:axis], rank, *t.order[axis:]))


# ---- reshaping ----


def reshaped(tracer: Tracer, value: Any, new: Sequence[Any], node: ast.AST) -> Tensor:
    """Append view(-1, 400) and the like: numbers are counted in the text's order."""
    number = tracer.inputs.number(value)
    if number is not None:
        width = new[-1] if len(new) == 2 and type(new[-1]) is int else 0
        known = tracer.inputs.shapes[number] is not None
        if not known and width > 0:
            given = {"size": width, "in_features": width}
            item = Item("view", given, tracer.run.span(node), "view")
            tracer.check_known(item, number)
        if len(new) == 2 and tracer.inputs.shapes[number] is not None:
            return _input_rows(tracer, value, number, new, node)
    t = tracer.tensor(value, node)
    sizes = tracer.sizes(t)
    shape = _solved(tracer, sizes, list(new), node)
    if shape == sizes:
        return t
    net, at = tracer.net, tracer.at(node, "view")
    rank = len(sizes)
    columns = t.order == (rank - 1, *range(rank - 1))  # images, the batch last
    if columns and rank > 2 and len(shape) == 2 and shape[0] == Batch():
        joined = net.reshape(t.node, (shape[1], "N"), at)
        made = net.gate("transpose", joined, layer=at, name=net.fresh("f"))
        return Tensor(made, (0, 1))
    written = tuple(-1 if isinstance(size, Batch) else size for size in shape)
    made = net.gate("reshape", tracer.natural(t, node), layer=at, shape=written)
    return Tensor(made, tuple(range(len(shape))))


def _input_rows(
    tracer: Tracer, value: Any, number: int, new: Sequence[Any], node: ast.AST
) -> Tensor:
    """Take the input as rows (N, features) where a program flattens it first of all."""
    shape = _solved(tracer, tracer.sizes(value), list(new), node)
    if shape != (Batch(), math.prod(tracer.inputs.shapes[number] or ())):
        return reshaped(tracer, tracer.tensor(value, node, "rows"), new, node)
    return tracer.inputs.as_rows(number)


def _solved(
    tracer: Tracer, sizes: tuple[Any, ...], new: list[Any], node: ast.AST
) -> tuple[Any, ...]:
    """Replace -1, and what is not known, by what is left over."""
    new = [size if isinstance(size, int | Batch) else -1 for size in new]
    batched = any(isinstance(s, Batch) for s in sizes)
    if tracer.inputs.alone and batched:
        new = _with_examples(new, sizes)
    if batched and new[:1] == [1] and -1 in new[1:]:  # one example, as the text has it
        new[0] = Batch()
    number = math.prod(s if isinstance(s, int) else s.times for s in sizes)
    known = math.prod(s.times if isinstance(s, Batch) else s for s in new if s != -1)
    if new.count(-1) > 1 or known <= 0 or number % known:
        shown = ", ".join("N" if isinstance(s, Batch) else str(s) for s in sizes)
        message = tr(
            "({shown}) cannot take this shape: the numbers do not come out even",
            shown=shown,
        )
        raise tracer.net.misfit(message, tracer.at(node, "view"))
    rest, has_batch = number // known, any(isinstance(s, Batch) for s in new)
    filled: Any = rest if has_batch or not batched else Batch(rest)
    return tuple(filled if size == -1 else size for size in new)


def _with_examples(new: list[Any], sizes: tuple[Any, ...]) -> list[Any]:
    """Put the examples into the sizes that a text gives one sequence alone.

    A 1 stands where they would stand; without one, rows of all steps are theirs, too.
    """
    if any(isinstance(size, Batch) for size in new):
        return new
    if 1 in new[:2]:
        at = new.index(1)
        return [*new[:at], Batch(), *new[at + 1 :]]
    steps = next((one for one in sizes if isinstance(one, int)), 0)
    if len(new) == 2 and new[0] == steps:
        return [Batch(steps), *new[1:]]
    return new


def flattened(tracer: Tracer, value: Any, start: int, node: ast.AST) -> Tensor:
    """Append flatten(x, 1): all axes from one on become one."""
    sizes = tracer.sizes(value)
    rank = len(sizes)
    start = start % rank if rank else 0
    if rank <= start + 1:
        return tracer.tensor(value, node, "rows")
    return reshaped(tracer, value, [*sizes[:start], -1], node)


# ---- putting together ----


def concatenated(
    tracer: Tracer, values: Sequence[Any], axis: int, node: ast.AST
) -> Tensor:
    """Append concat(a, b, ...) along an axis as the text counts it."""
    tensors = [tracer.tensor(value, node) for value in values]
    first, *rest = tensors
    order = first.order
    axes = tuple(order.index(i) for i in range(len(order)))
    if any(len(t.order) != len(order) for t in rest):
        raise tracer.net.misfit(
            tr("these tensors differ in rank"), tracer.at(node, "cat")
        )
    at = tracer.at(node, "cat")
    made, place = first.node, order[axis % len(order)]
    for t in rest:
        other = tracer.arranged(t, axes, node)
        made = tracer.net.gate("concat", made, other, layer=at, axis=place)
    return Tensor(made, order)
