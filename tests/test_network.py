"""Layer lists: spellings of one network, shapes, and mistakes with their place."""

from __future__ import annotations

import pytest

from gradtutor.graph import check_graph, inputs
from gradtutor.language import SourceError, parse, parse_network

OURS = """Sequential([Input(784), Linear(128), ReLU(), Linear(10)])
loss = CrossEntropyLoss()"""
PYTORCH = """import torch.nn as nn
model = nn.Sequential(
    nn.Linear(784, 128),
    nn.ReLU(inplace=True),
    nn.Linear(in_features=128, out_features=10),
)
criterion = nn.CrossEntropyLoss()"""
KERAS = """from tensorflow import keras
model = keras.Sequential([
    keras.Input(shape=(28, 28)),
    keras.layers.Flatten(),
    keras.layers.Dense(units=128, activation="relu", name="hidden"),
    keras.layers.Dense(10),
])
loss = SparseCategoricalCrossentropy(from_logits=True)"""
KERAS_COMPILED = """model = Sequential()
model.add(Dense(128, activation="relu", input_shape=(784,)))
model.add(Dense(10, activation="softmax"))
model.compile(
    optimizer=Adam(learning_rate=0.002), loss="sparse_categorical_crossentropy"
)"""


def structure(graph):
    """Everything but the places in the text."""
    nodes = {
        node: {key: value for key, value in data.items() if key != "span"}
        for node, data in graph.nodes(data=True)
    }
    return nodes, list(graph.edges(keys=True))


@pytest.mark.parametrize("text", [PYTORCH, KERAS, KERAS_COMPILED])
def test_every_spelling_is_the_same_network(text):
    graph = parse(text)
    check_graph(graph)
    assert structure(graph) == structure(parse(OURS))


def test_shapes_of_a_layer_list():
    graph = parse(OURS)
    shapes = {name: graph.nodes[name]["shape"] for name in inputs(graph)}
    assert shapes == {
        "X": ("N", 784),
        "W1": (784, 128),
        "b1": (128,),
        "W2": (128, 10),
        "b2": (10,),
        "y": ("N",),
    }
    assert graph.nodes["z2"]["shape"] == ("N", 10)
    assert graph.nodes["loss"]["shape"] == ()


def test_optimiser_and_learning_rate_are_read():
    network = parse(KERAS_COMPILED).graph["network"]
    assert (network["optimiser"], network["learning_rate"]) == ("adam", 0.002)
    sgd = parse(OURS + "\noptimizer = torch.optim.SGD(lr=0.3)").graph["network"]
    assert (sgd["optimiser"], sgd["learning_rate"]) == ("sgd", 0.3)


def test_a_last_softmax_goes_into_the_loss_and_says_so():
    assert parse(OURS).graph["network"]["notes"] == []
    (note,) = parse(KERAS_COMPILED).graph["network"]["notes"]
    assert "Softmax" in note


def test_a_squared_loss_on_classes_compares_with_one_hot_rows():
    text = "Sequential([Input(4), Linear(3)])\nloss = QuadraticCost()"
    graph = parse_network(text, classes=3)
    assert graph.nodes["y"]["shape"] == ("N",)
    assert graph.nodes["t"]["gate"] == "one_hot"
    assert parse_network(text).nodes["y"]["shape"] == ("N", 3)


MISTAKES = [
    ("Sequential([Linear(3)])\nloss = MSELoss()", 1, 13, "input size is unknown"),
    (
        "Sequential([Input(5),\n  Linear(4, 3)])\nloss = MSELoss()",
        *(2, 3, "(N, 4) but the layer before gives (N, 5)"),
    ),
    (
        "Sequential([Input(5), Liner(3)])\nloss = MSELoss()",
        1,
        23,
        "did you mean Linear",
    ),
    ("Sequential([Input(5), Linear(3)])", 1, 1, "no loss"),
    ("Sequential([])\nloss = MSELoss()", 1, 1, "no layers"),
    ("Sequential([Input(5), Linear()])\nloss = 'mse'", 1, 23, "how many outputs"),
    ("Sequential([Input(0), Linear(2)])\nloss = 'mse'", 1, 13, "positive whole number"),
    (
        "Sequential([Input(5), Linear(2.5)])\nloss = 'mse'",
        1,
        23,
        "positive whole number",
    ),
    ("Sequential([Input(5), Linear(1, 2, 3, 4)])\nloss = 'mse'", 1, 23, "at most 3"),
    ("Sequential([Input(5), Linear(2, bais=True)])\nloss = 'mse'", 1, 33, "bias"),
    (
        "Sequential([Input(5), Dense(2, activation='rellu')])\nloss='mse'",
        1,
        23,
        "relu?",
    ),
    (
        "Sequential([Input(5), Linear(2)])\nloss = MSLoss()",
        2,
        8,
        "did you mean MSELoss",
    ),
    ("Sequential([Input(5), Linear(open('x'))])\nloss = 'mse'", 1, 30, "plain number"),
    ("Sequential([Input(5), [Linear(2)]])\nloss = 'mse'", 1, 23, "a layer is expected"),
    ("model = Sequental([Input(5), Linear(2)])", 1, 9, "did you mean Sequential"),
    ("Sequential([Input(5), Linear(2)])\nfor x in y: pass", 2, 1, "not a line"),
]


@pytest.mark.parametrize(("text", "line", "column", "message"), MISTAKES)
def test_a_mistake_is_told_with_its_place(text, line, column, message):
    with pytest.raises(SourceError) as caught:
        parse_network(text)
    assert message in str(caught.value)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_outputs_must_fit_the_classes_of_the_data():
    text = "Sequential([Input(4), Linear(3)])\nloss = CrossEntropyLoss()"
    with pytest.raises(SourceError, match="3 outputs, the data 10 classes"):
        parse_network(text, classes=10)
