r"""What can be checked in a file: pairs of forward and backward, in every style.

>>> text = "def f(x): return x\ndef f_backward(x, g): return g\n"
>>> program = read_program("a.py", text)
>>> [pair.title for pair in pairs(program)]
['f_backward']
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from gradtutor.audit.program.definitions import Function
from gradtutor.audit.program.pairing import (
    LAST,
    OTHERS,
    adds_for_another,
    forward_of,
)
from gradtutor.audit.program.plan import Draft
from gradtutor.audit.program.source import Program, ProgramError, read_program
from gradtutor.audit.program.steps.kept import kept_as
from gradtutor.audit.program.styles.both import both_in_one
from gradtutor.audit.program.styles.classes.layers import layer
from gradtutor.audit.program.styles.classes.methods import (
    backwards,
    method_pair,
    named_pairs,
)
from gradtutor.audit.program.styles.engines.engine import engine_of
from gradtutor.audit.program.styles.engines.operators import operators
from gradtutor.audit.program.styles.engines.variables import (
    variable_function,
    variable_of,
)
from gradtutor.audit.program.styles.episodes import episodes, is_of_episodes
from gradtutor.audit.program.styles.frameworks.functions import (
    custom_vjp,
    custom_vjps,
    function_class,
    is_function_class,
    is_operator_class,
    operator_class,
)
from gradtutor.audit.program.styles.frameworks.kept import (
    keeps_in_class,
    kept_of_class,
    kept_of_functions,
    kept_of_step,
)
from gradtutor.audit.program.styles.frameworks.primitives import (
    custom_gradient,
    custom_gradients,
    primitive,
    primitives,
    rules_of,
)
from gradtutor.audit.program.styles.frameworks.tangents import custom_jvp, custom_jvps
from gradtutor.audit.program.styles.functions import two_functions
from gradtutor.audit.program.styles.graded import returns_both, takes_steps
from gradtutor.audit.program.styles.loops import training_loop
from gradtutor.audit.program.styles.training import training
from gradtutor.messages import tr

Planner = Callable[[set[str], Sequence[str]], Draft]


@dataclass(frozen=True)
class Pair:
    """Something that can be checked.

    Attributes
    ----------
    title : str
        The name it is asked for by: ``affine_backward``, ``Layer.backward``.
    plan : callable
        Takes the names that have shapes, and what is returned; gives the draft.
    group : str
        The class or function that it belongs to.
    """

    title: str
    plan: Planner
    group: str
    line: int = 0


def pairs(program: Program) -> list[Pair]:
    """Return everything that can be checked in a file, in the file's order."""
    found = [*_of_classes(program), *_of_vjps(program), *_of_loops(program)]
    found += _of_primitives(program)
    taken = {pair.title for pair in found} | {pair.group for pair in found}
    taken |= rules_of(program)
    found += _of_functions(program, taken)
    return sorted(found, key=lambda pair: pair.line)


def _of_classes(program: Program) -> Iterator[Pair]:
    for kind in program.kinds:
        yield from pairs_of_class(program, kind.name)


def pairs_of_class(program: Program, cls: str) -> Iterator[Pair]:
    """Yield what can be checked of a class."""
    line = min(
        (f.first_line for n, f in program.functions.items() if n.startswith(f"{cls}.")),
        default=0,
    )
    engine = engine_of(program, cls)
    names = method_pair(program, cls)
    if names and f"{cls}.{names[1]}" in (t.function for t in program.trainings):
        names = None  # it returns its gradients now
    if engine:
        last = LAST if engine.outside else line
        for name, draft in operators(program, engine):
            yield Pair(f"{cls}.{name}", _settled(draft), cls, last)
    elif is_function_class(program, cls):
        yield Pair(f"{cls}.backward", partial(function_class, program, cls), cls, line)
    elif is_operator_class(program, cls):
        yield Pair(f"{cls}.gradient", partial(operator_class, program, cls), cls, line)
    elif keeps_in_class(program, cls):
        plan = partial(kept_of_class, program, cls)
        yield Pair(f"{cls}.backward", plan, cls, line)
    elif names and variable_of(program, cls):
        if not program.functions[f"{cls}.backward"].empty:
            plan = partial(variable_function, program, cls)
            yield Pair(f"{cls}.backward", plan, cls, line)
    elif names and not any(program.functions[f"{cls}.{n}"].empty for n in names):
        plan = partial(layer, program, cls, *names)
        yield Pair(f"{cls}.{names[1]}", plan, cls, line)
    yield from _of_episodes(program, cls)


def _of_episodes(program: Program, cls: str) -> Iterator[Pair]:
    for names in named_pairs(program, cls):
        forward, backward = (program.functions[name] for name in names)
        if is_of_episodes(forward, backward):
            plan = partial(episodes, program, forward, backward)
            yield Pair(backward.name, plan, cls, backward.first_line)


def _settled(draft: Draft) -> Planner:
    return lambda known, returns: draft


