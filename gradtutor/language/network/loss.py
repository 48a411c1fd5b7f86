"""The loss of a network: its target, the stable form of it, and regularisation."""

from __future__ import annotations

import math
from typing import Any

from gradtutor.gates import Shape, show_shape
from gradtutor.graph import add_gate, add_input, inputs
from gradtutor.language.builder import Builder
from gradtutor.language.layers.items import Item

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
TWICE = {("softmax", "cross_entropy"), ("sigmoid", "bce_with_logits")}


def folded_loss(
    net: Builder, loss: Item, layers: list[Item]
) -> tuple[Item, list[Item]]:
    """Compute a last Softmax or Sigmoid inside the loss, from logits, and say so."""
    last, logits = layers[-1], loss.arguments.get("from_logits")
    if logits not in (None, True, False):
        raise net.fail(f"from_logits is True or False, not {logits!r}", loss)
    stable = STABLE.get((last.kind, loss.kind))
    if stable and not logits and len(layers) > 1:
        name = last.kind.title().replace("_", "")  # log_softmax: LogSoftmax
        net.notes.append(f"the last {name} is computed inside the loss, stably")
        return Item(stable, {}, loss.span, loss.name), layers[:-1]
    if loss.kind == "log_likelihood":
        hint = "end with LogSoftmax(dim=1), or use CrossEntropyLoss()"
        raise net.fail(f"{loss.name} takes logarithms of probabilities", loss, hint)
    kind = _unfolded(net, loss, last, logits)
    return Item(kind, {}, loss.span, loss.name), layers


def _unfolded(net: Builder, loss: Item, last: Item, logits: bool | None) -> str:
    """Return the loss's gate for outputs that are not folded in; note what is odd."""
    kind = loss.kind
    if kind == "cross_entropy" and loss.arguments.get("keras"):
        if logits is False:
            kind = "nll_loss"  # the outputs are probabilities already
        elif logits is None:
            net.notes.append(
                f"{loss.name} takes the outputs as logits: no Softmax is at the end"
            )
    elif logits and kind == "binary_cross_entropy":
        kind = "bce_with_logits"
    if (last.kind, kind) in TWICE:
        net.notes.append(
            f"{loss.name} takes logits, but {last.name} squashes them first"
        )
    if kind in ("binary_cross_entropy", "nll_loss") and last.kind != "softmax":
        net.notes.append(f"{loss.name} takes probabilities: outputs must be 0 to 1")
    return kind


def add_loss(
    net: Builder, loss: Item, regulariser: Item | None, last: Item, classes: int | None
) -> None:
    """Append loss = L(prediction, y), plus what regularisation adds."""
    prediction, shape = net.node, net.shape
    _check_outputs(net, last, shape, loss, classes)
    target = _target(net, loss, prediction, shape, classes)
    name = "loss" if regulariser is None else "data_loss"
    net.node = net.gate(loss.kind, prediction, target, layer=loss, name=name)
    if regulariser is not None:
        _regularise(net, regulariser)
    net.graph.graph["output"] = net.node


def _check_outputs(
    net: Builder, last: Item, shape: Shape, loss: Item, classes: int | None
) -> None:
    outputs = shape[-1]
    if len(shape) == 2 and outputs == 1 and loss.kind in LABELLED:
        message = f"{loss.name} takes one output a class, the network has {outputs}"
        hint = "end with Linear(2), or with Sigmoid() and BCELoss()"
        raise net.misfit(message, last, hint)
    binary = classes == 2 and outputs == 1 and loss.kind not in LABELLED
    if len(shape) > 2 and (classes is not None or loss.kind in LABELLED):
        raise net.misfit(
            f"the network ends with {show_shape(shape)}, the loss takes rows "
            "(N, classes)",
            last,
            "put Flatten() and a Linear layer at the end",
        )
    if classes is not None and outputs != classes and not binary:
        message = f"the network has {outputs} outputs, the data {classes} classes"
        raise net.misfit(message, last, f"end with Linear({classes})")


def _target(
    net: Builder, loss: Item, prediction: str, shape: Shape, classes: int | None
) -> str:
    """Append y, and what the loss compares with: labels, rows, or the target itself."""
    labels = loss.kind in LABELLED or classes is not None
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


def _regularise(net: Builder, item: Item) -> None:
    """Append λ Σ w² or λ Σ |w| over the weights, biases left alone."""
    strength = item.arguments.get("strength", 0.01)
    if not net.number_of(strength, item) >= 0 or math.isinf(strength):
        raise net.fail(f"{item.name} takes a number from 0 on", item, "as in L2(1e-4)")
    total = ""
    for name in inputs(net.graph, "parameter"):
        if not name.startswith(("W", "U")):
            continue
        if item.kind == "l2":
            each = add_gate(net.graph, "pow", name, net.number(2.0), span=item.span)
        else:
            each = add_gate(net.graph, "abs", name, span=item.span)
        size = net.gate("sum", each, layer=item, axis=None, keepdims=False)
        total = net.gate("add", total, size, layer=item) if total else size
    if not total:
        raise net.fail("there are no weights to regularise", item)
    penalty = net.gate(
        "mul", net.number(float(strength)), total, layer=item, name="penalty"
    )
    net.node = net.gate("add", net.node, penalty, layer=item, name="loss")


def optimiser_settings(net: Builder, item: Item) -> dict[str, Any]:
    """Check the optimiser's numbers; betas=(0.9, 0.999) are beta1 and beta2."""
    settings = dict(item.arguments)
    betas = settings.pop("betas", None)
    if betas is not None:
        if not isinstance(betas, tuple) or len(betas) != 2:
            raise net.fail("betas are two numbers", item, "betas=(0.9, 0.999)")
        settings["beta1"], settings["beta2"] = betas
    checked = Item(item.kind, settings, item.span, item.name)
    check_numbers(net, checked)
    for key in {"beta1", "beta2", "momentum", "decay"} & settings.keys():
        net.fraction(settings[key], item)
    return settings


def check_numbers(net: Builder, item: Item) -> None:
    """Check that the settings are numbers from 0 on."""
    for key, value in item.arguments.items():
        if key == "nesterov":
            net.flag(key, item)
        elif not 0 <= net.number_of(value, item) < math.inf:
            raise net.fail(f"{key} is a number from 0 on, not {value}", item)
