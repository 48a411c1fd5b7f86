"""Random formulas through every command, and their gradients against JAX's.

A sample runs always; ``GRADTUTOR_CAMPAIGN=5000 pytest -m campaign -k formulas`` all.
"""

from __future__ import annotations

import os

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from click.testing import CliRunner
from formula_networks import drive_gen
from random_formulas import NAMES, random_formula, random_values

import gradtutor as gt
from gradtutor.cli import main

SAMPLED = 5
CAMPAIGN = int(os.environ.get("GRADTUTOR_CAMPAIGN", "0"))
PARTS = 16
#: No fault of ours (70), no time-out, and never WRONG (1): all derivatives are right.
CONTRACT = (0, 3, 5)


def _point(formula, seed):
    values = random_values(seed)
    return {name: values[name] for name in gt.parse(formula.text).inputs}


def commands(text, point):
    """Return every command that is tried on a formula."""
    given = ",".join(f"{name}={value!r}" for name, value in point.items())
    at = ["--at", given] if given else []
    return [
        *(["render", text, *at], ["render", text, "--show", "symbols"]),
        *(["diff", text, *at], ["diff", text, "--steps"], ["check", text, *at]),
        [
            "diff",
            text,
            "--order",
            "2",
            *[part for n in list(point)[:1] for part in ("--wrt", n)],
        ],
    ]


def drive(seed):
    """Run every command on one formula; return its text."""
    formula = random_formula(seed)
    for command in commands(formula.text, _point(formula, seed)):
        result = CliRunner().invoke(main, command)
        clean = result.exception is None or isinstance(result.exception, SystemExit)
        assert clean, (command, result.exception)
        assert result.exit_code in CONTRACT, (command, result.output)
        assert "Traceback" not in result.output, command
    return formula


def compare(seed):
    """Compare the gradients with JAX's where JAX has finite ones; count them."""
    formula, count = random_formula(seed), 0
    point = _point(formula, seed)
    everything = {name: jnp.asarray(random_values(seed)[name]) for name in NAMES}
    if not point or not np.isfinite(formula.value(everything)):
        return 0
    ours = gt.parse(formula.text).gradients(**point)
    theirs = jax.grad(formula.value)(everything)
    for name in point:
        one, other = float(ours[name]), float(theirs[name])
        if np.isfinite(other):
            close = abs(one - other) <= 1e-7 * abs(other) + 1e-12
            assert close, (formula.text, point, name, one, other)
            count += 1
    return count


def test_a_sample_of_formulas_stays_in_the_contract_and_agrees_with_jax():
    for seed in range(SAMPLED):
        drive(seed)
    assert sum(map(compare, range(5 * SAMPLED))) > 2 * SAMPLED


def test_a_sample_of_formulas_trains(tmp_path):
    said = [drive_gen(seed, tmp_path) for seed in range(2 * SAMPLED)]
    assert sum(" ok" in one for one in said) > SAMPLED // 2


def test_a_wrong_gradient_would_be_seen(monkeypatch):
    wrong = gt.Circuit.gradients
    monkeypatch.setattr(
        gt.Circuit,
        "gradients",
        lambda self, **at: {name: 1.001 * x for name, x in wrong(self, **at).items()},
    )
    with pytest.raises(AssertionError):
        for seed in range(5 * SAMPLED):
            compare(seed)


@pytest.mark.campaign
@pytest.mark.skipif(not CAMPAIGN, reason="GRADTUTOR_CAMPAIGN=5000 runs it")
@pytest.mark.parametrize("part", range(PARTS))
def test_formulas_of_the_campaign(part, tmp_path):
    for seed in range(SAMPLED + part, SAMPLED + CAMPAIGN, PARTS):
        drive(seed)
        compare(seed)
        drive_gen(seed, tmp_path)
