"""What a program's text asks of training, before its network is traced."""

from __future__ import annotations

from typing import Any

from gradtutor.language.errors import SourceError
from gradtutor.language.program.choosing import run_lightning
from gradtutor.language.program.walking.interpreter import Interpreter
from gradtutor.language.syntax import Source


def asked_of(text: str) -> dict[str, Any]:
    """Return what a program's training is to do to data and gradients, by option.

    Keys: ``scale``, ``fill``, ``clip``, ``shift``, and ``normal``: means and deviations
    of an image's channels. Nothing for a text that cannot be read.
    """
    try:
        run = Interpreter(Source(text))
        run.walk()
        run_lightning(run)
    except SourceError:
        return {}
    return run.found.asked
