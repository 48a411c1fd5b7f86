"""Call a person's functions by a plan that the parent has made."""

from __future__ import annotations

import copy
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.sandbox.child import objects
from gradtutor.audit.sandbox.child.limits import generators, reseed, rewind
from gradtutor.audit.sandbox.child.standins import wrapped
from gradtutor.audit.sandbox.child.standins.ours import KEPT, OURS
from gradtutor.audit.sandbox.child.standins.stopped import running
from gradtutor.audit.sandbox.child.values import (
    ResultError,
    Said,
    flat_results,
    is_matrix,
    lists_values,
    passed,
    real,
    same,
)

Values = Mapping[str, NDArray[Any]]
Results = list[tuple[list[Any], NDArray[Any]]]
STORED = "@"  # begins the path of a gradient that an object keeps


@dataclass
class Outcome:
    """What one forward and one backward call gave.

    Attributes
    ----------
    mutated : list of str
        Arguments that backward changed in place.
    """

    out: NDArray[np.float64]
    gradients: Results = field(default_factory=list)
    mutated: list[str] = field(default_factory=list)


class Caller:
    """Calls forward and backward in the way the plan says."""

    def __init__(
        self,
        plan: Mapping[str, Any],
        module: types.ModuleType,
        helper: types.ModuleType | None = None,
    ) -> None:
        self.plan = plan
        self.module = module
        self.helper = helper
        self.passed_over: list[str] = []
        self.shapes: list[tuple[int, ...]] = []
        self.watch: Callable[[Values], None] = lambda _: None
        self.dressed: Callable[[Any], Any] = lambda value: value
        self.made: Callable[[], None] = lambda: None
        self.states = generators(module)

    # ---- the two runs ----

    def forward(self, arguments: Values) -> NDArray[np.float64]:
        """Run the forward function alone, on copies; return what is differentiated."""
        arguments = {name: np.array(value) for name, value in arguments.items()}
        with running():
            return self._output(self._forward(arguments))

    def _forward(self, arguments: Values) -> dict[str, Any]:
        self._reseed()
        env = {n: self._wrap(passed(self.dressed(v))) for n, v in arguments.items()}
        bound: dict[str, Any] = {"": env}
        self._steps(self.plan["prepare"], bound)
        self.made()
        self._set(bound, env)
        self._steps(self.plan["forward"], bound)
        return bound

    def _reseed(self) -> None:
        reseed()
        rewind(self.states)

    def _output(self, bound: dict[str, Any]) -> NDArray[np.float64]:
        what = Said("{name} returns", name=self.plan["forward_name"])
        parts = [real(self._value(o, bound), what) for o in self.plan["outputs"]]
        self.shapes = [part.shape for part in parts]
        return (
            parts[0] if len(parts) == 1 else np.concatenate([p.ravel() for p in parts])
        )

    def backward(self, arguments: Values, upstream: NDArray[Any]) -> Outcome:
        """Run forward, if backward needs what it leaves, and backward."""
        arguments = {name: np.array(value) for name, value in arguments.items()}
        before = {name: value.copy() for name, value in arguments.items()}
        self.watch(arguments)
        if self.plan["needs_forward"]:
            bound = self._forward(arguments)
            out = self._output(bound)
        else:
            out = np.zeros(())
            env = {n: self._wrap(passed(v)) for n, v in arguments.items()}
            bound = {"": env}
        by_forward = [n for n, v in before.items() if not same(v, arguments[n])]
        self._reseed()
        pieces = self._pieces(np.array(upstream))
        bound["^"] = [self._wrap(passed(piece)) for piece in pieces]
        self.watch({**arguments, **_named_pieces(pieces)})
        held = self._held(bound)
        self._steps(self.plan["backward"], bound)
        returned = (
            self._value(self.plan["returned"], bound) if self.plan["returned"] else None
        )
        changed = [n for n, v in before.items() if not same(v, arguments[n])]
        changed = [n for n in changed if n not in by_forward and not self._is_held(n)]
        if not same(
            np.array(upstream).ravel(), np.concatenate([p.ravel() for p in pieces])
        ):
            changed.append("upstream")
        gradients = flat_results(
            returned, self.plan["function"], several=self.plan["several"]
        )
        gradients += self._stored(bound, held)
        return Outcome(out, gradients, changed)

    def changed_by_forward(self, arguments: Values) -> list[str]:
        """Return the arguments that forward writes into."""
        arguments = {name: np.array(value) for name, value in arguments.items()}
        before = {name: value.copy() for name, value in arguments.items()}
        self.watch(arguments)
        self._forward(arguments)
        return [n for n, v in before.items() if not same(v, arguments[n])]

    def _is_held(self, name: str) -> bool:
        return self.plan["rate"] != "" and any(
            n == name for n, _ in self.plan["attributes"]
        )

    def _pieces(self, upstream: NDArray[Any]) -> list[NDArray[Any]]:
        """Cut the upstream gradient into those of the outputs."""
        if len(self.shapes) < 2:
            return [upstream]
        sizes = [int(np.prod(shape)) for shape in self.shapes]
        cuts = np.split(upstream.ravel(), np.cumsum(sizes)[:-1])
        return [cut.reshape(s).copy() for cut, s in zip(cuts, self.shapes, strict=True)]

    # ---- objects ----

    def _set(self, bound: dict[str, Any], env: Mapping[str, Any]) -> None:
        """Put the leaves that are an object's own arrays into it."""
        if not self.plan["attributes"]:
            return
        owner = bound[self.plan["owner"]]
        given = {tuple(path): env[name] for name, path in self.plan["attributes"]}
        absent = [path for path in given if not _has(owner, path)]
        for path in absent:
            setattr(owner, path[0], given.pop(path))
        objects.put(owner, given, self.module.__name__)

    def _held(self, bound: dict[str, Any]) -> dict[str, NDArray[Any]]:
        if not self.plan["rate"]:
            return {}
        owner = bound[self.plan["owner"]]
        return {
            name: np.array(objects.get(owner, tuple(path)))
            for name, path in self.plan["attributes"]
        }

    def _stored(self, bound: dict[str, Any], held: Values) -> Results:
        """Return the gradients that an object keeps, or has taken a step with."""
        found: Results = []
        for name, path in self.plan["attributes"]:
            owner = bound[self.plan["owner"]]
            value = objects.gradient_of(owner, tuple(path))
            what = Said("the gradient of {name} is", name=".".join(map(str, path)))
            if value is not None:
                found.append(([STORED, name], real(value, what, keep=True)))
            elif held:
                found.append(
                    ([STORED, name], held[name] - objects.get(owner, tuple(path)))
                )
        return found

    # ---- values ----

    def _wrap(self, value: Any) -> Any:
        return wrapped(value, self.plan["wrap"]) if self.plan["wrap"] else value

    def _steps(self, steps: Sequence[Any], bound: dict[str, Any]) -> None:
        for name, value in steps:
            bound[name] = self._value(value, bound)

    def _value(self, expr: Sequence[Any], bound: dict[str, Any]) -> Any:
        return getattr(self, f"_{expr[0]}")(bound, *expr[1:])

    def _leaf(self, bound: dict[str, Any], name: str) -> Any:
        return bound[""][name]

    def _const(self, _: dict[str, Any], value: Any) -> Any:
        return copy.deepcopy(value)

    def _dict(self, bound: dict[str, Any], items: Sequence[Any]) -> Any:
        return {key: self._value(value, bound) for key, value in items}

    def _list(self, bound: dict[str, Any], items: Sequence[Any]) -> Any:
        return [self._value(value, bound) for value in items]

    def _tuple(self, bound: dict[str, Any], items: Sequence[Any]) -> Any:
        return tuple(self._list(bound, items))

    def _upstream(self, bound: dict[str, Any], number: int) -> Any:
        return bound["^"][number]

    def _ref(self, bound: dict[str, Any], name: str) -> Any:
        if name in bound:
            return bound[name]
        if self.helper is not None and hasattr(self.helper, name):
            return getattr(self.helper, name)
        ours = {**OURS, **vars(self.module)} if name not in KEPT else OURS
        return ours[name] if name in ours else getattr(self.module, name)

    def _pick(self, bound: dict[str, Any], of: Sequence[Any], key: Any) -> Any:
        value = self._value(of, bound)
        if key == 0 and is_matrix(value) and not self._lists(of):
            return value  # a list of numbers is one output, without NumPy
        if isinstance(value, tuple | list):
            return value[key]
        return value[key] if isinstance(key, str) else value

    def _lists(self, of: Sequence[Any]) -> bool:
        """Whether forward's text lists what it returns: ``return [loss, accuracy]``."""
        named = list(of) == ["ref", "result"]
        function = getattr(self.module, self.plan["forward_name"], None)
        return not named or function is None or lists_values(function)

    def _globals(self, bound: dict[str, Any], items: Sequence[Any]) -> None:
        vars(self.module).update(self._dict(bound, items))

    def _rest(self, bound: dict[str, Any], of: Sequence[Any], start: int) -> Any:
        value = self._value(of, bound)
        if not isinstance(value, tuple | list) or len(value) <= start:
            return value
        return value[start] if len(value) == start + 1 else tuple(value[start:])

    def _attr(self, bound: dict[str, Any], of: Sequence[Any], name: str) -> Any:
        return getattr(self._value(of, bound), name)

    def _call(
        self, bound: dict[str, Any], function: Any, args: Any, keywords: Any
    ) -> Any:
        given = [self._value(arg, bound) for arg in args]
        named = {key: self._value(value, bound) for key, value in keywords}
        called = self._value(function, bound)
        if not callable(called):
            raise ResultError(Said("{name} is no function", name=function[-1]))
        return called(*given, **named)


def _named_pieces(pieces: Sequence[NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {f"upstream{i or ''}": piece for i, piece in enumerate(pieces)}


def _has(owner: Any, path: tuple[Any, ...]) -> bool:
    try:
        objects.get(owner, path)
    except (AttributeError, KeyError, IndexError, TypeError):
        return False
    return True
