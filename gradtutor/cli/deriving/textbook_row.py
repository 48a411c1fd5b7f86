"""The textbook's form of a derivative, where it differs and was verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradtutor.cli.deriving.values import (
    input_shapes,
)

if TYPE_CHECKING:
    from gradtutor.circuit import Circuit
    from gradtutor.evaluate.verify import Verifier


def textbook_form(
    circuit: Circuit,
    verifier: Verifier,
    names: tuple[str, ...],
    stable: str,
    options: dict[str, Any],
) -> dict[str, Any]:
    """Return the textbook's form where it differs from what is computed, and holds."""
    from gradtutor.circuit import parse

    form = circuit.textbook(*names) if options["form"] == "textbook" else None
    if form is None or form.text == stable:
        return {}
    before = circuit.diff(*names[:-1]) if len(names) > 1 else None
    base = parse(before, input_shapes(circuit)) if before else circuit
    if base.verify(names[-1], form.text, verifier.seed) is not True:
        return {}
    domain = {"domain": list(form.domain)} if form.domain else {}
    return {"derivative": form.text, "stable": stable} | domain
