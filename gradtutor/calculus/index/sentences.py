"""The lines of a proof: formulas joined by =, and sentences with formulas in them.

>>> X = sympy.IndexedBase("X")
>>> n, a = sympy.symbols("n a", integer=True)
>>> Chain(Slope(X[n], X[a]), sympy.KroneckerDelta(a, n)).written()
'∂X[n]/∂X[a] = δ[a,n]'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy

from gradtutor.calculus.index.whole import Whole
from gradtutor.calculus.index.writing import PLAIN, Script, written
from gradtutor.messages import tr


@dataclass(frozen=True)
class Slope:
    """The name of a slope, ∂Z[n]/∂X[a]."""

    of: sympy.Expr
    by: sympy.Expr

    def written(self, script: Script = PLAIN) -> str:
        """Write the slope."""
        return script.slope.format(written(self.of, script), written(self.by, script))


@dataclass(frozen=True)
class Gradient:
    """The name of the gradient by an entry, X̄[a]."""

    entry: sympy.Indexed

    def written(self, script: Script = PLAIN) -> str:
        """Write the tensor's name with a bar."""
        name = script.barred.format(script.tensor(self.entry.base.name))
        return script.entry(name, self.entry.indices)


class Chain:
    """Formulas joined by =, of which those that are written alike stand once."""

    def __init__(self, *formulas: sympy.Expr | Whole | Slope | Gradient) -> None:
        self.formulas = formulas

    def written(self, script: Script = PLAIN) -> str:
        """Write the formulas."""
        texts = [
            one.written(script)
            if isinstance(one, Whole | Slope | Gradient)
            else written(one, script)
            for one in self.formulas
        ]
        return script.quote.format(" = ".join(dict.fromkeys(texts)))


@dataclass(frozen=True)
class Sentence:
    """Words, a key of the catalogue, whose blanks are formulas or sentences."""

    words: str
    blanks: Mapping[str, Chain | Sentence] = field(default_factory=dict)

    def written(self, script: Script = PLAIN) -> str:
        """Say the sentence in the language that is spoken."""
        texts: dict[str, Any] = {
            name: blank.written(script) for name, blank in self.blanks.items()
        }
        return tr(self.words, **texts)


Line = Chain | Sentence
