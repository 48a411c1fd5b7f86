"""The part of JAX that gradients are written in, played by NumPy."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradtutor.audit.sandbox.child.standins.nothing import Nothing
from gradtutor.audit.sandbox.child.standins.stopped import stop_gradient


class _Place:
    def __init__(self, array: Any, index: Any) -> None:
        self.array, self.index = array, index

    def _done(self, how: Callable[[Any, Any, Any], None], value: Any) -> Any:
        made = np.array(self.array)
        how(made, self.index, value)
        return made.view(JaxArray)

    def set(self, value: Any) -> Any:
        return self._done(lambda a, i, v: a.__setitem__(i, v), value)

    def add(self, value: Any) -> Any:
        return self._done(np.add.at, value)

    def multiply(self, value: Any) -> Any:
        return self._done(np.multiply.at, value)


class _At:
    def __init__(self, array: Any) -> None:
        self.array = array

    def __getitem__(self, index: Any) -> _Place:
        return _Place(self.array, index)


class JaxArray(np.ndarray):  # type: ignore[type-arg]
    """A NumPy array with ``x.at[i].set(v)``."""

    @property
    def at(self) -> _At:
        """Elements that are set in a copy."""
        return _At(self)


class CustomVJP:
    """A function with a backward of its own; called, it runs forward."""

    def __init__(self, function: Callable[..., Any], **_: Any) -> None:
        self.function = function

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Run the function."""
        return self.function(*args, **named)

    def defvjp(self, *_: Any, **__: Any) -> None:
        """Nothing is recorded: the two functions are found by name."""


def _custom_vjp(function: Any = None, **named: Any) -> Any:
    if function is None:
        return lambda f: CustomVJP(f, **named)
    return CustomVJP(function)


def _through(*args: Any, **_: Any) -> Any:
    return args[0] if args and callable(args[0]) else (lambda f: f)


class _JaxNumpy(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        found = getattr(np, name)
        return (
            _viewed(found) if callable(found) and not isinstance(found, type) else found
        )


def _viewed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function of NumPy return arrays that have ``at``."""

    def viewed(*args: Any, **named: Any) -> Any:
        made = function(*args, **named)
        return made.view(JaxArray) if type(made) is np.ndarray else made

    return viewed


class CustomJVP(CustomVJP):
    """A function with a rule for tangents."""

    def defjvp(self, rule: Callable[..., Any], *_: Any, **__: Any) -> Any:
        """Keep the rule."""
        self.rule = rule
        return rule

    def defjvps(self, *rules: Callable[..., Any] | None) -> None:
        """Keep a rule for each argument: ``lambda t, ans, x: t / x``."""

        def rule(primals: Any, tangents: Any) -> Any:
            ans = self(*primals)
            parts = [
                one(t, ans, *primals)
                for one, t in zip(rules, tangents, strict=True)
                if one is not None
            ]
            return ans, sum(parts[1:], parts[0])

        self.rule = rule


def _custom_jvp(function: Any = None, **_: Any) -> Any:
    return CustomJVP(function) if function else CustomJVP


def vjp_of_jvp(rule: Any, primals: Any, upstream: Any) -> tuple[Any, ...]:
    """Return the gradients that a rule for tangents means: one tangent an element."""
    rule = getattr(rule, "rule", rule)
    zeros = [np.zeros(np.shape(p)).view(JaxArray) for p in primals]
    found = []
    for place, primal in enumerate(primals):
        gradient = np.zeros(np.shape(primal))
        for index in np.ndindex(gradient.shape):
            tangents = list(zeros)
            tangents[place] = zeros[place].at[index].set(1.0)
            change = rule(tuple(primals), tuple(tangents))[1]
            gradient[index] = np.sum(np.asarray(upstream) * np.asarray(change))
        found.append(gradient)
    return tuple(found)


def softmax(x: Any, axis: int = -1) -> Any:
    """Return the softmax along an axis."""
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return log(sum(exp(x))) along an axis, without overflow."""
    top = np.max(x, axis=axis, keepdims=True)
    made = np.log(np.exp(x - top).sum(axis=axis, keepdims=True)) + top
    return made if keepdims else np.squeeze(made, axis=axis)


NN: dict[str, Any] = {
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "softmax": softmax,
    "log_softmax": lambda x, axis=-1: x - logsumexp(x, axis, True),
    "logsumexp": logsumexp,
    "softplus": lambda x: np.logaddexp(x, 0),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "one_hot": lambda y, n: np.eye(n)[np.asarray(y, int)],
    "tanh": np.tanh,
}
LAX: dict[str, Any] = {
    "stop_gradient": stop_gradient,
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "exp": np.exp,
    "log": np.log,
    "tanh": np.tanh,
    "logistic": NN["sigmoid"],
}


def _filled(name: str, entries: Mapping[str, Any]) -> types.ModuleType:
    module = types.ModuleType(name)
    vars(module).update(entries)
    module.__path__ = []  # type: ignore[attr-defined]
    return module


def jax_modules() -> Mapping[str, types.ModuleType]:
    """Return the modules that stand in for JAX."""
    numpy = _JaxNumpy("jax.numpy")
    numpy.__path__ = []
    parts = {
        "jax.numpy": numpy,
        "jax.nn": _filled("jax.nn", NN),
        "jax.lax": _filled("jax.lax", LAX),
        "jax.scipy": _filled("jax.scipy", {}),
        "jax.scipy.special": _filled("jax.scipy.special", {"logsumexp": logsumexp}),
        "jax.random": _filled("jax.random", {"PRNGKey": lambda s: s}),
    }
    jax = _filled(
        "jax",
        {
            "custom_vjp": _custom_vjp,
            "custom_jvp": _custom_jvp,
            "jit": _through,
            "vmap": _through,
        },
    )
    vars(jax).update(
        grad=_through,
        value_and_grad=_through,
        config=Nothing(),
        Array=JaxArray,
        numpy=numpy,
        nn=parts["jax.nn"],
        lax=parts["jax.lax"],
        random=parts["jax.random"],
        scipy=parts["jax.scipy"],
    )
    return {"jax": jax, **parts}
