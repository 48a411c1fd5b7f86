"""Python's own functions, on what is known."""

from __future__ import annotations

import ast
import itertools
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Data, Filled
from gradtutor.language.program.data.containers import MAX_ITEMS, elements
from gradtutor.language.program.values import (
    Factory,
    Instance,
    Layer,
    Library,
    Partial,
    Stack,
    Tensor,
    Unknown,
)
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

Keywords = Mapping[str, Any]
NUMBERS: dict[str, Callable[..., Any]] = {
    "int": int,
    "float": float,
    "abs": abs,
    "round": round,
    "min": min,
    "max": max,
    "sum": sum,
    "str": str,
    "bool": bool,
    "sqrt": math.sqrt,
    "ceil": math.ceil,
    "floor": math.floor,
    "log2": math.log2,
    "prod": math.prod,
    "divmod": divmod,
}


#: Functions of ``math`` that NumPy has too.
MATH: dict[str, Callable[..., Any]] = {
    name: getattr(math, name) for name in ("exp", "log", "sin", "cos", "tan", "tanh",
                                           "log10", "log1p", "expm1", "pow")
}  # fmt: skip
NUMBERS |= MATH


def _pure(name: str) -> Callable[..., Any]:
    """Return a function of numbers that is worked out where all are known."""

    def apply(
        run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
    ) -> Any:
        plain = all(_is_plain(one) for one in args)
        try:
            value = NUMBERS[name](*args) if plain else None
        except (ArithmeticError, TypeError, ValueError):
            value = None
        return (
            run.unknown(tr("{name}() has no plain value", name=name), node)
            if value is None
            else value
        )

    return apply


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return len(value) <= MAX_ITEMS and all(
            isinstance(v, int | float) for v in value
        )
    return isinstance(value, int | float | str | range)


def _range(run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST) -> Any:
    if args and all(type(one) is int for one in args):
        return range(*args)
    unknown = [one for one in args if isinstance(one, Unknown)]
    return (
        unknown[0] if unknown else run.unknown(tr("how often is not in the text"), node)
    )


def _len(run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST) -> Any:
    (value, *_) = args or [None]
    if isinstance(value, Stack):
        return len(value.layers)
    if isinstance(value, Data | Filled) and value.shape:
        return value.shape[0] if value.shape[0] is not None else Data(())
    if isinstance(value, list | tuple | dict | str | range):
        return len(value)
    if isinstance(value, Tensor) and run.tracer is not None:
        return run.tracer.sizes(value)[0]
    return run.unknown(tr("how many there are is not in the text"), node)


