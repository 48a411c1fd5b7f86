"""Checks that tables of structural gates share: against JAX, the adjoint, opened.

A case is (gate, text, shapes, function): what JAX computes from a, b and c. A shape may
be an array that stands for itself. The text may also use the labels ``LABELS`` as y,
``PICKS`` as i, 2 as k: no gradient is asked of them.
"""

from __future__ import annotations

import os

# Small cases are compiled once and run once: optimising them takes far longer.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")

import jax
import jax.numpy as jnp
import numpy as np
import witness  # noqa: F401 (JAX in float64)

from gradtutor.calculus import backward_graph
from gradtutor.calculus.tape import GraphTape
from gradtutor.evaluate import node_values, run
from gradtutor.gates import GATES, Call, Structural
from gradtutor.graph import add_input, check_graph, new_graph
from gradtutor.language import parse_formula

STRUCTURAL = [name for name, gate in GATES.items() if isinstance(gate, Structural)]
LABELS = np.array([2, 0, 3])
PICKS = np.array([[2, 0, 2], [3, 2, 0]])
CONSTANTS = {"y": LABELS, "i": PICKS, "k": 2}


def _tensor(rng, shape):
    return rng.normal(size=shape) if isinstance(shape, tuple) else np.asarray(shape)


def tensors(shapes, seed=0):
    """Return a case's named arguments, random where only a shape is given."""
    rng = np.random.default_rng(seed)
    made = [_tensor(rng, shape) for shape in shapes]
    return dict(zip("abcd", made, strict=False))


def rounded(*shape):
    """Return small whole numbers, so that many windows have several largest ones."""
    return np.round(np.random.default_rng(7).normal(size=shape))


def unshaped(text, everything):
    """Parse with the shapes of the values that the text uses."""
    return parse_formula(text, {key: np.shape(x) for key, x in everything.items()})


def same(ours, theirs, what):
    """Compare tensors to nine digits; a failure prints both."""
    theirs = np.asarray(theirs)
    assert np.shape(ours) == theirs.shape, f"{what}: {np.shape(ours)} {theirs.shape}"
    scale = max(1.0, float(np.max(abs(theirs), initial=0)))
    wrong = abs(ours - theirs) > 1e-9 * abs(theirs) + 1e-13 * scale
    assert not np.any(wrong), f"{what}\ngradtutor {ours}\nJAX       {theirs}"


def check_first(case):
    """Compare a case's value and the gradient of ⟨value, u⟩ by every argument."""
    _, text, shapes, function = case
    given = tensors(shapes)
    out = jax.jit(function)(*given.values())
    u = np.random.default_rng(1).normal(size=out.shape)
    everything = given | CONSTANTS | {"u": u}
    graph = unshaped(f"v = {text}\nf = sum(v*u)", everything)
    trace = run(graph, {key: x for key, x in everything.items() if key in graph})
    check_graph(trace.graph)
    check_graph(trace.backward.graph)
    same(trace.values["v"], out, f"value of {text}")

    def weighted(*args):
        return (function(*args) * u).sum()

    every = tuple(range(len(given)))
    slopes = jax.jit(jax.grad(weighted, every))(*given.values())
    for name, theirs in zip(given, slopes, strict=True):
        same(trace.node_gradients[name], theirs, f"gradient of {text} by {name}")


def check_second(case):
    """Compare ∇⟨∇f, d⟩ for random directions d, where f = ⟨sin(value), u⟩."""
    _, text, shapes, function = case
    given = tensors(shapes)
    rng = np.random.default_rng(2)
    ways = {name: rng.normal(size=x.shape) for name, x in given.items()}
    shape = jax.eval_shape(function, *given.values()).shape
    everything = given | CONSTANTS | {"u": rng.normal(size=shape)}
    graph = unshaped(f"v = {text}\nf = sum(sin(v)*u)", everything)
    first = backward_graph(graph)
    check_graph(first.graph)
    along = _along(first, ways)
    second = backward_graph(first.graph, along)
    check_graph(second.graph)
    known = everything | {f"d_{name}": way for name, way in ways.items()}
    wanted = [second.of_node[name] for name in given if name in second.of_node]
    values = node_values(second.graph, known, wanted)

    def slope(*args):
        def f(*xs):
            return (jnp.sin(function(*xs)) * everything["u"]).sum()

        return jax.jvp(f, args, tuple(ways.values()))[1]

    every = tuple(range(len(given)))
    theirs = jax.jit(jax.grad(slope, every))(*given.values())
    for name, other in zip(given, theirs, strict=True):
        node = second.of_node.get(name)
        ours = np.zeros(given[name].shape) if node is None else values[node]
        same(ours, other, f"second derivative of {text} by {name}")


def _along(first, ways):
    """Append Σ gradient · direction over the arguments that have a gradient."""
    tape, terms = GraphTape(first.graph), []
    for name, way in ways.items():
        if name in first.of_node:
            d = add_input(first.graph, f"d_{name}", way.shape)
            product = tape.gate("mul", first.of_node[name], d)
            terms.append(tape.gate("sum", product, axis=None, keepdims=False))
    total = terms[0]
    for term in terms[1:]:
        total = tape.gate("add", total, term)
    return total


def check_adjoint(text, shape, others):
    """Compare ⟨A x, u⟩ with ⟨x, Aᵀ u⟩, for a text that is linear in a."""
    rng = np.random.default_rng(3)
    given = {"a": rng.normal(size=shape)} | {
        name: _tensor(rng, x) for name, x in others.items()
    }
    out = run(unshaped(f"v = {text}", given), given).values["v"]
    given["u"] = rng.normal(size=out.shape)
    trace = run(unshaped(f"sum(({text})*u)", given), given)
    forward = float(np.sum(out * given["u"]))
    backward = float(np.sum(given["a"] * trace.node_gradients["a"]))
    scale = float(np.sum(abs(out * given["u"])))
    assert abs(forward - backward) <= 1e-12 * scale, (forward, backward)


def check_opened(gate, arrays, attrs):
    """Compare a composite, opened, with itself closed: value and gradients."""
    attrs = {**GATES[gate].keywords, **attrs}
    results = [_run_once(gate, arrays, attrs, opened) for opened in (False, True)]
    for closed, opened in zip(*results, strict=True):
        same(closed, opened, gate)


def _run_once(gate, arrays, attrs, opened):
    graph, given = new_graph(), dict(zip("abcd", arrays, strict=False))
    args = tuple(add_input(graph, name, x.shape) for name, x in given.items())
    tape = GraphTape(graph)
    if opened:
        out = GATES[gate].opened(tape, Call(args, "", attrs))
    else:
        out = tape.gate(gate, *args, **attrs)
    weight = tape.gate("sin", tape.gate("mul", out, tape.number(3.0)))
    graph.graph["output"] = tape.gate("sum", weight, axis=None, keepdims=False)
    check_graph(graph)
    trace = run(graph, given)
    return [trace.values[out], *trace.input_gradients().values()]
