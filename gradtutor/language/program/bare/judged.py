"""What the lines of a loop compare with targets: a loss's first argument, an error."""

from __future__ import annotations

import ast

from gradtutor.language.program.models.called_losses import FUNCTIONAL_LOSSES


def judged(
    loop: ast.For | ast.While, weights: set[str]
) -> tuple[ast.expr, set[str], ast.AST, str] | None:
    """Return what a loss is called on, or what a target is taken from."""
    made = {
        target.id
        for one in loop.body
        if isinstance(one, ast.Assign)
        for target in one.targets
        if isinstance(target, ast.Name)
    }
    scores = _scores(loop.body)
    for one in loop.body:
        for node in ast.walk(one):
            match node:
                case ast.Call(func, [output, target, *_]):
                    name = getattr(func, "attr", getattr(func, "id", ""))
                    if name in FUNCTIONAL_LOSSES:
                        return output, names_of(target), node, name
                case ast.Subscript(ast.Name(name), ast.Tuple([_, truth])) if (
                    name in scores
                ):
                    return scores[name], names_of(truth), node, "CrossEntropyLoss"
                case ast.BinOp(ast.Name(a), ast.Sub(), ast.Name(b)):
                    for one_side, other in ((a, b), (b, a)):
                        free = other not in made and other not in weights
                        if one_side in made and free and one_side not in weights:
                            loss = _squares(one)
                            found = ast.Name(one_side, ast.Load())
                            return found, {other}, node, loss
    return None


def _squares(line: ast.stmt) -> str:
    """Return the loss that a line with a difference is: its squares, put together."""
    words = {getattr(one, "attr", getattr(one, "id", "")) for one in ast.walk(line)}
    powers = any(isinstance(one, ast.Pow) for one in ast.walk(line))
    if not powers and words.isdisjoint(("square", "pow", "power")):
        return ""
    return "sum" if "sum" in words else "mean" if "mean" in words else ""


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
