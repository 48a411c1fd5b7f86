r"""Lines of a loop that are a network: arrays that the loop moves are its weights.

>>> import ast
>>> moved(ast.parse("for i in range(9):\n    w -= 0.1 * g\n").body[0], {})
['w']

Of such a loop the lines up to the output are read, with the data that they take as the
input: iamtrask's eleven lines, makemore's ``emb = C[X[ix]]``.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Data, Filled
from gradtutor.language.program.bare.classes import own_steps
from gradtutor.language.program.bare.lines import Lines, check_carried, lines_of
from gradtutor.language.program.bare.written_losses import take_loss
from gradtutor.language.program.data.containers import elements
from gradtutor.language.program.models.settings import make_setting
from gradtutor.language.program.values import (
    Instance,
    Library,
    Scope,
    Weight,
    class_of_forward,
)
from gradtutor.language.program.weights import as_weight
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

#: What the lines stand under: a class that computes something.
MODULE = Library("numpy.Module")


def of_loops(run: Interpreter) -> Any:
    """Return the network that a loop of the text is; None where it is none."""
    for loop in reversed([*_loops(run.source.tree.body)]):
        weights = _weights(run, loop)
        found = lines_of(run, loop, weights) if weights else None
        if found is None:
            continue
        made = _model(run, loop, found, weights)
        if made is not None:
            _note(run, loop, found)
            return made
    return None


def _loops(body: list[ast.stmt]) -> Iterator[ast.For | ast.While]:
    """Yield the loops of a text's own lines, those inside others too."""
    for one in body:
        if isinstance(one, ast.For | ast.While):
            yield one
        if isinstance(one, ast.For | ast.While | ast.If | ast.With):
            yield from _loops(one.body)


# ---- what a loop moves ----


def moved(loop: ast.For | ast.While, lists: dict[str, list[str]]) -> list[str]:
    """Return the names that a loop takes steps with: w -= ..., w = w - ..., p.data."""
    found: dict[str, None] = {}
    for node in ast.walk(loop):
        match node:
            case ast.For(ast.Name(one), ast.Name(several)) if several in lists:
                if one in moved(ast.For(node.target, node.iter, node.body, []), {}):
                    found |= dict.fromkeys(lists[several])
            case ast.AugAssign(target, ast.Add() | ast.Sub()):
                found |= dict.fromkeys(_base(target))
            case ast.Assign([target], ast.BinOp(left, ast.Add() | ast.Sub(), _)):
                if _base(target) and _base(target) == _base(left):
                    found |= dict.fromkeys(_base(target))
    return list(found)


def _base(target: ast.expr) -> list[str]:
    """Return the name of w and of w.data."""
    match target:
        case ast.Name(name) | ast.Attribute(ast.Name(name), "data"):
            return [name]
    return []


def _weights(run: Interpreter, loop: ast.For | ast.While) -> dict[str, Any]:
    """Return the arrays that a loop moves, as they were before it."""
    lists: dict[str, list[str]] = {}
    starts: dict[str, ast.expr] = {}
    for one in run.source.tree.body:
        match one:
            case ast.Assign([ast.Name(name)], value) if one.lineno < loop.lineno:
                starts.setdefault(name, value)
                if isinstance(value, ast.List | ast.Tuple):
                    parts = [getattr(part, "id", "") for part in value.elts]
                    lists[name] = parts
    found: dict[str, Any] = {}
    for name in moved(loop, lists):
        value = run.scope.find(name)
        if not isinstance(value, Weight) and name in starts:
            value = run.evaluate(starts[name], run.scope)
        if isinstance(value, Data | Filled) and name in starts:
            value = as_weight(run, value, starts[name])
        if isinstance(value, Weight):
            found[name] = value
    return found


# ---- the model ----


