"""Equinox's layers, in the words that PyTorch's are read in.

A model is of one example and is mapped over a batch by ``jax.vmap``; images have their
channels first, and a pool goes on by one place where nothing else is said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.models.building import MAKERS as MODEL_MAKERS
from gradtutor.language.program.models.layers.making import make_layer
from gradtutor.language.program.models.layers.reading import registered
from gradtutor.language.program.models.stages import UNREAD
from gradtutor.language.program.values import Gradient, Layer, Library, Stack
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

Keywords = dict[str, Any]
#: Arguments without a bearing on what a layer computes.
IDLE = ("key", "dtype", "axis_name", "state")
#: What Equinox calls an argument, and PyTorch.
RENAMED = {"use_bias": "bias", "embedding_size": "embedding_dim",
           "shape": "normalized_shape", "input_size": "num_features"}  # fmt: skip
#: What takes a function to its gradient, and whether its value comes too.
GRADIENTS = {"filter_grad": False, "filter_value_and_grad": True}
#: What gives back the function or the model that it is put around, and what its
#: first argument is.
SAME = ("filter_jit", "filter", "tree_inference", "filter_checkpoint")
#: Layers that a program may use as PyTorch's of the same name.
ALIKE = ("Linear", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d",
         "ConvTranspose3d", "LayerNorm", "RMSNorm", "GroupNorm", "Dropout",
         "Embedding", "PReLU", "Identity")  # fmt: skip


def of_equinox(
    run: Interpreter,
    called: Library,
    args: list[Any],
    keywords: Mapping[str, Any],
    node: Any,
) -> Any:
    """Read a call of Equinox; UNREAD for any other."""
    if called.root not in ("equinox", "eqx"):
        return UNREAD
    name = called.name
    if name in GRADIENTS:
        aux = keywords.get("has_aux") is True
        return Gradient(args[0], GRADIENTS[name], aux) if args else UNREAD
    if name in SAME:
        return args[0] if args else UNREAD
    if name in ("filter_vmap", "apply_updates"):
        word = {"filter_vmap": "jax.vmap"}.get(name, "optax.apply_updates")
        return run.call(Library(word), args, keywords, node)
    words = {RENAMED.get(k, k): v for k, v in keywords.items() if k not in IDLE}
    _check(run, name, args, words, node)
    if name == "RMSNorm":
        words = {"eps": 1e-5} | words if len(args) < 2 else words
        words.pop("bias", None)
    if name in ALIKE:
        return make_layer(run, Library(f"torch.nn.{name}"), args, words, node)
    made = MAKERS.get(name)
    return UNREAD if made is None else made(run, called, args, words, node)


#: Arguments that are read with one value alone, by the layer ("" for any).
FIXED: dict[tuple[str, str], Any] = {
    ("", "inference"): False, ("", "use_ceil"): False, ("", "use_weight"): True,
    ("", "channelwise_affine"): True, ("", "use_input_bias"): True,
    ("RMSNorm", "bias"): False,
}  # fmt: skip
#: How many arguments without a name stand as in PyTorch.
IN_ORDER = {"Dropout": 1, "PReLU": 0, "LayerNorm": 2, "RMSNorm": 2, "GroupNorm": 3,
            **{f"{kind}Pool{n}d": 3 for kind in ("Max", "Avg") for n in (1, 2, 3)},
            **{f"ConvTranspose{n}d": 4 for n in (1, 2, 3)}, "MLP": 8}  # fmt: skip


def _check(
    run: Interpreter, name: str, args: list[Any], words: Keywords, node: Any
) -> None:
    """Refuse arguments that make another layer than PyTorch's; drop the others.

    Equinox's RMSNorm has a bias where nothing is said, which is not here.
    """
    if len(args) > IN_ORDER.get(name, 99):
        message = tr("{name} is not read with so many arguments without a name",
                     name=name)  # fmt: skip
        raise run.fail(message, node, tr("name the arguments"))
    if name == "RMSNorm":
        words.setdefault("bias", True)
    for (layer, word), wanted in FIXED.items():
        if word not in words or layer not in ("", name):
            continue
        value = words[word] if layer else words.pop(word)
        if value is not wanted:
            spelled = {new: old for old, new in RENAMED.items()}.get(word, word)
            raise run.fail(
                tr("{name}={value} is not here", name=spelled, value=repr(value)),
                node,
                tr("it is read with {name}={value}", name=spelled, value=repr(wanted)),
            )


def _pool(
    run: Interpreter, called: Library, args: list[Any], words: Keywords, node: Any
) -> Any:
    """MaxPool2d(kernel_size, stride=1)."""
    if len(args) < 2:
        words.setdefault("stride", 1)
    return make_layer(run, Library(f"torch.nn.{called.name}"), args, words, node)


def _sequential(
    run: Interpreter, called: Library, args: list[Any], words: Keywords, node: Any
) -> Any:
    return MODEL_MAKERS["Sequential"](run, args, words, node)


def _lambda(
    run: Interpreter, called: Library, args: list[Any], words: Keywords, node: Any
) -> Any:
    return args[0] if args else words.get("fn", UNREAD)


def _mlp(
    run: Interpreter, called: Library, args: list[Any], words: Keywords, node: Any
) -> Any:
    """MLP(in_size, out_size, width_size, depth): depth hidden layers, ReLU between."""
    names = ("in_size", "out_size", "width_size", "depth", "activation",
             "final_activation", "bias", "use_final_bias")  # fmt: skip
    given = dict(zip(names, args, strict=False)) | words
    sizes = [given.get(k) for k in names[:4]]
    biases = [given.get(k, True) for k in names[6:]]
    read = all(type(one) is int for one in sizes) and not {*given} - {*names}
    if not read or any(type(one) is not bool for one in biases):
        return UNREAD
    first, last, width, depth = (int(one) for one in sizes)  # type: ignore[arg-type]
    between = given.get("activation", Library("jax.nn.relu"))
    widths = [first, *[width] * depth, last]
    layers: list[Any] = []
    for i in range(depth + 1):
        sizes = [widths[i], widths[i + 1]]
        bias = {} if biases[i == depth] else {"bias": False}
        layers.append(make_layer(run, Library("torch.nn.Linear"), sizes, bias, node))
        layers.append(between)
    if "final_activation" in given:
        layers[-1] = given["final_activation"]
    else:
        layers.pop()
    run.found.parts |= {id(one) for one in layers if isinstance(one, Layer)}
    return registered(run, Stack(layers, run.span(node)))


MAKERS: dict[str, Callable[..., Any]] = {
    **{f"{kind}Pool{n}d": _pool for kind in ("Max", "Avg") for n in (1, 2, 3)},
    "Sequential": _sequential,
    "Lambda": _lambda,
    "MLP": _mlp,
}
