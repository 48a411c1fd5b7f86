r"""Training loops without functions: the loop becomes a function, line for line.

>>> text = "w = 1.0\nfor i in range(9):\n    loss = w * w\n    dw = 2 * w\n"
>>> text += "    w -= 0.1 * dw\n"
>>> made, loops = stepped(text)
>>> print(made, loops[0].parameters)
w = 1.0
def step_of_line_2(w, i=0):
    loss = w * w
    dw = 2 * w
    return loss, dw
 ('w',)
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gradtutor.audit.program.naming import DATA, RATE, is_gradient_name, stem

LOSS = re.compile(r"(?i:(\w*_)?(loss|cost|mse|nll|bce)(_?\w)?)|[JLE]")
ERROR = re.compile(r"(?i:(\w*_)?(err|error|diff|residuals?)(_?\w)?)")
ARRAYS = re.compile(
    r"\b(array|rand\w*|normal|uniform|zeros|ones|linspace|eye|asarray)\b"
)
DELTA = re.compile(r"\w*(delta|grad|d_?[A-Z])\w*")
Lines = list[str]


@dataclass(frozen=True)
class Loop:
    """A training loop that has become a function.

    Attributes
    ----------
    function : str
        The function's name in the text that is run.
    line : int
        Where the loop begins.
    parameters : tuple of str
        What each result after the loss is the gradient of.
    squares : str
        The error whose squares the loss is taken to be; empty where a loss is computed.
    """

    function: str
    line: int
    parameters: tuple[str, ...]
    squares: str = ""


@dataclass(frozen=True)
class _Update:
    """One step of one parameter: its statement, and the gradient as text."""

    statement: ast.stmt
    parameter: str
    gradient: str

    @property
    def result(self) -> str:
        """The gradient's name."""
        named = self.gradient.isidentifier()
        return self.gradient if named else f"d_{self.parameter}"

    @property
    def made(self) -> str:
        """The statement that gives the gradient a name; empty where it has one."""
        same = self.result == self.gradient
        return "" if same else f"{self.result} = {self.gradient}"


def stepped(text: str) -> tuple[str, tuple[Loop, ...]]:
    """Return the text with its loops as functions, and these; no line moves."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return text, ()
    lines, loops = text.split("\n"), []
    before: dict[str, ast.expr | None] = {}
    for statement in tree.body:
        if isinstance(statement, ast.For | ast.While):
            loop = _stepped(lines, statement, before)
            loops += [loop] if loop else []
        before |= dict.fromkeys(_assigned([statement]))
        if isinstance(statement, ast.Assign):
            before |= dict.fromkeys(_assigned([statement]), statement.value)
        if isinstance(statement, ast.FunctionDef):
            _with_globals(lines, statement, _arrays(tree))
    made = "\n".join(lines)
    try:
        ast.parse(made)
    except SyntaxError:
        return text, ()
    return made, tuple(loops)


def _stepped(
    lines: Lines, loop: ast.For | ast.While, before: Mapping[str, ast.expr | None]
) -> Loop | None:
    """Write a loop as a function; None where it takes no steps."""
    updates = [u for u in _updates(loop) if u.parameter in before]
    names = [u.parameter for u in updates]
    loss, squares = _loss(loop)
    start = loop.body[0].lineno
    if not updates or not loss or len(set(names)) < len(names) or start == loop.lineno:
        return None
    name = f"step_of_line_{loop.lineno}"
    arguments = ", ".join([*names, *_given(loop, names, before)])
    indent = re.match(r"\s*", lines[loop.lineno - 1])
    head = f"{indent[0] if indent else ''}def {name}({arguments}):"
    _replace(lines, loop.lineno, start - 1, head)
    *others, last = sorted(updates, key=lambda u: u.statement.lineno)
    for update in others:
        if not _is_read_later(loop, update):
            _replace_statement(lines, update.statement, update.made or "pass")
    results = ", ".join([loss, *(u.result for u in updates)])
    first = f"{last.made}; " if last.made else ""
    _replace_statement(lines, last.statement, f"{first}return {results}")
    return Loop(name, loop.lineno, tuple(names), squares)


def _given(
    loop: ast.For | ast.While,
    parameters: Sequence[str],
    before: Mapping[str, ast.expr | None],
) -> Iterator[str]:
    """Yield the arguments beside the parameters: data, and the loop's counters."""
    made = set(_assigned(loop.body))
    for name in _read(loop):
        known = name in before and name not in parameters
        if known and _is_given(name, before[name], made):
            yield name
    if isinstance(loop, ast.For):
        counters = [n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)]
        yield from (f"{n}=0" for n in counters if n not in before)


def _is_given(name: str, value: ast.expr | None, made: set[str]) -> bool:
    """Whether a name of before the loop varies: data, or what the loop changes."""
    array = value is not None and ARRAYS.search(ast.unparse(value))
    return name in made or bool(array) or bool(DATA.fullmatch(name))


def _is_read_later(loop: ast.For | ast.While, update: _Update) -> bool:
    """Whether a parameter is read after its step: then the step belongs to it."""
    end = update.statement.end_lineno or update.statement.lineno
    return any(
        isinstance(n, ast.Name)
        and n.id == update.parameter
        and isinstance(n.ctx, ast.Load)
        and n.lineno > end
        for n in ast.walk(loop)
    )


def _replace_statement(lines: Lines, statement: ast.stmt, new: str) -> None:
    indent = " " * statement.col_offset
    given = lines[statement.lineno - 1][: statement.col_offset]
    indent = given if not given.strip() else indent
    _replace(
        lines, statement.lineno, statement.end_lineno or statement.lineno, indent + new
    )


def _replace(lines: Lines, first: int, last: int, new: str) -> None:
    lines[first - 1 : last] = [new, *[""] * (last - first)]


