"""A training's progress: the curve so far in a notebook's cell, else the terminal's."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from gradtutor.messages import tr
from gradtutor.train import MissingPackageError, Progress, write_curve
from gradtutor.train.progress import words

PAUSE = 1.0  # seconds between two drawings


#: Replaces what a cell shows by other HTML.
Cell = Callable[[str], None]


def cell() -> Cell | None:
    """Return what shows HTML in the running cell; None where there is no cell.

    Jupyter, VS Code and Colab have IPython's kernel, marimo its own.
    """
    marimo, ipython = sys.modules.get("marimo"), sys.modules.get("IPython")
    if marimo is not None and marimo.running_in_notebook():
        return lambda html: marimo.output.replace(marimo.Html(html))
    shell = ipython.get_ipython() if ipython else None
    if not hasattr(shell, "kernel"):
        return None
    from IPython.display import HTML, display

    shown = display(HTML(""), display_id=True)
    return lambda html: shown.update(HTML(html))


class Live:
    """A context that shows each epoch.

    Parameters
    ----------
    epochs : int
        How many there will be.
    """

    def __init__(self, epochs: int, *, quiet: bool = False) -> None:
        self.epochs, self.quiet = epochs, quiet
        self.history: list[dict[str, Any]] = []
        self.cell = None if quiet else cell()
        self.bar = None if quiet or self.cell else Progress(epochs)
        self.drawn = 0.0

    def __enter__(self) -> Live:
        if self.bar:
            self.bar.__enter__()
        self._show()
        return self

    def __exit__(self, *error: object) -> None:
        if self.bar:
            self.bar.__exit__(*error)
        self._show()

    def update(self, result: dict[str, Any]) -> None:
        """Take an epoch's report; draw, but not more than once a second."""
        self.history.append(result)
        if self.bar:
            self.bar.update(result)
        elif time.monotonic() - self.drawn > PAUSE:
            self._show()

    def say(self, notes: Sequence[str]) -> None:
        """Tell what to know of the training, unless it is to be quiet."""
        if not self.quiet:
            for note in notes:
                print(note, file=sys.stderr)

    def _show(self) -> None:
        if self.cell is not None:
            self.cell(self._html())
            self.drawn = time.monotonic()

    def _html(self) -> str:
        """Return a bar, the last epoch's numbers, and the curve so far."""
        epoch = self.history[-1]["epoch"] if self.history else 0
        said = words(self.history[-1]) if self.history else tr("starting")
        bar = f'<progress value="{epoch}" max="{self.epochs}"></progress>'
        count = tr("epoch {epoch}/{epochs}", epoch=epoch, epochs=self.epochs)
        line = f"<div>{bar} {count} &nbsp; {escape(said)}</div>"
        curve = self._curve() if len(self.history) > 1 else ""
        return f"<div>{line}{curve}</div>"

    def _curve(self) -> str:
        """Return the curve as SVG; nothing where matplotlib is not installed."""
        with tempfile.TemporaryDirectory(prefix="gradtutor-") as folder:
            path = Path(folder) / "curve.svg"
            try:
                write_curve(self.history, path, "")
            except MissingPackageError:
                return ""
            text = path.read_text("utf-8")
            return text[text.index("<svg") :]
