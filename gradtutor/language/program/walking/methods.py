"""Methods of a program's values, by the kind of their owner."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.more import ALL_LAYERS as LAYERS
from gradtutor.language.program import asked
from gradtutor.language.program.data import arrays
from gradtutor.language.program.data.attributes import Parent
from gradtutor.language.program.data.containers import MAX_ITEMS, as_size
from gradtutor.language.program.held.freezing import keep, parameters_of
from gradtutor.language.program.held.paths import parts_of
from gradtutor.language.program.models import fitting, loaders, own_loss, settings
from gradtutor.language.program.models.fastai import fitted
from gradtutor.language.program.values import (
    LOSS_VALUE,
    MODELS,
    Data,
    Filled,
    Functional,
    Instance,
    Method,
    Setting,
    Stack,
    Unknown,
    Weight,
    Work,
)
from gradtutor.language.program.weights import run_weight
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

Keywords = Mapping[str, Any]
#: Methods that give back what they are called on: moves, copies, modes.
SAME = frozenset((
    "to", "cuda", "cpu", "float", "double", "half", "train", "eval",
    "requires_grad_", "contiguous", "detach", "clone", "apply", "copy", "numpy",
    "type", "long", "int", "bool", "astype", "share_memory", "pin_memory", "tolist",
    "freeze", "unfreeze", "module", "compile_", "build_", "zero_", "fill_",
))  # fmt: skip
#: Methods that have nothing to do with what is read, and are not worth a word.
SILENT = frozenset((
    "zero_grad", "append_", "register_forward_hook", "load_state_dict", "state_dict",
    "items_", "uniform_", "normal_", "zero_", "fill_", "copy_", "xavier_uniform_",
    "set_description", "update", "add_scalar", "close", "info", "debug", "item",
))  # fmt: skip


def call_method(
    run: Interpreter,
    owner: Any,
    name: str,
    args: Sequence[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    """Call a method; one without a table passes over."""
    if name == "fit" and isinstance(owner, Instance) and owner.cls is not None:
        return fitting.TRAINING["fit"](run, owner, list(args), keywords, node)
    if isinstance(owner, Unknown) and name == "backward":
        run.train_step(owner)
    if isinstance(owner, Data) and name == "backward":
        given = args[0] if args and isinstance(args[0], Data) else owner
        known = owner.made == LOSS_VALUE.made or owner.of is not None
        run.train_step(replace(LOSS_VALUE, work=owner.work) if known else given)
    if isinstance(owner, Data) and name in ("scale", "gradient") and args:
        if name == "gradient":
            run.train_step(args[0])
        return args[0]  # of mixed precision
    if owner == LOSS_VALUE and name in ("mean", "sum", "to"):
        work = Work(Method(None, name), (owner,), {}, node)
        return owner if name == "to" else replace(owner, work=work)
    if name in METHOD_LOSSES and isinstance(owner, Data) and owner.of is not None:
        return _method_loss(run, owner, name, list(args), node)
    if name == "batch" and isinstance(owner, Data) and args and type(args[0]) is int:
        run.found.batch_size = args[0]  # of tf.data
        return owner
    if run.tracer is None and isinstance(owner, Data | Instance):
        asked.met_method(run, name, list(args), keywords, node)
    for kind, table in TABLES:
        if isinstance(owner, kind) and name in table:
            return table[name](run, owner, list(args), keywords, node)
    if isinstance(owner, MODELS) and name in fitting.TRAINING:
        return fitting.TRAINING[name](run, owner, list(args), keywords, node)
    wanted = not args or args[0] is not False
    if name == "requires_grad_" and wanted and isinstance(owner, Data | Filled):
        from gradtutor.language.program.walking.statements import make_trained

        return make_trained(run, owner, run.scope, node)
    if name in ("requires_grad_", "freeze", "unfreeze"):
        kept = name == "freeze" or (name == "requires_grad_" and not wanted)
        keep(run, owner, node, kept=kept)
    if isinstance(owner, MODELS) and name in ("named_parameters", "children"):
        return parameters_of(owner) if name[0] == "n" else parts_of(owner)
    if name in SAME and isinstance(owner, (*MODELS, Data, Filled, Weight)):
        return owner
    if isinstance(owner, MODELS) and name in ("forward", "call", "__call__"):
        return run.call(owner, args, keywords, node)
    made = own_loss.called(run, name, owner, list(args), keywords, node)
    if made is not None:
        return made
    if isinstance(owner, Data | Filled):
        return arrays.method(owner, name, list(args), keywords)
    if isinstance(owner, PLAIN_OWNERS):
        return _plain(run, owner, name, list(args), node)
    if isinstance(owner, int | float) and name in SAME:
        return owner  # of a number that an array would hold
    if isinstance(owner, MODELS) and name not in SILENT:
        run.pass_over(name, node)
    return Data()


#: Losses that are a tensor's own methods in tinygrad, by PyTorch's name.
METHOD_LOSSES = {
    "sparse_categorical_crossentropy": "cross_entropy",
    "cross_entropy": "cross_entropy",
    "binary_crossentropy_logits": "binary_cross_entropy_with_logits",
    "binary_crossentropy": "binary_cross_entropy",
}


def _method_loss(
    run: Interpreter, owner: Data, name: str, args: list[Any], node: ast.AST
) -> Any:
    """model(X).sparse_categorical_crossentropy(Y): a loss, as a tensor's method."""
    made = settings.make_setting(run, METHOD_LOSSES[name], [], {}, node)
    return run.call(Setting(made.kind, made.item, name), [owner, *args], {}, node)


