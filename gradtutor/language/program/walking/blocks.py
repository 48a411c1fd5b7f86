"""Blocks of a program: without gradients as in ``no_grad``; loops, and their rounds."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradtutor.language.program.values import Scope
    from gradtutor.language.program.walking.interpreter import Interpreter

#: Blocks in which nothing gets a gradient.
QUIET = frozenset(("no_grad", "inference_mode"))


def is_quiet(run: Interpreter, call: ast.expr, scope: Any) -> bool:
    """Whether ``with`` this, or a function marked by it, works without gradients."""
    called = call.func if isinstance(call, ast.Call) else call
    name = getattr(called, "attr", getattr(called, "id", ""))
    given = call.args if isinstance(call, ast.Call) else []
    if name in QUIET:
        return not given or run.evaluate(given[0], scope) is not False
    off = name == "set_grad_enabled" and bool(given)
    return off and run.evaluate(given[0], scope) is False


# ---- loops ----

#: Rounds of one loop that are walked through, and steps of a walk.
MAX_ROUNDS = 2000
MOST_OF_A_LOOP = 60_000
#: Steps of a loop that has made no model yet: it prepares data.
MOST_OF_DATA = 6_000


class Spent:
    """What a loop has taken so far, outside of models."""

    def __init__(self, run: Interpreter) -> None:
        self.run, self.began = run, run.steps
        self.models = len(run.found.models)

    def enough(self) -> bool:
        """Whether no model is made by more rounds."""
        if self.run.tracer is not None:
            return False
        idle = len(self.run.found.models) == self.models
        most = MOST_OF_DATA if idle else MOST_OF_A_LOOP
        return self.run.steps - self.began > most


#: Names of how many examples a round takes.
BATCH = re.compile(r"(train_|mini_?|n_)?(batch_?(size)?|bs)", re.IGNORECASE)


def stride(run: Interpreter, node: ast.expr, scope: Scope) -> int | None:
    """Return 64 of ``range(0, len(x), 64)``, or of a step called like a batch."""
    while isinstance(node, ast.Call) and node.args:
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in ("range", "trange") and len(node.args) == 3:
            step = node.args[2]
            word = getattr(step, "attr", getattr(step, "id", ""))
            if not (isinstance(step, ast.Constant) or BATCH.fullmatch(word)):
                return None
            size = run.evaluate(step, scope)
            return size if type(size) is int and size > 1 else None
        node = node.args[0]
    return None


def rounds(run: Interpreter, statement: ast.While, scope: Scope) -> int | None:
    """Return how often ``while epoch < 10`` goes round, by its ``epoch += 1``."""
    match statement.test:
        case ast.Compare(ast.Name(name), [ast.Lt() | ast.LtE() as sign], [end]):
            first, last = scope.find(name), run.evaluate(end, scope)
        case _:
            return None
    steps = [
        part
        for part in statement.body
        if isinstance(part, ast.AugAssign)
        and isinstance(part.op, ast.Add)
        and isinstance(part.target, ast.Name)
        and part.target.id == name
        and isinstance(part.value, ast.Constant)
        and part.value.value == 1
    ]
    if len(steps) != 1 or type(first) is not int or type(last) is not int:
        return None
    return max(0, last - first + isinstance(sign, ast.LtE))
