"""Formulas of whole matrices, written as in books: Xᵀ (U ⊙ (1 − Z²)).

>>> X, U, Z = map(name, "XUZ")
>>> (X.T @ (U * (number(1) - Z.squared))).written()
'Xᵀ (U ⊙ (1 − Z²))'
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gradtutor.calculus.index.writing import PLAIN, Script

#: How tightly an operation binds, and its template.
OPERATIONS: dict[str, tuple[int, Callable[[Script], str]]] = {
    "difference": (0, lambda script: f"{{}} {script.minus} {{}}"),
    "elementwise": (1, lambda script: f"{{}} {script.elementwise} {{}}"),
    "kronecker": (1, lambda script: f"{{}} {script.kronecker} {{}}"),
    "negative": (1, lambda script: f"{script.minus}{{}}"),
    "quotient": (1, lambda _: "{} / {}"),
    "sum": (1, lambda script: f"{script.sum} {{}}"),
    "product": (2, lambda _: "{} {}"),
    "square": (4, lambda script: script.squared),
    "transposed": (3, lambda script: script.transposed),
    "inverse": (3, lambda script: script.inverse),
    "inverse_transposed": (3, lambda script: script.inverse_transposed),
}
ATOM = 4
#: Operations that go from left to right: a - (b - c) keeps its parentheses.
LEFT_FIRST = ("difference", "quotient")


@dataclass(frozen=True)
class Whole:
    """A formula of whole matrices: what is done, to what.

    ``kind`` is a name of ``OPERATIONS``, or ``name``, ``number`` or ``function`` with
    a text of its own, or ``sum_over`` with the index.
    """

    kind: str
    parts: tuple[Whole, ...] = ()
    text: str = ""

    @property
    def T(self) -> Whole:  # noqa: N802 - as NumPy has it
        """The transposed matrix; transposed twice, it is as before."""
        if self.kind == "transposed":
            return self.parts[0]
        if self.kind == "inverse":
            return Whole("inverse_transposed", self.parts)
        return Whole("transposed", (self,))

    @property
    def squared(self) -> Whole:
        """The square of every element."""
        return Whole("square", (self,))

    def __matmul__(self, other: Whole) -> Whole:
        """Return the product of matrices, or of a number and a matrix."""
        return Whole("product", (self, other))

    def __mul__(self, other: Whole) -> Whole:
        """Return the product of elements."""
        return Whole("elementwise", (self, other))

    def __truediv__(self, other: Whole) -> Whole:
        """Return the quotient."""
        return Whole("quotient", (self, other))

    def __sub__(self, other: Whole) -> Whole:
        """Return the difference."""
        return Whole("difference", (self, other))

    def __neg__(self) -> Whole:
        """Return the negative."""
        return Whole("negative", (self,))

    def written(self, script: Script = PLAIN) -> str:
        """Write the formula."""
        if self.kind == "name":
            return script.tensor(self.text)
        if self.kind == "number":
            return self.text
        if self.kind == "function":
            args = ", ".join(part.written(script) for part in self.parts)
            head = script.sum if self.text == "Σ" else script.function(self.text)
            return f"{head}({args})"
        if self.kind == "sum_over":
            return f"{script.over.format(self.text)} {self.parts[0].written(script)}"
        binding, template = OPERATIONS[self.kind]
        least = (binding, binding + (self.kind in LEFT_FIRST))
        return template(script).format(
            *(
                part.inside(one, script)
                for part, one in zip(self.parts, least, strict=False)
            )
        )

    def inside(self, binding: int, script: Script) -> str:
        """Write the formula as an operand, in parentheses where they are due."""
        own = OPERATIONS[self.kind][0] if self.kind in OPERATIONS else ATOM
        text = self.written(script)
        return text if own >= binding else f"({text})"


def name(text: str) -> Whole:
    """Return a matrix of this name."""
    return Whole("name", (), text)


def number(value: float) -> Whole:
    """Return a number."""
    return Whole("number", (), f"{value:g}")


def function(of: str, *args: Whole) -> Whole:
    """Return what a function comes to: ``diag(U)``; of Σ, the sum of all elements."""
    return Whole("function", args, of)
