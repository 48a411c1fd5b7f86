"""The loss of a network: its target, the stable form of it, and regularisation."""

from __future__ import annotations

from typing import Any

from gradtutor.gates import Shape, show_shape
from gradtutor.graph import add_input
from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.items import Item
from gradtutor.language.network.losses.composed import COMPOSED, smoothed, summed
from gradtutor.language.network.losses.penalties import penalise, regularise
from gradtutor.language.network.losses.weighting import WEIGHTS, is_weighted, weighted
from gradtutor.messages import tr

#: Losses of labels (N,), by which row is right.
LABELLED = {"cross_entropy", "nll_loss", "svm_loss"}
#: What a last layer and a loss of its probabilities are together, from the logits.
STABLE = {
    ("softmax", "cross_entropy"): "cross_entropy",
    ("log_softmax", "cross_entropy"): "cross_entropy",
    ("log_softmax", "log_likelihood"): "cross_entropy",
    ("sigmoid", "binary_cross_entropy"): "bce_with_logits",
}
#: Layers that squash, and the losses that would do it a second time.
TWICE = {
    ("softmax", "cross_entropy"): "softmax",
    ("log_softmax", "cross_entropy"): "log-softmax",
    ("sigmoid", "bce_with_logits"): "sigmoid",
}
#: Layers that leave numbers of 0 to 1, and the losses that take logits of any size.
SQUEEZED = {("sigmoid", "cross_entropy"), ("softmax", "bce_with_logits")}
SQUASHING = ("softmax", "log_softmax", "sigmoid")
#: Losses of probabilities, as their gates take them.
OF_PROBABILITIES = ("binary_cross_entropy", "nll_loss")


def folded_loss(
    net: Builder, loss: Item, layers: list[Item]
) -> tuple[Item, list[Item]]:
    """Compute a last Softmax or Sigmoid inside the loss, from logits, and say so.

    Only where the loss takes probabilities: PyTorch's ``CrossEntropyLoss`` takes
    logits, so that a Softmax before it is a second one, computed as it is written.
    """
    last, logits = layers[-1], loss.arguments.get("from_logits")
    if logits not in (None, True, False):
        raise net.fail(
            tr("from_logits is True or False, not {logits!r}", logits=logits), loss
        )
    _warn_of_two(net, layers)
    if loss.arguments.get("keras") and loss.kind == "cross_entropy":
        loss = _keras_loss(net, loss, last, logits)
    elif logits and loss.kind == "binary_cross_entropy":
        loss = _replaced(loss, "bce_with_logits")
    stable = STABLE.get((last.kind, loss.kind))
    if stable and len(layers) > 1 and not _squashes_again(loss, last):
        check_classes(net, last)
        name = last.kind.title().replace("_", "")  # log_softmax: LogSoftmax
        net.notes.append(
            tr("the last {name} is computed inside the loss, stably", name=name)
        )
        return _replaced(loss, stable), layers[:-1]
    if loss.kind == "log_likelihood" and last.kind in ("softmax", "sigmoid"):
        net.notes.append(
            tr(
                "warning: {name} takes logarithms of probabilities, {last} gives the "
                "probabilities: the loss is minus the right one, as the text says; "
                "this is almost surely a mistake. Write LogSoftmax(dim=1)",
                name=loss.name,
                last=last.name,
            )
        )
        return _replaced(loss, "nll_loss", logarithms=True), layers
    if loss.kind == "log_likelihood":
        hint = tr("end with LogSoftmax(dim=1), or use CrossEntropyLoss()")
        raise net.fail(
            tr("{name} takes logarithms of probabilities", name=loss.name), loss, hint
        )
    _warn(net, loss, last)
    return loss, layers


def _replaced(loss: Item, kind: str, **arguments: Any) -> Item:
    words = ("smoothing", "sum", "plain_mean", *WEIGHTS)
    kept = {k: loss.arguments[k] for k in words if k in loss.arguments}
    return Item(kind, {**kept, **arguments}, loss.span, loss.name)


