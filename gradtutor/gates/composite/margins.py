"""Losses of yes or no, of probabilities, and of margins, as composites that open."""

from __future__ import annotations

from gradtutor.gates.composite.losses import (
    batch_size,
    difference,
    labels_shape,
    paired_shape,
)
from gradtutor.gates.gate import Call, Structural, Tape

Gradients = tuple[str | None, ...]

# ---- two classes, or several yes-or-no labels at once ----


def _mean_of(tape: Tape, x: str, u: str, slope: str) -> str:
    """Append u · slope / (number of elements of x)."""
    count = tape.gate("size", x, axis=None)
    return tape.gate("mul", u, tape.gate("div", slope, count))


# At p = 0 and 1 the loss and its gradient are PyTorch's, which are finite: BCELoss
# "clamps its log function outputs to be greater than or equal to -100", and divides by
# no less than 1e-12 (ATen/native/Loss.cpp, binary_cross_entropy_backward).
LEAST_LOG, LEAST_SLOPE = -100.0, 1e-12


def _clamped_log(tape: Tape, p: str) -> str:
    return tape.gate("max", tape.gate("log", p), tape.number(LEAST_LOG))


def _binary_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """dL/dp = (p - t) / max(p (1 - p), 1e-12) / count."""
    p, t = call.args
    rest = tape.gate("sub", tape.number(1.0), p)
    below = tape.gate("max", tape.gate("mul", p, rest), tape.number(LEAST_SLOPE))
    slope = tape.gate("div", difference(tape, call), below)
    log_odds = tape.gate("sub", _clamped_log(tape, rest), _clamped_log(tape, p))
    return _mean_of(tape, p, u, slope), _mean_of(tape, t, u, log_odds)


def _binary_opened(tape: Tape, call: Call) -> str:
    """-mean(t log p + (1 - t) log(1 - p)), each log at least -100."""
    p, t = call.args
    one = tape.number(1.0)
    yes = tape.gate("mul", t, _clamped_log(tape, p))
    no = _clamped_log(tape, tape.gate("sub", one, p))
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
    inverse = tape.gate("div", tape.number(1.0), p)  # 0 has no say, but at its own row
    share = tape.gate("routed", tape.gate("one_hot", y, p), inverse)
    slope = tape.gate("neg", tape.gate("div", share, batch_size(tape, p)))
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
    return tape.gate("div", total, batch_size(tape, call.args[0]))


def _svm_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Each violated margin pulls its own score down and the true one up."""
    others, truth, margins = _margins(tape, call)
    violated = tape.gate("greater", margins, tape.number(0.0))
    violated = tape.gate("mul", violated, others)
    count = tape.gate("sum", violated, axis=-1, keepdims=True)
    slope = tape.gate("sub", violated, tape.gate("mul", truth, count))
    slope = tape.gate("div", slope, batch_size(tape, call.args[0]))
    return tape.gate("mul", u, slope), None


MARGINS = (
    Structural(
        "binary_cross_entropy",
        paired_shape,
        lambda _: "binary_cross_entropy(a, b)",
        _binary_adjoint,
        sign="BCE",
        arity=(2, 2),
        opened=_binary_opened,
        role="gradient is the error over p(1 − p)",
        clamps=lambda p, _t: bool((p * (1 - p) < LEAST_SLOPE).any()),
        aliases=("bce",),
    ),
    Structural(
        "bce_with_logits",
        paired_shape,
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
        labels_shape,
        lambda _: "nll_loss(a, b)",
        _likelihood_adjoint,
        sign="−log p",
        arity=(2, 2),
        opened=_likelihood_opened,
        labels=1,
        role="gradient is −1/p at the true class",
    ),
    Structural(
        "hinge_loss",
        paired_shape,
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
        labels_shape,
        lambda _: "svm_loss(a, b)",
        _svm_adjoint,
        sign="SVM",
        arity=(2, 2),
        opened=_svm_opened,
        labels=1,
        role="every violated margin pulls",
    ),
)
