"""Progress of a training: a bar on a terminal, a plain line an epoch elsewhere."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from gradtutor.messages import tr


class Progress:
    """A context that shows each epoch on standard error.

    Parameters
    ----------
    epochs : int
        How many there will be.
    quiet : bool
        Show nothing.
    """

    def __init__(self, epochs: int, *, quiet: bool = False) -> None:
        self.epochs, self.quiet = epochs, quiet
        self.bar: Any = None
        if not quiet and _can_redraw():
            self.bar = _bar()
            self.task = self.bar.add_task(tr("starting"), total=epochs)

    def __enter__(self) -> Progress:
        if self.bar:
            self.bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self.bar:
            self.bar.stop()

    def update(self, result: dict[str, Any]) -> None:
        """Show one epoch's losses and accuracy."""
        if self.bar:
            self.bar.update(
                self.task, completed=result["epoch"], description=words(result)
            )
        elif not self.quiet:
            click.echo(_line(result, self.epochs), err=True)


def _line(result: dict[str, Any], epochs: int) -> str:
    said = tr("epoch {epoch:3d}/{epochs}", epoch=result["epoch"], epochs=epochs)
    return f"{said}  {words(result)}"


def _can_redraw() -> bool:
    """Whether a line can be drawn anew: on a terminal, but not on a dumb one."""
    dumb = os.environ.get("TERM") in ("dumb", "unknown")
    return sys.stderr.isatty() and not dumb


def words(result: dict[str, Any]) -> str:
    """Return one epoch's numbers as text."""
    accuracy = result["test_accuracy"]
    shown = (
        ""
        if accuracy is None
        else tr("  test accuracy {accuracy:.4f}", accuracy=accuracy)
    )
    losses = tr("train loss {train_loss:.4g}  test loss {test_loss:.4g}").format(
        **result
    )
    return losses + shown


def _bar() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    return Bar(*columns, console=Console(stderr=True))
