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
    steps: list[tuple[ast.AST, float]] = []
    for node in ast.walk(run.source.tree):
        found = _rate_of(node)
        if found is None:
            continue
        by, slope, sign = found
        if run.found.tree is None and not _is_gradient(slope):
            continue
        rate = _number(run, by, node)
        if type(rate) in (int, float) and rate != 0:
            steps.append((node, sign * float(rate)))
    return _descent(run, steps) if steps else None


def _descent(run: Interpreter, steps: list[tuple[ast.AST, float]]) -> Setting:
    """Return SGD of the rate that all steps have; refuse others, and steps up."""
    node, rate = steps[0]
    for other, its in steps:
        if its != rate:
            message = tr(
                "this step and the one in line {line} have different rates: which "
                "optimiser they are is not read",
                line=getattr(node, "lineno", 1),
            )
            raise run.fail(message, other, _hint())
    if rate < 0:
        message = tr("this step goes up the gradient: descent alone is here")
        raise run.fail(message, node, tr("change the sign of the step, or of the loss"))
    note = tr(
        "line {line}: the text moves its weights itself, by {rate} of the "
        "gradient: that is SGD",
        line=getattr(node, "lineno", 1),
        rate=f"{rate:g}",
    )
    run.notes += [note] * (note not in run.notes)
    return make_setting(run, "SGD", [rate], {}, node)


def _hint() -> str:
    return tr("write the step with an optimiser, as torch.optim.SGD or optax.sgd")


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


def _rate_of(node: ast.AST) -> tuple[ast.expr, ast.expr, int] | None:
    """Return the rate and the slope of a step, and whether it goes down with it (1)."""
    match node:
        case ast.BinOp(left, ast.Sub(), ast.BinOp(by, ast.Mult(), slope)) if not (
            isinstance(left, ast.Constant)
        ):
            return by, slope, 1
        case ast.AugAssign(_, ast.Sub(), ast.BinOp(by, ast.Mult(), slope)):
            return by, slope, 1
        case ast.AugAssign(_, ast.Add(), ast.BinOp(by, ast.Mult(), slope)) if (
            _is_gradient(slope)
        ):
            return by, slope, -1
        case ast.AugAssign(
            _, ast.Add(), ast.BinOp(ast.UnaryOp(ast.USub(), by), ast.Mult(), slope)
        ):
            return by, slope, 1
        case ast.AugAssign(
            _, ast.Add(), ast.UnaryOp(ast.USub(), ast.BinOp(by, ast.Mult(), slope))
        ):
            return by, slope, 1
        case ast.Call(
            ast.Attribute(attr="add_" | "sub_" as word),
            [slope],
            [ast.keyword("alpha", by)],
        ):
            return by, slope, -1 if word == "add_" else 1
    return None


def _is_gradient(slope: ast.expr) -> bool:
    """Whether an expression is what autograd leaves with a weight."""
    return any(
        isinstance(one, ast.Attribute) and one.attr == "grad" for one in ast.walk(slope)
    )
