"""Layers, losses and optimisers in PyTorch's and Keras's spellings.

``nn.Linear(784, 128)``, ``Linear(128)`` and ``Dense(units=128)`` are the same layer.
"""

from __future__ import annotations

from dataclasses import dataclass

from gradtutor.gates import SPELLINGS
from gradtutor.graph import Span
from gradtutor.language.errors import UnknownNameError, near
from gradtutor.language.syntax import Source


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
    #: Accepted and without effect here (``name="hidden"``, ``inplace=True``).
    ignored: tuple[str, ...] = ("name",)
    short: tuple[str, ...] = ()
    #: Facts that the spelling itself states: how many axes, Keras's conventions.
    facts: tuple[tuple[str, object], ...] = ()


TORCH_IGNORED = ("name", "dtype", "device", "padding_mode", "return_indices", "affine",
                 "ceil_mode", "count_include_pad", "track_running_stats",
                 "elementwise_affine", "batch_first")  # fmt: skip
KERAS_IGNORED = ("name", "kernel_initializer", "bias_initializer", "data_format", "dtype",
                 "recurrent_initializer", "center", "scale", "seed")  # fmt: skip


def _activation(kind: str, *arguments: str) -> Spelling:
    return Spelling(kind, arguments, ("name", "inplace", "dim", "axis", "approximate"))


def _torch(kind: str, *arguments: str, short: int = 0, rank: int = 0) -> Spelling:
    """Spell a layer as PyTorch does; with few arguments the sizes before are left out."""
    given = tuple(arguments[1 : 1 + short]) if short else ()
    return Spelling(kind, arguments, TORCH_IGNORED, given, (("rank", rank),))


def _keras(kind: str, *arguments: str, rank: int = 0) -> Spelling:
    facts = (("rank", rank), ("keras", True))
    return Spelling(kind, (*arguments, "shape"), KERAS_IGNORED, (), facts)


CONV = ("in_channels", "units", "kernel", "stride", "padding", "dilation", "groups", "bias")
KERAS_CONV = ("units", "kernel", "stride", "padding", "dilation", "groups", "activation",
              "bias")  # fmt: skip
POOL = ("kernel", "stride", "padding", "dilation")

LAYERS = {
    "Input": Spelling("input", ("shape",)),
    "InputLayer": Spelling("input", ("shape",)),
    "Flatten": Spelling("flatten", (), ("name", "input_shape", "start_dim", "end_dim")),
    "Linear": _torch("linear", "in_features", "units", "bias", short=1),
    "Dense": _keras("linear", "units", "activation", "bias"),
    **{f"Conv{n}d": _torch("conv", *CONV, short=2, rank=n) for n in (1, 2)},
    **{f"Conv{n}D": _keras("conv", *KERAS_CONV, rank=n) for n in (1, 2)},
    **{f"MaxPool{n}d": _torch("max_pool", *POOL, rank=n) for n in (1, 2)},
    **{f"AvgPool{n}d": _torch("avg_pool", *POOL, rank=n) for n in (1, 2)},
    **{f"MaxPooling{n}D": _keras("max_pool", *POOL[:3], rank=n) for n in (1, 2)},
    **{f"AveragePooling{n}D": _keras("avg_pool", *POOL[:3], rank=n) for n in (1, 2)},
    **{f"AdaptiveAvgPool{n}d": _torch("global_avg", "size") for n in (1, 2)},
    **{f"AdaptiveMaxPool{n}d": _torch("global_max", "size") for n in (1, 2)},
    **{f"GlobalAveragePooling{n}D": _keras("global_avg_flat") for n in (1, 2)},
    **{f"GlobalMaxPooling{n}D": _keras("global_max_flat") for n in (1, 2)},
    **{f"BatchNorm{n}d": _torch("batch_norm", "features", "eps", "momentum")
       for n in (1, 2)},
    "BatchNormalization": _keras("batch_norm", "axis", "momentum", "eps"),
    "LayerNorm": _torch("layer_norm", "features", "eps"),
    "LayerNormalization": _keras("layer_norm", "axis", "eps"),
    "Dropout": Spelling("dropout", ("rate",), ("name", "inplace", "seed")),
    "Residual": Spelling("residual", ("layers",)),
    "RNN": _torch("rnn", "in_features", "units", short=1),
    "LSTM": _torch("lstm", "in_features", "units", "num_layers", "activation",
                   "return_sequences", short=1),
    "SimpleRNN": _keras("rnn", "units", "activation", "bias", "return_sequences"),
    "Activation": Spelling("activation", ("activation",)),
    "ReLU": _activation("relu"),
    "LeakyReLU": _activation("leaky_relu", "slope"),
    "Sigmoid": _activation("sigmoid"),
    "Tanh": _activation("tanh"),
    "Softplus": _activation("softplus"),
    "SiLU": _activation("swish"),
    "Swish": _activation("swish"),
    "GELU": _activation("gelu"),
    "Softmax": _activation("softmax"),
}  # fmt: skip

