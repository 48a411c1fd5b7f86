"""What a program says of its loss and optimiser is done, or said not to be."""

from __future__ import annotations

import numpy as np
import pytest

from gradtutor.evaluate import run
from gradtutor.language import SourceError, parse_network

TORCH = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
KERAS = "from tensorflow import keras\nfrom keras import layers\n"
LIST = "m = nn.Sequential(nn.Linear(4, 3), nn.LogSoftmax(dim=1))\nloss = "
SHARES = np.array([[0, 1, 0], [0.2, 0.3, 0.5], [0.6, 0.1, 0.3], [1, 0, 0], [0, 0, 1]])

# the loss, whether y are logarithms, PyTorch 2.14's loss at the weights of the test
REDUCED = [
    ("nn.KLDivLoss()", False, 0.2418533055),
    ("nn.KLDivLoss(reduction='batchmean')", False, 0.7255599166),
    ("nn.KLDivLoss(reduction='sum')", False, 3.6277995830),
    ("nn.KLDivLoss(size_average=False)", False, 3.6277995830),
    ("nn.KLDivLoss(log_target=True)", True, 0.2379625235),
    ("nn.KLDivLoss(reduction='batchmean', log_target=True)", True, 0.7138875705),
    ("nn.MSELoss(size_average=False)", False, 51.8904386452),
    ("nn.L1Loss(reduction='sum')", False, 25.1796434067),
]


def value(text, y):
    graph = parse_network(text)
    rows = np.linspace(-1, 1, 20).reshape(5, 4) ** 3
    given = {"X": rows, "W1": (np.arange(12).reshape(3, 4) / 7 - 0.5).T}
    found = run(graph, given | {"b1": np.zeros(3), "y": y})
    return float(found.values[graph.graph["output"]])


@pytest.mark.parametrize(("loss", "logs", "expected"), REDUCED)
def test_a_loss_is_reduced_as_pytorch_does(loss, logs, expected):
    y = np.log(SHARES + 0.01) if logs else SHARES
    assert value(TORCH + LIST + loss, y) == pytest.approx(expected, rel=1e-9)


def test_a_way_of_reducing_that_is_none_is_refused():
    with pytest.raises(SourceError, match="'mean' only, not 'batchmean'"):
        parse_network(TORCH + LIST + "nn.MSELoss(reduction='batchmean')")


NET = "m = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 1))\n"
OPT = NET + "o = torch.optim.Adam({})\nloss = nn.MSELoss()"
SEQUENTIAL = "m = keras.Sequential([layers.Input((4,)), {}])\nm.compile('adam', {})"
SOFTMAX = "layers.Dense(3, activation='softmax')"

# the program, what its notes say
NOTED = [
    *[(TORCH + NET + f"criterion = nn.{name}()", f"warning: {name} is not here: MSE")
      for name in ("SoftMarginLoss", "CTCLoss", "HingeEmbeddingLoss")],
    (TORCH + NET.replace("1)", "3)") + "loss = nn.MultiMarginLoss(margin=0.5)",
     "warning: MultiMarginLoss is not here: CrossEntropyLoss is taken instead"),
    (TORCH + NET.replace("nn.ReLU()", "nn.Tanh()") + "nn.init.zeros_(m[0].weight)\n"
     "loss = nn.MSELoss()", "initialisers are not read"),
    (TORCH + OPT.format("[{'params': m[0].parameters(), 'lr': 1e-4}, "
                        "{'params': m[2].parameters()}], lr=1e-2"), "Adam: lr"),
    (TORCH + OPT.format("m[2].parameters()"), "15 of 19 parameters keep their values"),
    (TORCH + "m = nn.Sequential(nn.Linear(4, 3), nn.Sigmoid())\n"
     "loss = nn.CrossEntropyLoss()", "leaves only 0 to 1"),
    (TORCH + "m = nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1))\n"
     "loss = nn.BCEWithLogitsLoss()", "leaves only 0 to 1"),
    (KERAS + SEQUENTIAL.format(SOFTMAX + ", layers.Softmax()",
                               "'categorical_crossentropy'"),
     "Softmax squashes what Softmax has squashed"),
    (KERAS + SEQUENTIAL.format(SOFTMAX, "keras.losses.BinaryCrossentropy("
                               "from_logits=True)"), "leaves only 0 to 1"),
    ("Sequential([Input(4), Linear(1), Sigmoid(), Sigmoid()])\nloss = BCELoss()",
     "Sigmoid squashes what Sigmoid has squashed"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), NOTED)
def test_what_is_not_done_or_odd_is_said(text, said):
    notes = parse_network(text).graph["network"]["notes"]
    assert any(said in note for note in notes), notes


def test_groups_of_parameters_are_of_one_network():
    """The network was cut down to the layer whose parameters came last."""
    groups = "[{'params': m[0].parameters()}, {'params': m[2].parameters()}]"
    graph = parse_network(TORCH + OPT.format(groups + ", lr=0.5"))
    assert {"W1", "b1", "W2", "b2"} <= set(graph)
    assert graph.graph["network"]["learning_rate"] == 0.5
    alike = groups.replace("()}", "(), 'lr': 0.25}")
    facts = parse_network(TORCH + OPT.format(alike)).graph["network"]
    assert (facts["learning_rate"], facts["notes"]) == (0.25, [])


@pytest.mark.parametrize("sizes", ["[3, 2]", "(3, 8, 8)"])
def test_a_first_normalisation_states_the_shape_of_an_example(sizes):
    text = f"m = nn.Sequential(nn.LayerNorm({sizes}), nn.Flatten(), nn.LazyLinear(1))"
    graph = parse_network(f"{TORCH}{text}\nloss = nn.MSELoss()")
    shape = graph.nodes["X"]["shape"]
    assert sorted(map(str, shape)) == sorted([*sizes.strip("[]()").split(", "), "N"])
