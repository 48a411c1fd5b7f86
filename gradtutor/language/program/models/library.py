"""Calls of libraries: what each makes, from tables by the last part of its name."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.left_out import starts_note
from gradtutor.language.layers.library import ROOTS
from gradtutor.language.layers.more import ALL_LAYERS as LAYERS
from gradtutor.language.layers.training import (
    LOSSES,
    NEAR_OPTIMISERS,
    OPTIMISERS,
    SCHEDULES,
)
from gradtutor.language.program import asked
from gradtutor.language.program.array_values import (
    LOSS_VALUE,
    Data,
    Filled,
    Work,
    worked,
)
from gradtutor.language.program.data import arrays, new_arrays, tables
from gradtutor.language.program.data.datasets import DATASETS
from gradtutor.language.program.data.plain import PYTHON
from gradtutor.language.program.models import loaders, own_loss, settings
from gradtutor.language.program.models.building import MAKERS as MODEL_MAKERS
from gradtutor.language.program.models.called_losses import (
    FUNCTIONAL_LOSSES,
    KERAS_FUNCTIONS,
    functional_loss,
    keras_loss,
)
from gradtutor.language.program.models.layers.making import make_layer
from gradtutor.language.program.models.layers.special import DATA_STEPS, PATTERNS
from gradtutor.language.program.models.old_spellings import NAMES
from gradtutor.language.program.models.other.d2l import of_d2l
from gradtutor.language.program.models.other.environments import of_gym
from gradtutor.language.program.models.other.equinox import of_equinox
from gradtutor.language.program.models.other.fastai import of_fastai
from gradtutor.language.program.models.other.flax import of_flax
from gradtutor.language.program.models.other.haiku import of_haiku
from gradtutor.language.program.models.other.initialisers import of_initialisers
from gradtutor.language.program.models.stages import UNREAD, Stage, first_made
from gradtutor.language.program.models.traced_calls import TRACED
from gradtutor.language.program.nearest import RATE_OBJECTS
from gradtutor.language.program.values import (
    MODELS,
    Function,
    Library,
    Method,
)
from gradtutor.language.program.weights import as_weight

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

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
#: Losses, optimisers and schedules, those with a near one too.
SETTINGS_HERE = {*LOSSES, *OPTIMISERS, *SCHEDULES, *NEAR_OPTIMISERS}
#: Keras's and PyTorch's callbacks and loaders.
TRAINERS: dict[str, Maker] = {
    "EarlyStopping": loaders.early_stopping,
    "DataLoader": loaders.data_loader,
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
    call = run, called, list(args), keywords, node
    made = first_made(TRACED, call)
    if made is not UNREAD:
        return made
    noted = run.tracer is None and asked.met(*call)
    made = first_made(STAGES, call)
    if made is not UNREAD:
        return worked(made, called, args, keywords, node, inside=run.inside)
    if called.name in SILENT:
        _note_starts(run, called)
    elif not noted:
        run.pass_over(called.path, node)
    if type(keywords.get("batch_size")) is int and run.found.batch_size is None:
        run.found.batch_size = keywords["batch_size"]  # of a loader of its own
    return worked(Data(), called, args, keywords, node, inside=run.inside)


def _note_starts(run: Interpreter, called: Library) -> None:
    """Say once that nn.init.zeros_(…) and its like are not done."""
    if "init" in called.path.split(".")[:-1] and starts_note() not in run.notes:
        run.notes.append(starts_note())


# ---- while a model is traced ----


# ---- what is made before any tracing ----


def _handed_on(
    run: Interpreter, called: Library, args: list[Any], keywords: Keywords, node: Any
) -> Any:
    """Give back what a library puts something around that computes the same."""
    models = called.name in HANDED_ON and args and isinstance(args[0], MODELS)
    function = called.name in (
        "jit",
        "vmap",
        "pmap",
        "checkpoint",
        "remat",
        "function",
        "TinyJit",
    )
    held = function and args and isinstance(args[0], (Function, Method, *MODELS))
    if held and called.name in ("vmap", "pmap"):
        run.found.mapped.add(id(args[0]))
    return args[0] if models or held else UNREAD


def _loss_value(
    run: Interpreter, called: Library, args: list[Any], keywords: Keywords, node: Any
) -> Any:
    """Note a loss that is called at once; of numbers that are known, theirs."""
    listed = args[0] if called.path == "sum" and args else None
    if isinstance(listed, list) and any(getattr(one, "work", None) for one in listed):
        return Data()  # Python's, of losses
    if called.name in FUNCTIONAL_LOSSES and len(args) >= 2:
        return functional_loss(run, called, args, keywords, node)
    if called.name in KERAS_FUNCTIONS and len(args) + len(keywords) >= 2:
        return keras_loss(run, called, args, keywords, node)
    first = args[0] if args else None
    if first == LOSS_VALUE and called.name in (*own_loss.MEANS, *own_loss.SUMS):
        return replace(first, work=Work(called, (first,), {}, node))
    made = own_loss.called(run, called.name, first, args[1:], keywords, node)
    if made is None:
        made = tables.function(called.name, args, keywords)
    return UNREAD if made is None else made


def _by_name(
    run: Interpreter, called: Library, args: list[Any], keywords: Keywords, node: Any
) -> Any:
    """Make models, loaders, data sets and Python's own values, by their tables."""
    for table in (MODEL_MAKERS, TRAINERS, DATASETS):
        if called.name in table:
            return table[called.name](run, args, keywords, node)
    if called.path in PYTHON:
        return PYTHON[called.path](run, args, keywords, node)
    return 1e-7 if called.name == "epsilon" and not args else UNREAD  # keras.backend's