LOSSES = {
    "CrossEntropyLoss": Spelling("cross_entropy"),
    "SparseCategoricalCrossentropy": Spelling("cross_entropy", ("from_logits",)),
    "MSELoss": Spelling("mse_loss"),
    "MeanSquaredError": Spelling("mse_loss"),
    "QuadraticCost": Spelling("quadratic_cost"),
    "BCELoss": Spelling("binary_cross_entropy"),
    "BCEWithLogitsLoss": Spelling("bce_with_logits"),
    "MultiLabelSoftMarginLoss": Spelling("bce_with_logits"),
    "BinaryCrossentropy": Spelling("binary_cross_entropy", ("from_logits",)),
    "HingeLoss": Spelling("hinge_loss"),
    "Hinge": Spelling("hinge_loss"),
    "SVMLoss": Spelling("svm_loss"),
}

LOSS_WORDS = {
    "cross_entropy": "cross_entropy",
    "sparse_categorical_crossentropy": "cross_entropy",
    "mse": "mse_loss",
    "mean_squared_error": "mse_loss",
    "quadratic_cost": "quadratic_cost",
    "binary_crossentropy": "binary_cross_entropy",
    "bce_with_logits": "bce_with_logits",
    "hinge": "hinge_loss",
    "svm": "svm_loss",
}

DECAY = "weight_decay"
OPTIMISERS = {
    "Adam": Spelling("adam", ("learning_rate", "beta1", "beta2", "epsilon")),
    "AdamW": Spelling("adamw", ("learning_rate", DECAY, "beta1", "beta2", "epsilon")),
    "SGD": Spelling("sgd", ("learning_rate", "momentum", DECAY, "nesterov")),
    "GD": Spelling("gd", ("learning_rate",)),
    "Momentum": Spelling("momentum", ("learning_rate", "momentum")),
    "Nesterov": Spelling("nesterov", ("learning_rate", "momentum")),
    "Adagrad": Spelling("adagrad", ("learning_rate", "epsilon")),
    "RMSprop": Spelling("rmsprop", ("learning_rate", "decay", "epsilon")),
}
OPTIMISER_WORDS = {name.lower(): one.kind for name, one in OPTIMISERS.items()}

REGULARISERS = {"L1": Spelling("l1", ("strength",)), "L2": Spelling("l2", ("strength",))}

SCHEDULES = {
    "Constant": Spelling("constant"),
    "StepLR": Spelling("step", ("step_size", "gamma")),
    "CosineAnnealingLR": Spelling("cosine"),
    "Cosine": Spelling("cosine"),
    "Warmup": Spelling("warmup", ("epochs",)),
}
SCHEDULE_WORDS = {
    "constant": "constant", "step": "step", "cosine": "cosine", "warmup": "warmup",
}  # fmt: skip

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
    "batch_shape": "shape",
    "negative_slope": "slope",
    "alpha": "slope",
    "lr": "learning_rate",
    "p": "rate",
    "epsilon": "eps",
    "num_features": "features",
    "normalized_shape": "features",
    "output_size": "size",
    "beta_1": "beta1",
    "beta_2": "beta2",
    "rho": "decay",
}


def activation_kind(source: Source, word: object, span: Span) -> str | None:
    """Return the gate that ``activation="relu"`` means; None for no activation."""
    if word in (None, "linear"):
        return None
    kinds = {name.lower(): spelling.kind for name, spelling in LAYERS.items()}
    kinds = {name: kind for name, kind in kinds.items() if kind in SPELLINGS}
    kinds = {name: kind for name, kind in kinds.items() if "pool" not in kind}
    if not isinstance(word, str) or word.replace("_", "") not in kinds:
        message = f"there is no activation {word!r}"
        raise UnknownNameError(message, source.text, span, near(str(word), kinds))
    return kinds[word.replace("_", "")]
