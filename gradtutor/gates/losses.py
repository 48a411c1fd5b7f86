"""The table of losses: composites with a closed gradient and an open sub-graph.

Opened, a loss is the gates of its definition; closed, its gradient is the well-known
short form. Both give the same leaf gradients.
"""

from __future__ import annotations

from gradtutor.gates.gate import (
    Attributes,
    Call,
    Shape,
    ShapeMismatchError,
    Structural,
    Tape,
)
from gradtutor.gates.shapes import show_shape

Gradients = tuple[str | None, ...]


def _labels_shape(shapes: tuple[Shape, ...], _attrs: Attributes) -> Shape:
    scores, labels = shapes
    if not 1 <= len(scores) <= 2 or scores[:-1] != labels:
        raise ShapeMismatchError(
            f"cross_entropy takes scores (N, K) and one label per row (N,), "
            f"not {show_shape(scores)} and {show_shape(labels)}"
        )
    return ()


def _paired_shape(shapes: tuple[Shape, ...], _attrs: Attributes) -> Shape:
    output, target = shapes
    if output != target:  # broadcasting (N,) against (N, 1) is a well-known silent bug
        raise ShapeMismatchError(
            f"the target {show_shape(target)} must have the output's shape "
            f"{show_shape(output)}"
        )
    return ()


def _batch_size(tape: Tape, x: str) -> str:
    """Count the rows of a (N, K) tensor; a single row counts as one."""
    if len(tape.shape(x)) < 2:
        return tape.number(1.0)
    return tape.gate("size", x, axis=0)


def _cross_entropy_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """dL/dz = (softmax(z) - one_hot(y)) / N."""
    z, y = call.args
    wrong = tape.gate(
        "sub", tape.gate("softmax", z, axis=-1), tape.gate("one_hot", y, z)
    )
    return tape.gate("mul", u, tape.gate("div", wrong, _batch_size(tape, z))), None


def _cross_entropy_opened(tape: Tape, call: Call) -> str:
    """-log softmax(z)[y] = logsumexp(z) - z[y], averaged over the batch."""
    z, y = call.args
    chosen = tape.gate("sum", tape.gate("mul", z, tape.gate("one_hot", y, z)), axis=-1)
    rows = tape.gate("sub", tape.gate("logsumexp", z, axis=-1), chosen)
    return tape.gate("mean", rows)


def _difference(tape: Tape, call: Call) -> str:
    return tape.gate("sub", call.args[0], call.args[1])


def _mse_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """dL/dz = 2 (z - t) / (number of elements)."""
    twice = tape.gate("mul", tape.number(2.0), _difference(tape, call))
    slope = tape.gate("div", twice, tape.gate("size", call.args[0], axis=None))
    gradient = tape.gate("mul", u, slope)
    return gradient, tape.gate("neg", gradient)


def _mse_opened(tape: Tape, call: Call) -> str:
    squares = tape.gate("pow", _difference(tape, call), tape.number(2.0))
    return tape.gate("mean", squares)


def _quadratic_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """dC/da = (a - t) / N."""
    slope = tape.gate("div", _difference(tape, call), _batch_size(tape, call.args[0]))
    gradient = tape.gate("mul", u, slope)
    return gradient, tape.gate("neg", gradient)


def _quadratic_opened(tape: Tape, call: Call) -> str:
    """C = 1/(2N) Σ ‖a - t‖² (Nielsen 2015, eq. 6)."""
    squares = tape.gate("pow", _difference(tape, call), tape.number(2.0))
    count = tape.gate("mul", tape.number(2.0), _batch_size(tape, call.args[0]))
    return tape.gate("div", tape.gate("sum", squares), count)


LOSSES = (
    Structural(
        "cross_entropy",
        _labels_shape,
        lambda _: "cross_entropy(a, b)",
        _cross_entropy_adjoint,
        sign="cross\nentropy",
        arity=(2, 2),
        opened=_cross_entropy_opened,
        role="gradient is softmax minus truth",
    ),
    Structural(
        "mse_loss",
        _paired_shape,
        lambda _: "np.mean((a - b) ** 2)",
        _mse_adjoint,
        sign="MSE",
        arity=(2, 2),
        opened=_mse_opened,
        role="gradient is twice the mean error",
        aliases=("mse", "mean_squared_error"),
    ),
    Structural(
        "quadratic_cost",
        _paired_shape,
        lambda _: "quadratic_cost(a, b)",
        _quadratic_adjoint,
        sign="quadratic\ncost",
        arity=(2, 2),
        opened=_quadratic_opened,
        role="gradient is the error over the batch",
    ),
)
