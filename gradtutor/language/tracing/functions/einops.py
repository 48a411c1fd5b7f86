"""The functions of einops: rearrange, repeat and reduce, by their patterns.

Every name of a pattern is an axis, a bracket holds axes that are joined
(Rogozhnikov 2022, "Einops: clear and reliable tensor manipulations").
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Batch
from gradtutor.language.program.values import Tensor
from gradtutor.language.tracing.cutting import reshaped, unsqueezed
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer

Groups = list[list[str]]


def _groups(side: str) -> Groups:
    """Return the axes of one side of a pattern; 1 and () hold no axis.

    >>> _groups("b (h d) n 1")
    [['b'], ['h', 'd'], ['n'], []]
    """
    found = re.findall(r"\(([^)]*)\)|(\S+)", side)
    groups = [(name or inner).split() for inner, name in found]
    return [[one for one in group if one != "1"] for group in groups]


def _sides(
    tracer: Tracer, pattern: Any, rank: int, node: ast.AST
) -> tuple[Groups, Groups]:
    plain = isinstance(pattern, str) and "->" in pattern
    if not plain:
        raise tracer.run.fail(tr("this pattern is not read"), node)
    left, _, right = str(pattern).partition("->")
    if "..." in left:
        more = rank - len(_groups(left.replace("...", "")))
        axes = " ".join(f"_{i}" for i in range(more))
        left, right = left.replace("...", axes), right.replace("...", axes)
    return _groups(left), _groups(right)


def _apart(
    tracer: Tracer, x: Any, groups: Groups, given: Mapping[str, Any], node: ast.AST
) -> tuple[Tensor, dict[str, Any]]:
    """Return a tensor with an axis for every name, and the axes' sizes."""
    sizes = tracer.sizes(x)
    if len(groups) != len(sizes):
        message = tr(
            "this pattern has {groups} axes, the tensor {sizes}",
            groups=len(groups),
            sizes=len(sizes),
        )
        raise tracer.run.fail(message, node)
    known: dict[str, Any] = {}
    for group, size in zip(groups, sizes, strict=True):
        own = {name: given[name] for name in group if name in given}
        rest = [name for name in group if name not in own]
        done = math.prod(own.values())
        if len(rest) > 1 or (isinstance(size, int) and done and size % done):
            raise tracer.run.fail(tr("the sizes of this pattern do not come out"), node)
        known |= own
        known |= dict.fromkeys(rest, size if not own else size // done)
    names = [name for group in groups for name in group]
    wide = [known[name] for name in names]
    t = tracer.tensor(x, node)
    return (t if wide == list(sizes) else reshaped(tracer, t, wide, node)), known


def rearrange(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Tensor:
    """Append einops.rearrange(x, "b n (h d) -> b h n d", h=8)."""
    x, pattern = args[:2]
    left, right = _sides(tracer, pattern, len(tracer.sizes(x)), node)
    t, known = _apart(tracer, x, left, keywords, node)
    names = [name for group in left for name in group]
    return _together(tracer, t, names, right, known, node)


def _together(
    tracer: Tracer,
    t: Tensor,
    names: list[str],
    right: Groups,
    known: Mapping[str, Any],
    node: ast.AST,
) -> Tensor:
    """Bring the axes into the order of a pattern's right side, and join them."""
    wanted = [name for group in right for name in group]
    if sorted(wanted) != sorted(names):
        raise tracer.run.fail(tr("both sides of this pattern have the same axes"), node)
    t = Tensor(t.node, tuple(t.order[names.index(name)] for name in wanted))
    shape = []
    for group in right:
        parts = [known[name] for name in group]
        count = math.prod(one for one in parts if isinstance(one, int))
        batch = any(isinstance(one, Batch) for one in parts)
        shape.append(Batch(count) if batch else count)
    alone = all(len(group) == 1 for group in right)
    return t if alone else reshaped(tracer, t, shape, node)


def repeat(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Tensor:
    """Append einops.repeat(x, "1 1 d -> b 1 d", b=b): axes that are new are copies."""
    x, pattern = args[:2]
    left, right = _sides(tracer, pattern, len(tracer.sizes(x)), node)
    old = [name for group in left for name in group]
    t, known = _apart(tracer, x, left, keywords, node)
    new = [name for group in right for name in group if name not in old]
    for name in new:
        size = keywords.get(name)
        t = unsqueezed(tracer, t, 0, node)
        times = [size, *(-1 for _ in t.order[1:])]
        t = tracer.function("expand", [t, times], {}, node)
        known[name] = size
        old = [name, *old]
    return _together(tracer, t, old, right, known, node)


def reduce(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Tensor:
    """Append einops.reduce(x, "b c h w -> b c", "mean")."""
    x, pattern = args[:2]
    how = args[2] if len(args) > 2 else keywords.pop("reduction", "mean")
    left, right = _sides(tracer, pattern, len(tracer.sizes(x)), node)
    t, known = _apart(tracer, x, left, keywords, node)
    names = [name for group in left for name in group]
    kept = {name for group in right for name in group}
    gone = [i for i, name in enumerate(names) if name not in kept]
    made = tracer.function(str(how), [t], {"dim": tuple(gone)}, node)
    made = made[0] if isinstance(made, tuple) else made
    rest = [name for name in names if name in kept]
    return _together(tracer, made, rest, right, known, node)


EINOPS = {"rearrange": rearrange, "repeat": repeat, "reduce": reduce}
