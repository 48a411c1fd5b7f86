"""How to call a person's functions: which argument is the upstream gradient, and so on.

The conventions, in docs/audit.md: ``backward`` takes forward's arguments by their
names, a cache that ``forward`` returned, and the upstream gradient; it returns the
gradients as a tuple in the order of the arguments, by name, or as ``self.dW``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gradtutor.audit.program.arguments import Argument
from gradtutor.audit.program.source import Function, Program, ProgramError

UPSTREAM = re.compile(
    r"_*(upstream|up|dout\w*|d_out\w*|dy|dL|dl|dz|da|df|dldy|dL_d\w+|dloss\w*|delta\w*|g|"
    r"gy|grad|grads?_?out\w*|out_?grad\w*|gradient|output_gradient|dvalues|dA|dZ|dY|"
    r"grad_\w+|\w+_grad|d_?next|error|seed|v|cotangent)"
)
CACHE = re.compile(
    r"_*(cache\w*|ctx|context|memory|mem|saved|tape|store|state|aux|residuals?)"
)


@dataclass(frozen=True)
class Plan:
    """How forward and backward are called.

    Attributes
    ----------
    backward_arguments : tuple of pairs
        A role (``argument``, ``upstream``, ``cache``, ``output``) and its value.
    returns : tuple of str
        The argument each returned value is the gradient of; empty: by the keys.
    attributes : tuple of str
        Parameters that are set on a layer object, as ``self.W``.
    several : bool
        Whether backward's return statement lists several values.
    formula : str
        The text of a module with the function ``forward``, made from a formula.
    """

    cls: str
    forward: str
    backward: str
    forward_arguments: tuple[str, ...]
    backward_arguments: tuple[tuple[str, Any], ...]
    attributes: tuple[str, ...]
    differentiable: tuple[str, ...]
    returns: tuple[str, ...]
    several: bool = False
    formula: str = ""
    wanted: int = 3

    @property
    def has_upstream(self) -> bool:
        """Whether backward takes an upstream gradient."""
        return any(role == "upstream" for role, _ in self.backward_arguments)

    @property
    def needs_forward(self) -> bool:
        """Whether backward lives on what a forward run leaves behind."""
        roles = {role for role, _ in self.backward_arguments}
        return bool(roles & {"cache", "output"}) or bool(self.cls and not self.formula)

    def to_json(self) -> dict[str, Any]:
        """Return the plan for the child process."""
        return {
            "class": self.cls,
            "forward": self.forward,
            "backward": self.backward,
            "forward_arguments": list(self.forward_arguments),
            "backward_arguments": [list(pair) for pair in self.backward_arguments],
            "attributes": list(self.attributes),
            "differentiable": list(self.differentiable),
            "has_upstream": self.has_upstream,
            "needs_forward": self.needs_forward,
            "several": self.several,
            "formula": self.formula,
            "wanted": self.wanted,
        }


def names_of(program: Program, function: str, forward: str) -> tuple[str, str, str]:
    """Return the class (or empty) and the names of its forward and backward.

    Raises
    ------
    ProgramError
        When the file has no such function.
    """
    if function in program.classes:
        function = f"{function}.backward"
    cls, _, name = function.rpartition(".")
    program.check_function(function)
    return cls, forward, name


def argument_names(
    program: Program, function: str, forward: str, formula_inputs: Sequence[str] | None
) -> tuple[str, ...]:
    """Return the names of forward's arguments, or a formula's inputs."""
    if formula_inputs is not None:
        return tuple(formula_inputs)
    cls, forward, _ = names_of(program, function, forward)
    full = f"{cls}.{forward}" if cls else forward
    if full not in program.functions:
        raise ProgramError(
            f"{program.path} has no function {full!r} to differentiate\n"
            'write one beside backward, name it (--forward), or give --formula "x @ W"'
        )
    return program.functions[full].arguments


def make_plan(
    program: Program,
    function: str,
    forward: str,
    arguments: Mapping[str, Argument],
    *,
    formula: str = "",
    formula_inputs: Sequence[str] | None = None,
    returns: Sequence[str] = (),
) -> Plan:
    """Decide how everything is called.

    Parameters
    ----------
    arguments : mapping
        Every argument by name, and parameters that are a layer's attributes.

    Raises
    ------
    ProgramError
        When an argument of backward, or what it returns, has no clear meaning.
    """
    cls, forward, backward = names_of(program, function, forward)
    names = argument_names(program, function, forward, formula_inputs)
    entry = program.functions[f"{cls}.{backward}" if cls else backward]
    beside = program.functions.get(f"{cls}.{forward}" if cls else forward)
    attributes = tuple(n for n in arguments if n not in names)
    if attributes and not cls:
        raise ProgramError(
            f"there is no argument {attributes[0]!r}: {forward} has {', '.join(names)}"
        )
    roles = _roles(program, entry, names, beside)
    differentiable = tuple(
        n for n in [*names, *attributes] if arguments[n].differentiable
    )
    order = _order(program, entry, differentiable, names, returns)
    return Plan(
        cls,
        "forward" if formula else forward,
        backward,
        tuple(names),
        roles,
        attributes,
        differentiable,
        order,
        entry.returns_tuple,
        formula,
    )


def _roles(
    program: Program, entry: Function, names: Sequence[str], forward: Function | None
) -> tuple[tuple[str, Any], ...]:
    """Give each argument of backward its role; the one left over is upstream."""
    outputs = forward.returns if forward else ()
    roles = [_role(name, names, outputs) for name in entry.arguments]
    open_places = [i for i, role in enumerate(roles) if role is None]
    has_upstream = any(role and role[0] == "upstream" for role in roles)
    unclear = [i for i in open_places if i < entry.required]
    if len(unclear) == 1 and not has_upstream:
        roles[unclear[0]] = ("upstream", None)
    elif unclear:
        name = entry.arguments[unclear[0]]
        raise ProgramError(
            f"{program.path}: what is the argument {name!r} of {entry.name}?\n"
            f"name it like an argument of forward ({', '.join(names) or 'none'}), "
            "cache, or upstream"
        )
    kept = []
    for role in roles:
        if role is None:
            break  # from here on, arguments with defaults
        kept.append(role)
    return tuple(kept)


def _role(
    name: str, names: Sequence[str], outputs: Sequence[str]
) -> tuple[str, Any] | None:
    if name in names:
        return ("argument", name)
    if name in outputs:
        return ("output", outputs.index(name))
    if CACHE.fullmatch(name):
        return ("cache", None)
    if UPSTREAM.fullmatch(name) or (outputs and stem(name) == outputs[0] != name):
        return ("upstream", None)
    return None


# ---- what it returns ----

STEM = re.compile(
    r"(?:self\.)?(?:dL_?/?d|dl_?/?d|dloss_?/?d|grads?\[['\"]d?|grad_?|d_?|∂_?|g_?|delta_?)?"
    r"(?P<name>\w+?)(?:_?grad|_?bar|['\"]\])?"
)


def stem(name: str) -> str:
    """Return what a name is the gradient of, by the usual spellings.

    >>> stem("dW1"), stem("grad_x"), stem("b_grad"), stem("grads['W']")
    ('W1', 'x', 'b', 'W')
    """
    match = STEM.fullmatch(name)
    return match["name"] if match else name


def match_name(name: str, names: Sequence[str]) -> str:
    """Return the argument that a gradient's name speaks of, or an empty string."""
    for candidate in (stem(name), name, name.removeprefix("d"), name.removeprefix("g")):
        if candidate in names:
            return candidate
    lower = {n.lower(): n for n in reversed(names)}
    return lower.get(stem(name).lower(), "")


def _order(
    program: Program,
    entry: Function,
    differentiable: Sequence[str],
    names: Sequence[str],
    returns: Sequence[str],
) -> tuple[str, ...]:
    """Return the arguments whose gradients are returned, in order; empty: by keys."""
    if returns:
        for name in returns:
            if name not in differentiable:
                raise ProgramError(
                    f"--returns {name}: the arguments are {', '.join(differentiable)}"
                )
        return tuple(returns)
    matched = [match_name(text, differentiable) for text in entry.returns]
    if all(matched) and len(set(matched)) == len(matched):
        return tuple(matched)
    common = [n for n in entry.arguments if n in differentiable]
    for order in ([n for n in names if n in differentiable], common):
        if len(order) == len(entry.returns):
            return tuple(order)
    return ()
