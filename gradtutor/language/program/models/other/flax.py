"""Flax's layers and Optax's optimisers, in the words that the others are read in.

A module's fields are its arguments; ``setup`` makes its layers, or ``__call__`` where
it stands under ``nn.compact``. Images have their channels last, as in Keras.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import Item
from gradtutor.language.program.array_values import Data
from gradtutor.language.program.models import settings
from gradtutor.language.program.models.layers.making import make_layer
from gradtutor.language.program.models.stages import UNREAD
from gradtutor.language.program.values import Gradient, Instance, Library, Setting

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

Keywords = dict[str, Any]
#: Arguments without a bearing on what a layer computes.
IDLE = ("rngs", "kernel_init", "bias_init", "dtype", "param_dtype", "deterministic",
        "name", "embedding_init", "scale_init", "use_running_average", "precision",
        "rng_collection", "axis_name", "broadcast_dims",
        "use_fast_variance")  # fmt: skip
#: What takes a function to its gradient, and whether its value comes too.
GRADIENTS = {"grad": False, "value_and_grad": True}


#: Random keys that are told apart.
MOST_KEYS = 1000


def of_flax(
    run: Interpreter,
    called: Library,
    args: list[Any],
    keywords: Mapping[str, Any],
    node: Any,
) -> Any:
    """Read a call of Flax or Optax; UNREAD for any other."""
    if called.name in GRADIENTS and called.root in ("jax", "flax", "autograd"):
        return _gradient(called, args, keywords)
    if called.name == "split" and called.root == "jax":
        count = args[1] if len(args) > 1 else keywords.get("num", 2)
        known = type(count) is int and 0 < count <= MOST_KEYS
        return [Data() for _ in range(count)] if known else Data()
    if called.root == "optax":
        return _optax(run, called, args, dict(keywords), node)
    if called.root != "flax":
        return UNREAD
    made = MAKERS.get(called.name)
    words = {k: v for k, v in keywords.items() if k not in IDLE}
    return UNREAD if made is None else made(run, called, list(args), words, node)


def _gradient(called: Library, args: list[Any], keywords: Mapping[str, Any]) -> Any:
    if not args:
        return UNREAD
    aux = keywords.get("has_aux") is True
    return Gradient(args[0], value=GRADIENTS[called.name], aux=aux)


# ---- layers ----


def _keras(name: str) -> Library:
    return Library(f"keras.layers.{name}")


def _is_nnx(called: Library) -> bool:
    """Whether a layer is of the newer interface, which is told its input's size."""
    return ".nnx" in called.path


def _dense(
    run: Interpreter, called: Library, args: list[Any], words: Keywords, node: Any
) -> Any:
    """Dense(features), and nnx.Linear(in_features, out_features)."""
    if _is_nnx(called):
        words = {k.replace("use_bias", "bias"): v for k, v in words.items()}
        return make_layer(run, Library("torch.nn.Linear"), args, words, node)
    words["units"] = words.pop("features", args[0] if args else None)
    return make_layer(run, _keras("Dense"), [], words, node)


def _conv(
    run: Interpreter, called: Library, args: list[Any], words: Keywords, node: Any
) -> Any:
    """Conv(features, kernel_size), padded to the same size unless it says VALID."""
    names = ["features", "kernel_size", "strides", "padding"]
    if _is_nnx(called):
        names = ["in_features", "out_features", *names[1:]]
    given = dict(zip(names, args, strict=False)) | words
    given.pop("in_features", None)
    given["filters"] = given.pop("features", given.pop("out_features", None))
    for old, new in (("kernel_dilation", "dilation_rate"), ("feature_group_count",
                     "groups"), ("strides", "strides")):  # fmt: skip
        if given.get(old) is not None:
            given[new] = given.pop(old)
    given = {k: v for k, v in given.items() if v is not None}
    given.setdefault("padding", "SAME")
    if isinstance(given["padding"], str):
        given["padding"] = given["padding"].lower()
    kernel = given.get("kernel_size")
    rank = len(kernel) if isinstance(kernel, list | tuple) else 1
    given["kernel_size"] = tuple(kernel) if isinstance(kernel, list | tuple) else kernel
    word = f"Conv{rank}D" + ("Transpose" if "Transpose" in called.name else "")
    return make_layer(run, _keras(word), [], given, node)


