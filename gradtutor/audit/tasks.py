"""Make the tasks of an audit: plan the calls, find shapes that they run with."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradtutor.audit.closer.likeliest import likeliest, otherwise
from gradtutor.audit.program.arguments import Argument
from gradtutor.audit.program.calls import leaves
from gradtutor.audit.program.pairs import Pair, chosen
from gradtutor.audit.program.plan import Draft, Plan
from gradtutor.audit.program.returned import is_unnamed, order_of
from gradtutor.audit.program.shapes import Reading, as_stated, choices, ranks, readings
from gradtutor.audit.program.shapes.counted import batched, transposes_weights
from gradtutor.audit.program.shapes.said import said
from gradtutor.audit.program.shapes.vocabulary import of_vocabulary
from gradtutor.audit.program.source import Program, ProgramError
from gradtutor.audit.program.usage import Usage
from gradtutor.audit.request import (
    FORWARD,
    Request,
    formula_pair,
    own_forward,
    read_given,
)
from gradtutor.audit.task import Task
from gradtutor.messages import tr

STATED = 30  # readings that what a docstring states is put into
FEW = 20  # numbers in all arguments


def requested(program: Program, function: str, request: Request) -> list[Pair]:
    """Return what a name asks for: a pair, or all those of a class.

    Raises
    ------
    ProgramError
        When there is no such function.
    """
    if request.formula and not own_forward(program, function, request):
        return [formula_pair(program, function, request)]
    return chosen(program, function, request.forward, FORWARD)


def make_task(program: Program, pair: Pair, request: Request) -> Iterator[Task]:
    """Plan the calls; find shapes. Other readings of the same text come after.

    Raises
    ------
    ProgramError, ShapeTextError, gradtutor.language.SourceError
        Where something does not fit.
    """
    named = {n: read_given(n, g) for n, g in request.given.items()}
    from_file = {n: read_given(n, g) for n, g in program.shapes.items()}
    known = set(named) | set(from_file)
    draft = pair.plan(known, request.returns)
    first = _task(program, draft, named, from_file, request)
    if draft.likeliest and draft.alternatives:
        plans = [one.plan for one in draft.alternatives]
        yield likeliest([first, *(otherwise(first, plan) for plan in plans)])
        return
    yield first
    for one in draft.alternatives:
        yield _task(program, one, named, from_file, request)


def _task(
    program: Program,
    draft: Draft,
    named: Mapping[str, Argument],
    from_file: Mapping[str, Argument],
    request: Request,
) -> Task:
    plan = _of_tensors(program, draft.plan)
    extra = [n for n in named if n not in plan.leaves]
    if extra and not plan.owner and not request.formula:
        inputs = ", ".join(plan.leaves) or tr("no arguments")
        raise ProgramError(
            tr(
                "there is no argument {name!r}: {forward} has {inputs}",
                name=extra[0],
                forward=plan.forward_name,
                inputs=inputs,
            )
        )
    arguments = {
        n: a
        for n, a in {**from_file, **named}.items()
        if n in plan.leaves or plan.owner
    }
    plan = _with_attributes(plan, arguments)
    task = Task(
        program, plan, arguments, request.formula, request.seed, request.timeout
    )
    unknown = [n for n in plan.leaves if n not in arguments]
    if unknown or plan.owner:
        task = _probed(task, draft, unknown)
    return _finished(task, request)


#: What PyTorch's tensors have and NumPy's arrays have not.
TENSORS = re.compile(
    r"\btorch\.|\.(size|mm|bmm|t|unsqueeze|view|permute|expand|masked_fill|clone)\(|"
    r"\b(dim|keepdim)="
)


def _of_tensors(program: Program, plan: Plan) -> Plan:
    """Let functions that work with PyTorch's tensors have them as arguments."""
    if plan.wrap or not any(
        one.partition(".")[0] == "torch" for one in program.imports
    ):
        return plan
    names = (plan.function, plan.forward_name)
    nodes = [program.functions[n].node for n in names if n in program.functions]
    tensors = any(TENSORS.search(ast.unparse(node)) for node in nodes if node)
    tensors |= not any(one.partition(".")[0] == "numpy" for one in program.imports)
    return replace(plan, wrap="torch") if tensors else plan


def _with_attributes(plan: Plan, arguments: Mapping[str, Argument]) -> Plan:
    """Take names that are no arguments as an object's own: set on it, ``self.W``."""
    own = [n for n in arguments if n not in plan.leaves]
    return replace(
        plan,
        leaves=(*plan.leaves, *own),
        attributes=(*plan.attributes, *((n, (n,)) for n in own)),
    )