def _squashes_again(loss: Item, last: Item) -> bool:
    """Whether the loss squashes outputs that the last layer has squashed."""
    takes_logits = not loss.arguments.get("probabilities")
    return (last.kind, loss.kind) in TWICE and takes_logits


def check_classes(net: Builder, last: Item) -> None:
    """Refuse a last Softmax over the batch: the classes are the rows' last axis."""
    dim, axis = (last.arguments.get(key) for key in ("dim", "axis"))
    if dim == 0 or axis == 0:
        message = tr("{name} is over the classes, or the channels", name=last.name)
        raise net.fail(message, last, tr("write dim=1, or leave it out"))


# ---- Keras's cross-entropies of probabilities ----


def _keras_loss(net: Builder, loss: Item, last: Item, logits: bool | None) -> Item:
    """Return a categorical cross-entropy as Keras reads its outputs.

    With ``from_logits=False``, the default, they are probabilities: a Softmax's, or
    any numbers, which Keras divides by their sum.
    """
    if logits:
        return _replaced(loss, "cross_entropy")
    if last.kind == "softmax":
        return _replaced(loss, "cross_entropy", probabilities=True)
    if logits is False or last.kind == "sigmoid":
        net.notes.append(
            tr(
                "warning: {name} takes the outputs of {last} as probabilities "
                "and divides them by their sum, as Keras does: end with a "
                "Softmax, or write from_logits=True",
                name=loss.name,
                last=last.name,
            )
        )
        return _replaced(loss, "cross_entropy", divided=True)
    net.notes.append(
        tr(
            "warning: {name} takes the outputs as logits: no Softmax is at "
            "the end. Keras would clip them into 0 to 1 and not learn: write "
            "from_logits=True",
            name=loss.name,
        )
    )
    return _replaced(loss, "cross_entropy")


def _warn(net: Builder, loss: Item, last: Item) -> None:
    """Note what is odd about a loss and the layer before it."""
    twice = TWICE.get((last.kind, loss.kind))
    if twice:
        net.notes.append(
            tr(
                "warning: {name} takes logits, but {last} squashes them first: "
                "{twice} is applied twice, as the text says; this is almost "
                "surely a mistake. Leave the last {last} out",
                name=loss.name,
                last=last.name,
                twice=twice,
            )
        )
    if (last.kind, loss.kind) in SQUEEZED and not loss.arguments.get("divided"):
        net.notes.append(
            tr(
                "warning: {name} takes logits, which are any numbers, but {last} "
                "leaves only 0 to 1: this is almost surely a mistake. Leave the last "
                "{last} out",
                name=loss.name,
                last=last.name,
            )
        )
    if loss.kind in OF_PROBABILITIES and last.kind not in ("softmax", "sigmoid"):
        net.notes.append(
            tr("{name} takes probabilities: outputs must be 0 to 1", name=loss.name)
        )


def _warn_of_two(net: Builder, layers: list[Item]) -> None:
    """Note a Softmax or a Sigmoid that squashes what one before it has squashed."""
    squashing = [one for one in layers[-2:] if one.kind in SQUASHING]
    if len(squashing) == 2:
        net.notes.append(
            tr(
                "warning: {last} squashes what {first} has squashed: both are applied, "
                "as the text says; this is almost surely a mistake. Leave one out",
                first=squashing[0].name,
                last=squashing[1].name,
            )
        )


def _warn_single(net: Builder, last: Item, width: Any) -> None:
    """Note a Softmax over one output, which is 1 whatever the weights are."""
    if last.kind in ("softmax", "log_softmax") and width == 1:
        value = "1" if last.kind == "softmax" else "0"
        net.notes.append(
            tr(
                "warning: {name} over one output is always {value}, and nothing "
                "is learnt: end with Sigmoid() and a binary cross-entropy",
                name=last.name,
                value=value,
            )
        )


