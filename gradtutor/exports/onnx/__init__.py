"""Networks as ONNX models, and ONNX models as networks."""

from __future__ import annotations

from importlib.util import find_spec

from gradtutor.exports.onnx.model import gradient_model, prediction_model
from gradtutor.exports.onnx.reader import OnnxError
from gradtutor.exports.onnx.reading import OnnxProgram, read_onnx, trainable
from gradtutor.exports.onnx.writer import NoOperatorError
from gradtutor.messages import tr
from gradtutor.train.datasets import MissingPackageError

__all__ = [
    "NoOperatorError",
    "OnnxError",
    "OnnxProgram",
    "gradient_model",
    "need_onnx",
    "prediction_model",
    "read_onnx",
    "trainable",
]


def need_onnx() -> None:
    """Check that ONNX's package is here.

    Raises
    ------
    MissingPackageError
        When it is not installed.
    """
    if find_spec("onnx") is None:
        raise MissingPackageError(tr('.onnx needs it: pip install "gradtutor[onnx]"'))
