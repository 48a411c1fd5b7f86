"""Circuit questions: each blank is graded given the learner's own numbers before it.

One slip is one error: a value computed rightly from a wrong one is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from gradtutor.course.content.model import Question
from gradtutor.course.kinds.answer_text import PickError
from gradtutor.course.kinds.graders.blanks import (
    Blank,
    fill_blanks,
    output_label,
    read_blanks,
)
from gradtutor.course.kinds.graders.numbers import TOLERANCE, within
from gradtutor.course.kinds.verdict import Note, Verdict, invalid
from gradtutor.equality.evaluation import constant
from gradtutor.evaluate import run
from gradtutor.gates import COPY, LEAVES
from gradtutor.graph import (
    Graph,
    add_gate,
    add_input,
    new_graph,
    operands,
    topological_order,
)
from gradtutor.language import parse_formula

Numbers = Mapping[str, float]


@dataclass(frozen=True)
class Arrival:
    """A gradient that comes back to a value along one wire.

    Attributes
    ----------
    gate : str
        The gate at the wire's end.
    upstream, local : float
        Their product is the gradient of the wire.
    other : float
        The local derivative by the gate's other argument; the same where there is none.
    """

    gate: str
    upstream: float
    local: float
    other: float


@lru_cache(maxsize=4096)
def gate_numbers(gate: str, args: tuple[float, ...]) -> tuple[float, tuple[float, ...]]:
    """Return a gate's value and its local derivatives at these arguments."""
    graph = new_graph()
    names = [add_input(graph, f"a{n}") for n in range(len(args))]
    graph.graph["output"] = add_gate(graph, gate, *names)
    trace = run(graph, dict(zip(names, args, strict=True)))
    partials = tuple(float(trace.node_gradients[name]) for name in names)
    return float(trace.values[trace.output]), partials


class Wires:
    """The numbers on a circuit, with a learner's own in the place of the right ones.

    Parameters
    ----------
    at : mapping
        The inputs' values.
    own : mapping
        ``value q`` and ``gradient q`` as a learner has them; what is computed from
        those uses them.
    """

    def __init__(self, graph: Graph, at: Numbers, own: Numbers) -> None:
        self.graph, self.own = graph, own
        self.values: dict[str, float] = {}
        self.expected: dict[str, float] = {}
        self.gradients: dict[str, float] = {}
        self.arrivals: dict[str, list[Arrival]] = {}
        order = [node for node in topological_order(graph) if not self._is_copy(node)]
        self._forward(order, at)
        self._backward(order)

    def _is_copy(self, node: str) -> bool:
        return bool(self.graph.nodes[node]["gate"] == COPY)

    def _forward(self, order: Sequence[str], at: Numbers) -> None:
        for node in order:
            data = self.graph.nodes[node]
            if data["gate"] == "input":
                value = float(at[node]) if node in at else float(data["value"])
            elif data["gate"] == "number":
                value = float(data["value"])
            else:
                args = tuple(self.values[arg] for arg in operands(self.graph, node))
                value, _ = gate_numbers(data["gate"], args)
            self.expected[f"value {node}"] = value
            self.values[node] = self.own.get(f"value {node}", value)

    def _backward(self, order: Sequence[str]) -> None:
        back: dict[str, list[Arrival]] = {node: [] for node in order}
        output = self.graph.graph["output"]
        for node in reversed(order):
            right = 1.0 if node == output else _total(back[node])
            self.arrivals[node] = back[node]
            self.expected[f"gradient {node}"] = right
            upstream = self.own.get(f"gradient {node}", right)
            self.gradients[node] = upstream
            gate = self.graph.nodes[node]["gate"]
            if gate in LEAVES:
                continue
            args = operands(self.graph, node)
            _, partials = gate_numbers(gate, tuple(self.values[arg] for arg in args))
            for position, (arg, local) in enumerate(zip(args, partials, strict=True)):
                other = partials[1 - position] if len(args) == 2 else local
                back[arg].append(Arrival(gate, upstream, local, other))


def _total(arrivals: Sequence[Arrival]) -> float:
    return sum(one.upstream * one.local for one in arrivals)


# ---- stock mistakes ----


def _has(arrivals: Sequence[Arrival], *gates: str) -> bool:
    return any(one.gate in gates for one in arrivals)


