"""Losses, optimisers, penalties and schedules in PyTorch's and Keras's spellings."""

from __future__ import annotations

from gradtutor.language.layers.spellings import Spelling
from gradtutor.messages import mark
from gradtutor.optimisers import TABLE, Optimiser

LOSS_IGNORED = ("name", "reduction", "weight", "pos_weight", "label_smoothing")


def _loss(kind: str, *arguments: str, keras: bool = False) -> Spelling:
    return Spelling(kind, arguments, LOSS_IGNORED, (), (("keras", keras),))


#: Keras's losses of probabilities, unless from_logits=True.
KERAS_LOSSES = {
    "SparseCategoricalCrossentropy": "cross_entropy",
    "CategoricalCrossentropy": "cross_entropy",
    "BinaryCrossentropy": "binary_cross_entropy",
}
LOSSES = {
    "CrossEntropyLoss": _loss("cross_entropy"),
    "NLLLoss": _loss("log_likelihood"),
    "MSELoss": _loss("mse_loss"),
    "MeanSquaredError": _loss("mse_loss"),
    "QuadraticCost": _loss("quadratic_cost"),
    "BCELoss": _loss("binary_cross_entropy"),
    "BCEWithLogitsLoss": _loss("bce_with_logits"),
    "MultiLabelSoftMarginLoss": _loss("bce_with_logits"),
    "SoftmaxLoss": _loss("cross_entropy"),  # needle
    "L1Loss": _loss("l1_loss"),
    "MeanAbsoluteError": _loss("l1_loss"),
    "SmoothL1Loss": _loss("huber", "delta"),
    "HuberLoss": _loss("huber", "reduction", "delta"),
    "Huber": _loss("huber", "delta"),
    "LogCosh": _loss("log_cosh"),
    "KLDivLoss": _loss("kl_div"),
    "KLDivergence": _loss("kl_divergence"),
    "HingeLoss": _loss("hinge_loss"),
    "Hinge": _loss("hinge_loss"),
    "SVMLoss": _loss("svm_loss"),
    "CosineEmbeddingLoss": _loss("cosine_embedding", "margin"),
    "cross_entropy": _loss("cross_entropy"),  # torch.nn.functional's names
    "nll_loss": _loss("log_likelihood"),
    "mse_loss": _loss("mse_loss"),
    "binary_cross_entropy": _loss("binary_cross_entropy"),
    "binary_cross_entropy_with_logits": _loss("bce_with_logits"),
    "l1_loss": _loss("l1_loss"),
    "smooth_l1_loss": _loss("huber", "delta"),
    "huber_loss": _loss("huber", "reduction", "delta"),
    "kl_div": _loss("kl_div"),
    "cosine_embedding_loss": _loss("cosine_embedding", "margin"),
    **{
        name: _loss(kind, "from_logits", keras=True)
        for name, kind in KERAS_LOSSES.items()
    },
}

#: What loss="..." means, and whether it is Keras's word.
LOSS_WORDS = {
    "cross_entropy": "CrossEntropyLoss",
    "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
    "categorical_crossentropy": "CategoricalCrossentropy",
    "mse": "MSELoss",
    "mean_squared_error": "MSELoss",
    "quadratic_cost": "QuadraticCost",
    "binary_crossentropy": "BinaryCrossentropy",
    "bce_with_logits": "BCEWithLogitsLoss",
    "mae": "L1Loss",
    "mean_absolute_error": "L1Loss",
    "huber": "Huber",
    "huber_loss": "Huber",
    "log_cosh": "LogCosh",
    "logcosh": "LogCosh",
    "kl_divergence": "KLDivergence",
    "hinge": "Hinge",
    "svm": "SVMLoss",
}

OPTIMISER_IGNORED = (
    *("name", "params", "amsgrad", "maximize", "dampening", "centered"),
    *("foreach", "fused", "capturable", "differentiable"),
)


def _optimiser(entry: Optimiser) -> Spelling:
    betas = ("betas",) if "beta1" in entry.constants else ()
    words = ("learning_rate", *entry.constants, *entry.accepted, *betas)
    return Spelling(entry.name, words, OPTIMISER_IGNORED)


OPTIMISERS = {entry.spelling: _optimiser(entry) for entry in TABLE}
OPTIMISER_WORDS = {name.lower(): name for name in OPTIMISERS}

#: Optimisers that are not here, and the one that is taken instead.
NEAR_OPTIMISERS = {
    **dict.fromkeys(("Nadam", "NAdam", "RAdam", "RectifiedAdam", "Adamax", "SparseAdam",
                     "AdaBelief", "AdaBound", "LazyAdam", "Lamb", "LAMB", "Novograd",
                     "Adafactor", "Rprop", "AdamP", "Muon", "Sophia"), "Adam"),
    **dict.fromkeys(("ASGD", "LBFGS", "Ftrl", "GradientDescentOptimizer",
                     "MomentumOptimizer", "LARS"), "SGD"),
    "AdamOptimizer": "Adam", "RMSPropOptimizer": "RMSprop", "RMSProp": "RMSprop",
    "AdagradOptimizer": "Adagrad",
}  # fmt: skip
#: The same by the words that compile takes.
NEAR_WORDS = {
    name.lower(): name
    for name in NEAR_OPTIMISERS
    if name.lower() not in OPTIMISER_WORDS
}

REGULARISERS = {
    **dict.fromkeys(("L1", "l1"), Spelling("l1", ("strength",))),
    **dict.fromkeys(("L2", "l2"), Spelling("l2", ("strength",))),
}

SCHEDULES = {
    "Constant": Spelling("constant"),
    "StepLR": Spelling("step", ("step_size", "gamma"), ("last_epoch",)),
    "ExponentialLR": Spelling(
        "step", ("gamma",), ("last_epoch", "verbose"), (), (("step_size", 1),)
    ),
    "CosineAnnealingLR": Spelling("cosine"),
    "Cosine": Spelling("cosine"),
    "Warmup": Spelling("warmup", ("epochs",)),
}
SCHEDULE_WORDS = {
    "constant": "Constant",
    "step": "StepLR",
    "cosine": "Cosine",
    "warmup": "Warmup",
}

# ---- what tutorials contain and a network's text does not ----

_PENALTY = mark("write a line of its own: regularization = L2(1e-4)")
_ONLY = mark("RNN, LSTM and GRU are the recurrent layers here")
_MOVED = mark("leave it out: --shift moves the training images")
_TRAIN = mark(
    "leave it out: `gradtutor train` runs the training, --epochs and the like there"
)
#: What to do instead, by name.
INSTEAD = {
    "RNNCell": _ONLY,
    **dict.fromkeys(("RandomFlip", "RandomRotation", "RandomTranslation"), _MOVED),
    **dict.fromkeys(("fit", "evaluate", "predict", "step", "backward"), _TRAIN),
    **dict.fromkeys(
        ("manual_seed", "set_random_seed", "seed"), mark("leave it out: --seed")
    ),
    **dict.fromkeys(
        ("kernel_regularizer", "bias_regularizer", "activity_regularizer"), _PENALTY
    ),
    "dropout": mark("put Dropout after the last recurrent layer"),
    "bidirectional": _ONLY,
    "T_max": mark("leave it out: the cosine ends with the last epoch"),
    "data_format": mark("Keras's order is the channels last: Input(28, 28, 1)"),
    "reduction": mark("losses are means over the batch"),
}