def _of_vjps(program: Program) -> Iterator[Pair]:
    for names in custom_vjps(program):
        line = program.functions[names[2]].first_line
        yield Pair(names[2], partial(custom_vjp, program, names), names[1], line)
    for names_of_two in custom_jvps(program):
        function, rule = names_of_two
        line = program.functions[rule].first_line
        plan = partial(custom_jvp, program, names_of_two)
        yield Pair(rule, plan, function, line)


def _of_primitives(program: Program) -> Iterator[Pair]:
    for name, line in primitives(program):
        yield Pair(name, partial(primitive, program, name), name, line)
    for name in custom_gradients(program):
        line = program.functions[name].first_line
        yield Pair(name, partial(custom_gradient, program, name), name, line)


def _of_loops(program: Program) -> Iterator[Pair]:
    for loop in program.loops:
        title = f"line{loop.line}"
        plan = partial(training_loop, program, loop)
        yield Pair(title, plan, loop.function, loop.line)
    for step in program.keepers:
        plan = partial(kept_of_step, program, step)
        yield Pair(step.function, plan, step.function, step.line)
    for step in program.trainings:
        plan = partial(training, program, step)
        group = step.function.rpartition(".")[0] or step.function
        yield Pair(step.function, plan, group, step.line)


def _of_functions(program: Program, taken: set[str]) -> Iterator[Pair]:
    plain = [f for name, f in program.functions.items() if "." not in name]
    plain = [f for f in plain if not adds_for_another(program, f)]
    for function in plain:
        if (
            function.name in taken
            or OTHERS.fullmatch(function.name)
            or not function.arguments
        ):
            continue
        forward = forward_of(program, function)
        if forward:
            yield _pair(program, forward, function)
        elif returns_both(function) and not takes_steps(function):
            yield _both(program, function)


def _pair(program: Program, forward: Function, backward: Function) -> Pair:
    planner = kept_of_functions if kept_as(backward.node) else two_functions
    if is_of_episodes(forward, backward):
        planner = episodes
    plan = partial(planner, program, forward, backward)
    return Pair(backward.name, plan, forward.name, backward.first_line)


def _both(program: Program, function: Function) -> Pair:
    plan = partial(both_in_one, program, function)
    return Pair(function.name, plan, function.name, function.first_line)


def chosen(
    program: Program, function: str, forward: str, default_forward: str
) -> list[Pair]:
    """Return what a name asks for: one pair, or all those of a class.

    Raises
    ------
    ProgramError
        When the file has no such function, or nothing to differentiate.
    """
    if function in program.classes and forward != default_forward:
        backward = next(iter(backwards(program, function)), "backward")
        function = f"{function}.{backward}"
    elif function in program.classes:
        found = list(pairs_of_class(program, function))
        if found:
            return found
        function = f"{function}.backward"
    all_pairs = pairs(program)
    if forward == default_forward:
        found = [p for p in all_pairs if function in (p.title, p.group)]
        if found:
            own = [p for p in all_pairs if p.title.startswith(f"{function}, ")]
            return [found[0], *own] if found[0].title == function else found
    entry = program.check_function(function)
    cls = function.rpartition(".")[0]
    full = f"{cls}.{forward}" if cls else forward
    if cls and full in program.functions:
        return [_method(program, cls, forward, function.rpartition(".")[2])]
    if full in program.functions and not cls:
        return [_pair(program, program.functions[full], entry)]
    if returns_both(entry) and not cls:
        return [_both(program, entry)]
    raise ProgramError(
        tr(
            "{path} has no function {full!r} to differentiate\n"
            "write one beside {function}, name it (--forward), or give "
            '--formula "x @ W"',
            path=program.path,
            full=full,
            function=function,
        )
    )


def with_forward(program: Program, forward: str) -> list[Pair]:
    """Return what is the gradient of a function, or of a method, that is named.

    Raises
    ------
    ProgramError
        When the file has no such function, or no gradient of it.
    """
    found = [
        _method(program, cls, forward, backward)
        for cls in program.classes
        if f"{cls}.{forward}" in program.functions
        for backward in backwards(program, cls)[:1]
    ]
    if forward in program.functions:
        own = [p.title for p in pairs(program) if p.title in program.functions]
        found += [
            _pair(program, program.functions[forward], program.functions[name])
            for name in own or ["backward"] * ("backward" in program.functions)
            if "." not in name and name != forward
        ]
    if found:
        return found
    if all(name.rpartition(".")[2] != forward for name in program.functions):
        program.check_function(forward)
    there = ", ".join(program.functions)
    raise ProgramError(
        tr(
            "{path}: no gradient of {forward!r} was found; it has: "
            "{there}\n"
            "say which it is: FILE.py:NAME --forward {forward}",
            path=program.path,
            forward=forward,
            there=there,
        )
    )


def _method(program: Program, cls: str, forward: str, backward: str) -> Pair:
    plan = partial(layer, program, cls, forward, backward)
    return Pair(f"{cls}.{backward}", plan, cls)


__all__ = ["Pair", "chosen", "pairs", "read_program"]
