"""HIPS autograd, played by NumPy: primitives and their rules are kept, nothing else."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradtutor.audit.sandbox.child.standins.nothing import Nothing, nothing_module

#: The rules of each primitive by the places of its arguments.
RULES: dict[Any, dict[int, Callable[..., Any]]] = {}


def _primitive(function: Callable[..., Any]) -> Callable[..., Any]:
    return function


def _defvjp(function: Any, *rules: Any, **named: Any) -> None:
    """Keep a primitive's rules: ``lambda ans, x: lambda g: ...``."""
    places = named.get("argnums") or range(len(rules))
    found = zip(places, rules, strict=False)
    RULES[function] = {place: rule for place, rule in found if rule is not None}


def vjps_of(function: Any, ans: Any, args: Any, upstream: Any) -> tuple[Any, ...]:
    """Return the gradients that a primitive's rules give; None where it has none."""
    rules = RULES.get(function, {})
    return tuple(
        rules[i](ans, *args)(upstream) if i in rules else None for i in range(len(args))
    )


def _repeated(g: Any, shape: Any, *more: Any) -> tuple[Any, int]:
    """Return a gradient repeated to what was summed, as ``numpy_vjps`` does."""
    axis = more[-2]
    if shape == ():
        return g, 1
    axes = range(len(shape)) if axis is None else np.atleast_1d(axis) % len(shape)
    ones = [1 if i in axes else size for i, size in enumerate(shape)]
    count = int(np.prod([shape[i] for i in axes]))
    return np.reshape(g, ones) + np.zeros(shape), count


class _Numpy(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


def autograd_modules() -> Mapping[str, types.ModuleType]:
    """Return the modules that stand in for autograd."""
    numpy = _Numpy("autograd.numpy")
    extend = nothing_module("autograd.extend")
    vars(extend).update(primitive=_primitive, defvjp=_defvjp)
    vjps = nothing_module("autograd.numpy.numpy_vjps")
    vars(vjps).update(repeat_to_match_shape=_repeated)
    random = _Numpy("autograd.numpy.random")
    vars(random).update(
        {n: getattr(np.random, n) for n in ("randn", "rand", "RandomState")}
    )
    linalg = _Numpy("autograd.numpy.linalg")
    vars(linalg).update({n: v for n, v in vars(np.linalg).items() if n[:1] != "_"})
    vars(numpy).update(random=random, linalg=linalg, numpy_vjps=vjps)
    autograd = nothing_module("autograd")
    vars(autograd).update(
        numpy=numpy, extend=extend, grad=_nothing, primitive=_primitive
    )
    made = {"autograd": autograd, "autograd.numpy": numpy, "autograd.extend": extend}
    made["autograd.numpy.random"], made["autograd.numpy.linalg"] = random, linalg
    made["autograd.numpy.numpy_vjps"] = vjps
    for name, module in made.items():
        module.__path__ = []
        sys.modules.setdefault(name, module)
    return made


def _nothing(*_: Any, **__: Any) -> Any:
    return Nothing()
