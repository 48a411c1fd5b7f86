"""Outside witnesses: what JAX and mpmath say every pointwise gate is.

Nothing here is read from the code under test: formulas and partials are written out
by hand, so that a wrong line in the table of gates cannot agree with itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np

jax.config.update("jax_enable_x64", True)
DIGITS = 40
SMALLEST = 1e-300  # below it float64 loses digits: subnormal numbers


@dataclass(frozen=True)
class Witness:
    """What an independent library says a gate is.

    Parameters
    ----------
    jax, mpmath : callable
        The value.
    partials : tuple of callable
        The partial derivatives in mpmath, one per argument, PyTorch's choice at kinks.
    domains : tuple of str
        Where each argument may lie: a key of ``DOMAINS``.
    floor : float
        Absolute error allowed where the gate's short formula cancels, as ``1 - out``
        does near 1; relative to ``min(1 + |a|, 50)``.
    smooth : bool
        Whether second derivatives are worth comparing.
    """

    jax: Callable[..., jax.Array]
    mpmath: Callable[..., mp.mpf]
    partials: tuple[Callable[..., mp.mpf], ...]
    domains: tuple[str, ...] = ("real",)
    floor: float = 0.0


EXTREMES = [0.0, 1e-300, 1e300, 1000.0, 1.0, 0.5, 2.0, 30.0, 1e-9, 1 - 1e-12]
SPECIAL = np.array([sign * value for value in EXTREMES for sign in (1.0, -1.0)])

DOMAINS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "real": lambda x: x == x,
    "nonzero": lambda x: x != 0,
    "positive": lambda x: x > 0,
    "unit": lambda x: abs(x) < 1,
    "moderate": lambda x: (abs(x) > 1e-100) & (abs(x) < 1e100),  # x² is a number
    "above -1": lambda x: x > -1,
    "above 1": lambda x: x > 1,
}


def points(domains: tuple[str, ...], count: int = 300) -> list[np.ndarray]:
    """Return random and special points: ties, zeros, ±1000, 1e-300, 1e300."""
    rng = np.random.default_rng(len(domains))
    random = rng.normal(scale=3, size=(len(domains), count))
    random[0, :50] = random[-1, :50]  # ties
    random[:, 50:150] /= 4  # many inside (-1, 1)
    special = np.meshgrid(*[SPECIAL] * len(domains))
    if len(domains) == 3:  # 20³ is too many: a sample
        pick = rng.choice(special[0].size, 300, replace=False)
        special = [grid.ravel()[pick] for grid in special]
    columns = [
        np.concatenate([column, grid.ravel()])
        for column, grid in zip(random, special, strict=True)
    ]
    inside = [DOMAINS[name](x) for name, x in zip(domains, columns, strict=True)]
    return [column[np.all(inside, axis=0)] for column in columns]


def exactly(function: Callable[..., mp.mpf], columns: list[np.ndarray]) -> np.ndarray:
    """Evaluate in 40 digits and more, then round to float64."""
    with mp.workdps(DIGITS):
        rows = zip(
            *[[mp.mpf(float(x)) for x in column] for column in columns], strict=True
        )
        return np.array([_float(function(*row)) for row in rows])


def _float(value: mp.mpf) -> float:
    value = mp.mpf(value)
    if mp.isnan(value) or mp.isinf(value):
        return float(value)
    if abs(value) > mp.mpf(1.7976931348623157e308):
        return float(mp.sign(value)) * np.inf
    return 0.0 if abs(value) < mp.mpf(5e-324) else float(value)


def close(
    ours: np.ndarray, other: np.ndarray, floor: np.ndarray | float = 0.0
) -> np.ndarray:
    """Whether numbers agree to nine digits, or are the same infinity."""
    with np.errstate(all="ignore"):
        near = abs(ours - other) <= 1e-9 * abs(other) + floor + SMALLEST
    same_infinity = np.isinf(ours) & (ours == other)
    return (
        near & np.isfinite(other) | same_infinity | (np.isnan(ours) & np.isnan(other))
    )


def one(*_: mp.mpf) -> mp.mpf:
    return mp.mpf(1)


def zero(*_: mp.mpf) -> mp.mpf:
    return mp.mpf(0)


def step(holds: Callable[..., bool]) -> Callable[..., mp.mpf]:
    return lambda *args: mp.mpf(int(holds(*args)))


def share(a: mp.mpf, b: mp.mpf) -> mp.mpf:
    """1 for a winner, a half at a tie."""
    return mp.mpf(1) if a > b else mp.mpf(0) if a < b else mp.mpf(1) / 2


def logistic(a: mp.mpf) -> mp.mpf:
    return 1 / (1 + mp.exp(-a)) if a > 0 else mp.exp(a) / (1 + mp.exp(a))


def normal_cdf(a: mp.mpf) -> mp.mpf:
    if abs(a) > 1e6:
        return mp.mpf(int(a > 0))
    return mp.erfc(-a / mp.sqrt(2)) / 2


def normal_pdf(a: mp.mpf) -> mp.mpf:
    return mp.exp(-a * a / 2) / mp.sqrt(2 * mp.pi)


def one_minus_square(a: mp.mpf) -> mp.mpf:
    return (1 - a) * (1 + a)


def comparison(jax_function: Callable, holds: Callable[..., bool]) -> Witness:
    return Witness(
        lambda a, b: jax_function(a, b) * 1.0,
        step(holds),
        (zero, zero),
        ("real", "real"),
    )


REAL2 = ("real", "real")

WITNESSES: dict[str, Witness] = {
    # ---- arithmetic ----
    "add": Witness(lambda a, b: a + b, lambda a, b: a + b, (one, one), REAL2),
    "sub": Witness(
        lambda a, b: a - b, lambda a, b: a - b, (one, lambda a, b: -1), REAL2
    ),
    "mul": Witness(
        lambda a, b: a * b, lambda a, b: a * b, (lambda a, b: b, lambda a, b: a), REAL2
    ),
    "div": Witness(
        lambda a, b: a / b,
        lambda a, b: a / b,
        (lambda a, b: 1 / b, lambda a, b: -a / b**2),
        ("real", "nonzero"),
    ),
    "pow": Witness(
        lambda a, b: a**b,
        lambda a, b: mp.exp(b * mp.log(a)),
        (
            lambda a, b: b * mp.exp((b - 1) * mp.log(a)),
            lambda a, b: mp.exp(b * mp.log(a)) * mp.log(a),
        ),
        ("positive", "real"),
    ),
    "routed": Witness(
        lambda a, b: jnp.where(a != 0, a * b, 0.0),
        lambda a, b: a * b,
        (lambda a, b: b, lambda a, b: a),
        REAL2,
    ),
    "neg": Witness(lambda a: -a, lambda a: -a, (lambda a: -1,)),
    # ---- elementary ----
    "exp": Witness(jnp.exp, mp.exp, (mp.exp,)),
    "log": Witness(jnp.log, mp.log, (lambda a: 1 / a,), ("positive",)),
    "sqrt": Witness(
        jnp.sqrt, mp.sqrt, (lambda a: 1 / (2 * mp.sqrt(a)),), ("positive",)
    ),
    "sin": Witness(jnp.sin, mp.sin, (mp.cos,)),
    "cos": Witness(jnp.cos, mp.cos, (lambda a: -mp.sin(a),)),
    "tan": Witness(jnp.tan, mp.tan, (lambda a: mp.sec(a) ** 2,)),
    "asin": Witness(
        jnp.arcsin, mp.asin, (lambda a: 1 / mp.sqrt(one_minus_square(a)),), ("unit",)
    ),
    "acos": Witness(
        jnp.arccos, mp.acos, (lambda a: -1 / mp.sqrt(one_minus_square(a)),), ("unit",)
    ),
    "atan": Witness(jnp.arctan, mp.atan, (lambda a: 1 / (1 + a * a),)),
    "asinh": Witness(jnp.arcsinh, mp.asinh, (lambda a: 1 / mp.sqrt(1 + a * a),)),
    "acosh": Witness(
        jnp.arccosh, mp.acosh, (lambda a: 1 / mp.sqrt(a * a - 1),), ("above 1",)
    ),
    "atanh": Witness(jnp.arctanh, mp.atanh, (lambda a: 1 / (1 - a * a),), ("unit",)),
    "atan2": Witness(
        jnp.arctan2,
        mp.atan2,
        (lambda a, b: b / (a * a + b * b), lambda a, b: -a / (a * a + b * b)),
        ("moderate", "moderate"),
    ),
    "sinh": Witness(jnp.sinh, mp.sinh, (mp.cosh,)),
    "cosh": Witness(jnp.cosh, mp.cosh, (mp.sinh,)),
    # (1 - out)(1 + out): out itself is rounded to 1.1e-16
    "tanh": Witness(jnp.tanh, mp.tanh, (lambda a: mp.sech(a) ** 2,), floor=3e-16),
    "erf": Witness(
        jax.scipy.special.erf,
        mp.erf,
        (lambda a: 2 / mp.sqrt(mp.pi) * mp.exp(-a * a),),
    ),
    "log1p": Witness(jnp.log1p, mp.log1p, (lambda a: 1 / (1 + a),), ("above -1",)),
    "expm1": Witness(jnp.expm1, mp.expm1, (mp.exp,)),
    # ---- activations ----
    # out (1 - out): out itself is rounded to 1.1e-16
    "sigmoid": Witness(
        jax.nn.sigmoid, logistic, (lambda a: logistic(a) * logistic(-a),), floor=3e-16
    ),
    "relu": Witness(jax.nn.relu, lambda a: max(a, 0), (step(lambda a: a > 0),)),
    "leaky_relu": Witness(
        lambda a, b: jnp.where(a > 0, a, b * a),
        lambda a, b: a if a > 0 else a * b,
        (lambda a, b: 1 if a > 0 else b, lambda a, b: 0 if a > 0 else a),
        REAL2,
    ),
    "softplus": Witness(
        jax.nn.softplus,
        lambda a: (a if a > 0 else 0) + mp.log1p(mp.exp(-abs(a))),
        (logistic,),
    ),
    "swish": Witness(
        jax.nn.swish,
        lambda a: a * logistic(a),
        (lambda a: logistic(a) * (1 + a * logistic(-a)),),
        floor=3e-16,
    ),
    # 1 + erf(a/√2) cancels for a << 0, as PyTorch's does
    "gelu": Witness(
        lambda a: jax.nn.gelu(a, approximate=False),
        lambda a: a * normal_cdf(a),
        (lambda a: normal_cdf(a) + a * normal_pdf(a),),
        floor=3e-16,
    ),
    # ---- choices ----
    "abs": Witness(jnp.abs, abs, (mp.sign,)),
    "sign": Witness(jnp.sign, mp.sign, (zero,)),
    "floor": Witness(jnp.floor, mp.floor, (zero,)),
    "round": Witness(jnp.round, mp.nint, (zero,)),
    "max": Witness(jnp.maximum, max, (share, lambda a, b: share(b, a)), REAL2),
    "min": Witness(jnp.minimum, min, (lambda a, b: share(b, a), share), REAL2),
    "where": Witness(
        lambda a, b, c: jnp.where(a != 0, b, c),
        lambda a, b, c: b if a != 0 else c,
        (zero, step(lambda a, b, c: a != 0), step(lambda a, b, c: a == 0)),
        ("real", "real", "real"),
    ),
    "greater": comparison(jnp.greater, lambda a, b: a > b),
    "greater_equal": comparison(jnp.greater_equal, lambda a, b: a >= b),
    "less": comparison(jnp.less, lambda a, b: a < b),
    "less_equal": comparison(jnp.less_equal, lambda a, b: a <= b),
    "equal": comparison(jnp.equal, lambda a, b: a == b),
    "not_equal": comparison(jnp.not_equal, lambda a, b: a != b),
}
