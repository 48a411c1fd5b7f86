"""The page of a gate: what it computes, its partials, its rule at a kink, its role."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from gradtutor.calculus.closed_form import expression_string
from gradtutor.calculus.composites import composites
from gradtutor.calculus.partials import partial
from gradtutor.codegen import numpy_text
from gradtutor.gates import ARGUMENTS, GATES, SPELLINGS, TIE_RULES, Gate, Pointwise
from gradtutor.language import near


class UnknownGateError(ValueError):
    """A gate that is not in the table."""


@dataclass(frozen=True)
class GatePage:
    """What there is to say about a gate; texts are in the language."""

    name: str
    sign: str
    aliases: tuple[str, ...]
    formula: str
    partials: tuple[str, ...]
    kink: str
    ties: dict[str, tuple[str, ...]]
    role: str
    opens: bool
    domain: str


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
        hint = near(spelling, SPELLINGS) or f"there are {', '.join(GATES)}"
        raise UnknownGateError(f"there is no gate {spelling!r}: {hint}")
    gate = SPELLINGS[spelling]
    opens = gate.name in composites()
    if not isinstance(gate, Pointwise):
        formula = numpy_text(gate.name, {**gate.keywords, **gate.example})
        return GatePage(
            gate.name,
            gate.sign,
            gate.aliases,
            formula,
            (),
            "",
            {},
            gate.role,
            opens,
            "",
        )
    partials = tuple(
        expression_string(partial(gate.name, position))
        for position in range(gate.arity[0])
    )
    formula, kink = expression_string(gate.formula), ""
    if gate.kink:
        kink = expression_string(gate.kink.at)
    return GatePage(
        gate.name,
        gate.sign,
        gate.aliases,
        formula,
        partials,
        kink,
        _ties(gate),
        gate.role,
        opens,
        gate.domain,
    )


def _ties(gate: Pointwise) -> dict[str, tuple[str, ...]]:
    if gate.kink is None:
        return {}
    rules = asdict(gate.kink)
    return {rule: tuple(str(value) for value in rules[rule]) for rule in TIE_RULES}


def page_text(page: GatePage) -> str:
    """Write a page for a terminal."""
    rows = [("value", page.formula)]
    rows += [
        (f"∂{page.name}/∂{symbol}", text)
        for symbol, text in zip(ARGUMENTS, page.partials, strict=False)
    ]
    rows += [
        (f"at {page.kink}", f"{', '.join(values)}  (--ties {rule})")
        for rule, values in page.ties.items()
    ]
    rows.append(("gradient", page.role))
    if page.domain:
        rows.append(("domain", page.domain))
    if page.opens:
        rows.append(("opens", f"gradtutor render --open {page.name} ..."))
    also = f"  (also {', '.join(page.aliases)})" if page.aliases else ""
    width = max(len(label) for label, _ in rows)
    return "\n".join(
        [f"{page.name}{also}", *(f"  {label:<{width}}  {text}" for label, text in rows)]
    )


def gate_rows() -> list[tuple[Gate, GatePage]]:
    """Return every gate with its page, in the table's order."""
    return [(gate, gate_page(name)) for name, gate in GATES.items()]
