"""Haiku's layers and ``hk.transform``, in the words that Keras's are read in.

A function of the input makes its layers as it goes; ``transform`` makes a model of it,
whose ``init`` and ``apply`` are called with the weights. Images have their channels
last.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Data
from gradtutor.language.program.models.building import MAKERS as MODEL_MAKERS
from gradtutor.language.program.models.layers.making import make_layer
from gradtutor.language.program.models.layers.reading import registered
from gradtutor.language.program.models.stages import UNREAD
from gradtutor.language.program.values import (
    Function,
    Instance,
    Library,
    Method,
    Stack,
    class_of_forward,
)
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

Keywords = dict[str, Any]
#: Arguments without a bearing on what a layer computes.
IDLE = ("name", "w_init", "b_init", "decay_rate", "scale_init", "offset_init",
        "lookup_style", "rng")  # fmt: skip
#: Arguments that are read with these values alone: others make another layer.
FIXED: dict[str, tuple[Any, ...]] = {
    "data_format": (None, "NHWC", "NWC", "NDHWC", "channels_last"),
    "create_scale": (True,), "create_offset": (True,), "preserve_dims": (1,),
    "feature_group_count": (1,), "channel_axis": (-1, None), "mask": (None,),
    "cross_replica_axis": (None,), "cross_replica_axis_index_groups": (None,),
    "precision": (None,), "param_axis": (None, -1), "use_fast_variance": (False,),
    "embedding_matrix": (None,),
}  # fmt: skip
#: The order of a norm's arguments, and of an MLP's.
ORDERS = {
    "LayerNorm": ("axis", "create_scale", "create_offset", "eps", "scale_init",
                  "offset_init"),
    "BatchNorm": ("create_scale", "create_offset", "decay_rate", "eps", "scale_init",
                  "offset_init", "axis"),
    "MLP": ("output_sizes", "w_init", "b_init", "with_bias", "activation",
            "activate_final"),
    "Flatten": ("preserve_dims",),
}  # fmt: skip
#: What Haiku calls a layer's arguments, in their order, and Keras.
WORDS: dict[str, dict[str, str]] = {
    "Linear": {"output_size": "units", "with_bias": "use_bias"},
    "Conv": {"output_channels": "filters", "kernel_shape": "kernel_size",
             "stride": "strides", "rate": "dilation_rate", "padding": "padding",
             "with_bias": "use_bias"},
    "Pool": {"window_shape": "pool_size", "strides": "strides", "padding": "padding"},
    "Embed": {"vocab_size": "input_dim", "embed_dim": "output_dim"},
}  # fmt: skip
#: How many arguments ``apply`` has before the input.
LEADING = {"transform": 2, "transform_with_state": 3}
#: What an object of a transformed function is: it computes something.
MODULE = Library("haiku.Module")


def of_haiku(
    run: Interpreter,
    called: Library,
    args: list[Any],
    keywords: Mapping[str, Any],
    node: Any,
) -> Any:
    """Read a call of Haiku; UNREAD for any other."""
    if called.root not in ("haiku", "hk"):
        return UNREAD
    if called.name in LEADING and args:
        return _transformed(run, args[0], LEADING[called.name], node)
    if called.name == "without_apply_rng" and args and isinstance(args[0], Instance):
        args[0].names["__leading__"] -= 1
        return args[0]
    made = MAKERS.get(called.name)
    if made is not None:
        words = dict(keywords)
        if called.name in ORDERS:
            words, args = _named(run, called.name, args, words, node), []
        return made(run, called, args, _read(run, words, node), node)
    if called.name[:1].isupper() and called.path.count(".") == 1:
        message = tr("{name} is not here", name=called.path)
        raise run.fail(message, node, tr("layers here are {names}",
                       names=", ".join(sorted(MAKERS))))  # fmt: skip
    return UNREAD


def _named(
    run: Interpreter, name: str, args: list[Any], words: Keywords, node: Any
) -> Keywords:
    """Return arguments by their names; one that has none here is refused."""
    order = ORDERS[name]
    if len(args) > len(order):
        raise run.fail(_too_many(name), node, tr("name the argument: {name}=...",
                       name=order[-1]))  # fmt: skip
    return dict(zip(order, args, strict=False)) | words


def _too_many(name: str) -> str:
    return tr("{name} is not read with so many arguments without a name", name=name)


def _read(run: Interpreter, words: Keywords, node: Any) -> Keywords:
    """Return the arguments that bear on a layer; refuse a value that is not here."""
    for name, value in words.items():
        if name in FIXED and value not in FIXED[name]:
            wanted = next((one for one in FIXED[name] if one is not None), None)
            raise run.fail(
                tr("{name}={value} is not here", name=name, value=repr(value)),
                node,
                tr("it is read with {name}={value}", name=name, value=repr(wanted)),
            )
    return {k: v for k, v in words.items() if k not in (*IDLE, *FIXED)}


# ---- models ----


def _transformed(run: Interpreter, given: Any, leading: int, node: Any) -> Any:
    """Make a model of a function that makes its layers as it goes."""
    owner = given.owner if isinstance(given, Method) else None
    function = given.name if owner is not None else given
    if not isinstance(function, Function):
        return UNREAD
    forward = _forward_of(function)
    cls = class_of_forward(forward, function.name, function.scope, MODULE)
    made = Instance(cls, {"__leading__": leading}, run.span(node))
    run.found.objects.append(made)
    return registered(run, made)


def _forward_of(function: Function) -> ast.FunctionDef:
    """Return the method that a function is, under the name forward."""
    node = copy.deepcopy(function.node)
    node.args.args.insert(0, ast.arg("self"))
    if isinstance(node, ast.Lambda):
        body: list[ast.stmt] = [ast.Return(node.body)]
    else:
        body = node.body
    forward = ast.FunctionDef("forward", node.args, body, [])
    for one in (forward, *node.args.args[:1], *body[:1]):
        ast.copy_location(one, function.node)
    return forward


# ---- layers ----


def _keras(kind: str) -> Callable[..., Any]:
    """Return a reader of a layer whose words have Keras's names."""

    def read(
        run: Interpreter, called: Library, args: list[Any], words: Keywords, node: Any
    ) -> Any:
        table = WORDS[kind]
        turned = called.name.endswith("Transpose")  # output_shape comes fourth
        if len(args) > (3 if turned else len(table)):
            raise run.fail(_too_many(called.name), node, tr("name the arguments"))
        given = dict(zip(table, args, strict=False)) | words
        given = {table.get(k, k): v for k, v in given.items() if v is not None}
        if kind == "Conv":
            given.setdefault("padding", "SAME")
        elif kind == "Pool":
            given = _window(given)
        if isinstance(given.get("padding"), str):
            given["padding"] = given["padding"].lower()
        name = NAMES.get(called.name, called.name)
        return make_layer(run, Library(f"keras.layers.{name}"), [], given, node)

    return read


