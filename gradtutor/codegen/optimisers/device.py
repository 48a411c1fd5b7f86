"""The optimiser in a CuPy script: one kernel over the flat vector of all parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy

from gradtutor.codegen.gpu.c_text import CUDA, Dialect, c_expression
from gradtutor.codegen.optimisers.numpy_class import (
    about_text,
    assignments,
    loop_numbers,
    quoted,
)
from gradtutor.codegen.optimisers.plan import Plan, symbol
from gradtutor.codegen.optimisers.text import Element, number_text

#: A step whose gradient overflowed is none: loss scaling counts those.
SKIP = "if (counts[0]) continue;  // the gradient overflowed: all stays as it is"
KERNEL = '''UPDATE = cp.ElementwiseKernel(
    "T gradient, raw T current_rate, raw uint64 clock{counts}",
    "{outs}",
    """
{body}
    """,
    "{small}",
)'''
STEP = '''

    def step(self, theta, gradient, clock{counted}):
        """Move theta: one kernel reads and writes every number once."""
        UPDATE(gradient, self.rate, clock{counted}, theta{arrays})'''
CLASS = '''class {title}:
    """{about}"""

    KEPT = ({kept})

    def __init__(self, theta, learning_rate):
        self.rate = cp.full(1, learning_rate, theta.dtype){made}{step}

    def set_rate(self, learning_rate):
        """Take another learning rate from the next step on."""
        self.rate.fill(learning_rate)

    def state(self):
        """Return what a checkpoint must hold."""
        return {{name: cp.asnumpy(getattr(self, name)) for name in self.KEPT}}

    def restore(self, state):
        """Take up a checkpoint's values."""
        for name in self.KEPT:
            getattr(self, name)[...] = cp.asarray(state[name])'''


def device_class(plan: Plan, scaled: bool) -> str:
    """Return the source of the optimiser's kernel and of its class.

    Parameters
    ----------
    scaled : bool
        Whether the loss is scaled, so that steps may be skipped.
    """
    state, counted = plan.entry.state, ", counts" if scaled else ""
    body = [*([SKIP] if scaled else []), *kernel_lines(plan, scaled)]
    kernel = KERNEL.format(
        counts=", raw uint64 counts" if scaled else "",
        small=plan.entry.name,
        outs=", ".join(f"T {one}" for one in ("theta", *state)),
        body="\n".join(f"    {line}" for line in body),
    )
    arrays = "".join(f", self.{one}" for one in state)
    step = STEP.format(counted=counted, arrays=arrays)
    return f"{kernel}\n\n\n{state_class(plan, step)}"


def state_class(plan: Plan, step: str = "") -> str:
    """Return the source of the class of an optimiser's state and learning rate.

    Parameters
    ----------
    step : str
        The method that moves theta; none where another kernel does.
    """
    state = plan.entry.state
    made = "\n".join(f"        self.{one} = cp.zeros_like(theta)" for one in state)
    return CLASS.format(
        title=plan.entry.title,
        about=about_text(plan),
        made=f"\n{made}" if made else "",
        step=step,
        kept=quoted(state),
    )


@dataclass(frozen=True)
class Places:
    """What a program in C calls the things that an update reads and writes.

    Attributes
    ----------
    steps, rate, gradient : str
        The number of steps with this one, the learning rate, the element's gradient.
    element : callable
        Returns the element of theta, or of an array of the state, by its name.
    """

    steps: str = "clock[0] + 1"
    rate: str = "current_rate[0]"
    gradient: str = "gradient"
    element: Element = str
    dialect: Dialect = CUDA


#: Those of a kernel of CuPy's, which runs once an element.
KERNEL_PLACES = Places()


def kernel_lines(
    plan: Plan, scaled: bool = False, places: Places = KERNEL_PLACES
) -> Iterator[str]:
    """Yield all lines in C that move one element."""
    yield from number_lines(plan, scaled, places)
    yield from element_lines(plan, places)


def number_lines(
    plan: Plan, scaled: bool = False, places: Places = KERNEL_PLACES
) -> Iterator[str]:
    """Yield the lines in C of a step's numbers, the same for all elements."""
    used = {str(one) for one in loop_numbers(plan)}
    for _, value in plan.numbers:
        used |= {str(one) for one in value.free_symbols}
    for name, number in plan.constants.items():
        if name in used:
            yield f"const T {name} = {number!r};"
    if "t" in used:
        skipped = " - counts[2]" if scaled else ""
        yield f"const T t = {places.steps}{skipped};  // steps, this one counted"
    if "learning_rate" in used:
        yield f"const T learning_rate = {places.rate};"
    local = _local(plan)
    if "t" in used:
        yield "// 1 - beta**t is -expm1(t * log(beta)), without loss of digits"
    for name, value in plan.numbers:
        text = number_text(_exact(value), local, "np.sqrt")
        yield f"const T {name} = {c_expression(text, dialect=places.dialect)};"


def _local(plan: Plan) -> set[str]:
    """Return the numbers that the kernel has names for."""
    return {
        "t",
        "learning_rate",
        *plan.constants,
        *(str(one) for one, _ in plan.numbers),
    }


def element_lines(plan: Plan, places: Places = KERNEL_PLACES) -> Iterator[str]:
    """Yield the lines in C that move one element."""
    first = plan.passes[0].target == "g"
    yield f"{'' if first else 'const '}T g = {places.gradient};"
    yield from element_statements(plan, _local(plan), places)


def element_statements(
    plan: Plan, local: set[str], places: Places = KERNEL_PLACES
) -> Iterator[str]:
    """Yield the assignments to an element in C."""
    arrays = {*plan.entry.state, "theta"}

    def place(name: str) -> str:
        return places.element(name) if name in arrays else name

    for target, sign, text in assignments(plan, "{}", local):
        kind = "const T " if target in plan.helpers else ""
        value = c_expression(text, place, places.dialect)
        yield f"{kind}{place(target)} {sign} {value};"


def _exact(number: sympy.Expr) -> sympy.Expr:
    """Write 1 - b**t as -expm1(t log(b)): in float32 the difference has few digits."""
    expm1, log = sympy.Function("np.expm1"), sympy.Function("np.log")

    def exact(one: sympy.Add) -> sympy.Expr:
        base = (1 - one).as_base_exp()[0]
        return -expm1(symbol("t") * log(base))

    def is_power(one: sympy.Expr) -> bool:
        return bool(one.is_Add and (1 - one).as_base_exp()[1] == symbol("t"))

    return number.replace(is_power, exact)
