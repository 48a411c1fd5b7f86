"""Random graphs: values and input gradients against JAX, sampled or by the thousand.

A seed and a size make one program, a list of steps. It is told three times: to JAX as
calls of ``jax.numpy``, to gradtutor as formula text or gate by gate. Every operation is
tame (bounded values, slopes near 1), so that two roundings cannot drift apart; forks,
tensors, ties and names for some of the steps come by themselves. The same seed with a
smaller size is a prefix of the program: a failure shrinks to its first wrong gate.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import witness  # noqa: F401 (JAX in float64)
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gradtutor.evaluate import run
from gradtutor.gates import GATES
from gradtutor.graph import add_gate, add_input, add_number, check_graph, new_graph
from gradtutor.language import parse_formula

#: GRADTUTOR_CAMPAIGN=1000 pytest tests/calculus/test_random_graphs.py tries so many.
GRAPHS = int(os.environ.get("GRADTUTOR_CAMPAIGN", "6"))
FORMULAS = GRAPHS * 2 // 3
erf = jax.scipy.special.erf


def leaky(a, slope=0.01):
    return jnp.where(a > 0, a, slope * a)


def gelu(a):
    return jax.nn.gelu(a, approximate=False)


# The text as a person writes it, and the same in JAX.
UNARY = [
    ("-{a}", lambda a: -a),
    ("sin({a})", jnp.sin),
    ("cos({a})", jnp.cos),
    ("tanh({a})", jnp.tanh),
    ("sigmoid({a})", jax.nn.sigmoid),
    ("relu({a})", jax.nn.relu),
    ("leaky_relu({a})", leaky),
    ("leaky_relu({a}, 0.5)", lambda a: leaky(a, 0.5)),
    ("softplus({a})", jax.nn.softplus),
    ("swish({a})", jax.nn.swish),
    ("gelu({a})", gelu),
    ("erf({a})", erf),
    ("atan({a})", jnp.arctan),
    ("abs({a})", jnp.abs),
    ("exp(-{a}^2)", lambda a: jnp.exp(-(a**2))),
    ("log(1 + {a}**2)", lambda a: jnp.log(1 + a**2)),
    ("log1p({a}*{a})", lambda a: jnp.log1p(a * a)),
    ("expm1(-abs({a}))", lambda a: jnp.expm1(-jnp.abs(a))),
    ("sqrt(1 + {a}^2)/2", lambda a: jnp.sqrt(1 + a**2) / 2),
    ("sinh(tanh({a}))", lambda a: jnp.sinh(jnp.tanh(a))),
    ("cosh(sin({a}))", lambda a: jnp.cosh(jnp.sin(a))),
    ("asin(0.9*sin({a}))", lambda a: jnp.arcsin(0.9 * jnp.sin(a))),
    ("acos(0.9*cos({a}))", lambda a: jnp.arccos(0.9 * jnp.cos(a))),
    ("tan(tanh({a}))", lambda a: jnp.tan(jnp.tanh(a))),
    ("(1 + sigmoid({a}))^-1.5", lambda a: (1 + jax.nn.sigmoid(a)) ** -1.5),
    ("tanh({a})^3", lambda a: jnp.tanh(a) ** 3),
    ("max({a}, 0.25)", lambda a: jnp.maximum(a, 0.25)),
    ("1 - {a}/2", lambda a: 1 - a / 2),
]
BINARY = [
    ("0.5*({a} + {b})", lambda a, b: 0.5 * (a + b)),
    ("{a} - 0.5*{b}", lambda a, b: a - 0.5 * b),
    ("sin({a})*{b}", lambda a, b: jnp.sin(a) * b),
    ("tanh({a}*{b})", lambda a, b: jnp.tanh(a * b)),
    ("{a}/(1 + {b}^2)", lambda a, b: a / (1 + b**2)),
    ("max({a}, {b})", jnp.maximum),
    ("min({a}, {b})", jnp.minimum),
    ("where({a} > {b}, {a}/2, {b})", lambda a, b: jnp.where(a > b, a / 2, b)),
    ("({a} if {a} <= {b} else {b}*0.5)", lambda a, b: jnp.where(a <= b, a, b * 0.5)),
    ("(1 + {a}^2)**tanh({b})/4", lambda a, b: (1 + a**2) ** jnp.tanh(b) / 4),
    ("max({a}, {b}, {a}/2)", lambda a, b: jnp.maximum(jnp.maximum(a, b), a / 2)),
]
TENSOR = [  # which need at least one axis
    ("softmax({a})", jax.nn.softmax),
    ("softmax({a}, axis=0)", lambda a: jax.nn.softmax(a, 0)),
    ("logsumexp({a})", lambda a: jax.nn.logsumexp(a, -1)),
    ("mean({a})", jnp.mean),
    ("mean({a}, axis=0)", lambda a: jnp.mean(a, 0)),
    ("tanh(sum({a}, axis=-1))", lambda a: jnp.tanh(jnp.sum(a, -1))),
    ("max({a})", jnp.max),
    ("amin({a}, axis=-1)", lambda a: jnp.min(a, -1)),
    ("amax({a}, axis=0, keepdims=True)", lambda a: jnp.max(a, 0, keepdims=True)),
    ("{a}.T", lambda a: a.T),
    ("sin({a} @ {b})", None),  # b: weights that fit the last axis
    ("tanh({a}.T @ {a})", lambda a: jnp.tanh(a.T @ a)),
]
# few, as JAX compiles each operation for each shape; others are tested elsewhere
SHAPES = [(), (), (3,), (3, 3), (3, 1)]


def sine_of_product(a, b):
    return jnp.sin(a @ b)


@dataclass
class Program:
    """Inputs, and steps (name, template, function, argument names, named or inline)."""

    inputs: dict[str, np.ndarray]
    steps: list[tuple]

    def text(self) -> str:
        """Every step as formula text; an unnamed one goes inline where it is read."""
        written = {name: name for name in self.inputs}
        lines = []
        for name, template, _, args, named in self.steps:
            texts = dict(zip("ab", (written[arg] for arg in args), strict=False))
            full = template.format(**texts)
            if named or len(full) > 200:
                lines.append(f"{name} = {full}")
                written[name] = name
            else:
                written[name] = f"({full})"
        return "\n".join([*lines, self.ending(written)])

    def ending(self, written: dict[str, str]) -> str:
        """All that nothing reads goes into the output, so that every step counts."""
        read = {arg for *_, args, _ in self.steps for arg in args}
        loose = [name for name, *_ in self.steps if name not in read]
        return " + ".join(f"mean(sin({written[name]}))" for name in loose)

    def jax(self, *args: jax.Array, values: dict | None = None) -> jax.Array:
        """Run the same program by JAX alone."""
        env = {} if values is None else values
        env |= dict(zip(self.inputs, args, strict=True))
        read = set()
        for name, _, function, names, _ in self.steps:
            env[name] = function(*(env[n] for n in names))
            read.update(names)
        loose = [name for name, *_ in self.steps if name not in read]
        return sum(jnp.mean(jnp.sin(env[name])) for name in loose)

    def steepest(self, *args: jax.Array) -> float:
        """How near JAX's values come to a kink without being on it."""
        values: dict = {}
        self.jax(*args, values=values)
        gaps = [1.0]
        for _, template, _, names, _ in self.steps:
            if not any(
                word in template for word in ("max", "min", "relu", "abs", "if", "wh")
            ):
                continue
            a, *b = (np.asarray(values[n]) for n in names)
            gap = abs(a - b[0]) if b else abs(a)
            gaps += [float(x) for x in np.ravel(gap) if x > 0]
        return min(gaps)


