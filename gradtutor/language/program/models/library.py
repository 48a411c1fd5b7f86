"""Calls of libraries: what each makes, from tables by the last part of its name."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.library import ROOTS
from gradtutor.language.layers.more import ALL_LAYERS as LAYERS
from gradtutor.language.layers.training import (
    LOSS_WORDS,
    LOSSES,
    NEAR_OPTIMISERS,
    OPTIMISERS,
    SCHEDULES,
)
from gradtutor.language.program import asked
from gradtutor.language.program.data import arrays, tables
from gradtutor.language.program.data.datasets import DATASETS
from gradtutor.language.program.data.operators import is_symbolic
from gradtutor.language.program.data.plain import NUMBERS, PYTHON
from gradtutor.language.program.models import fitting, own_loss
from gradtutor.language.program.models.building import MAKERS as MODEL_MAKERS
from gradtutor.language.program.models.layer_making import (
    DATA_STEPS,
    PATTERNS,
    make_layer,
)
from gradtutor.language.program.models.old_spellings import NAMES
from gradtutor.language.program.nearest import RATE_OBJECTS
from gradtutor.language.program.values import (
    MODELS,
    Data,
    Library,
    Setting,
    Symbol,
    Tensor,
    Weight,
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
    python = called.path in PYTHON and name not in NUMBERS
    if run.tracer is not None and any(map(has_tensor, given)) and not python:
        return _on_tensors(run, called, list(args), keywords, node)
    if any(map(is_symbolic, given)) and not _is_maker(called):
        return Symbol(called, tuple(args), keywords, node)
    marked = keywords.get("requires_grad") is True and name in arrays.MAKERS
    if run.tracer is not None and (name in LEAVES or marked) and args:
        always = name in ("Value", "Scalar")
        always = always or (name == "Variable" and called.root in ("tf", "tensorflow"))
        trained = keywords.get("requires_grad") is True or always
        made = arrays.MAKERS.get(name, arrays.MAKERS["array"])(list(args), keywords)
        label = keywords.get("label", keywords.get("name", ""))
        if trained:
            return run.tracer.leaf(
                made, node, label if str(label).isidentifier() else ""
            )
    noted = run.tracer is None and asked.met(run, called, list(args), keywords, node)
    if name in HANDED_ON and args and isinstance(args[0], MODELS):
        return args[0]
    if name in FUNCTIONAL_LOSSES and len(args) >= 2:
        return _functional_loss(run, called, list(args), keywords, node)
    if name in KERAS_FUNCTIONS and len(given) >= 2:
        return _keras_loss(run, called, list(args), keywords, node)
    made = own_loss.called(
        run, name, args[0] if args else None, list(args[1:]), keywords, node
    )
    if made is None:
        made = tables.function(name, list(args), keywords)
    if made is not None:
        return made
    for table in (MODEL_MAKERS, TRAINERS, DATASETS):
        if name in table:
            return table[name](run, list(args), keywords, node)
    if called.path in PYTHON:
        return PYTHON[called.path](run, list(args), keywords, node)
    if name == "epsilon" and not args:
        return 1e-7  # keras.backend's
    if name in LAYERS or name in NAMES or name in DATA_STEPS or name in PATTERNS:
        return make_layer(run, called, list(args), keywords, node)
    if called.path == name and run.is_free(name) and name not in SETTINGS_HERE:
        held = [one for one in args if isinstance(one, MODELS)]
        if held:  # layer_init(nn.Linear(8, 4)): a function that is not in the text
            run.pass_over(name, node)
            return held[0]
    if name == "Constant" and args:
        return Data()  # an initialiser
    if name in SETTINGS_HERE:
        return fitting.make_setting(run, name, list(args), keywords, node)
    if name in arrays.MAKERS:
        made = arrays.MAKERS[name](list(args), keywords)
        trained = keywords.get("requires_grad") is True
        return as_weight(run, made, node) if trained else made
    if called.root == "tinygrad" and name in TINY_STARTS:
        return as_weight(run, Data(arrays.shape_of(args, {})), node)
    if _looks_like_a_layer(called) or (name in NOT_HERE and is_library(run, called)):
        return make_layer(run, called, list(args), keywords, node)
    if name in arrays.STATISTICS and args and isinstance(args[0], Data):
        return arrays.statistic(name, args[0], list(args[1:]), keywords)
    if name in RATE_OBJECTS:
        return asked.first_rate(list(args), keywords)
    if name == "is_available":
        return NO_DEVICE
    if name not in SILENT and not noted:
        run.pass_over(called.path, node)
    if type(keywords.get("batch_size")) is int and run.found.batch_size is None:
        run.found.batch_size = keywords["batch_size"]  # of a loader of its own
    return Data()


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
#: Ways to make a number or an array that is differentiated.
LEAVES = ("Value", "Scalar", "tensor", "Tensor", "Variable", "Parameter", "randn")
#: tinygrad's ways to make a weight.
TINY_STARTS = ("scaled_uniform", "glorot_uniform", "kaiming_uniform", "kaiming_normal",
               "uniform")  # fmt: skip


def is_library(run: Interpreter, called: Library) -> bool:
    """Whether a name comes from a library of layers, or from nowhere in the text."""
    return run.is_free(called.root) or called.root in ROOTS


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
    if called.name in FUNCTIONAL_LOSSES and len(args) >= 2:
        return _functional_loss(run, called, args, keywords, node)
    if called.name in KERAS_FUNCTIONS and len(args) + len(keywords) >= 2:
        return _keras_loss(run, called, args, keywords, node)
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


#: Keras's and TensorFlow's losses as functions of the truth and a prediction.
KERAS_FUNCTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    **{word: (name, {}) for word, name in LOSS_WORDS.items()
       if word not in FUNCTIONAL_LOSSES},
    "sigmoid_cross_entropy_with_logits": ("BinaryCrossentropy", {"from_logits": True}),
    **dict.fromkeys(
        ("sparse_softmax_cross_entropy_with_logits",
         "softmax_cross_entropy_with_logits", "softmax_cross_entropy_with_logits_v2"),
        ("SparseCategoricalCrossentropy", {"from_logits": True})),
    **dict.fromkeys(
        ("sparse_categorical_crossentropy_loss", "sparse_categorical_crossentropy"),
        ("SparseCategoricalCrossentropy", {})),
}  # fmt: skip
TRUTHS, PREDICTIONS = ("labels", "y_true", "target"), ("logits", "y_pred", "output")


def _keras_loss(
    run: Interpreter,
    called: Library,
    args: list[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    """Note binary_crossentropy(truth, prediction): a loss that is called at once."""
    name, facts = KERAS_FUNCTIONS[called.name]
    words = dict(keywords)
    truth = next((words.pop(k) for k in TRUTHS if k in words), None)
    found = next((words.pop(k) for k in PREDICTIONS if k in words), None)
    truth = args.pop(0) if truth is None and args else truth
    found = args.pop(0) if found is None and args else found
    if words.get("from_logits") is True:
        facts = {"from_logits": True}
    made = fitting.make_setting(run, name, [], facts, node)
    named = Setting(made.kind, made.item, called.name)
    return run.call(named, [found, truth], {}, node)


#: Layers of Keras and PyTorch that are not here, so that none is left out unnoticed.
NOT_HERE = frozenset((
    "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "Attention", "AdditiveAttention",
    "LocallyConnected1D", "LocallyConnected2D", "StackedRNNCells",
    "SimpleRNNCell", "Fold", "Unfold", "Bilinear", "Maxout",
    "LPPool2d", "FractionalMaxPool2d", "MaxUnpool2d", "LocalResponseNorm",
    "CrossMapLRN2d", "TransformerDecoder", "TransformerDecoderLayer", "Transformer",
    "DenseFeatures", "ConvTranspose3d", "Conv3DTranspose", "UpSampling3D",
    "GaussianDropout", "ThresholdedReLU", "SpectralNormalization",
    "UnitNormalization", "EinsumDense", "SeparableConv1D", "AdaptiveLogSoftmax",
))  # fmt: skip


def _looks_like_a_layer(called: Library) -> bool:
    """Whether a name that no table has is a layer: nn.Something, layers.Something."""
    if called.name.endswith(("Loss", "Criterion")) or "." not in called.path:
        return False
    before = called.path.rpartition(".")[0].rpartition(".")[2]
    return before in ("nn", "layers") and called.name[:1].isupper()
