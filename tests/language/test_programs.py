"""Programs as people have them: read unedited, with what must come out."""

from __future__ import annotations

import json
import math

import pytest
from places import TESTS

from gradtutor.graph import check_graph, inputs
from gradtutor.language import parse_network
from gradtutor.language.program.reading import read_program
from gradtutor.language.syntax import Source

INPUTS = TESTS / "inputs"
FILES = sorted(INPUTS.glob("*.py"))


def stated(path):
    return json.loads(path.with_suffix(".shapes.json").read_text())


def as_stated(got, wanted):
    """Whether sizes are those that a file has; None stands for any."""
    pairs = zip(got, wanted, strict=True)
    return all(size is None or size == one for one, size in pairs)


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_file_says_what_it_must(path):
    wanted = stated(path)
    program = read_program(Source(path.read_text()))
    graph, found = program.net.graph, program.run.found
    names = inputs(graph, "parameter")
    count = sum(math.prod(graph.nodes[name]["shape"]) for name in names)
    sizes = program.tracer.sizes(program.prediction)[1:]
    if wanted["input"] is not None:
        assert as_stated(program.shape, wanted["input"])
        assert as_stated(sizes, wanted["output"])
        assert count == wanted["parameters"]
    optimiser = program.optimiser
    assert (optimiser and optimiser.item.name) == wanted["optimizer"]
    rate = optimiser.item.arguments.get("learning_rate") if optimiser else None
    assert rate == wanted["lr"]
    assert ((program.loss and program.loss.text) or None) == wanted["loss"]
    assert (found.epochs, found.batch_size) == (wanted["epochs"], wanted["batch_size"])


#: In public styles: input, output, parameters, loss, optimiser, rate, epochs, batch.
OWN = {
    "k01_iris": ((4,), (3,), 193, "categorical_crossentropy", "Adam", 1e-3, 200, 5),
    "k02_pima": ((8,), (1,), 221, "binary_crossentropy", "adam", None, 150, 10),
    "k03_cifar": ((32, 32, 3), (10,), 122570,
                  "SparseCategoricalCrossentropy(from_logits=True)", "adam", None, 10,
                  None),
    "k04_functional_multi": ((32, 32, 3), (10,), 223242,
                             "SparseCategoricalCrossentropy(from_logits=True)",
                             "RMSprop", 1e-3, 1, 64),
    "k05_subclass": ((28, 28, 1), (10,), 2770634,
                     "SparseCategoricalCrossentropy(from_logits=True)", "Adam", None,
                     5, 32),
    "k06_imdb": ((20,), (1,), 34129, "binary_crossentropy", "adam", None, 15, 32),
    "k07_text_conv": ((16,), (1,), 72289, "binary_crossentropy", "adam", None, None,
                      None),
    "k08_timeseries_transformer": ((50, 1), (2,), 326,
                                   "sparse_categorical_crossentropy", "Adam", 1e-4,
                                   150, 64),
    "k09_regression": ((8,), (1,), 4801, "mean_absolute_error", "Adam", 1e-3, 100,
                       None),
    "k10_gan_dcgan": ((28, 28, 1), (1,), 14209, "BinaryCrossentropy(from_logits=True)",
                      "Adam", 1e-4, None, None),
    "k11_ng_digits": ((400,), (10,), 10575,
                      "SparseCategoricalCrossentropy(from_logits=True)", "Adam", 1e-3,
                      40, None),
    "k12_mit_dense": ((2,), (3,), 9, None, None, None, None, None),
    "t01_mnist_example": ((1, 28, 28), (10,), 1199882, "nll_loss", "Adadelta", 1.0,
                          14, 64),
    "t02_quickstart": ((1, 28, 28), (10,), 669706, "CrossEntropyLoss", "SGD", 1e-3, 5,
                       64),
    "t03_char_rnn": ((16, 57), (18,), 26258, "NLLLoss", "SGD", 0.15, None, None),
    "t04_lstm_sentiment": ((20,), (1,), 22553, "BCELoss", "Adam", 1e-3, None, None),
    "t05_vae": ((784,), (784,), 652824, "binary_cross_entropy", "Adam", 1e-3, None,
                None),
    "t06_alexnet": ((3, 224, 224), (1000,), 43729448, None, None, None, None, None),
    "t07_unet": ((3, 16, 16), (1, 16, 16), 6633, "BCEWithLogitsLoss", "RMSprop", 1e-4,
                 None, None),
    "t08_lightning": ((1, 28, 28), (10,), 50890, "nll_loss", "Adam", 2e-4, 3, 128),
    "t09_minimal_loop": ((3,), (), 4, "MSELoss", "SGD", 1e-06, 2000, None),
    "t10_modulelist": ((20,), (5,), 3781, "CrossEntropyLoss(label_smoothing=0.1)",
                       "AdamW", 3e-4, None, None),
    "t11_transformer_cls": ((16,), (4,), 33220, None, None, None, None, None),
    "t12_densenet_block": ((3, 32, 32), (10,), 2122, "CrossEntropyLoss", "SGD", 0.1,
                           200, 128),
}  # fmt: skip


@pytest.mark.parametrize("name", OWN)
def test_a_program_in_a_public_style_is_read(name):
    shape, output, count, loss, optimiser, rate, epochs, batch = OWN[name]
    program = read_program(Source((INPUTS / "own" / f"{name}.py").read_text()))
    graph, found = program.net.graph, program.run.found
    names = inputs(graph, "parameter")
    item = program.optimiser.item if program.optimiser else None
    got = (
        program.shape,
        program.tracer.sizes(program.prediction)[1:],
        sum(math.prod(graph.nodes[name]["shape"]) for name in names),
        program.loss.text.split("(reduction")[0] if program.loss else None,
        item.name if item else None,
        item.arguments.get("learning_rate") if item else None,
        found.epochs,
        found.batch_size,
    )
    assert got == (shape, output, count, loss, optimiser, rate, epochs, batch)


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_file_makes_a_sound_graph(path):
    text = path.read_text()
    for training in (True, False):
        graph = parse_network(text, training=training)
        check_graph(graph)
        assert graph.nodes[graph.graph["output"]]["shape"] == ()
        for name, data in graph.nodes(data=True):
            span = data.get("span")
            assert span is None or 0 <= span[0] < span[1] <= len(text), name
