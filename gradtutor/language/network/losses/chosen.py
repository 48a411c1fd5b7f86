"""Which loss a program's network is trained by, where it is one of the usual ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradtutor.language.layers.items import Item
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.reading import Program


def last_layer(program: Program) -> Item:
    """Return the layer that makes the prediction, if it is a Softmax or Sigmoid."""
    found = program.tracer.squashed.get(program.prediction.node)
    data = program.net.graph.nodes[program.prediction.node]
    return (
        found[0]
        if found
        else Item("linear", {}, data["span"] or (0, 1), tr("the network"))
    )


def layer_before(program: Program) -> Item:
    """Return the layer before the last Softmax, if it is one itself."""
    squashed = program.tracer.squashed
    found = squashed.get(program.prediction.node)
    before = squashed.get(found[1].node) if found else None
    return before[0] if before else Item("linear")


def usual_loss(program: Program, classes: int | None) -> Item:
    """Return the loss; for a program without one, what such a network is trained by."""
    if program.loss is not None and not _is_judged_by_another(program):
        return _counted(program, program.loss.item)
    last, sizes = last_layer(program), program.tracer.sizes(program.prediction)
    if last.kind in ("softmax", "log_softmax"):
        kind, name = (
            "log_likelihood" if last.kind[0] == "l" else "cross_entropy",
            "NLLLoss",
        )
        given = {"probabilities": True}
    elif last.kind == "sigmoid":
        kind, name, given = "binary_cross_entropy", "BCELoss", {}
    elif len(sizes) != 2 or sizes[-1] == 1:
        kind, name, given = "mse_loss", "MSELoss", {}
    else:
        kind, name, given = "cross_entropy", "CrossEntropyLoss", {}
    note = tr("the program has no loss: {name} is taken", name=name)
    unknown = [path for path in program.run.found.ignored if is_loss(path)]
    if unknown:
        written = unknown[0].rpartition(".")[2]
        note = tr(
            "warning: {name} is not here: {near} is taken instead",
            name=written,
            near=name,
        )
    elif program.loss is not None:
        note = tr(
            "warning: this model is trained by the loss of another one's output, which "
            "is not read: {name} is taken",
            name=name,
        )
    elif program.run.found.steps:  # it trains by something
        note = tr(
            "warning: what this program trains by is an expression that is not read: "
            "{name} is taken",
            name=name,
        )
    program.net.notes.append(note)
    return Item(kind, given, last.span, name)


def _is_judged_by_another(program: Program) -> bool:
    """Whether the loss is of another model's output, as a generator's is."""
    found, model = program.run.found, id(program.model)
    if found.compiled_by and not found.losses_used:
        return model not in found.compiled_by
    several = model in found.minimised_by and len(found.minimised_by) > 1
    return several and bool(found.outputs) and model not in found.outputs


def is_loss(path: str) -> bool:
    """Whether a library's call is named as a loss is, or stands among its losses."""
    *rooms, name = path.split(".")
    return name.lower().endswith("loss") or "losses" in rooms


def _counted(program: Program, loss: Item) -> Item:
    """Return the loss with the class weights that ``fit`` is given."""
    weights = program.run.found.class_weight
    if not weights:
        return loss
    given = {"class_weights": weights, "plain_mean": True}
    return Item(loss.kind, {**loss.arguments, **given}, loss.span, loss.name)
