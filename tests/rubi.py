"""Antiderivatives of Rubi's suite, differentiated back; mpmath is the judge."""

from __future__ import annotations

import ast
import gzip
import operator
from collections import Counter
from dataclasses import dataclass, field

import mpmath
import numpy as np
from mpmath.libmp import NoConvergence
from places import TESTS

import gradtutor as gt

SAMPLE = TESTS / "data/rubi/antiderivatives.tsv.gz"
OPERATORS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.Pow: operator.pow,
}  # fmt: skip
CONSTANTS = {"pi": mpmath.pi}


class NotRealError(ValueError):
    """A value that is no real number, or that mpmath has no function for."""


def entries():
    """Yield the variable, the integrand and the antiderivative of each entry."""
    for line in gzip.decompress(SAMPLE.read_bytes()).decode().splitlines():
        yield tuple(line.split("\t"))


def value(node, point):
    """Evaluate a syntax tree in mpmath: no text is ever run."""
    match node:
        case ast.Constant(int() | float() as number):
            return mpmath.mpf(number)
        case ast.Name(name):
            return CONSTANTS.get(name) or point[name]
        case ast.UnaryOp(ast.USub(), operand):
            return -value(operand, point)
        case ast.BinOp(left, op, right):
            return OPERATORS[type(op)](value(left, point), value(right, point))
        case ast.Call(ast.Name(name), args) if hasattr(mpmath, name):
            return getattr(mpmath, name)(*(value(arg, point) for arg in args))
    raise NotRealError(ast.dump(node))


def names(tree):
    called = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call)}
    found = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    return sorted(found - called - CONSTANTS.keys())


@dataclass
class Result:
    """What came of some entries."""

    right: int = 0
    wrong: list[str] = field(default_factory=list)
    undecided: Counter = field(default_factory=Counter)
    unsupported: Counter = field(default_factory=Counter)


def judge(entry, result, tries=40, wanted=3):
    """Compare our derivative of an antiderivative with mpmath's at a few points."""
    variable, _, text = entry
    tree = ast.parse(text, mode="eval").body
    try:
        circuit = gt.parse(text, dict.fromkeys(names(tree), ()))
    except gt.SourceError as error:
        result.unsupported[cause(tree, error)] += 1
        return
    if variable not in circuit.inputs:
        result.undecided["constant"] += 1
        return
    rng = np.random.default_rng(len(text))
    agreed = 0
    for _ in range(tries):
        point = {name: float(rng.uniform(0.2, 2.5)) for name in circuit.inputs}
        slope = true_slope(tree, variable, point)
        if slope is None:
            continue
        ours = circuit.gradients(**point)[variable]
        if not np.isfinite(ours):
            continue
        if abs(ours - slope) > 1e-6 * (1 + abs(slope)) * scale(tree, point):
            result.wrong.append(f"{text}  at {point}: {ours}, mpmath {slope}")
            return
        agreed += 1
        if agreed == wanted:
            result.right += 1
            return
    result.undecided["no point of its real domain was found"] += 1


def scale(tree, point):
    """How much larger than the whole the parts of a formula are: rounding grows so."""
    numbers = {name: mpmath.mpf(x) for name, x in point.items()}
    parts = [
        value(node, numbers) for node in ast.walk(tree) if isinstance(node, ast.BinOp)
    ]
    largest = max((abs(part) for part in parts), default=1)
    return float(max(1, largest / (1 + abs(value(tree, numbers)))))


def true_slope(tree, variable, point):
    """Return mpmath's derivative in 30 digits, or None where the value is not real."""
    with mpmath.workdps(30):
        known = {name: mpmath.mpf(x) for name, x in point.items()}

        def at(x):
            return value(tree, {**known, variable: x})

        try:
            if not real_inside(tree, known):
                return None
            slope = mpmath.diff(at, known[variable])
        except (ArithmeticError, ValueError, TypeError, NoConvergence):
            return None
        is_real = not isinstance(slope, mpmath.mpc) or abs(slope.imag) < 1e-20
        return float(mpmath.re(slope)) if is_real and mpmath.isfinite(slope) else None


def real_inside(tree, known):
    """Whether every part of a formula is a real number: ours have no others."""
    parts = [node for node in ast.walk(tree) if isinstance(node, ast.BinOp | ast.Call)]
    bars = [node.right for node in parts if isinstance(getattr(node, "op", 0), ast.Div)]
    if any(abs(value(below, known)) < 1e-12 for below in bars):
        return False  # 0/0 that the suite writes: log(exp(x)) - x
    return not any(isinstance(value(node, known), mpmath.mpc) for node in parts)


def cause(tree, error):
    """Name what keeps an entry from being read."""
    called = sorted({n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call)})
    found = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    foreign = [name for name in called if f"'{name}'" in error.message]
    if foreign:
        return foreign[0]
    return "I" if "I" in found else error.message[:60]
