"""Arguments of layers that were read and not used: honoured here, or refused."""

from __future__ import annotations

import numpy as np
import pytest

from gradtutor.evaluate import run
from gradtutor.graph import check_graph, inputs
from gradtutor.language import SourceError, parse_network

ATTENTION = """from keras import layers, Input, Model
a = Input((4, 3))
out = {call}
model = Model(a, out)
model.compile(loss="mse", optimizer="sgd"{more})
"""
ENCODER = """import torch.nn as nn
net = nn.Sequential(nn.TransformerEncoderLayer(8, 2, bias=False, batch_first=True))
x = torch.randn(5, 3, 8)
y = net(x)
"""


def keras(call, more=""):
    graph = parse_network(ATTENTION.format(call=call, more=more))
    check_graph(graph)
    return graph


def evaluated(graph):
    rng = np.random.default_rng(0)
    given = {}
    for name in inputs(graph):
        shape = [5 if one == "N" else one for one in graph.nodes[name]["shape"]]
        known = graph.nodes[name].get("value")  # the triangle of a mask
        given[name] = rng.normal(size=shape) if known is None else np.array(known)
    values = run(graph, given).values
    return given["X"], values[graph.graph["network"]["prediction"]]


def attended(x, causal):
    """softmax(x xᵀ) x of (N, T, C), each step of itself and earlier ones if causal."""
    scores = x @ x.transpose(0, 2, 1)
    if causal:
        scores = np.where(np.tril(np.ones(scores.shape[1:])) > 0, scores, -np.inf)
    shares = np.exp(scores - scores.max(-1, keepdims=True))
    return shares / shares.sum(-1, keepdims=True) @ x


@pytest.mark.parametrize("causal", [False, True])
def test_attention_looks_back_only_if_causal(causal):
    graph = keras(f"layers.Attention()([a, a], use_causal_mask={causal})")
    x, found = evaluated(graph)
    x = x.transpose([x.shape.index(one) for one in (5, 4, 3)])
    found = found.transpose([found.shape.index(one) for one in (5, 4, 3)])
    np.testing.assert_allclose(found, attended(x, causal), rtol=1e-9)


def test_attention_drops_shares():
    roles = keras("layers.Attention(dropout=0.3)([a, a])").nodes.values()
    assert [one["rate"] for one in roles if one.get("role") == "mask"] == [0.3]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("layers.Attention(score_mode='concat')([a, a])", "score_mode"),
        ("layers.Attention()([a, a], mask=[None, a])", "padding masks"),
        ("layers.ConvLSTM1D(2, 3, return_state=True)(a)", "return_state"),
    ],
)
def test_what_is_not_here_is_refused(text, said):
    with pytest.raises(SourceError, match=said):
        keras(text)


def test_an_encoder_without_bias_is_refused():
    with pytest.raises(SourceError, match="bias"):
        parse_network(ENCODER)


def test_a_weight_of_one_loss_is_noted():
    graph = keras("layers.Dense(1)(a)", ", loss_weights=[0.5]")
    assert any("loss_weights" in one for one in graph.graph["network"]["notes"])


NOISE = """import torch, torch.nn as nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l = nn.Linear(3, 2)
    def forward(self, x):
        z = self.l(x)
        return {drawn}
net = Net()
loss = nn.MSELoss()
"""


@pytest.mark.parametrize(
    ("drawn", "mean"),
    [
        ("torch.normal(z, 0.1)", lambda z: z),
        ("torch.normal(mean=z, std=0.1)", lambda z: z),
        ("z + torch.randn_like(z)", lambda z: z),
        ("z + torch.rand_like(z)", lambda z: z + 0.5),
        ("z + torch.normal(1.5, 0.1, z.shape)", lambda z: z + 1.5),
    ],
)
def test_noise_is_its_mean(drawn, mean):
    graph = parse_network(NOISE.format(drawn=drawn))
    rng = np.random.default_rng(0)
    given = {
        name: rng.normal(
            size=[5 if s == "N" else s for s in graph.nodes[name]["shape"]]
        )
        for name in inputs(graph)
    }
    values = run(graph, given).values
    wanted = mean(given["X"] @ given["W1"] + given["b1"])
    found = values[graph.graph["network"]["prediction"]]
    np.testing.assert_allclose(found, wanted, rtol=1e-9)
