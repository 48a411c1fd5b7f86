"""The values of derivatives at a point: in float64, or in 400 digits where it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradtutor.messages import mark

if TYPE_CHECKING:
    from gradtutor.circuit import Circuit

#: Values below this may be rounding noise; and how many are looked at in digits.
NOISE, MOST_DIGITS = 1e-12, 100
BY_DIGITS = mark("float64 overflows on the way: the value is worked out in 400 digits")


def has_value_in_digits(circuit: Circuit, point: dict[str, Any]) -> bool:
    """Whether the formula has a value where float64 has none: log(1 + exp(1000))."""
    import numpy as np

    from gradtutor.evaluate.numeric.witness import gradient_in_digits
    from gradtutor.graph import with_shapes

    known = _known(circuit, point)
    shapes = {name: np.shape(one) for name, one in known.items()}
    output = circuit.graph.graph["output"]
    try:
        found = gradient_in_digits(with_shapes(circuit.graph, shapes), output, known)
        return bool(np.isfinite(np.asarray(found, dtype=float)).all())
    except (TypeError, ValueError, ArithmeticError):
        return False


def value_at(
    circuit: Circuit, names: tuple[str, ...], derivative: str, point: dict[str, Any]
) -> dict[str, Any]:
    """Evaluate a derivative at the point given; the text may give values, too.

    Where its closed form has no value, as exp(-x)/(1 + exp(-x))**2 at -800, the gates
    of the backward pass may have one.
    """
    import numpy as np

    from gradtutor.circuit import parse
    from gradtutor.evaluate.report import plain

    if not point:
        return {}
    known = _known(circuit, point)
    shapes = input_shapes(circuit) | {
        name: np.shape(one) for name, one in known.items()
    }
    written = parse(derivative, shapes)
    given = {name: value for name, value in known.items() if name in written.inputs}
    values = written.trace(**given).values
    value = values[written.graph.graph["output"]]
    if not np.isfinite(value).all():
        value = np.asarray(circuit.derivative(*names, at=known))
    if not all(np.isfinite(one).all() for one in values.values()):
        value = _in_digits(circuit, names, value, known)
    return {"value": plain(without_noise(circuit, names, value, known) + 0.0)}


def _known(circuit: Circuit, point: dict[str, Any]) -> dict[str, Any]:
    """Return the values of the text's own, and of the point, which come first."""
    nodes = circuit.graph.nodes
    own = {name: nodes[name].get("value") for name in circuit.inputs}
    return {name: one for name, one in own.items() if one is not None} | point


def _in_digits(
    circuit: Circuit, names: tuple[str, ...], value: Any, known: dict[str, Any]
) -> Any:
    """Return the value by 400 digits where float64 overflows on the way to it."""
    import numpy as np

    finite = all(np.isfinite(one).all() for one in known.values())
    if not finite or np.size(value) > MOST_DIGITS:
        return value
    exact = circuit.derivative_in_digits(*names, at=known)
    return value if exact is None or not np.isfinite(exact).all() else exact


def without_noise(
    circuit: Circuit, names: tuple[str, ...], value: Any, known: dict[str, Any]
) -> Any:
    """Return a value whose rounding noise is 0: by 400 digits where it is so small."""
    import numpy as np

    tiny = (value != 0) & (np.abs(value) < NOISE)
    if not np.any(tiny) or np.size(value) > MOST_DIGITS:
        return value
    exact = circuit.derivative_in_digits(*names, at=known)
    if exact is None:
        return value
    return np.where(tiny & (np.abs(exact) < NOISE**2), 0.0, value)


def input_shapes(circuit: Circuit) -> dict[str, Any]:
    """Return the inputs' shapes, so that a derivative's text is read as it is."""
    nodes = circuit.graph.nodes
    return {name: nodes[name]["shape"] or () for name in circuit.inputs}
