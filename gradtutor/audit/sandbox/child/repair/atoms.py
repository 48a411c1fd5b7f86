"""What a function has at hand: names, ``self.x``, ``cache["Z1"]``; and counts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradtutor.audit.program import naming
from gradtutor.audit.sandbox.child.repair.counting import (
    counters,
    labels_of,
    lengths,
)

NORMAL = re.compile(r"(self\.)?\w*(hat|norm\w*|rstd|inv_?std|ivar|bnraw|std_?inv)\d?")
COUNT = re.compile(
    r"(self\.)?(m|n|N|M|T|batch_size|batch_num|num_train|num_examples|n_samples|count)"
)
TARGET = re.compile(r"(self\.)?(y|Y|t|T|y_?true|targets?|labels?|one_hot\w*|y\[i\])")
KEPT = re.compile(r"(self\.)?(keep_?prob\w*|keep|p|dropout_(ratio|rate|p)|rate)")
WIDTH = re.compile(r"(self\.)?(d_?k|hd|d_?h|head_dim|d_head|dim|d_model|scale)")
SCALING = re.compile(r"(self\.|ctx\.)?(sm_)?(scale|scaling|inv_sqrt_\w+)")
HELD = re.compile(r"_?(data|grad|value|val)")  # by a value of an engine
QUERIES = ("q", "Q", "query", "self.q", "self.Q", "self.query")
STEP = re.compile(r"(self\.)?(stride\w*|s|S)")
PAD = re.compile(r"(self\.)?(pad\w*|P)")
PENALTY = re.compile(rf"(self\.)?({naming.PENALTY})")
MOST = 24  # values that are tried in one place
PLAIN = re.compile(r"(np|numpy|math|cp|jnp|torch|jax|range|len|self|ctx|str|int|float)")
PLAIN_ATTRIBUTES = {"T", "shape", "size", "ndim", "dtype"}


@dataclass(frozen=True)
class Atoms:
    """What can stand in an expression.

    Attributes
    ----------
    values : tuple of expressions
        Arrays and numbers by what they are read as.
    counts : tuple of expressions
        Numbers of examples.
    penalties : tuple of expressions
        Factors of weight decay.
    functions : tuple of str
        Functions of one argument in the file.
    seen : mapping
        Their values at one point, as far as they are known.
    labels : tuple of expressions
        The class of one example in a loop: ``y[i]``.
    counters : set of str
        What loops count by: one number, never rows that repeat.
    """

    values: tuple[ast.expr, ...]
    counts: tuple[ast.expr, ...]
    penalties: tuple[ast.expr, ...]
    functions: tuple[str, ...] = ()
    seen: Mapping[str, Any] = field(default_factory=dict)
    labels: tuple[ast.expr, ...] = ()
    counters: frozenset[str] = frozenset()

    @property
    def kept(self) -> list[ast.expr]:
        """Probabilities of dropout."""
        return [v for v in self.values if KEPT.fullmatch(ast.unparse(v))]

    @property
    def normalises(self) -> bool:
        """Whether some value is a normalised one, or the deviation it is divided by."""
        return any(NORMAL.fullmatch(ast.unparse(v)) for v in self.values)

    @property
    def widths(self) -> list[ast.expr]:
        """What attention's scores are divided by the root of."""
        named = [v for v in self.values if WIDTH.fullmatch(ast.unparse(v))]
        queries = [v for v in self.values if ast.unparse(v) in QUERIES]
        last = [ast.parse(f"{ast.unparse(q)}.shape[-1]", mode="eval") for q in queries]
        return [*named, *(one.body for one in last)]

    @property
    def numbers(self) -> list[ast.expr]:
        """Single numbers that are real: a slope, a scale."""
        seen = [(v, self.seen.get(ast.unparse(v))) for v in self.values]
        return [v for v, value in seen if isinstance(value, float | np.floating)]

    @property
    def attends(self) -> bool:
        """Whether there are queries."""
        return any(ast.unparse(v) in QUERIES for v in self.values)

    @property
    def pads(self) -> list[ast.expr]:
        """Numbers of zeros at an edge."""
        return [v for v in self.values if PAD.fullmatch(ast.unparse(v))]

    @property
    def strides(self) -> list[ast.expr]:
        """Distances of windows."""
        return [v for v in self.values if STEP.fullmatch(ast.unparse(v))]

    def alike(self, node: ast.expr) -> list[ast.expr]:
        """Return the other values of the same shape, where shapes are known."""
        own = ast.unparse(node)
        here = self.seen.get(own)
        return [v for v in self.values if self._is_alike(own, here, ast.unparse(v))]

    def targets(self, node: ast.expr) -> list[ast.expr]:
        """Return the targets of the same shape: labels that an output is held to."""
        return [v for v in self.alike(node) if TARGET.fullmatch(ast.unparse(v))]

    def of_shape(self, shape: tuple[int, ...] | None) -> list[ast.expr]:
        """Return the values that can meet one of this shape, element by element."""
        if shape is None:
            return list(self.values)
        fits = []
        for value in self.values:
            there: Any = self.seen.get(ast.unparse(value))
            if there is not None and _meets(np.shape(there), shape):
                fits.append(value)
        return fits

    def _is_alike(self, own: str, here: Any, text: str) -> bool:
        there: Any = self.seen.get(text)
        if own == text:
            return False
        if here is None or there is None:
            return here is None and there is None
        return np.shape(here) == np.shape(there) and not np.array_equal(here, there)


