"""What a function says that it differentiates by; whether it returns a loss as well."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from gradtutor.audit.program.definitions import Function
from gradtutor.audit.program.naming import (
    RATE,
    bare,
    is_gradient_name,
    match_name,
    stem,
)


def graded_names(entry: Function) -> set[str]:
    """Return the names that the return statement says are differentiated by."""
    texts = [bare(text) for text in entry.returns if is_gradient_name(bare(text))]
    texts += _keys(entry)
    return {
        other for text in texts for other in (stem(text), text.removeprefix("d"), text)
    } - {""}


def graded_of(forward: Function, backward: Function) -> set[str]:
    """Return these names as forward spells them too: ``p`` for ``dP``."""
    found = graded_names(backward)
    return (found | {match_name(n, forward.arguments) for n in found}) - {""}


def _keys(entry: Function) -> list[str]:
    """Return the keys of the dicts that a function makes: ``grads["W"] = ...``."""
    found = []
    for node in ast.walk(entry.node) if entry.node else ():
        match node:
            case ast.Return(ast.Dict(keys)) | ast.Assign(_, ast.Dict(keys)):
                found += [k.value for k in keys if isinstance(k, ast.Constant)]
            case ast.Assign([ast.Subscript(_, ast.Constant(str(key))), *_]):
                found.append(key)
    return [str(key) for key in found]


def _is_gradients(text: str) -> bool:
    """Whether a result is a gradient, a dict of gradients, or some end to end."""
    if is_gradient_name(text) or is_gradient_name(bare(text)):
        return True
    try:
        parts = _parts(ast.parse(text, mode="eval").body)
    except SyntaxError:
        return False
    return any(is_gradient_name(bare(ast.unparse(part))) for part in parts)


def _parts(node: ast.expr) -> list[ast.expr]:
    """Return the values of a dict, or what is put end to end: ``np.r_[dW, db]``."""
    match node:
        case ast.Dict(_, values):
            return values
        case ast.Subscript(ast.Attribute(_, "r_"), ast.Tuple(items)):
            return items
        case ast.Call(
            ast.Attribute(_, "concatenate" | "hstack"),
            [ast.Tuple(items) | ast.List(items), *_],
        ):
            return items
        case ast.Call(ast.Attribute(_, "append"), [*items]):
            return items
    return []


def loss_and_rest(function: Function) -> tuple[int, list[int]]:
    """Return where the loss stands among the results, and where the gradients do."""
    names = function.returns
    gradients = [i for i, n in enumerate(names) if _is_gradients(n)]
    plain = [i for i in range(len(names)) if i not in gradients]
    place = next(
        (i for i in plain if re.search(r"loss|cost|J|err|L|nll|E", names[i])), None
    )
    place = plain[0] if place is None else place
    return place, gradients or [i for i in range(len(names)) if i != place]


def returns_both(function: Function) -> bool:
    """Whether a function returns a loss with its gradient."""
    names = function.returns
    gradients = [n for n in names if _is_gradients(n)]
    plain = [n for n in names if not _is_gradients(n)]
    losses = [n for n in plain if re.search(r"loss|cost|^J|nll|^L$|error|^E$", n)]
    return len(names) > 1 and bool(gradients) and bool(losses)


def takes_steps(function: Function) -> bool:
    """Whether a function trains: ``w = w - learning_rate * dw`` of its argument."""
    return any(
        name in function.arguments and _has_rate(value)
        for node in (ast.walk(function.node) if function.node else ())
        for name, value in _changes(node)
    )


def _changes(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case ast.AugAssign(ast.Name(name), ast.Sub() | ast.Add(), value):
            yield name, value
        case ast.Assign([ast.Name(name)], ast.BinOp(ast.Name(same), _, value)) if (
            name == same
        ):
            yield name, value


def _has_rate(value: ast.expr) -> bool:
    names = (n.id for n in ast.walk(value) if isinstance(n, ast.Name))
    return any(RATE.fullmatch(name) for name in names)
