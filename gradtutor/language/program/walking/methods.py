"""Methods of a program's values, by the kind of their owner."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gradtutor.language.program import asked
from gradtutor.language.program.array_values import LOSS_VALUE, Data, Filled, Work
from gradtutor.language.program.data import arrays
from gradtutor.language.program.data.attributes import Parent
from gradtutor.language.program.held.freezing import keep, parameters_of
from gradtutor.language.program.held.paths import parts_of
from gradtutor.language.program.models import fitting, own_loss, settings
from gradtutor.language.program.values import (
    MODELS,
    Instance,
    Method,
    Parameters,
    Setting,
    Stack,
    Symbol,
    Tensor,
    Unknown,
    Weight,
)
from gradtutor.language.program.walking.handlers import Keywords, Table
from gradtutor.language.program.walking.objects import OBJECTS
from gradtutor.language.program.walking.parents import PARENTS
from gradtutor.language.program.walking.plain_values import PLAIN_OWNERS, plain_method
from gradtutor.language.program.walking.stacked import STACKED

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

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
            if len(args) > 1 and isinstance(args[1], Parameters):
                run.note_step(args[1].model)
        return args[0]  # of mixed precision
    if owner == LOSS_VALUE and name in ("mean", "sum", "to"):
        work = Work(Method(None, name), (owner,), {}, node)
        return owner if name == "to" else replace(owner, work=work)
    if name == "add_loss" and isinstance(owner, MODELS) and args:
        return _add_loss(run, owner, args[0], node)
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
        from gradtutor.language.program.walking.assigning import make_trained

        return make_trained(run, owner, run.scope, node)
    if name in ("requires_grad_", "freeze", "unfreeze"):
        kept = name == "freeze" or (name == "requires_grad_" and not wanted)
        keep(run, owner, node, kept=kept)
    if isinstance(owner, MODELS) and name in ("named_parameters", "children"):
        return parameters_of(owner) if name[0] == "n" else parts_of(owner)
    if name == "fill_" and args and isinstance(owner, Filled):
        return _filled(run, owner, args[0])
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
        return plain_method(run, owner, name, list(args), node)
    if isinstance(owner, int | float) and name in SAME:
        return owner  # of a number that an array would hold
    if isinstance(owner, MODELS) and name not in SILENT:
        run.pass_over(name, node)
    return Data()


def _add_loss(run: Interpreter, owner: Any, value: Any, node: ast.AST) -> None:
    """Note what Keras's add_loss adds: of a model's tensors, or within its call."""
    for one in value if isinstance(value, list | tuple) else (value,):
        if run.tracer is not None and isinstance(one, Tensor):
            whole = run.tracer.function("mean", [one], {}, node) if one.order else one
            run.tracer.net.added.append(whole.node)
        elif isinstance(one, Symbol):
            run.found.added.setdefault(id(owner), []).append(one)


def _filled(run: Interpreter, owner: Filled, value: Any) -> Any:
    """label.fill_(0): the names that the array has are the new one's."""
    plain = isinstance(value, int | float)
    made = replace(owner, value=float(value)) if plain else Data(owner.shape)
    for name, other in run.scope.names.items():
        if other is owner:
            run.scope.names[name] = made
    return made


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


# ---- stacks of layers ----


# ---- objects of the text ----


# ---- arguments of the command line ----


TABLES: tuple[tuple[type, Table], ...] = (
    (Stack, STACKED),
    (Setting, fitting.SETTINGS),
    (Instance, OBJECTS),
    (Parent, PARENTS),
)
