"""What is asked of an audit, and a formula in place of forward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gradtutor.audit.program.arguments import Argument, Given, read_argument
from gradtutor.audit.program.definitions import Function
from gradtutor.audit.program.pairs import Pair
from gradtutor.audit.program.plan import Draft
from gradtutor.audit.program.source import Program
from gradtutor.audit.program.styles.functions import two_functions

#: What forward is called unless it is told.
FORWARD = "forward"


@dataclass(frozen=True)
class Request:
    """What is asked for, apart from the function.

    Attributes
    ----------
    given : mapping
        Shapes and values by argument.
    returns : sequence of str
        What is returned, where the text does not say.
    """

    given: Mapping[str, Given]
    formula: str = ""
    forward: str = FORWARD
    returns: Sequence[str] = ()
    seed: int = 0
    timeout: float = 10.0


def read_given(name: str, given: Given | Argument) -> Argument:
    """Return a given value as an argument of a known shape."""
    return given if isinstance(given, Argument) else read_argument(name, given)


def own_forward(program: Program, function: str, request: Request) -> bool:
    """Whether the file has a forward of its own, with the formula's inputs."""
    cls = function if function in program.classes else function.rpartition(".")[0]
    own = program.functions.get(f"{cls}.{request.forward}" if cls else request.forward)
    names = asked_inputs(program, request)
    return own is not None and set(own.arguments) == set(names)


def asked_inputs(program: Program, request: Request) -> list[str]:
    """Return the names that the formula reads."""
    from gradtutor.audit.formula import formula_inputs

    return formula_inputs(request.formula, formula_shapes(program, request))


def formula_shapes(program: Program, request: Request) -> dict[str, tuple[int, ...]]:
    """Return the shapes that the file and the command line give."""
    given = {**program.shapes, **request.given}
    return {name: read_given(name, one).shape for name, one in given.items()}


def formula_pair(program: Program, function: str, request: Request) -> Pair:
    """Return a file's gradient beside the formula in place of forward."""
    from gradtutor.audit.formula import forward_text

    names = asked_inputs(program, request)
    if function in program.classes:
        function = f"{function}.backward"
    entry = program.check_function(function)
    shapes = {n: s for n, s in formula_shapes(program, request).items() if n in names}
    text = forward_text(request.formula, shapes)
    stands_in = Function("forward", tuple(names), len(names), ("output",))

    def plan(known: set[str], returns: Sequence[str]) -> Draft:
        made = two_functions(program, stands_in, entry, known, returns)
        return replace(made, plan=replace(made.plan, helper=text), alternatives=())

    return Pair(function, plan, function, entry.first_line)
