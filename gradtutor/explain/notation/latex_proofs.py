r"""Proofs of index calculus in LaTeX: the script that their formulas are written in.

>>> from gradtutor.calculus.index.proofs import proof_of
>>> print(proof_of("diag", 0).lines[2].written(PROOF_LATEX))
$\bar{X}_{a} = \sum_{i} \sum_{j} U_{i,j} \delta_{a,i} \delta_{i,j} = U_{a,a}$
"""

from __future__ import annotations

from collections.abc import Sequence

from gradtutor.calculus.index.writing import Script
from gradtutor.explain.notation.latex import latex_name
from gradtutor.explain.notation.latex_calls import COMMANDS


def _name(name: str) -> str:
    """Write a name; i′ is an index that stands for another i."""
    stem = name.rstrip("′")
    return latex_name(stem) + "'" * (len(name) - len(stem))


def _function(name: str) -> str:
    known = COMMANDS | {"exp": r"\exp"}
    word = name.replace("_", r"\_")
    return known.get(name) or rf"\mathrm{{{word}}}"


def _below(indices: Sequence[str]) -> str:
    return f"_{{{','.join(indices)}}}"


PROOF_LATEX = Script(
    name=_name,
    function=_function,
    listed=_below,
    inverse="{}^{{-1}}",
    transposed=r"{}^{{\top}}",
    inverse_transposed=r"{}^{{-\top}}",
    power="{}^{{{}}}",
    squared="{}^{{2}}",
    over=r"\sum_{{{}}}",
    sum=r"\sum",
    delta=r"\delta",
    barred=r"\bar{{{}}}",
    slope=r"\frac{{\partial {}}}{{\partial {}}}",
    minus="-",
    elementwise=r"\odot",
    kronecker=r"\otimes",
    quote="${}$",
)
