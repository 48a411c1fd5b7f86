"""Layers that programs have and that are read from programs alone."""

from __future__ import annotations

from gradtutor.language.layers.spellings import (
    KERAS_CONV,
    KERAS_IGNORED,
    LAYERS,
    TORCH_IGNORED,
    Spelling,
)

BOTH_IGNORED = (*TORCH_IGNORED, *KERAS_IGNORED, "inplace")
#: Of recurrent layers: PyTorch's and Keras's names, by who is spelled.
GRU = (
    *("in_features", "units", "num_layers", "bias", "batch_first", "bidirectional"),
    *("return_sequences", "shape", "activation", "reset_after", "go_backwards"),
)


GRU_IGNORED = (
    *("recurrent_dropout", "recurrent_activation", "unroll", "stateful"),
    *("return_state", "recurrent_regularizer"),
)


def _both(kind: str, *arguments: str, **facts: object) -> Spelling:
    return Spelling(kind, arguments, BOTH_IGNORED, (), tuple(facts.items()))


def _keras(kind: str, *arguments: str, **facts: object) -> Spelling:
    given = (("keras", True), *facts.items())
    return Spelling(kind, (*arguments, "shape"), BOTH_IGNORED, (), given)


ATTENTION = ("in_features", "heads", "rate", "bias", "batch_first", "key_dim")
ENCODER = (
    *("in_features", "heads", "wide", "rate", "activation", "eps", "batch_first"),
    *("norm_first", "bias"),
)
MERGES = {
    "Concatenate": "concat",
    "Add": "add",
    "Multiply": "mul",
    "Subtract": "sub",
    "Maximum": "max",
    "Minimum": "min",
    "Average": "average",
}
#: Activations made of other gates, with their arguments.
ACTIVATIONS_MADE = {
    "ELU": _both("elu", "slope"),
    "SELU": _both("selu"),
    "Mish": _both("mish"),
    "Hardswish": _both("hardswish"),
    "Hardsigmoid": _both("hardsigmoid"),
    "Hardtanh": _both("hardtanh", "low", "high"),
    "ReLU6": _both("relu6"),
    "Softsign": _both("softsign"),
    "LogSigmoid": _both("logsigmoid"),
    "Exponential": _both("exponential"),
}

MORE_LAYERS: dict[str, Spelling] = {
    **ACTIVATIONS_MADE,
    "PReLU": _both("prelu", "count", "start"),
    "GRU": Spelling("gru", GRU, (*BOTH_IGNORED, *GRU_IGNORED), ("units",)),
    **{f"{one}Cell": _both(f"{one.lower()}_cell", "in_features", "units", "bias",
                           "activation") for one in ("RNN", "LSTM", "GRU")},
    "Bidirectional": _both("bidirectional", "merge_mode", "shape"),
    "TimeDistributed": _both("time_distributed", "shape"),
    "Embedding": _both("embedding", "rows", "width", "padding_idx", "shape", "steps",
                       "mask_zero", "sparse", "max_norm"),
    "EmbeddingBag": _both("embedding_bag", "rows", "width", "sparse", "mode"),
    **{f"ConvTranspose{n}d": Spelling(
        "conv_transposed",
        ("in_channels", "units", "kernel", "stride", "padding", "output_padding",
         "groups", "bias", "dilation"), BOTH_IGNORED, (), (("rank", n),))
       for n in (1, 2, 3)},
    **{f"Conv{n}DTranspose": _keras("conv_transposed", *KERAS_CONV[:4],
        "output_padding", "data_format", "dilation", "activation", "bias", rank=n)
       for n in (1, 2, 3)},
    "Upsample": _both("upsample", "size", "factor", "mode", "align_corners"),
    "UpsamplingNearest2d": _both("upsample", "size", "factor"),
    **{f"UpSampling{n}D": _keras("upsample", "factor", "data_format", "mode", rank=n)
       for n in (1, 2)},
    **{f"ZeroPadding{n}D": _keras("zero_pad", "padding", "data_format", rank=n)
       for n in (1, 2, 3)},
    **{f"ZeroPad{n}d": _both("zero_pad", "padding", rank=n) for n in (1, 2, 3)},
    **{f"{word}Pad{n}d": _both("edge_pad", "padding", rank=n, how=word.lower())
       for word in ("Reflection", "Replication", "Constant") for n in (1, 2)},
    **{f"Cropping{n}D": _keras("crop", "padding", "data_format", rank=n)
       for n in (1, 2)},
    "PixelShuffle": _both("pixel_shuffle", "factor"),
    "GroupNorm": _both("group_norm", "groups", "features", "eps"),
    **{f"InstanceNorm{n}d": _both("instance_norm", "features", "eps", "momentum",
                                  "affine", rank=n) for n in (1, 2)},
    "RMSNorm": _both("rms_norm", "features", "eps"),
    "MultiheadAttention": _both("attention", *ATTENTION),
    "MultiHeadAttention": _keras("attention", "heads", "key_dim", "value_dim", "rate",
                                 "bias"),
    "TransformerEncoderLayer": _both("encoder", *ENCODER),
    "TransformerDecoderLayer": _both("decoder", *ENCODER),
    "Attention": _keras("looking", "scaled", "score", "rate", how="dot"),
    "AdditiveAttention": _keras("looking", "scaled", "rate", how="concat"),
    "Reshape": _both("view", "target", "shape"),
    "Unflatten": _both("unflatten", "dim", "target"),
    "Permute": _both("permute", "dims", "shape"),
    "RepeatVector": _both("repeat_vector", "count"),
    "Lambda": _both("lambda", "output", "shape"),
    "Identity": _both("identity"),
    "Normalization": _keras("data_scale", "axis", "mean", "variance"),
    **dict.fromkeys(("TransformerEncoder", "TransformerDecoder"), _both("unused")),
    "Rescaling": _both("rescale", "factor", "offset", "shape"),
    **{name: _keras("merge", "axis", how=how) for name, how in MERGES.items()},
    **dict.fromkeys(
        ("Dropout1d", "Dropout2d", "SpatialDropout1D", "SpatialDropout2D",
         "AlphaDropout"),
        _both("channel_dropout", "rate", "shape")),
    **dict.fromkeys(("GaussianNoise", "GaussianDropout"),
                    _both("noise", "rate", "shape")),
    "Dot": _keras("dot", "axis", "normalize"),
    "Softmax2d": _both("softmax2d"),
    **{f"DepthwiseConv{n}D": _keras(
        "depthwise", "kernel", "stride", "padding", "multiplier", "activation", "bias",
        rank=n) for n in (1, 2)},
    **{f"SeparableConv{n}D": _keras(
        "separable", *KERAS_CONV[:4], "multiplier", "activation", "bias", "dilation",
        rank=n) for n in (1, 2)},
    **{f"ConvLSTM{n}D": _keras(
        "conv_lstm", *KERAS_CONV[:4], "data_format", "dilation", "activation", "bias",
        "return_sequences", "return_state", "go_backwards", rank=n) for n in (1, 2)},
}  # fmt: skip