def _norm(
    run: Interpreter, called: Library, args: list[Any], words: Keywords, node: Any
) -> Any:
    """BatchNorm and LayerNorm, whose ε are 1e-5 and 1e-6."""
    batch = called.name == "BatchNorm"
    words.setdefault("epsilon", 1e-5 if batch else 1e-6)
    name = "BatchNormalization" if batch else "LayerNormalization"
    kept = {k: v for k, v in words.items() if k in ("epsilon", "momentum")}
    return make_layer(run, _keras(name), [], kept, node)


def _dropout(
    run: Interpreter, called: Library, args: list[Any], words: Keywords, node: Any
) -> Any:
    rate = words.get("rate", args[0] if args else 0.5)
    return make_layer(run, _keras("Dropout"), [rate], {}, node)


def _embed(
    run: Interpreter, called: Library, args: list[Any], words: Keywords, node: Any
) -> Any:
    given = dict(zip(("num_embeddings", "features"), args, strict=False)) | words
    sizes = [given.get("num_embeddings"), given.get("features")]
    return make_layer(run, _keras("Embedding"), sizes, {}, node)


# ---- training ----


def _optimizer(
    run: Interpreter, called: Library, args: list[Any], words: Keywords, node: Any
) -> Any:
    """nnx.Optimizer(model, tx): what is trained, and by what."""
    if args:
        run.found.trained.append(args[0])
    return next((one for one in args if isinstance(one, Setting)), Data())


def _state(
    run: Interpreter, called: Library, args: list[Any], words: Keywords, node: Any
) -> Any:
    """TrainState.create(apply_fn=..., params=..., tx=...)."""
    if "TrainState" not in called.path:
        return UNREAD
    return Instance(None, dict(words))


MAKERS: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("Dense", "Linear"), _dense),
    **dict.fromkeys(("Conv", "ConvTranspose"), _conv),
    **dict.fromkeys(("BatchNorm", "LayerNorm"), _norm),
    "Dropout": _dropout,
    "Embed": _embed,
    "Optimizer": _optimizer,
    "create": _state,
}

#: Optax's optimisers, and what this program calls each.
OPTAX = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop",
         "adagrad": "Adagrad", "adadelta": "Adadelta", "lion": "Lion"}  # fmt: skip
#: Its losses of an output and its target, as functions of PyTorch's name.
LOSSES = {
    "softmax_cross_entropy_with_integer_labels": "cross_entropy",
    "softmax_cross_entropy": "cross_entropy",
    "sigmoid_binary_cross_entropy": "binary_cross_entropy_with_logits",
    "squared_error": "mse_loss",
    "huber_loss": "huber_loss",
}
#: Its optimisers' numbers where a program gives none.
USUAL = {"adam": {"eps": 1e-8}, "adamw": {"eps": 1e-8, "weight_decay": 1e-4}}
RENAMED = {"b1": "beta1", "b2": "beta2"}


def _optax(
    run: Interpreter, called: Library, args: list[Any], words: Keywords, node: Any
) -> Any:
    if called.name == "chain":
        made = [one for one in args if isinstance(one, Setting)]
        return made[-1] if made else UNREAD
    if called.name in LOSSES:
        return _loss(run, called, args, words, node)
    if called.name not in OPTAX:
        return UNREAD
    names = ("learning_rate", *(("momentum", "nesterov") if called.name == "sgd" else
             ("b1", "b2", "eps")))  # fmt: skip
    given = dict(zip(names, args, strict=False)) | words
    given = {RENAMED.get(k, k): v for k, v in given.items()}
    kept = {k: v for k, v in given.items() if v is not None and k not in ("mask",)}
    kept = {**USUAL.get(called.name, {}), **kept}
    found = settings.make_setting(run, OPTAX[called.name], [], kept, node)
    item = Item(found.item.kind, found.item.arguments, found.item.span, called.name)
    run.found.settings[-1] = Setting(found.kind, item, called.name, found.model)
    return run.found.settings[-1]


def _loss(
    run: Interpreter, called: Library, args: list[Any], words: Keywords, node: Any
) -> Any:
    order = [words.pop(k) for k in ("logits", "predictions", "labels", "targets")
             if k in words]  # fmt: skip
    given = [*args, *order][:2]
    if len(given) < 2:
        return UNREAD
    made = settings.make_setting(run, LOSSES[called.name], [], {}, node)
    named = Setting(made.kind, made.item, called.name)
    run.found.settings[-1] = named
    return run.call(named, given, {}, node)
