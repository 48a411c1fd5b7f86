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
            f"this loss takes scores (N, K) and one label per row (N,), "
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


def _slope_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    _labels_shape(shapes, attrs)
    return shapes[0]


def _slope_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Softmax's own adjoint, over N."""
    z, _ = call.args
    s = tape.gate("softmax", z, axis=-1)
    inner = tape.gate("sum", tape.gate("mul", s, u), axis=-1, keepdims=True)
    turned = tape.gate("mul", s, tape.gate("sub", u, inner))
    return tape.gate("div", turned, _batch_size(tape, z)), None


def _slope_opened(tape: Tape, call: Call) -> str:
    z, y = call.args
    wrong = tape.gate(
        "sub", tape.gate("softmax", z, axis=-1), tape.gate("one_hot", y, z)
    )
    return tape.gate("div", wrong, _batch_size(tape, z))


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


# ---- two classes, or several yes-or-no labels at once ----


def _mean_of(tape: Tape, x: str, u: str, slope: str) -> str:
    """Append u · slope / (number of elements of x)."""
    count = tape.gate("size", x, axis=None)
    return tape.gate("mul", u, tape.gate("div", slope, count))


def _binary_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """dL/dp = (p - t) / (p (1 - p)) / count."""
    p, t = call.args
    rest = tape.gate("sub", tape.number(1.0), p)
    slope = tape.gate("div", _difference(tape, call), tape.gate("mul", p, rest))
    log_odds = tape.gate("sub", tape.gate("log", rest), tape.gate("log", p))
    return _mean_of(tape, p, u, slope), _mean_of(tape, t, u, log_odds)


def _binary_opened(tape: Tape, call: Call) -> str:
    """-mean(t log p + (1 - t) log(1 - p))."""
    p, t = call.args
    one = tape.number(1.0)
    yes = tape.gate("mul", t, tape.gate("log", p))
    no = tape.gate("log", tape.gate("sub", one, p))
    no = tape.gate("mul", tape.gate("sub", one, t), no)
    return tape.gate("neg", tape.gate("mean", tape.gate("add", yes, no)))


def _binary_logits_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """dL/dz = (sigmoid(z) - t) / count."""
    z, t = call.args
    slope = tape.gate("sub", tape.gate("sigmoid", z), t)
    return _mean_of(tape, z, u, slope), _mean_of(tape, t, u, tape.gate("neg", z))


def _binary_logits_opened(tape: Tape, call: Call) -> str:
    """mean(softplus(z) - t z), which never takes the logarithm of 0."""
    z, t = call.args
    each = tape.gate("sub", tape.gate("softplus", z), tape.gate("mul", t, z))
    return tape.gate("mean", each)


def _likelihood_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """dL/dp = -one_hot(y) / (p N)."""
    p, y = call.args
    share = tape.gate("div", tape.gate("one_hot", y, p), p)
    slope = tape.gate("neg", tape.gate("div", share, _batch_size(tape, p)))
    return tape.gate("mul", u, slope), None


def _likelihood_opened(tape: Tape, call: Call) -> str:
    p, y = call.args
    chosen = tape.gate("sum", tape.gate("mul", p, tape.gate("one_hot", y, p)), axis=-1)
    return tape.gate("neg", tape.gate("mean", tape.gate("log", chosen)))


# ---- margins ----


def _hinge_opened(tape: Tape, call: Call) -> str:
    """mean(max(0, 1 - t s)), targets -1 and 1."""
    margin = tape.gate("mul", call.args[1], call.args[0])
    return tape.gate(
        "mean", tape.gate("relu", tape.gate("sub", tape.number(1.0), margin))
    )


def _hinge_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    s, t = call.args
    margin = tape.gate("mul", t, s)
    inside = tape.gate("less", margin, tape.number(1.0))
    parts = [tape.gate("neg", tape.gate("mul", other, inside)) for other in (t, s)]
    return _mean_of(tape, s, u, parts[0]), _mean_of(tape, s, u, parts[1])


def _margins(tape: Tape, call: Call) -> tuple[str, str, str]:
    """Return the others' mask, the true rows and s - s[y] + 1."""
    s, y = call.args
    truth = tape.gate("one_hot", y, s)
    own = tape.gate("sum", tape.gate("mul", s, truth), axis=-1, keepdims=True)
    margins = tape.gate("add", tape.gate("sub", s, own), tape.number(1.0))
    return tape.gate("sub", tape.number(1.0), truth), truth, margins


def _svm_opened(tape: Tape, call: Call) -> str:
    """Σ_{j≠y} max(0, s_j - s_y + 1), averaged over rows (CS231n, linear models)."""
    others, _, margins = _margins(tape, call)
    total = tape.gate("sum", tape.gate("mul", tape.gate("relu", margins), others))
    return tape.gate("div", total, _batch_size(tape, call.args[0]))


def _svm_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Each violated margin pulls its own score down and the true one up."""
    others, truth, margins = _margins(tape, call)
    violated = tape.gate("greater", margins, tape.number(0.0))
    violated = tape.gate("mul", violated, others)
    count = tape.gate("sum", violated, axis=-1, keepdims=True)
    slope = tape.gate("sub", violated, tape.gate("mul", truth, count))
    slope = tape.gate("div", slope, _batch_size(tape, call.args[0]))
    return tape.gate("mul", u, slope), None


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
        "cross_entropy_slope",
        _slope_shape,
        lambda _: "cross_entropy_slope(a, b)",
        _slope_adjoint,
        sign="p − y",
        arity=(2, 2),
        opened=_slope_opened,
        role="the gradient of a cross-entropy: softmax minus truth, over N",
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
    Structural(
        "binary_cross_entropy",
        _paired_shape,
        lambda _: "binary_cross_entropy(a, b)",
        _binary_adjoint,
        sign="BCE",
        arity=(2, 2),
        opened=_binary_opened,
        role="gradient is the error over p(1 − p)",
        aliases=("bce",),
    ),
    Structural(
        "bce_with_logits",
        _paired_shape,
        lambda _: "bce_with_logits(a, b)",
        _binary_logits_adjoint,
        sign="BCE\nlogits",
        arity=(2, 2),
        opened=_binary_logits_opened,
        role="gradient is sigmoid minus truth",
        aliases=("binary_cross_entropy_with_logits",),
    ),
    Structural(
        "nll_loss",
        _labels_shape,
        lambda _: "nll_loss(a, b)",
        _likelihood_adjoint,
        sign="−log p",
        arity=(2, 2),
        opened=_likelihood_opened,
        role="gradient is −1/p at the true class",
    ),
    Structural(
        "hinge_loss",
        _paired_shape,
        lambda _: "np.mean(np.maximum(1 - b * a, 0))",
        _hinge_adjoint,
        sign="hinge",
        arity=(2, 2),
        opened=_hinge_opened,
        role="pulls only inside the margin",
        aliases=("hinge",),
    ),
    Structural(
        "svm_loss",
        _labels_shape,
        lambda _: "svm_loss(a, b)",
        _svm_adjoint,
        sign="SVM",
        arity=(2, 2),
        opened=_svm_opened,
        role="every violated margin pulls",
    ),
)
