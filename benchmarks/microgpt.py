"""Train the GPT of examples/gpt.net beside a plain Python one, number by number.

The reference is written as Karpathy's microgpt (2026) is: a scalar that remembers how
it was made, and lists of lists of them. Both begin with the same weights, read the same
names in the same order, one name a step, with Adam and a linear decay of its rate:

    python benchmarks/microgpt.py [--steps 1000] [--backend numba]
"""

from __future__ import annotations

import argparse
import json
import math
import runpy
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from gradtutor.codegen import Settings, training_script
from gradtutor.language import parse_network
from gradtutor.train import data_for, script_data

ROOT = Path(__file__).parent.parent
STEPS, HEADS, WIDTH = 16, 4, 16
RATE, BETA1, BETA2, EPSILON = 0.01, 0.85, 0.99, 1e-8


class Scalar:
    """A number that knows from which it was made, and with which slopes."""

    __slots__ = ("data", "grad", "slopes", "sources")

    def __init__(self, data: float, sources: Any = (), slopes: Any = ()) -> None:
        self.data, self.grad = data, 0.0
        self.sources, self.slopes = sources, slopes

    def __add__(self, other: Scalar) -> Scalar:
        """Return the sum."""
        return Scalar(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Scalar) -> Scalar:
        """Return the product."""
        return Scalar(self.data * other.data, (self, other), (other.data, self.data))

    def times(self, number: float) -> Scalar:
        """Return the product with a plain number."""
        return Scalar(self.data * number, (self,), (number,))

    def plus(self, number: float) -> Scalar:
        """Return the sum with a plain number."""
        return Scalar(self.data + number, (self,), (1.0,))

    def power(self, number: float) -> Scalar:
        """Return a power."""
        slope = number * self.data ** (number - 1)
        return Scalar(self.data**number, (self,), (slope,))

    def exp(self) -> Scalar:
        """Return e to this number."""
        value = math.exp(self.data)
        return Scalar(value, (self,), (value,))

    def log(self) -> Scalar:
        """Return the logarithm."""
        return Scalar(math.log(self.data), (self,), (1 / self.data,))

    def relu(self) -> Scalar:
        """Return the number, or 0 where it is negative."""
        return Scalar(max(0.0, self.data), (self,), (float(self.data > 0),))

    def backward(self) -> None:
        """Send the slope 1 back to all that this was made of."""
        order: list[Scalar] = []
        seen: set[int] = set()
        stack = [(self, False)]
        while stack:
            node, ready = stack.pop()
            if ready:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                stack.append((node, True))
                stack += [(source, False) for source in node.sources]
        self.grad = 1.0
        for node in reversed(order):
            for source, slope in zip(node.sources, node.slopes, strict=True):
                source.grad += slope * node.grad


Row = list[Scalar]


def total(numbers: Row) -> Scalar:
    """Return a sum."""
    result = numbers[0]
    for one in numbers[1:]:
        result = result + one
    return result


def linear(x: Row, W: list[Row]) -> Row:
    """Return x @ W, W as (in, out)."""
    columns = zip(*W, strict=True)
    return [total([a * w for a, w in zip(x, c, strict=True)]) for c in columns]


def rmsnorm(x: Row) -> Row:
    """Divide by the root of the mean square."""
    scale = total([a * a for a in x]).times(1 / len(x)).plus(1e-5).power(-0.5)
    return [a * scale for a in x]


def softmax(z: Row) -> Row:
    """Return probabilities."""
    most = max(one.data for one in z)
    raised = [one.plus(-most).exp() for one in z]
    inverse = total(raised).power(-1)
    return [one * inverse for one in raised]


def logits_of(
    p: dict[str, list[Row]], token: int, place: int, keys: list[Row], values: list[Row]
) -> Row:
    """Return the scores of the next token, after all that keys and values hold."""
    x = [a + b for a, b in zip(p["wte"][token], p["wpe"][place], strict=True)]
    x = rmsnorm(x)
    a = rmsnorm(x)
    q = linear(a, p["Wq"])
    keys.append(linear(a, p["Wk"]))
    values.append(linear(a, p["Wv"]))
    told: Row = []
    size = WIDTH // HEADS
    for head in range(0, WIDTH, size):
        own = slice(head, head + size)
        scores = [
            total([a * b for a, b in zip(q[own], k[own], strict=True)]).times(
                size**-0.5
            )
            for k in keys
        ]
        weights = softmax(scores)
        told += [
            total([w * v[j] for w, v in zip(weights, values, strict=True)])
            for j in range(head, head + size)
        ]
    x = [a + b for a, b in zip(x, linear(told, p["Wo"]), strict=True)]
    h = [one.relu() for one in linear(rmsnorm(x), p["W1"])]
    x = [a + b for a, b in zip(x, linear(h, p["W2"]), strict=True)]
    return linear(x, p["head"])


