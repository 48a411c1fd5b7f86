"""Habits of public model files: steps, wrapped models, characters, stacked dropout."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from gradtutor.cli import main
from gradtutor.language import SourceError, parse_network

NET = """import torch, random, numpy as np
from torch import nn
import torch.nn.functional as F
batch = 16
data = torch.randn(1000, 4)
model = nn.Sequential(nn.Linear(4, 3))
optimizer = torch.optim.Adam(model.parameters())
{head}
    optimizer.zero_grad()
    loss = F.cross_entropy(model(xb), yb)
    loss.backward()
    optimizer.step()
"""
DRAWN = "ix = torch.randint(1000, (batch,))"
#: A loop's head with what it draws; the epochs, the steps, the batch size.
LOOPS = [
    (f"for i in range(500):\n    {DRAWN}", (None, 500, 16)),
    (
        f"def get():\n    {DRAWN}\n    return data[ix], 0\n"
        "for i in range(500):\n    xb, yb = get()",
        (None, 500, 16),
    ),
    ("for i in range(90):\n    ix = np.random.choice(1000, 8)", (None, 90, 8)),
    ("for i in range(90):\n    ix = rng.integers(0, 1000, size=8)", (None, 90, 8)),
    ("for i in range(90):\n    ix = random.sample(range(1000), 8)", (None, 90, 8)),
    (
        "pairs = torch.utils.data.TensorDataset(data, torch.zeros(1000))\n"
        "loader = torch.utils.data.DataLoader(pairs, batch_size=64)\n"
        "for i in range(90):\n    xb, yb = next(iter(loader))",
        (None, 90, 64),
    ),
    ("for i in range(90):\n    k = random.randint(0, 9)", (None, 90, None)),
    ("for i in range(90):\n    perm = torch.randperm(1000)", (90, None, None)),
    ("for i in range(90):\n    pass", (90, None, None)),
]


@pytest.mark.parametrize(("head", "found"), LOOPS)
def test_steps_are_not_epochs(head, found):
    facts = parse_network(NET.format(head=head)).graph["network"]
    assert (facts["epochs"], facts["steps"], facts["batch_size"]) == found


WRAPS = [
    "net = nn.DataParallel(net)",
    "net = torch.nn.parallel.DistributedDataParallel(net, device_ids=[0])",
    "net = torch.compile(net)",
    "net = torch.jit.script(net)",
    "if torch.cuda.is_available():\n    net = torch.nn.DataParallel(net).cuda()",
]


@pytest.mark.parametrize("line", WRAPS)
def test_a_wrapped_model_is_the_model(line):
    text = f"""import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)
    def forward(self, x):
        return self.fc(x)
net = Net()
{line}
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in loader:
    loss = criterion(net(x), y)
    loss.backward()
    optimizer.step()
"""
    graph = parse_network(text)
    assert graph.nodes["W1"]["shape"] == (4, 3)


SEEN = """import torch
from torch import nn
import torch.nn.functional as F
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)
    def forward(self, x, y=None):
        z = self.fc(x)
        if y is not None:
            loss = F.cross_entropy(z, y)
            {line}
        return z
"""


@pytest.mark.parametrize(
    ("line", "noted"),
    [
        ("pass", False),
        ("total = loss.item() * 2", False),
        ("loss = loss + 0.1 * z.abs().sum()", True),
        ("loss += 0.1 * z.abs().sum()", True),
    ],
)
def test_what_is_added_to_a_loss_is_said_where_it_is(line, noted):
    notes = parse_network(SEEN.format(line=line)).graph["network"]["notes"]
    assert any("what is added to it" in one for one in notes) is noted


@pytest.mark.parametrize(
    ("given", "masks"),
    [
        ("2, dropout=0.2", [0.2]),
        ("3, dropout=0.5", [0.5, 0.5]),
        ("1, dropout=0.2", []),
        ("2, dropout=0.2, bidirectional=True", [0.2]),
    ],
)
def test_dropout_stands_between_stacked_layers(given, masks):
    """As torch.nn.LSTM documents: on the outputs of each layer except the last."""
    width = 10 if "bid" in given else 5
    text = f"""import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 5, {given}, batch_first=True)
        self.fc = nn.Linear({width}, 2)
    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out[:, -1, :])
net = Net()
net(torch.randn(8, 7, 3))
criterion = nn.CrossEntropyLoss()
"""
    graph = parse_network(text)
    kept = [data for _, data in graph.nodes(data=True) if data.get("role") == "mask"]
    assert [one["rate"] for one in kept] == masks
    assert all(one["shape"] == (7, "N", width) for one in kept)
    notes = graph.graph["network"]["notes"]
    assert any("line 6, LSTM" in one for one in notes), notes


def test_a_misfit_points_at_the_layer():
    text = """import numpy as np
from tensorflow import keras
inputs = keras.Input(shape=(4,))
model = keras.Model(inputs, keras.layers.Dense(3)(inputs))
model.compile(loss="mse")
model.fit(x, y)
"""
    with pytest.raises(SourceError, match="takes 4 inputs") as caught:
        parse_network(text, 6)
    shown = str(caught.value)
    assert "line 4" in shown
    assert "keras.layers.Dense(3)" in shown


def test_a_table_of_characters_is_as_long_as_the_data_s_alphabet(tmp_path):
    (tmp_path / "t.txt").write_text("to be or not to be that is the question\n" * 9)
    (tmp_path / "char.py").write_text("""import torch
from torch import nn
text = open("t.txt").read()
chars = sorted(list(set(text)))
vocab_size = len(chars)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(vocab_size, 8)
        self.head = nn.Linear(8, vocab_size)
    def forward(self, idx):
        return self.head(self.table(idx))
net = Net()
net(torch.zeros((1, 12), dtype=torch.long))
criterion = nn.CrossEntropyLoss()
""")
    done = CliRunner().invoke(
        main, ["gen", str(tmp_path / "char.py"), "--data", str(tmp_path / "t.txt")]
    )
    assert done.exit_code == 0, done.output
    count = len(set("to be or not to be that is the question\n"))
    assert f"vocab_size has no value in the text: {count} is taken" in done.output
    assert "ALPHABET = " in done.output


def test_a_long_check_covers_every_input_first_and_may_end_early():
    from gradtutor.evaluate.check import check_gradients
    from gradtutor.language import parse

    graph, told = parse("sum(A*B)"), []

    def go_on(done, of):
        told.append((done, of))
        return done < 2

    rows = check_gradients(graph, {"A": [1.0, 2.0], "B": [3.0, 4.0]}, go_on=go_on)
    assert [row.name for row in rows] == ["A[0]", "B[0]"]
    assert told == [(0, 4), (1, 4), (2, 4)]
