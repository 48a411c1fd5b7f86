"""Models of ONNX as a notebook holds them: a file, its bytes, the model itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gradtutor.cli.examples import no_such_file
from gradtutor.errors import TutorError
from gradtutor.exports.onnx import need_onnx, read_onnx


class NoModelError(TutorError):
    """A model's file that is not there."""


def is_model(source: Any) -> bool:
    """Whether this is a model of ONNX rather than a text or a class."""
    if isinstance(source, str | Path):
        return Path(source).suffix.lower() == ".onnx" and "\n" not in str(source)
    return isinstance(source, bytes) or hasattr(source, "SerializeToString")


def model_of(source: Any) -> tuple[str, Mapping[str, Any]]:
    """Return a model's text and its weights.

    Raises
    ------
    gradtutor.TutorError
        When there is no such file, or it is no model that is read here.
    """
    need_onnx()
    if isinstance(source, str | Path):
        try:
            found = read_onnx(Path(source))
        except FileNotFoundError:
            raise NoModelError(no_such_file(str(source))) from None
    else:
        found = read_onnx(
            source if isinstance(source, bytes) else source.SerializeToString()
        )
    return found.text, found.weights
