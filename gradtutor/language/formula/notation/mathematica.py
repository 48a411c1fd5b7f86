"""Mathematica's calls, Sin[x]^2 and Log[2, x], as the tokens of ours.

Names and orders of arguments are those of the Wolfram Language's documentation.

>>> from gradtutor.language.formula.notation.tokens import tokens
>>> "".join(token.text for token in without_brackets(tokens("Log[2, Sin[x]]")))
'log_of_base(2,sin(x))'
"""

from __future__ import annotations

import re
from dataclasses import replace

from gradtutor.language.formula.notation.tokens import Kind, Token

_SAME = "Sin Cos Tan Sec Csc Cot Sinh Cosh Tanh Sech Coth Exp Sqrt Abs Max Min Erf Erfc"
#: By Mathematica's names ours.
NAMES = {
    **{name: name.lower() for name in (*_SAME.split(), "Log", "Floor", "Norm", "Det")},
    **{f"Arc{name}": f"a{name.lower()}" for name in ("Sin", "Cos", "Tan", "Cot")},
    **{f"Arc{name}": f"a{name.lower()}" for name in ("Sinh", "Cosh", "Tanh")},
    "Power": "power",
    "Sign": "sign",
    "Ceiling": "ceil",
    "Round": "round",
    "Total": "sum",
    "Mean": "mean",
    "Tr": "trace",
    "Inverse": "inv",
    "If": "where",
    "LogisticSigmoid": "sigmoid",
    "Ramp": "relu",
    "CubeRoot": "cbrt",
    "Log10": "log10",
    "Log2": "log2",
    "Piecewise": "Piecewise",
    "Transpose": "transpose",
    "UnitStep": "heaviside",
}
#: Names of calls with two arguments.
OF_TWO = {"Log": "log_of_base", "ArcTan": "atan_of_xy"}
CALL = re.compile(rf"(?<!\w)(?:{'|'.join(NAMES)}|D)\[")
PAIRS = {"(": ")", "[": "]", "{": "}"}


def without_brackets(found: list[Token]) -> list[Token]:
    """Write Name[...] as name(...), E as e, the braces of Piecewise as brackets."""
    result, closing = list(found), _closing(found)
    called = False
    for place, token in enumerate(found[:-1]):
        after = found[place + 1]
        if token.kind is not Kind.NAME or not after.is_sign("[") or after.spaced:
            continue
        end = closing.get(place + 1)
        if token.text not in NAMES or end is None:
            continue
        called = True
        commas = sum(found[i].is_sign(",") for i in _level(found, place + 1, end))
        name = OF_TWO.get(token.text, "") if commas == 1 else ""
        result[place] = replace(token, text=name or NAMES[token.text])
        result[place + 1] = replace(after, text="(")
        result[end] = replace(found[end], text=")")
        if token.text == "Piecewise":
            _cases(result, closing, place + 2)
    if called:
        result = [replace(t, text="e") if t.text == "E" else t for t in result]
    return [token for token in result if token.text != "dropped"]


def _closing(found: list[Token]) -> dict[int, int]:
    """Return where each bracket is closed."""
    opened: list[int] = []
    ends: dict[int, int] = {}
    for place, token in enumerate(found):
        if token.is_sign(*PAIRS):
            opened.append(place)
        elif token.is_sign(*PAIRS.values()) and opened:
            start = opened.pop()
            if PAIRS[found[start].text] == token.text:
                ends[start] = place
    return ends


def _level(found: list[Token], start: int, end: int) -> list[int]:
    """Return the places between two brackets that stand in no inner ones."""
    depth, places = 0, []
    for place in range(start + 1, end):
        depth -= found[place].is_sign(*PAIRS.values())
        if depth == 0:
            places.append(place)
        depth += found[place].is_sign(*PAIRS)
    return places


def _cases(result: list[Token], closing: dict[int, int], start: int) -> None:
    """Write {{x, x > 0}, {0, True}} as (x, x > 0), (0, True)."""
    end = closing.get(start)
    if end is None or not result[start].is_sign("{"):
        return
    for place in _level(result, start, end):
        if result[place].is_sign("{") and place in closing:
            result[closing[place]] = replace(result[closing[place]], text=")")
            result[place] = replace(result[place], text="(")
    for place in (start, end):
        result[place] = replace(result[place], text="dropped")
