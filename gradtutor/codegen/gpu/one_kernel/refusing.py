"""Networks that do not fit into one kernel."""

from __future__ import annotations

from gradtutor.errors import TutorError
from gradtutor.messages import tr


class OneKernelError(TutorError):
    """A network or a setting that one kernel does not have."""


def refuse(kind: str) -> OneKernelError:
    """Return the error of an operation that one kernel does not have."""
    return OneKernelError(
        tr(
            "--one-kernel has products, sums, means, cross-entropy and gates of each "
            "element: this network needs {kind}",
            kind=kind,
        )
    )
