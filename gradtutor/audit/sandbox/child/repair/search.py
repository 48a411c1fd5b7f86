"""Try edits of the lines of backward, at one point; those that help, at all points."""

from __future__ import annotations

import ast
import copy
import sys
import time
import types
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.sandbox.child.calling import Caller
from gradtutor.audit.sandbox.child.older import Unbracketed
from gradtutor.audit.sandbox.child.repair.edits import Edit, edits
from gradtutor.audit.sandbox.child.repair.kinds import MEAN
from gradtutor.audit.sandbox.child.repair.lines import Line

Arrays = Mapping[str, NDArray[Any]]
TOLERANCE = 1e-4
ELSEWHERE = 0.9  # ranks that an edit loses off the line that the diagnosis names


@dataclass(frozen=True)
class Target:
    """What is wanted at one point: which result is which gradient, and its numbers."""

    inputs: Arrays
    upstream: NDArray[Any]
    numeric: Arrays


@dataclass(frozen=True)
class Repair:
    """An edit, the gradients that are right with it, and the statement then."""

    line: Line
    edit: Edit
    right: frozenset[str]
    statement: ast.stmt


class Repairs:
    """The search: edits of lines that are run in the person's own module."""

    def __init__(
        self,
        caller: Caller,
        tree: ast.Module,
        places: Mapping[str, int],
        targets: Sequence[Target],
        until: float,
        trusted: Collection[int] = (),
    ) -> None:
        self.trusted = frozenset(trusted)
        self.caller, self.tree, self.places = caller, tree, places
        self.targets, self.until = targets, until
        self.tried = 0
        self.holders: dict[int, list[ast.ClassDef]] = {}
        self.out = self._out()
        self.dirty: ast.stmt | None = None  # a definition that is not the person's
        self.bracketed = any(
            isinstance(n, ast.Name) and n.id in ("float", "int") for n in ast.walk(tree)
        )

    def _out(self) -> NDArray[Any] | None:
        try:
            one = self.targets[0]
            return self.caller.backward(one.inputs, one.upstream).out
        except Exception:
            return None

    def scopes(self, path: str) -> dict[int, dict[str, Any]]:
        """Run backward; return the values of each function's names as it returns."""
        found: dict[int, dict[str, Any]] = {}

        def trace(frame: types.FrameType, event: str, _: object) -> Any:
            if frame.f_code.co_filename != path:
                return None
            if event == "return":
                found[frame.f_code.co_firstlineno] = dict(frame.f_locals)
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            self.right()
        finally:
            sys.settrace(before)
        return found

    def right(self, point: int = 0) -> frozenset[str]:
        """Return the gradients that are right as the module stands."""
        one = self.targets[point]
        try:
            found = self.caller.backward(one.inputs, one.upstream)
        except Exception:
            return frozenset()
        if not point and self.out is not None and not _same(found.out, self.out):
            return frozenset()
        results = [value for _, value in found.gradients]
        return frozenset(
            name
            for name, k in self.places.items()
            if k < len(results) and _same(results[k], one.numeric[name])
        )

    def everywhere(self) -> frozenset[str]:
        """Return the gradients that are right at all points."""
        found = [self.right(p) for p in range(len(self.targets))]
        return frozenset.intersection(*found)

    def search(
        self, lines: Sequence[Line], before: frozenset[str], hint: int = 0
    ) -> list[Repair]:
        """Return edits with which more gradients are right, and none fewer.

        The likely kinds of all lines come first; the search ends a little after the
        first that helps; other places of a mean are tried to the end.
        """
        helpful: list[Repair] = []
        made = [
            (edit.rank + ELSEWHERE * (line.statement.lineno != hint), line, edit)
            for line in lines
            if line.statement.lineno not in self.trusted
            for edit in edits(line.statement, line.atoms)
        ]
        made.sort(key=lambda one: one[0])
        first: float | None = None
        for rank, line, edit in made:
            if time.process_time() > self.until:
                break
            if first is not None and rank > first + 1 and not _as_well(edit, helpful):
                continue
            self.tried += 1
            right = self._tried(line, edit, before)
            if right > before:
                with edited(line, edit) as statement:
                    new = copy.deepcopy(statement)
                helpful.append(Repair(line, edit, right, new))
                first = rank if first is None else first
        if self.dirty is not None:
            self._define(self.dirty)
            self.dirty = None
        return helpful

    def _tried(self, line: Line, edit: Edit, before: frozenset[str]) -> frozenset[str]:
        """Return the gradients that are right with an edit, if they are more."""
        if self.dirty is not None and self.dirty is not line.top:
            self._define(self.dirty)
        self.dirty = line.top
        with edited(line, edit):
            right = self.right() if self._define(line.top) else frozenset()
            if right > before:
                right = self.everywhere()
        return right

    def apply(self, repair: Repair) -> None:
        """Keep an edit."""
        repair.line.block[repair.line.place] = repair.statement
        self._define(repair.line.top)

    def _built_on(self, top: ast.stmt) -> list[ast.stmt]:
        """Return the classes that hold on to a class: as a base, or as a default."""
        if not isinstance(top, ast.ClassDef):
            return []
        if id(top) not in self.holders:
            names, found = {top.name}, []
            for other in self.tree.body:
                if isinstance(other, ast.ClassDef) and other is not top:
                    held = [*other.bases, *_defaults(other)]
                    if names & {ast.unparse(one) for one in held}:
                        names.add(other.name)
                        found.append(other)
            self.holders[id(top)] = found
        return list(self.holders[id(top)])

    def _define(self, top: ast.stmt) -> bool:
        """Define a function or class anew, and the classes that build on it."""
        tops = [top, *self._built_on(top)]
        try:
            module = ast.Module(tops, [])
            if self.bracketed:
                module = Unbracketed().visit(copy.deepcopy(module))
            code = compile(module, "repaired", "exec")
            exec(code, vars(self.caller.module))
        except Exception:
            return False
        return True


