"""The whole loss of a Keras model that says itself how it is trained: ``train_step``.

Traced from the data to what ``tape.gradient`` is asked of: of a variational autoencoder
the reconstruction's loss and the divergence (Kingma & Welling 2014).
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import networkx as nx

from gradtutor.gates import ShapeMismatchError
from gradtutor.language.errors import SourceError
from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.items import Item
from gradtutor.language.network.losses.judging import Judge
from gradtutor.language.program.held.paths import layer_paths
from gradtutor.language.program.values import Function, Instance, Tensor
from gradtutor.language.program.walking.calling import call_method
from gradtutor.language.tracing.tracer import PredictionFound, Tracer

if TYPE_CHECKING:
    from gradtutor.language.program.reading import Program


def with_train_step(program: Program, *, training: bool) -> Program | None:
    """Return the program traced as far as its loss; None where it has none to trace."""
    step = _step_of(program)
    if step is None:
        return None
    run = program.run
    net = Builder(run.source, training=training)
    net.library, net.paths = run.library, layer_paths(program.model)
    net.notes = list(program.net.notes)
    tracer = Tracer(run, net, program.shape)
    judge = _First(tracer)
    tracer.judging = tracer.until_gradient = True
    tracer.loss = judge  # type: ignore[method-assign]
    before, run.tracer = run.tracer, tracer
    try:
        given = [tracer.inputs.stand_in(0)]
        call_method(run, program.model, "train_step", given, {}, step.node)
    except PredictionFound as found:
        made = _ended(tracer, found.tensor, step.node)
    except (SourceError, ShapeMismatchError):
        return None
    else:
        return None
    finally:
        run.tracer, tracer.judging = before, False
    if not made or judge.output is None:
        return None
    output = judge.output
    return replace(program, net=net, tracer=tracer, prediction=output, output=output)


def _step_of(program: Program) -> Function | None:
    """Return the text's own ``train_step``, where no loss is compiled."""
    model, found = program.model, program.run.found
    cls = model.cls if isinstance(model, Instance) else None
    step = cls.method("train_step") if cls is not None else None
    own = isinstance(step, Function) and not found.compiled.get("loss")
    return step if own and program.run.library == "keras" else None


def _ended(tracer: Tracer, loss: Tensor, node: ast.AST) -> bool:
    """Give the graph its output; whether that is one number."""
    if loss.order:
        loss = tracer.function("mean", [loss], {}, node)
    net = tracer.net
    if net.graph.nodes[loss.node]["shape"] != ():
        return False
    nx.relabel_nodes(net.graph, {loss.node: "loss"}, copy=False)
    net.graph.nodes["loss"]["name"] = net.node = "loss"
    net.graph.graph["output"] = "loss"
    tracer.inputs.join()
    return True


class _First(Judge):
    """Appends losses, and keeps the output that the first of them is given."""

    output: Tensor | None = None

    def __call__(self, item: Item, args: Sequence[Any], node: ast.AST) -> Any:
        """Append a loss."""
        first = args[0] if args else None
        if self.output is None and isinstance(first, Tensor):
            self.output = first
        return super().__call__(item, args, node)
