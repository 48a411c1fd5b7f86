"""The page of a gate: what it computes, its partials, its rule at a kink, its role."""

from __future__ import annotations

from dataclasses import dataclass

from gradtutor.calculus.closed_form import expression_string
from gradtutor.calculus.composites import composites
from gradtutor.calculus.partials import partial
from gradtutor.codegen import numpy_text
from gradtutor.errors import TutorError
from gradtutor.explain.pages.adjoints import adjoint_lines, opened_line
from gradtutor.gates import GATES, SPELLINGS, TIE_RULES, Gate, Pointwise, Structural
from gradtutor.language import near
from gradtutor.messages import tr
from gradtutor.messages.cells import cells, padded

#: Where a composite's example is opened: its arguments' values.
POINT = ("0.3", "0.6")
SCORES = ("[0.2,0.3,0.5]", "1")
ROWS = ("[0.2,0.9]", "[0,1]")
OPENED_AT = {
    **dict.fromkeys(("softmax", "logsumexp", "variance"), SCORES),
    **dict.fromkeys(("cross_entropy", "cross_entropy_slope"), SCORES),
    **dict.fromkeys(("nll_loss", "svm_loss"), SCORES),
    **dict.fromkeys(("mse_loss", "quadratic_cost", "binary_cross_entropy"), ROWS),
    "bce_with_logits": ROWS,
    "hinge_loss": ("[0.2,0.9]", "[-1,1]"),
    "standardize": ("[[1,2],[3,5]]",),
    "index": ("[1,2,3]",),
    "recurrence": ("[[[0.5]],[[1]]]", "[[0.3]]"),
    "recurrence_slope": ("[[[0]],[[0]],[[1]]]", "[[[0.5]],[[1]]]", "[[0.3]]"),
    "conv": ("[[1,2,3,4]]", "[[[1,-1]]]"),
    "conv_transpose": ("[[1,2,3]]", "[[[1,-1]]]", "[[0,0,0,0]]"),
    **dict.fromkeys(("trace", "cofactor", "logdet"), ("[[2,1],[1,3]]",)),
    "solve": ("[[2,1],[1,3]]", "[1,2]"),
    "max_pool": ("[[1,2,3,4]]",),
    "avg_pool": ("[[1,2,3,4]]",),
}


class UnknownGateError(TutorError):
    """A gate that is not in the table."""


@dataclass(frozen=True)
class GatePage:
    """What there is to say about a gate; texts are in the language.

    Attributes
    ----------
    opened : str
        The formula of a composite on tensors, in simpler gates.
    adjoint : dict
        Of a gate on tensors, by argument the gradient that it sends back when ``g``
        arrives at its output ``out``.
    """

    name: str
    sign: str
    aliases: tuple[str, ...]
    formula: str
    opened: str
    partials: tuple[str, ...]
    kink: str
    ties: dict[str, tuple[str, ...]]
    role: str
    opens: bool
    domain: str
    example: str
    adjoint: dict[str, str]


def gate_page(spelling: str) -> GatePage:
    """Return the page of a gate.

    Raises
    ------
    UnknownGateError
        With the near name, if there is one.

    Examples
    --------
    >>> gate_page("tanh").partials
    ('(1 - out)*(out + 1)',)
    """
    if spelling not in SPELLINGS:
        hint = near(spelling, SPELLINGS) or tr(
            "there are {names}", names=", ".join(GATES)
        )
        raise UnknownGateError(
            tr("there is no gate {spelling!r}: {hint}", spelling=spelling, hint=hint)
        )
    gate = SPELLINGS[spelling]
    opens = gate.name in composites()
    pointwise = gate if isinstance(gate, Pointwise) else None
    structural = gate if isinstance(gate, Structural) else None
    return GatePage(
        gate.name,
        gate.sign,
        gate.aliases,
        formula=_formula(gate),
        opened=opened_line(structural) if structural else "",
        partials=_partials(pointwise) if pointwise else (),
        kink=_kink(pointwise) if pointwise else "",
        ties=_ties(pointwise) if pointwise else {},
        role=gate.role,
        opens=opens,
        domain=pointwise.domain if pointwise else "",
        example=_opening(gate) if opens else "",
        adjoint=dict(adjoint_lines(structural)) if structural else {},
    )


def _formula(gate: Gate) -> str:
    if isinstance(gate, Pointwise):
        return expression_string(gate.formula)
    return numpy_text(gate.name, {**gate.keywords, **gate.example})


def _partials(gate: Pointwise) -> tuple[str, ...]:
    places = range(gate.arity[0])
    return tuple(expression_string(partial(gate.name, place)) for place in places)


def _opening(gate: Gate) -> str:
    """Return a command that shows a composite opened, at a point."""
    names = "abcd"[: gate.arity[0]]
    values = OPENED_AT.get(gate.name, POINT)[: gate.arity[0]]
    more = ", kernel=2" if gate.name.endswith("_pool") else ""
    at = ",".join(f"{name}={value}" for name, value in zip(names, values, strict=True))
    call = f"{gate.name}({', '.join(names)}{more})"
    return f'gradtutor render "{call}" --open {gate.name} --at "{at}"'


def _kink(gate: Pointwise) -> str:
    return expression_string(gate.kink.at) if gate.kink else ""


def _ties(gate: Pointwise) -> dict[str, tuple[str, ...]]:
    if gate.kink is None:
        return {}
    return {rule: tuple(map(str, gate.kink.answers(rule))) for rule in TIE_RULES}


def page_text(page: GatePage) -> str:
    """Write a page for a terminal."""
    rows = [(tr("value"), page.formula)]
    rows += [
        (f"∂{page.name}/∂{symbol}", text)
        for symbol, text in zip("abc", page.partials, strict=False)
    ]
    rows += [
        (tr("at {place}", place=page.kink), f"{', '.join(values)}  (--ties {rule})")
        for rule, values in page.ties.items()
    ]
    rows += [(tr("formula"), page.opened)] if page.opened else []
    rows.append((tr("gradient"), tr(page.role)))
    if page.adjoint:
        rows.append(("", tr("with g, the gradient that arrives at the output, out:")))
        rows += [(f"d{name}", f"= {text}") for name, text in page.adjoint.items()]
    if page.domain:
        rows.append((tr("domain"), tr(page.domain)))
    if page.opens:
        rows.append((tr("opens"), page.example))
    also = tr("  (also {names})", names=", ".join(page.aliases)) if page.aliases else ""
    width = max(cells(label) for label, _ in rows)
    return "\n".join(
        [
            f"{page.name}{also}",
            *(f"  {padded(label, width)}  {text}" for label, text in rows),
        ]
    )


def gate_rows() -> list[tuple[Gate, GatePage]]:
    """Return every gate with its page, in the table's order."""
    return [(gate, gate_page(name)) for name, gate in GATES.items()]