def program(seed: int, size: int) -> Program:
    """Return the first ``size`` steps of the program of a seed."""
    rng = np.random.default_rng(seed)
    tensors = rng.random() < 0.3
    shapes = [SHAPES[rng.integers(len(SHAPES))] if tensors else () for _ in range(4)]
    inputs = {f"x{i}": rng.normal(size=shape) for i, shape in enumerate(shapes)}
    shape_of = {name: x.shape for name, x in inputs.items()}
    steps: list[tuple] = []
    for i in range(size):
        name, named = f"v{i}", bool(rng.random() < 0.6)
        template, function, args = chosen(rng, list(shape_of), shape_of, inputs)
        shape_of[name] = shape_after(function, [shape_of[arg] for arg in args])
        steps.append((name, template, function, args, named))
    return Program(inputs, steps)


def chosen(rng, names, shape_of, inputs):
    """One operation and its arguments, the later values preferred."""

    def pick() -> str:
        back = min(int(rng.exponential(4)), len(names) - 1)
        return (
            names[-1 - back] if rng.random() < 0.8 else names[rng.integers(len(names))]
        )

    a, b, roll = pick(), pick(), rng.random()
    shape = shape_of[a]
    if shape and roll < 0.3:
        template, function = TENSOR[rng.integers(len(TENSOR))]
        if function is None:
            weights = f"W{shape[-1]}"
            if weights not in inputs:
                inputs[weights] = rng.normal(size=(shape[-1], 3))
                shape_of[weights] = (shape[-1], 3)
            return "sin({a} @ {b})", sine_of_product, [a, weights]
        return template, function, [a]
    if roll < 0.65:
        return *UNARY[rng.integers(len(UNARY))], [a]
    template, function = BINARY[rng.integers(len(BINARY))]
    try:
        np.broadcast_shapes(shape, shape_of[b])
    except ValueError:
        b = a
    return template, function, [a, b]