def atoms_of(
    function: ast.FunctionDef,
    functions: tuple[str, ...],
    scope: Mapping[str, Any] | None = None,
    kept: Iterable[str] = (),
) -> Atoms:
    """Return what a function reads or is given, and what its object keeps."""
    found: dict[str, ast.expr] = {}
    for argument in (*function.args.args, *function.args.kwonlyargs):
        found.setdefault(argument.arg, ast.Name(argument.arg, ast.Load()))
    for node in _in_order(function):
        for one in _atoms(node):
            found.setdefault(ast.unparse(one), one)
    for name in kept:
        one = ast.Attribute(ast.Name("self", ast.Load()), name, ast.Load())
        found.setdefault(ast.unparse(one), one)
    counts = [e for n, e in found.items() if COUNT.fullmatch(n)]
    others = [e for e in found.values() if e not in counts]
    counts += [e for n, e in lengths(function).items() if n not in found]
    penalties = [e for n, e in found.items() if PENALTY.fullmatch(n)]
    others = [e for e in others if e not in penalties]
    seen = {}
    for text, atom in found.items():
        value = _value(atom, scope or {})
        if isinstance(value, np.ndarray | float | np.floating):
            seen[text] = value
    return Atoms(
        tuple(others[:MOST]),
        tuple(counts),
        tuple(penalties),
        functions,
        seen,
        tuple(labels_of(function).values()),
        frozenset(counters(function)),
    )


def _meets(own: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Whether a value is repeated, where it must be, to just this shape."""
    try:
        return np.broadcast_shapes(own, shape) == shape
    except ValueError:
        return False


def _value(atom: ast.expr, scope: Mapping[str, Any]) -> Any:
    """Return what a name stands for where the function returns; None if unknown."""
    match atom:
        case ast.Name(name):
            return scope.get(name)
        case ast.Attribute(ast.Name(name), attribute):
            return getattr(scope.get(name), attribute, None)
        case ast.Subscript(ast.Name(name), ast.Constant(key)):
            of = scope.get(name)
            return of.get(key) if isinstance(of, dict) else None
    return None


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    """Walk a tree in the order of its text."""
    for child in ast.iter_child_nodes(node):
        yield child
        yield from _in_order(child)


def _atoms(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.Assign([ast.Tuple(targets)]):
            yield from (
                ast.Name(t.id, ast.Load()) for t in targets if isinstance(t, ast.Name)
            )
        case ast.Name(name) if not PLAIN.fullmatch(name):
            yield ast.Name(name, ast.Load())
        case ast.Attribute(ast.Name("self" | "ctx" as owner), name) if (
            name not in PLAIN_ATTRIBUTES and name != "saved_tensors"
        ):
            yield ast.Attribute(ast.Name(owner, ast.Load()), name, ast.Load())
        case ast.Attribute(ast.Name(name), held) if HELD.fullmatch(held):
            yield ast.Attribute(ast.Name(name, ast.Load()), held, ast.Load())
        case ast.Subscript(ast.Name(name), key) if _is_place(key):
            of = ast.Name(name, ast.Load())
            yield ast.Subscript(of, key, ast.Load())


def is_atom(node: ast.AST) -> bool:
    """Whether another value may stand in its place."""
    match node:
        case ast.Name(name):
            return not PLAIN.fullmatch(name)
        case ast.Attribute(ast.Name("self" | "ctx"), name):
            return name not in PLAIN_ATTRIBUTES
        case ast.Attribute(ast.Name(), held):
            return HELD.fullmatch(held) is not None
        case ast.Subscript(ast.Name(), key):
            return _is_place(key)
    return False


def _is_place(key: ast.expr) -> bool:
    """Whether it is a key, or a counter of a loop: ``cache["Z1"]``, ``X[i, j]``."""
    parts = key.elts if isinstance(key, ast.Tuple) else [key]
    if isinstance(key, ast.UnaryOp):
        return isinstance(key.operand, ast.Constant)
    named = all(
        isinstance(part, ast.Name) or ast.unparse(part) == ":" for part in parts
    )
    return named or (isinstance(key, ast.Constant) and isinstance(key.value, str | int))
