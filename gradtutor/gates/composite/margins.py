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


def _binary_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """dL/dp = (p - t) / (p (1 - p)) / count."""
    p, t = call.args
    rest = tape.gate("sub", tape.number(1.0), p)
    slope = tape.gate("div", difference(tape, call), tape.gate("mul", p, rest))
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
