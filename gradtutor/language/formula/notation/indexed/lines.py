"""The lines of a text with indices: z_i = ∑_j W_ij x_j names a vector z.

What was read is a tree without indices, and the shapes that the indices imply.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from gradtutor.gates import Shape
from gradtutor.language.formula.notation.indexed.cells import Cells
from gradtutor.language.formula.notation.indexed.parts import Total
from gradtutor.language.formula.notation.indexed.reading import Reader
from gradtutor.language.formula.notation.indexed.scopes import (
    FREE,
    Scopes,
    names_of,
    splits,
)
from gradtutor.language.formula.notation.indexed.terms import write_terms
from gradtutor.language.formula.trees import filled, placed
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.formula.notation.grammar import Grammar

Known = Collection[str] | Mapping[str, Shape]


def without_indices(parser: Grammar, tree: ast.Module, declared: Known) -> ast.Module:
    """Read all lines as formulas of arrays; note shapes in ``parser.entries``.

    Raises
    ------
    gradtutor.language.SourceError
        Where an index runs nowhere, or no product of arrays has these indices.
    """
    write_terms(parser, tree)
    if not parser.bold and not _may_have_indices(tree):
        return tree
    lines = _Lines(parser, tree, declared)
    marked = parser.bold and not parser.of_matrices  # else letters say the same
    if marked or lines.scopes.tensors or lines.scopes.letters:
        lines.read()
    else:
        lines.say_apart()
    parser.notes += lines.reader.notes
    return tree


def _may_have_indices(tree: ast.Module) -> bool:
    """Whether there is a sum, or a name with something below it."""
    return any(
        isinstance(node, Total) or (isinstance(node, ast.Name) and "_" in node.id)
        for node in ast.walk(tree)
    )


class _Lines:
    def __init__(self, parser: Grammar, tree: ast.Module, declared: Known) -> None:
        self.parser, self.tree = parser, tree
        self.own: set[str] = set(declared)
        self.names = set(names_of(tree))
        self.totals = [node for node in ast.walk(tree) if isinstance(node, Total)]
        self.given = _ranks(tree, declared)
        values = {name for name in _targets(tree) if name in self.given}
        named = {name for name in _targets(tree) if not _letters(name)}
        self.scopes = Scopes(tree, {*declared, *values, *named})
        cells = Cells(tree, self.scopes, self.given, parser.bold)
        self.reader = Reader(parser, self.scopes, cells)
        #: The tensors that lines define.
        self.defined: set[str] = set()

    def read(self) -> None:
        """Read the lines that have indices, vectors or sums in them."""
        for count, statement in enumerate(self.tree.body):
            self.reader.begin(statement, count)
            self.parser.free = []
            match statement:
                case ast.Expr(value) if self._has_indices(statement):
                    statement.value = self._output(value)
                case ast.Assign(targets=[ast.Name() as target], value=value):
                    if target.id not in self.given and self._has_indices(statement):
                        self._define(statement, target, value)
        self._note_shapes()
        self._place_sizes()

    def _has_indices(self, statement: ast.stmt) -> bool:
        stems = {self.scopes.stem(name) for name in names_of(statement)}
        marked = self.scopes.tensors | self.reader.cells.found.keys()
        return bool(self.reader.bound or stems & marked)

    def _output(self, value: ast.expr) -> ast.expr:
        one = self.reader.output(value)
        self._say_free(self.reader.free, len(one.axes))
        return one.tree

    def _say_free(self, free: Mapping[str, str], axes: int) -> None:
        if free and axes:
            letters = ", ".join(free)
            self.parser.free = list(free)
            self.reader.say(tr("one value for each {index}", index=letters))

    def _define(self, statement: ast.Assign, target: ast.Name, value: ast.expr) -> None:
        """Read z_i = ...: z has an axis for each index."""
        entry = self.scopes.entry(target.id)
        letters = entry[1] if entry else ()
        for letter in letters:
            if letter in self.reader.bound:
                self.reader.label(letter, target)  # refuses it
        one = self.reader.output(value, letters)
        missing = [letter for letter in letters if letter not in self.reader.free]
        if missing:
            message = tr("nothing on the right has the index {index}", index=missing[0])
            raise self.reader.fault(message, target)
        extra = [letter for letter in self.reader.free if letter not in letters]
        if extra and letters:
            message = tr("no sum runs over {index} here", index=extra[0])
            hint = tr(
                r"write \sum_{index} before the terms that it sums", index=extra[0]
            )
            raise self.reader.fault(message, value, hint)
        if not letters:
            self._say_free(self.reader.free, len(one.axes))
        name = entry[0] if entry else target.id
        statement.targets = [self.parser.put(ast.Name(name), *self.parser.span(target))]
        statement.value = one.tree
        self.defined.add(name)
        for place, label in enumerate(one.axes):
            self.reader.sizes.join(label, ("axis", name, place))
        self.reader.ranks.setdefault(name, len(one.axes))
        if letters:
            self._say_free(self.reader.free, len(one.axes))

    def _note_shapes(self) -> None:
        reader = self.reader
        axes = {
            name: [("axis", name, place) for place in range(rank)]
            for name, rank in reader.ranks.items()
        }
        sizes = reader.sizes.named(key for keys in axes.values() for key in keys)
        for name, keys in sorted(axes.items()):
            if keys and name not in self.defined | self.own:
                self.parser.entries[name] = tuple(sizes[key] for key in keys)

    def _place_sizes(self) -> None:
        """Put size(x) in the place of the n of ∑_{i=1}^n x_i, by a loop."""
        sizes = self._sizes()
        if not sizes:
            return
        for parent in list(ast.walk(self.tree)):
            for name, value in ast.iter_fields(parent):
                if isinstance(value, ast.Name):
                    setattr(parent, name, self._meant(value, sizes))
                elif isinstance(value, list) and name != "targets":
                    value[:] = [
                        self._meant(one, sizes) if isinstance(one, ast.Name) else one
                        for one in value
                    ]

    def _sizes(self) -> dict[str, tuple[str, int]]:
        """Return the bounds that are sizes: of which tensor, along which axis."""
        sizes = self.reader.sizes
        found: dict[str, tuple[str, int]] = {}
        for bound in self._bounds():
            root = sizes.root(("bound", bound))
            for name, rank in self.reader.ranks.items():
                for place in range(rank):
                    same = sizes.root(("axis", name, place)) == root
                    if same and bound not in self.parser.values and name != bound:
                        found.setdefault(bound, (name, place))
        return found

    def _bounds(self) -> list[str]:
        """Return the letters up to which sums run, and refuse one with two meanings."""
        found = {
            one.stop.id: one.stop
            for one in self.totals
            if isinstance(one.stop, ast.Name)
        }
        for name in found.keys() & self.reader.ranks.keys() & self.names:
            message = tr(
                "{name} is a vector here, and a number of terms too", name=name
            )
            hint = tr("call one of them by another letter")
            raise self.reader.fault(message, found[name], hint)
        return [name for name in found if name not in self.reader.ranks]

    def _meant(self, node: ast.Name, sizes: dict[str, tuple[str, int]]) -> ast.expr:
        if node.id not in sizes:
            return node
        name, axis = sizes[node.id]
        self.reader.say(tr("{letter} is the size of {name}", letter=node.id, name=name))
        tree = filled(f"size({name}, axis={axis})")
        return placed(tree, self.parser.places, self.parser.places.get(node, (0, 1)))

    def say_apart(self) -> None:
        """Note that x_i and x_j are two numbers, where no sum runs over i or j."""
        seen: dict[str, str] = {}
        for name in names_of(self.tree):
            stem, letters = next(splits(name), (name, ()))
            if name in self.own or not letters or not set(letters) <= FREE:
                continue
            other = seen.setdefault(stem, name)
            if other != name:
                self.parser.notes.append(
                    tr(
                        "no sum runs here: {one} and {other} are two separate inputs",
                        one=other,
                        other=name,
                    )
                )
                return


def _targets(tree: ast.Module) -> list[str]:
    return [
        statement.targets[0].id
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
    ]


def _letters(name: str) -> tuple[str, ...]:
    """Return the indices that a name before = may have, none of x_1."""
    _, letters = next(splits(name), (name, ()))
    return () if all(one.isdigit() for one in letters) else letters


def _ranks(tree: ast.Module, declared: Known) -> dict[str, int]:
    """Return how many axes the names have whose shape or value is given."""
    found = {}
    if isinstance(declared, Mapping):
        found = {name: len(shape) for name, shape in declared.items()}
    for statement in tree.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(name), annotation=ast.Tuple(sizes)):
                found[name] = len(sizes)
            case ast.AnnAssign(target=ast.Name(name)):
                found[name] = 0
            case ast.Assign(targets=[ast.Name(name)], value=value):
                if isinstance(value, ast.List | ast.Constant):
                    found[name] = _depth(value)
    return found


def _depth(value: ast.expr) -> int:
    depth = 0
    while isinstance(value, ast.List) and value.elts:
        depth, value = depth + 1, value.elts[0]
    return depth
