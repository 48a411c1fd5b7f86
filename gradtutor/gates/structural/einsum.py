"""Sums of products over named indices, whose adjoint is the same with swapped letters.

>>> split_subscripts("nd,dk->nk")
(('nd', 'dk'), 'nk')
"""

from __future__ import annotations

from gradtutor.gates.gate import (
    Attributes,
    Call,
    Dimension,
    Shape,
    ShapeMismatchError,
    Structural,
    Tape,
)
from gradtutor.gates.shapes import show_shape
from gradtutor.messages import tr

Gradients = tuple[str | None, ...]


def split_subscripts(subscripts: str) -> tuple[tuple[str, ...], str]:
    """Split ``"ij,jk->ik"`` into the operands' letters and the output's.

    Raises
    ------
    ShapeMismatchError
        When an arrow is missing, a letter stands twice in one operand, or the output
        has a letter that no operand has.
    """
    before, arrow, output = subscripts.replace(" ", "").partition("->")
    operands = tuple(before.split(","))
    fault = ""
    if not arrow or not all(part.isalpha() or not part for part in (*operands, output)):
        fault = tr("write the letters of every operand and of the result")
    elif any(len(set(part)) < len(part) for part in (*operands, output)):
        fault = tr("a letter may stand only once in an operand")
    elif not set(output) <= set(before):
        fault = tr("{output!r} has a letter that no operand has", output=output)
    if fault:
        message = tr(
            'einsum "{subscripts}": {fault}, as in "ij,jk->ik"',
            subscripts=subscripts,
            fault=fault,
        )
        raise ShapeMismatchError(message)
    return operands, output


def _einsum_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    subscripts = str(attrs["subscripts"])
    operands, output = split_subscripts(subscripts)
    if len(operands) != len(shapes):
        raise ShapeMismatchError(
            tr(
                'einsum "{subscripts}" is for {count} operand(s), not {given}',
                subscripts=subscripts,
                count=len(operands),
                given=len(shapes),
            )
        )
    sizes: dict[str, Dimension] = {}
    for letters, shape in zip(operands, shapes, strict=True):
        if len(letters) != len(shape):
            raise ShapeMismatchError(
                tr(
                    'einsum "{subscripts}": {letters} has {count} letters, its '
                    "operand is {shape}",
                    subscripts=subscripts,
                    letters=letters,
                    count=len(letters),
                    shape=show_shape(shape),
                )
            )
        for letter, size in zip(letters, shape, strict=True):
            if sizes.setdefault(letter, size) != size:
                raise ShapeMismatchError(
                    tr(
                        'einsum "{subscripts}": {letter} is {size} and {other}',
                        subscripts=subscripts,
                        letter=letter,
                        size=sizes[letter],
                        other=size,
                    )
                )
    return tuple(sizes[letter] for letter in output)


def _einsum_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Swap the letters: of z = Σ x y the gradient by x is Σ u y, in x's letters."""
    operands, output = split_subscripts(str(call.attrs["subscripts"]))
    gradients = []
    for position, (node, letters) in enumerate(zip(call.args, operands, strict=True)):
        others = [
            (operands[i], arg) for i, arg in enumerate(call.args) if i != position
        ]
        known = set(output).union(*(part for part, _ in others))
        kept = "".join(letter for letter in letters if letter in known)
        subscripts = ",".join([output, *(part for part, _ in others)]) + f"->{kept}"
        gradient = u
        if subscripts != f"{output}->{output}":
            gradient = tape.gate(
                "einsum", u, *(arg for _, arg in others), subscripts=subscripts
            )
        summed = tuple(i for i, letter in enumerate(letters) if letter not in known)
        if summed:  # letters of this operand alone were summed: spread over them
            gradient = tape.gate("broadcast", gradient, node, axis=summed)
        gradients.append(gradient)
    return tuple(gradients)


def _einsum_text(attrs: Attributes) -> str:
    operands, _ = split_subscripts(str(attrs["subscripts"]))
    names = ", ".join("abc"[: len(operands)])
    return f'np.einsum("{attrs["subscripts"]}", {names}, optimize=True)'


EINSUM = (
    Structural(
        "einsum",
        _einsum_shape,
        _einsum_text,
        _einsum_adjoint,
        sign="Σ∏",
        arity=(1, 3),
        keywords={"subscripts": ""},
        example={"subscripts": "ij,jk->ik"},
        role="swaps letters: gradient times the other operands",
    ),
)