def _layer(
    run: Interpreter, called: Library, args: list[Any], keywords: Keywords, node: Any
) -> Any:
    """Make a layer; give back one that a function of another file is put around."""
    name = called.name
    if any(name in table for table in (LAYERS, NAMES, DATA_STEPS, PATTERNS)):
        return make_layer(run, called, args, keywords, node)
    if called.path == name and run.is_free(name) and name not in SETTINGS_HERE:
        held = [one for one in args if isinstance(one, MODELS)]
        if held:  # layer_init(nn.Linear(8, 4)): a function that is not in the text
            run.pass_over(name, node)
            return held[0]
    return Data() if name == "Constant" and args else UNREAD  # an initialiser


def _setting(
    run: Interpreter, called: Library, args: list[Any], keywords: Keywords, node: Any
) -> Any:
    """Make a loss, an optimiser or a schedule."""
    if called.name not in SETTINGS_HERE:
        return UNREAD
    return settings.make_setting(run, called.name, args, keywords, node)


def _array(
    run: Interpreter, called: Library, args: list[Any], keywords: Keywords, node: Any
) -> Any:
    """Make an array, one that is trained where the text says so."""
    if called.name == "Variable" and ROOTS.get(called.root) == "keras":
        return _variable(run, args, keywords, node)
    if called.name in arrays.MAKERS:
        made = arrays.MAKERS[called.name](args, keywords)
        trained = keywords.get("requires_grad") is True
        return as_weight(run, made, node) if trained else made
    if called.root == "tinygrad" and called.name in TINY_STARTS:
        return as_weight(run, Data(new_arrays.shape_of(args, {})), node)
    return UNREAD


def _variable(run: Interpreter, args: list[Any], keywords: Keywords, node: Any) -> Any:
    """Make tf.Variable(initial_value, trainable=True): a weight of the text's own."""
    first = args[0] if args else keywords.get("initial_value", Data())
    if keywords.get("trainable") is False:
        return first
    if type(first) is float:
        first = Filled((), first)
    return as_weight(run, first, node)


def _unknown_layer(
    run: Interpreter, called: Library, args: list[Any], keywords: Keywords, node: Any
) -> Any:
    """Refuse a layer that is not here, by its place."""
    missing = called.name in NOT_HERE and is_library(run, called)
    if _looks_like_a_layer(called) or missing:
        return make_layer(run, called, args, keywords, node)
    return UNREAD


def _number(
    run: Interpreter, called: Library, args: list[Any], keywords: Keywords, node: Any
) -> Any:
    """Return a statistic of data, a rate that changes, whether there is a device."""
    name = called.name
    if name in arrays.STATISTICS and args and isinstance(args[0], Data):
        return arrays.statistic(name, args[0], args[1:], keywords)
    if name in RATE_OBJECTS:
        return asked.first_rate(args, keywords)
    return NO_DEVICE if name == "is_available" else UNREAD


STAGES: tuple[Stage, ...] = (
    *(_handed_on, of_flax, of_haiku, of_equinox, of_fastai, of_gym),
    *(of_initialisers, of_d2l, _loss_value),
    *(_by_name, _layer, _setting, _array, _unknown_layer, _number),
)


#: Whether there is a graphics card: of two values that without one is taken.
NO_DEVICE = Data(made="device")
#: What is put around a model or a layer and computes the same; what reparametrises
#: weights has a warning beside.
HANDED_ON = frozenset((
    "DataParallel", "DistributedDataParallel", "FullyShardedDataParallel", "compile",
    "script", "trace", "optimize", "prepare_model", "unwrap_model", "function",
    "weight_norm", "spectral_norm", "orthogonal", "remove_weight_norm",
    "remove_spectral_norm", "remove_parametrizations", "convert_sync_batchnorm",
))  # fmt: skip
#: tinygrad's ways to make a weight.
TINY_STARTS = ("scaled_uniform", "glorot_uniform", "kaiming_uniform", "kaiming_normal",
               "uniform")  # fmt: skip


def is_library(run: Interpreter, called: Library) -> bool:
    """Whether a name comes from a library of layers, or from nowhere in the text."""
    return run.is_free(called.root) or called.root in ROOTS


#: Layers of Keras and PyTorch that are not here, so that none is left out unnoticed.
NOT_HERE = frozenset((
    "ConvLSTM3D",
    "LocallyConnected1D", "LocallyConnected2D", "StackedRNNCells",
    "SimpleRNNCell", "Fold", "Unfold", "Bilinear", "Maxout",
    "LPPool2d", "FractionalMaxPool2d", "MaxUnpool2d", "LocalResponseNorm",
    "CrossMapLRN2d", "Transformer",
    "DenseFeatures", "UpSampling3D",
    "ThresholdedReLU", "SpectralNormalization",
    "UnitNormalization", "EinsumDense", "AdaptiveLogSoftmax",
))  # fmt: skip


def _looks_like_a_layer(called: Library) -> bool:
    """Whether a name that no table has is a layer: nn.Something, layers.Something."""
    if called.name.endswith(("Loss", "Criterion")) or "." not in called.path:
        return False
    before = called.path.rpartition(".")[0].rpartition(".")[2]
    return before in ("nn", "layers") and called.name[:1].isupper()