def _enumerate(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    items, _, over_data = elements(run, args[0] if args else [], node)
    start = keywords.get("start", args[1] if len(args) > 1 else 0)
    first = start if type(start) is int else 0
    pairs = [(i, item) for i, item in enumerate(items, first)]
    return _again(run, pairs, over_data)


def _again(run: Interpreter, pairs: list[Any], over_data: bool) -> Any:
    """Return what was gone through, still as the batches of data."""
    if over_data:
        return Instance(None, {"__batches__": pairs[0] if pairs else Data()})
    return pairs


#: Rounds that data go on for beside a list.
MOST_TOGETHER = 64


def _zip(run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST) -> Any:
    found = [elements(run, one, node) for one in args]
    known = [count for _, count, _ in found if count is not None]
    if known and 1 < min(known) <= MOST_TOGETHER:  # data go on as long as the others
        found = [
            (items * min(known) if count is None else items, count, over)
            for items, count, over in found
        ]
    pairs = list(zip(*(items for items, _, _ in found), strict=False))
    return _again(run, pairs, any(over for _, _, over in found))


def _listed(kind: Callable[..., Any]) -> Callable[..., Any]:
    def make(
        run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
    ) -> Any:
        if args and isinstance(args[0], Instance | Data | Unknown | Tensor):
            return args[0]
        return kind(elements(run, args[0], node)[0] if args else ())

    return make


def _dict(run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST) -> Any:
    first = args[0] if args else {}
    pairs = first.items() if isinstance(first, dict) else first
    try:
        return {**dict(pairs), **keywords}
    except (TypeError, ValueError):
        return run.unknown(tr("this dictionary is not read"), node)


def _reversed(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    return list(reversed(elements(run, args[0], node)[0])) if args else []


def _isinstance(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    value, kinds = args[0], args[1]
    names = [
        getattr(one, "name", "")
        for one in (kinds if isinstance(kinds, tuple) else (kinds,))
    ]
    if isinstance(value, bool | int | float | str | list | tuple | dict):
        return type(value).__name__ in names
    if isinstance(value, Instance) and value.cls is not None:
        return value.cls.name in names
    if isinstance(value, Tensor):
        return "Tensor" in names
    return isinstance(value, Layer) and value.item.name in names


def _attribute_of(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    from gradtutor.language.program.data.attributes import attribute

    if len(args) > 1 and isinstance(args[1], str):
        return attribute(run, args[0], args[1], node)
    return Data()


def _set_attribute(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    if len(args) == 3 and isinstance(args[0], Instance) and isinstance(args[1], str):
        args[0].names[args[1]] = args[2]
        run.found.parts.add(id(args[2]))
    return None


def _has(run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST) -> Any:
    owner = args[0] if args else None
    if isinstance(owner, Instance) and isinstance(args[1], str):
        return args[1] in owner.names
    if isinstance(owner, Library):
        return True
    return run.unknown(tr("what this has is not in the text"), node)


def _map(run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST) -> Any:
    function, *lists = args
    columns = [elements(run, one, node)[0] for one in lists]
    return [run.call(function, row, {}, node) for row in zip(*columns, strict=False)]


def _print(run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST) -> Any:
    run.pass_over("print", node)
    return None


def _partial(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    return Partial(args[0], tuple(args[1:]), dict(keywords)) if args else Data()


def _cast(run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST) -> Any:
    """typing.cast(kind, value): the value."""
    return args[-1] if args else Data()


def _field(run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST) -> Any:
    """dataclasses.field(default_factory=list)."""
    make = keywords.get("default_factory")
    return keywords.get("default", Data()) if make is None else Factory(make)


def _product(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    """np.prod(shape), of numbers that are known."""
    given = args[0] if args and isinstance(args[0], list | tuple) else ()
    if given and all(type(one) is int for one in given):
        return math.prod(given)
    return run.unknown(tr("this product is known only when it runs"), node)


def _set(run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST) -> Any:
    """set(words): each once, in the order met."""
    given = args[0] if args else []
    plain = isinstance(given, list | tuple | str)
    if plain and all(isinstance(one, str | int | float) for one in given):
        return list(dict.fromkeys(given))
    return run.unknown(tr("what this set holds is known only when it runs"), node)


def _pairs(run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST) -> Any:
    items = elements(run, args[0], node)[0] if args else []
    return list(itertools.pairwise(items))


PYTHON: dict[str, Callable[..., Any]] = {
    **{name: _pure(name) for name in NUMBERS if name not in MATH},
    **{
        f"math.{name}": _pure(name)
        for name in ("sqrt", "ceil", "floor", "log2", "prod")
    },
    **{f"math.{name}": _pure(name) for name in MATH},
    **{
        f"{one}.{name}": _pure(name)
        for one in ("numpy", "np", "jax.numpy", "jnp")
        for name in (*MATH, "sqrt", "ceil", "floor", "log2", "abs")
    },
    **{f"{one}.prod": _product for one in ("np", "numpy", "jnp")},
    **{f"{one}reduce_prod": _product for one in ("tensorflow.", "tensorflow.math.")},
    "functools.partial": _partial,
    "partial": _partial,
    "typing.cast": _cast,
    "dataclasses.field": _field,
    "itertools.pairwise": _pairs,
    "set": _set,
    "frozenset": _set,
    "type": lambda run, args, keywords, node: getattr(args[0], "cls", None) or Data(),
    "range": _range,
    "len": _len,
    "enumerate": _enumerate,
    "zip": _zip,
    "list": _listed(list),
    "tuple": _listed(tuple),
    "sorted": _listed(sorted),
    "dict": _dict,
    "reversed": _reversed,
    "isinstance": _isinstance,
    "getattr": _attribute_of,
    "setattr": _set_attribute,
    "hasattr": _has,
    "map": _map,
    "print": _print,
}