def loss_of(p: dict[str, list[Row]], tokens: list[int], following: list[int]) -> Scalar:
    """Return the mean of -log p over a name's characters."""
    keys: list[Row] = []
    values: list[Row] = []
    losses = []
    for place, (token, target) in enumerate(zip(tokens, following, strict=True)):
        z = logits_of(p, token, place, keys, values)
        losses.append(softmax(z)[target].log().times(-1))
    return total(losses).times(1 / len(losses))


def reference(start: dict[str, np.ndarray], rows: Any, steps: int) -> Iterator[float]:
    """Train number by number; yield each step's loss."""
    p = {
        name: [[Scalar(float(v)) for v in row] for row in array]
        for name, array in start.items()
    }
    flat = [one for rows_of in p.values() for row in rows_of for one in row]
    m, v = [0.0] * len(flat), [0.0] * len(flat)
    for step in range(steps):
        tokens, following = rows[step % len(rows)]
        loss = loss_of(p, tokens, following)
        loss.backward()
        rate = RATE * (1 - step / steps)
        for i, one in enumerate(flat):
            m[i] = BETA1 * m[i] + (1 - BETA1) * one.grad
            v[i] = BETA2 * v[i] + (1 - BETA2) * one.grad**2
            m_hat = m[i] / (1 - BETA1 ** (step + 1))
            v_hat = v[i] / (1 - BETA2 ** (step + 1))
            one.data -= rate * m_hat / (math.sqrt(v_hat) + EPSILON)
            one.grad = 0.0
        yield loss.data


def ours(found: dict[str, Any], theta: Any, X: Any, y: Any, steps: int) -> list[float]:
    """Train by the script's own step and optimiser; return each step's loss."""
    gradient = np.empty_like(theta)
    parameters, gradients = found["views"](theta), found["views"](gradient)
    optimiser = found["Adam"](theta, RATE)
    losses = []
    for step in range(steps):
        row = slice(step % len(X), step % len(X) + 1)
        loss = found["loss_and_gradients"](parameters, gradients, X[row], y[row])
        optimiser.learning_rate = RATE * (1 - step / steps)
        optimiser.step(theta, gradient)
        losses.append(loss)
    return losses


def script(backend: str) -> dict[str, Any]:
    """Return the names of the script that gradtutor writes."""
    text = (ROOT / "examples" / "gpt.net").read_text(encoding="utf-8")
    data = data_for("names", text)
    graph = parse_network(text, data.features.example, data.targets.count)
    constants = {"beta1": BETA1, "beta2": BETA2}
    settings = Settings(batch_size=1, optimiser_settings=constants, backend=backend)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gpt.py"
        made = training_script(graph, script_data(data), settings, path.name)
        path.write_text(made, encoding="utf-8")
        return runpy.run_path(str(path))


def compared(steps: int, backend: str) -> dict[str, Any]:
    """Train both and return what each made of it."""
    found = script(backend)
    X, y, _, _ = found["load_data"]()
    theta = found["initial_parameters"](np.random.default_rng(42))
    views = found["views"](theta)
    start = {n: a.copy() for n, a in zip(found["SHAPES"], views, strict=True)}
    ours(found, theta.copy(), X, y, 3)  # compile, and make the arrays
    began = time.perf_counter()
    fast = ours(found, theta, X, y, steps)
    seconds = time.perf_counter() - began
    rows = [
        ([int(t) for t in a[b >= 0]], [int(t) for t in b[b >= 0]])
        for a, b in zip(X, y, strict=True)
    ]
    began = time.perf_counter()
    slow = list(reference(start, rows, steps))
    plain = time.perf_counter() - began
    last = max(1, steps // 10)
    return {
        "steps": steps,
        "loss": round(float(np.mean(fast[-last:])), 4),
        "loss_plain_python": round(float(np.mean(slow[-last:])), 4),
        "largest_difference": float(np.abs(np.subtract(fast, slow)).max()),
        "ms_a_step": round(1000 * seconds / steps, 3),
        "ms_a_step_plain_python": round(1000 * plain / steps, 2),
        "times_as_fast": round(plain / seconds),
    }


def main() -> None:
    """Compare, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--backend", choices=["numpy", "numba"], default="numpy")
    given = parser.parse_args()
    result = compared(given.steps, given.backend)
    print(json.dumps({"schema": 1, **result}))
    apart = abs(result["loss"] - result["loss_plain_python"])
    sys.exit(0 if apart < 0.02 else 1)


if __name__ == "__main__":
    main()