def _swapped(arrivals: Sequence[Arrival]) -> Iterator[float]:
    if _has(arrivals, "mul"):
        yield sum(
            one.upstream * (one.other if one.gate == "mul" else one.local)
            for one in arrivals
        )


def _routed_wrong(arrivals: Sequence[Arrival]) -> Iterator[float]:
    if _has(arrivals, "max", "min"):
        choice = ("max", "min")
        yield sum(
            one.upstream * (one.other if one.gate in choice else one.local)
            for one in arrivals
        )


def _overwritten(arrivals: Sequence[Arrival]) -> Iterator[float]:
    if len(arrivals) > 1:
        yield from (one.upstream * one.local for one in arrivals)


def _no_copy_sum(arrivals: Sequence[Arrival]) -> Iterator[float]:
    if len(arrivals) > 1:
        product = 1.0
        for one in arrivals:
            product *= one.upstream * one.local
        yield product


def _local_only(arrivals: Sequence[Arrival]) -> Iterator[float]:
    yield sum(one.local for one in arrivals)
    if len(arrivals) > 1:
        yield from (one.local for one in arrivals)


def _skipped(arrivals: Sequence[Arrival]) -> Iterator[float]:
    """Pass the upstream gradient on as if the gate had no slope."""
    yield sum(one.upstream for one in arrivals)


def _shared(arrivals: Sequence[Arrival], *gates: str) -> Iterator[float]:
    """Split the upstream gradient evenly over the inputs, or over those of a nest."""
    if _has(arrivals, *gates):
        for parts in (2, 4):
            yield sum(
                one.upstream / parts if one.gate in gates else one.upstream * one.local
                for one in arrivals
            )


#: What each stock mistake puts on a wire, from the gradients that come back to it.
MISTAKES: dict[str, Callable[[Sequence[Arrival]], Iterator[float]]] = {
    "overwritten": _overwritten,
    "swapped": _swapped,
    "routed-wrong": _routed_wrong,
    "local-only": _local_only,
    "sign": lambda arrivals: iter([-_total(arrivals)]),
    "no-copy-sum": _no_copy_sum,
    "split-sum": lambda arrivals: _shared(arrivals, "add", "sub"),
    "shared-max": lambda arrivals: _shared(arrivals, "max", "min"),
    "skipped-slope": _skipped,
}


def stock_mistake(
    wires: Wires, blank: Blank, given: float, tolerance: float
) -> str | None:
    """Return the stock mistake that explains a wrong number, if one does."""
    right = wires.expected[blank.key]
    if blank.kind == "value":
        return "sign" if within(given, -right, tolerance) else None
    for name, mistake in MISTAKES.items():
        if any(
            within(given, one, tolerance) for one in mistake(wires.arrivals[blank.name])
        ):
            return name
    return None


# ---- grading ----


def circuit(question: Question) -> tuple[Graph, dict[str, float], list[Blank]]:
    """Return a circuit question's graph, its inputs' values and its blanks."""
    graph = parse_formula(question.fields["formula"])
    at = {name: constant(text) for name, text in question.fields["at"].items()}
    return graph, at, read_blanks(question.fields["blanks"], output_label(graph))


def grade_circuit(question: Question, answer: Sequence[str]) -> Verdict:
    """Grade what stands in the blanks."""
    graph, at, blanks = circuit(question)
    try:
        own = fill_blanks(answer, blanks)
    except PickError as error:
        return invalid(error.key, **error.values)
    tolerance = question.fields.get("tolerance", TOLERANCE)
    wires, truth = Wires(graph, at, own), Wires(graph, at, {})
    parts = {
        blank.label: within(own[blank.key], wires.expected[blank.key], tolerance)
        or within(own[blank.key], truth.expected[blank.key], tolerance)
        for blank in blanks
    }
    if all(parts.values()):
        return Verdict("correct", parts=parts)
    slips = [blank for blank in blanks if not parts[blank.label]]
    mistakes, notes = [], []
    for blank in slips:
        name = stock_mistake(wires, blank, own[blank.key], tolerance)
        mistakes += [name] if name else []
        values = {"name": blank.label, "given": own[blank.key], "mistake": name or ""}
        notes.append(Note("blank-mistake" if name else "blank-wrong", values))
    known = tuple(dict.fromkeys(mistakes))
    return Verdict("wrong", known, tuple(notes), parts)
