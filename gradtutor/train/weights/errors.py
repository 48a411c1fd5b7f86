"""What is said where weights are not a network's."""

from __future__ import annotations

from gradtutor.errors import TutorError


class WeightsError(TutorError):
    """Weights that are not this network's; the message says which and why."""