def add_loss(
    net: Builder, loss: Item, regulariser: Item | None, last: Item, classes: int | None
) -> None:
    """Append loss = L(prediction, y), plus what regularisation adds."""
    prediction, shape = net.node, net.shape
    _warn_single(net, last, shape[-1])
    _check_outputs(net, last, shape, loss, classes)
    target = _target(net, loss, prediction, shape, classes)
    plain = regulariser is None and not (net.penalties or net.added)
    name = "loss" if plain else "data_loss"
    if loss.arguments.get("divided"):  # softmax(log p) = p / Σ p
        prediction = net.gate("log", prediction, layer=loss)
    if loss.arguments.get("logarithms"):  # -log(exp z) at the label is -z there
        prediction = net.gate("exp", prediction, layer=loss)
    smoothing = loss.arguments.get("smoothing")
    if is_weighted(loss):
        net.node = weighted(net, loss, prediction, target, name)
    elif smoothing and loss.kind == "cross_entropy":
        net.node = smoothed(net, loss, prediction, target, name)
    elif loss.kind in COMPOSED:
        net.node = COMPOSED[loss.kind](net, loss, prediction, target, name)
    else:
        net.node = net.gate(loss.kind, prediction, target, layer=loss, name=name)
    if loss.arguments.get("sum"):
        net.node = summed(net, loss, prediction, LABELLED)
    if regulariser is not None:
        regularise(net, regulariser)
    if net.penalties or net.added:
        penalise(net, loss)
    net.graph.graph["output"] = net.node


def _check_outputs(
    net: Builder, last: Item, shape: Shape, loss: Item, classes: int | None
) -> None:
    outputs = shape[-1]
    if len(shape) == 2 and outputs == 1 and loss.kind in LABELLED:
        message = tr(
            "{name} takes one output a class, the network has {outputs}",
            name=loss.name,
            outputs=outputs,
        )
        hint = tr("end with Linear(2), or with Sigmoid() and BCELoss()")
        raise net.misfit(message, last, hint)
    binary = classes == 2 and outputs == 1 and loss.kind not in LABELLED
    if len(shape) > 2 and (classes is not None or loss.kind in LABELLED):
        raise net.misfit(
            tr(
                "the network ends with {shape}, the loss takes rows (N, classes)",
                shape=show_shape(shape),
            ),
            last,
            tr("put Flatten() and a Linear layer at the end"),
        )
    if classes is not None and outputs != classes and not binary:
        message = tr(
            "the network has {outputs} outputs, the data {classes} classes",
            outputs=outputs,
            classes=classes,
        )
        raise net.misfit(
            message, last, tr("end with Linear({classes})", classes=classes)
        )


def _target(
    net: Builder, loss: Item, prediction: str, shape: Shape, classes: int | None
) -> str:
    """Append y, and what the loss compares with: labels, rows, or the target itself."""
    labels = loss.kind in LABELLED or classes is not None
    steps = str(shape[0]).removesuffix("*N")
    if labels and steps.isdigit() and steps != shape[0]:  # a class at every step
        add_input(net.graph, "y", ("N", int(steps)), role="label", span=loss.span)
        return net.reshape("y", (-1,), loss)
    y = add_input(
        net.graph, "y", shape[:-1] if labels else shape, role="label", span=loss.span
    )
    if loss.kind in LABELLED or not labels:
        return y
    if shape[-1] == 1:
        target = net.reshape(y, (-1, 1), loss, name="t")
    else:
        target = net.gate("one_hot", y, prediction, layer=loss, name="t")
    if loss.kind == "hinge_loss":  # labels 0 and 1 as -1 and 1
        twice = net.gate("mul", net.number(2.0), target, layer=loss)
        target = net.gate("sub", twice, net.number(1.0), layer=loss)
    return target