def _as_well(edit: Edit, helpful: Sequence[Repair]) -> bool:
    """Whether it is a mean like the one that helps: there may be a better place."""
    return edit.label == MEAN and any(one.edit.label == MEAN for one in helpful)


def _defaults(of: ast.ClassDef) -> list[ast.expr]:
    """Return the defaults of a class's methods."""
    methods = [item for item in of.body if isinstance(item, ast.FunctionDef)]
    return [default for method in methods for default in method.args.defaults]


@contextmanager
def edited(line: Line, edit: Edit) -> Iterator[ast.stmt]:
    """Put an edit into the tree for a while; yield the statement as it is then."""
    if edit.node is None:
        statement = cast("ast.stmt", edit.new)
        line.block[line.place] = statement
        yield statement
        line.block[line.place] = line.statement
        return
    new = edit.new
    if not hasattr(new, "lineno"):  # what stood there keeps its place
        new = ast.fix_missing_locations(ast.copy_location(new, edit.node))
    for parent in ast.walk(line.statement):
        for field, value in ast.iter_fields(parent):
            if value is edit.node:
                setattr(parent, field, new)
                yield line.statement
                setattr(parent, field, edit.node)
                return
            if isinstance(value, list) and any(v is edit.node for v in value):
                place = next(i for i, v in enumerate(value) if v is edit.node)
                value[place] = new
                yield line.statement
                value[place] = edit.node
                return
    yield line.statement


def _same(theirs: NDArray[Any], right: NDArray[Any]) -> bool:
    theirs, right = np.asarray(theirs, dtype=np.float64), np.asarray(right)
    if theirs.shape != right.shape:
        return False
    known = np.isfinite(right)
    scale = max(float(np.abs(right[known]).max(initial=0.0)), 1e-3)
    off = np.abs(np.where(known, theirs - np.where(known, right, 0.0), 0.0))
    return bool(off.max(initial=0.0) <= TOLERANCE * scale)
