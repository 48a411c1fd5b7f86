"""``%load_ext gradtutor``: the command line in a notebook.

``%gradtutor diff "x*y"`` runs a command; ``%%gradtutor`` shows the cell's formula or
network as a picture, and ``%%gradtutor check`` gives the cell to a command.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from typing import Any

from gradtutor.blas import users_environment
from gradtutor.front.circuits import circuit


def load_ipython_extension(shell: Any) -> None:
    """Register the magic; IPython calls this for ``%load_ext gradtutor``."""
    shell.register_magic_function(run_magic, "line_cell", "gradtutor")


def run_magic(line: str, cell: str | None = None) -> Any:
    """Run a command line; a cell's text is its expression.

    Parameters
    ----------
    line : str
        A command and its options: ``diff "x*y" --wrt x``.
    cell : str, optional
        The text of the cell, given as standard input; a cell without a command is
        shown as a picture.
    """
    words = shlex.split(line)
    if cell is not None and not words:
        return circuit(cell)
    if cell is not None:
        words = [words[0], "-", *words[1:]]
    done = subprocess.run(
        [sys.executable, "-m", "gradtutor", *words],
        input=cell,
        capture_output=True,
        encoding="utf-8",
        check=False,
        env=users_environment() | {"PYTHONIOENCODING": "utf-8"},
    )
    print(done.stdout, end="")
    print(done.stderr, end="", file=sys.stderr)
    return None
