"""Functions of libraries and methods of tensors, by the last part of their name."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import read_item
from gradtutor.language.layers.more import ALL_LAYERS
from gradtutor.language.program.array_values import Data
from gradtutor.language.program.models.settings import call_node
from gradtutor.language.program.values import Layer, Tensor
from gradtutor.language.tracing.arithmetic import pointwise
from gradtutor.language.tracing.functions.axes import AXES
from gradtutor.language.tracing.functions.einops import EINOPS
from gradtutor.language.tracing.functions.joining import JOINING
from gradtutor.language.tracing.functions.pools import POOLS
from gradtutor.language.tracing.functions.reducing import REDUCING
from gradtutor.language.tracing.masks import masked
from gradtutor.language.tracing.stopping import STOPPING, stopped
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer

Keywords = Mapping[str, Any]
Function = Callable[["Tracer", list[Any], dict[str, Any], ast.AST], Any]

#: Functions that are a layer without weights, by the layer's name.
AS_LAYERS = {
    "relu": "ReLU", "relu_": "ReLU", "leaky_relu": "LeakyReLU", "sigmoid": "Sigmoid",
    "expit": "Sigmoid",
    "tanh": "Tanh", "softplus": "Softplus", "silu": "SiLU", "swish": "SiLU",
    "gelu": "GELU", "softmax": "Softmax", "log_softmax": "LogSoftmax", "elu": "ELU",
    "selu": "SELU", "mish": "Mish", "hardswish": "Hardswish", "hardtanh": "Hardtanh",
    "hardsigmoid": "Hardsigmoid", "hard_sigmoid": "Hardsigmoid", "relu6": "ReLU6",
    "softsign": "Softsign", "logsigmoid": "LogSigmoid", "log_sigmoid": "LogSigmoid",
    "exponential": "Exponential",
    **{f"max_pool{n}d": f"MaxPool{n}d" for n in (1, 2, 3)},
    **{f"avg_pool{n}d": f"AvgPool{n}d" for n in (1, 2, 3)},
    **{f"adaptive_avg_pool{n}d": f"AdaptiveAvgPool{n}d" for n in (1, 2)},
    **{f"adaptive_max_pool{n}d": f"AdaptiveMaxPool{n}d" for n in (1, 2)},
    "dropout": "Dropout", "dropout1d": "Dropout1d", "dropout2d": "Dropout2d",
    "alpha_dropout": "AlphaDropout", "interpolate": "Upsample", "upsample": "Upsample",
    "concatenate_layer": "Concatenate", "tanh_": "Tanh", "sigmoid_": "Sigmoid",
    "dropout3d": "Dropout2d",
}  # fmt: skip
#: Gates of one tensor, and of two.
ONE = {"exp": "exp", "log": "log", "sqrt": "sqrt", "abs": "abs", "sin": "sin",
       "cos": "cos", "erf": "erf", "neg": "neg", "log1p": "log1p", "absolute": "abs",
       "expm1": "expm1", "negative": "neg", "sign": "sign", "tan": "tan",
       "floor": "floor", "round": "round", "sinh": "sinh", "cosh": "cosh",
       "atan": "atan", "arctan": "atan", "exp_": "exp"}  # fmt: skip
TWO = {"add": "add", "sub": "sub", "subtract": "sub", "mul": "mul", "multiply": "mul",
       "div": "div", "divide": "div", "true_divide": "div", "pow": "pow",
       "maximum": "max", "minimum": "min", "add_": "add", "mul_": "mul", "sub_": "sub",
       "greater": "greater", "less": "less", "gt": "greater", "lt": "less",
       "ge": "greater_equal", "le": "less_equal", "eq": "equal", "ne": "not_equal",
       "equal": "equal", "not_equal": "not_equal"}  # fmt: skip
#: The same of lists, as Keras has them.
MERGING = {"add": "add", "multiply": "mul", "subtract": "sub", "maximum": "max",
           "minimum": "min", "add_n": "add"}  # fmt: skip
#: What gives back the tensor it is called on.
SAME = frozenset(
    ("to", "cuda", "cpu", "float", "double", "contiguous", "clone", "half",
     "type", "requires_grad_", "cast", "identity", "linear", "long", "int",
     "convert_to_tensor", "type_as", "as_tensor", "checkpoint",
     "None", "float_power_", "realize", "bool", "squeeze_",
     "ensure_shape", "set_shape", "astype", "array", "asarray",
     "asanyarray", "to_dense", "bfloat16", "mean_", "view_")
)  # fmt: skip


def apply_function(
    tracer: Tracer, name: str, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    """Append what a function or a method does."""
    name, given = name.rpartition(".")[2], dict(keywords)
    if args and not _is_tensorlike(args[0]) and "input" in given:
        args = [given.pop("input"), *args]
    elif not args and given:
        args = [given.pop(next(iter(given)))]
    if name in PYTHON_FOLDS and args and _is_listed(args[0]) and args[0]:
        return _merged(tracer, PYTHON_FOLDS[name], list(args[0]), node)
    if tracer.plain and name in ("min", "max") and len(args) > 1 and not given:
        return _merged(tracer, PYTHON_FOLDS[name], args, node)
    if name in EINOPS and any("->" in one for one in args if isinstance(one, str)):
        return EINOPS[name](tracer, args, given, node)
    if name in FUNCTIONS:
        return FUNCTIONS[name](tracer, args, given, node)
    if name in AS_LAYERS:
        return _as_layer(tracer, AS_LAYERS[name], args, given, node)
    if name in ONE:
        t = tracer.tensor(args[0], node)
        made = tracer.net.gate(ONE[name], t.node, layer=tracer.at(node, name))
        return Tensor(made, t.order)
    if name in MERGING and args and isinstance(args[0], list | tuple):
        return _merged(tracer, MERGING[name], list(args[0]), node)
    if name in TWO and len(args) >= 2:
        return pointwise(tracer, TWO[name], args[0], args[1], node)
    if name in SAME:
        return args[0]
    if name in STOPPING:
        return stopped(tracer, args[0], node)
    message = tr("{name}() of a tensor is not here", name=name)
    raise tracer.run.fail(
        message, node, tr("what it does is not known to this program")
    )


#: Python's functions of several numbers, and the gate of two.
PYTHON_FOLDS = {"sum": "add", "min": "min", "max": "max"}


def _is_listed(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _merged(tracer: Tracer, gate: str, values: list[Any], node: ast.AST) -> Any:
    """Append layers.add([a, b]) and the like."""
    total = values[0]
    for value in values[1:]:
        total = pointwise(tracer, gate, total, value, node)
    return total


def _is_tensorlike(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_is_tensorlike, value))
    return isinstance(value, Tensor) or type(value).__name__ == "Weight"


def _as_layer(
    tracer: Tracer, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Apply the layer that a function is: F.max_pool2d(x, 2) is MaxPool2d(2)."""
    from gradtutor.language.program.models.layers.reading import extras

    x, *rest = args
    keywords.pop("training", None)
    if name == "Dropout" and len(rest) > 1:
        rest = rest[:1]
    if name in ("Softmax", "LogSoftmax") and tracer.run.library == "keras":
        keywords.setdefault("axis", rest.pop(0) if rest else -1)
    kept, more = extras(name, keywords)
    rest = [_plain_size(one) for one in rest]
    item = read_item(tracer.run.source, call_node(node, name, rest, kept), ALL_LAYERS)
    item = type(item)(
        item.kind, {**item.arguments, **more}, tracer.run.span(node), name
    )
    return tracer.apply(Layer(item), [x], {}, node)


