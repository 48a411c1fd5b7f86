"""A loss of the program's own: worked out once more, on the traced outputs.

What ``loss.backward()`` is called on was kept with how it was made (`Work`): sums of
losses of several outputs, losses written as functions or modules. Here the same is done
with the outputs of the traced model and with targets as inputs, so that the graph goes
from the data to exactly what the program minimises.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import networkx as nx

from gradtutor.gates import ShapeMismatchError
from gradtutor.graph import add_input, copied
from gradtutor.language.errors import SourceError
from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.items import Item
from gradtutor.language.network.losses.judging import Judge
from gradtutor.language.network.losses.paired import (
    NO_PLACE,
    OUTPUT,
    NotItsOwnError,
    Places,
    is_output,
    is_own,
    leaves,
    pairs,
)
from gradtutor.language.network.losses.penalties import penalise
from gradtutor.language.program.array_values import Data, Work
from gradtutor.language.program.values import (
    Function,
    Instance,
    Library,
    Method,
    Setting,
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
        if net.penalties:
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
        return None
    if found.own is not None:
        output = Data(of=program.model, work=OUTPUT)
        return Work(found.own, (Data(), output), {}, program.run.source.tree)
    made = found.minimised.work if found.minimised is not None else None
    return made if found.changed_loss or is_own(made) else None


def _of_keras(program: Program) -> Work | None:
    """Return Σ wᵢ Lᵢ(yᵢ, outputᵢ) of compile(loss=[...], loss_weights=[...])."""
    total: Any = None
    tree = program.run.source.tree
    for place, (loss, weight) in enumerate(program.run.found.several):
        output = Data(of=program.model, path=(place,), work=OUTPUT)
        pair = (output, Data()) if isinstance(loss, Setting) else (Data(), output)
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
    places, known = _outputs(program, work), set(net.graph)
    targets = _given(program, work)
    targets |= _targets(program, net, work, places, targets, labels)
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
    name = "data_loss" if net.penalties else "loss"
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
            case Library() | Function() | Instance() | Setting() as call:
                return run.call(call, args, words, work.node)
        raise NotItsOwnError


# ---- outputs and targets ----


def _outputs(program: Program, work: Work) -> Places:
    """Return the traced outputs that a loss takes, by their place."""
    found = leaves(program, work).values()
    outputs = [one for one in found if is_output(program, one)]
    if not outputs or len({id(one.work) for one in outputs}) > 1:
        raise NotItsOwnError  # called twice, as a discriminator is
    given = program.output
    listed = list(given.values()) if isinstance(given, dict) else given
    parts = listed if isinstance(listed, list | tuple) else [listed]
    return {i: one for i, one in enumerate(parts) if isinstance(one, Tensor)}


def _given(program: Program, work: Work) -> Places:
    """Return the model's inputs where a loss compares with them, by identity."""
    found = leaves(program, work).values()
    calls = [one.work for one in found if is_output(program, one)]
    inputs = program.tracer.inputs
    many = min(len(inputs.shapes), len(calls[0].args)) if calls else 0
    places = {id(calls[0].args[i]): inputs.stand_in(i) for i in range(many)}
    node = program.run.source.tree
    return {
        key: program.tracer.tensor(one, node)
        for key, one in places.items()
        if any(key == id(leaf) for leaf in found)
    }


def _targets(
    program: Program,
    net: Builder,
    work: Work,
    places: Places,
    known: Places,
    labels: bool | None,
) -> Places:
    """Append ``y`` for what a loss compares with: one target, or several side by side.

    Each has the shape of the output that it meets first; a loss of classes takes
    labels.
    """
    wanted = pairs(program, work, known)
    at = Item("own", {}, (0, 1), "y")
    if not wanted:
        if not known:
            raise NotItsOwnError
        return {}
    shapes = []
    for output, labelled in wanted.values():
        if output == NO_PLACE and labels is False:
            raise NotItsOwnError  # a label for a pair
        tensor = places.get(max(output, 0))
        if tensor is None or tensor.steps:
            raise NotItsOwnError
        shapes.append((tensor, labelled))
    if len(shapes) > 1:
        return _side_by_side(net, at, wanted, shapes)
    ((tensor, labelled),) = shapes
    size = net.graph.nodes[tensor.node]["shape"]
    shape, order = size, tensor.order
    if labelled or labels is not False:
        if len(size) != 2:
            raise NotItsOwnError
        row = labels is None and not labelled
        shape, order = (size[:1], (0,)) if not row else ((*size[:1], 1), (0, 1))
    y = add_input(net.graph, "y", shape, role="label")
    return dict.fromkeys(wanted, Tensor(y, order))


def _side_by_side(
    net: Builder,
    at: Item,
    wanted: dict[int, tuple[int, bool]],
    shapes: Sequence[tuple[Tensor, bool]],
) -> Places:
    """Cut ``y`` (N, all numbers) into its targets, in the order of the outputs."""
    widths = []
    for tensor, labels in shapes:
        size = net.graph.nodes[tensor.node]["shape"]
        if len(size) not in (1, 2) or tensor.order != tuple(range(len(size))):
            raise NotItsOwnError
        widths.append(1 if labels or len(size) == 1 else int(size[1]))
    y = add_input(net.graph, "y", ("N", sum(widths)), role="label")
    found: Places = {}
    start = 0
    for key, (tensor, labels), width in zip(wanted, shapes, widths, strict=True):
        cuts = ((0, None, 1), (start, start + width, 1))
        part = net.gate("slice", y, layer=at, cuts=cuts)
        flat = labels or len(net.graph.nodes[tensor.node]["shape"]) == 1
        part = net.reshape(part, ("N",), at) if flat else part
        found[key] = Tensor(part, (0,) if flat else (0, 1))
        start += width
    return found