def shape_after(function, shapes, known={}):  # noqa: B006 (a cache)
    key = (function, *shapes)
    if key not in known:
        made = [jax.ShapeDtypeStruct(shape, float) for shape in shapes]
        known[key] = jax.eval_shape(function, *made).shape
    return known[key]


def compare(made: Program, graph) -> None:
    """Value and every input gradient: nine digits."""
    args = [jnp.asarray(x) for x in made.inputs.values()]
    assume(made.steepest(*args) > 1e-10)
    value, slopes = jax.value_and_grad(made.jax, tuple(range(len(args))))(*args)
    trace = run(graph, made.inputs)
    check_graph(trace.graph)
    check_graph(trace.backward.graph)
    ours = float(trace.values[trace.output])
    assert ours == pytest.approx(float(value), rel=1e-9, abs=1e-12), made.text()
    for name, theirs in zip(made.inputs, slopes, strict=True):
        if name not in graph:  # an input that no step reads
            assert not np.any(theirs)
            continue
        mine, theirs = trace.node_gradients[name], np.asarray(theirs)
        assert mine.shape == theirs.shape, (name, made.text())
        scale = max(1.0, float(np.max(abs(theirs))))
        wrong = abs(mine - theirs) > 1e-9 * abs(theirs) + 1e-12 * scale
        message = f"d/d{name}: gradtutor {mine}, JAX {theirs}\n{made.text()}"
        assert not np.any(wrong), message


seeds = st.integers(0, 2**32 - 1)
sizes = st.sampled_from([2, 4, 8, 16, 32, 64])


def often(count: int):
    return settings(
        max_examples=count,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def shapes_of(made: Program) -> dict[str, tuple[int, ...]]:
    return {name: x.shape for name, x in made.inputs.items()}


@given(seeds, sizes)
@often(FORMULAS)
def test_random_formulas_agree_with_jax(seed, size):
    made = program(seed, size)
    compare(made, parse_formula(made.text(), shapes_of(made)))


# ---- the same without the language: gates placed one by one ----

GATE_STEPS = [
    # gates in Polish order; the last argument is read first
    ("sin a", jnp.sin),
    ("tanh a", jnp.tanh),
    ("sigmoid a", jax.nn.sigmoid),
    ("relu a", jax.nn.relu),
    ("neg a", lambda a: -a),
    ("swish a", jax.nn.swish),
    ("exp neg abs a", lambda a: jnp.exp(-jnp.abs(a))),
    ("mul 0.5 add a b", lambda a, b: 0.5 * (a + b)),
    ("sub a mul 0.5 b", lambda a, b: a - 0.5 * b),
    ("tanh mul a b", lambda a, b: jnp.tanh(a * b)),
    ("div a add 1 mul b b", lambda a, b: a / (1 + b * b)),
    ("max a b", jnp.maximum),
    ("min a mul 0.5 a", lambda a: jnp.minimum(a, 0.5 * a)),
    ("where greater a b b a", lambda a, b: jnp.where(a > b, b, a)),
    ("pow add 1 mul a a tanh b", lambda a, b: (1 + a * a) ** jnp.tanh(b)),
    ("log add 2 cos a", lambda a: jnp.log(2 + jnp.cos(a))),
]


def placed(graph, polish: str, known: dict[str, str]) -> str:
    """Place the gates of one step; sometimes the same node feeds several of them."""
    stack: list[str] = []
    for word in reversed(polish.split()):
        if word in known:
            stack.append(known[word])
        elif word in GATES:
            args = [stack.pop() for _ in range(GATES[word].arity[0])]
            stack.append(add_gate(graph, word, *args))
        else:
            stack.append(add_number(graph, float(word)))
    (node,) = stack
    return node


@given(seeds, sizes)
@often(GRAPHS - FORMULAS)
def test_random_gates_agree_with_jax(seed, size):
    rng = np.random.default_rng(seed)
    made = Program({f"x{i}": rng.normal(size=()) for i in range(3)}, [])
    names = list(made.inputs)
    for i in range(size):
        polish, function = GATE_STEPS[rng.integers(len(GATE_STEPS))]
        count = 2 if " b" in polish else 1
        args = [
            names[rng.integers(max(0, len(names) - 8), len(names))]
            for _ in range(count)
        ]
        made.steps.append((f"v{i}", polish, function, args, True))
        names.append(f"v{i}")
    graph = new_graph()
    nodes = {name: add_input(graph, name) for name in made.inputs}
    for name, polish, _, args, _ in made.steps:
        known = dict(zip("ab", (nodes[arg] for arg in args), strict=False))
        nodes[name] = placed(graph, polish, known)
    read = {arg for *_, args, _ in made.steps for arg in args}
    ends = [add_gate(graph, "sin", nodes[n]) for n, *_ in made.steps if n not in read]
    output = ends[0]
    for end in ends[1:]:
        output = add_gate(graph, "add", output, end)
    graph.graph["output"] = output
    compare(made, graph)
