"""Pooling as Flax and TensorFlow write it: avg_pool(x, window_shape=(2, 2), ...)."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import read_item
from gradtutor.language.layers.more import ALL_LAYERS
from gradtutor.language.program.models.settings import call_node
from gradtutor.language.program.values import Layer

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer

#: Names of what a pooling is told, in Flax's order; TensorFlow's says ksize.
NAMES = ("window_shape", "strides", "padding")


def _pooled(word: str) -> Any:
    def apply(
        tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
    ) -> Any:
        """Pool over windows; without strides they move by one, as in Flax."""
        given = dict(zip(NAMES, args[1:], strict=False)) | keywords
        window = _places(given.get("window_shape", given.get("ksize", 2)))
        strides = _places(given.get("strides") or (1,) * len(window))
        padding = str(given.get("padding", "VALID")).lower()
        words = {"pool_size": window, "strides": strides, "padding": padding}
        call = call_node(node, f"{word}Pooling{len(window)}D", [], words)
        item = read_item(tracer.run.source, call, ALL_LAYERS)
        span = tracer.run.span(node)
        made = type(item)(item.kind, item.arguments, span, item.name)
        return tracer.apply(Layer(made), [args[0]], {}, node)

    return apply


def _places(sizes: Any) -> tuple[int, ...]:
    """Return the sizes over the places: of TensorFlow's four the middle ones."""
    listed = tuple(sizes) if isinstance(sizes, list | tuple) else (sizes, sizes)
    return listed[1:-1] if len(listed) > 2 and listed[0] == listed[-1] == 1 else listed


POOLS = {"avg_pool": _pooled("Average"), "max_pool": _pooled("Max")}
