"""Random formulas, each as a text of the language and as a function of JAX."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
import witness  # noqa: F401 (JAX in float64)

NAMES = ("x", "y", "z")
NUMBERS = ("2", "0.5", "3", "-1", "1e-3", "100", "0", "pi", "1/3", "-2", "50")
UNARY: dict[str, Callable] = {
    **{name: getattr(jnp, name) for name in ("exp", "log", "sqrt", "sin", "cos")},
    **{name: getattr(jnp, name) for name in ("tan", "sinh", "cosh", "tanh", "abs")},
    **{name: getattr(jnp, name) for name in ("log1p", "expm1", "sign")},
    "asin": jnp.arcsin,
    "acos": jnp.arccos,
    "atan": jnp.arctan,
    "erf": jax.scipy.special.erf,
    "sigmoid": jax.nn.sigmoid,
    "relu": jax.nn.relu,
    "softplus": jax.nn.softplus,
    "swish": jax.nn.swish,
    "gelu": lambda a: jax.nn.gelu(a, approximate=False),
    "leaky_relu": lambda a: jnp.where(a > 0, a, 0.01 * a),
}
BINARY: dict[str, Callable] = {
    "+": jnp.add,
    "-": jnp.subtract,
    "*": jnp.multiply,
    "/": jnp.divide,
    "**": jnp.power,
    "max": jnp.maximum,
    "min": jnp.minimum,
}
COMPARISONS: dict[str, Callable] = {">": jnp.greater, "<=": jnp.less_equal}


@dataclass(frozen=True)
class Formula:
    """A text, and what it computes from a dictionary of inputs."""

    text: str
    value: Callable


def random_formula(seed: int, depth: int = 4) -> Formula:
    """Return the formula of a seed: the same on every machine."""
    return _formula(np.random.default_rng(seed), depth)


def _formula(rng: np.random.Generator, depth: int) -> Formula:
    if depth == 0 or rng.random() < 0.12:
        return _leaf(rng)
    kinds = (_call, _call, _operation, _operation, _operation, _choice)
    return kinds[rng.integers(len(kinds))](rng, depth - 1)


def _leaf(rng: np.random.Generator) -> Formula:
    if rng.random() < 0.7:
        name = NAMES[rng.integers(len(NAMES))]
        return Formula(name, lambda at: at[name])
    text = NUMBERS[rng.integers(len(NUMBERS))]
    value = {"pi": np.pi, "1/3": 1 / 3}.get(text)
    number = float(text) if value is None else value
    return Formula(f"({text})", lambda _: jnp.asarray(number))


def _call(rng: np.random.Generator, depth: int) -> Formula:
    name = list(UNARY)[rng.integers(len(UNARY))]
    inner = _formula(rng, depth)
    return Formula(f"{name}({inner.text})", lambda at: UNARY[name](inner.value(at)))


def _operation(rng: np.random.Generator, depth: int) -> Formula:
    sign = list(BINARY)[rng.integers(len(BINARY))]
    a, b = _formula(rng, depth), _formula(rng, depth)
    call = sign in ("max", "min")
    text = f"{sign}({a.text}, {b.text})" if call else f"({a.text} {sign} {b.text})"
    return Formula(text, lambda at: BINARY[sign](a.value(at), b.value(at)))


def _choice(rng: np.random.Generator, depth: int) -> Formula:
    sign = list(COMPARISONS)[rng.integers(len(COMPARISONS))]
    a, b, c, d = (_formula(rng, max(0, depth - 1)) for _ in range(4))

    def value(at):
        return jnp.where(
            COMPARISONS[sign](a.value(at), b.value(at)), c.value(at), d.value(at)
        )

    return Formula(f"where({a.text} {sign} {b.text}, {c.text}, {d.text})", value)


def random_values(seed: int) -> dict[str, float]:
    """Return values for every name, to four digits; some whole, some far out."""
    rng = np.random.default_rng(seed + 10**6)
    drawn = rng.normal(0, 1.5, len(NAMES))
    scale = np.where(rng.random(len(NAMES)) < 0.1, 1e3, 1.0)
    return {
        name: float(f"{value:.4g}")
        for name, value in zip(NAMES, drawn * scale, strict=True)
    }
