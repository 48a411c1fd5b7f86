"""Formulas with indices as papers write them: values and slopes, each against JAX."""

from __future__ import annotations

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from places import TESTS

from gradtutor.circuit import parse
from gradtutor.language import SourceError

jax.config.update("jax_enable_x64", True)

WORDS = "exp log sin cos tanh sqrt sum mean maximum max trace diag prod abs pi"
JAX = {name: getattr(jnp, name) for name in WORDS.split()} | {"sig": jax.nn.sigmoid}
NAME = re.compile(r"[^\W\d]\w*")


def rows() -> list[list[str]]:
    text = (TESTS / "data" / "indices.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and line[0] != "#"]
    return [[*line.replace(" ;; ", "\n").split("\t"), ""][:3] for line in lines]


def value(name: str, shape: tuple[int, ...]) -> np.ndarray:
    rng = np.random.default_rng(sum(map(ord, name)))
    return rng.uniform(0.2, 0.9, shape)


def refused(text: str) -> str:
    try:
        circuit = parse(text)
    except SourceError as error:
        return "" if error.hint else f"{text} is refused without a way out"
    return f"{text} was read: {circuit.graph.graph.get('reading')}"


def fault(text: str, expression: str, spec: str) -> str:
    """Return what is wrong with a row's reading, its value or a slope."""
    parts = [item.split(":") for item in spec.split()]
    shapes = {name: tuple(map(int, sizes.split(","))) for name, sizes in parts}
    circuit = parse(text)  # by the text alone, then with the sizes of real values
    if set(shapes) - set(circuit.inputs):
        return f"{text}: the inputs are {circuit.inputs}"
    given = {name: value(name, shapes.get(name, ())) for name in circuit.inputs}
    names = sorted(set(NAME.findall(expression)) & given.keys())

    def expected(*arrays: jax.Array) -> jax.Array:
        return jnp.asarray(
            eval(expression, JAX | dict(zip(names, arrays, strict=True)))
        )

    arrays = [jnp.asarray(given[name]) for name in names]
    wanted = np.asarray(expected(*arrays))
    found = np.asarray(circuit.value(**given))
    if found.shape != wanted.shape or not np.allclose(found, wanted, rtol=1e-9):
        return f"{text}: {found}, not {wanted}; {circuit.graph.graph.get('reading')}"
    weights = jnp.asarray(value("weights", wanted.shape))
    slopes = jax.grad(
        lambda *all_: (expected(*all_) * weights).sum(), range(len(names))
    )
    for name, slope in zip(names, slopes(*arrays), strict=True):
        matrix = np.asarray(circuit.jacobian(name, **given))
        pulled = np.asarray(weights).reshape(-1) @ matrix.reshape(wanted.size, -1)
        if not np.allclose(pulled, np.ravel(slope), rtol=1e-7, atol=1e-9):
            return f"{text}: slope by {name} is {pulled}, not {np.ravel(slope)}"
    return ""


@pytest.mark.sampled(8)
@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_formula_with_indices_is_what_jax_makes_of_it(row):
    text, expression, spec = row
    said = refused(text) if expression == "X" else fault(text, expression, spec)
    assert not said, said
