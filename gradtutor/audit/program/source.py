"""Read a person's file without running it: its functions and their arguments."""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gradtutor.audit.program.older import readable
from gradtutor.audit.program.scripts import Loop, stepped
from gradtutor.audit.program.straight import straightened
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
class Function:
    """A function of the file.

    Attributes
    ----------
    arguments : tuple of str
        Names of the positional arguments, without ``self``.
    required : int
        How many have no default.
    returns : tuple of str
        The texts of what its last return statement returns.
    returns_tuple : bool
        Whether that is several values.
    """

    name: str
    arguments: tuple[str, ...]
    required: int
    returns: tuple[str, ...] = ()
    returns_tuple: bool = False
    node: ast.FunctionDef | ast.Lambda | None = field(
        default=None, compare=False, repr=False
    )
    defaults: tuple[str, ...] = ()

    @property
    def signature(self) -> str:
        """Its name with its arguments: ``backward(x, dout)``."""
        return f"{self.name}({', '.join(self.arguments)})"

    @property
    def first_line(self) -> int:
        """The line that it begins on."""
        return self.node.lineno if self.node else 0

    @property
    def empty(self) -> bool:
        """Whether it does nothing: a base class leaves it to others."""
        body = self.node.body if isinstance(self.node, ast.FunctionDef) else [self.node]
        return all(
            isinstance(item, ast.Pass | ast.Raise)
            or (isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant))
            for item in body
        )

    def default(self, name: str) -> str | None:
        """Return the text of an argument's default; None where it has none."""
        place = self.arguments.index(name) - self.required
        return self.defaults[place] if place >= 0 else None


@dataclass(frozen=True)
class Class:
    """A class of the file: its bases and its methods, as text."""

    name: str
    bases: tuple[str, ...]
    methods: tuple[str, ...]


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

    def line(self, number: int) -> str:
        """Return a line of the text, stripped."""
        lines = self.text.splitlines()
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
    text, loops = stepped(text)
    if not loops:
        text, loops = straightened(text)
    tree = _parse(text, name)
    functions = {f.name: f for f in _functions(tree)}
    kinds = tuple(_class(node) for node in tree.body if isinstance(node, ast.ClassDef))
    kinds = tuple(_with_inherited(kind, kinds, functions) for kind in kinds)
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
        _shapes(tree),
        decorated,
        tuple(_calls(tree)),
        tuple(_imports(tree)),
        cells,
        loops,
    )


def _class(node: ast.ClassDef) -> Class:
    methods = tuple(i.name for i in node.body if isinstance(i, ast.FunctionDef))
    aliases = tuple(
        target.id
        for item in node.body
        if isinstance(item, ast.Assign)
        for target in item.targets
        if isinstance(target, ast.Name)
    )
    bases = tuple(ast.unparse(base) for base in node.bases)
    return Class(node.name, bases, methods + aliases)


def _with_inherited(
    kind: Class, kinds: Sequence[Class], functions: dict[str, Function]
) -> Class:
    """Give a class the methods of its bases in the file, but those without a body."""
    methods = list(kind.methods)
    for base in kinds:
        for name in base.methods if base.name in kind.bases else ():
            function = functions.get(f"{base.name}.{name}")
            if name not in methods and function and not function.empty:
                methods.append(name)
                functions[f"{kind.name}.{name}"] = function
    return replace(kind, methods=tuple(methods))


def _calls(tree: ast.Module) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for node in tree.body:
        match node:
            case ast.Expr(ast.Call(ast.Attribute(ast.Name(owner), method), args)):
                yield owner, method, tuple(ast.unparse(arg) for arg in args)


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module):
                yield module or "."


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


def _functions(tree: ast.Module) -> Iterator[Function]:
    for node in tree.body:
        match node:
            case ast.FunctionDef():
                yield _function(node.name, node.args, node, skip=0)
            case ast.Assign([ast.Name(name)], ast.Lambda(args, body) as value):
                names = tuple(a.arg for a in [*args.posonlyargs, *args.args])
                required = len(names) - len(args.defaults)
                defaults = tuple(map(ast.unparse, args.defaults))
                yield Function(name, names, required, *_returned(body), value, defaults)
            case ast.ClassDef(name):
                for item in node.body:
                    if isinstance(item, ast.FunctionDef):
                        static = any(
                            isinstance(d, ast.Name) and d.id == "staticmethod"
                            for d in item.decorator_list
                        )
                        full = f"{name}.{item.name}"
                        yield _function(full, item.args, item, skip=not static)


def _function(
    name: str, args: ast.arguments, node: ast.FunctionDef, *, skip: int
) -> Function:
    names = tuple(a.arg for a in [*args.posonlyargs, *args.args])[skip:]
    last: tuple[tuple[str, ...], bool] = ((), False)
    for item in _statements(node.body):
        if isinstance(item, ast.Return) and item.value is not None:
            last = _returned(item.value)
    defaults = tuple(map(ast.unparse, args.defaults))
    required = len(names) - len(defaults)
    return Function(name, names, required, *last, node, defaults)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a function, not those of functions inside it."""
    for item in body:
        yield item
        if isinstance(item, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            continue
        for name in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(item, name, []))


def _returned(value: ast.expr) -> tuple[tuple[str, ...], bool]:
    if isinstance(value, ast.Tuple | ast.List):
        return tuple(ast.unparse(item) for item in value.elts), True
    return (ast.unparse(value),), False


def _shapes(tree: ast.Module) -> dict[str, Any]:
    """Return the file's ``SHAPES = {"x": (3, 4)}``, read as a literal."""
    for node in tree.body:
        match node:
            case ast.Assign([ast.Name("SHAPES")], value):
                try:
                    found = ast.literal_eval(value)
                except (ValueError, TypeError, SyntaxError):
                    return {}
                return found if isinstance(found, dict) else {}
    return {}