def _probed(task: Task, draft: Draft, unknown: Sequence[str]) -> Task:
    """Let the child find shapes for what has none, and an object's own arrays."""
    usages = {n: draft.usages[n] for n in unknown if n in draft.usages}
    own = bool(task.plan.owner)
    functions = task.program.functions
    names = (task.plan.function, task.plan.forward_name)
    nodes = [n for f in names if f in functions and (n := functions[f].node)]
    guesses, natural = readings(
        usages,
        first=draft.first,
        weights=own,
        batched=batched(nodes),
        matrices=transposes_weights(nodes),
    )
    guesses, more = _stated(task, usages, guesses, draft.shapes)
    natural += more
    many = {n: list(choices(n, u, guesses)) for n, u in usages.items()}
    given = {n: a.to_json() for n, a in task.arguments.items()}
    arrays = {n: a.value for n, a in task.arguments.items() if a.value is not None}
    answer, _ = task.run(
        "probe",
        {**arrays, "none": np.zeros(1)},
        given=given,
        readings=[{n: a.to_json() for n, a in one.items()} for one in guesses],
        choices={n: [a.to_json() for a in some] for n, some in many.items()},
        natural=natural,
        indexes=[n for n, u in usages.items() if u.indexes],
        flat=[n for n, u in usages.items() if u.flat],
        ranks=ranks(usages),
    )
    found = {n: _argument(data) for n, data in (answer["reading"] or {}).items()}
    plan = _with_object(task.plan, answer["attributes"], {*task.arguments, *found})
    shapes = answer["attributes"].get("shapes", {})
    stored = {n: Argument(tuple(s)) for n, s in shapes.items() if n not in found}
    return replace(
        task,
        plan=plan,
        arguments={
            **task.arguments,
            **found,
            **{n: a for n, a in stored.items() if n not in task.arguments},
        },
        guessed=tuple(found),
        fitted={
            n: as_stated(n, usages[n], tuple(data["shape"]))
            for n, data in (answer["fitted"] or {}).items()
        },
    )


def _stated(
    task: Task,
    usages: Mapping[str, Usage],
    guesses: Sequence[Reading],
    made: Mapping[str, Sequence[str]],
) -> tuple[list[Reading], int]:
    """Put readings first that have the shapes which docstrings state, or the code."""
    text = "\n".join(_docstrings(task))
    made = {**of_vocabulary(task.program.text, usages), **made}
    first: list[Reading] = []
    for shapes in said(text, list(usages), made):
        few = guesses[:1] if len(shapes) == len(usages) else guesses[:STATED]
        for guess in few:
            own = {n: as_stated(n, usages[n], shape) for n, shape in shapes.items()}
            first.append({**guess, **own})
    return [*first, *guesses], len(first)


def _docstrings(task: Task) -> Iterator[str]:
    functions = task.program.functions
    for name in _with_called(task.program, task.plan.forward_name, task.plan.function):
        node = functions[name].node if name in functions else None
        if isinstance(node, ast.FunctionDef):
            yield ast.get_docstring(node) or ""
    cls = task.plan.function.partition(".")[0]
    for item in ast.parse(task.program.text).body:
        if isinstance(item, ast.ClassDef) and item.name == cls:
            yield ast.get_docstring(item) or ""


def _with_called(program: Program, *names: str) -> list[str]:
    """Return functions, and behind them those of the file that they call."""
    nodes = [program.functions[n].node for n in names if n in program.functions]
    called = [
        item.func.id
        for node in nodes
        for item in (ast.walk(node) if node else ())
        if isinstance(item, ast.Call) and isinstance(item.func, ast.Name)
    ]
    return list(dict.fromkeys([*names, *called]))


def _with_object(plan: Plan, attributes: Mapping[str, Any], known: set[str]) -> Plan:
    if not attributes:
        return plan
    pairs = [(name, tuple(path)) for name, path in attributes["paths"]]
    taken = {name for name, _ in pairs}
    pairs += [one for one in plan.attributes if one[0] not in taken]
    names = [name for name, _ in pairs if name not in plan.leaves]
    return replace(plan, leaves=(*plan.leaves, *names), attributes=tuple(pairs))


def _argument(data: Mapping[str, Any]) -> Argument:
    labels = tuple(data["labels"]) if data["labels"] else None
    return Argument(tuple(data["shape"]), labels, kind=data["kind"])


def _finished(task: Task, request: Request) -> Task:
    """Settle what has a gradient, what comes back, and how many points are wanted."""
    plan = task.plan
    arguments = {
        name: task.arguments[name] for name in plan.leaves if name in task.arguments
    }
    fixed = plan.fixed | {
        name
        for name, a in arguments.items()
        if not a.differentiable
        and (a.labels or a.value is not None or name not in plan.order)
    }
    plan = replace(plan, fixed=frozenset(fixed))
    plan = replace(
        plan,
        order=order_of(plan, request.returns) if not _settled(plan) else plan.order,
        unnamed=is_unnamed(plan) and not request.returns,
    )
    small = sum(np.prod(a.shape) for a in arguments.values()) <= FEW
    plan = replace(plan, wanted=5 if small else 3)  # few numbers hit few branches
    return replace(task, plan=plan, arguments=arguments)


def _settled(plan: Plan) -> bool:
    """Whether the order of what comes back does not depend on the text."""
    return bool(plan.order) and not plan.texts


# ---- a formula in place of forward ----


def inputs_of(plan: Plan) -> list[str]:
    """Return the leaves that are forward's own arguments."""
    return [name for _, value in plan.inputs for name in leaves(value)]