# ---- lists, dictionaries, words ----

PLAIN_OWNERS = (str, list, dict, tuple)
#: Methods of plain values that are worked out, and change nothing outside.
PURE: dict[type, tuple[str, ...]] = {
    str: ("lower", "upper", "strip", "startswith", "endswith", "split", "replace",
          "join", "title"),
    dict: ("get", "keys", "values", "items", "copy"),
    list: ("index", "count", "copy"),
    tuple: ("index", "count"),
}  # fmt: skip
CHANGING: dict[type, tuple[str, ...]] = {
    list: ("append", "extend", "insert", "pop", "reverse", "clear"),
    dict: ("update", "pop", "setdefault"),
}


def _plain(
    run: Interpreter, owner: Any, name: str, args: list[Any], node: ast.AST
) -> Any:
    """Call a method of a list, a dictionary or a word, within limits."""
    kind = type(owner)
    if name not in (*PURE.get(kind, ()), *CHANGING.get(kind, ())):
        return run.unknown(tr("{name}() is not worked out", name=name), node)
    if len(owner) > MAX_ITEMS:
        return run.unknown(tr("this list is too long to be read"), node)
    try:
        value = getattr(owner, name)(*args)
    except (TypeError, KeyError, ValueError, IndexError, AttributeError):
        return run.unknown(tr("{name}() has no value here", name=name), node)
    return list(value) if isinstance(owner, dict) and name in VIEWS else value


VIEWS = ("keys", "values", "items")


# ---- stacks of layers ----


