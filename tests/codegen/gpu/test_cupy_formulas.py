"""Formulas with parameters as CuPy scripts: each passes its check on the stand-in."""

from __future__ import annotations

import pytest
from cuda_host.scripts import run_script
from formulas import FORMULAS, write_arrays

from gradtutor.codegen import Settings, training_script
from gradtutor.codegen.gpu.lowering import NoDeviceTextError
from gradtutor.language import parse_network
from gradtutor.train import data_for, script_data

#: What no kernel is written for, by formula.
MISSING = {"attention": "cumsum", "parts": "index"}


def script_of(folder, name):
    text = FORMULAS[name][0]
    data = data_for(str(write_arrays(folder, name)), text)
    graph = parse_network(text, data.features.example, data.targets.count)
    made = training_script(graph, script_data(data), Settings(backend="cupy"))
    path = folder / f"net-{name}.py"
    path.write_text(made, encoding="utf-8")
    return path


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", sorted(FORMULAS.keys() - MISSING.keys()))
def test_every_formula_passes_its_check_on_a_device(name, tmp_path):
    path = script_of(tmp_path, name)
    done = run_script(path, "--check")
    assert done.returncode == 0, done.stdout + done.stderr
    done = run_script(path, "--epochs", "1")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", MISSING)
def test_a_gate_without_a_kernel_is_named(name, tmp_path):
    with pytest.raises(NoDeviceTextError, match=MISSING[name]):
        script_of(tmp_path, name)
