"""Entries of vectors outside of the sums that make them vectors.

In exp(z_i)/∑_j exp(z_j) the z_i above is each entry of z, and in z_1/∑_j z_j the z_1
is its first; in 1/n ∑_{i=1}^n x_i the n is the size of x.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradtutor.language.formula.notation.indices import FREE
from gradtutor.language.formula.trees import filled, placed
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.formula.notation.grammar import Grammar


class Entries:
    """Puts vectors, their entries and their sizes in the places of names."""

    def __init__(self, parser: Grammar) -> None:
        self.parser = parser
        self.vectors = {
            name for name, shape in parser.entries.items() if len(shape) == 1
        }
        self.sizes = self._sizes()
        self.notes: list[str] = []

    def _sizes(self) -> dict[str, tuple[str, int]]:
        """Return the bounds that are sizes: of which tensor, along which axis."""
        found: dict[str, tuple[str, int]] = {}
        letters = {"i": "n", "j": "m", "k": "k"}
        for bound, index in self.parser.bounds.items():
            size = letters.get(index, f"n_{index}")
            for name, shape in self.parser.entries.items():
                if size in shape and bound not in self.parser.values:
                    found.setdefault(bound, (name, shape.index(size)))
        return found

    def put_into(self, tree: ast.Module) -> None:
        """Change a tree's names, by a loop: a long formula is a deep tree."""
        if not self.vectors and not self.sizes:
            return
        for parent in list(ast.walk(tree)):
            for name, value in ast.iter_fields(parent):
                if isinstance(value, ast.Name):
                    setattr(parent, name, self._meant(value))
                elif isinstance(value, list) and name != "targets":
                    value[:] = [
                        self._meant(one) if isinstance(one, ast.Name) else one
                        for one in value
                    ]

    def _say(self, note: str) -> None:
        self.notes += [note] * (note not in self.notes)

    def _meant(self, node: ast.Name) -> ast.expr:
        place = self.parser.span(node) if node in self.parser.places else (0, 1)
        if node.id in self.sizes:
            name, axis = self.sizes[node.id]
            self._say(tr("{letter} is the size of {name}", letter=node.id, name=name))
            tree = filled(f"size({name}, axis={axis})")
            return placed(tree, self.parser.places, place)
        stem, _, below = node.id.rpartition("_")
        if stem not in self.vectors:
            return node
        if len(below) == 1 and below in FREE:
            self._say(
                tr(
                    "{entry} is each entry of {name}: a vector",
                    entry=node.id,
                    name=stem,
                )
            )
            return self.parser.put(ast.Name(stem), *place)
        if below.isdigit() and int(below) > 0:
            self._say(
                tr("{entry} is an entry of {name}, from 1", entry=node.id, name=stem)
            )
            tree = filled(f"{stem}[{int(below) - 1}]")
            return placed(tree, self.parser.places, place)
        return node
