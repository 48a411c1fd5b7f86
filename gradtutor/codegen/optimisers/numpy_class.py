"""The optimiser's class in a NumPy script: in place, or by a compiled loop."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

import sympy

from gradtutor.codegen.optimisers.expressions import Name, Sum, is_negative, negate
from gradtutor.codegen.optimisers.in_place import (
    number_lines,
    scratch_arrays,
    step_lines,
)
from gradtutor.codegen.optimisers.plan import Pass, Plan, symbol
from gradtutor.codegen.optimisers.text import element_text, number_text
from gradtutor.codegen.text.wrapping import WIDTH, wrapped

CLASS = '''class {title}:
    """{about}"""

    KEPT = ({kept})
{constants}
    def __init__(self, theta, learning_rate):
        self.learning_rate, self.t = learning_rate, 0
{arrays}
    def step(self, theta, gradient):
        """Move theta against the gradient."""
{step}

    def state(self):
        """Return what a checkpoint must hold."""
        return {{"t": self.t}} | {{name: getattr(self, name) for name in self.KEPT}}

    def restore(self, state):
        """Take up a checkpoint's values."""
        self.t = state["t"]
        for name in self.KEPT:
            getattr(self, name)[...] = state[name]'''
LOOP = '''@njit(nogil=True, error_model="numpy", cache=True)
{head}:
    """Move theta by one step: every number is read once and written once."""
{casts}    for i in range(len(theta)):
        g = gradient[i]
{body}'''


def class_text(plan: Plan, compiled: bool = False) -> str:
    """Return the source of an optimiser's class.

    Parameters
    ----------
    compiled : bool
        Whether its step calls the loop of `loop_text`.
    """
    scratch = () if compiled else scratch_arrays(plan)
    made = [(name, "zeros") for name in plan.entry.state]
    made += [(name, "empty") for name in scratch]
    lines = [f"self.{name} = np.{kind}_like(theta)" for name, kind in made]
    step = compiled_step(plan) if compiled else step_lines(plan)
    constants = [f"{name} = {value!r}" for name, value in plan.constants.items()]
    return CLASS.format(
        title=plan.entry.title,
        about=about_text(plan),
        kept=quoted(plan.entry.state),
        constants=_indented(constants, 4),
        arrays=_indented(lines, 8),
        step=_indented(step, 8).rstrip(),
    )


def about_text(plan: Plan) -> str:
    """Return the docstring: what it is, whose, and how its state is kept."""
    first = f"{plan.entry.about.rstrip('.')} ({plan.entry.source})."
    first = textwrap.fill(first, 78, subsequent_indent="    ")
    if not plan.factors:
        return first
    kept = " and ".join(plan.factors)
    numbers = " and ".join(map(str, dict.fromkeys(plan.factors.values())))
    said = (
        f"{kept} {'are' if len(plan.factors) > 1 else 'is'} kept divided by {numbers}: "
        "what that changes goes into a step's numbers, and passes over theta are saved."
    )
    words = textwrap.fill(said, 84, initial_indent="    ", subsequent_indent="    ")
    return f"{first}\n\n{words}\n    "


def quoted(names: Iterable[str]) -> str:
    """Write names as what stands in a tuple's parentheses."""
    texts = [f'"{name}"' for name in names]
    return f"{texts[0]}," if len(texts) == 1 else ", ".join(texts)


def _indented(lines: Iterable[str], width: int) -> str:
    """Indent lines, each with its end; nothing stays nothing."""
    broken = wrapped(lines, width)
    return "".join(f"{' ' * width}{line}\n" for line in broken)


# ---- the compiled loop ----


def loop_text(plan: Plan) -> str:
    """Return the source of the compiled function of one step."""
    numbers = [str(one) for one in loop_numbers(plan)]
    kinds = ", ".join(f"kind({name})" for name in numbers)
    casts = ["kind = theta.dtype.type", f"{', '.join(numbers)} = {kinds}"]
    if len(casts[1]) > WIDTH - 4:
        casts[1:] = [f"{name} = kind({name})" for name in numbers]
    body = [
        f"{target} {sign} {text}"
        for target, sign, text in assignments(plan, "{}[i]", set(numbers))
    ]
    parameters = ", ".join(["theta", "gradient", *plan.entry.state, *numbers])
    return LOOP.format(
        head="\n".join(wrapped([f"def {loop_name(plan)}({parameters})"], 1)),
        casts=_indented(casts, 4),
        body=_indented(body, 8).rstrip(),
    )


def loop_name(plan: Plan) -> str:
    """Return the name of the compiled function."""
    return f"{plan.entry.name}_loop"


def loop_numbers(plan: Plan) -> list[sympy.Symbol]:
    """Return the numbers that the passes read."""
    known = {*map(symbol, plan.constants), symbol("learning_rate")}
    known |= {name for name, _ in plan.numbers}
    used: list[sympy.Symbol] = []
    for one in plan.passes:
        used += sorted(one.value.symbols() & known, key=str)
    return list(dict.fromkeys(used))


def assignments(
    plan: Plan, element: str, local: set[str]
) -> Iterator[tuple[str, str, str]]:
    """Yield each pass: its target, its sign of assignment and its text.

    Parameters
    ----------
    element : str
        How an array's element is written, such as ``{}[i]``.
    """
    written = {*plan.entry.state, "theta"}

    def place(name: str) -> str:
        return element.format(name) if name in written else name

    for one in plan.passes:
        sign, value = shortened(one)
        yield place(one.target), sign, element_text(value, place, local)


def shortened(one: Pass) -> tuple[str, Sum]:
    """Return the sign of an assignment and what is right of it: ``x -= ...``.

    It is shortened where x itself is one of the terms, and the others have one sign.
    """
    own = Name(one.target)
    others = tuple((p, core) for p, core in one.value.terms if core != own)
    factor = one.value.coefficient(own)
    negative = [is_negative(p) for p, _ in others]
    if factor != 0 and not others:
        return "*=", Sum((), factor)
    if factor == 1 and all(negative):
        return "-=", negate(Sum(others))
    if factor == 1 and not any(negative):
        return "+=", Sum(others)
    return "=", one.value


def compiled_step(plan: Plan) -> list[str]:
    """Return the lines of a method that calls the loop."""
    local = {str(name) for name, _ in plan.numbers}
    numbers = [number_text(one, local) for one in loop_numbers(plan)]
    state = [f"self.{name}" for name in plan.entry.state]
    arguments = ", ".join(["theta", "gradient", *state, *numbers])
    return [*number_lines(plan), f"{loop_name(plan)}({arguments})"]