def _plain_size(value: Any) -> Any:
    """Return sizes worked out of a tensor's own: avg_pool2d(x, x.size()[2:])."""
    return tuple(value) if isinstance(value, list) else value


# ---- masks, noise, padding ----


def _fill(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    filling = args[2] if len(args) > 2 else keywords.get("value")
    return masked(tracer, args[0], args[1], filling, node)


def _zeros(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    return Data(zero=True)


def _noise(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Take noise as its mean, 0, and say so."""
    _say_mean(tracer)
    return 0.0


def _uniform(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Take noise between 0 and 1 as its mean, 1/2."""
    _say_mean(tracer)
    return 0.5


def _normal(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Take normal(mean, std), normal(shape, mean), normal(key, shape) as the mean."""
    given = [keywords[one] for one in ("mean", "loc") if one in keywords]
    for one in args[:2]:
        if isinstance(one, Tensor | int | float):
            given.append(one)
            break
    mean = given[0] if given else 0.0
    if not isinstance(mean, Tensor | int | float):
        message = tr("the mean of these random numbers is not in the text")
        raise tracer.run.fail(message, node)
    _say_mean(tracer)
    return mean if isinstance(mean, Tensor) else float(mean)


def _say_mean(tracer: Tracer) -> None:
    note = tr("warning: random numbers inside the model are taken as their mean")
    tracer.net.notes += [note] * (note not in tracer.net.notes)


def _pad(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """F.pad(x, (left, right, top, bottom)): zeros, the last axis first."""
    given = args[1] if len(args) > 1 else keywords.get("pad", ())
    mode = args[2] if len(args) > 2 else keywords.get("mode", "constant")
    if mode != "constant" or not all(type(one) is int for one in given):
        raise tracer.run.fail(tr("padding is here with zeros and plain numbers"), node)
    t = tracer.tensor(args[0], node)
    rank = len(t.order)
    widths: list[Any] = [(0, 0)] * rank
    for i in range(len(given) // 2):
        widths[t.order[rank - 1 - i]] = (given[2 * i], given[2 * i + 1])
    if not any(map(any, widths)):
        return t
    at = tracer.at(node, "pad")
    return Tensor(
        tracer.net.gate("pad", t.node, layer=at, widths=tuple(widths)), t.order
    )


def _packed(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Take a padded sequence as it is: every step is read, those of padding too."""
    note = tr("warning: packed sequences are read to their end, padding too")
    tracer.net.notes += [note] * (note not in tracer.net.notes)
    return args[0]


def _padded(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    return args[0], Data()


def _arange(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    return Data(count=True)


def _chosen(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Argmax and the like: whole numbers, through which no gradient comes."""
    return Data(count=True)


FUNCTIONS: dict[str, Function] = {
    **AXES,
    **JOINING,
    **REDUCING,
    **POOLS,
    **dict.fromkeys(("masked_fill", "masked_fill_"), _fill),
    **dict.fromkeys(("zeros", "zeros_like", "new_zeros"), _zeros),
    "arange": _arange,
    "pack_padded_sequence": _packed,
    "pad_packed_sequence": _padded,
    **dict.fromkeys(("randn_like", "randn", "standard_normal"), _noise),
    "rand_like": _uniform,
    **dict.fromkeys(("normal", "random_normal"), _normal),
    "pad": _pad,
    **dict.fromkeys(("argmax", "argmin", "topk", "argsort", "multinomial"), _chosen),
}
