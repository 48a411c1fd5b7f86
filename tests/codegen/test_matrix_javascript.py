"""The gates of matrix algebra in JavaScript, run by node, against NumPy's values."""

from __future__ import annotations

import json
import shutil
import subprocess

import numpy as np
import pytest

import gradtutor as gt
from gradtutor.calculus import backward_graph
from gradtutor.codegen.text.javascript import javascript_program, runtime
from gradtutor.evaluate import node_values
from gradtutor.graph import with_shapes

CASES = [
    ("det(A)", {"A": (3, 3)}),
    ("sum(inv(A))", {"A": (4, 4)}),
    ("sum(solve(A, B)**2)", {"A": (3, 3), "B": (3, 2)}),
    ("sum(solve(A, b)**2)", {"A": (3, 3), "b": (3,)}),
    ("tr(A @ A)", {"A": (3, 3)}),
    ("logdet(A @ A.T)", {"A": (3, 3)}),
    ("sum(kron(A, B)**3)", {"A": (2, 3), "B": (3, 2)}),
    ("sum(kron(a, b)**3)", {"a": (2,), "b": (3,)}),
    ("sum(diag(x) @ A)", {"x": (3,), "A": (3, 3)}),
    ("sum(diag(A)**2)", {"A": (3, 3)}),
    ("spectral_norm(A)**2", {"A": (4, 3)}),
    ("singular_value(A, place=-1) + nuclear_norm(A)", {"A": (2, 4)}),
    ("sum(singular_pair(A)*B)", {"A": (4, 3), "B": (4, 3)}),
    ("sum(singular_pair(A, place=-1)*B)", {"A": (2, 3), "B": (2, 3)}),
    ("sum(polar(A)*B)", {"A": (3, 2), "B": (3, 2)}),
]


def array(value):
    shape, numbers = json.dumps(list(value.shape)), json.dumps(value.ravel().tolist())
    return f"{{shape: {shape}, data: Float64Array.from({numbers})}}"


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
@pytest.mark.parametrize(("text", "shapes"), CASES, ids=[text for text, _ in CASES])
def test_value_and_gradients_are_numpys(text, shapes):
    rng = np.random.default_rng(0)
    at = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    graph = with_shapes(gt.parse(text, shapes).graph, shapes)
    backward = backward_graph(graph)
    targets = [backward.of_node[name] for name in at] + [graph.graph["output"]]
    program = javascript_program(backward.graph, targets)
    given = [f"v[{program.slots[name]}] = {array(x)};" for name, x in at.items()]
    told = [f"Array.from(dataOf(v[{program.slots[node]}]))" for node in targets]
    said = f"console.log(JSON.stringify([{', '.join(told)}]));"
    script = "\n".join([runtime(), "const v = [];", *given, *program.lines, said])
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    values = node_values(backward.graph, at, targets)
    for ours, node in zip(json.loads(done.stdout), targets, strict=True):
        np.testing.assert_allclose(ours, np.ravel(values[node]), rtol=1e-9, atol=1e-12)