def _model(
    run: Interpreter, loop: ast.For | ast.While, found: Lines, weights: dict[str, Any]
) -> Any:
    """Make an object whose forward has the lines, of the data that they take."""
    data = _data(run, found, set(weights))
    if data is None:
        return None
    body = [
        _OfInput(data).visit(copy.deepcopy(one))
        for one in (*found.body, ast.Return(found.output))
    ]
    check_carried(run, loop, body, {data, *weights})
    spec = ast.arguments([], [ast.arg("self"), ast.arg(data)], None, [], [], None, [])
    forward = ast.FunctionDef("forward", spec, body, [])
    for one in (forward, *spec.args, body[-1], found.output):
        ast.copy_location(one, found.line)
    scope = Scope(run.scope)
    scope.names |= weights
    cls = class_of_forward(forward, "Network", scope, MODULE)
    model = Instance(cls, dict(weights), run.span(found.line))
    value = run.scope.find(data)
    if isinstance(value, Data | Filled):
        run.found.calls[id(model)] = ((value,), {})
        run.found.examples[id(model)] = [value]
    run.found.models.append(model)
    return model


def _data(run: Interpreter, found: Lines, weights: set[str]) -> str | None:
    """Return the one array that the lines take besides the weights."""
    made = {
        target.id
        for one in found.body
        if isinstance(one, ast.Assign)
        for target in one.targets
        if isinstance(target, ast.Name)
    }
    used: dict[str, None] = {}
    for one in found.body:
        inside = {
            id(part)
            for node in ast.walk(one)
            if isinstance(node, ast.Subscript)
            for part in ast.walk(node.slice)
            if not (isinstance(node.value, ast.Name) and node.value.id in weights)
        }
        for node in ast.walk(one):
            if isinstance(node, ast.Name) and id(node) not in inside:
                used[node.id] = None
    arrays = [
        name
        for name in used
        if name not in made | weights | found.target
        and isinstance(run.scope.find(name), Data | Filled)
    ]
    return arrays[0] if len(arrays) == 1 else None


class _OfInput(ast.NodeTransformer):
    """Takes X[ix], a batch of the data, for the input itself."""

    def __init__(self, data: str) -> None:
        self.data = data

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """Return the data alone where a part of it is taken."""
        named = isinstance(node.value, ast.Name) and node.value.id == self.data
        if named and _is_batch(node.slice):
            return node.value
        return self.generic_visit(node)


def _is_batch(place: ast.expr) -> bool:
    """Whether an index takes examples and all of each: ix, i:i+32, (ix, :)."""
    match place:
        case ast.Tuple([first, *more]):
            rest = all(ast.unparse(one) == ":" for one in more)
            return rest and _is_batch(first)
        case ast.Slice(step=step):
            return step is None
        case ast.Constant(value):
            return type(value) is int
    return isinstance(place, ast.Name | ast.List | ast.BinOp)


# ---- what is said of it ----


def _differentiates(loop: ast.For | ast.While) -> bool:
    """Whether a library works the gradient out in a loop: loss.backward()."""
    return any(getattr(one, "attr", "") == "backward" for one in ast.walk(loop))


def _loss_of_an_error(
    run: Interpreter, loop: ast.For | ast.While, found: Lines
) -> None:
    """Take the loss that the lines work out of their error, else the squared error."""
    words = {*found.target, ast.unparse(found.output)}

    def is_error(node: ast.AST) -> bool:
        match node:
            case ast.BinOp(ast.Name(a), ast.Sub(), ast.Name(b)):
                return {a, b} == words
        return False

    take_loss(run, loop.body, is_error, found.line)


def _note(run: Interpreter, loop: ast.For | ast.While, found: Lines) -> None:
    """Say which lines are the network, and which loss its error is the slope of."""
    run.notes.append(
        tr(
            "line {line}: the lines of this loop up to the output are the network, the "
            "arrays that it moves are the weights",
            line=loop.lineno,
        )
    )
    if run.found.epochs is None and isinstance(loop, ast.For):
        _, count, _ = elements(run, run.evaluate(loop.iter, run.scope), loop.iter)
        drawn = found.loss and run.found.updates
        if count and not drawn:
            run.found.epochs, run.found.whole = count, True
    if found.loss == "CrossEntropyLoss":
        make_setting(run, found.loss, [], {}, found.line)
    elif not found.loss:
        _loss_of_an_error(run, loop, found)
    if found.loss == "CrossEntropyLoss":
        run.notes.append(
            tr(
                "line {line}: the loss is cross-entropy, as its logarithm tells: what "
                "is added to it is not read",
                line=getattr(found.line, "lineno", 1),
            )
        )
    if not _differentiates(loop):
        run.notes.append(own_steps(tr("the loop")))
