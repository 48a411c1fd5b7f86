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
from gradtutor.messages import tr

Gradients = tuple[str | None, ...]


def labels_shape(shapes: tuple[Shape, ...], _attrs: Attributes) -> Shape:
    """Return the shape of a loss of scores (N, K) and labels (N,): a number."""
    scores, labels = shapes
    if not 1 <= len(scores) <= 2 or scores[:-1] != labels:
        raise ShapeMismatchError(
            tr(
                "this loss takes scores (N, K) and one label per row (N,), not "
                "{scores} and {labels}",
                scores=show_shape(scores),
                labels=show_shape(labels),
            )
        )
    return ()


def paired_shape(shapes: tuple[Shape, ...], _attrs: Attributes) -> Shape:
    """Return the shape of a loss of equal shapes: a number."""
    output, target = shapes
    if output != target:  # broadcasting (N,) against (N, 1) is a well-known silent bug
        raise ShapeMismatchError(
            tr(
                "the target {target} must have the output's shape {output}",
                target=show_shape(target),
                output=show_shape(output),
            )
        )
    return ()


def batch_size(tape: Tape, x: str) -> str:
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
    return tape.gate("mul", u, tape.gate("div", wrong, batch_size(tape, z))), None


def _cross_entropy_opened(tape: Tape, call: Call) -> str:
    """-log softmax(z)[y] = logsumexp(z) - z[y], averaged over the batch."""
    z, y = call.args
    chosen = tape.gate("sum", tape.gate("mul", z, tape.gate("one_hot", y, z)), axis=-1)
    rows = tape.gate("sub", tape.gate("logsumexp", z, axis=-1), chosen)
    return tape.gate("mean", rows)


def _slope_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    labels_shape(shapes, attrs)
    return shapes[0]


def _slope_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Softmax's own adjoint, over N."""
    z, _ = call.args
    s = tape.gate("softmax", z, axis=-1)
    inner = tape.gate("sum", tape.gate("mul", s, u), axis=-1, keepdims=True)
    turned = tape.gate("mul", s, tape.gate("sub", u, inner))
    return tape.gate("div", turned, batch_size(tape, z)), None


def _slope_opened(tape: Tape, call: Call) -> str:
    z, y = call.args
    wrong = tape.gate(
        "sub", tape.gate("softmax", z, axis=-1), tape.gate("one_hot", y, z)
    )
    return tape.gate("div", wrong, batch_size(tape, z))


def difference(tape: Tape, call: Call) -> str:
    """Append output - target."""
    return tape.gate("sub", call.args[0], call.args[1])


def _mse_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """dL/dz = 2 (z - t) / (number of elements)."""
    twice = tape.gate("mul", tape.number(2.0), difference(tape, call))
    slope = tape.gate("div", twice, tape.gate("size", call.args[0], axis=None))
    gradient = tape.gate("mul", u, slope)
    return gradient, tape.gate("neg", gradient)


def _mse_opened(tape: Tape, call: Call) -> str:
    squares = tape.gate("pow", difference(tape, call), tape.number(2.0))
    return tape.gate("mean", squares)


def _quadratic_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """dC/da = (a - t) / N."""
    slope = tape.gate("div", difference(tape, call), batch_size(tape, call.args[0]))
    gradient = tape.gate("mul", u, slope)
    return gradient, tape.gate("neg", gradient)


def _quadratic_opened(tape: Tape, call: Call) -> str:
    """C = 1/(2N) Σ ‖a - t‖² (Nielsen 2015, eq. 6)."""
    squares = tape.gate("pow", difference(tape, call), tape.number(2.0))
    count = tape.gate("mul", tape.number(2.0), batch_size(tape, call.args[0]))
    return tape.gate("div", tape.gate("sum", squares), count)


LOSSES = (
    Structural(
        "cross_entropy",
        labels_shape,
        lambda _: "cross_entropy(a, b)",
        _cross_entropy_adjoint,
        sign="cross\nentropy",
        arity=(2, 2),
        opened=_cross_entropy_opened,
        labels=1,
        role="gradient is softmax minus truth",
    ),
    Structural(
        "cross_entropy_slope",
        _slope_shape,
        lambda _: "cross_entropy_slope(a, b)",
        _slope_adjoint,
        sign="p − y",
        arity=(2, 2),
        opened=_slope_opened,
        labels=1,
        role="the gradient of a cross-entropy: softmax minus truth, over N",
    ),
    Structural(
        "mse_loss",
        paired_shape,
        lambda _: "np.mean((a - b) ** 2)",
        _mse_adjoint,
        sign="MSE",
        arity=(2, 2),
        opened=_mse_opened,
        role="a gets 2(a − b)/count, b its negative",
        aliases=("mse", "mean_squared_error"),
    ),
    Structural(
        "quadratic_cost",
        paired_shape,
        lambda _: "quadratic_cost(a, b)",
        _quadratic_adjoint,
        sign="quadratic\ncost",
        arity=(2, 2),
        opened=_quadratic_opened,
        role="a gets the error over the batch, b its negative",
    ),
)
