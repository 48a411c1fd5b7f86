"""Run the commands that the documents show, and return their output as Markdown.

The documents call this through cog: ``cog -r README.md docs/*.md`` runs every command
anew, pictures included, and ``cog --check`` fails when a document is stale.
"""

from __future__ import annotations

import ast
import shlex
import sys
import tempfile
import textwrap
from collections.abc import Iterable
from contextlib import chdir
from pathlib import Path

from click.testing import CliRunner

from gradtutor.cli import main

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
        "COLUMNS": "80",
        "NO_COLOR": "1",
        "LC_ALL": "C.UTF-8",
        "GRADTUTOR_HOME": str(Path(tempfile.gettempdir()) / "gradtutor-docs"),
        "GRADTUTOR_DOT": str(Path(sys.executable).parent / "graphviz-pure"),
    }
    with chdir(ROOT):
        done = CliRunner().invoke(
            main, words[1:], env=environment, prog_name="gradtutor", terminal_width=78
        )
    if done.exit_code != code:
        raise RuntimeError(f"{command} exits with {done.exit_code}: {done.stderr}")
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


def script_lines(
    network: str, data: str, first: str, options: str = "", last: str = "\n\n\n"
) -> str:
    """Return the part of a script that begins so, by default to two blank lines."""
    shown = run(f"gradtutor gen {network} --data {data} {options}")
    start = shown.index(first)
    end = shown.index(last, start)
    return f"```python\n{textwrap.dedent(shown[start:end]).rstrip()}\n```"


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


def source(path: str, name: str) -> str:
    """Return a function or a method of the project, as it stands in its file.

    Parameters
    ----------
    name : str
        ``backward_graph``, or ``_BackwardPass.run``.
    """
    text = (ROOT / path).read_text(encoding="utf-8")
    found: ast.AST = ast.parse(text)
    for part in name.split("."):
        found = next(
            node
            for node in ast.iter_child_nodes(found)
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == part
        )
    lines = ast.get_source_segment(text, found, padded=True) or ""
    return f"`{path}`:\n\n```python\n{textwrap.dedent(lines)}\n```"


def entry(path: str, first: str) -> str:
    """Return one entry of a table of the project: the call that begins so."""
    text = (ROOT / path).read_text(encoding="utf-8")
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    segments = (ast.get_source_segment(text, node) or "" for node in calls)
    found = next(one for one in segments if one.startswith(first))
    found = found.replace("\n    ", "\n")  # an entry of a table stands one step in
    return f"`{path}`:\n\n```python\n{found}\n```"
