r"""Proofs of index calculus as LaTeX, from the text that writes them.

>>> print(proof_latex("∂L/∂W[a] = Σ_d X[d] δ[a,d] = X[a]\nboth are the same"))
$\frac{\partial L}{\partial W_{a}} = \sum_{d} X_{d} \delta_{a,d} = X_{a}$
<BLANKLINE>
both are the same
"""

from __future__ import annotations

import re

BAR = "\u0304"
INDICES = r"(\[(?:[^\[\]]|\[[^\[\]]*\])*\])?"
NAME = rf"(?<!\\)\b([A-Za-z]\w*|δ)({BAR}?){INDICES}"
SLOPE = rf"∂([A-Za-z]\w*){INDICES}/∂([A-Za-z]\w*){INDICES}"
#: Functions that LaTeX has a word for.
WORDS = {"exp": r"\exp", "log": r"\log", "δ": r"\delta"}
SIGNS = {"−": "-", "ᵀ": r"^{\top}"}
#: Where words stand between formulas.
SPOKEN = re.compile(r"(^declared: |, which is (?:the outer product of )?|, where .*$)")


def proof_latex(text: str) -> str:
    """Write the lines of a proof, a paragraph each, formulas between dollar signs."""
    return "\n\n".join(_line(line) for line in text.splitlines() if line.strip())


def _line(line: str) -> str:
    if not re.search(r"[\[=Σδ∂]", line):
        return line
    parts = SPOKEN.split(line)
    parts[0::2] = [_formula(one) for one in parts[0::2]]
    return "".join(parts)


def _formula(text: str) -> str:
    """Put formulas between dollar signs; and, the padding cut off stay words."""
    words = re.match(r"(.*?)((?:, the .*| and .*)?)$", text)
    assert words
    first, rest = words[1], words[2]
    return (f"${_mathematics(first)}$" if first.strip() else first) + rest


def _mathematics(text: str) -> str:
    for sign, word in SIGNS.items():
        text = text.replace(sign, word)
    text = re.sub(SLOPE, _slope, text)
    text = re.sub(r"Σ_(\w+)", r"\\sum_{\1}", text).replace("Σ", r"\sum")
    return re.sub(NAME, lambda found: _symbol(*found.groups()), text)


def _slope(found: re.Match[str]) -> str:
    above, below = found[1] + (found[2] or ""), found[3] + (found[4] or "")
    return rf"\frac{{\partial {above}}}{{\partial {below}}}"


def _symbol(name: str, bar: str, indices: str | None) -> str:
    r"""Write X̄[a,b] as \bar{X}_{a,b}, s1 as s_{1}, softmax upright."""
    letter = re.fullmatch(r"([A-Za-z])(\d+)", name)
    if name in ("partial", "frac", "sum"):
        return name
    if name in WORDS:
        word = WORDS[name]
    elif letter:
        word = f"{letter[1]}_{{{letter[2]}}}"
    else:
        plain = name.replace("_", r"\_")
        word = plain if len(name) == 1 else rf"\mathrm{{{plain}}}"
    word = rf"\bar{{{word}}}" if bar else word
    inner = _mathematics(indices[1:-1]) if indices else ""
    return word + (f"_{{{inner}}}" if inner else "")
