"""Circuit questions: values and gradients to fill in on the wires."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gradtutor.course.content import toml_values as read
from gradtutor.course.content.keys import Keys
from gradtutor.course.content.model import Question
from gradtutor.course.kinds.kind import Closed, Finding, Given, Kind, Numeric, expect
from gradtutor.course.kinds.verdict import Verdict
from gradtutor.messages import tr

SHOWN_BLANKS = 3  # in the example of a command


class Circuit(Kind):
    """Blanks on the wires of a circuit."""

    name = "circuit"
    keys = Keys(
        {"formula": read.text, "at": read.numbers_by_name, "blanks": read.texts},
        {"tolerance": read.positive},
    )

    def grade(self, question: Question, given: Given) -> Verdict:
        """Grade each blank, given the learner's own numbers before it."""
        from gradtutor.course.kinds.graders.circuits import grade_circuit

        return grade_circuit(question, given.words)

    def proof(self, question: Question, folder: Path) -> Iterator[Finding]:
        """Check the blanks, the numbers, and that each wrong number is found."""
        from gradtutor.course.kinds.graders.circuits import Wires, circuit
        from gradtutor.course.kinds.graders.symmetry import symmetric_points

        graph, at, blanks = circuit(question)
        named = {data["name"] for _, data in graph.nodes(data=True) if data["name"]}
        for blank in blanks:
            if blank.name not in named:
                hint = tr("the names are {named}", named=", ".join(sorted(named)))
                yield tr("no wire is called {name}", name=blank.name), hint, ("blanks",)
                return
        if len({blank.key for blank in blanks}) < len(blanks):
            yield tr("a blank is there twice"), "", ("blanks",)
        yield from symmetric_points(graph, at, blanks, question.fields)
        truth = Wires(graph, at, {}).expected
        answer = [f"{blank.label}={truth[blank.key]!r}" for blank in blanks]
        verdict = self.grade(question, Given(answer))
        yield from expect(verdict, "correct", tr("the truth"))
        for n, blank in enumerate(blanks):
            off = [*answer]
            off[n] = f"{blank.label}={truth[blank.key] + 100}"
            verdict = self.grade(question, Given(off))
            what = tr("a wrong {label}", label=blank.label)
            yield from expect(verdict, "wrong", what)

    def stock_mistakes(self, question: Question) -> set[str]:
        """Return what can go wrong on a wire."""
        from gradtutor.course.kinds.graders.circuits import MISTAKES

        return set(MISTAKES)

    def beside(self, question: Question) -> str:
        """Return the circuit's formulas and the values of its inputs, a line each."""
        lines = [line.strip() for line in question.fields["formula"].split(";")]
        values = [f"{name} = {value}" for name, value in question.fields["at"].items()]
        return "\n".join(["```text", *lines, ", ".join(values), "```"])

    def blanks(self, question: Question) -> list[str]:
        """Return the labels of the blanks."""
        from gradtutor.course.kinds.graders.circuits import circuit

        return [blank.label for blank in circuit(question)[2]]

    def example(self, question: Question) -> str:
        """Return the first blanks."""
        filled = [f"{label}=…" for label in self.blanks(question)]
        more = ["…"] if len(filled) > SHOWN_BLANKS else []
        return " ".join(filled[:SHOWN_BLANKS] + more)

    def right(self, question: Question, shown: Sequence[str]) -> str:
        """Return every blank with its number."""
        from gradtutor.course.kinds.graders.circuits import Wires, circuit

        graph, at, blanks = circuit(question)
        wires = Wires(graph, at, {})
        return " ".join(f"{one.label}={wires.expected[one.key]:.6g}" for one in blanks)

    def page(self, question: Question) -> dict[str, Any]:
        """Return the gates in order, the inputs' values, and the blanks."""
        from gradtutor.course.kinds.graders.circuits import circuit
        from gradtutor.course.kinds.graders.numbers import TOLERANCE
        from gradtutor.course.kinds.json_numbers import json_number
        from gradtutor.gates import COPY
        from gradtutor.graph import operands, topological_order

        graph, at, blanks = circuit(question)
        order = [n for n in topological_order(graph) if graph.nodes[n]["gate"] != COPY]
        nodes = [
            {
                "id": node,
                "gate": graph.nodes[node]["gate"],
                "args": list(operands(graph, node)),
                "value": json_number(at.get(node, graph.nodes[node].get("value"))),
            }
            for node in order
        ]
        rows = [
            {"key": one.key, "label": one.label, "kind": one.kind, "name": one.name}
            for one in blanks
        ]
        return {
            "nodes": nodes,
            "output": graph.graph["output"],
            "blanks": rows,
            "tolerance": question.fields.get("tolerance", TOLERANCE),
        }

    def closed(self, question: Question) -> Closed:
        """Return every blank as a number."""
        from gradtutor.course.kinds.graders.circuits import Wires, circuit
        from gradtutor.course.kinds.graders.numbers import TOLERANCE, allowance

        graph, at, blanks = circuit(question)
        share = question.fields.get("tolerance", TOLERANCE)
        right = Wires(graph, at, {}).expected
        numbers = tuple(
            Numeric(one.label, right[one.key], allowance(right[one.key], share))
            for one in blanks
        )
        values = ", ".join(f"{name} = {value:g}" for name, value in at.items())
        return Closed(numbers=numbers, given=f"`{values}`")
