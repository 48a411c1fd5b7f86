"""Recurrent cells over a sequence: all states from what comes in at every step.

``recurrence(z, U, cell="lstm")`` takes z (T, N, columns), which holds x W + b of all
steps, and U (units, columns), and gives the states h_0 = 0, h_1, …, h_T as
(T + 1, N, units). Its gradient goes back through time (Werbos 1990, "Backpropagation
through time: what it does and how to do it").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gradtutor.gates.gate import (
    Attributes,
    Call,
    Shape,
    ShapeMismatchError,
    Structural,
    Tape,
)
from gradtutor.gates.shapes import show_shape
from gradtutor.gates.structural.cells import CELLS, Cell, Known, joined
from gradtutor.gates.structural.movement import reshaped
from gradtutor.messages import tr

Gradients = tuple[str | None, ...]
KEYWORDS = {"cell": "tanh", "backwards": False, "bias": False}
SLOPES = KEYWORDS | {"of": "z", "ties": "torch"}


def _cell(attrs: Attributes) -> Cell:
    if attrs["cell"] not in CELLS:
        names = ", ".join(CELLS)
        raise ShapeMismatchError(
            tr("a cell is one of {names}, not {cell}", names=names, cell=attrs["cell"])
        )
    return CELLS[attrs["cell"]]


def _states_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    cell, (z, weights, *bias) = _cell(attrs), shapes
    if len(z) != 3 or len(weights) != 2 or not isinstance(z[0], int):
        raise ShapeMismatchError(
            tr(
                "a recurrence takes z (T, N, columns) and U (units, columns), "
                "not {z} and {weights}",
                z=show_shape(z),
                weights=show_shape(weights),
            )
        )
    units = weights[0]
    if not isinstance(units, int) or weights[1] != cell.reaches * units:
        raise ShapeMismatchError(
            f"U of {attrs['cell']} is (units, {cell.reaches} units), "
            f"not {show_shape(weights)}"
        )
    if z[2] != cell.columns * units:
        message = tr(
            "z {z} must end with {columns} columns",
            z=show_shape(z),
            columns=cell.columns * units,
        )
        raise ShapeMismatchError(message)
    if len(bias) != bool(attrs["bias"]) or any(one != weights[1:] for one in bias):
        raise ShapeMismatchError(tr("bias=True takes a third argument (columns,)"))
    return (z[0] + 1, z[1], units)


def _slope_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    u, *rest = shapes
    states = _states_shape(tuple(rest), attrs)
    if u != states or attrs["of"] not in ("z", "reach"):
        raise ShapeMismatchError(
            tr(
                "{u} is no gradient of states {states}",
                u=show_shape(u),
                states=show_shape(states),
            )
        )
    z, weights = rest[0], rest[1]
    return z if attrs["of"] == "z" else (*z[:2], weights[1])


#: What the cells without gates call.
ACTIVATIONS = {"tanh": "np.tanh", "relu": "relu", "sigmoid": "sigmoid"}


def _text(word: str, letters: str) -> Callable[[Attributes], str]:
    """Return the call of a cell's function: ``lstm_states(a, b)``."""

    def text(attrs: Attributes) -> str:
        plain = ACTIVATIONS.get(attrs["cell"], "")
        given = [*letters[:-1], *[plain] * bool(plain), *letters[-1:] * attrs["bias"]]
        given += ["backwards=True"] * bool(attrs["backwards"])
        given += ['of="reach"'] * (
            attrs.get("of") == "reach" and attrs["cell"] == "gru"
        )
        ties = attrs.get("ties", "torch")
        given += [f'ties="{ties}"'] * (attrs["cell"] == "relu" and ties != "torch")
        return f"{'rnn' if plain else attrs['cell']}_{word}({', '.join(given)})"

    return text


# ---- the gradient ----


def before(tape: Tape, states: str, *, backwards: bool) -> str:
    """Append the state before each step: all but the last one that is made."""
    steps = int(tape.shape(states)[0]) - 1
    cut = (1, steps + 1, 1) if backwards else (0, steps, 1)
    return tape.gate("slice", states, cuts=(cut,))


