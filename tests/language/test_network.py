"""Layer lists: spellings of one network, shapes, and mistakes with their place."""

from __future__ import annotations

import time

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
        node: {k: v for k, v in data.items() if k not in ("span", "module")}
        for node, data in graph.nodes(data=True)
    }
    return nodes, list(graph.edges(keys=True))


@pytest.mark.parametrize("text", [PYTORCH, KERAS, KERAS_COMPILED])
def test_every_spelling_is_the_same_network(text):
    graph = parse(text)
    check_graph(graph)
    assert structure(graph) == structure(parse(OURS))


# ---- each layer in PyTorch's and Keras's spelling ----

# the example's size in PyTorch's order and in Keras's, and the layers
SAME = [
    ("1, 28, 28", 'nn.Conv2d(1, 8, 5, padding="same"), nn.ReLU()', "28, 28, 1",
     'Conv2D(8, 5, padding="same", activation="relu")'),
    ("1, 28, 28", "Conv2d(8, 5)", "28, 28, 1", "Conv2D(filters=8, kernel_size=(5, 5))"),
    ("1, 28, 28", "nn.Conv2d(1, 8, kernel_size=5)", "28, 28, 1",
     'Conv2D(8, kernel_size=5, kernel_initializer="he_normal")'),
    ("1, 28, 28", "nn.Conv2d(1, out_channels=8, kernel_size=5, padding=0)",
     "28, 28", 'Convolution2D(8, 5, padding="valid")'),
    ("3, 8, 6", "nn.Conv2d(3, 6, (3, 2), stride=2, bias=False, groups=3)", "8, 6, 3",
     "Conv2D(6, (3, 2), strides=(2, 2), groups=3, use_bias=False)"),
    ("3, 8, 6", "nn.Conv2d(3, 6, 3, dilation=2), nn.GELU()", "8, 6, 3",
     'Conv2D(6, 3, dilation_rate=2, activation="gelu")'),
    ("3, 8, 8", "nn.Conv2d(3, 6, 3, stride=2, padding=1)", "8, 8, 3",
     "Conv2D(6, 3, 2, padding=1)"),
    ("1, 512", "nn.Conv1d(1, 4, 7, stride=2), nn.Tanh()", "512, 1",
     'Conv1D(4, 7, strides=2, activation="tanh")'),
    ("3, 8, 8", "nn.MaxPool2d(2)", "8, 8, 3", "MaxPooling2D((2, 2))"),
    ("3, 8, 8", "nn.MaxPool2d(kernel_size=2, stride=2)", "8, 8, 3", "MaxPooling2D()"),
    ("3, 8, 8", "nn.MaxPool2d(3, 1)", "8, 8, 3", "MaxPool2D(pool_size=3, strides=1)"),
    ("3, 8, 8", "nn.AvgPool2d(2)", "8, 8, 3", "AveragePooling2D(2)"),
    ("3, 9", "nn.MaxPool1d(3)", "9, 3", "MaxPooling1D(3)"),
    ("3, 9", "nn.AvgPool1d(3, stride=2)", "9, 3", "AveragePooling1D(3, 2)"),
    ("8, 8, 3", "GlobalAveragePooling2D()", "8, 8, 3", "GlobalAvgPool2D()"),
    ("9, 3", "GlobalMaxPooling1D()", "9, 3", "GlobalMaxPool1D()"),
    ("3, 8, 8", "nn.BatchNorm2d(3, eps=1e-3, momentum=0.25)", "8, 8, 3",
     "BatchNormalization(momentum=0.75)"),
    ("6", "nn.BatchNorm1d(6, momentum=0.5)", "6",
     "BatchNormalization(epsilon=1e-5, momentum=0.5, axis=-1)"),
    ("6", "nn.LayerNorm(6, eps=1e-3)", "6", "LayerNormalization()"),
    ("6", "nn.Linear(6, 3), nn.SiLU()", "6",
     'Dense(3, "swish", kernel_initializer="glorot_uniform", name="a")'),
    ("6", "nn.Linear(6, 3, bias=False)", "6", "Dense(units=3, use_bias=False)"),
    ("6", "nn.Dropout(p=0.2), nn.Linear(6, 3)", "6", "Dropout(rate=0.2), Dense(3)"),
    ("6", "nn.LeakyReLU(0.3)", "6", "keras.layers.LeakyReLU()"),
    ("6", "nn.LeakyReLU(negative_slope=0.1)", "6", "LeakyReLU(alpha=0.1)"),
    ("6", "nn.Linear(6, 3), nn.Sigmoid(), nn.Linear(3, 1)", "6",
     'Dense(3), Activation("sigmoid"), Dense(1, activation="linear")'),
    ("6", "nn.ReLU(True)", "6", "keras.layers.ReLU()"),
    ("6", "nn.Linear(6, 3), nn.Tanh()", "6", "Dense(3, activation=tf.nn.tanh)"),
    ("28, 28", "nn.Flatten(1), nn.Linear(784, 2)", "28, 28", "Flatten(), Dense(2)"),
    ("6, 4", "nn.LSTM(4, 32, batch_first=True)", "6, 4", "LSTM(32)"),
    ("6, 4", "nn.LSTM(input_size=4, hidden_size=3, num_layers=2)", "6, 4",
     "LSTM(3, return_sequences=True), LSTM(units=3)"),
    ("6, 4", "nn.RNN(4, 3)", "6, 4", 'SimpleRNN(3, activation="tanh")'),
    ("6, 4", 'nn.RNN(4, 3, nonlinearity="relu", bias=False)', "6, 4",
     'SimpleRNN(3, "relu", use_bias=False)'),
    ("6", "nn.Sequential(nn.Linear(6, 5), nn.ReLU()), nn.Linear(5, 2)", "6",
     'Dense(5, activation="relu"), Dense(2)'),
]  # fmt: skip