#: All that a program's layers can be.
ALL_LAYERS: dict[str, Spelling] = {**LAYERS, **MORE_LAYERS}
#: Other names of arguments, for some layers alone.
OWN_WORDS: dict[str, dict[str, str]] = {
    "Embedding": {"num_embeddings": "rows", "embedding_dim": "width",
                  "input_dim": "rows", "output_dim": "width", "input_length": "steps"},
    "EmbeddingBag": {"num_embeddings": "rows", "embedding_dim": "width"},
    **{f"Cropping{n}D": {"cropping": "padding"} for n in (1, 2)},
    "PixelShuffle": {"upscale_factor": "factor"},
    "Upsample": {"scale_factor": "factor"},
    **{f"UpSampling{n}D": {"size": "factor", "interpolation": "mode"} for n in (1, 2)},
    "GroupNorm": {"num_groups": "groups", "num_channels": "features"},
    "MultiheadAttention": {"embed_dim": "in_features", "num_heads": "heads",
                           "dropout": "rate"},
    "MultiHeadAttention": {"num_heads": "heads", "dropout": "rate"},
    **{f"Transformer{one}Layer": {
        "d_model": "in_features", "nhead": "heads", "dim_feedforward": "wide",
        "dropout": "rate", "layer_norm_eps": "eps"} for one in ("Encoder", "Decoder")},
    "Attention": {"use_scale": "scaled", "score_mode": "score", "dropout": "rate"},
    "AdditiveAttention": {"use_scale": "scaled", "dropout": "rate"},
    "DepthwiseConv1D": {"depth_multiplier": "multiplier"},
    "SeparableConv1D": {"depth_multiplier": "multiplier"},
    "Reshape": {"target_shape": "target"},
    "Dot": {"axes": "axis"},
    "Unflatten": {"unflattened_size": "target"},
    "RepeatVector": {"n": "count"},
    "Rescaling": {"scale": "factor"},
    "PReLU": {"num_parameters": "count", "init": "start"},
    "Hardtanh": {"min_val": "low", "max_val": "high"},
    "DepthwiseConv2D": {"depth_multiplier": "multiplier"},
    "SeparableConv2D": {"depth_multiplier": "multiplier"},
    "RMSprop": {"alpha": "decay"},  # PyTorch's name of it
}  # fmt: skip
