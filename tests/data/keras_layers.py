"""What Keras's own layers give, for layers that are made of gates here.

``KERAS_BACKEND=jax python tests/data/keras_layers.py`` (with keras and jax) writes
``keras_layers.json``: the outputs of each model with the weights of `pattern`.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

HEAD = "from keras import layers\nfrom keras.models import Model\n"
#: Each model, after ``i = layers.Input(SHAPE)``.
CASES: dict[str, tuple[tuple[int, ...], str]] = {
    "ConvLSTM2D": (
        (3, 4, 5, 2),
        "layers.ConvLSTM2D(3, 3, padding='same', return_sequences=True)(i)",
    ),
    "ConvLSTM2D, valid": (
        (3, 5, 5, 2),
        "layers.ConvLSTM2D(2, (3, 2), activation='relu')(i)",
    ),
    "SeparableConv1D": (
        (6, 3),
        "layers.SeparableConv1D(4, 3, depth_multiplier=2, activation='tanh')(i)",
    ),
    "DepthwiseConv1D": ((6, 3), "layers.DepthwiseConv1D(3, depth_multiplier=2)(i)"),
    "Conv3DTranspose": (
        (2, 3, 2, 2),
        "layers.Conv3DTranspose(3, 3, strides=2, padding='same')(i)",
    ),
    "Attention": (
        (4, 3),
        "layers.Attention(use_scale=True)([i, layers.Dense(3)(i)])",
    ),
    "AdditiveAttention": (
        (4, 3),
        "layers.AdditiveAttention()([i, layers.Dense(3)(i)])",
    ),
    "GaussianDropout": ((4,), "layers.Dense(2)(layers.GaussianDropout(0.3)(i))"),
    "GaussianNoise": ((4,), "layers.Dense(2)(layers.GaussianNoise(0.3)(i))"),
}


def text_of(name: str) -> str:
    """Return a model as a program."""
    shape, made = CASES[name]
    return f"{HEAD}i = layers.Input({shape})\no = {made}\nm = Model(i, o)\n"


def pattern(shape: tuple[int, ...], start: float) -> np.ndarray:
    """Return numbers that are not alike."""
    count = int(np.prod(shape))
    return (0.5 * np.sin(1.7 * np.arange(count) + start)).reshape(shape)


def main() -> None:
    """Write what Keras gives."""
    from keras import layers  # noqa: F401
    from keras.models import Model  # noqa: F401

    told = {}
    for name in CASES:
        names: dict[str, object] = {}
        exec(text_of(name), names)
        model = names["m"]
        shapes = [one.shape for one in model.get_weights()]
        given = [pattern(shape, k) for k, shape in enumerate(shapes)]
        model.set_weights([one.astype("f4") for one in given])
        x = pattern((2, *CASES[name][0]), 9.0).astype("f4")
        found = np.asarray(model(x, training=False))
        told[name] = {
            "weights": [list(shape) for shape in shapes],
            "sizes": list(found.shape),
            "output": [round(float(one), 7) for one in found.reshape(-1)],
        }
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
