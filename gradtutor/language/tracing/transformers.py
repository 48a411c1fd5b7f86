"""The transformer's layers (Vaswani et al. 2017): PyTorch's encoder and decoder."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import Item
from gradtutor.language.program.values import Layer
from gradtutor.language.tracing.arithmetic import pointwise
from gradtutor.language.tracing.attention import projected
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer

Part = Callable[[Any], Any]


def encoder(
    tracer: Tracer,
    layer: Layer,
    args: list[Any],
    keywords: dict[str, Any],
    node: ast.AST,
) -> Any:
    """Append a TransformerEncoderLayer: attention and two layers, each around a sum."""
    inside = _Inside(tracer, layer.item, node)
    inside.no_padding(args[2:3], keywords, "src_key_padding_mask")
    second = args[1] if len(args) > 1 else None
    mask = keywords.get("src_mask", keywords.get("mask", second))
    look = inside.looking("self_attn", None, mask, keywords.get("is_causal"))
    return inside.around(args[0], (look, inside.think))


def decoder(
    tracer: Tracer,
    layer: Layer,
    args: list[Any],
    keywords: dict[str, Any],
    node: ast.AST,
) -> Any:
    """Append a TransformerDecoderLayer: attention to itself, to a memory, layers."""
    names = ("tgt", "memory", "tgt_mask", "memory_mask")
    given = {**dict(zip(names, args, strict=False)), **keywords}
    inside = _Inside(tracer, layer.item, node)
    for word in ("tgt_key_padding_mask", "memory_key_padding_mask"):
        inside.no_padding((), given, word)
    causal = given.get("tgt_is_causal")
    itself = inside.looking("self_attn", None, given.get("tgt_mask"), causal)
    memory, mask = given.get("memory"), given.get("memory_mask")
    other = inside.looking("multihead_attn", memory, mask, None)
    return inside.around(given.get("tgt"), (itself, other, inside.think))


class _Inside:
    """The parts of one layer: attention, two layers, and a norm for each."""

    def __init__(self, tracer: Tracer, item: Item, node: ast.AST) -> None:
        self.tracer, self.item, self.node = tracer, item, node
        self.width = tracer.net.whole(item.arguments.get("in_features"), item)
        if item.arguments.get("bias") is False:
            message = tr("{name} is here with bias=True alone", name=item.name)
            raise tracer.net.fail(message, item)

    def no_padding(self, args: Sequence[Any], words: dict[str, Any], name: str) -> None:
        """Refuse a mask of padding, which is not here."""
        if (args[0] if args else words.get(name)) is not None:
            raise self.tracer.net.fail(tr("padding masks are not here"), self.item)

    def looking(self, name: str, memory: Any, mask: Any, causal: Any) -> Part:
        """Return attention to the value itself, or to a memory."""
        tracer, item = self.tracer, self.item
        kept = ("in_features", "heads", "batch_first")
        given = {k: item.arguments[k] for k in kept if k in item.arguments}
        path = tracer.net.path_of(item, name)
        layer = Layer(Item("attention", given, item.span, item.name, path))
        words = {"attn_mask": mask} | ({"is_causal": True} if causal is True else {})

        def look(value: Any) -> Any:
            seen = value if memory is None else memory
            found, _ = tracer.apply(layer, [value, seen, seen], words, self.node)
            return self.dropped(found)

        return look

    def think(self, value: Any) -> Any:
        """Append the two layers, the first one wide."""
        wide = self.item.arguments.get("wide", 2048)
        word = self.item.arguments.get("activation", "relu")
        made = self._linear("linear1", self.width, wide, value)
        name = word if isinstance(word, str) else word.name
        made = self.dropped(self.tracer.function(name, [made], {}, self.node))
        return self.dropped(self._linear("linear2", wide, self.width, made))

    def _linear(self, name: str, width: int, units: int, value: Any) -> Any:
        return projected(self.tracer, name, width, units, value, self.item, self.node)

    def around(self, x: Any, parts: Sequence[Part]) -> Any:
        """Append each part as what is added to the value, its norm before or after."""
        tracer, node = self.tracer, self.node
        norms = [self._norm(f"norm{i}") for i in range(1, len(parts) + 1)]
        for norm, part in zip(norms, parts, strict=True):
            if self.item.arguments.get("norm_first"):
                made = part(tracer.apply(norm, [x], {}, node))
                x = pointwise(tracer, "add", x, made, node)
            else:
                total = pointwise(tracer, "add", x, part(x), node)
                x = tracer.apply(norm, [total], {}, node)
        return x

    def _norm(self, name: str) -> Layer:
        item = self.item
        given = {"features": self.width, "eps": item.arguments.get("eps", 1e-5)}
        path = self.tracer.net.path_of(item, name)
        return Layer(Item("layer_norm", given, item.span, "LayerNorm", path))

    def dropped(self, x: Any) -> Any:
        """Append dropout, as often as the layer says."""
        rate = self.item.arguments.get("rate", 0.1)
        if not rate:
            return x
        layer = Layer(Item("dropout", {"rate": rate}, self.item.span, self.item.name))
        return self.tracer.apply(layer, [x], {}, self.node)
