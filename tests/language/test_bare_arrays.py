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


def test_ngs_functions_give_his_own_answer():
    text = (TESTS / "inputs" / "public" / "w25_ng_planar.py").read_text()
    names = {}
    exec(text, names)
    graph, rng = parse_network(text), np.random.default_rng(1)
    own = {k: rng.normal(size=v.shape) for k, v in names["parameters"].items()}
    weights = inputs(graph, "parameter")
    given = dict(zip(weights, (own[k].squeeze() for k in own), strict=True))
    given = {k: v.reshape(graph.nodes[k]["shape"]) for k, v in given.items()}
    given["X"], given["y"] = rng.normal(size=(5, 2)), rng.integers(0, 2, (5, 1)) * 1.0
    answer, _ = names["forward_propagation"](given["X"].T, own)
    cost = names["compute_cost"](answer, given["y"].T)
    found = run(graph, given)
    node = graph.graph["network"]["prediction"]
    np.testing.assert_allclose(found.values[node], answer.T, atol=1e-14)
    np.testing.assert_allclose(found.values[graph.graph["output"]], cost, atol=1e-14)