# ---- what a loop does ----


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    for item in body:
        yield item
        if not isinstance(item, ast.FunctionDef | ast.ClassDef):
            for part in ("body", "orelse"):
                yield from _statements(getattr(item, part, []))


def _updates(loop: ast.For | ast.While) -> Iterator[_Update]:
    """Yield the steps: ``W -= lr * dW``, ``w = w - lr * dw``, ``s += delta @ W``."""
    for item in _statements(loop.body):
        match item:
            case ast.AugAssign(ast.Name(name), ast.Sub() | ast.Add() as op, value):
                pass
            case ast.Assign(
                [ast.Name(name)],
                ast.BinOp(ast.Name(same), ast.Sub() | ast.Add() as op, value),
            ) if same == name:
                pass
            case _:
                continue
        gradient = _gradient(value)
        if gradient:
            added = isinstance(op, ast.Add)
            yield _Update(item, name, f"-({gradient})" if added else gradient)


def _gradient(value: ast.expr) -> str:
    """Return what a step is a multiple of; empty where it is no gradient's."""
    factors = list(_factors(value))
    rates = [f for f in factors if isinstance(f, ast.Name) and RATE.fullmatch(f.id)]
    names = {n.id for n in ast.walk(value) if isinstance(n, ast.Name)}
    graded = any(is_gradient_name(n) or DELTA.fullmatch(n) for n in names)
    graded |= any(
        isinstance(n, ast.MatMult) or (isinstance(n, ast.Attribute) and n.attr == "dot")
        for n in ast.walk(value)
    )
    if not (rates or graded) or not any(
        not isinstance(f, ast.Constant) for f in factors
    ):
        return ""
    constants = [f for f in factors if isinstance(f, ast.Constant)]
    unwanted: Sequence[ast.expr] = rates or constants
    return ast.unparse(_without(value, unwanted))


def _factors(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.BinOp(left, ast.Mult(), right):
            yield from _factors(left)
            yield from _factors(right)
        case ast.BinOp(left, ast.Div(), _):
            yield from _factors(left)
        case ast.UnaryOp(ast.USub(), inner):
            yield from _factors(inner)
        case _:
            yield node


def _without(node: ast.expr, unwanted: Sequence[ast.expr]) -> ast.expr:
    match node:
        case ast.BinOp(left, ast.Mult(), right):
            if left in unwanted:
                return _without(right, unwanted)
            if right in unwanted:
                return _without(left, unwanted)
            match left:
                case ast.UnaryOp(ast.USub(), inner) if inner in unwanted:
                    return ast.UnaryOp(ast.USub(), _without(right, unwanted))
            return ast.BinOp(
                _without(left, unwanted), ast.Mult(), _without(right, unwanted)
            )
        case ast.BinOp(left, ast.Div(), right):
            over = ast.Constant(1) if left in unwanted else _without(left, unwanted)
            return ast.BinOp(over, ast.Div(), right)
        case ast.UnaryOp(ast.USub(), inner):
            return ast.UnaryOp(ast.USub(), _without(inner, unwanted))
    return node


def _loss(loop: ast.For | ast.While) -> tuple[str, str]:
    """Return the loss as text; and the error that it is half the squares of."""
    made = [
        (item.targets[0].id, item.value)
        for item in _statements(loop.body)
        if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name)
    ]
    errors = [n for n, v in made if ERROR.fullmatch(n) and _is_difference(v)]
    losses = [n for n, _ in made if LOSS.fullmatch(n) and n not in errors]
    if losses:
        return losses[-1], ""
    if errors:
        return f"0.5 * ({errors[0]} ** 2).sum()", errors[0]
    return "", ""


def _is_difference(node: ast.expr) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)


def _assigned(body: Sequence[ast.stmt]) -> Iterator[str]:
    for item in _statements(body):
        targets = getattr(item, "targets", None) or [getattr(item, "target", None)]
        for target in targets:
            for node in ast.walk(target) if target is not None else ():
                if isinstance(node, ast.Name):
                    yield node.id


def _read(loop: ast.AST) -> list[str]:
    """Return the names that are read, in order."""
    nodes = sorted(
        (n for n in ast.walk(loop) if isinstance(n, ast.Name)),
        key=lambda n: (n.lineno, n.col_offset),
    )
    return list(dict.fromkeys(n.id for n in nodes))


# ---- functions whose gradients are those of a module's arrays ----


def _arrays(tree: ast.Module) -> set[str]:
    """Return the names of the arrays that a module makes."""
    return {
        name
        for item in tree.body
        if isinstance(item, ast.Assign) and ARRAYS.search(ast.unparse(item.value))
        for name in _assigned([item])
    }


def _with_globals(lines: Lines, function: ast.FunctionDef, arrays: set[str]) -> None:
    """Make arguments of the module's arrays whose gradients a function returns."""
    returned = [n for n in ast.walk(function) if isinstance(n, ast.Return) and n.value]
    names = [
        n.id for r in returned[-1:] for n in ast.walk(r) if isinstance(n, ast.Name)
    ]
    own = {a.arg for a in function.args.args}
    graded = [stem(n) for n in dict.fromkeys(names) if is_gradient_name(n)]
    wanted = [n for n in graded if n in arrays and n not in own]
    required = function.args.args[
        : len(function.args.args) - len(function.args.defaults)
    ]
    if (
        not wanted
        or not required
        or any(n in set(_assigned(function.body)) for n in wanted)
    ):
        return
    last = required[-1]
    line, column = last.end_lineno or last.lineno, last.end_col_offset or 0
    here = lines[line - 1].encode()
    more = "".join(f", {name}" for name in wanted).encode()
    lines[line - 1] = (here[:column] + more + here[column:]).decode()
