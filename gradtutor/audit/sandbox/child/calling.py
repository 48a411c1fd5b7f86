"""Load a person's file and call its functions by a plan that the parent has made."""

from __future__ import annotations

import ast
import linecache
import sys
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.sandbox.child.instrument import NODE, RETURNED, instrument
from gradtutor.audit.sandbox.child.limits import reseed
from gradtutor.audit.sandbox.child.recorder import Recorder
from gradtutor.audit.sandbox.child.reports import AFTER

Values = Mapping[str, NDArray[Any]]


class ResultError(ValueError):
    """The code ran, and what it returned cannot be used."""


def load(
    text: str, path: str, recorder: Recorder | None, first_site: int = 0
) -> tuple[types.ModuleType, list[dict[str, Any]]]:
    """Execute a module's text, instrumented if there is a recorder."""
    tree = ast.parse(text, path)
    sites = instrument(tree, first_site) if recorder else []
    module = types.ModuleType(Path(path).stem or "code")
    module.__file__ = path
    if recorder:
        vars(module).update(
            {NODE: recorder.node, AFTER: recorder.after, RETURNED: recorder.returned}
        )
    sys.modules[module.__name__] = module  # as dataclasses and the like expect
    lines = text.splitlines(keepends=True)
    linecache.cache[path] = (len(text), None, lines, path)
    exec(compile(tree, path, "exec"), vars(module))
    return module, sites


@dataclass
class Outcome:
    """What one forward and one backward call gave."""

    out: NDArray[np.float64]
    gradients: list[tuple[str, NDArray[Any]]] = field(default_factory=list)
    mutated: list[str] = field(default_factory=list)


class Caller:
    """Calls forward and backward in the way the plan says."""

    def __init__(
        self,
        plan: Mapping[str, Any],
        module: types.ModuleType,
        forward_module: types.ModuleType,
    ) -> None:
        self.plan = plan
        self.module = module
        self.forward_module = forward_module
        self.owner: Any = None

    def forward(self, arguments: Values) -> NDArray[np.float64]:
        """Run the forward function alone; its first result is the output."""
        return self._forward(arguments)[0]

    def _forward(self, arguments: Values) -> tuple[NDArray[np.float64], Any]:
        reseed()
        name, owner = self.plan["forward"], self.forward_module
        if self.plan["class"] and not self.plan["formula"]:
            owner = self.owner = self._instance(arguments)
        given = [_passed(arguments[a]) for a in self.plan["forward_arguments"]]
        result = getattr(owner, name)(*given)
        several = isinstance(result, tuple | list)
        first = result[0] if several and len(result) else result
        return real(first, f"{name} returns"), result

    def _instance(self, arguments: Values) -> Any:
        instance = getattr(self.module, self.plan["class"])()
        for name in self.plan["attributes"]:
            setattr(instance, name, _passed(arguments[name]))
        return instance

    def backward(self, arguments: Values, upstream: NDArray[Any]) -> Outcome:
        """Run forward, if backward needs what it leaves, and backward."""
        arguments = {name: np.array(value) for name, value in arguments.items()}
        before = {name: value.copy() for name, value in arguments.items()}
        out, result = None, None
        if self.plan["needs_forward"]:
            out, result = self._forward(arguments)
        reseed()
        given_upstream = _passed(np.array(upstream))
        roles: dict[str, Callable[[Any], Any]] = {
            "upstream": lambda _: given_upstream,
            "argument": lambda name: _passed(arguments[name]),
            "output": lambda index: (
                result[index] if isinstance(result, tuple) else result
            ),
            "cache": lambda _: _cache(result),
        }
        given = [roles[role](value) for role, value in self.plan["backward_arguments"]]
        owner = self.owner if self.plan["class"] else self.module
        if owner is None:
            owner = self._instance(arguments)
        returned = getattr(owner, self.plan["backward"])(*given)
        changed = [n for n, v in before.items() if not _same(v, arguments[n])]
        if not _same(np.asarray(upstream), np.asarray(given_upstream)):
            changed.append("upstream")
        gradients = named_results(
            returned, self.plan["backward"], several=self.plan["several"]
        )
        gradients += self._stored(owner, gradients)
        return Outcome(out if out is not None else np.zeros(()), gradients, changed)

    def _stored(
        self, owner: Any, returned: list[tuple[str, NDArray[Any]]]
    ) -> list[tuple[str, NDArray[Any]]]:
        """Return the gradients that a layer keeps: self.dW, self.grad_W."""
        found = []
        for name in self.plan["attributes"]:
            for spelling in (f"d{name}", f"d_{name}", f"grad_{name}", f"{name}_grad"):
                if isinstance(getattr(owner, spelling, None), np.ndarray | float):
                    value = real(
                        getattr(owner, spelling), f"self.{spelling} is", keep=True
                    )
                    found.append((name, value))
                    break
            else:
                grads = getattr(owner, "grads", None)
                if isinstance(grads, dict) and name in grads:
                    found.append((name, real(grads[name], "self.grads is", keep=True)))
        taken = {name for name, _ in returned}
        return [(name, value) for name, value in found if name not in taken]


def named_results(
    returned: Any, function: str, *, several: bool = False
) -> list[tuple[str, NDArray[Any]]]:
    """Return the arrays of a tuple, a dict (with its keys) or a single value.

    A list of numbers is one array, unless the function's text lists several values.
    """
    if isinstance(returned, Mapping):
        items = [(str(key), value) for key, value in returned.items()]
    elif isinstance(returned, tuple | list) and (several or not _is_matrix(returned)):
        items = [("", value) for value in returned]
    else:
        items = [("", returned)]
    what = f"{function} returns"
    return [
        (key, real(value, what, keep=True)) for key, value in items if value is not None
    ]


def _is_matrix(value: Any) -> bool:
    """Whether a list is one array, [[1, 2], [3, 4]] or [1.0, 2.0]."""
    return isinstance(value, list) and all(
        isinstance(v, list | float | int) for v in value
    )


def real(value: Any, what: str, *, keep: bool = False) -> NDArray[Any]:
    """Turn a number or an array into an array; refuse everything else."""
    try:
        array = np.asarray(value)
    except (ValueError, TypeError) as error:
        raise ResultError(f"{what} a ragged list: {error}") from None
    if array.dtype.kind not in "fiub":
        kind = type(value).__name__
        raise ResultError(f"{what} {kind}, not numbers")
    return array.copy() if keep else array.astype(np.float64)


def _passed(value: NDArray[Any]) -> Any:
    """Return what a person's function gets: an array, or a Python number."""
    return value.item() if value.ndim == 0 else value


def _cache(result: Any) -> Any:
    """Return what forward keeps for backward: all results but the first."""
    if not isinstance(result, tuple | list) or len(result) < 2:
        return result
    return result[1] if len(result) == 2 else tuple(result[1:])


def _same(before: NDArray[Any], after: NDArray[Any]) -> bool:
    same = before.shape == after.shape and before.dtype == after.dtype
    return same and bool(np.array_equal(before, after, equal_nan=True))
