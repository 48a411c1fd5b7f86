"""What to give each argument of a person's function: an array, a dict, a setting."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gradtutor.audit.program.calls import Call, Const, Expr, Leaf, Ref, Row, Table
from gradtutor.audit.program.definitions import Function
from gradtutor.audit.program.naming import DATA, TARGET
from gradtutor.audit.program.shapes import C, D, H
from gradtutor.audit.program.source import Program
from gradtutor.audit.program.usage import Usage, usages
from gradtutor.audit.program.values.settings import (
    SETTINGS,
    penalty,
    setting,
    size,
)

RATES = re.compile(r"learn(ing)?_?rate|lr|eta|step(_size)?")
BUNDLE = re.compile(
    r"param(eter)?s|weights_dict|theta_dict|model|net|\w+_params?|hparam(eter)?s|config|cfg|opts?"
)
#: What a bundle of settings holds, by a part of its name.
BUNDLES = {
    "dropout": ("mode", "p", "seed"),
    "conv": ("stride", "pad"),
    "pool": ("pool_height", "pool_width", "stride"),
    "bn": ("mode",),
    "ln": (),
    "gn": (),
}
DIMENSIONS = re.compile(r"dimensions|dims|layer_?(dims|sizes)|sizes")
LAYERS = 2  # of keys that are put together in a loop


@dataclass
class Values:
    """The arguments of forward as values, and what is done with their leaves.

    Attributes
    ----------
    known : set of str
        Names whose shapes or values are given: they are leaves, whatever their names.
    graded : set of str
        Names whose gradients come back: they are leaves too.
    """

    program: Program
    known: set[str] = field(default_factory=set)
    graded: set[str] = field(default_factory=set)
    values: dict[str, Expr] = field(default_factory=dict)
    leaves: dict[str, Usage] = field(default_factory=dict)

    def add(
        self, function: Function, names: Iterable[str], *, all_of: bool = True
    ) -> None:
        """Give values to a function's arguments."""
        node = function.node
        done = usages(node, self.program.nodes) if node else {}
        for name in names:
            if name not in self.values:
                value = self._value(function, name, done.get(name, Usage()))
                if value is not None:
                    self.values[name] = value

    def _value(self, function: Function, name: str, usage: Usage) -> Expr | None:
        default = function.default(name)
        if name in self.known:
            return self.leaf(name, usage)
        if usage.flat:
            return self.leaf(name, usage)
        if DIMENSIONS.fullmatch(name) and default is None and not usage.keys:
            return Row(tuple(Const(n) for n in (D, H, C)))
        if usage.flag and default is None and name not in self.graded:
            return Const(True)
        if usage.asked:
            return Call(Ref("Sampler"))
        if not usage.read and default is None and not self._is_wanted(function, name):
            return Const(None)
        if usage.keys or usage.stems or (BUNDLE.fullmatch(name) and not usage.walked):
            return self.table(name, usage)
        if default is not None and not (TARGET.fullmatch(name) and default == "None"):
            return self._optional(name, usage) or penalty(name, default)
        if usage.words:
            return Const(usage.words[0])
        first = function.arguments[:1] == (name,) and not isinstance(
            SETTINGS.get(name), str | bool
        )
        if (
            name in SETTINGS
            and not first
            and name not in self.graded
            and not TARGET.fullmatch(name)
        ):
            return Const(setting(name, set()))
        if usage.counts and not usage.rank:
            return Const(size(name, 2))
        if count := len_of_list(self.program.text, name):
            numbers = range(count)
            return Row(tuple(self.leaf(f"{name}{i}", Usage()) for i in numbers))
        if usage.walked and (short := _several(name)):
            numbers = range(1, LAYERS + 1)
            return Row(tuple(self.leaf(f"{short}{i}", Usage()) for i in numbers))
        return self.leaf(name, usage)

    @property
    def alone(self) -> set[str]:
        """The only argument, which is no target, whatever its name: ``sigmoid(t)``.

        Of several that are all called targets, the first: ``loss(y, t)``.
        """
        (name, usage), *others = [*self.leaves.items()] or [("", Usage())]
        targets = all(TARGET.fullmatch(n) for n in self.leaves)
        return set() if (others and not targets) or usage.indexes else {name}

    def _is_wanted(self, function: Function, name: str) -> bool:
        """Whether an argument that is not read must be an array all the same."""
        plain = isinstance(function.node, ast.FunctionDef)
        data = DATA.fullmatch(name) and name != "dataset"
        return not plain or name in self.graded or bool(data)

    def _optional(self, name: str, usage: Usage) -> Expr | None:
        """Leave an argument with a default as it is, unless its gradient comes back."""
        return self.leaf(name, usage) if name in self.graded else None

    def leaf(self, name: str, usage: Usage) -> Leaf:
        """Add a leaf."""
        if name in self.leaves:
            self.leaves[name].join(usage)
        else:
            self.leaves[name] = usage
        self.leaves[name].graded |= name in self.graded
        return Leaf(name)

    def table(self, name: str, usage: Usage) -> Table:
        """Return a dict of leaves and settings by the keys that are read."""
        keys = list(usage.keys)
        stems = [stem for stem in usage.stems if stem and not stem.startswith("d")]
        if not any(re.fullmatch(re.escape(s) + r"\d+", k) for s in stems for k in keys):
            keys += [f"{s}{i}" for i in range(1, LAYERS + 1) for s in stems]
        elif stems:
            last = max(int(k[-1]) for k in keys if k[-1:].isdigit())
            keys += [f"{s}{i}" for i in range(1, last + 1) for s in stems]
        for part, names in BUNDLES.items():
            if part in name.lower():
                keys = [*names, *(k for k in keys if k not in names)]
        items: list[tuple[str, Expr]] = []
        for key in dict.fromkeys(keys):
            if key.startswith(("running", "v", "s", "config")) and key not in SETTINGS:
                continue
            arrays = not re.search(
                r"(bn|ln|gn|conv|dropout|pool|h)_?param|hparam|config", name
            )
            if key in SETTINGS and not (arrays and key in ("p", "f", "alpha")):
                items.append((key, Const(setting(key, set(keys)))))
            elif arrays:
                items.append((key, self.leaf(key, Usage())))
        return Table(tuple(items))