def _add(
    run: Interpreter, owner: Stack, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    """Append a layer: model.add(layer), add_module("name", layer), append(layer)."""
    for layer in args or list(keywords.values()):
        if isinstance(layer, str):
            owner.words[layer] = len(owner.layers)
            continue
        run.found.parts.add(id(layer))
        owner.layers.append(layer)
    return owner


def _extend(
    run: Interpreter, owner: Stack, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    return _add(run, owner, list(args[0]) if args else [], keywords, node)


def _values(
    run: Interpreter, owner: Stack, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    return list(owner.layers)


def _words(
    run: Interpreter, owner: Stack, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    return list(owner.words)


def _pairs(
    run: Interpreter, owner: Stack, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    return [(word, owner.layers[place]) for word, place in owner.words.items()]


# ---- objects of the text ----


def _add_module(
    run: Interpreter,
    owner: Instance,
    args: list[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    if len(args) == 2 and isinstance(args[0], str):
        owner.names[args[0]] = args[1]
        run.found.parts.add(id(args[1]))
    return None


def _add_weight(
    run: Interpreter,
    owner: Instance,
    args: list[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    """Return a Keras layer's own weight: add_weight(shape=(n, m), ...)."""
    given = [one for one in args if isinstance(one, list | tuple)]
    shape = keywords.get("shape", given[0] if given else ())
    start = keywords.get("initializer", "uniform")
    word = start if isinstance(start, str) else getattr(start, "name", "uniform")
    if keywords.get("trainable") is False:
        return Filled(tuple(as_size(one) for one in shape))
    return run_weight(run, shape, node, word)


def _parent_start(
    run: Interpreter, owner: Parent, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    """Call the constructor of a library's class: of Sequential, with its layers."""
    if isinstance(owner.instance, Instance) and owner.cls and args:
        names = [base.name for base in owner.cls.libraries()]
        if "Sequential" in names:
            owner.instance.names["__stack__"] = Stack(list(args), run.span(node))
        elif layer := own_layer(run, owner.instance, args, keywords, node):
            owner.instance.names["__layer__"] = layer
        elif len(args) == 2:
            owner.instance.names["__functional__"] = Functional(args[0], args[1])
    return None


def own_layer(
    run: Interpreter, instance: Instance, args: list[Any], keywords: Keywords, node: Any
) -> Any:
    """Make the library's layer that a class of the text derives from, if it does."""
    bases = instance.cls.libraries() if instance.cls else ()
    for base in bases:
        if base.name in LAYERS:
            made = run.call(base, args, keywords, node)
            run.found.parts.add(id(made))
            return made
    return None


def _parent_forward(
    run: Interpreter, owner: Parent, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    """Call forward of the library's layer that a class of the text derives from."""
    names = owner.instance.names if isinstance(owner.instance, Instance) else {}
    for part in ("__layer__", "__stack__", "__functional__"):
        if part in names:
            return run.call(names[part], args, keywords, node)
    return Data()


# ---- arguments of the command line ----


def _add_argument(
    run: Interpreter,
    owner: Instance,
    args: list[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    """Note an option's default: that is its value here."""
    words = [one for one in args if isinstance(one, str)]
    long = next(
        (one for one in words if one.startswith("--")), words[0] if words else ""
    )
    name = keywords.get("dest") or long.lstrip("-").replace("-", "_")
    action = keywords.get("action")
    usual = {"store_true": False, "store_false": True}.get(action)  # type: ignore[arg-type]
    owner.names[str(name)] = keywords.get("default", usual)
    return Data()


def _save_hyperparameters(
    run: Interpreter,
    owner: Instance,
    args: list[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    """Keep what an object was made with: Lightning's hparams, d2l's attributes."""
    given = {k: v for k, v in run.starts.get(id(owner), {}).items() if k[:1] != "_"}
    owner.names["hparams"] = Instance(None, dict(given))
    for name, value in given.items():
        owner.names.setdefault(name, value)
    return None


def _batched(
    run: Interpreter,
    owner: Instance,
    args: list[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    """tf.data's batch(32): the same data, their batches' size noted."""
    size = args[0] if args else keywords.get("batch_size")
    if type(size) is int and "__batches__" in owner.names:
        run.found.batch_size = size
    return owner


def _trainer_fit(
    run: Interpreter,
    owner: Instance,
    args: list[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    """trainer.fit(model, loader): Lightning's training."""
    given = {
        **dict(zip(("model", "train_dataloaders"), args, strict=False)),
        **keywords,
    }
    if "__learner__" in owner.names:
        return fitted(run, owner, args, keywords, node)
    model, loader = given.get("model"), given.get("train_dataloaders")
    loader = given.get("train_dataloader", given.get("datamodule", loader))
    if "__trainer__" in owner.names and isinstance(model, Instance):
        if run.found.epochs is None:
            run.found.epochs = owner.names["__trainer__"]
        loader = loaders.loader_of(run, loader) or loaders.loader_of(run, model)
        if loader is not None:
            model.names["__loader__"] = loader.names.get("__batches__")
        run.found.trained.append(model)
    elif "__estimator__" in owner.names:
        run.found.trained.append(owner.names["__estimator__"])
    return Data()


def _transformed(
    run: Interpreter,
    owner: Instance,
    args: list[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    """Return what a scaler makes of data: as many columns as before."""
    same = "__same__" in owner.names and args and isinstance(args[0], Data)
    return args[0] if same else Data()


def _self(
    run: Interpreter, owner: Any, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    return owner


def _learned(
    run: Interpreter, owner: Instance, args: list[Any], keywords: Keywords, node: Any
) -> Any:
    """learn.fit_one_cycle(5, 0.01) of fastai; of anything else nothing is known."""
    known = "__learner__" in owner.names
    return fitted(run, owner, args, keywords, node) if known else Data()


def _updated(
    run: Interpreter, owner: Instance, args: list[Any], keywords: Keywords, node: Any
) -> Any:
    """state.apply_gradients(grads=grads) of Flax: the same state, one step on."""
    return owner


def _is_flax(owner: Instance) -> bool:
    bases = owner.cls.libraries() if owner.cls else ()
    return any(base.root == "flax" for base in bases)


def _init(
    run: Interpreter, owner: Instance, args: list[Any], keywords: Keywords, node: Any
) -> Any:
    """model.init(key, x) of Flax: the parameters, made for an example of that shape."""
    if _is_flax(owner):
        run.call(owner, args[1:], {}, node)
    return Data()


def _apply(
    run: Interpreter, owner: Instance, args: list[Any], keywords: Keywords, node: Any
) -> Any:
    """model.apply(params, x) of Flax calls the model; PyTorch's gives it back."""
    if not _is_flax(owner):
        return owner
    words = {k: v for k, v in keywords.items() if k not in ("rngs", "mutable")}
    return run.call(owner, args[1:], words, node)


Table = Mapping[str, Callable[..., Any]]
STACKED: Table = {
    "items": _pairs,
    "keys": _words,
    "add": _add,
    "append": _add,
    "add_module": _add,
    "extend": _extend,
    "values": _values,
    "children": _values,
}
OBJECTS: Table = {
    "add_module": _add_module,
    "register_module": _add_module,
    "register_buffer": _add_module,
    "register_parameter": _add_module,
    "add_weight": _add_weight,
    "add_argument": _add_argument,
    "fit": _trainer_fit,
    **dict.fromkeys(
        ("fit_one_cycle", "fine_tune", "fit_flat_cos", "fit_sgdr"), _learned
    ),
    "apply_gradients": _updated,
    "init": _init,
    "apply": _apply,
    "save_hyperparameters": _save_hyperparameters,
    "batch": _batched,
    **dict.fromkeys(
        (
            "shuffle",
            "prefetch",
            "cache",
            "repeat",
            "take",
            "skip",
            "map",
            "with_options",
            "unbatch",
            "filter",
        ),
        _self,
    ),
    "parse_args": _self,
    **dict.fromkeys(("fit_transform", "transform"), _transformed),
    "parse_known_args": lambda run, owner, *_: (owner, []),
    "add_argument_group": _self,
}
PARENTS: Table = {
    "__init__": _parent_start,
    **dict.fromkeys(("forward", "call", "__call__"), _parent_forward),
}
TABLES: tuple[tuple[type, Table], ...] = (
    (Stack, STACKED),
    (Setting, fitting.SETTINGS),
    (Instance, OBJECTS),
    (Parent, PARENTS),
)
