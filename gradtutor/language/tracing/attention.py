"""Tables of words and attention, as gates."""

from __future__ import annotations

import ast
import math
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import Item
from gradtutor.language.program.array_values import Batch, Data, Filled
from gradtutor.language.program.data.known import numbers_of
from gradtutor.language.program.values import Layer, Tensor, Weight
from gradtutor.language.tracing.arithmetic import contracted, pointwise
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer


# ---- tables of words ----


def embedding(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Tensor:
    """Append rows of a table, one for each whole number of x; none for padding."""
    from gradtutor.language.tracing.cutting import unsqueezed

    table = _table(tracer, layer)
    net, item = tracer.net, layer.item
    if isinstance(x, Filled) and x.counted:  # positions 0, 1, 2, ...: the first rows
        known = [size for size in x.shape if isinstance(size, int)]
        count = math.prod(known)
        tracer.positions = int(item.arguments.get("rows", 0))
        cuts = ((x.start, x.start + count, 1),)
        made = net.gate("slice", table, layer=item, cuts=cuts)
        if len(known) > 1:
            made = net.reshape(made, (*known, item.arguments["width"]), item)
        return Tensor(made, tuple(range(len(known) + 1)))
    t = tracer.tensor(x, node, "words")
    made = net.gate("gather", table, t.node, layer=item, name=net.fresh("e"))
    rank = len(t.order)
    rows = Tensor(made, (*t.order, rank))
    padding = item.arguments.get("padding_idx")
    if type(padding) is not int:
        return rows
    padding %= int(item.arguments["rows"])
    word = pointwise(tracer, "not_equal", t, padding, node)  # padding's row stays 0
    return pointwise(tracer, "mul", rows, unsqueezed(tracer, word, -1, node), node)


def looked_up(tracer: Tracer, weight: Weight, x: Tensor, node: ast.AST) -> Tensor:
    """Append C[x], rows of a matrix of the text's own by whole numbers."""
    rows, *rest = weight.shape
    facts = {"rows": rows, "width": rest[0] if rest else 1}
    item = Item("embedding", facts, tracer.run.span(node), "C[x]")
    if (number := tracer.inputs.number(x)) is not None:
        tracer.check_known(item, number)
    t, table = tracer.tensor(x, node, "words"), tracer.tensor(weight, node)
    net = tracer.net
    made = net.gate("gather", table.node, t.node, layer=item, name=net.fresh("e"))
    rank = len(t.order)
    return Tensor(made, (*t.order, *range(rank, rank + len(rest))))


def _table(tracer: Tracer, layer: Layer) -> str:
    if id(layer) in tracer.tables:
        return tracer.tables[id(layer)]
    made = tracer.tables[id(layer)] = _new_table(tracer, layer)
    return made


def _new_table(tracer: Tracer, layer: Layer) -> str:
    net, item = tracer.net, layer.item
    rows, width = (net.whole(item.arguments.get(k), item) for k in ("rows", "width"))
    net.depth += 1
    return net.parameter("E", (rows, width), item, 1)


def embedding_bag(
    tracer: Tracer,
    layer: Layer,
    args: list[Any],
    keywords: dict[str, Any],
    node: ast.AST,
) -> Tensor:
    """Append the mean of a bag of words: here every example has as many."""
    words = embedding(tracer, layer, args[0], node)
    mode = layer.item.arguments.get("mode", "mean")
    if mode not in ("mean", "sum"):
        raise tracer.net.fail(
            tr("EmbeddingBag is here with mode mean or sum"), layer.item
        )
    note = tr("each example is a row of as many words: offsets are not read")
    tracer.net.notes += [note] * (len(args) > 1 and note not in tracer.net.notes)
    at = layer.item
    gate = tracer.net.gate(
        mode, words.node, layer=at, axis=(words.order[1],), keepdims=False
    )
    return Tensor(gate, (0, 1))


# ---- attention ----


#: The projections that PyTorch keeps as the rows of one matrix, ``in_proj_weight``.
IN_ONE = ("query", "key", "value")


def projected(
    tracer: Tracer, name: str, width: int, units: int, x: Any, item: Item, node: ast.AST
) -> Tensor:
    """Append x W + b over the last axis, as a layer of its own."""
    given = {
        "in_features": width,
        "units": units,
        "bias": item.arguments.get("bias", True),
        "saved_as": name if name in IN_ONE else "linear",
    }
    inside = () if name in IN_ONE else ("out_proj" if name == "output" else name,)
    path = tracer.net.path_of(item, *inside)
    layer = Layer(Item("linear", given, item.span, name, path))
    result: Tensor = tracer.apply(layer, [x], {}, node)
    return result


def attention(
    tracer: Tracer,
    layer: Layer,
    args: list[Any],
    keywords: dict[str, Any],
    node: ast.AST,
) -> Any:
    """Append multi-head attention (Vaswani et al. 2017) with its four projections."""
    item, given = layer.item, layer.item.arguments
    keras = bool(given.get("keras"))
    if not keras and given.get("batch_first") is not True and len(args) > 1:
        return _time_first(tracer, layer, args, keywords, node)
    if any(keywords.get(k) is not None for k in ("key_padding_mask", "attention_mask")):
        raise tracer.net.fail(tr("padding masks are not here"), item)
    names = ("query", "value", "key") if keras else ("query", "key", "value")
    words = {**dict(zip(names, args, strict=False)), **keywords}
    query = words["query"]
    value, key = words.get("value", query), words.get("key", words.get("value", query))
    mask = words.get("attn_mask") if not keras else None
    causal = words.get("use_causal_mask") is True or words.get("is_causal") is True
    width = tracer.sizes(query)[-1]
    heads = tracer.net.whole(given.get("heads"), item)
    each = net_size(tracer, item, given.get("key_dim") if keras else width // heads)
    sizes = (width, heads, each)
    parts = [
        projected(tracer, word, width, heads * each, one, item, node)
        for word, one in (("query", query), ("key", key), ("value", value))
    ]
    told = attend(tracer, parts, sizes, mask, causal, node)
    out = projected(tracer, "output", heads * each, width, told, item, node)
    return out if keras else (out, Data())


def _time_first(
    tracer: Tracer,
    layer: Layer,
    args: list[Any],
    keywords: dict[str, Any],
    node: ast.AST,
) -> Any:
    """Append attention over (T, N, C), PyTorch's order without batch_first."""
    item = layer.item
    given = {**item.arguments, "batch_first": True}
    taken = [tracer.tensor(one, node, "steps") for one in args[:3]]
    if isinstance(tracer.sizes(taken[0])[0], Batch):  # the examples stand first
        turned = taken
    else:
        turned = [_exchanged(one) for one in taken]
    path = tracer.net.path_of(item)
    inside = Layer(Item(item.kind, given, item.span, item.name, path))
    out, shares = attention(tracer, inside, turned, keywords, node)
    return (out if turned is taken else _exchanged(out)), shares


def _exchanged(t: Tensor) -> Tensor:
    """Exchange a tensor's first two axes; nothing moves."""
    return Tensor(t.node, (t.order[1], t.order[0], *t.order[2:]))


def net_size(tracer: Tracer, item: Item, value: Any) -> int:
    """Check a size of attention."""
    return tracer.net.whole(value, item)


def attend(
    tracer: Tracer,
    parts: list[Tensor],
    sizes: tuple[int, int, int],
    mask: Any,
    causal: bool,
    node: ast.AST,
) -> Tensor:
    """Append softmax(q kᵀ / √d) v for every head; axes n example, t step, h head."""
    from gradtutor.language.tracing.cutting import reshaped
    from gradtutor.language.tracing.masks import masked

    _, heads, each = sizes
    q, k, v = (
        reshaped(tracer, p, [Batch(), tracer.sizes(p)[1], heads, each], node)
        for p in parts
    )
    fit = contracted(tracer, q, "nthd", k, "nshd", "nhts", node)
    fit = pointwise(tracer, "div", fit, math.sqrt(each), node)
    if mask is not None or causal:
        steps = tracer.sizes(parts[0])[1]
        triangle = Filled((steps, steps), -1.0, lower=True)
        added = not causal and _is_added(mask)
        fit = (
            pointwise(tracer, "add", fit, mask, node)
            if added
            else masked(tracer, fit, triangle if causal else mask, -math.inf, node)
        )
    net, at = tracer.net, tracer.at(node, "softmax")
    share = Tensor(net.gate("softmax", fit.node, layer=at, axis=-1), fit.order)
    told = contracted(tracer, share, "nhts", v, "nshd", "nthd", node)
    return reshaped(
        tracer, told, [Batch(), tracer.sizes(parts[0])[1], heads * each], node
    )


def _is_added(mask: Any) -> bool:
    """Whether a mask of numbers is added to the scores: it has some below 0."""
    numbers = numbers_of(mask) if isinstance(mask, Data) else None
    return numbers is not None and bool((numbers < 0).any())