def len_of_list(text: str, name: str) -> int:
    """Return how long a list of the module is: ``[None] * (K + 1)``; 0: it is none."""
    numbers: dict[str, int] = {}
    for item in ast.parse(text).body:
        match item:
            case ast.Assign([ast.Name(of)], ast.Constant(int(value))):
                numbers[of] = value
            case ast.Assign([ast.Tuple(names)], ast.Tuple(values)):
                numbers |= {
                    n.id: v.value
                    for n, v in zip(names, values, strict=False)
                    if isinstance(n, ast.Name)
                    and isinstance(v, ast.Constant)
                    and isinstance(v.value, int)
                }
            case ast.Assign(
                [ast.Name(of)], ast.BinOp(ast.List([ast.Constant()]), ast.Mult(), count)
            ) if of == name:
                return _counted(count, numbers)
    return 0


def _counted(node: ast.expr, numbers: Mapping[str, int]) -> int:
    match node:
        case ast.Constant(int(value)):
            return value
        case ast.Name(of):
            return numbers.get(of, 0)
        case ast.BinOp(left, ast.Add(), right):
            return _counted(left, numbers) + _counted(right, numbers)
    return 0


def _several(name: str) -> str:
    """Return what a list of weights or of biases is a list of."""
    if re.fullmatch(r"[Ww]s|weights|Weights|weight_list|theta_?s|thetas", name):
        return "W"
    return "b" if re.fullmatch(r"[Bb]s|biases|Biases|bias_list", name) else ""


def fixed_leaves(values: Values) -> frozenset[str]:
    """Return the leaves that have no gradient: labels, targets nobody asks for."""
    asked = values.graded | values.known | values.alone
    return frozenset(
        name
        for name, usage in values.leaves.items()
        if usage.indexes
        or ((TARGET.fullmatch(name) or name == "mask") and name not in asked)
    )
