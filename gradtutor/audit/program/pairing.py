"""Which function is the gradient of which: by their names, or by what one returns."""

from __future__ import annotations

import ast
import re

from gradtutor.audit.program.definitions import Function
from gradtutor.audit.program.naming import DATA
from gradtutor.audit.program.source import Program
from gradtutor.audit.program.styles.graded import takes_steps

#: Names of a gradient function, and what its forward is called.
BACKWARD = (
    (r"(.*)backward(.*)", r"\1forward\2"),
    (r"(.*)backward(.*)", r"\1forward"),
    (r"backward_propagation\w*", "forward_propagation"),
    (r"(.*)backprop(.*)", r"\1forwardprop\2"),
    (r"back_?prop(agation)?", "forward"),
    (r"back_?prop(agation)?", "forward_prop"),
    (r"back_?prop(agation)?", "feedforward"),
    (r"back_propagation(.*)", r"forward_propagation\1"),
    (r"back_prop(.*)", r"forward_prop\1"),
    (r"(.*)_bwd", r"\1_fwd"),
    (r"(.*)_bprop", r"\1_fprop"),
    (r"bprop(.*)", r"fprop\1"),
    (
        r"(.*?)_?(backward|backprop|vjp|bwd|prime|deriv|derivative|gradient|grad|der|back|d|jacobian_product)",
        r"\1",
    ),
    (
        r"(?:grad_|gradient_of_|gradient_|deriv_|derivative_of_|derivative_|backward_)(.+)",
        r"\1",
    ),
    (r"(?:vjp_|prime_|d_|D_|grad|D|d)(.+)", r"\1"),
    (r"(.*)_(?:backward|prime|deriv|derivative|gradient|grad)_(.*)", r"\1_\2"),
    (r"(?:compute_|calc_|calculate_)?grad(?:ient)?s?_(.+)", r"compute_cost_\1"),
    (r"(?:compute_|calc_|calculate_)?grad(?:ient)?s?_(.+)", r"compute_loss_\1"),
    (r"(?:compute_|calc_|calculate_)?grad(?:ient)?s?_(.+)", r"cost_\1"),
    (r"(?:compute_|calc_|calculate_)?grad(?:ient)?s?_(.+)", r"loss_\1"),
    (r"(?:compute_|calc_|calculate_)?grad(?:ient)?s?_(.+)", r"\1_loss"),
    (r"(?:compute_|calc_|calculate_)?grad(?:ient)?s?_(.+)", r"\1_cost"),
    (r"(.*?)_?(backward|gradient|gradients|grad|grads)", r"\1_loss"),
    (r"(?:compute_|calc_)?(?:gradients?|grads?)", "loss"),
    (r"(?:compute_|calc_)?(?:gradients?|grads?)", "compute_loss"),
    (r"(?:compute_|calc_)?(?:gradients?|grads?)", "compute_cost"),
    (r"(?:compute_|calc_)?(?:gradients?|grads?)", "cost"),
    (r"(?:compute_|calc_)?(?:gradients?|grads?)", "forward"),
    (r"(?:gradients?|grads?)", "f"),
)
LAST = 1_000_000  # the line of what comes behind all else
BACKWARDS = re.compile(r"backward|backprop|bwd|back_pass|gradient", re.IGNORECASE)
OTHERS = re.compile(r".*(numeric|eval_|check|approx).*", re.IGNORECASE)


def forward_of(program: Program, backward: Function) -> Function | None:
    """Return the function whose gradient this is, by the usual pairs of names."""
    for pattern, form in BACKWARD:
        match = re.fullmatch(pattern, backward.name)
        name = match.expand(form) if match else ""
        if name and name != backward.name and name in program.functions:
            return program.functions[name]
    return _by_results(program, backward) if BACKWARDS.search(backward.name) else None


def _by_results(program: Program, backward: Function) -> Function | None:
    """Return the function that returns what a gradient function takes: all_f, all_h.

    It works these out from parameters that both take: what sets parameters, splits
    data or takes steps is no forward, and what takes steps is no gradient.
    """
    if takes_steps(backward):
        return None
    for function in program.functions.values():
        kept = set(function.returns) & set(backward.arguments) - set(function.arguments)
        shared = {
            name
            for name in set(function.arguments) & set(backward.arguments)
            if not DATA.fullmatch(name)
        }
        if (
            function is not backward
            and "." not in function.name
            and len(kept) > 1
            and shared
            and not takes_steps(function)
        ):
            return function
    return None


def adds_for_another(program: Program, function: Function) -> bool:
    """Whether a function adds to gradients that another one gives it, and returns."""
    if not {"grads", "gradients"} & set(function.arguments):
        return False
    return any(
        f"{function.name}(" in ast.unparse(other.node)
        for other in program.functions.values()
        if other.node and other is not function and BACKWARDS.search(other.name)
    )
