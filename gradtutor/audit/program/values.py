"""What to give each argument of a person's function: an array, a dict, a setting."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from gradtutor.audit.program.calls import Call, Const, Expr, Leaf, Ref, Row, Table
from gradtutor.audit.program.naming import DATA, TARGET
from gradtutor.audit.program.shapes import CHANNELS, C, D, H
from gradtutor.audit.program.source import Function, Program
from gradtutor.audit.program.usage import Usage, usages

#: Settings that are no arrays, by their usual names.
SETTINGS: dict[str, object] = {
    "mode": "train",
    "p": 0.6,
    "keep_prob": 0.8,
    "keep_probability": 0.8,
    "drop_prob": 0.4,
    "dropout_ratio": 0.4,
    "dropout_rate": 0.4,
    "seed": 7,
    "eps": 1e-5,
    "epsilon": 1e-5,
    "momentum": 0.9,
    "stride": 1,
    "pad": 1,
    "padding": 1,
    "pool_height": 2,
    "pool_width": 2,
    "pool_size": 2,
    "pool_h": 2,
    "pool_w": 2,
    "kernel_size": 3,
    "f": 2,
    "reg": 0.1,
    "reg_lambda": 0.1,
    "lambd": 0.7,
    "lambda_": 0.7,
    "lmbda": 0.7,
    "lam": 0.7,
    "l2": 0.1,
    "weight_decay": 0.1,
    "weight_decay_lambda": 0.1,
    "delta": 1.0,
    "margin": 1.0,
    "temperature": 1.3,
    "temp": 1.3,
    "slope": 0.1,
    "negative_slope": 0.1,
    "num_heads": 2,
    "n_heads": 2,
    "n_head": 2,
    "heads": 2,
    "G": CHANNELS,
    "groups": CHANNELS,
    "num_groups": CHANNELS,
    "axis": -1,
    "axes": None,
    "training": True,
    "train": True,
    "is_training": True,
    "verbose": False,
    "lr": 1.0,
    "learning_rate": 1.0,
    "learn_rate": 1.0,
    "activation": "relu",
    "weight_scale": 0.5,
    "weight_init_std": 0.5,
    "std": 0.5,
    "alpha": 0.1,
    "print_cost": False,
    "learning_rate_decay": 1.0,
}
#: Sizes that a class is made with.
SIZES: tuple[tuple[str, object], ...] = (
    (r"(num_?)?filters?|filter_num|n_filters|filter_size|kernel_size", 3),
    (r"stride|pad|padding|num_layers|n_layers|seed|num_heads", None),
    (
        r"sizes|layers?(_?(sizes|dims))?|dims|layer_dims|architecture|topology|structure",
        [D, H, C],
    ),
    (r"hidden_?(dims|sizes?_?list|layers)|hidden_size_list|hidden_dims", [H]),
    (r"hidden\w*|n_?h|num_?hidden\w*|h_dim|n_hidden\w*|hidden_units|H|dim_hidden", H),
    (
        r"out\w*|n_?out|n_?y|num_?classes|n_classes|output\w*|classes|n_outputs?|C|d_out|y_dim|fan_out|"
        r"out_?(features|dim|channels|size)",
        C,
    ),
    (r"vocab\w*|V|num_embeddings|n_words", 5),
    (
        r"in\w*|n_?in|n_?x|input\w*|D|d_in|dim|size|features|num_features|n_features|fan_in|d_?model|"
        r"embed\w*|n_inputs?|x_dim|n|channels|normalized_shape|embedding_dim",
        D,
    ),
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
        if usage.flag and default is None and name not in self.graded:
            return Const(True)
        if usage.asked:
            return Call(Ref("Sampler"))
        if not usage.read and default is None and not self._is_wanted(function, name):
            return Const(None)
        if usage.keys or usage.stems or (BUNDLE.fullmatch(name) and not usage.walked):
            return self.table(name, usage)
        if default is not None and not (TARGET.fullmatch(name) and default == "None"):
            return self._optional(name, usage) or _penalty(name, default)
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
            return Const(_setting(name, set()))
        if usage.counts and not usage.rank:
            return Const(size(name, 2))
        if usage.walked and (short := _several(name)):
            numbers = range(1, LAYERS + 1)
            return Row(tuple(self.leaf(f"{short}{i}", Usage()) for i in numbers))
        return self.leaf(name, usage)

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
                items.append((key, Const(_setting(key, set(keys)))))
            elif arrays:
                items.append((key, self.leaf(key, Usage())))
        return Table(tuple(items))


def _several(name: str) -> str:
    """Return what a list of weights or of biases is a list of."""
    if re.fullmatch(r"[Ww]s|weights|Weights|weight_list|theta_?s|thetas", name):
        return "W"
    return "b" if re.fullmatch(r"[Bb]s|biases|Biases|bias_list", name) else ""


def _setting(name: str, beside: set[str]) -> object:
    """Return a setting; windows of a pooling layer do not overlap."""
    if name == "stride" and beside & {"pool_height", "pool_width", "f"}:
        return 2
    return SETTINGS[name]


def size(name: str, otherwise: object = D) -> object:
    """Return a size by its name: ``hidden_size``, ``sizes``."""
    for pattern, value in SIZES:
        if re.fullmatch(pattern, name):
            return value
    return otherwise


def constructor(
    program: Program, cls: str, values: Values
) -> tuple[tuple[Expr, ...], tuple[tuple[str, Expr], ...]]:
    """Return what a class is made with: arrays, sizes, settings; defaults stay."""
    function = program.functions.get(f"{cls}.__init__")
    if function is None:
        return (), ()
    required = function.arguments[: function.required]
    args = tuple(_made_with(function, name, values) for name in required)
    smaller = [
        (name, value)
        for name in function.arguments[function.required :]
        for default in [function.default(name) or ""]
        if (value := _smaller(name, default) or _penalty(name, default)) is not None
    ]
    return args, tuple(smaller)


def _smaller(name: str, default: str) -> Expr | None:
    """Return a small size in place of a default such as 3*32*32."""
    if re.fullmatch(r"\(\d+, \d+, \d+\)", default):
        return Row(tuple(Const(n) for n in (CHANNELS, 4, 4)), "tuple")
    if not re.fullmatch(r"\d+( \* \d+)*", default):
        return None
    value = size(name, None)
    return Const(value) if isinstance(value, int) else None


def _penalty(name: str, default: str) -> Expr | None:
    """Return a penalty that is felt, in place of none."""
    felt = re.fullmatch(r"reg\w*|l2\w*|weight_decay\w*|lam\w*|lmbda", name)
    return Const(0.1) if felt and default in ("0", "0.0") else None


def _made_with(function: Function, name: str, values: Values) -> Expr:
    if name in values.known:
        return values.leaf(name, Usage())
    if _is_called(values.program, function, name):
        slope = re.search(r"prime|deriv|grad|backward|^d_?|_d$", name)
        return Ref("tanh_slope" if slope else "tanh")
    if name in SETTINGS and name not in ("p", "f"):
        return Const(SETTINGS[name])
    if _is_stored(function, name) and _is_array(name):
        return values.leaf(name, Usage())
    value = size(name, None)
    if isinstance(value, list):
        return Row(tuple(Const(v) for v in value))
    if value is None and name in SETTINGS:
        return Const(SETTINGS[name])
    return Const(D if value is None else value)


def _is_called(program: Program, init: Function, name: str) -> bool:
    """Whether what a class is made with is a function that its methods call."""
    cls = init.name.rpartition(".")[0]
    methods = [f.node for n, f in program.functions.items() if n.startswith(f"{cls}.")]
    called = {f"self.{name}", f"self._{name}", name}
    return any(
        isinstance(node, ast.Call) and ast.unparse(node.func) in called
        for method in methods
        if method is not None
        for node in ast.walk(method)
    )


def _is_array(name: str) -> bool:
    return bool(
        re.fullmatch(
            r"[Ww]\w?\d*|b\w?\d*|weights?|bias(es)?|gamma|beta|theta|kernel|filters?|E|scale|shift",
            name,
        )
    )


def _is_stored(function: Function, name: str) -> bool:
    """Whether a constructor keeps an argument as it is: ``self.W = W``."""
    for node in ast.walk(function.node) if function.node else ():
        match node:
            case ast.Assign(_, value):
                if any(
                    isinstance(n, ast.Name) and n.id == name for n in ast.walk(value)
                ):
                    return not any(
                        isinstance(n, ast.Attribute)
                        and n.attr in ("zeros", "randn", "ones", "normal", "uniform")
                        for n in ast.walk(value)
                    )
    return False


def fixed_leaves(values: Values) -> frozenset[str]:
    """Return the leaves that have no gradient: labels, targets nobody asks for."""
    asked = values.graded | values.known
    return frozenset(
        name
        for name, usage in values.leaves.items()
        if usage.indexes
        or ((TARGET.fullmatch(name) or name == "mask") and name not in asked)
    )
