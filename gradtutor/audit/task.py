"""One audit: the person's program, how to call it, and the points to call it at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.diagnosis.tables import Forward, read_tables
from gradtutor.audit.program.arguments import (
    Argument,
    Given,
    points,
    read_argument,
    squared,
)
from gradtutor.audit.program.plan import Plan, argument_names, make_plan, match_name
from gradtutor.audit.program.source import Program, ProgramError
from gradtutor.audit.sandbox.process import run_job

Array = NDArray[np.float64]
FEW = 20  # numbers in all arguments
CANDIDATES = 16  # random points, of which the usable ones are taken


@dataclass(frozen=True)
class Measured:
    """What was measured at one point.

    Attributes
    ----------
    theirs : dict
        The person's gradients, by argument.
    numeric : dict
        The same by finite differences; nan where an element was not sampled.
    """

    point: dict[str, NDArray[Any]]
    out: Array
    upstream: Array
    theirs: dict[str, NDArray[Any]]
    numeric: dict[str, Array]
    mutated: tuple[str, ...]
    repeats: bool


@dataclass(frozen=True)
class Task:
    """What an audit needs to know."""

    program: Program
    plan: Plan
    arguments: Mapping[str, Argument]
    formula: str
    seed: int
    timeout: float

    def points(self, count: int = CANDIDATES) -> dict[str, NDArray[Any]]:
        """Draw the points, the same for the same seed."""
        return points(self.arguments, count, self.seed)

    def measure(self) -> tuple[list[Measured], str]:
        """Run forward and backward at three usable points.

        Returns
        -------
        tuple
            The measurements, and what the code printed.

        Raises
        ------
        ProgramError, OutOfTimeError
            As ``audit_function``.
        """
        arrays = self.points()
        answer, written = self._run("measure", arrays)
        found = []
        for i, row in enumerate(answer["rows"]):
            number = f"{row['point']}."
            point = {
                name.removeprefix(number): value
                for name, value in arrays.items()
                if name.startswith(number) and not name.endswith(".upstream")
            }
            theirs = self._named(
                row["keys"],
                [written[f"{i}.theirs.{k}"] for k in range(len(row["keys"]))],
            )
            numeric = {n: written[f"{i}.numeric.{n}"] for n in self.plan.differentiable}
            found.append(
                Measured(
                    point,
                    written[f"{i}.out"],
                    written[f"{i}.upstream"],
                    theirs,
                    numeric,
                    tuple(row["mutated"]),
                    row["repeats"],
                )
            )
        return found, answer["printed"]

    def tables(self, measured: Sequence[Measured]) -> Forward | None:
        """Measure every value of the forward run at the same points; None in vain."""
        arrays = {
            f"{i}.{name}": value
            for i, one in enumerate(measured)
            for name, value in {**one.point, "upstream": one.upstream}.items()
        }
        try:
            answer, written = self._run("diagnose", arrays)
        except ProgramError:
            return None
        return read_tables(answer, written, self.plan.differentiable)

    def _run(
        self, kind: str, arrays: Mapping[str, NDArray[Any]]
    ) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        job = {"kind": kind, "plan": self.plan.to_json()}
        return run_job(self.program.path, self.program.text, job, arrays, self.timeout)

    def _named(
        self, keys: Sequence[str], values: Sequence[NDArray[Any]]
    ) -> dict[str, NDArray[Any]]:
        """Say which argument each returned value is the gradient of."""
        names = self.plan.differentiable
        positional = [i for i, key in enumerate(keys) if not key]
        order = self.plan.returns
        if positional and len(positional) != len(order):
            order = names if len(positional) == len(names) else ()
        if positional and not order:
            raise ProgramError(
                f"{self.program.path}: {self.plan.backward} returns {len(positional)} "
                f"values, the arguments are {', '.join(names)}\n"
                "say which gradients these are: --returns W,b"
            )
        found = {order[k]: values[i] for k, i in enumerate(positional)}
        for key, value in zip(keys, values, strict=True):
            name = match_name(key, names) if key else ""
            if name:
                found[name] = value
        if not found:
            said = f"the keys {', '.join(keys)}" if keys else "nothing"
            raise ProgramError(
                f"{self.program.path}: {self.plan.backward} returns {said}; "
                f"the gradients are those of {', '.join(names) or 'no argument'}"
            )
        return {name: found[name] for name in names if name in found}

    def with_square_shapes(self) -> Task | None:
        """Return the task with all sizes the same; None where that is not possible."""
        arguments = squared(self.arguments)
        if arguments is None or self.formula:
            return None
        return replace(self, arguments=arguments)


def make_task(
    program: Program,
    function: str,
    given: Mapping[str, Given],
    formula: str,
    forward: str,
    returns: Sequence[str],
    seed: int,
    timeout: float,
) -> Task:
    """Read the arguments and plan the calls.

    Raises
    ------
    ProgramError, ShapeTextError, gradtutor.language.SourceError
        Where something does not fit.
    """
    arguments = {n: _read(n, g) for n, g in {**program.shapes, **given}.items()}
    shapes = {name: argument.shape for name, argument in arguments.items()}
    names = None
    text = ""
    if formula:
        from gradtutor.audit.formula import formula_inputs, forward_text

        names = formula_inputs(formula, shapes)
        if not _has_forward(program, function, forward, names):
            text = forward_text(formula, shapes)
    wanted = argument_names(program, function, forward, names if text else None)
    if formula:
        arguments = {name: a for name, a in arguments.items() if name in wanted}
    arguments = {
        name: Argument() for name in wanted if name not in arguments
    } | arguments
    arguments = {name: arguments[name] for name in [*wanted, *arguments]}
    plan = make_plan(
        program,
        function,
        forward,
        arguments,
        formula=text,
        formula_inputs=names if text else None,
        returns=returns,
    )
    small = sum(np.prod(a.shape) for a in arguments.values()) <= FEW
    plan = replace(plan, wanted=5 if small else 3)  # few numbers hit few branches
    return Task(program, plan, arguments, formula, seed, timeout)


def _has_forward(
    program: Program, function: str, forward: str, names: Sequence[str]
) -> bool:
    """Whether the file has a forward of its own, with the formula's inputs."""
    cls = function if function in program.classes else function.rpartition(".")[0]
    own = program.functions.get(f"{cls}.{forward}" if cls else forward)
    return own is not None and set(own.arguments) == set(names)


def _read(name: str, given: Given | Argument) -> Argument:
    return given if isinstance(given, Argument) else read_argument(name, given)
