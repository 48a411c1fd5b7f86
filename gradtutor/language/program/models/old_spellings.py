"""Other spellings of a layer, brought to one: Keras 1's arguments, PyTorch's lazy ones.

>>> as_now("Convolution2D", [32, 3, 3], {"border_mode": "same"})
('Conv2D', [32, (3, 3)], {'padding': 'same'})
>>> as_now("LazyConv2d", [6], {"kernel_size": 5})
('Conv2d', [None, 6], {'kernel_size': 5})
"""

from __future__ import annotations

from typing import Any

#: Keras 1's names of arguments, and Keras 2's.
KERAS_1 = {
    "output_dim": "units", "border_mode": "padding", "subsample": "strides",
    "W_regularizer": "kernel_regularizer", "b_regularizer": "bias_regularizer",
    "nb_filter": "filters", "init": "kernel_initializer", "nb_row": "", "nb_col": "",
    "filter_length": "kernel_size", "subsample_length": "strides", "n": "n",
    "inner_activation": "recurrent_activation", "inner_init": "recurrent_initializer",
    "dropout_W": "dropout", "dropout_U": "recurrent_dropout", "dim_ordering": "",
    "W_constraint": "kernel_constraint", "b_constraint": "bias_constraint",
    "forget_bias_init": "", "atrous_rate": "dilation_rate", "pool_length": "pool_size",
}  # fmt: skip
#: Other names of the same layer.
NAMES = {
    "Conv": "Conv",
    "Convolution1D": "Conv1D", "Convolution2D": "Conv2D", "Convolution3D": "Conv3D",
    "Deconvolution2D": "Conv2DTranspose", "Convolution2DTranspose": "Conv2DTranspose",
    "LazyBatchNorm1d": "BatchNorm1d", "LazyBatchNorm2d": "BatchNorm2d",
    "SyncBatchNorm": "BatchNorm2d", "BatchNorm": "BatchNorm2d",
    "LazyLinear": "Linear", "SeparableConvolution2D": "SeparableConv2D",
    "CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU", "LazyConv1d": "Conv1d",
    "LazyConv2d": "Conv2d", "LazyConvTranspose2d": "ConvTranspose2d",
    "SReLU": "ReLU", "Dropout3d": "Dropout2d", "FeatureAlphaDropout": "AlphaDropout",
    "SpatialDropout3D": "SpatialDropout2D", "GlobalAveragePooling": "Identity",
    "UpsamplingBilinear2d": "Upsample", "NonDynamicallyQuantizableLinear": "Linear",
}  # fmt: skip
LAZY = ("LazyConv1d", "LazyConv2d", "LazyConvTranspose2d")


def as_now(
    name: str, args: list[Any], keywords: dict[str, Any]
) -> tuple[str, list[Any], dict[str, Any]]:
    """Return a layer's name and arguments as the tables have them."""
    if name in LAZY:
        args = [None, *args]
    if name == "UpsamplingBilinear2d":
        keywords = {"mode": "bilinear", "align_corners": True, **keywords}
    three = name.startswith("Convolution2") and len(args) >= 3
    if three and all(type(one) is int for one in args[:3]):
        args = [args[0], (args[1], args[2]), *args[3:]]
    if "nb_row" in keywords and "nb_col" in keywords:
        keywords["kernel_size"] = (keywords["nb_row"], keywords["nb_col"])
    kept = {}
    for key, value in keywords.items():
        word = KERAS_1.get(key, key)
        if key == "output_dim" and name == "Embedding":
            word = key
        if word:
            kept[word] = value
    return NAMES.get(name, name), args, kept


def as_needle(
    args: list[Any], keywords: dict[str, Any]
) -> tuple[str, list[Any], dict[str, Any]]:
    """Bring needle's Conv(a, b, k, stride) to a Conv2d padded by k // 2.

    >>> as_needle([3, 16, 7, 4], {})
    ('Conv2d', [3, 16, 7, 4], {'padding': 3})
    """
    kernel = args[2] if len(args) > 2 else keywords.get("kernel_size")
    half = kernel // 2 if type(kernel) is int else 0
    return "Conv2d", args[:4], {"padding": half, **keywords}
