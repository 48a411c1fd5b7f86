"""Which methods of a class are forward and backward, by their usual names."""

from __future__ import annotations

from collections.abc import Iterator

from gradtutor.audit.program.naming import FORWARD
from gradtutor.audit.program.source import Program
from gradtutor.audit.program.styles.graded import returns_both

BACKWARD = (
    "backward",
    "backprop",
    "backward_pass",
    "backward_propagation",
    "backpropagation",
    "back_propagation",
    "back_prop",
    "bprop",
    "gradient",
    "gradients",
    "grad",
    "compute_gradients",
    "vjp",
)
LOSSES = (
    "loss",
    "cost",
    "compute_loss",
    "compute_cost",
    "loss_and_grad",
    "loss_and_grads",
)


def method_pair(program: Program, cls: str) -> tuple[str, str] | None:
    """Return a class's forward and backward; the same where one returns both."""
    names = next(kind.methods for kind in program.kinds if kind.name == cls)
    backward = next(iter(backwards(program, cls)), None)
    losses = [n for n in (*LOSSES, *(f"_{o}" for o in LOSSES)) if n in names]
    for name in losses:
        if returns_both(program.functions[f"{cls}.{name}"]):
            return name, name
    if backward is None:
        return None
    if backward.lstrip("_").startswith(("grad", "compute_grad")) and losses:
        return losses[0], backward
    taken = _arguments(program, cls, backward)
    for name in losses:
        if len(taken) > 1 and _arguments(program, cls, name) == taken:
            return name, backward  # loss(X, y) beside backward(X, y)
    forward = next((n for n in FORWARD if n in names), None)
    return (forward, backward) if forward else None


def named_pairs(program: Program, cls: str) -> Iterator[tuple[str, str]]:
    """Yield methods that share a name: ``policy_forward`` and ``policy_backward``."""
    for name in program.functions:
        if name.startswith(f"{cls}.") and name.endswith("_forward"):
            backward = name.removesuffix("_forward") + "_backward"
            if backward in program.functions:
                yield name, backward


def backwards(program: Program, cls: str) -> list[str]:
    """Return a class's methods that are named like gradients, likely ones first."""
    names = (*BACKWARD, *(f"_{n}" for n in BACKWARD))
    return [n for n in names if f"{cls}.{n}" in program.functions]


def _arguments(program: Program, cls: str, method: str) -> tuple[str, ...]:
    """Return the arguments that a method needs."""
    function = program.functions.get(f"{cls}.{method}")
    return function.arguments[: function.required] if function else ()
