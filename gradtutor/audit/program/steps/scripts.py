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

from gradtutor.audit.program.naming import DATA, is_gradient_name, stem
from gradtutor.audit.program.steps.averages import averages_of
from gradtutor.audit.program.steps.loops import (
    Loop,
    Update,
    assigned,
    loss_of,
    read_names,
    statements,
    updates_of,
)

ARRAYS = re.compile(
    r"\b(array|rand\w*|normal|uniform|zeros|ones|linspace|eye|asarray)\b"
)
GENERATOR = re.compile(r"[\w.]*(default_rng|RandomState)\([^()]*\)")
Lines = list[str]


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
        before |= dict.fromkeys(assigned([statement]))
        if isinstance(statement, ast.Assign):
            before |= dict.fromkeys(assigned([statement]), statement.value)
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
    updates = [u for u in updates_of(loop.body) if u.parameter in before]
    names = [u.parameter for u in updates]
    loss, squares = loss_of(loop)
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
    for statement in _averaging(loop):
        _replace_statement(lines, statement, "pass")
    results = ", ".join([loss, *(u.result for u in updates)])
    first = f"{last.made}; " if last.made else ""
    _replace_statement(lines, last.statement, f"{first}return {results}")
    return Loop(name, loop.lineno, tuple(names), squares)


def _averaging(loop: ast.For | ast.While) -> Iterator[ast.stmt]:
    """Yield what sets a momentum: only the steps, which are left out, need it."""
    averages = averages_of(loop.body)
    for item in statements(loop.body):
        if isinstance(item, ast.Assign) and set(assigned([item])) & averages:
            yield item


def _given(
    loop: ast.For | ast.While,
    parameters: Sequence[str],
    before: Mapping[str, ast.expr | None],
) -> Iterator[str]:
    """Yield the arguments beside the parameters: data, and the loop's counters."""
    made = set(assigned(loop.body))
    averages = averages_of(loop.body)
    for name in read_names(loop):
        known = name in before and name not in parameters and name not in averages
        if known and _is_given(name, before[name], made):
            yield name
    if isinstance(loop, ast.For):
        counters = [n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)]
        yield from (f"{n}=0" for n in counters if n not in before)


def _is_given(name: str, value: ast.expr | None, made: set[str]) -> bool:
    """Whether a name of before the loop varies: data, or what the loop changes."""
    text = GENERATOR.sub("", ast.unparse(value)) if value is not None else ""
    array = ARRAYS.search(text)
    return name in made or bool(array) or bool(DATA.fullmatch(name))


def _is_read_later(loop: ast.For | ast.While, update: Update) -> bool:
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


# ---- functions whose gradients are those of a module's arrays ----


def _arrays(tree: ast.Module) -> set[str]:
    """Return the names of the arrays that a module makes."""
    return {
        name
        for item in tree.body
        if isinstance(item, ast.Assign)
        and ARRAYS.search(GENERATOR.sub("", ast.unparse(item.value)))
        for name in assigned([item])
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
        or any(n in set(assigned(function.body)) for n in wanted)
    ):
        return
    last = required[-1]
    line, column = last.end_lineno or last.lineno, last.end_col_offset or 0
    here = lines[line - 1].encode()
    more = "".join(f", {name}" for name in wanted).encode()
    lines[line - 1] = (here[:column] + more + here[column:]).decode()
