"""Read a person's file without running it: its functions and their arguments."""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradtutor.audit.program.definitions import (
    Class,
    Function,
    calls,
    class_of,
    functions_of,
    given_later,
    imports,
    shapes,
    with_inherited,
)
from gradtutor.audit.program.older import readable
from gradtutor.audit.program.steps.every import with_steps
from gradtutor.audit.program.steps.loops import Loop
from gradtutor.errors import TutorError
from gradtutor.messages import tr

MOST_CHARACTERS = 1_000_000
SHOWN = 76  # characters of a line


class ProgramError(TutorError):
    """A person's file that cannot be run; ``line`` (from 1, or None) says where.

    Parameters
    ----------
    message : str
        What is wrong and where, over one to four lines, as shown to the person.
    kind : str
        The name of the exception that the person's code raised, if it did.

    Attributes
    ----------
    misconception : str
        The page of what has probably led to it; mostly empty.
    hint : str
        What to do about it; mostly empty.
    """

    misconception = ""
    hint = ""

    def __init__(self, message: str, line: int | None = None, kind: str = "") -> None:
        super().__init__(message)
        self.message, self.line, self.kind = message, line, kind


class OutOfTimeError(ProgramError):
    """A person's function that does not end in time."""


@dataclass(frozen=True)
class Program:
    """A file that Python can read; functions by name, methods as ``Layer.backward``.

    Attributes
    ----------
    decorated : mapping
        Functions with their decorators: ``{"f": ("jax.custom_vjp",)}``.
    calls : tuple
        Top-level calls of methods, such as ``f.defvjp(f_fwd, f_bwd)``.
    cells : tuple of pairs
        Of a notebook: where each cell begins, and its number.
    loops : tuple of Loop
        Training loops outside functions, which became functions.
    trainings : tuple of Loop
        Functions and methods that train, which became ones that return gradients.
    keepers : tuple of Loop
        Functions that keep gradients on arrays, which came to return their loss.
    written : str
        The text as the person wrote it, where steps have become functions.
    """

    path: str
    text: str
    functions: Mapping[str, Function]
    kinds: tuple[Class, ...]
    shapes: Mapping[str, Any] = field(default_factory=dict)
    decorated: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    calls: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    imports: tuple[str, ...] = ()
    cells: tuple[tuple[int, int], ...] = ()
    loops: tuple[Loop, ...] = ()
    trainings: tuple[Loop, ...] = ()
    keepers: tuple[Loop, ...] = ()
    written: str = ""

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes."""
        return tuple(kind.name for kind in self.kinds)

    @property
    def nodes(self) -> dict[str, ast.FunctionDef]:
        """The texts of the functions outside classes, by name."""
        return {
            name: f.node
            for name, f in self.functions.items()
            if isinstance(f.node, ast.FunctionDef) and "." not in name
        }

    def where(self, number: int) -> str:
        """Say where a line is: ``line 12``, or in a notebook ``cell 3, line 2``."""
        start, cell = max(
            (one for one in self.cells if one[0] <= number), default=(0, 0)
        )
        if cell:
            return tr("cell {cell}, line {line}", cell=cell, line=number - start + 1)
        return tr("line {line}", line=number)

    @property
    def shown(self) -> str:
        """The text as it is shown: as the person wrote it."""
        return self.written or self.text

    def line(self, number: int) -> str:
        """Return a line of the person's text, stripped."""
        lines = self.shown.splitlines()
        return lines[number - 1].strip() if 0 < number <= len(lines) else ""

    def check_function(self, name: str) -> Function:
        """Return a function.

        Raises
        ------
        ProgramError
            Naming the functions there are.
        """
        if name in self.functions:
            return self.functions[name]
        there = ", ".join(self.functions) or tr("no functions")
        raise ProgramError(
            tr(
                "{path} has no function {name!r}; it has: {there}",
                path=self.path,
                name=name,
                there=there,
            )
        )