def _states_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Back through time by z; by U all steps in one product, Σ h_{t-1}ᵀ da_t."""
    attrs = dict(call.attrs)
    dz = tape.gate("recurrence_slope", u, *call.args, **attrs, ties=call.ties)
    reach = dz
    if not _cell(attrs).shares:
        more = {**attrs, "ties": call.ties, "of": "reach"}
        reach = tape.gate("recurrence_slope", u, *call.args, **more)
    earlier = before(tape, call.out, backwards=bool(attrs["backwards"]))
    rows, slopes = _rows(tape, earlier), _rows(tape, reach)
    du = tape.gate("matmul", tape.gate("transpose", rows), slopes)
    if not attrs["bias"]:
        return dz, du
    return dz, du, tape.gate("sum", slopes, axis=0, keepdims=False)


def _rows(tape: Tape, x: str) -> str:
    return tape.gate("reshape", x, shape=(-1, int(tape.shape(x)[2])))


# ---- opened: step by step ----


def _steps(tape: Tape, call: Call) -> tuple[list[int], list[Known], str]:
    """Append all steps; return their order, what each knows, and zeros (N, units)."""
    z, weights, *bias = call.args
    cell, shape = _cell(call.attrs), tape.shape(z)
    units = int(tape.shape(weights)[0])
    like = _row(tape, z, 0)
    like = tape.gate("slice", like, cuts=((0, None, 1), (0, units, 1)))
    zero = tape.gate("broadcast", tape.number(0.0), like, axis=())
    order = list(range(int(shape[0])))
    order = order[::-1] if call.attrs["backwards"] else order
    made, known = list[Known](), {"h": zero, "c": zero}
    for t in order:
        reach = tape.gate("matmul", known["h"], weights)
        reach = tape.gate("add", reach, bias[0]) if bias else reach
        known = cell.step(tape, _row(tape, z, t), reach, known, units)
        made.append(known)
    return order, made, zero


def _row(tape: Tape, x: str, t: int) -> str:
    part = tape.gate("slice", x, cuts=((t, t + 1, 1),))
    return reshaped(tape, part, tape.shape(x)[1:])


def _stacked(tape: Tape, rows: Sequence[str]) -> str:
    """Put (N, columns) of every step into (T, N, columns)."""
    wide = [reshaped(tape, row, (1, *tape.shape(row))) for row in rows]
    return joined(tape, wide, 0)


def _states_opened(tape: Tape, call: Call) -> str:
    order, made, zero = _steps(tape, call)
    states = [zero, *(known["h"] for known in made)]
    return _stacked(tape, states[::-1] if order[0] else states)


def _slope_opened(tape: Tape, call: Call) -> str:
    """Go back over the steps with what the later ones send."""
    u, *rest = call.args
    cell, weights = _cell(call.attrs), rest[1]
    order, made, zero = _steps(tape, Call(tuple(rest), "", call.attrs))
    turned = tape.gate("transpose", weights)
    later_h, later_c, slopes = "", "", dict[int, str]()
    for t, known in zip(reversed(order), reversed(made), strict=True):
        dh = _row(tape, u, t if call.attrs["backwards"] else t + 1)
        dh = tape.gate("add", dh, later_h) if later_h else dh
        sent = cell.back(tape, known, dh, later_c or zero, str(call.attrs["ties"]))
        reach = joined(tape, sent.reach, 1)
        wanted = joined(tape, sent.z, 1) if call.attrs["of"] == "z" else reach
        slopes[t] = wanted
        later_h = tape.gate("matmul", reach, turned)
        later_h = tape.gate("add", later_h, sent.h) if sent.h else later_h
        later_c = sent.c
    return _stacked(tape, [slopes[t] for t in sorted(slopes)])


EXAMPLE = {"cell": "tanh"}
RECURRENCE = (
    Structural(
        "recurrence",
        _states_shape,
        _text("states", "abc"),
        _states_adjoint,
        sign="h",
        arity=(2, 3),
        opened=_states_opened,
        keywords=KEYWORDS,
        example=EXAMPLE,
        role="goes back through time, from the last step to the first",
    ),
    Structural(
        "recurrence_slope",
        _slope_shape,
        _text("slope", "abcd"),
        None,
        sign="dz",
        arity=(3, 4),
        opened=_slope_opened,
        keywords=SLOPES,
        example=EXAMPLE,
        role="what all steps send back; opens into steps to be differentiated",
    ),
)
