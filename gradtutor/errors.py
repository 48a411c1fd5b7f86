"""The class of every error that is meant for a person, and how a notebook shows it."""

from __future__ import annotations


class TutorError(ValueError):
    """Something that cannot be done as asked; the message says why and what to do.

    ``except gradtutor.TutorError`` catches all of them.
    """

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in a cell: the message, without our own frames."""
        return [f"{type(self).__name__}: {self}"]