def read_program(path: str | Path, text: str | None = None) -> Program:
    """Read a file of Python; nothing in it is run.

    Raises
    ------
    ProgramError
        When it is missing, too long, or no Python: then with the line and a caret.
    """
    cells: tuple[tuple[int, int], ...] = ()
    if text is None:
        text = _read(Path(path))
        if Path(path).suffix == ".ipynb":
            text, cells = cells_of(text, str(path))
        text = readable(text)
    name = str(path)
    _parse(text, name)
    written = text
    text, loops, trainings, keepers = with_steps(text)
    tree = _parse(text, name)
    functions = {f.name: f for f in functions_of(tree)}
    later = list(given_later(tree))
    kinds = tuple(
        class_of(node, [m for owner, m in later if owner == node.name])
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    )
    kinds = tuple(with_inherited(kind, kinds, functions) for kind in kinds)
    decorated = {
        node.name: tuple(ast.unparse(d) for d in node.decorator_list)
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.decorator_list
    }
    return Program(
        name,
        text,
        functions,
        kinds,
        shapes(tree),
        decorated,
        tuple(calls(tree)),
        tuple(imports(tree)),
        cells,
        loops,
        trainings,
        keepers,
        written,
    )


def cells_of(text: str, path: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Join a notebook's code cells; magic and shell lines become comments.

    Returns
    -------
    tuple
        The text, and for each cell the line it begins on and its number.

    Raises
    ------
    ProgramError
        When it is no notebook.
    """
    try:
        cells = json.loads(text)["cells"]
        sources = [
            "".join(c["source"]) if c["cell_type"] == "code" else None for c in cells
        ]
    except (ValueError, KeyError, TypeError):
        raise ProgramError(
            tr("{path} is no notebook (nbformat 4)", path=path)
        ) from None
    lines: list[str] = []
    starts: list[tuple[int, int]] = []
    for number, source in enumerate(sources, 1):
        if source is None:
            continue
        starts.append((len(lines) + 1, number))
        magic = source.lstrip().startswith("%%")
        for line in source.splitlines():
            hidden = magic or line.lstrip().startswith(("%", "!", "?"))
            lines.append(
                "pass  # " + line.strip()
                if hidden and not magic
                else "# " + line
                if hidden
                else line
            )
        lines.append("")
    return "\n".join(lines) + "\n", tuple(starts)


def _read(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ProgramError(tr("there is no file {path}", path=path)) from None
    except UnicodeDecodeError:
        raise ProgramError(tr("{path} is not a text file (UTF-8)", path=path)) from None
    except OSError as error:
        raise ProgramError(f"{path}: {error.strerror or error}") from None
    if len(text) > MOST_CHARACTERS:
        raise ProgramError(
            tr(
                "{path} has more than {most:,} characters",
                path=path,
                most=MOST_CHARACTERS,
            )
        )
    return text


def _parse(text: str, path: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            return ast.parse(text, path)
    except SyntaxError as error:
        line, column = error.lineno or 1, error.offset or 1
        shown = excerpt(text, line, column)
        where = tr("line {line}", line=line)
        said = f"{path}, {where}: {error.msg}\n{shown}"
        raise ProgramError(said, line) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise ProgramError(
            tr("{path}: Python cannot read it: {error}", path=path, error=error)
        ) from None


def excerpt(text: str, line: int, column: int | None = None) -> str:
    """Return a line as it is shown under an error, with a caret if there is a column.

    >>> print(excerpt("q = x +", 1, 7))
      q = x +
            ^
    """
    lines = text.splitlines()
    shown = lines[line - 1] if 0 < line <= len(lines) else ""
    indent = len(shown) - len(shown.lstrip())
    shown = shown.strip().replace("\t", " ")[:SHOWN]
    if column is None:
        return f"  {shown}"
    place = min(max(0, column - 1 - indent), len(shown))
    return f"  {shown}\n  {' ' * place}^"


# ---- what is in it ----
