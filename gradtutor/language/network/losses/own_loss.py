"""A loss of the program's own: worked out once more, on the traced outputs.

What ``loss.backward()`` is called on was kept with how it was made (`Work`): sums of
losses of several outputs, losses written as functions or modules. Here the same is done
with the outputs of the traced model and with targets as inputs, so that the graph goes
from the data to exactly what the program minimises.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import networkx as nx

from gradtutor.gates import ShapeMismatchError
from gradtutor.graph import copied
from gradtutor.language.errors import SourceError
from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.items import Item
from gradtutor.language.network.losses.judging import Judge
from gradtutor.language.network.losses.paired import (
    OUTPUT,
    NotItsOwnError,
    Places,
    is_output,
    is_own,
)
from gradtutor.language.network.losses.penalties import penalise
from gradtutor.language.network.losses.targets import given_of, outputs_of, targets_of
from gradtutor.language.program.array_values import Data, Work
from gradtutor.language.program.held.freezing import keep
from gradtutor.language.program.values import (
    Function,
    Functional,
    Instance,
    Layer,
    Library,
    Method,
    Setting,
    Stack,
    Tensor,
    Unknown,
)

if TYPE_CHECKING:
    from gradtutor.language.program.reading import Program


def own_loss(program: Program, net: Builder) -> bool:
    """Append the loss as the program has it; return whether it could be read."""
    work = _asked(program)
    if work is None:
        return False
    for labels in (False, True, None):
        before = copied(net.graph)
        try:
            net.node = _traced(program, net, work, labels=labels)
        except (NotItsOwnError, SourceError, ShapeMismatchError):
            net.graph = before
            continue
        if net.penalties or net.added:
            penalise(net, Item("own", {}, (0, 1), "loss"))
        net.graph.graph["output"] = net.node
        return True
    return False


# ---- what is minimised ----


def _asked(program: Program) -> Work | None:
    """Return how what a program minimises is made, where that is more than one loss."""
    found = program.run.found
    if found.several:
        return _of_keras(program)
    loss = found.compiled.get("loss")
    if loss is not None:
        return _weighed(program, loss) if found.sample_weight is not None else None
    if found.own is not None:
        output = Data(of=program.model, work=OUTPUT)
        return Work(found.own, (Data(), output), {}, program.run.source.tree)
    by_model = found.minimised_by.get(id(program.model), ())
    if by_model and len(found.minimised_by) > 1:  # a generator, and what judges it
        return _sum(list(by_model), program)
    made = found.minimised.work if found.minimised is not None else None
    return made if found.changed_loss or is_own(made) else None


def _sum(losses: list[Data], program: Program) -> Work | None:
    """Return the sum of what one step of an optimiser is taken by."""
    total, *rest = losses
    for one in rest:
        work = Work(ast.Add(), (total, one), {}, program.run.source.tree.body[0])
        total = Data(work=work)
    made: Work | None = total.work
    return made


def _weighed(program: Program, loss: Setting) -> Work:
    """Return Σ wᵢ Lᵢ / N of ``fit(x, y, sample_weight=w)``, as Keras has it."""
    tree = program.run.found.sample_weight
    given = {**loss.item.arguments, "rows": True, "keras": True}
    item = Item(loss.item.kind, given, loss.item.span, loss.item.name)
    output = Data(of=program.model, work=OUTPUT)
    rows = Work(Setting("loss", item, loss.text), (output, Data()), {}, tree)
    each = Data(work=Work(ast.Mult(), (Data(), Data(work=rows)), {}, tree))
    return Work(Library("numpy.mean"), (each,), {}, tree)


def _of_keras(program: Program) -> Work | None:
    """Return Σ wᵢ Lᵢ(yᵢ, outputᵢ) of compile(loss=[...], loss_weights=[...])."""
    total: Any = None
    tree = program.run.source.tree.body[0]
    for place, (loss, weight) in enumerate(program.run.found.several):
        output = Data(of=program.model, path=(place,), work=OUTPUT)
        if isinstance(loss, Setting):  # an object of Keras takes the truth first
            loss, pair = replace(loss, truth_first=False), (output, Data())
        else:
            pair = (Data(), output)
        part: Any = Data(work=Work(loss, pair, {}, tree))
        if weight != 1:
            part = Data(work=Work(ast.Mult(), (float(weight), part), {}, tree))
        if total is not None:
            part = Data(work=Work(ast.Add(), (total, part), {}, tree))
        total = part
    return total.work if total is not None else None


# ---- worked out once more ----


def _traced(program: Program, net: Builder, work: Work, *, labels: bool | None) -> str:
    """Append the loss; a target that a function of the text takes is as an output is.

    Or a label an example, or a row of one: whichever keeps the examples apart.
    """
    run, tracer = program.run, program.tracer
    places, known = outputs_of(program, work), set(net.graph)
    targets = given_of(program, work)
    targets |= targets_of(program, net, work, places, targets, labels)
    before, run.tracer = run.tracer, tracer
    tracer.judging, tracer.loss = True, Judge(tracer)  # type: ignore[method-assign]
    try:
        made = _Replay(program, places, targets).value(Data(work=work))
        loss = tracer.tensor(made, work.node)
    finally:
        run.tracer, tracer.judging = before, False
    if loss.order:
        if run.library != "keras":
            raise NotItsOwnError  # PyTorch differentiates one number alone
        loss = tracer.function("mean", [loss], {}, work.node)
    name = "data_loss" if net.penalties or net.added else "loss"
    if name in net.graph or any(_mixes(net, one) for one in set(net.graph) - known):
        raise NotItsOwnError
    nx.relabel_nodes(net.graph, {loss.node: name}, copy=False)
    net.graph.nodes[name]["name"] = name
    return name


def _mixes(net: Builder, node: str) -> bool:
    """Whether a value has a number for each pair of examples: (N,) beside (N, 1)."""
    shape = net.graph.nodes[node]["shape"] or ()
    return sum(isinstance(size, str) for size in shape) > 1


class _Replay:
    """Works out data once more, with tensors for outputs and targets."""

    def __init__(self, program: Program, places: Places, targets: Places) -> None:
        self.program, self.places, self.targets = program, places, targets
        self.known: dict[int, Any] = {}

    def value(self, one: Any) -> Any:
        """Return what stands for a value while the loss is traced."""
        if isinstance(one, list | tuple):
            return type(one)(map(self.value, one))
        if id(one) in self.targets:
            return self.targets[id(one)]
        if isinstance(one, Unknown):
            raise NotItsOwnError
        if not isinstance(one, Data):
            return one
        if is_output(self.program, one):
            return self._output(one)
        if one.work is None:
            return one
        if id(one.work) not in self.known:
            self.known[id(one.work)] = self._again(one.work)
        return self.known[id(one.work)]

    def _output(self, one: Data) -> Any:
        found: Any = self.places
        for step in one.path or ((0,) if isinstance(found, dict) else ()):
            if not isinstance(found, dict) or step not in found:
                raise NotItsOwnError
            found = found[step]
        return found

    def _again(self, work: Work) -> Any:
        run = self.program.run
        args = [self.value(one) for one in work.args]
        words = {key: self.value(one) for key, one in work.keywords.items()}
        match work.call:
            case ast.operator() as op:
                return run.tracer.binary(op, *args, work.node)
            case Method(_, str(name)):
                if args[0] is None or not isinstance(args[0], Tensor):
                    raise NotItsOwnError
                return run.tracer.function(name, args, words, work.node)
            case Library() | Function() | Setting() as call:
                return run.call(call, args, words, work.node)
            case Instance() | Stack() | Functional() | Layer() as call:
                keep(run, call, work.node)
                return run.call(call, args, words, work.node)
        raise NotItsOwnError
