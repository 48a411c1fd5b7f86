r"""The page of a derivation: steps by gates or by rules, the result, the verdict.

>>> from gradtutor.explain.records.derivation import derive
>>> from gradtutor.language import parse
>>> graph = parse("x**2")
>>> print(steps_page(derive(graph), graph, by="rules"))
Rules for ∂f/∂x
  f = x**2
  1. power rule  ∂f/∂x = 2*x
<BLANKLINE>
Result
  ∂f/∂x = 2*x
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal

from gradtutor.errors import TutorError
from gradtutor.evaluate.same_values import same_values
from gradtutor.explain.notation.document import (
    Block,
    Heading,
    ProofLines,
    Row,
    Say,
    latex,
    markdown,
    plain,
)
from gradtutor.explain.notation.latex import RELATIONS
from gradtutor.explain.notation.writing import LATEX, TERMINAL, write
from gradtutor.explain.records.derivation import Derivation, derive
from gradtutor.explain.views.gate_view import gate_blocks
from gradtutor.explain.views.notation_view import View
from gradtutor.explain.views.rule_view import rule_blocks
from gradtutor.gates import show_shape
from gradtutor.graph import Graph, has_network, inputs
from gradtutor.language import parse_formula
from gradtutor.messages import mark, tr

if TYPE_CHECKING:
    from gradtutor.calculus.forms.domains import Condition
    from gradtutor.calculus.index.proofs import Proof

#: Longest text of a tensor's gradient that is shown as the result.
LONGEST_RESULT = 100

Form = Literal["text", "latex", "markdown"]
By = Literal["rules", "gates"]
#: Inputs whose rules are shown without --all.
INPUTS = 12
FORMS = {
    "text": (TERMINAL, plain),
    "latex": (LATEX, latex),
    "markdown": (LATEX, markdown),
}


class RulesError(TutorError):
    """The rules of calculus asked for where values are tensors."""


def steps_page(
    found: Derivation,
    graph: Graph,
    *,
    by: By | None = None,
    form: Form = "text",
    everything: bool = False,
    verdicts: Mapping[str, bool | None] | None = None,
    proofs: Sequence[Proof] = (),
    note: str = "",
    ties: str = "torch",
) -> str:
    """Lay a derivation out.

    Parameters
    ----------
    graph : Graph
        The formula, from which the rules by one input alone are derived.
    by : str, optional
        By default gates where there are numbers or tensors, else rules.
    verdicts : mapping, optional
        By input, whether the replayed steps agree with finite differences.
    proofs : sequence of Proof
        Proofs about tensor gates.
    note : str
        A sentence to begin with.

    Raises
    ------
    RulesError
        For rules where values are tensors.
    """
    if not found.wrt:
        return tr("There is no input to differentiate by.")
    notation, layout = FORMS[form]
    view = View(found.for_readers(), notation, everything)
    if by == "rules" and not found.is_scalar:
        raise RulesError(tr("--by rules is for formulas of numbers: use --by gates"))
    if by == "gates" or (by is None and (found.values or not found.is_scalar)):
        blocks = gate_blocks(view)
    else:
        blocks = _rules(view, graph, ties)
    blocks = [Say(note)] * bool(note) + blocks + _results(view)
    blocks += _verdict((verdicts or {}).values())
    for proof in proofs:
        title = tr("Proof by index calculus: {title}", title=proof.title)
        blocks += [Heading(title), ProofLines(proof.lines)]
    return layout(blocks)


def _rules(view: View, graph: Graph, ties: str) -> list[Block]:
    """Return the rules for one input after the other."""
    blocks: list[Block] = []
    values, wrt = view.found.values, view.found.wrt
    point = {name: values[name] for name in inputs(graph)} if values else None
    shown = wrt if view.everything else wrt[:INPUTS]
    for name in shown:
        one = derive(graph, [name], ties, point).for_readers()
        blocks += rule_blocks(View(one, view.notation, view.everything))
    if len(shown) < len(wrt):
        more = len(wrt) - len(shown)
        blocks.append(
            Say(
                tr(
                    "... and {count} more inputs: --wrt NAME shows one, "
                    "--all shows them",
                    count=more,
                )
            )
        )
    return blocks


def closed(found: Derivation, name: str) -> str:
    """Return an input's gradient in the inputs alone; empty where it is no one line."""
    if name not in found.gradients:
        return "0" if found.is_scalar else ""
    node = found.gradients[name]
    if not found.is_scalar:
        return _tensor_result(found, node)
    text = found.texts.text(node)
    return "" if "\n" in text else text


def _tensor_result(found: Derivation, node: str) -> str:
    """Return a tensor's gradient as a textbook has it, if that is short, and holds."""
    from gradtutor.calculus.forms.tensor.shown import tensor_textbook

    if has_network(found.forward):
        return ""  # no textbook writes a network's in one line; its steps are told
    form = tensor_textbook(found.graph, node)
    if form is None or len(form.text) > LONGEST_RESULT:
        return ""
    if is_number(form.text):  # of each element: the numbers say it
        return ""
    return form.text if same_values(found.graph, node, form.text) else ""


def is_number(text: str) -> bool:
    """Whether a text is a number, the same for every element."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _results(view: View) -> list[Block]:
    rows: list[Block] = []
    for name in view.found.wrt:
        number = view.number(view.found.gradients.get(name))
        text, domain = _textbook(view.found, name) or ("", ())
        if not text or (number and any(one.leaves_out for one in domain)):
            text, domain = closed(view.found, name), ()  # what holds at the point, too
        if text and view.notation is LATEX:
            text = _in_latex(view, text)
        holds = _where_it_holds(view, domain) if domain else ""
        text, number = (text, number + holds) if number else (text + holds, number)
        if text or number:
            rows.append(Row((view.gradient(name), text, number)))
    return [Heading(tr("Result")), *rows] if rows else []


def _textbook(found: Derivation, name: str) -> tuple[str, tuple[Condition, ...]] | None:
    """Return a form that holds on a domain, x**x*(log(x) + 1) for x > 0, and that."""
    node = found.gradients.get(name)
    form = found.texts.form(node) if node and found.is_scalar else None
    if form is None or not form.domain or len(form.text) > LONGEST_RESULT:
        return None
    holds = same_values(found.graph, str(node), form.text)
    return (form.text, form.domain) if holds else None


def _where_it_holds(view: View, domain: tuple[Condition, ...]) -> str:
    """Write a domain behind a result."""
    if view.notation is not LATEX:
        return f"   for {', '.join(map(str, domain))}"
    parts = [one.written(partial(_in_latex, view), RELATIONS) for one in domain]
    return rf" \qquad ({', '.join(parts)})"


def _in_latex(view: View, text: str) -> str:
    """Write a result with the page's names, all of which count as taken."""
    labels = view.found.labels
    shapes = view.found.graph.nodes(data="shape")
    declared = "".join(
        f"{label}: {show_shape(shapes[node] or ())}\n" for node, label in labels.items()
    )
    graph = parse_formula(declared + text)
    known = {label: view.known[node] for node, label in labels.items()}
    return write(graph, graph.graph["output"], known, LATEX)


def _verdict(verdicts: Iterable[bool | None]) -> list[Block]:
    told = list(verdicts)
    if not told:
        return []
    words = mark(
        "(the steps, replayed at random points, agree with finite differences)"
    )
    if False in told:
        words = mark(
            "(the steps, replayed at random points, DO NOT AGREE with finite "
            "differences)"
        )
    elif None in told:
        words = mark(
            "(the steps, replayed at random points, are undecided: too few points in "
            "the domain)"
        )
    return [Say(tr(words))]
