"""The loss of a network: its target, the stable form of it, and regularisation."""

from __future__ import annotations

from gradtutor.gates import Shape, show_shape
from gradtutor.graph import add_gate, add_input, inputs
from gradtutor.language.builder import Builder
from gradtutor.language.items import Item

#: Losses of labels (N,), by which row is right.
LABELLED = {"cross_entropy", "nll_loss", "svm_loss"}
#: What a last layer and a loss of its probabilities are together, from the logits.
STABLE = {
    ("softmax", "cross_entropy"): ("cross_entropy", "Softmax"),
    ("sigmoid", "binary_cross_entropy"): ("bce_with_logits", "Sigmoid"),
}


def folded_loss(
    net: Builder, loss: Item, layers: list[Item]
) -> tuple[Item, list[Item]]:
    """Compute a last Softmax or Sigmoid inside the loss, from logits, and say so."""
    last = layers[-1].kind
    logits = loss.arguments.get("from_logits")
    if (last, loss.kind) in STABLE and not logits:
        kind, name = STABLE[last, loss.kind]
        net.notes.append(f"the last {name} is computed inside the loss, stably")
        return Item(kind, {}, loss.span, loss.name), layers[:-1]
    kind = loss.kind
    if logits is False and kind == "cross_entropy":
        kind = "nll_loss"  # the outputs are probabilities already
    elif logits and kind == "binary_cross_entropy":
        kind = "bce_with_logits"
    return Item(kind, {}, loss.span, loss.name), layers


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
    binary = classes == 2 and outputs == 1 and loss.kind not in LABELLED
    if len(shape) > 2 and (classes is not None or loss.kind in LABELLED):
        raise net.misfit(
            f"the network ends with {show_shape(shape)}, the loss takes rows (N, classes)",
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
    if not isinstance(strength, int | float) or strength < 0:
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