@pytest.mark.parametrize("size, torch, keras_size, keras", SAME)
def test_pytorch_and_keras_spell_the_same_layer(size, torch, keras_size, keras):
    ours = parse(f"Sequential(Input({size}), {torch})\nloss = nn.MSELoss()")
    text = f"model = Sequential([keras.Input(shape=({keras_size},)), {keras}])"
    theirs = parse(text + "\nmodel.compile('adam', loss='mse', metrics=['accuracy'])")
    check_graph(ours)
    assert structure(ours) == structure(theirs)
    facts = [graph.graph["network"] for graph in (ours, theirs)]
    assert facts[0]["momentum"] == facts[1]["momentum"]


def test_keras_states_the_input_in_the_first_layer():
    start = "Sequential([keras.Input(shape={0}), {1})])\nloss = 'mse'"
    inside = "Sequential([{1}, input_shape={0})])\nloss = 'mse'"
    for shape, layer in (
        ("(28, 28, 1)", 'Conv2D(8, 5, padding="same", activation="relu"'),
        ("(64, 2)", "Conv1D(8, 5"),
        ("(28, 28)", "LSTM(3"),
        ("(7,)", "Dense(3"),
        ("(None, 7)", "Dense(3"),
    ):
        texts = [text.format(shape, layer) for text in (start, inside)]
        assert structure(parse(texts[0])) == structure(parse(texts[1]))
    flat = "Sequential([Flatten(input_shape=(28, 28)), Dense(2)])\nloss = 'mse'"
    assert parse(flat).nodes["X"]["shape"] == ("N", 784)


def test_global_pooling_then_rows_in_both_libraries_gives_the_same_shape():
    for text in (
        "Input(3, 8, 8), nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(), nn.Linear(3, 2)",
        "Input((8, 8, 3)), GlobalAveragePooling2D(), Dense(2)",
        "Input(3, 8), nn.AdaptiveMaxPool1d(1), nn.Flatten(), nn.Linear(3, 2)",
        "Input(3, 8, 8), GlobalAvgPool2d(), nn.Flatten(), nn.Linear(3, 2)",
    ):
        graph = parse(f"Sequential([{text}])\nloss = 'mse'")
        assert graph.nodes["W1"]["shape"] == (3, 2)
        assert graph.nodes["z1"]["shape"] == ("N", 2)


