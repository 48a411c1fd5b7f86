"""Which of a model's outputs the loss takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradtutor.language.program.traces import node_of
from gradtutor.language.program.values import (
    Tensor,
)
from gradtutor.language.program.walking.interpreter import Interpreter
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer


def _compares(run: Interpreter) -> bool:
    """Whether the loss takes two outputs and how alike they are."""
    return any(one.item.kind == "cosine_embedding" for one in run.found.settings)


def _listed(output: Any) -> list[Any]:
    values = output.values() if isinstance(output, dict) else output
    return list(values) if isinstance(output, dict | list | tuple) else []


def prediction_of(
    run: Interpreter, model: Any, output: Any, shape: tuple[int, ...], tracer: Tracer
) -> Tensor:
    """Return the output that the loss takes; of several a reconstruction, the first."""
    pair = [one for one in _listed(output) if isinstance(one, Tensor)][:2]
    if len(pair) == 2 and _compares(run):
        return tracer.similarity(pair[0], pair[1], run.source.tree)
    for step in run.found.outputs.get(id(model), ()):
        if isinstance(output, list | tuple) and step < len(output):
            output = output[step]
    if isinstance(output, dict):
        output = list(output.values())
    if isinstance(output, list | tuple):
        tensors = [one for one in output if isinstance(one, Tensor)]
        same = [one for one in tensors if tracer.sizes(one)[1:] == tuple(shape)]
        found = same or tensors
        output = found[0] if found else None
    if not isinstance(output, Tensor) or tracer.is_input(output):
        reason = getattr(output, "reason", "")
        message = tr("what the model returns is not made of its input by layers")
        raise run.fail(message, node_of(run, model), reason)
    whole = tracer.joined(output, run.source.tree) if output.steps else output
    return tracer.examples_first(whole)
