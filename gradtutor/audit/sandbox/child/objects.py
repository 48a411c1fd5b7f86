"""The arrays that an object holds: found, set, and looked up as gradients."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Path = tuple[Any, ...]

#: What is no parameter: gradients, statistics, what an optimiser keeps, caches.
NO_PARAMETER = re.compile(
    r"_?(d[A-Z]\w*|d_\w*|d[bwx]\d*|dbeta|dgamma|grads?|grads?_\w+|\w+_grads?|gradients?|"
    r"running_\w+|moving_\w+|mask|cache\w*|out|output\w*|last_\w*|x|X|input\w*|[vmh]_?[dwbWB]\w*|"
    r"velocity\w*|momentum\w*|nabla\w*|delta\w*|mean|var|mu|t|y|loss|z|a|z_?s|activations?|"
    r"eps|lr|eta|learning_rate|momentum|reg|alpha|decay|rate|p|keep_prob|temperature|scale_factor)"
)
MOST_DEPTH = 4
#: How the gradient of a parameter W is spelt beside it.
SPELLINGS = (
    "d{}",
    "d_{}",
    "grad_{}",
    "{}_grad",
    "grad{}",
    "{}grad",
    "dL_d{}",
    "nabla_{}",
    "delta_{}",
    "d{}s",
    "gradient_{}",
    "{}_gradient",
    "dl_d{}",
    "d{}_",
    "delta_{}s",
)
TABLES = ("grads", "grad", "gradients", "dparams", "gradient")
SHORT = {
    "weights": ("W", "w"),
    "weight": ("W", "w"),
    "bias": ("b",),
    "biases": ("b",),
    "W": ("w",),
}


def parameters(thing: Any, module: str) -> Iterator[tuple[Path, NDArray[Any]]]:
    """Yield an object's float arrays with their paths; each array once."""
    seen: set[int] = set()
    for path, value in _arrays(thing, (), module, MOST_DEPTH):
        if id(value) not in seen:
            seen.add(id(value))
            yield path, value


def _arrays(
    thing: Any, path: Path, module: str, depth: int
) -> Iterator[tuple[Path, NDArray[Any]]]:
    if isinstance(thing, np.ndarray):
        if thing.dtype.kind == "f" and thing.size:
            yield path, thing
    elif depth and isinstance(thing, Mapping):
        for key, item in thing.items():
            if not NO_PARAMETER.fullmatch(str(key)):
                yield from _arrays(item, (*path, key), module, depth - 1)
    elif depth and isinstance(thing, list | tuple):
        for place, item in enumerate(thing):
            yield from _arrays(item, (*path, place), module, depth - 1)
    elif depth and _is_own(thing, module):
        for name, item in sorted(vars(thing).items(), key=_order):
            if not NO_PARAMETER.fullmatch(name):
                yield from _arrays(item, (*path, name), module, depth - 1)


def _order(item: tuple[str, Any]) -> bool:
    return not isinstance(item[1], Mapping)  # params first: layers hold the same arrays


def _is_own(thing: Any, module: str) -> bool:
    return hasattr(thing, "__dict__") and (
        type(thing).__module__ == module or type(thing).__module__.startswith("beside")
    )


def put(thing: Any, values: Mapping[Path, Any], module: str) -> None:
    """Set arrays at their paths, and wherever else the object holds the same arrays."""
    new = {id(get(thing, path)): value for path, value in values.items()}
    _replace(thing, new, module, MOST_DEPTH)


def _replace(thing: Any, new: Mapping[int, Any], module: str, depth: int) -> None:
    if not depth:
        return
    if isinstance(thing, dict):
        items: list[tuple[Any, Any]] = list(thing.items())
        store = thing.__setitem__
    elif isinstance(thing, list):
        items, store = list(enumerate(thing)), thing.__setitem__
    elif _is_own(thing, module):
        items = list(vars(thing).items())
        store = lambda key, value: setattr(thing, key, value)  # noqa: E731
    else:
        return
    for key, item in items:
        if isinstance(item, np.ndarray) and id(item) in new:
            store(key, new[id(item)])
        else:
            _replace(item, new, module, depth - 1)


def get(thing: Any, path: Path) -> Any:
    """Return what stands at a path."""
    for key in path:
        inside = isinstance(thing, Mapping | list | tuple)
        thing = thing[key] if inside else getattr(thing, key)
    return thing


def gradient_of(thing: Any, path: Path) -> Any:
    """Return the gradient that is kept beside a parameter, or on it; or None."""
    own = getattr(get(thing, path), "grad", None)
    if isinstance(own, np.ndarray):
        return own
    for place in range(len(path), 0, -1):
        name, tail = path[place - 1], path[place:]
        owner = get(thing, path[: place - 1])
        found = _beside(owner, name)
        if found is not None:
            try:
                return get(found, tail)
            except (KeyError, IndexError, AttributeError, TypeError):
                continue
    return None


def _beside(owner: Any, name: Any) -> Any:
    if isinstance(name, int) or isinstance(owner, Mapping | list):
        return None
    names = (name, name.lower(), name.rstrip("s"), *SHORT.get(name, ()))
    for one in names:
        for spelling in SPELLINGS:
            value = getattr(owner, spelling.format(one), None)
            if value is not None and not callable(value):
                return value
    for table in TABLES:
        held = getattr(owner, table, None)
        if isinstance(held, Mapping):
            for key in (name, f"d{name}"):
                if key in held:
                    return held[key]
        if held is not None and name in ("params", "parameters"):
            return _keyed(held)
    return None


def _keyed(held: Any) -> Any:
    """Let ``params["W1"]`` find ``grads["dW1"]``."""
    if isinstance(held, Mapping):
        return {**{k.removeprefix("d"): v for k, v in held.items()}, **held}
    return held
