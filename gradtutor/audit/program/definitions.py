"""Functions, classes and calls as a program's text has them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any


def is_python(text: str) -> bool:
    """Whether a text that was written anew can still be read."""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


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
    def lines(self) -> tuple[int, int]:
        """Its first line and its last."""
        return self.first_line, (self.node.end_lineno or 0) if self.node else 0

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


def class_of(node: ast.ClassDef, later: Sequence[str] = ()) -> Class:
    """Return what a class's text says of it, with methods that it gets outside."""
    methods = tuple(i.name for i in node.body if isinstance(i, ast.FunctionDef))
    aliases = tuple(
        target.id
        for item in node.body
        if isinstance(item, ast.Assign)
        for target in item.targets
        if isinstance(target, ast.Name)
    )
    bases = tuple(ast.unparse(base) for base in node.bases)
    return Class(node.name, bases, (*methods, *aliases, *later))


def given_later(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield methods that a class gets outside: ``Variable.__add__ = add``."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets, ast.Name() | ast.Lambda()):
                for target in targets:
                    match target:
                        case ast.Attribute(ast.Name(owner), method):
                            yield owner, method


def with_inherited(
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


def calls(tree: ast.Module) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield the calls of a module: by what, of what, with which arguments."""
    for node in tree.body:
        match node:
            case ast.Expr(ast.Call(ast.Attribute(ast.Name(owner), method), args)):
                yield owner, method, tuple(ast.unparse(arg) for arg in args)


def imports(tree: ast.Module) -> Iterator[str]:
    """Yield the names of the modules that a text imports."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module):
                yield module or "."


def functions_of(tree: ast.Module) -> Iterator[Function]:
    """Yield the functions of a module, those of classes by their dotted names."""
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


def shapes(tree: ast.Module) -> dict[str, Any]:
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