# ---- the shape of X ----

STARTS = [
    ("Input(784), Linear(2)", 784, ("N", 784)),
    ("Linear(784, 2)", None, ("N", 784)),
    ("Linear(2)", 784, ("N", 784)),
    ("Input(28, 28), Conv2d(2, 5)", None, (1, 28, 28, "N")),
    ("Input(1, 28, 28), Conv2d(2, 5)", 784, (1, 28, 28, "N")),
    ("Input(28, 28, 3), Conv2D(2, 5)", None, (3, 28, 28, "N")),
    ("nn.Conv2d(1, 2, 5)", 784, (1, 28, 28, "N")),
    ("nn.Conv2d(3, 2, 5)", 3 * 32 * 32, (3, 32, 32, "N")),
    ("Input(512), Conv1d(2, 5)", None, (1, 512, "N")),
    ("Conv1d(2, 5)", 512, (1, 512, "N")),
    ("Dropout(0.1), ReLU(), Conv1d(2, 5)", 512, (1, 512, "N")),
    ("Input(3, 8, 8), ReLU(), Conv2d(2, 5)", None, (3, 8, 8, "N")),
    ("Input(3, 8, 8), BatchNorm2d(3), Flatten(), Linear(2)", None, (3, 8, 8, "N")),
    ("Input(8, 8), BatchNorm2d(1)", None, (1, 8, 8, "N")),
    ("Input(3, 8, 8), Residual(Conv2d(3, 3, padding=1))", None, (3, 8, 8, "N")),
    ("Input(3, 8, 8), Flatten(), Linear(2)", None, ("N", 192)),
    ("Input(6, 4), LSTM(3)", None, (6, "N", 4)),
    ("nn.LSTM(28, 3)", 784, (28, "N", 28)),
    ("LSTM(3)", 100, (100, "N", 1)),
    ("Input(1, 100), Conv1d(4, 5), LSTM(3)", None, (1, 100, "N")),
    ("keras.Input(batch_shape=(32, 6, 4)), LSTM(3)", None, (6, "N", 4)),
]


@pytest.mark.parametrize("layers, features, shape", STARTS)
def test_the_first_layer_says_what_an_example_looks_like(layers, features, shape):
    graph = parse_network(f"Sequential([{layers}])\nloss = 'mse'", features)
    assert graph.nodes["X"]["shape"] == shape


# ---- texts as tutorials have them ----

PYTORCH_TUTORIAL = """import torch
from torch import nn, optim

batch_size = 64
classes = 10
model = nn.Sequential(
    nn.Conv2d(1, 6, kernel_size=5, padding=2), nn.ReLU(inplace=True),
    nn.MaxPool2d(kernel_size=2, stride=2),
    nn.Conv2d(6, 16, kernel_size=5), nn.ReLU(),
    nn.MaxPool2d(2, 2),
    nn.Flatten(),
    nn.Linear(16 * 5 * 5, 120), nn.ReLU(),
    nn.Dropout(p=0.25),
    nn.Linear(120, classes),
).to(device)
print(model)
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=30, gamma=0.1)
"""
PYTORCH_NAMED = """model = nn.Sequential(OrderedDict([
    ("conv", nn.Conv2d(1, 6, 5, padding=2)),
    ("relu", nn.ReLU()),
    ("flat", nn.Flatten()),
    ("head", nn.Linear(4704, 10)),
    ("out", nn.LogSoftmax(dim=1)),
]))
loss_fn = nn.NLLLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, betas=(0.8, 0.99))
"""
KERAS_TUTORIAL = '''"""MNIST, a small convolutional network."""
import keras
from keras import layers

num_classes = 10
input_shape = (28, 28, 1)
model = keras.Sequential(
    [
        keras.Input(shape=input_shape),
        layers.Conv2D(32, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Conv2D(64, kernel_size=(3, 3), activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(num_classes, activation="softmax"),
    ]
)
model.summary()
model.compile(loss="categorical_crossentropy", optimizer="Adam", metrics=["accuracy"])
'''
KERAS_FASHION = """model = tf.keras.Sequential([
    tf.keras.layers.Flatten(input_shape=(28, 28)),
    tf.keras.layers.Dense(128, activation='relu'),
    tf.keras.layers.Dense(10)
])
model.compile(optimizer=tf.keras.optimizers.RMSprop(0.001, rho=0.8),
              loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
              metrics=['accuracy'])
"""
TUTORIALS = [
    (PYTORCH_TUTORIAL, "sgd", 0.001, {"momentum": 0.9}),
    (PYTORCH_NAMED, "adam", 1e-3, {"beta1": 0.8, "beta2": 0.99}),
    (KERAS_TUTORIAL, "adam", 0.001, {"epsilon": 1e-7}),
    (KERAS_FASHION, "rmsprop", 0.001, {"decay": 0.8, "epsilon": 1e-7}),
]


