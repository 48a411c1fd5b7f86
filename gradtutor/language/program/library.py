"""Calls of libraries: what each makes, from tables by the last part of its name."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.more import ALL_LAYERS as LAYERS
from gradtutor.language.layers.training import LOSSES, OPTIMISERS, SCHEDULES
from gradtutor.language.program import arrays, fitting
from gradtutor.language.program.building import MAKERS as MODEL_MAKERS
from gradtutor.language.program.building import make_layer
from gradtutor.language.program.datasets import DATASETS
from gradtutor.language.program.operators import is_symbolic
from gradtutor.language.program.plain import PYTHON
from gradtutor.language.program.values import (
    Data,
    Library,
    Symbol,
    Tensor,
    Weight,
)

if TYPE_CHECKING:
    from gradtutor.language.program.interpreter import Interpreter

Keywords = Mapping[str, Any]
Maker = Callable[..., Any]

#: What has nothing to do with the model and is not worth a word either.
SILENT = frozenset((
    "manual_seed", "set_seed", "seed", "set_random_seed", "device", "is_available",
    "device_count", "print", "init", "normal_", "uniform_", "xavier_uniform_",
    "kaiming_normal_", "kaiming_uniform_", "zeros_", "constant_", "time", "strftime",
    "get_logger", "getLogger", "set_printoptions", "filterwarnings", "backend",
    "clear_session", "ones_", "xavier_normal_", "trunc_normal_", "set_default_dtype",
    "no_grad", "perf_counter", "join", "exists", "makedirs", "TypeVar",
))  # fmt: skip
#: Keras's and PyTorch's callbacks and loaders.
TRAINERS: dict[str, Maker] = {
    "EarlyStopping": fitting.early_stopping,
    "DataLoader": fitting.data_loader,
}


def call_library(
    run: Interpreter,
    called: Library,
    args: Sequence[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    """Call a function or a class of a library.

    On tensors it makes gates; otherwise it is a layer, a loss, an optimiser, data, or
    passed over.
    """
    name, given = called.name, [*args, *keywords.values()]
    if run.tracer is not None and any(map(has_tensor, given)) and name not in PYTHON:
        return _on_tensors(run, called, list(args), keywords, node)
    if any(map(is_symbolic, given)) and not _is_maker(called):
        return Symbol(called, tuple(args), keywords, node)
    if name in FUNCTIONAL_LOSSES and len(args) >= 2:
        return _functional_loss(run, called, list(args), keywords, node)
    for table in (MODEL_MAKERS, TRAINERS, DATASETS):
        if name in table:
            return table[name](run, list(args), keywords, node)
    if called.path in PYTHON:
        return PYTHON[name](run, list(args), keywords, node)
    if name in LAYERS:
        return make_layer(run, called, list(args), keywords, node)
    if name in LOSSES or name in OPTIMISERS or name in SCHEDULES:
        return fitting.make_setting(run, name, list(args), keywords, node)
    if name in arrays.MAKERS:
        return arrays.MAKERS[name](list(args), keywords)
    if _looks_like_a_layer(called):
        return make_layer(run, called, list(args), keywords, node)
    if name not in SILENT:
        run.pass_over(called.path, node)
    if type(keywords.get("batch_size")) is int and run.found.batch_size is None:
        run.found.batch_size = keywords["batch_size"]  # of a loader of its own
    return Data()


def has_tensor(value: Any) -> bool:
    """Whether a value is a tensor being traced, or holds one."""
    if isinstance(value, list | tuple):
        return any(map(has_tensor, value))
    return isinstance(value, Tensor | Weight)


def _is_maker(called: Library) -> bool:
    return called.name in ("Model", "Sequential", "print", "len", "plot_model")


#: Losses as functions of an output and a target.
FUNCTIONAL_LOSSES = {name for name in LOSSES if name.islower()}


def _on_tensors(
    run: Interpreter,
    called: Library,
    args: list[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    """Make gates of a library's function, or note the loss that it is."""
    if called.name in FUNCTIONAL_LOSSES:
        return _functional_loss(run, called, args, keywords, node)
    if called.name in MODEL_MAKERS:
        return MODEL_MAKERS[called.name](run, args, keywords, node)
    return run.tracer.function(called.name, args, keywords, node)


def _functional_loss(
    run: Interpreter,
    called: Library,
    args: list[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    """F.cross_entropy(output, target): a loss that is called at once."""
    setting = fitting.make_setting(run, called.name, args[2:], keywords, node)
    return run.call(setting, args[:2], {}, node)


def _looks_like_a_layer(called: Library) -> bool:
    """Whether a name that no table has is a layer: nn.Something, layers.Something."""
    before = called.path.rpartition(".")[0].rpartition(".")[2]
    return before in ("nn", "layers") and called.name[:1].isupper()
