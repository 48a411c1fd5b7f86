"""The model of a program that only defines one: made as its author would make it."""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from gradtutor.language.errors import SourceError
from gradtutor.language.program.bare.classes import forward_of_arrays, of_arrays
from gradtutor.language.program.bare.functions import forwards_of, of_functions
from gradtutor.language.program.bare.loops import of_loops
from gradtutor.language.program.bare.parts import check_alone, check_rivals
from gradtutor.language.program.values import (
    MODELS,
    Class,
    Function,
    Instance,
    Library,
    Weight,
)
from gradtutor.language.program.walking.instances import is_module, make_instance
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

#: Names of functions that show a model at work, and of those that make one.
SHOWS = re.compile(r"(test|main|demo|example|run|debug|try|train)\w*", re.IGNORECASE)
MAKER = re.compile(r"\w*(model|net|mlp|cnn|build|classifier|coder)\w*", re.IGNORECASE)
#: Names of functions that are a model themselves.
IS_MODEL = ("net", "model", "forward", "network", "predict", "mlp", "nn", "f")


def made_model(run: Interpreter, in_use: Callable[[Interpreter], Any]) -> Any:
    """Make the model of a program that only defines it.

    A function such as ``test()`` shows how; else a class or a function without
    arguments makes it; else one with arguments, their sizes taken.

    Parameters
    ----------
    in_use : callable
        Returns the model that has been trained or called so far.

    Raises
    ------
    SourceError
        When there is none; when the only one cannot be made, with its place.
    """
    error: SourceError | None = None
    for make in _ways(run, in_use):
        try:
            made = make()
        except SourceError as found:
            error = error or found
            continue
        if isinstance(made, Instance) and made.cls and not is_module(made):
            made = of_arrays(run, made.cls) or made
        if isinstance(made, (*MODELS, Function)):
            return made
    if error is not None:
        raise error
    message = tr("this program has no model that can be read")
    hint = tr(
        "a model is Sequential([...]), a class of nn.Module, or Model(inputs, outputs)"
    )
    raise SourceError(message, run.source.text, (0, 1), hint)


def _ways(
    run: Interpreter, in_use: Callable[[Interpreter], Any]
) -> Iterator[Callable[[], Any]]:
    """Yield ways to a model, the likeliest first."""
    values = list(run.scope.names.values())
    functions = [one for one in values if isinstance(one, Function)]
    classes = _of_modules(run, values)
    free = [one for one in functions if not _needs(one.node, own=0)]

    def show(function: Function) -> Any:
        with contextlib.suppress(SourceError):
            run.call(function, [], {}, function.node)
        return in_use(run)

    yield from (_bound(show, one) for one in free if SHOWS.fullmatch(one.name))
    ready = [one for one in classes if not _start_needs(one)]
    yield from (lambda c=one: make_instance(run, c, [], {}, c.node) for one in ready)
    yield from (lambda f=one: run.call(f, [], {}, f.node) for one in free)
    yield from (lambda c=one: make_instance(run, c, [], {}, c.node) for one in classes)
    yield lambda: _of_one_class(run, values, functions)
    yield lambda: of_loops(run)
    yield lambda: of_functions(run)
    makers = [one for one in reversed(functions) if MAKER.fullmatch(one.name)]
    yield from (lambda f=one: run.call(f, [], {}, f.node) for one in makers)
    if any(isinstance(one, Weight) for one in _flat(values)):
        yield from (lambda f=one: f for one in functions if one.name in IS_MODEL)


def _of_one_class(run: Interpreter, values: list[Any], functions: list[Any]) -> Any:
    """Return the network that a class of arrays is, where nothing else may be it."""
    found = [one for one in _alone(values) if forward_of_arrays(one) is not None]
    for one in found:
        check_alone(run, one)
    rivals = forwards_of(functions) if found else []
    check_rivals(run, [*found, *rivals])
    return of_arrays(run, found[0]) if found else None


def _alone(values: list[Any]) -> list[Class]:
    """Return the classes of no library that compute something."""
    classes = [one for one in values if isinstance(one, Class)]
    return [
        one
        for one in classes
        if not list(one.libraries()) or one.bases == (Library("object"),)
    ]


def _flat(values: list[Any]) -> Iterator[Any]:
    for one in values:
        yield from one if isinstance(one, list | tuple) else (one,)


def _bound(show: Callable[[Function], Any], one: Function) -> Callable[[], Any]:
    return lambda: show(one)


def _of_modules(run: Interpreter, values: list[Any]) -> list[Class]:
    """Return the classes of models, the last first; what others use at the end."""
    classes = [one for one in values if isinstance(one, Class)]
    modules = [one for one in reversed(classes) if is_module(Instance(one))]
    inside = {
        node.id
        for one in classes
        for node in ast.walk(one.node)
        if isinstance(node, ast.Name)
    }
    alone = [one for one in modules if one.name not in inside]
    return alone + [one for one in modules if one.name in inside]


def _start_needs(cls: Class) -> int:
    start = cls.method("__init__")
    return _needs(start.node, own=1) if isinstance(start, Function) else 0


def _needs(node: Any, own: int) -> int:
    """Return how many arguments a function has to be given."""
    spec = node.args
    many = len(spec.posonlyargs) + len(spec.args) - len(spec.defaults) - own
    return many + sum(one is None for one in spec.kw_defaults)
