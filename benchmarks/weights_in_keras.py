"""Compare answers of networks with those of Keras that has their weights, both ways.

    pip install keras torch h5py
    KERAS_BACKEND=torch python benchmarks/weights_in_keras.py

Prints the largest difference of the logits for each network, ours in Keras and Keras's
here; exits with 1 where one is above 1e-5.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from gradtutor.evaluate import node_values
from gradtutor.graph import Graph, inputs
from gradtutor.language import parse_network
from gradtutor.train.weights import as_keras, from_theirs, read_weights, write_weights

LOSS = "\nloss = SparseCategoricalCrossentropy(from_logits=True)"
#: Our text beside the same network of Keras, and the shape of an example.
NETWORKS = {
    "convolution": (
        'Sequential([Input(8, 8, 1), Conv2D(4, 3, padding="same", activation="relu"), '
        "BatchNormalization(), MaxPooling2D((2, 2)), Flatten(), Dense(10)])",
        lambda: [
            layers.Conv2D(4, 3, padding="same", activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D((2, 2)),
            layers.Flatten(),
            layers.Dense(10),
        ],
        (8, 8, 1),
    ),
    "dense": (
        'Sequential([Input(6), Dense(12, activation="relu"), LayerNormalization(), '
        "Dense(10)])",
        lambda: [
            layers.Dense(12, activation="relu"),
            layers.LayerNormalization(),
            layers.Dense(10),
        ],
        (6,),
    ),
    "lstm": (
        "Sequential([Input(5, 4), LSTM(6), Dense(10)])",
        lambda: [layers.LSTM(6), layers.Dense(10)],
        (5, 4),
    ),
}


def answers(graph: Graph, arrays: dict[str, np.ndarray], X: np.ndarray) -> np.ndarray:
    """Return our logits, given examples as Keras has them."""
    node = graph.graph["network"]["prediction"]
    shape = graph.nodes["X"]["shape"]
    if len(shape) == 4:
        X = X.transpose(3, 1, 2, 0)
    elif shape[0] != "N":
        X = X.transpose(1, 0, 2)
    point = {name: array.astype(float) for name, array in arrays.items()}
    return np.asarray(node_values(graph, {**point, "X": X}, [node])[node])


def compared(
    text: str, made: Callable[[], list[Any]], shape: tuple[int, ...], path: str
) -> tuple[float, float]:
    """Return the largest difference of the answers, there and back."""
    rng = np.random.default_rng(0)
    graph = parse_network(text + LOSS, training=False)
    arrays = {
        name: np.abs(rng.normal(size=graph.nodes[name]["shape"])).astype(np.float32)
        for name in inputs(graph, "parameter", "statistic")
    }
    X = rng.normal(size=(7, *shape)).astype(np.float32)
    model = keras.Sequential([keras.Input(shape), *made()])
    theirs = model.predict(X, verbose=0)  # begins with weights of its own
    model.save_weights(path)
    back = from_theirs(graph, read_weights(Path(path)))
    second = np.abs(answers(graph, back, X) - theirs).max()
    write_weights(Path(path), as_keras(graph, arrays))
    model.load_weights(path)
    ours = answers(graph, arrays, X)
    first = np.abs(model.predict(X, verbose=0) - ours).max() / np.abs(ours).max()
    return float(first), float(second)


def main() -> None:
    """Compare all networks."""
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for name, (text, made, shape) in NETWORKS.items():
            there, back = compared(text, made, shape, f"{folder}/m.weights.h5")
            print(f"{name:12} ours in Keras {there:.1e}, Keras's here {back:.1e}")
            worst = max(worst, there, back)
    sys.exit(worst > 1e-5)


if __name__ == "__main__":
    main()
