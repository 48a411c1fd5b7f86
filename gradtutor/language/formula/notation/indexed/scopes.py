"""Which names are entries of tensors: z_i and z_j are two entries of one vector z."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

from gradtutor.language.formula.letters.sizes import TOTALS, function_name
from gradtutor.language.formula.notation.indexed.parts import Total

#: Letters that may be indices though no sum runs over them: i of ∑_j A_ij x_j.
FREE = frozenset("ijklmnt")
#: Functions of whole vectors.
WHOLE = {*TOTALS, "norm", "norm_1", "norm_squared", "norm_inf", "softmax"}
WHOLE |= {"logsumexp", "log_softmax", "dot", "inner"}
#: Most indices of a tensor.
MOST = 4


class Scopes:
    """The tensors and the index letters of a text.

    Parameters
    ----------
    atomic : collection of str
        Names that have a value or a shape: never an entry of something else.
    """

    def __init__(self, tree: ast.Module, atomic: Collection[str]) -> None:
        self.atomic = set(atomic)
        self.letters = {
            letter
            for node in ast.walk(tree)
            if isinstance(node, Total)
            for letter in node.over
        }
        self.tensors: set[str] = set()
        names = sorted(set(names_of(tree)) - self.atomic)
        self._spread(names)
        bare = {name for name in names if name not in self.tensors}
        twice = {
            stem
            for name in names
            for stem, letters in splits(name)
            if stem in bare and len(letters) == 1 and letters[0] in FREE
        }
        if twice and _speaks_of_vectors(tree):  # z_i beside z
            self.tensors |= twice
            self._spread(names)

    def _spread(self, names: list[str]) -> None:
        """Find tensors by index letters, and index letters by tensors, to the end."""
        before = -1
        while before != len(self.letters) + len(self.tensors):
            before = len(self.letters) + len(self.tensors)
            for name in names:
                for stem, letters in splits(name):
                    known = set(letters) & self.letters
                    fits = set(letters) <= self.letters | FREE
                    if fits and (known or stem in self.tensors):
                        self.tensors.add(stem)
                        self.letters |= set(letters)

    def entry(self, name: str) -> tuple[str, tuple[str, ...]] | None:
        """Return the tensor and the indices or positions of an entry's name: A_ij."""
        if name in self.atomic:
            return None
        for stem, letters in splits(name):
            if stem in self.tensors and all(
                one in self.letters or one.isdigit() for one in letters
            ):
                return stem, letters
        return None

    def beside(self, name: str) -> tuple[str, str] | None:
        """Return the vector and the letters of a name that is none of its entries."""
        found = [pair for pair in splits(name) if pair[0] in self.tensors]
        return (found[0][0], "".join(found[0][1])) if found else None

    def stem(self, name: str) -> str:
        """Return the tensor of an entry, or the name itself."""
        found = self.entry(name)
        return found[0] if found else name

    def is_shifted(self, name: str, running: Collection[str]) -> bool:
        """Whether an index stands in a name as no axis: x_{i+1}, A_{i,max}."""
        if name in self.atomic:
            return False
        below = name.partition("_")[2]
        letters = re.escape("".join(running))
        shifted = rf"(?:^|_)[{letters}](?:[pm_]\w+)?(?:_|$)"
        return bool(letters) and bool(re.search(shifted, below))


def _speaks_of_vectors(tree: ast.Module) -> bool:
    """Whether anything is summed, transposed or whole: x_m beside x is a label else."""
    return any(
        isinstance(node, Total | ast.Attribute | ast.MatMult | ast.Subscript)
        or (isinstance(node, ast.Call) and function_name(node) in WHOLE)
        for node in ast.walk(tree)
    )


def splits(name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield how a name may be one of an entry: y_hat_ij is y_hat at i, j."""
    stem, _, below = name.rpartition("_")
    letters: tuple[str, ...] = ()
    while stem:
        more = (below,) if below.isdigit() else tuple(below)
        letters = (*more, *letters)
        if len(letters) > MOST:
            return
        yield stem, letters
        stem, _, below = stem.rpartition("_")


def names_of(tree: ast.AST) -> Iterator[str]:
    """Yield the names of values, without those of functions."""
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Call):
            stack += [*node.args, *(word.value for word in node.keywords)]
        else:
            stack += ast.iter_child_nodes(node)
