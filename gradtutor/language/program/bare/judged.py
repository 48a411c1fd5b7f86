"""What the lines of a loop compare with targets: a loss's first argument, an error."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradtutor.language.program.models.called_losses import FUNCTIONAL_LOSSES
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

#: The output, the target's names, where they are compared, the loss, the statement's
#: place in the loop.
Judged = tuple[ast.expr, set[str], ast.AST, str, int]


def judged(
    run: Interpreter, loop: ast.For | ast.While, weights: set[str]
) -> Judged | None:
    """Return what a loss is called on, or what a target is taken from.

    Raises
    ------
    SourceError
        When several pairs are compared, or one under a condition.
    """
    found = [
        (*one, place)
        for place, line in enumerate(loop.body)
        for one in _compared(run, loop, line, weights)
    ]
    if not found:
        return None
    first = found[0]
    for one in found[1:]:
        if _pair(one) != _pair(first):
            message = tr(
                "lines {line} and {other} both compare something with data: which is "
                "the network's output is not read",
                line=getattr(first[2], "lineno", 1),
                other=getattr(one[2], "lineno", 1),
            )
            raise run.fail(message, one[2], tr("write the network as a class"))
    plain = ast.Assign | ast.AugAssign | ast.Expr
    own = [one for one in found if isinstance(loop.body[one[4]], plain)]
    if not own:
        message = tr("the output is compared under a condition: that is not read")
        raise run.fail(message, first[2], tr("write the network as a class"))
    return own[0]


def _pair(found: Judged) -> tuple[str, frozenset[str], bool]:
    kind = found[3] if found[3] else ""
    return ast.unparse(found[0]), frozenset(found[1]), bool(kind)


def _compared(
    run: Interpreter, loop: ast.For | ast.While, line: ast.stmt, weights: set[str]
) -> list[tuple[ast.expr, set[str], ast.AST, str]]:
    """Return the outputs and targets that a line compares."""
    made = {
        target.id
        for one in loop.body
        if isinstance(one, ast.Assign)
        for target in one.targets
        if isinstance(target, ast.Name)
    }
    scores, found = _scores(loop.body), list[tuple[ast.expr, set[str], ast.AST, str]]()
    for node in ast.walk(line):
        match node:
            case ast.Call(func, [output, target, *_]):
                name = getattr(func, "attr", getattr(func, "id", ""))
                if name in FUNCTIONAL_LOSSES:
                    found.append((output, names_of(target), node, name))
            case ast.Subscript(ast.Name(name), ast.Tuple([_, truth])) if name in scores:
                loss = "CrossEntropyLoss"
                found.append((scores[name], names_of(truth), node, loss))
            case ast.BinOp(ast.Name(a), ast.Sub(), ast.Name(b)):
                for one, other in ((a, b), (b, a)):
                    free = other not in made and other not in weights
                    number = isinstance(run.scope.find(other), int | float)
                    if one in made and one not in weights and free and not number:
                        found.append((ast.Name(one, ast.Load()), {other}, node, ""))
    return found


def _scores(body: list[ast.stmt]) -> dict[str, ast.expr]:
    """Return what probabilities are made of: e / sum(e), e = exp(scores)."""
    values: dict[str, ast.expr] = {}
    for one in body:
        match one:
            case ast.Assign([ast.Name(name)], value):
                values[name] = value
    found: dict[str, ast.expr] = {}
    for name, value in values.items():
        match value:
            case ast.BinOp(ast.Name(e), ast.Div()) if e in values:
                match values[e]:
                    case ast.Call(ast.Attribute(attr="exp"), [ast.Name() as scores]):
                        found[name] = scores
                    case ast.Call(
                        ast.Attribute(attr="exp"),
                        [ast.BinOp(ast.Name() as scores, ast.Sub())],
                    ):
                        found[name] = scores
    return found


def names_of(node: ast.AST) -> set[str]:
    """Return the names that a piece of text has."""
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