@pytest.mark.parametrize("text, optimiser, rate, settings", TUTORIALS)
def test_a_tutorials_text_is_read_as_it_is(text, optimiser, rate, settings):
    graph = parse_network(text, 784, 10)
    check_graph(graph)
    facts = graph.graph["network"]
    assert (facts["optimiser"], facts["learning_rate"]) == (optimiser, rate)
    assert facts["optimiser_settings"] == settings
    assert facts["loss"] == "cross_entropy"
    assert graph.nodes[facts["prediction"]]["shape"] == ("N", 10)


def test_a_pytorch_schedule_is_read():
    facts = parse_network(PYTORCH_TUTORIAL, 784).graph["network"]
    assert facts["schedule"] == "step"
    assert facts["schedule_settings"] == {"step_size": 30, "gamma": 0.1}


REFUSED = [
    ("class Net(nn.Module):\n  pass", 1, "Net has no forward"),
    ("torch.manual_seed(0)\n" + OURS, 1, "--seed"),
    (OURS + "\nmodel2 = Sequential([Linear(3)])", 3, "a text has one network"),
    ("Sequential([Input(6, 4), RNNCell(3)])", 1, "LSTM and GRU"),
    ("Sequential([Activation('linear')])\nloss = 'mse'", 1, "no layers"),
    ("Sequential([Input(3),\n  Linear(3) ReLU()])", 2, "a comma"),
    (OURS + "\nscheduler = StepLR(optimizer, step_size='a')", 3, "number, not 'a'"),
    (OURS + "\nscheduler = CosineAnnealingLR(optimizer, T_max=9)", 3, "leave it out"),
    ("Sequential([Softmax()])\nloss = CrossEntropyLoss()", 1, "start with Input"),
    ("Sequential([Input(3), Activation()])\nloss = 'mse'", 1, "which activation?"),
    ("Sequential([Input(4), ReLU])", 1, "write ReLU()"),
    ("Sequential([Input(4), Dense(3, kernel_regularizer='l2')])", 1, "= L2(1e-4)"),
    ("Sequential([Input(4), Reshape((2, 3))])\nloss = 'mse'", 1, "come out even"),
    (OURS + "\noptimizer = 'adma'", 3, "did you mean adam"),
    (OURS + "\noptimizer = Adam(lr='fast')", 3, "a number, not 'fast'"),
    (OURS + "\noptimizer = Adam(lr=-1)", 3, "from 0 on"),
    (OURS + "\noptimizer = SGD(lr=0,1)", 3, "as a point: 0.1"),
    (OURS + "\noptimizer = Adam(lr=1e999)", 3, "too large for float64"),
    (OURS + "\noptimizer = Adam(betas=0.9)", 3, "two numbers"),
    (OURS + "\noptimizer = SGD(lr=0.1, momentum=1.5)", 3, "0 to 1"),
    (OURS + "\noptimizer = SGD(lr=0.1, nesterov=3)", 3, "True or False"),
]


@pytest.mark.parametrize("text, line, words", REFUSED)
def test_what_is_no_network_is_refused_with_what_to_do(text, line, words):
    with pytest.raises(SourceError) as caught:
        parse_network(text)
    assert words in str(caught.value)
    assert caught.value.line == line


# ---- shapes and settings ----


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
]


