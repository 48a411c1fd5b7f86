"""One audit: the person's program, how to call it, and the points to call it at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.diagnosis.graph import Forward
from gradtutor.audit.diagnosis.tables import read_tables
from gradtutor.audit.program.arguments import Argument, points, shrunk, squared
from gradtutor.audit.program.plan import Plan
from gradtutor.audit.program.returned import gradients_by_leaf
from gradtutor.audit.program.source import Program, ProgramError
from gradtutor.audit.sandbox.process import run_job

Array = NDArray[np.float64]
SMALL = 0.01  # of the upstream gradient, where gradients are clipped
SMALLER = 0.1  # of what is drawn, where they are and nothing flows in from above
CANDIDATES = 20  # random points, of which the usable ones are taken


@dataclass(frozen=True)
class Measured:
    """What was measured at one point.

    Attributes
    ----------
    theirs : dict
        The person's gradients, by argument.
    numeric : dict
        The same by finite differences; nan where an element was not sampled.
    bounds : dict
        Between what a right gradient may lie, where the point is at a kink.
    mutated, by_forward : tuple of str
        Arguments that backward, and forward, changed in place.
    unchecked : tuple of int
        Places of returned results that are the gradient of no known argument.
    places : mapping
        Where among the results each gradient stands.
    clips : tuple of pairs
        Between which numbers backward clips.
    turned : tuple of str
        What the results are the gradients of, if in another order than the arguments.
    """

    point: dict[str, NDArray[Any]]
    out: Array
    upstream: Array
    theirs: dict[str, NDArray[Any]]
    numeric: dict[str, Array]
    mutated: tuple[str, ...]
    repeats: bool
    bounds: Mapping[str, tuple[Array, Array]] = field(default_factory=dict)
    by_forward: tuple[str, ...] = ()
    unchecked: tuple[int, ...] = ()
    places: Mapping[str, int] = field(default_factory=dict)
    clips: tuple[tuple[float, float], ...] = ()
    turned: tuple[str, ...] = ()


@dataclass(frozen=True)
class Task:
    """What an audit needs to know.

    Attributes
    ----------
    guessed : tuple of str
        Arguments whose shapes nobody has given.
    fitted : mapping
        Other shapes of these, with more axes, that follow from what forward does.
    """

    program: Program
    plan: Plan
    arguments: Mapping[str, Argument]
    formula: str
    seed: int
    timeout: float
    guessed: tuple[str, ...] = ()
    fitted: Mapping[str, Argument] = field(default_factory=dict)

    def points(self, count: int = CANDIDATES) -> dict[str, NDArray[Any]]:
        """Draw the points, the same for the same seed."""
        drawn = points(self.arguments, count, self.seed)
        if self.plan.gentle:
            return {n: self._unclipped(n, a) for n, a in drawn.items()}
        if self.plan.sparse:
            return {n: _one_alone(n, a) for n, a in drawn.items()}
        return drawn

    def _unclipped(self, place: str, numbers: NDArray[Any]) -> NDArray[Any]:
        """Return numbers so small that a gradient is hardly ever clipped."""
        name = place.partition(".")[2]
        if name == "upstream":
            return SMALL * numbers
        argument = self.arguments[name]
        free = argument.value is None and argument.kind == "real"
        if self.plan.has_upstream or not free or argument.labels:
            return numbers
        return SMALLER * numbers

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
        answer, written = self.run("measure", arrays)
        found = [
            self._measured(i, row, arrays, written)
            for i, row in enumerate(answer["rows"])
        ]
        return found, answer["printed"]

    def _measured(
        self,
        i: int,
        row: Mapping[str, Any],
        arrays: Mapping[str, NDArray[Any]],
        written: Mapping[str, NDArray[Any]],
    ) -> Measured:
        values = [written[f"{i}.theirs.{k}"] for k in range(len(row["paths"]))]
        shapes = {n: written[f"{i}.numeric.{n}"].shape for n in row["numeric"]}
        try:
            theirs = gradients_by_leaf(self.plan, row["paths"], values, shapes)
        except ProgramError as error:
            raise ProgramError(f"{self.program.path}: {error.message}") from None
        return Measured(
            point_of(arrays, row["point"]),
            written[f"{i}.out"],
            written[f"{i}.upstream"],
            {
                n: self._taken_off(value, shapes[n])
                for n, value in theirs.gradients.items()
                if n in row["numeric"]
            },
            {n: written[f"{i}.numeric.{n}"] for n in row["numeric"]},
            tuple(row["mutated"]),
            row["repeats"],
            {
                n: (written[f"{i}.low.{n}"], written[f"{i}.high.{n}"])
                for n in row["bounds"]
            },
            tuple(row["by_forward"]),
            theirs.unchecked,
            {
                n: next(k for k, one in enumerate(values) if one is value)
                for n, value in theirs.gradients.items()
                if n in row["numeric"]
            },
            self.plan.clips,
            theirs.turned,
        )

    def _taken_off(self, gradient: NDArray[Any], shape: tuple[int, ...]) -> Any:
        """Return a gradient as a step takes it off: (4,) off (1, 4) is no fault."""
        lead = len(shape) - gradient.ndim
        fits = lead > 0 and shape[lead:] == gradient.shape
        ones = all(size == 1 for size in shape[:lead])
        return (
            gradient.reshape(shape) if self.plan.steps and fits and ones else gradient
        )

    def tables(self, measured: Sequence[Measured]) -> Forward | None:
        """Measure every value of the forward run at the same points; None in vain."""
        names = measured[0].theirs
        plan = replace(
            self.plan,
            fixed=frozenset(n for n in self.plan.leaves if n not in names),
        )
        try:
            answer, written = replace(self, plan=plan).run("diagnose", _again(measured))
        except ProgramError:
            return None
        if len(answer["points"]) < answer["asked"]:
            return None
        return read_tables(answer, written, plan.differentiable)

    def repairs(
        self,
        measured: Sequence[Measured],
        hint: Mapping[str, Any],
    ) -> tuple[list[dict[str, Any]], bool]:
        """Return lines in place of theirs, and whether all gradients are right then.

        Parameters
        ----------
        hint : mapping
            What the diagnosis has found: the ``line`` and the ``label``, whether the
            line is wrong by its name (``named``), the lines whose values are right
            (``trusted``) and those that are wrong by their names (``wrong``).
        """
        arrays = _again(measured) | {
            f"{i}.numeric.{name}": value
            for i, one in enumerate(measured)
            for name, value in one.numeric.items()
            if name in one.places
        }
        places = measured[0].places
        try:
            answer, _ = self.run("repair", arrays, places=places, hint=dict(hint))
        except ProgramError:
            return [], False
        return answer["steps"], answer["whole"]

    def changed_lines(self, measured: Sequence[Measured]) -> dict[str, int]:
        """Return the line that first writes into each argument."""
        try:
            answer, _ = self.run("changed", _again(measured[:1]))
        except ProgramError:
            return {}
        return dict(answer["changed"])

    def run(
        self, kind: str, arrays: Mapping[str, NDArray[Any]], **more: Any
    ) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Give a child process a job on this program."""
        job = {
            "kind": kind,
            "plan": self.plan.to_json(),
            **more,
        }
        return run_job(self.program, job, arrays, self.timeout)

    def smaller(self) -> Task | None:
        """Return the task with smaller shapes; None where that is not possible."""
        arguments = shrunk(self.arguments)
        if arguments is None or self.formula:
            return None
        return replace(self, arguments=arguments)

    def with_square_shapes(self) -> Task | None:
        """Return the task with all sizes the same; None where that is not possible."""
        arguments = squared(self.arguments)
        if arguments is None or self.formula:
            return None
        return replace(self, arguments=arguments)


def _one_alone(name: str, numbers: NDArray[Any]) -> NDArray[Any]:
    """Keep one number of an upstream gradient: the first, or at odd points the next."""
    number, _, what = name.partition(".")
    if what != "upstream":
        return numbers
    place = int(number) % 2
    return np.where(np.arange(numbers.size) == place, numbers, 0.0)


def point_of(
    arrays: Mapping[str, NDArray[Any]], number: int
) -> dict[str, NDArray[Any]]:
    """Return one point's arguments."""
    start = f"{number}."
    return {
        name.removeprefix(start): value
        for name, value in arrays.items()
        if name.startswith(start) and not name.endswith(".upstream")
    }


def _again(measured: Sequence[Measured]) -> dict[str, NDArray[Any]]:
    return {
        f"{i}.{name}": value
        for i, one in enumerate(measured)
        for name, value in {**one.point, "upstream": one.upstream}.items()
    }
