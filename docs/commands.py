"""Run the commands that the documents show, and return their output as Markdown.

The documents call this through cog: ``cog -r README.md docs/*.md`` runs every command
anew, pictures included, and ``cog --check`` fails when a document is stale.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parent.parent


def run(command: str, code: int = 0) -> str:
    """Return a console block with a gradtutor command and what it printed.

    Parameters
    ----------
    code : int
        The exit code that it must have.
    """
    words = shlex.split(command)
    if words[0] != "gradtutor":
        raise ValueError(f"not a gradtutor command: {command}")
    environment = {
        **os.environ,
        "COLUMNS": "80",
        "NO_COLOR": "1",
        "LC_ALL": "C.UTF-8",
        "GRADTUTOR_HOME": str(Path(tempfile.gettempdir()) / "gradtutor-docs"),
        "GRADTUTOR_DOT": str(Path(sys.executable).parent / "graphviz-pure"),
    }
    done = subprocess.run(
        [sys.executable, "-m", *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
        check=False,
    )
    if done.returncode != code:
        raise RuntimeError(f"{command} exits with {done.returncode}: {done.stderr}")
    output = "\n".join(line.rstrip() for line in done.stdout.strip("\n").splitlines())
    return f"```console\n$ {command}\n{output}\n```"


def picture(command: str, alt: str) -> str:
    """Run a render command and return its picture as Markdown, the command above it."""
    path = shlex.split(command)[-1]
    run(command)
    return f"```console\n$ {command}\n```\n\n![{alt}]({path})"


def script_part(network: str, data: str, function: str, options: str = "") -> str:
    """Return one function of the script that ``gradtutor gen`` writes."""
    return script_lines(network, data, f"def {function}(", options)


def script_lines(network: str, data: str, first: str, options: str = "") -> str:
    """Return the part of a script that begins so and ends before two blank lines."""
    shown = run(f"gradtutor gen {network} --data {data} {options}")
    start = shown.index(first)
    end = shown.index("\n\n\n", start)
    return f"```python\n{shown[start:end]}\n```"


def layers_table() -> str:
    """Return the layers by what they are, with every spelling."""
    from gradtutor.language.layers import LAYERS

    kinds: dict[str, list[str]] = {}
    for name, spelling in LAYERS.items():
        kinds.setdefault(spelling.kind.removesuffix("_flat"), []).append(name)
    rows = [
        f"| {kind.replace('_', ' ')} | {', '.join(f'`{name}`' for name in names)} |"
        for kind, names in kinds.items()
    ]
    return "\n".join(["| layer | spellings |", "|---|---|", *rows])


def word_list(head: str, names: Iterable[str]) -> str:
    """Return a sentence that lists names."""
    return f"{head}: {', '.join(f'`{name}`' for name in names)}."
