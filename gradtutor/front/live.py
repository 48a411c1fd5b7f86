"""A training's progress: the curve so far in a notebook's cell, else the terminal's."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from gradtutor.train import MissingPackageError, Progress, write_curve
from gradtutor.train.progress import words

PAUSE = 1.0  # seconds between two drawings


def in_notebook() -> bool:
    """Whether this runs in a kernel that shows HTML: Jupyter, VS Code, Colab."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return hasattr(shell, "kernel")


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
        self.bar = None if quiet or in_notebook() else Progress(epochs)
        self.cell: Any = None
        self.drawn = 0.0

    def __enter__(self) -> Live:
        if self.bar:
            self.bar.__enter__()
        elif not self.quiet:
            from IPython.display import HTML, display

            self.cell = display(HTML(self._html(done=False)), display_id=True)
        return self

    def __exit__(self, *error: object) -> None:
        if self.bar:
            self.bar.__exit__(*error)
        self._show(done=True)

    def update(self, result: dict[str, Any]) -> None:
        """Take an epoch's report; draw, but not more than once a second."""
        self.history.append(result)
        if self.bar:
            self.bar.update(result)
        elif time.monotonic() - self.drawn > PAUSE:
            self._show(done=False)

    def say(self, notes: Sequence[str]) -> None:
        """Tell what to know of the training, unless it is to be quiet."""
        if not self.quiet:
            for note in notes:
                print(note, file=sys.stderr)

    def _show(self, *, done: bool) -> None:
        if self.cell is not None:
            from IPython.display import HTML

            self.cell.update(HTML(self._html(done=done)))
            self.drawn = time.monotonic()

    def _html(self, *, done: bool) -> str:
        """Return a bar, the last epoch's numbers, and the curve so far."""
        epoch = self.history[-1]["epoch"] if self.history else 0
        said = words(self.history[-1]) if self.history else "starting"
        bar = f'<progress value="{epoch}" max="{self.epochs}"></progress>'
        line = f"<div>{bar} epoch {epoch}/{self.epochs} &nbsp; {escape(said)}</div>"
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
