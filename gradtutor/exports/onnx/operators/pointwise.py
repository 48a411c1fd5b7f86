"""ONNX's operators number by number: Add, Exp, Clip, Gelu, Cast."""

from __future__ import annotations

import math

from gradtutor.exports.onnx.operators.call import Call, Read
from gradtutor.exports.onnx.reader import OnnxError, Reader, Value
from gradtutor.messages import tr


def _pointwise(gate: str) -> Read:
    def read(to: Reader, call: Call) -> Value:
        one = to.values.get(call.args[0])
        if len(call.args) == 1 and one is not None:
            return Value(to.gate(gate, one.node), one.last)
        return Value(to.gate(gate, *map(to.node, call.args)))

    return read


def _several(gate: str) -> Read:
    def read(to: Reader, call: Call) -> Value:
        found, *rest = map(to.node, call.args)
        for other in rest:
            found = to.gate(gate, found, other)
        return Value(found)

    return read


def _mean_of(to: Reader, call: Call) -> Value:
    total = _several("add")(to, call).node
    return Value(to.gate("div", total, to.number(len(call.args))))


def _leaky_relu(to: Reader, call: Call) -> Value:
    slope = to.number(call.get("alpha", 0.01))
    one = to.values.get(call.args[0])
    if one is not None:
        return Value(to.gate("leaky_relu", one.node, slope), one.last)
    return Value(to.gate("leaky_relu", to.node(call.args[0]), slope))


def _elu(to: Reader, call: Call) -> Value:
    """Append x where it is positive, else α (exp(x) - 1)."""
    x = to.node(call.args[0])
    below = to.gate("expm1", to.gate("min", x, to.number(0.0)))
    below = to.gate("mul", to.number(call.get("alpha", 1.0)), below)
    return Value(to.gate("where", to.gate("greater", x, to.number(0.0)), x, below))


def _clip(to: Reader, call: Call) -> Value:
    x = to.node(call.args[0])
    for place, gate in ((1, "max"), (2, "min")):
        bound = call.get(("min", "max")[place - 1])
        if call.arg(place):
            bound = float(to.known(call.args[place], "Clip"))
        if bound is not None and math.isfinite(bound):
            x = to.gate(gate, x, to.number(bound))
    return Value(x)


def _gelu(to: Reader, call: Call) -> Value:
    if call.get("approximate", "none") != "none":
        raise OnnxError(tr("Gelu by tanh is not here: export it exactly"))
    return _pointwise("gelu")(to, call)


def _hard_sigmoid(to: Reader, call: Call) -> Value:
    x = to.gate("mul", to.node(call.args[0]), to.number(call.get("alpha", 0.2)))
    x = to.gate("add", x, to.number(call.get("beta", 0.5)))
    x = to.gate("max", x, to.number(0.0))
    return Value(to.gate("min", x, to.number(1.0)))


def _not(to: Reader, call: Call) -> Value:
    return Value(to.gate("equal", to.node(call.args[0]), to.number(0.0)))


def _reciprocal(to: Reader, call: Call) -> Value:
    return Value(to.gate("div", to.number(1.0), to.node(call.args[0])))


#: Types of ONNX by number: what holds real numbers, whole ones, truth.
REAL, WHOLE, TRUTH = (1, 10, 11, 16), (6, 7), (9,)


def _cast(to: Reader, call: Call) -> Value:
    """Read a cast: numbers are real here; tokens are whole already."""
    kind = call.get("to")
    value = _same(to, call)
    gate = to.tape.graph.nodes[value.node]["gate"]
    if kind in REAL or (kind in WHOLE and gate == "input"):
        return value
    if kind in TRUTH:
        return Value(to.gate("not_equal", value.node, to.number(0.0)), value.last)
    raise OnnxError(tr("Cast to type {kind} is not here: numbers are real", kind=kind))


def _same(to: Reader, call: Call) -> Value:
    to.node(call.args[0])
    return to.values[call.args[0]]


#: Operators of one argument that are a gate.
PLAIN = (
    *(
        "Abs",
        "Exp",
        "Log",
        "Sqrt",
        "Erf",
        "Sign",
        "Relu",
        "Sigmoid",
        "Tanh",
        "Softplus",
    ),
    *("Swish", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Neg"),
    *("Add", "Sub", "Mul", "Div", "Pow", "Floor", "Round"),
)
POINTWISE: dict[str, Read] = {
    **{operator: _pointwise(operator.lower()) for operator in PLAIN},
    "PRelu": _pointwise("leaky_relu"),
    "Greater": _pointwise("greater"),
    "GreaterOrEqual": _pointwise("greater_equal"),
    "Less": _pointwise("less"),
    "LessOrEqual": _pointwise("less_equal"),
    "Equal": _pointwise("equal"),
    "Where": _pointwise("where"),
    "Not": _not,
    "Max": _several("max"),
    "Min": _several("min"),
    "Sum": _several("add"),
    "Mean": _mean_of,
    "Gelu": _gelu,
    "LeakyRelu": _leaky_relu,
    "Elu": _elu,
    "Clip": _clip,
    "HardSigmoid": _hard_sigmoid,
    "Reciprocal": _reciprocal,
    **dict.fromkeys(("Identity", "Dropout"), _same),
    "Cast": _cast,
}
