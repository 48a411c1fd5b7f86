"""Names in a formula of indices: entries, rows, whole vectors, and what is refused."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gradtutor.language.formula.constants import CONSTANTS
from gradtutor.language.formula.doubts import AmbiguousError
from gradtutor.language.formula.notation.indexed.cells import Cells
from gradtutor.language.formula.notation.indexed.parts import Axes, Part, Sizes, Total
from gradtutor.language.formula.notation.indexed.scopes import Scopes
from gradtutor.language.formula.trees import Numeral, filled
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.formula.notation.grammar import Grammar


#: The index that is a label: the right class of ∑_j exp(z_j).
LABEL = "y"


class Naming:
    """What each name of a text is; ``scope`` has the indices that run here."""

    def __init__(self, parser: Grammar, scopes: Scopes, cells: Cells) -> None:
        self.parser, self.scopes, self.cells = parser, scopes, cells
        self.sizes = Sizes()
        self.ranks: dict[str, int] = {}
        self.notes: list[str] = []
        self.scope: dict[str, str] = {}
        self.free: dict[str, str] = {}
        self.bound: set[str] = set()
        self.labels = 0

    # ---- messages ----

    def fault(self, message: str, node: ast.expr, hint: str = "") -> Exception:
        """Make an error that points at a part."""
        return self.parser.fault(message, self.parser.places.get(node), hint)

    def doubt(self, message: str, node: ast.expr, hint: str) -> Exception:
        """Make an error of two readings."""
        span = self.parser.places.get(node, (0, 1))
        return AmbiguousError(message, self.parser.text, span, hint)

    def unread(self, node: ast.expr) -> Exception:
        """Make the error of indices that no product of arrays has."""
        message = tr("a sum with these indices is not read")
        hint = tr("write it with products of matrices, or with einsum")
        return self.fault(message, node, hint)

    def segment(self, node: ast.expr) -> str:
        """Return how a part is written."""
        start, end = self.parser.places.get(node, (0, 0))
        return self.parser.text[start:end]

    def say(self, note: str) -> None:
        """Note how something was read, once."""
        self.notes += [note] * (note not in self.notes)

    # ---- indices ----

    def begin(self, statement: ast.stmt, count: int) -> None:
        """Forget the indices of the line before."""
        self.scope, self.free, self.line = {}, {}, count
        self.bound = {
            letter
            for node in ast.walk(statement)
            if isinstance(node, Total)
            for letter in node.over
        }

    def bind(self, node: Total, letter: str) -> str:
        """Let an index run in a sum's terms."""
        self.labels += 1
        label = self.scope[letter] = f"{letter}{self.labels}"
        if node.bounds:
            self.sizes.fix(label, node.bounds[1] - node.bounds[0] + 1)
        if isinstance(node.stop, ast.Name) and node.stop.id in {
            *self.scope,
            *self.free,
        }:
            message = tr("a sum with these bounds is not read")
            hint = tr("over a whole vector, as in ∑_i x_i, or between two numbers")
            raise self.fault(message, node.stop, hint)
        if isinstance(node.stop, ast.Name):
            self.sizes.join(label, ("bound", node.stop.id))
        return label

    def label(self, letter: str, node: ast.expr) -> str:
        """Return the label of an index that runs here, or that is free."""
        if letter in self.scope:
            return self.scope[letter]
        if letter in self.bound:
            message = tr(
                "{index} runs in the sum, and {name} stands outside of it",
                index=letter,
                name=getattr(node, "id", ""),
            )
            hint = tr(
                "take another letter for one of them, or put brackets around the "
                "terms of the sum"
            )
            raise self.fault(message, node, hint)
        return self.free.setdefault(letter, f"{letter}.{self.line}")

    def fresh(self) -> str:
        """Return a label for an axis of a vector itself."""
        self.labels += 1
        return f"*{self.labels}"

    # ---- names ----

    def name(self, node: ast.Name) -> Part:
        """Read a name: a number, an entry, a row, a whole vector."""
        if node.id in self.scope and node.id not in self.parser.values:
            message = tr(
                "the index {index} has no value of its own here", index=node.id
            )
            hint = tr("give the sum numbers as bounds, or name a vector for it")
            raise self.fault(message, node, hint)
        entry = self.scopes.entry(node.id)
        if entry and entry[1] == ("0",):  # β_0 beside β_j: an intercept
            self._say_apart(node.id, entry[0])
            return Part(((node, ()),))
        if entry is None and self.scopes.is_shifted(node.id, {*self.scope, *self.free}):
            raise self._shifted(node)
        stem, letters = entry or (node.id, ())
        if entry and stem in CONSTANTS and stem in self._bare():
            message = tr("{name} is the constant here, and a vector too", name=stem)
            raise self.fault(message, node, tr("call the vector by another letter"))
        cell = tuple(self.fresh() for _ in range(self.cells.of_name(node.id)))
        axes = tuple("" if one.isdigit() else self.label(one, node) for one in letters)
        if not axes and not cell:
            return self._labelled(node)
        self._learn(node, stem, (*axes, *cell))
        place = self.parser.places.get(node, (0, 1))
        tree: ast.expr = self.parser.put(ast.Name(stem), *place)
        if axes and cell:
            self.say(
                tr("{entry} is a row of the matrix {name}", entry=node.id, name=stem)
                if len(axes) == len(cell) == 1
                else tr("{entry} is a part of {name}", entry=node.id, name=stem)
            )
        tree, axes = self._placed(node, tree, letters, axes, len(cell))
        return Part(((tree, (*axes, *cell)),), cell)

    def _labelled(self, node: ast.Name) -> Part:
        """Read z_y beside ∑_j z_j as the entry at the label y; say what w_b is."""
        stem, letters = self.scopes.beside(node.id) or ("", "")
        if stem and letters == LABEL and LABEL not in self.scopes.tensors:
            self._learn(node, stem, (self.fresh(),))
            self.say(
                tr(
                    "{entry} is the entry of {name} at the label {index}",
                    entry=node.id,
                    name=stem,
                    index=letters,
                )
            )
            return Part(
                ((filled(f"sum(one_hot({LABEL}, a)*a)", a=ast.Name(stem)), ()),)
            )
        if stem:
            self._say_apart(node.id, stem)
        return Part(((node, ()),))

    def _say_apart(self, name: str, stem: str) -> None:
        self.say(
            tr(
                "{entry} is an input of its own, no entry of {name}",
                entry=name,
                name=stem,
            )
        )

    def _placed(
        self,
        node: ast.Name,
        tree: ast.expr,
        letters: Axes,
        axes: Axes,
        more: int,
    ) -> tuple[ast.expr, Axes]:
        """Take the positions of x_1 and A_i1, and the diagonal of A_ii."""
        if "" in axes:
            self.say(
                tr(
                    "{entry} is an entry of {name}, from 1",
                    entry=node.id,
                    name=self.scopes.stem(node.id),
                )
            )
            items: list[ast.expr] = [
                Numeral(int(one) - 1, str(int(one) - 1))
                if one.isdigit()
                else ast.Slice()
                for one in letters
            ]
            if "0" in letters:
                raise self._shifted(node)
            at = items[0] if len(items) == 1 else ast.Tuple(items)
            return ast.Subscript(tree, at), tuple(one for one in axes if one)
        if len(axes) == 2 and axes[0] == axes[1] and not more:
            return filled("diagonal(a)", a=tree), axes[:1]
        if len(set(axes)) < len(axes):
            raise self.unread(node)
        return tree, axes

    def _learn(self, node: ast.expr, stem: str, axes: Axes) -> None:
        """Note the axes of a tensor, the same at every use."""
        if self.ranks.setdefault(stem, len(axes)) != len(axes):
            message = tr("{name} has one index here and two there", name=stem)
            raise self.fault(message, node)
        for place, label in enumerate(axes):
            if label:
                self.sizes.join(label, ("axis", stem, place))
            else:
                self.sizes.root(("axis", stem, place))

    def _shifted(self, node: ast.Name) -> Exception:
        stem = node.id.partition("_")[0]
        message = tr("{name} is no entry that the index reaches", name=node.id)
        hint = tr("write neighbours as parts: {name}[1:] - {name}[:-1]", name=stem)
        return self.fault(message, node, hint)

    def _bare(self) -> set[str]:
        return self.parser.counts.keys() & CONSTANTS.keys()

    def entries_in(self, node: ast.AST) -> Iterator[str]:
        """Yield the entries that stand in a part."""
        for one in ast.walk(node):
            if isinstance(one, ast.Name) and self.scopes.entry(one.id):
                yield one.id
