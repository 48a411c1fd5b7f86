"""Activations made of simpler gates, each by its published formula."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.items import Item

Make = Callable[[Builder, Item, str], str]
#: SELU's two constants (Klambauer et al. 2017, "Self-normalizing neural networks").
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805


def _gate(net: Builder, item: Item, gate: str, *args: Any) -> str:
    names = [net.number(one) if isinstance(one, int | float) else one for one in args]
    return net.gate(gate, *names, layer=item)


def _elu(net: Builder, item: Item, z: str) -> str:
    """Append z for z > 0, else α (exp(z) - 1) (Clevert et al. 2016)."""
    alpha = float(item.arguments.get("slope", 1.0))
    return _exponential_unit(net, item, z, alpha)


def _exponential_unit(net: Builder, item: Item, z: str, alpha: float) -> str:
    """Append the unit; where z > 0 its exponential is exp(0), whatever z is."""
    positive = _gate(net, item, "greater", z, 0.0)
    below = _gate(net, item, "expm1", _gate(net, item, "where", positive, 0.0, z))
    below = _gate(net, item, "mul", below, alpha) if alpha != 1 else below
    return _gate(net, item, "where", positive, z, below)


def _selu(net: Builder, item: Item, z: str) -> str:
    unit = _exponential_unit(net, item, z, SELU_ALPHA)
    return _gate(net, item, "mul", unit, SELU_SCALE)


def _mish(net: Builder, item: Item, z: str) -> str:
    """Append z tanh(softplus(z)) (Misra 2019)."""
    inner = _gate(net, item, "tanh", _gate(net, item, "softplus", z))
    return _gate(net, item, "mul", z, inner)


def _clamped(net: Builder, item: Item, z: str, low: float, high: float) -> str:
    return _gate(net, item, "min", _gate(net, item, "max", z, low), high)


def _hardsigmoid(net: Builder, item: Item, z: str) -> str:
    """Append min(max(z + 3, 0), 6) / 6 (Howard et al. 2019)."""
    raised = _clamped(net, item, _gate(net, item, "add", z, 3.0), 0.0, 6.0)
    return _gate(net, item, "div", raised, 6.0)


def _hardswish(net: Builder, item: Item, z: str) -> str:
    return _gate(net, item, "mul", z, _hardsigmoid(net, item, z))


def _hardtanh(net: Builder, item: Item, z: str) -> str:
    low, high = (item.arguments.get(k, d) for k, d in (("low", -1.0), ("high", 1.0)))
    return _clamped(net, item, z, float(low), float(high))


def _softsign(net: Builder, item: Item, z: str) -> str:
    return _gate(
        net, item, "div", z, _gate(net, item, "add", _gate(net, item, "abs", z), 1.0)
    )


def _logsigmoid(net: Builder, item: Item, z: str) -> str:
    """Append -softplus(-z)."""
    return _gate(
        net, item, "neg", _gate(net, item, "softplus", _gate(net, item, "neg", z))
    )


def _gelu_tanh(net: Builder, item: Item, z: str) -> str:
    """Append z/2 (1 + tanh(√(2/π) (z + 0.044715 z³))) (Hendrycks & Gimpel 2016)."""
    cubed = _gate(net, item, "mul", _gate(net, item, "pow", z, 3.0), 0.044715)
    inner = _gate(
        net, item, "mul", _gate(net, item, "add", z, cubed), 0.7978845608028654
    )
    raised = _gate(net, item, "add", _gate(net, item, "tanh", inner), 1.0)
    return _gate(net, item, "mul", _gate(net, item, "mul", z, 0.5), raised)


def _relu6(net: Builder, item: Item, z: str) -> str:
    return _gate(net, item, "min", _gate(net, item, "relu", z), 6.0)


MADE: dict[str, Make] = {
    "elu": _elu,
    "selu": _selu,
    "mish": _mish,
    "hardswish": _hardswish,
    "hardsigmoid": _hardsigmoid,
    "hardtanh": _hardtanh,
    "relu6": _relu6,
    "softsign": _softsign,
    "logsigmoid": _logsigmoid,
    "gelu_tanh": _gelu_tanh,
    "exponential": lambda net, item, z: _gate(net, item, "exp", z),
    "linear_word": lambda net, item, z: z,
}
