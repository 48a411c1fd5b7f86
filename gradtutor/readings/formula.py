r"""A formula as text that a notebook sets as mathematics.

>>> Formula("2*x")
'2*x'
>>> Formula("2*x")._repr_latex_()
'$\\displaystyle 2\\,x$'
"""

from __future__ import annotations

from gradtutor.explain.notation.latex import latex_names
from gradtutor.explain.notation.writing import LATEX, write
from gradtutor.graph import inputs
from gradtutor.language import SourceError, parse_formula
from gradtutor.language.formula.unparse import Text


class Formula(str):
    """A ``str`` in the project's own language."""

    __slots__ = ()

    @property
    def latex(self) -> str:
        """The formula in LaTeX; empty where it takes several lines."""
        if "\n" in self:
            return ""
        try:
            graph = parse_formula(str(self))
        except SourceError:
            return ""
        names = latex_names(inputs(graph)).items()
        known = {name: Text(text) for name, text in names}
        return write(graph, graph.graph["output"], known, LATEX, whole=True)

    def _repr_latex_(self) -> str | None:
        """Show it as mathematics in a cell."""
        return rf"$\displaystyle {self.latex}$" if self.latex else None