@pytest.mark.parametrize(("text", "line", "column", "message"), MISTAKES)
def test_a_mistake_is_told_with_its_place(text, line, column, message):
    with pytest.raises(SourceError) as caught:
        parse_network(text)
    assert message in str(caught.value)
    assert (caught.value.line, caught.value.column) == (line, column)


IMAGE, SIGNAL, ROWS = "Input(3, 8, 6)", "Input(3, 9)", "Input(5)"

# what stands before the layer, the layer, words of the message
WRONG_LAYERS = [
    # ---- shapes that do not fit ----
    (IMAGE, "nn.Conv2d(4, 8, 3)", ["expects 4 channels", "(3, 8, 6, N): 3"]),
    (SIGNAL, "PReLU(5)", ["PReLU has 5 slopes, its input 3 channels", "PReLU(3) for"]),
    (IMAGE, "PReLU(8)", ["8 slopes, its input 3 channels"]),
    (ROWS, "PReLU(3)", ["3 slopes, its input 5 channels"]),
    (IMAGE, "Conv2d(8, 9)", ["a kernel of 9", "input of 8", "(3, 8, 6, N)"]),
    (IMAGE, "Conv2d(8, (3, 7))", ["a kernel of 7", "input of 6"]),
    (IMAGE, "Conv2d(8, 4, dilation=3)", ["a kernel of 4 (dilated to 10)", "of 8"]),
    (SIGNAL, "MaxPool1d(10)", ["a kernel of 10", "input of 9"]),
    (IMAGE, "MaxPool2d(2, padding=2)", ["padding (2, 2)", "kernel of 2"]),
    (IMAGE + ", Conv2d(2, 3)", "Linear(10)", ["Linear takes rows", "(2, 6, 4, N)",
                                            "put Flatten()"]),
    (IMAGE + ", Conv2d(2, 3), Flatten()", "Linear(50, 10)",
     ["expects (N, 50)", "gives (N, 48)", "Linear(48, ...)"]),
    (ROWS, "Residual(Linear(4))", ["Residual adds (N, 5) to (N, 4)"]),
    (IMAGE, "Residual(Conv2d(3, 3))", ["(3, 8, 6, N) to (3, 6, 4, N)", "pad"]),
    (IMAGE, "Conv2d(4, 3, groups=2)", ["2 groups", "3 input and 4 output"]),
    (IMAGE, "Conv2d(4, 3, groups=3)", ["3 groups", "3 input and 4 output"]),
    (ROWS + ", Linear(4)", "MaxPool2d(2)", ["takes (C, H, W, N)", "gives (N, 4)"]),
    (ROWS + ", Linear(4)", "AvgPool1d(2)", ["takes (C, L, N)", "gives (N, 4)"]),
    (ROWS + ", Linear(4)", "AdaptiveAvgPool2d(1)", ["takes (C, H, W, N)", "(N, 4)"]),
    (SIGNAL + ", Conv1d(2, 3)", "Conv2d(2, 3)", ["(C, H, W, N)", "(2, 7, N)"]),
    (ROWS + ", Linear(4)", "LSTM(2)", ["takes a sequence", "gives (N, 4)"]),
    (IMAGE + ", Conv2d(2, 3)", "LSTM(2)", ["takes a sequence", "(2, 6, 4, N)"]),
    (ROWS + ", Linear(4)", "RNN(2)", ["takes a sequence", "gives (N, 4)"]),
    ("Input(6, 4)", "LSTM(3, 2)", ["expects 3 features", "has (N, 4)"]),
    (IMAGE, "BatchNorm2d(4)", ["expects 4 features", "(3, 8, 6, N): 3"]),
    (ROWS, "BatchNorm1d(4)", ["expects 4 features", "(N, 5): 5"]),
    (ROWS + ", Linear(4)", "BatchNorm2d(4)", ["images", "(N, 4)", "BatchNorm1d"]),
    (IMAGE + ", Conv2d(2, 3)", "BatchNorm1d(2)", ["(2, 6, 4, N)", "BatchNorm2d"]),
    (IMAGE, "LayerNorm(6)", ["expects (6,)", "gives (3, 8, 6, N)"]),
    (IMAGE, 'Conv2d(8, 3, stride=2, padding="same")',
     ["stride of 1, not 2", "such as 1", "(3, 8, 6, N)"]),
    ("Input(1, 28, 28)", "Conv2D(8, 5)", ["a kernel of 5", "of 1", "channels last"]),
    # ---- sizes ----
    *[(IMAGE, f"Conv2d({size}, 3)", [f"positive whole number, not {size}"])
      for size in ("-1", "0", "2.5", "None", "True")],
    *[(IMAGE, f"Conv2d(4, 3, stride={size})", [f"positive whole number, not {size}"])
      for size in ("-1", "0", "1.5")],
    (IMAGE, "Conv2d(4, 0)", ["not 0"]),
    (IMAGE, "Conv2d(4, (3, 3, 3))", ["2 number(s)", "(3, 3, 3)"]),
    (IMAGE, "Conv2d(4, 3, padding=-1)", ["whole number from 0, not -1"]),
    (IMAGE, "Conv2d(4, 3, groups=0)", ["not 0"]),
    (IMAGE, "MaxPool2d(2, stride=0)", ["not 0"]),
    (ROWS, "Linear(1e999)", ["too large for float64"], "1e999"),
    (ROWS, "Linear(0, 3)", ["not 0"]),
    (ROWS, "Linear(-5, 3)", ["not -5"]),
    (IMAGE, "Conv2d(4)", ["what size?"]),
    (IMAGE, "Conv2d(kernel_size=3)", ["how many output channels?"]),
    # ---- settings that are not here ----
    (IMAGE, 'Conv2D(4, 3, activation="rellu")', ["activation 'rellu'", "mean relu?"]),
    (IMAGE, 'Conv2D(4, 3, activation="conv2d")', ["no activation 'conv2d'"]),
    (IMAGE, 'Conv2d(4, 3, padding="full")', ['"same", "valid" or a number']),
    (ROWS, "Linear(3, bias=2)", ["bias is True or False, not 2"]),
    (ROWS, "Dropout(1)", ["from 0 to 1, not 1"]),
    (ROWS, "Dropout(0,5)", ["inplace is True or False, not 5"]),
    (ROWS, "Dropout(-0.1)", ["from 0 to 1"]),
    (ROWS, "Dropout('a')", ["a number, not 'a'"]),
    (ROWS, "BatchNorm1d(5, eps='a')", ["a number, not 'a'"]),
    (ROWS, "BatchNorm1d(5, momentum=0)", ["momentum from 0 to 1"]),
    (ROWS, "BatchNormalization(axis=2)", ["no axis=2"]),
    (ROWS, "LayerNormalization(axis=2)", ["no axis=2"]),
    (ROWS, "LeakyReLU('a')", ["a number, not 'a'"]),
    (ROWS, "Softmax(dim=0)", ["over the classes"]),
    (IMAGE, "AdaptiveAvgPool2d(2)", ["size 1 only"]),
    (ROWS, "Residual()", ["which layers?"]),
    (ROWS, "Dropout(0.2, noise_shape=(1, 4))", ["noise_shape=None only"], "(1, 4)"),
    (ROWS, "Residual(3)", ["there is no 3"], "3"),
    (ROWS, "Input(3)", ["stands first"]),
    (ROWS, "Dense(3, input_shape=(4,))", ["stands first"]),
    (ROWS, "Residual(Input(5))", ["stands first"], "Input(5))"),
    ("Input(6, 4)", "LSTM()", ["how many units?"]),
    ("Input(6, 4)", 'LSTM(3, activation="selu")', ["no activation", "silu"]),
    ("Input(6, 4)", 'RNN(3, nonlinearity="softmax")', ["tanh, relu or sigmoid"]),
    ("Input(6, 4)", "LSTM(3, return_sequences=True)", ["last step alone"]),
    ("Input(6, 4)", "LSTM(3, return_sequences=False), LSTM(3)", ["every step"],
     "LSTM(3,"),
    ("Input(6, 4), LayerNorm(4)", "LSTM(3)", ["not a sequence"], "LayerNorm"),
    ("Input(100001, 1)", "LSTM(3)", ["100001 steps", "more than 100000"]),
    ("Input(6, 4)", "LSTM(3, num_layers=20000)", ["120000 steps"]),
    ("Input(1000000000, 1)", "LSTM(3)", ["more than 100000"]),
    (ROWS, "Residual(" * 60 + "ReLU()" + ")" * 60, ["more than 50 levels"], None),
    (IMAGE, 'Conv2d(4, 3, padding_mode="reflect")', ["padding_mode='zeros' only"],
     '"reflect"'),
    (IMAGE, 'MaxPool2d(2, ceil_mode="x")', ["ceil_mode=False only"], '"x"'),
    (IMAGE, "MaxPool2d(2, 2, 0, 1, True)", ["return_indices=False only"], "True"),
    (ROWS, "BatchNorm1d(5, affine=False)", ["affine=True only"], "False"),
    (ROWS, 'GELU("tanh")', ["approximate='none' only"], '"tanh"'),
    (IMAGE, "Flatten(2)", ["start_dim=1 only"], "2)"),
    (IMAGE, 'Conv2D(4, 3, data_format="channels_first")', ["channels last"],
     '"channels_first"'),
    ("Input(6, 4)", "nn.LSTM(4, 3, bidirectional=True)", ["LSTM and GRU"], "True"),
    ("Input(6, 4)", "LSTM(3, dropout=0.2)", ["after the last"], "0.2"),
    (ROWS, "Dense(3, units=4)", ["'units' twice"], "units"),
    (ROWS, "Linear(99999999999999999999)", ["too large"], "999"),
    (ROWS, "Linear(width)", ["plain number"], "width"),
    (ROWS, "Linear(width*2)", ["expression of names"], "width"),
    (ROWS, "Linear(**options)", ["no argument"], "**"),
]  # fmt: skip


