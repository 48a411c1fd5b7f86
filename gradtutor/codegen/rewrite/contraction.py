"""A sum of products over letters as one matrix product."""

from __future__ import annotations

from gradtutor.calculus.tape import GraphTape
from gradtutor.gates import Shape
from gradtutor.gates.shapes import size_product
from gradtutor.gates.structural.einsum import split_subscripts
from gradtutor.gates.structural.movement import reshaped


def as_matmul(tape: GraphTape, subscripts: str, a: str, b: str) -> str | None:
    """Append ``reshape(A @ B)`` for an einsum of two operands.

    Returns
    -------
    str or None
        None where its letters do not stand in blocks: some in all three (a batch of
        products), or the blocks interleaved.
    """
    (first, second), out = split_subscripts(subscripts)
    summed = [letter for letter in first if letter in second and letter not in out]
    left = [letter for letter in first if letter not in second]
    right = [letter for letter in second if letter not in first]
    word = "".join
    if not summed or set(first) & set(second) & set(out):
        return None
    if word(left + right) != out:
        if word(right + left) != out:
            return None
        (a, first, left), (b, second, right) = (b, second, right), (a, first, left)
        summed = [letter for letter in first if letter in second]
    rows = _matrix(tape, a, first, word(left), word(summed))
    columns = _matrix(tape, b, second, word(summed), word(right))
    if rows is None or columns is None:
        return None
    sizes = dict(zip(first + second, tape.shape(a) + tape.shape(b), strict=True))
    product = tape.gate("matmul", rows, columns)
    return reshaped(tape, product, tuple(sizes[letter] for letter in out))


def _matrix(
    tape: GraphTape, node: str, letters: str, rows: str, columns: str
) -> str | None:
    """View a tensor as the matrix (rows, columns), by reshape and transpose alone."""
    sizes = dict(zip(letters, tape.shape(node), strict=True))

    def product(part: str) -> Shape:
        return (size_product(tuple(sizes[letter] for letter in part)),)

    if letters == rows + columns:
        return reshaped(tape, node, product(rows) + product(columns))
    if letters == columns + rows:
        turned = reshaped(tape, node, product(columns) + product(rows))
        return tape.gate("transpose", turned)
    return None