def _window(given: Keywords) -> Keywords:
    """Return a pool's sizes of the picture alone: window_shape=(2, 2, 1)."""
    made = dict(given)
    made.setdefault("padding", "VALID")
    for key in ("pool_size", "strides"):
        if isinstance(made.get(key), list | tuple):
            sizes = list(made[key])
            while len(sizes) > 2:
                sizes.pop(0 if sizes[0] == 1 and sizes[-1] != 1 else -1)
            made[key] = tuple(sizes)
    return made


def _norm(
    run: Interpreter, called: Library, args: list[Any], words: Keywords, node: Any
) -> Any:
    """LayerNorm(axis, …) and BatchNorm(…), with ε 1e-5."""
    kept = {"epsilon": words.get("eps", 1e-5)}
    axis = words.get("axis", -1 if called.name == "LayerNorm" else None)
    if called.name == "LayerNorm" and axis != -1:
        raise run.fail(tr("LayerNorm is here of the last axis"), node)
    unread = [one for one in words if one not in ("eps", "axis")]
    if unread or (called.name == "BatchNorm" and axis is not None):
        name = (*unread, "axis")[0]
        raise run.fail(
            tr("{name} is not read with {argument}", name=called.name, argument=name),
            node,
            tr("leave it out"),
        )
    name = "BatchNormalization" if called.name == "BatchNorm" else "LayerNormalization"
    return make_layer(run, Library(f"keras.layers.{name}"), [], kept, node)


def _dropout(
    run: Interpreter, called: Library, args: list[Any], words: Keywords, node: Any
) -> Any:
    """hk.dropout(rng, rate, x)."""
    given = dict(zip(("rng", "rate", "x"), args, strict=False)) | words
    layer = make_layer(
        run, Library("keras.layers.Dropout"), [given.get("rate")], {}, node
    )
    return run.call(layer, [given.get("x", Data())], {}, node)


def _sequential(
    run: Interpreter, called: Library, args: list[Any], words: Keywords, node: Any
) -> Any:
    return MODEL_MAKERS["Sequential"](run, args, words, node)


def _flatten(
    run: Interpreter, called: Library, args: list[Any], words: Keywords, node: Any
) -> Any:
    return make_layer(run, Library("keras.layers.Flatten"), [], {}, node)


def _mlp(
    run: Interpreter, called: Library, args: list[Any], words: Keywords, node: Any
) -> Any:
    """nets.MLP([300, 100, 10]): linear layers, ReLU between."""
    sizes = words.get("output_sizes")
    bias = words.get("with_bias", True)
    final = words.get("activate_final", False)
    known = ("output_sizes", "with_bias", "activation", "activate_final")
    flags = type(bias) is bool and type(final) is bool
    if not isinstance(sizes, list | tuple) or not flags or {*words} - {*known}:
        return UNREAD
    between = words.get("activation", Library("jax.nn.relu"))
    layers: list[Any] = []
    given = {} if bias else {"use_bias": False}
    for size in sizes:
        dense = Library("keras.layers.Dense")
        layers += [make_layer(run, dense, [size], given, node), between]
    if not final:
        layers.pop()
    run.found.parts |= {id(one) for one in layers}
    return registered(run, Stack(layers, run.span(node)))


NAMES = {"Linear": "Dense", "MaxPool": "MaxPooling2D", "AvgPool": "AveragePooling2D",
         "Embed": "Embedding", "Conv2DTranspose": "Conv2DTranspose"}  # fmt: skip
MAKERS: dict[str, Callable[..., Any]] = {
    "Linear": _keras("Linear"),
    **dict.fromkeys(("Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose",
                     "Conv2DTranspose"), _keras("Conv")),
    **dict.fromkeys(("MaxPool", "AvgPool"), _keras("Pool")),
    "Embed": _keras("Embed"),
    **dict.fromkeys(("LayerNorm", "BatchNorm"), _norm),
    "dropout": _dropout,
    "Sequential": _sequential,
    "Flatten": _flatten,
    "MLP": _mlp,
}  # fmt: skip
