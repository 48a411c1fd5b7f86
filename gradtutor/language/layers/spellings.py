"""Layers in PyTorch's and Keras's spellings, each with its arguments in order.

``nn.Linear(784, 128)``, ``Linear(128)`` and ``Dense(units=128)`` are the same layer.
"""

from __future__ import annotations

from dataclasses import dataclass

from gradtutor.graph import Span
from gradtutor.language.errors import UnknownNameError, near
from gradtutor.language.syntax import Source
from gradtutor.messages import tr


@dataclass(frozen=True)
class Spelling:
    """One accepted spelling: what it means and the names of its arguments, in order.

    Attributes
    ----------
    short : tuple of str
        The arguments' names when only these many are given by place:
        ``Linear(128)``, whose input size follows from the layer before.
    """

    kind: str
    arguments: tuple[str, ...] = ()
    #: Accepted and without effect here (``name="hidden"``, ``inplace=True``), or with
    #: the one value that ``FIXED`` gives.
    ignored: tuple[str, ...] = ("name",)
    short: tuple[str, ...] = ()
    #: Facts that the spelling itself states: how many axes, Keras's conventions.
    facts: tuple[tuple[str, object], ...] = ()


#: Arguments that change a layer in a way that is not here: the values they may have.
FIXED: dict[str, tuple[object, ...]] = {
    "padding_mode": ("zeros",),
    "return_indices": (False,),
    "divisor_override": (None,),
    "ceil_mode": (False, True),
    "noise_shape": (None,),
    "affine": (True,),
    "track_running_stats": (True,),
    "elementwise_affine": (True,),
    "center": (True,),
    "scale": (True,),
    "data_format": ("channels_last", None),
    "keepdims": (False,),
    "start_dim": (1,),
    "end_dim": (-1,),
    "approximate": ("none", False),
    "dropout": (0,),
    "recurrent_dropout": (0,),
    "recurrent_activation": ("sigmoid",),
    "bidirectional": (False,),
    "return_state": (False,),
    "stateful": (False,),
    "proj_size": (0,),
    "kernel_regularizer": (None,),
    "bias_regularizer": (None,),
    "recurrent_regularizer": (None,),
    "activity_regularizer": (None,),
    "kernel_constraint": (None,),
    "bias_constraint": (None,),
    # of losses and optimisers
    "reduction": ("mean", "sum_over_batch_size", "auto"),
    "weight": (None,),
    "pos_weight": (None,),
    "label_smoothing": (0,),
    "amsgrad": (False,),
    "maximize": (False,),
    "dampening": (0,),
    "centered": (False,),
    "last_epoch": (-1,),
}

TORCH_IGNORED = (
    *("name", "dtype", "device", "padding_mode", "return_indices", "affine"),
    *("divisor_override", "track_running_stats"),
    *("elementwise_affine", "batch_first", "dropout", "bidirectional", "proj_size"),
)
KERAS_IGNORED = (
    *("name", "kernel_initializer", "bias_initializer", "data_format", "dtype", "seed"),
    *("recurrent_initializer", "unit_forget_bias", "center", "scale", "keepdims"),
    *("beta_initializer", "gamma_initializer", "moving_mean_initializer"),
    *("moving_variance_initializer", "kernel_regularizer", "bias_regularizer"),
    *("activity_regularizer", "kernel_constraint", "bias_constraint", "trainable"),
)
RECURRENT_IGNORED = (
    *(*TORCH_IGNORED, *KERAS_IGNORED, "recurrent_dropout", "recurrent_activation"),
    *("return_state", "stateful", "recurrent_regularizer", "unroll"),
)


def _activation(kind: str, *arguments: str) -> Spelling:
    return Spelling(kind, arguments, ("name", "inplace", "approximate"))


def _torch(kind: str, *arguments: str, short: int = 0, rank: int = 0) -> Spelling:
    """Spell a layer as PyTorch does; sizes of its input may be left out."""
    given = tuple(arguments[1 : 1 + short]) if short else ()
    return Spelling(kind, arguments, TORCH_IGNORED, given, (("rank", rank),))


def _keras(kind: str, *arguments: str, rank: int = 0) -> Spelling:
    facts = (("rank", rank), ("keras", True))
    return Spelling(kind, (*arguments, "shape"), KERAS_IGNORED, (), facts)


def _recurrent(kind: str, *arguments: str) -> Spelling:
    """Spell a layer that PyTorch and Keras call the same."""
    more = ("batch_first", "dropout", "bidirectional", "return_sequences", "shape")
    names = (*("in_features", "units", "num_layers"), *arguments, *more, "go_backwards")
    return Spelling(kind, names, RECURRENT_IGNORED, ("units",))


CONV = (
    *("in_channels", "units", "kernel", "stride", "padding"),
    *("dilation", "groups", "bias"),
)
KERAS_CONV = (
    *("units", "kernel", "stride", "padding", "dilation"),
    *("groups", "activation", "bias"),
)
POOL = ("kernel", "stride", "padding")
MAX_POOL = ("dilation", "return_indices", "ceil_mode")

ACTIVATIONS = {
    "ReLU": _activation("relu", "inplace"),
    "LeakyReLU": _activation("leaky_relu", "slope"),
    "Sigmoid": _activation("sigmoid"),
    "Tanh": _activation("tanh"),
    "Softplus": _activation("softplus"),
    "SiLU": _activation("swish", "inplace"),
    "Swish": _activation("swish"),
    "GELU": _activation("gelu", "approximate"),
    "Softmax": _activation("softmax", "dim", "axis"),
    "LogSoftmax": _activation("log_softmax", "dim", "axis"),
}

