"""Settings and sizes by their usual names: what is no array."""

from __future__ import annotations

import re

from gradtutor.audit.program.calls import Const, Expr
from gradtutor.audit.program.shapes import CHANNELS, C, D, H

#: Settings that are no arrays, by their usual names.
SETTINGS: dict[str, object] = {
    "mode": "train",
    "p": 0.6,
    "keep_prob": 0.8,
    "keep_probability": 0.8,
    "drop_prob": 0.4,
    "dropout_ratio": 0.4,
    "dropout_rate": 0.4,
    "seed": 7,
    "eps": 1e-5,
    "epsilon": 1e-5,
    "momentum": 0.9,
    "stride": 1,
    "pad": 1,
    "padding": 1,
    "pool_height": 2,
    "pool_width": 2,
    "pool_size": 2,
    "pool_h": 2,
    "pool_w": 2,
    "kernel_size": 3,
    "f": 2,
    "reg": 0.1,
    "reg_lambda": 0.1,
    "lambd": 0.7,
    "lambda_": 0.7,
    "lmbda": 0.7,
    "lam": 0.7,
    "lamb": 0.7,
    "lamda": 0.7,
    "lbd": 0.7,
    "reg_strength": 0.1,
    "regularization": 0.1,
    "l2": 0.1,
    "weight_decay": 0.1,
    "weight_decay_lambda": 0.1,
    "decay": 0.1,
    "delta": 1.0,
    "margin": 1.0,
    "temperature": 1.3,
    "temp": 1.3,
    "slope": 0.1,
    "negative_slope": 0.1,
    "num_heads": 2,
    "n_heads": 2,
    "n_head": 2,
    "heads": 2,
    "G": CHANNELS,
    "groups": CHANNELS,
    "num_groups": CHANNELS,
    "axis": -1,
    "axes": None,
    "training": True,
    "train": True,
    "is_training": True,
    "verbose": False,
    "lr": 1.0,
    "learning_rate": 1.0,
    "learn_rate": 1.0,
    "activation": "relu",
    "weight_scale": 0.5,
    "weight_init_std": 0.5,
    "std": 0.5,
    "alpha": 0.1,
    "print_cost": False,
    "learning_rate_decay": 1.0,
}
#: Sizes that a class is made with.
SIZES: tuple[tuple[str, object], ...] = (
    (r"(num_?)?filters?|filter_num|n_filters|filter_size|kernel_size", 3),
    (r"(n_?|num_?|in_?)channels?(_in)?|C_in", CHANNELS),
    (r"stride|pad|padding|num_layers|n_layers|seed|num_heads", None),
    (
        r"sizes|layers?(_?(sizes|dims))?|dims|layer_dims|architecture|topology|structure",
        [D, H, C],
    ),
    (r"hidden_?(dims|sizes?_?list|layers)|hidden_size_list|hidden_dims", [H]),
    (
        r"hidden\w*|n_?h(id)?|num_?hid(den)?\w*|h_dim|n_hidden\w*|hidden_units|H|dim_hidden",
        H,
    ),
    (
        r"out\w*|n_?out|n_?y|num_?classes|num_?labels|n_labels|K|n_classes|output\w*|classes|n_outputs?|C|d_out|y_dim|fan_out|"
        r"out_?(features|dim|channels|size)",
        C,
    ),
    (r"vocab\w*|V|num_embeddings|n_words", 5),
    (
        r"in\w*|n_?in|n_?x|input\w*|visible\w*|n_?vis\w*|D|d_in|dim|size|features|num_features|n_features|fan_in|d_?model|"
        r"embed\w*|word_?vec\w*|n_inputs?|x_dim|n|channels|normalized_shape|embedding_dim",
        D,
    ),
)


def setting(name: str, beside: set[str]) -> object:
    """Return a setting; windows of a pooling layer do not overlap."""
    if name == "stride" and beside & {"pool_height", "pool_width", "f"}:
        return 2
    return SETTINGS[name]


def size(name: str, otherwise: object = D) -> object:
    """Return a size by its name: ``hidden_size``, ``sizes``."""
    for pattern, value in SIZES:
        if re.fullmatch(pattern, name):
            return value
    return otherwise


def penalty(name: str, default: str) -> Expr | None:
    """Return a penalty that is felt, in place of none."""
    felt = re.fullmatch(r"reg\w*|l2\w*|weight_decay\w*|lam\w*|lmbda", name)
    return Const(0.1) if felt and default in ("0", "0.0") else None