@pytest.mark.parametrize(
    "case", WRONG_LAYERS, ids=lambda case: f"{case[0]}-{case[1]}"[:70]
)
def test_a_wrong_layer_is_told_with_its_sizes_and_place(case):
    before, layer, words, *place = case
    text = f"Sequential([\n    {before},\n    {layer},\n])\nloss = 'mse'"
    started = time.perf_counter()
    with pytest.raises(SourceError) as caught:
        parse_network(text)
    assert time.perf_counter() - started < 2  # nothing is allocated or unrolled
    error = caught.value
    for word in words:
        assert word in str(error)
    if place != [None]:
        start = text.index("\n    ", 20) + 5 if not place else text.index(place[0], 20)
        assert error.span[0] == start, str(error)


HUGE = [
    ("Input(1, 28, 28)", "Conv2d(1000000000, 5)", "W1", (10**9, 1, 5, 5)),
    ("Input(4)", "Linear(1000000000000)", "W1", (4, 10**12)),
    ("Input(1, 28, 28)", "Conv2d(10**9, 5)", "W1", (10**9, 1, 5, 5)),
]


@pytest.mark.parametrize("start, layer, name, shape", HUGE)
def test_a_huge_layer_allocates_nothing(start, layer, name, shape):
    began = time.perf_counter()
    graph = parse_network(f"Sequential([{start}, {layer}])\nloss = 'mse'")
    assert graph.nodes[name]["shape"] == shape
    assert time.perf_counter() - began < 1


def test_a_list_of_thousands_of_layers_is_refused_quickly():
    text = f"Sequential([Input(3), {'ReLU(), ' * 5000}])\nloss = 'mse'"
    with pytest.raises(SourceError, match="at most 1000 layers"):
        parse_network(text)


def test_the_data_must_fit_the_input():
    text = "Sequential([Input(1, 20, 20), Conv2d(4, 5)])\nloss = 'mse'"
    with pytest.raises(SourceError, match=r"400 .*inputs, the data have 784"):
        parse_network(text, 784)


def test_outputs_must_fit_the_classes_of_the_data():
    text = "Sequential([Input(4), Linear(3)])\nloss = CrossEntropyLoss()"
    with pytest.raises(SourceError, match="3 outputs, the data 10 classes"):
        parse_network(text, classes=10)