LAYERS = {
    "Input": Spelling("input", ("shape",), ("name", "dtype", "batch_size", "sparse")),
    "InputLayer": Spelling("input", ("shape",), ("name", "dtype", "batch_size")),
    "Flatten": Spelling("flatten", ("start_dim", "end_dim", "shape"),
                        ("name", "data_format")),
    "Linear": _torch("linear", "in_features", "units", "bias", short=1),
    "Dense": _keras("linear", "units", "activation", "bias"),
    **{f"Conv{n}d": _torch("conv", *CONV, short=2, rank=n) for n in (1, 2, 3)},
    **{f"{word}{n}D": _keras("conv", *KERAS_CONV, rank=n)
       for word in ("Conv", "Convolution") for n in (1, 2, 3)},
    **{f"MaxPool{n}d": _torch("max_pool", *POOL, *MAX_POOL, rank=n)
       for n in (1, 2, 3)},
    **{f"AvgPool{n}d": _torch("avg_pool", *POOL, "ceil_mode", "count_include_pad",
                              rank=n)
       for n in (1, 2, 3)},
    **{f"{word}{n}D": _keras("max_pool", *POOL, rank=n)
       for word in ("MaxPooling", "MaxPool") for n in (1, 2, 3)},
    **{f"{word}{n}D": _keras("avg_pool", *POOL, rank=n)
       for word in ("AveragePooling", "AvgPool") for n in (1, 2, 3)},
    **{f"AdaptiveAvgPool{n}d": _torch("global_avg", "size", rank=n) for n in (1, 2, 3)},
    **{f"AdaptiveMaxPool{n}d": _torch("global_max", "size", rank=n) for n in (1, 2, 3)},
    **{f"GlobalAvgPool{n}d": _torch("global_avg", rank=n) for n in (1, 2, 3)},
    **{f"GlobalMaxPool{n}d": _torch("global_max", rank=n) for n in (1, 2, 3)},
    **{f"{word}{n}D": _keras("global_avg_flat", rank=n)
       for word in ("GlobalAveragePooling", "GlobalAvgPool") for n in (1, 2, 3)},
    **{f"{word}{n}D": _keras("global_max_flat", rank=n)
       for word in ("GlobalMaxPooling", "GlobalMaxPool") for n in (1, 2, 3)},
    **{f"BatchNorm{n}d": _torch("batch_norm", "features", "eps", "momentum", rank=n)
       for n in (1, 2, 3)},
    "BatchNormalization": _keras("batch_norm", "axis", "momentum", "eps"),
    "LayerNorm": _torch("layer_norm", "features", "eps"),
    "LayerNormalization": _keras("layer_norm", "axis", "eps"),
    "Dropout": Spelling("dropout", ("rate", "inplace", "shape"),
                        ("name", "seed", "noise_shape")),
    "Residual": Spelling("residual", ("layers",)),
    "RNN": _recurrent("rnn", "activation", "bias"),
    "LSTM": _recurrent("lstm", "bias", "activation"),
    "SimpleRNN": Spelling("rnn", ("units", "activation", "bias", "return_sequences",
                                  "shape", "go_backwards"), RECURRENT_IGNORED),
    "Activation": Spelling("activation", ("activation",)),
    **ACTIVATIONS,
}  # fmt: skip

#: Layers that stand between two others without looking at the axes.
POINTWISE = {one.kind for one in ACTIVATIONS.values()} | {"dropout", "activation"}
RECURRENT = ("rnn", "lstm")

#: Other names of the same argument.
SYNONYMS = {
    "out_features": "units",
    "out_channels": "units",
    "hidden_size": "units",
    "input_size": "in_features",
    "filters": "units",
    "kernel_size": "kernel",
    "pool_size": "kernel",
    "strides": "stride",
    "dilation_rate": "dilation",
    "use_bias": "bias",
    "input_shape": "shape",
    "input_dim": "shape",
    "negative_slope": "slope",
    "alpha": "slope",
    "nonlinearity": "activation",
    "lr": "learning_rate",
    "p": "rate",
    "epsilon": "eps",
    "num_features": "features",
    "normalized_shape": "features",
    "output_size": "size",
    "beta_1": "beta1",
    "beta_2": "beta2",
    "rho": "decay",
    "beta": "delta",  # of SmoothL1Loss
}
#: What Keras's word "leaky_relu" means by itself, and its LeakyReLU layer.
KERAS_WORD_SLOPE, KERAS_SLOPE, TORCH_SLOPE = 0.2, 0.3, 0.01


def activation_kind(source: Source, word: object, span: Span) -> str | None:
    """Return the gate that ``activation="relu"`` means; None for no activation."""
    if word in (None, "linear"):
        return None
    kinds = {name.lower(): spelling.kind for name, spelling in ACTIVATIONS.items()}
    if not isinstance(word, str) or word.lower().replace("_", "") not in kinds:
        message = tr("there is no activation {word!r}", word=word)
        hint = near(str(word), kinds) or tr("there is {kinds}", kinds=", ".join(kinds))
        raise UnknownNameError(message, source.text, span, hint)
    return kinds[word.lower().replace("_", "")]
