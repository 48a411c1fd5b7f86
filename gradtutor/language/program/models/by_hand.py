"""Weights that a text moves itself: ``w -= rate * w.grad``, without an optimiser."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.models.settings import make_setting
from gradtutor.language.program.values import Setting
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter


def by_hand(run: Interpreter) -> Setting | None:
    """Return descent where the text moves its weights itself.

    Of weights in lists and dictionaries any ``w - rate * slope`` tells; of others one
    whose slope is called ``.grad``.
    """
    for node in ast.walk(run.source.tree):
        found = _rate_of(node)
        if found is None:
            continue
        by, slope = found
        if run.found.tree is None and not _is_gradient(slope):
            continue
        rate = _number(run, by, node)
        if type(rate) in (int, float) and rate != 0:
            note = tr(
                "line {line}: the text moves its weights itself, by {rate} of the "
                "gradient: that is SGD",
                line=getattr(node, "lineno", 1),
                rate=f"{abs(rate):g}",
            )
            run.notes += [note] * (note not in run.notes)
            return make_setting(run, "SGD", [abs(float(rate))], {}, node)
    return None


def _number(run: Interpreter, by: ast.expr, line: ast.AST) -> Any:
    """Return a rate: a number of the text, or ``self.lr`` of an object of its."""
    match by:
        case ast.Attribute(ast.Name("self"), name):
            owners = (
                one.names.get(name)
                for one in run.found.objects
                if one.cls and any(line is part for part in ast.walk(one.cls.node))
            )
            return next((one for one in owners if one is not None), None)
    return run.evaluate(by, run.scope)


def _rate_of(node: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    """Return the rate and the slope of a line that takes a step down."""
    match node:
        case ast.BinOp(_, ast.Sub(), ast.BinOp(by, ast.Mult(), slope)):
            return by, slope
        case ast.AugAssign(_, ast.Sub(), ast.BinOp(by, ast.Mult(), slope)):
            return by, slope
        case ast.AugAssign(
            _, ast.Add(), ast.BinOp(ast.UnaryOp(ast.USub(), by), ast.Mult(), slope)
        ):
            return by, slope
        case ast.AugAssign(
            _, ast.Add(), ast.UnaryOp(ast.USub(), ast.BinOp(by, ast.Mult(), slope))
        ):
            return by, slope
        case ast.Call(
            ast.Attribute(attr="add_" | "sub_"), [slope], [ast.keyword("alpha", by)]
        ):
            return by, slope
    return None


def _is_gradient(slope: ast.expr) -> bool:
    """Whether an expression is what autograd leaves with a weight."""
    return any(
        isinstance(one, ast.Attribute) and one.attr == "grad" for one in ast.walk(slope)
    )
