"""Gradients through a branch that was not taken are exactly 0 in scripts, too.

A slope beyond it may be infinite or nan: the scripts select there instead of
multiplying. The witness is JAX with its argument made harmless where it is not used
("double where").
"""

import runpy

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradtutor.codegen import ScriptData, Settings, training_script
from gradtutor.graph import inputs
from gradtutor.language import parse_network

PROGRAM = """import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(4, 4)
        self.outer = nn.Linear(4, 2)
    def forward(self, x):
        z = self.inner(x)
        return self.outer({})
model = Net()
loss = nn.MSELoss()
"""
DATA = ScriptData("noise", "LOADER = None", "LOADER", 1, None, "Random.")


def where(taken, function, z, other):
    """Return function(z) where it is taken; elsewhere it sees a harmless 3."""
    return jnp.where(taken, function(jnp.where(taken, z, 3.0)), other)


#: What a program writes, the same in JAX, z of four units, and which get a gradient.
CASES = {
    "root": (
        "torch.where(z > 0, torch.sqrt(z), z)",
        lambda z: where(z > 0, jnp.sqrt, z, z), [-4.0, 0.0, 2.0, 9.0], [1, 1, 1, 1],
    ),
    "root-of-relu": (
        "torch.sqrt(torch.relu(z))",
        lambda z: where(z > 0, jnp.sqrt, z, 0.0), [-4.0, -1.0, 2.0, 9.0], [0, 0, 1, 1],
    ),
    "logarithm": (
        "torch.where(z > 2, torch.log(z), 2 * z)",
        lambda z: where(z > 2, jnp.log, z, 2 * z), [-1.0, 0.0, 1.0, 3.0], [1, 1, 1, 1],
    ),
    "logarithm-of-relu": (
        "torch.where(z > 0, torch.log(torch.relu(z)), 0.0 * z)",
        lambda z: where(z > 0, jnp.log, z, 0.0), [-1.0, 0.0, 1.0, 3.0], [0, 0, 1, 1],
    ),
    "elu": (
        "torch.where(z <= 0, torch.exp(z), 1 + z)",
        lambda z: where(z <= 0, jnp.exp, z, 1 + z), [-1.0, 0.0, 2.0, 1000.0],
        [1, 1, 1, 1],
    ),
    "quotient": (
        "torch.where(z > 0, torch.sin(z) / z, 0.0 * z)",
        lambda z: where(z > 0, lambda x: jnp.sin(x) / x, z, 0.0),
        [-1.0, 0.0, 1.0, 3.0], [0, 0, 1, 1],
    ),
    "clipped": (
        "torch.clamp(torch.exp(z), max=5.0)",
        lambda z: where(z < 1.6, jnp.exp, z, 5.0),
        [-1.0, 0.0, 100.0, 1000.0], [1, 1, 0, 0],
    ),
    "relu-of-reciprocal": (
        "torch.relu(torch.where(z > 1, 1 / (z - 1), z - 1))",
        lambda z: jax.nn.relu(where(z > 1, lambda x: 1 / (x - 1), z, z - 1)),
        [-1.0, 1.0, 2.0, 3.0], [0, 0, 1, 1],
    ),
}  # fmt: skip


def given_for(graph, z):
    """Return numbers for which the inner layer gives exactly these z, for each row."""
    rng = np.random.default_rng(2)
    shapes = {n: [3 if s == "N" else s for s in graph.nodes[n]["shape"]]
              for n in inputs(graph)}  # fmt: skip
    given = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    return given | {"W1": np.zeros((4, 4)), "b1": np.array(z)}


@pytest.mark.sampled(6)
@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("name", CASES)
def test_a_script_sends_nothing_through_a_branch_not_taken(name, backend, tmp_path):
    text, answer, z, reached = CASES[name]
    graph = parse_network(PROGRAM.format(text), 4)
    path = tmp_path / "script.py"
    path.write_text(training_script(graph, DATA, Settings(backend=backend)), "utf-8")
    script, given = runpy.run_path(str(path)), given_for(graph, z)
    names = list(script["SHAPES"])
    flat = np.concatenate([given[one].reshape(-1) for one in names])
    gradient = np.full_like(flat, np.nan)
    with np.errstate(all="ignore"):
        script["loss_and_gradients"](
            script["views"](flat), script["views"](gradient), given["X"], given["y"]
        )
    ours = dict(zip(names, script["views"](gradient), strict=True))

    def loss(p):
        made = answer(given["X"] @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]
        return jnp.mean((made - given["y"]) ** 2)

    with jax.enable_x64(True):
        wanted = jax.grad(loss)({one: jnp.asarray(given[one]) for one in names})
    for one in names:
        np.testing.assert_allclose(ours[one], wanted[one], rtol=1e-9, atol=1e-12)
    assert (ours["b1"] != 0).tolist() == [bool(one) for one in reached]
