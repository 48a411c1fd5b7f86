"""What a code question's function must return, computed by our own graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradtutor.course.content.model import Question
from gradtutor.equality.evaluation import constant
from gradtutor.evaluate import run
from gradtutor.evaluate.values import Array
from gradtutor.graph import Graph, inputs
from gradtutor.language import parse_formula

UPSTREAM = "upstream"
SEED_NAME = "upstream_"  # in our formula; the lesson's may have the other


@dataclass(frozen=True)
class Expected:
    """What the function must return.

    Attributes
    ----------
    names : tuple of str
        What each returned value is called: ``dW``, or ``the result``.
    """

    arguments: Mapping[str, Any]
    names: tuple[str, ...]
    values: tuple[Array, ...]


def expected(question: Question, seed: int) -> Expected:
    """Draw a question's arguments and compute what is right.

    Raises
    ------
    gradtutor.SourceError, gradtutor.graph.ShapeError
        When the question's own formula cannot be computed.
    """
    rng = np.random.default_rng(seed)
    fields = question.fields
    made = drawn(question, rng)
    formula = fields.get("expected") or fields["forward"]
    if fields["check"] == "values":
        value = output(formula, made)
        return Expected(_passed(made), (fields["function"],), (value,))
    upstream = rng.normal(size=output(formula, made).shape)
    found = gradients(formula, made, upstream)
    names = tuple(f"d{name}" for name in fields["returns"])
    arguments = _passed(made) | {UPSTREAM: _plain(upstream)}
    return Expected(arguments, names, tuple(found[name] for name in fields["returns"]))


def drawn(question: Question, rng: np.random.Generator) -> dict[str, Array]:
    """Draw a question's arguments."""
    given = question.fields["arguments"]
    return {name: argument(rng, how) for name, how in given.items()}


def argument(rng: np.random.Generator, how: Mapping[str, Any]) -> Array:
    """Draw one argument of a function."""
    if "value" in how:
        value = how["value"]
        value = constant(value) if isinstance(value, str) else value
        return np.array(value, dtype=np.float64)
    shape: tuple[int, ...] = how["shape"]
    if "classes" in how:
        return rng.integers(how["classes"], size=shape).astype(np.float64)
    if "over" in how:
        low, high = how["over"]
        return rng.uniform(low, high, shape)
    return rng.normal(size=shape)


def _passed(made: Mapping[str, Array]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in made.items()}


def _plain(value: Array) -> Any:
    """Pass a scalar as a Python number, a whole one as an int."""
    value = np.asarray(value)
    if value.ndim:
        return value
    number = float(value)
    return int(number) if number == int(number) else number


def output(formula: str, made: Mapping[str, Array]) -> Array:
    """Return the value of a formula."""
    graph = parse_formula(formula, {name: value.shape for name, value in made.items()})
    trace = run(graph, {name: made[name] for name in inputs(graph)})
    return trace.values[trace.output]


def weighted(
    formula: str, made: Mapping[str, Array], upstream: Array
) -> tuple[Graph, dict[str, Array]]:
    """Return sum(formula * upstream) as a graph, and the values of its inputs."""
    *lines, last = [
        one for one in formula.replace(";", "\n").splitlines() if one.strip()
    ]
    last = last.split("=", 1)[1] if _is_assignment(last) else last
    text = "\n".join([*map(str.strip, lines), f"sum(({last.strip()})*{SEED_NAME})"])
    given = {**made, SEED_NAME: upstream}
    graph = parse_formula(text, {name: value.shape for name, value in given.items()})
    return graph, {name: given[name] for name in inputs(graph)}


def gradients(
    formula: str, made: Mapping[str, Array], upstream: Array
) -> dict[str, Array]:
    """Return the gradients of sum(formula * upstream), the upstream's share in each."""
    trace = run(*weighted(formula, made, upstream))
    found = {name: np.zeros_like(value) for name, value in made.items()}
    return found | dict(trace.input_gradients())


def _is_assignment(line: str) -> bool:
    head, equals, tail = line.partition("=")
    return bool(equals) and head.strip().isidentifier() and not tail.startswith("=")
