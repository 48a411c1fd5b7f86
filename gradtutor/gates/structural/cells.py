"""What one step of a recurrent layer computes, and what it sends back.

The columns of z and of h U stand side by side, one group of units for each of a cell's
gates, in PyTorch's order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gradtutor.gates.gate import TIE_RULES, Tape
from gradtutor.gates.pointwise import POINTWISE

#: Nodes of one step by name: h, c, and what the step made on the way; h_, c_ before it.
Known = dict[str, str]


_RELU = next(gate for gate in POINTWISE if gate.name == "relu")
#: relu's slope at 0, by the rule for ties.
RELU_AT_ZERO = {rule: bool(getattr(_RELU.kink, rule)[0]) for rule in TIE_RULES}


@dataclass(frozen=True)
class Sent:
    """What a step sends back.

    Attributes
    ----------
    z, reach : tuple of str
        By the columns of z, and of h U: a node for each of the cell's gates.
    h : str
        By the state before, beside what goes through U; empty for nothing.
    c : str
        By the cell's memory before; empty where it has none.
    names : dict
        Gradients on the way by what they are called: dc, dn.
    """

    z: tuple[str, ...]
    reach: tuple[str, ...]
    h: str = ""
    c: str = ""
    names: Known = field(default_factory=dict)


@dataclass(frozen=True)
class Cell:
    """A recurrent cell.

    Attributes
    ----------
    columns, reaches : int
        How many columns z, and h U, have for each unit.
    step : callable
        ``step(tape, z, reach, before, units)``: what the step knows, by name.
    back : callable
        ``back(tape, known, dh, dc, ties)``: what it sends.
    memory : bool
        Whether c goes from step to step beside h.
    shares : bool
        Whether z and h U are only ever added, so that both get the same gradient.
    """

    columns: int
    reaches: int
    step: Callable[[Tape, str, str, Mapping[str, str], int], Known]
    back: Callable[[Tape, Mapping[str, str], str, str, str], Sent]
    memory: bool = False
    shares: bool = True


def joined(tape: Tape, parts: Sequence[str], axis: int) -> str:
    """Append the parts side by side, in pairs: each number is copied log times."""
    while len(parts) > 1:
        pairs = [parts[i : i + 2] for i in range(0, len(parts), 2)]
        parts = [
            tape.gate("concat", *pair, axis=axis) if len(pair) == 2 else pair[0]
            for pair in pairs
        ]
    return parts[0]


def _part(tape: Tape, x: str, which: int, units: int) -> str:
    part = (which * units, (which + 1) * units, 1)
    return tape.gate("slice", x, cuts=((0, None, 1), part))


def _product(tape: Tape, *factors: str) -> str:
    first, *rest = factors
    for factor in rest:
        first = tape.gate("mul", first, factor)
    return first


def _less(tape: Tape, x: str) -> str:
    """Append 1 - x."""
    return tape.gate("sub", tape.number(1.0), x)


def _sigmoid_slope(tape: Tape, u: str, out: str) -> str:
    return _product(tape, u, out, _less(tape, out))


def _tanh_slope(tape: Tape, u: str, out: str) -> str:
    more = tape.gate("add", tape.number(1.0), out)
    return _product(tape, u, _less(tape, out), more)


# ---- h = tanh(z + h U) (Elman 1990, "Finding structure in time") ----


def _plain(activation: str) -> Cell:
    def step(
        tape: Tape, z: str, reach: str, before: Mapping[str, str], _units: int
    ) -> Known:
        s = tape.gate("add", z, reach)
        return {"s": s, "h_": before["h"], "h": tape.gate(activation, s)}

    def back(
        tape: Tape, known: Mapping[str, str], dh: str, _dc: str, ties: str
    ) -> Sent:
        if activation == "relu":
            slope = (_relu_slope(tape, known, dh, ties),)
        else:
            rule = _tanh_slope if activation == "tanh" else _sigmoid_slope
            slope = (rule(tape, dh, known["h"]),)
        return Sent(slope, slope)

    return Cell(1, 1, step, back)


def _relu_slope(tape: Tape, known: Mapping[str, str], dh: str, ties: str) -> str:
    """Append where(s > 0, dh, 0), or s >= 0 where relu's rule at 0 says 1."""
    zero = tape.number(0.0)
    if RELU_AT_ZERO[ties]:
        passes = tape.gate("greater_equal", known["s"], zero)
    else:
        passes = tape.gate("greater", known["h"], zero)
    return tape.gate("where", passes, dh, tape.number(0.0))


