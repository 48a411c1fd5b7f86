r"""A gate in LaTeX, within what matplotlib's mathtext can set too.

>>> latex_name("W1"), latex_name("alpha_2"), latex_name("loss")
('W_{1}', '\\alpha_{2}', '\\mathit{loss}')
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable

from gradtutor.explain.notation.latex_calls import written_call
from gradtutor.explain.notation.latex_matrices import MATRICES, is_inner
from gradtutor.explain.notation.latex_text import (
    POWER,
    PRODUCT,
    SUM,
    inside,
    latex_number,
    parenthesised,
)
from gradtutor.gates import COPY, GATES
from gradtutor.graph import Graph, node_data, node_gate, node_shape, operands
from gradtutor.language.formula.unparse import ATOM, NEGATION, Text
from gradtutor.language.greek import LETTERS, accents_in_words

#: Accents that LaTeX sets over a letter.
ACCENTED = ("hat", "bar", "tilde", "dot", "ddot")
#: Products of matrices, which a number before them needs no brackets for: 2 A B.
CHAINS = ("matmul", "outer")
#: Exponents that stand between a function and its brackets.
DIGITS = range(2, 10)
#: What a number begins with, which a thin space does not keep apart from another.
NUMERALS = tuple("0123456789.")
RELATIONS = {">": ">", ">=": r"\geq", "<": "<", "<=": r"\leq", "==": "=", "!=": r"\neq"}


def latex_name(name: str) -> str:
    """Write a name: Greek letters, an index below, a word upright enough to be one."""
    if name.startswith("_"):
        return _letter_by_letter(name)
    if name[:1] in _SPELT and name[1:2].isalpha():  # ΔW
        return rf"\{_SPELT[name[0]]} {latex_name(name[1:])}"
    spelt = "".join(map(_letter, accents_in_words(name)))
    match = re.fullmatch(r"(.+?)(?:_?(\d[\d_]*|(?<=_)[^_]+))?", spelt)
    stem, index = match.groups() if match else (spelt, None)
    if index in ACCENTED and _is_accented(f"{stem}_{index}".removeprefix("d")):
        return _stem(f"{stem}_{index}")
    parts = (index or "").split("_")
    inside = ",".join(rf"\{one}" if _is_greek(one) else one for one in parts)
    below = f"_{{{inside}}}" if index else ""
    return _stem(stem) + below


def latex_names(names: Iterable[str]) -> dict[str, str]:
    r"""Write several names; those that would look alike are set letter by letter.

    >>> latex_names(["x1", "x_1", "y1"])
    {'x1': '\\mathit{x1}', 'x_1': '\\mathit{x\\_1}', 'y1': 'y_{1}'}
    """
    written = {name: latex_name(name) for name in names}
    count = Counter(written.values())
    return {
        name: text if count[text] == 1 else _letter_by_letter(name)
        for name, text in written.items()
    }


def _letter_by_letter(name: str) -> str:
    words = {one: _letter(one) for one in name}
    signs = {one: rf"{{\{word}}}" for one, word in words.items() if word != one}
    spelt = "".join(signs.get(one, one) for one in name).replace("_", r"\_")
    return rf"\mathit{{{spelt}}}"


def _stem(stem: str) -> str:
    """Write a letter, a Greek letter's name, the d of a gradient before one, a word."""
    if len(stem) == 1:
        return stem
    if _is_greek(stem):
        return rf"\{stem}"
    if _is_accented(stem):
        letter, _, accent = stem.rpartition("_")
        return rf"\{accent}{{{_stem(letter)}}}"
    rest = stem[1:]
    if stem[0] == "d" and (len(rest) == 1 or _is_greek(rest) or _is_accented(rest)):
        return "d" + _stem(stem[1:])
    word = stem.replace("_", r"\_")
    return rf"\mathit{{{word}}}"


def _is_accented(stem: str) -> bool:
    """Whether a name is a letter with an accent: y_hat, theta_bar."""
    letter, _, accent = stem.rpartition("_")
    return accent in ACCENTED and (len(letter) == 1 or _is_greek(letter))


def _letter(letter: str) -> str:
    """Spell a Greek letter out: ε is epsilon."""
    return _SPELT.get(letter, letter)


def _is_greek(word: str) -> bool:
    return word in _GREEK


#: Capitals that LaTeX has a command for; the others look like Latin ones.
_CAPITALS = "ΓΔΘΛΞΠΣΥΦΨΩ"
_SPELT = {
    letter: name
    for name, letter in LETTERS.items()
    if letter in _CAPITALS or (letter.islower() and letter != "ο")
}
_GREEK = set(_SPELT.values())


def node_latex(graph: Graph, node: str, args: list[Text]) -> Text:
    """Write one node on its written arguments."""
    data = node_data(graph, node)
    if data["gate"] == "input":
        return Text(latex_name(str(data["name"])))
    if data["gate"] == "number":
        text = latex_number(data["text"])
        digits = PRODUCT if r"\times" in text else POWER if "^" in text else ATOM
        return Text(text, NEGATION if text.startswith("-") else digits)
    if data["gate"] == COPY:
        return args[0]
    gate = GATES[data["gate"]]
    special = SPECIAL.get(data["gate"]) or MATRICES.get(data["gate"])
    found = special(graph, node, args) if special else None
    if found is not None:
        return found
    if gate.infix in RELATIONS:
        relation = f" {RELATIONS[gate.infix]} ".join(arg.text for arg in args)
        return Text(rf"\mathbf{{1}}[{relation}]", condition=relation)
    return written_call(data["gate"], data["attrs"], args)


