"""Whether what a statement makes ever gets to a network: by names, line after line."""

from __future__ import annotations

import ast
from collections.abc import Iterator

#: Methods and functions that take data for a network.
TAKES = frozenset((
    "fit", "fit_generator", "evaluate", "predict", "train_on_batch", "flow", "map",
    "from_tensor_slices", "DataLoader", "TensorDataset", "train_test_split", "append",
    "tensor", "from_numpy", "as_tensor", "Tensor", "FloatTensor", "Variable", "savez",
    "convert_to_tensor", "train", "partial_fit", "apply", "forward", "fit_transform",
    "device_put", "get", "update", "extend", "train_step", "from_generator",
))  # fmt: skip
#: Functions that show and count: nothing gets to a network by them.
SHOWS = frozenset((
    "print", "len", "imshow", "plot", "scatter", "show", "bar", "hist", "fill_between",
    "axhline", "axvline", "text", "title", "set_facecolor", "repr", "str", "type",
))  # fmt: skip

Assignment = ast.Assign | ast.AnnAssign | ast.AugAssign


def reaches_a_network(tree: ast.Module, made: ast.AST) -> bool:
    """Whether what an expression makes is handed to anything but pictures.

    What stands in place of the data, x = x / 255, gets there unless it is only drawn;
    another name must be seen to go there.
    """
    statement = _statement_of(tree, made)
    names = _given_to(statement)
    if not names:
        return True
    found, flows = set(names), list(_flows(tree))
    while True:
        more = {name for to, of in flows if of & found for name in to} - found
        if not more:
            break
        found |= more
    taken = any(_names(part) & found for part in _taken(tree))
    drawn = any(_names(part) & found for part in _shown(tree))
    return taken or (_is_in_place(statement, names) and not drawn)


def _statement_of(tree: ast.Module, made: ast.AST) -> Assignment | None:
    """Return the assignment that an expression stands in."""
    for one in ast.walk(tree):
        if isinstance(one, Assignment) and any(part is made for part in ast.walk(one)):
            return one
    return None


def _is_in_place(statement: Assignment | None, names: set[str]) -> bool:
    """Whether a statement changes what it reads: x = x / 255, x /= 255."""
    if statement is None or statement.value is None:
        return False
    changes = isinstance(statement, ast.AugAssign)
    return changes or not names.isdisjoint(_names(statement.value))


def _given_to(statement: Assignment | None) -> set[str]:
    """Return the names that a statement assigns to; none where it sets parts."""
    if statement is None:
        return set()
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    else:
        targets = [statement.target]
    plain = all(isinstance(part, ast.Name) for part in targets)
    return set().union(*map(_names, targets)) if plain else set()


def _flows(tree: ast.Module) -> Iterator[tuple[set[str], set[str]]]:
    """Yield the names that a statement assigns, and those that it reads."""
    for one in ast.walk(tree):
        match one:
            case ast.Assign(targets, value):
                yield set().union(*map(_names, targets)), _names(value)
            case ast.For(target, of) | ast.comprehension(target, of):
                yield _names(target), _names(of)
            case ast.AugAssign(target, _, value) | ast.AnnAssign(target, _, value):
                yield _names(target), _names(value) if value else set()


def _taken(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield what is handed on: arguments of calls, and what functions return."""
    for one in ast.walk(tree):
        if isinstance(one, ast.Call):
            func = one.func
            word = getattr(func, "attr", getattr(func, "id", ""))
            own = isinstance(func, ast.Name) and word not in SHOWS
            if own or word in TAKES or not word:
                yield from (*one.args, *one.keywords)
        elif isinstance(one, ast.Return | ast.Yield) and one.value is not None:
            yield one.value


def _shown(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield what is drawn and printed."""
    for one in ast.walk(tree):
        if isinstance(one, ast.Call):
            word = getattr(one.func, "attr", getattr(one.func, "id", ""))
            yield from one.args if word in SHOWS else ()


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
