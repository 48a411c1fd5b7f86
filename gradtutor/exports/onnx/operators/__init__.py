"""ONNX's operators as our gates, a function each; arguments are the model's names."""

from __future__ import annotations

from gradtutor.exports.onnx.operators.call import Call, Read
from gradtutor.exports.onnx.operators.images import IMAGES
from gradtutor.exports.onnx.operators.moves import MOVES
from gradtutor.exports.onnx.operators.pointwise import POINTWISE
from gradtutor.exports.onnx.operators.products import PRODUCTS

READERS: dict[str, Read] = POINTWISE | IMAGES | PRODUCTS | MOVES

__all__ = ["READERS", "Call", "Read"]