def _infix(sign: str, binding: int) -> Callable[..., Text]:
    def written(_graph: Graph, _node: str, args: list[Text]) -> Text:
        left = inside(args[0], binding)
        return Text(left + sign + inside(args[1], binding + 1, right=True), binding)

    return written


def _product(graph: Graph, node: str, args: list[Text]) -> Text:
    """Write a product: ⊙ between tensors, a dot before a number, else a thin space."""
    first, second = operands(graph, node)
    chains = not node_shape(graph, first) and node_gate(graph, second) in CHAINS
    left, right = (
        parenthesised(arg.text)
        if is_inner(graph, operand)
        else inside(arg, PRODUCT + (place and not chains), right=bool(place))
        for place, (arg, operand) in enumerate(
            zip(args, operands(graph, node), strict=True)
        )
    )
    tensors = all(node_shape(graph, arg) for arg in operands(graph, node))
    sign = r" \cdot " if right[:1] in NUMERALS else r"\,"
    return Text(left + (r" \odot " if tensors else sign) + right, PRODUCT)


def _power(graph: Graph, node: str, args: list[Text]) -> Text:
    exponent = node_data(graph, operands(graph, node)[1])
    if args[0].call and exponent["gate"] == "number" and exponent["value"] in DIGITS:
        command, argument = args[0].call
        text = f"{command}^{{{args[1].text}}}{argument}"
    else:
        text = f"{inside(args[0], ATOM)}^{{{args[1].text}}}"
    return Text(text, POWER, base=args[0].text)


def _exp(graph: Graph, _node: str, args: list[Text]) -> Text:
    """Write e to a power; where e is a value of the formula, exp."""
    if "e" in graph:
        return Text(r"\exp" + parenthesised(args[0].text))
    return Text(f"e^{{{args[0].text}}}", POWER)


def _sigmoid(graph: Graph, _node: str, args: list[Text]) -> Text:
    """Write σ(x); where σ is a value of the formula, sigmoid(x)."""
    taken = "sigma" in graph or "σ" in graph
    name = r"\mathrm{sigmoid}" if taken else r"\sigma"
    return Text(name + parenthesised(args[0].text))


def _where(graph: Graph, node: str, args: list[Text]) -> Text:
    """Write where(c, x, 0) with an indicator, as x 1[c]; other choices as cases."""
    _, _, otherwise = (node_data(graph, arg) for arg in operands(graph, node))
    zero = otherwise["gate"] == "number" and otherwise["value"] == 0.0
    test, kept, other = args
    condition = test.condition or rf"{test.text} \neq 0"
    if not zero:
        rows = rf"{kept.text} & {condition} \\ {other.text} & \mathrm{{otherwise}}"
        return Text(rf"\begin{{cases}} {rows} \end{{cases}}", SUM)
    one = rf"\mathbf{{1}}[{condition}]"
    if kept.text == "1":
        return Text(one)
    return Text(rf"{inside(kept, PRODUCT)}\,{one}", PRODUCT)


def _squares(graph: Graph, node: str) -> bool:
    """Whether a node is Σ x² over all elements of a tensor."""
    data = node_data(graph, node)
    if data["gate"] != "sum" or data["attrs"].get("axis") is not None:
        return False
    (inner,) = operands(graph, node)
    if node_gate(graph, inner) != "pow" or not node_shape(graph, inner):
        return False
    exponent = node_data(graph, operands(graph, inner)[1])
    return bool(exponent["gate"] == "number" and exponent["value"] == 2.0)


def _sum(graph: Graph, node: str, args: list[Text]) -> Text:
    """Write Σ x² over all elements as ‖x‖²."""
    if not _squares(graph, node) or not args[0].base:
        return written_call("sum", node_data(graph, node)["attrs"], args)
    norm = rf"\left\|{args[0].base}\right\|"
    return Text(f"{norm}^{{2}}", POWER, base=norm)


def _sqrt(_graph: Graph, _node: str, args: list[Text]) -> Text:
    """Write a root; that of ‖x‖² is ‖x‖."""
    if args[0].base.startswith(r"\left\|"):
        return Text(args[0].base)
    return Text(rf"\sqrt{{{args[0].text}}}")


SPECIAL: dict[str, Callable[[Graph, str, list[Text]], Text]] = {
    "add": _infix(" + ", SUM),
    "sub": _infix(" - ", SUM),
    "mul": _product,
    "div": lambda _g, _n, args: Text(
        rf"\frac{{{args[0].text}}}{{{args[1].text}}}", POWER
    ),
    "pow": _power,
    "neg": lambda _g, _n, args: Text(
        "-" + inside(args[0], NEGATION, right=True), NEGATION
    ),
    "exp": _exp,
    "sigmoid": _sigmoid,
    "sqrt": _sqrt,
    "sum": _sum,
    "abs": lambda _g, _n, args: Text(rf"\left|{args[0].text}\right|"),
    "where": _where,
}
