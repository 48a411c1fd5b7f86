"""Parameters of a program's own: nn.Parameter, add_weight, requires_grad=True."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Filled
from gradtutor.language.program.values import Weight
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter


def run_weight(run: Interpreter, shape: Any, node: ast.AST, start: str) -> Any:
    """Make a parameter; its sizes must be numbers."""
    sizes = tuple(shape) if isinstance(shape, list | tuple) else (shape,)
    if not all(type(size) is int and size > 0 for size in sizes):
        return run.unknown(tr("the sizes of this parameter are not in the text"), node)
    word = start.lower()
    kind = "zeros" if "zero" in word else "ones" if "one" in word else "uniform"
    return Weight(sizes, run.span(node), kind)


def as_weight(run: Interpreter, value: Any, node: ast.AST) -> Any:
    """Return an array that is trained: torch.randn(3, 4, requires_grad=True)."""
    shape = getattr(value, "shape", None)
    if shape is None or not all(type(one) is int and one > 0 for one in shape):
        return value
    start = value.value if isinstance(value, Filled) else None
    word = {0.0: "zeros", 1.0: "ones"}.get(start, "uniform")  # type: ignore[arg-type]
    return run_weight(run, tuple(shape), node, word)
