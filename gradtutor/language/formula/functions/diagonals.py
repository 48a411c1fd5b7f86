"""Subscripts of einsum in which a letter stands twice in an operand: diagonals.

>>> call = ast.parse("einsum('iij->ij', T)").body[0].value
>>> ast.unparse(_split(call.args, "iij->ij"))
"einsum('ikj,ik->ij', T, eye(T[0, :, 0]))"
"""

from __future__ import annotations

import ast
import string
from typing import TYPE_CHECKING

from gradtutor.language.formula.trees import filled

if TYPE_CHECKING:
    from gradtutor.language.formula.functions.naming import Named
    from gradtutor.language.syntax import Source

#: Most operands of an einsum gate.
MOST = 3


def einsum_form(_source: Source, _item: ast.Call, call: Named) -> ast.expr | None:
    """Read einsum("ii", A) as the trace, "ii->i" as the diagonal, "iij->ij" by eye."""
    match call.args:
        case [ast.Constant(str() as text), *operands] if operands:
            plain = text.replace(" ", "")
        case _:
            return None
    letter = plain[:1]
    meant = {letter * 2: "trace(a)", f"{letter * 2}->": "trace(a)"}
    meant[f"{letter * 2}->{letter}"] = "diagonal(a)"
    if plain in meant and len(operands) == 1:
        return filled(meant[plain], a=operands[0])
    return _split(call.args, plain)


def _split(args: list[ast.expr], plain: str) -> ast.expr | None:
    """Give the second of two equal letters a name of its own, and tie both by eye."""
    before, arrow, output = plain.partition("->")
    parts, operands = before.split(","), list(args[1:])
    spare = iter(one for one in string.ascii_letters[10:] if one not in plain)
    ties: list[tuple[str, ast.expr]] = []
    for number, (part, operand) in enumerate(zip(parts, operands, strict=False)):
        letters = ""
        for place, letter in enumerate(part):
            fresh = next(spare, "") if letter in letters else letter
            if fresh != letter:
                ties.append((letter + fresh, _along(operand, place, len(part))))
            letters += fresh
        parts[number] = letters
    if not ties or len(parts) != len(operands) or len(parts) + len(ties) > MOST:
        return None
    if not arrow:
        output = "".join(sorted(one for one in set(before) if before.count(one) == 1))
        output = output.replace(",", "")
    subscripts = ",".join([*parts, *(letters for letters, _ in ties)]) + f"->{output}"
    tied = [filled("eye(a)", a=one) for _, one in ties]
    return ast.Call(
        ast.Name("einsum"), [ast.Constant(subscripts), *operands, *tied], []
    )


def _along(operand: ast.expr, place: int, rank: int) -> ast.expr:
    """Return the vector of an operand's entries along one axis, the others at 0."""
    at: list[ast.expr] = [
        ast.Slice() if axis == place else ast.Constant(0) for axis in range(rank)
    ]
    index = ast.Tuple(at) if rank > 1 else at[0]
    return ast.Subscript(operand, index)
