"""Networks of bare NumPy arrays against the gradients that their authors wrote."""

import numpy as np
from places import TESTS

from gradtutor.evaluate import run
from gradtutor.graph import inputs
from gradtutor.language import parse_network


def test_nielsens_network_gives_his_own_backprops_gradients():
    text = (TESTS / "inputs" / "public" / "w10_nielsen.py").read_text()
    names = {}
    exec(text.partition("import mnist_loader")[0], names)
    net = names["Network"]([784, 30, 10])
    graph, rng = parse_network(text), np.random.default_rng(0)
    weights = inputs(graph, "parameter")
    given = dict(zip(weights[::2], net.weights, strict=True))
    given |= dict(zip(weights[1::2], (b[:, 0] for b in net.biases), strict=True))
    given["X"], given["y"] = rng.normal(size=(3, 784)), rng.random((3, 10))
    found = run(graph, given)
    pairs = zip(given["X"][:, :, None], given["y"][:, :, None], strict=True)
    slopes = [net.backprop(x, y) for x, y in pairs]
    for place, (w, b) in enumerate(zip(weights[::2], weights[1::2], strict=True)):
        db, dw = (sum(one[i][place] for one in slopes) * 2 / 30 for i in (0, 1))
        np.testing.assert_allclose(found.node_gradients[w], dw, atol=1e-14)
        np.testing.assert_allclose(found.node_gradients[b], db[:, 0], atol=1e-14)