# ---- LSTM: gates i f g o (Hochreiter & Schmidhuber 1997; forget gate Gers 2000) ----


def _lstm_step(
    tape: Tape, z: str, reach: str, before: Mapping[str, str], units: int
) -> Known:
    """Append c = f c + i g and h = o tanh(c)."""
    kinds = ("sigmoid", "sigmoid", "tanh", "sigmoid")
    parts = [[_part(tape, x, which, units) for x in (z, reach)] for which in range(4)]
    i, f, g, o = (
        tape.gate(kind, tape.gate("add", *pair))
        for kind, pair in zip(kinds, parts, strict=True)
    )
    c = tape.gate("add", _product(tape, f, before["c"]), _product(tape, i, g))
    tanh_c = tape.gate("tanh", c)
    own = {"i": i, "f": f, "g": g, "o": o, "c": c, "tanh_c": tanh_c}
    return own | {"h_": before["h"], "c_": before["c"], "h": _product(tape, o, tanh_c)}


def _lstm_back(
    tape: Tape, known: Mapping[str, str], dh: str, dc: str, _ties: str
) -> Sent:
    i, f, g, o, tanh_c = (known[name] for name in ("i", "f", "g", "o", "tanh_c"))
    through = _tanh_slope(tape, _product(tape, dh, o), tanh_c)
    dc = tape.gate("add", dc, through)
    slopes = (
        _sigmoid_slope(tape, _product(tape, dc, g), i),
        _sigmoid_slope(tape, _product(tape, dc, known["c_"]), f),
        _tanh_slope(tape, _product(tape, dc, i), g),
        _sigmoid_slope(tape, _product(tape, dh, tanh_c), o),
    )
    names = dict(zip(("di", "df", "dg", "do"), slopes, strict=True)) | {"dc": dc}
    return Sent(slopes, slopes, c=_product(tape, dc, f), names=names)


# ---- GRU: gates r u n (Cho et al. 2014; the reset inside the product, as cuDNN's) ----


def _gru_step(
    tape: Tape, z: str, reach: str, before: Mapping[str, str], units: int
) -> Known:
    """Append n = tanh(z_n + r (h U)_n) and h = (1 - u) n + u h."""
    ours, theirs = (
        [_part(tape, x, which, units) for which in range(3)] for x in (z, reach)
    )
    r, u = (
        tape.gate("sigmoid", tape.gate("add", ours[k], theirs[k])) for k in range(2)
    )
    m = theirs[2]
    n = tape.gate("tanh", tape.gate("add", ours[2], _product(tape, r, m)))
    kept = _product(tape, _less(tape, u), n)
    h = tape.gate("add", kept, _product(tape, u, before["h"]))
    return {"r": r, "u": u, "m": m, "n": n, "h_": before["h"], "h": h}


def _gru_back(
    tape: Tape, known: Mapping[str, str], dh: str, _dc: str, _ties: str
) -> Sent:
    r, u, m, n, h = (known[name] for name in ("r", "u", "m", "n", "h_"))
    dn = _tanh_slope(tape, _product(tape, dh, _less(tape, u)), n)
    du = _sigmoid_slope(tape, _product(tape, dh, tape.gate("sub", h, n)), u)
    dr = _sigmoid_slope(tape, _product(tape, dn, m), r)
    reach = (dr, du, _product(tape, dn, r))
    names = {"dr": dr, "du": du, "dn": dn}
    return Sent((dr, du, dn), reach, _product(tape, dh, u), names=names)


CELLS: dict[str, Cell] = {
    "tanh": _plain("tanh"),
    "relu": _plain("relu"),
    "sigmoid": _plain("sigmoid"),
    "lstm": Cell(4, 4, _lstm_step, _lstm_back, memory=True),
    "gru": Cell(3, 3, _gru_step, _gru_back, shares=False),
}
