"""--tune: which convolutions are timed, and what a script makes of the answer."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from gradtutor.cli import main
from gradtutor.codegen import ScriptData, Settings, training_script
from gradtutor.language import parse_network
from gradtutor.train import tuning

DATA = ScriptData("noise", "LOADER = None", "LOADER", 1, None, "Random.")
TEXT = """Sequential([Input(1, 12, 12), Conv2d(1, 4, 3), ReLU(), Conv2d(4, 6, 5),
ReLU(), Conv2d(6, 6, 3, stride=2), Flatten(), Linear(2)])
loss = MSELoss()"""
FIRST, SECOND = ((4, 1, 3, 3), (10, 10)), ((6, 4, 5, 5), (6, 6))
TURNED = (4, 6, 5, 5), (10, 10)


def test_all_convolutions_with_a_step_of_one_are_timed():
    first, second = tuning.layers_of(parse_network(TEXT))
    assert (first.forward, first.sloped) == (FIRST, False)
    assert (second.forward, second.turned, second.sloped) == (SECOND, TURNED, True)
    assert str(second) == "4 → 6, 5×5 @ 6×6"
    parse_network(second.network, None, None)


@pytest.mark.parametrize(
    ("rows", "loops"),
    [
        ({}, {"convolve_3x3", "convolve_5x5", "convolve_5x5_border4x4"}),
        ({FIRST: False}, {"convolve_5x5", "convolve_5x5_border4x4"}),
        ({SECOND: False}, {"convolve_3x3", "convolve_5x5_border4x4"}),
        ({TURNED: False}, {"convolve_3x3", "convolve_5x5"}),
        ({FIRST: False, SECOND: False, TURNED: False}, set()),
    ],
)
def test_a_script_goes_the_way_that_was_found(rows, loops):
    settings = Settings(backend="numba", batch_size=40, rows=rows)
    script = training_script(parse_network(TEXT), DATA, settings)
    names = ("convolve_3x3", "convolve_5x5", "convolve_5x5_border4x4")
    assert {name for name in names if f"def {name}(" in script} == loops


def gen(*words):
    return CliRunner().invoke(main, ["gen", *words])


def test_both_times_are_told_and_the_faster_is_taken(monkeypatch, tmp_path):
    def timed(_layer, convolution, _known, _settings, _folder):
        return {"rows": 0.001 * convolution[0][0], "windows": 0.009}

    monkeypatch.setattr(tuning, "_timed", timed)
    path = tmp_path / "lenet.py"
    words = ["lenet.net", "--data", "mnist", "--backend", "numba", "--tune"]
    done = gen(*words, "-o", str(path))
    assert done.exit_code == 0, done.output
    first = "convolution 1 → 8, 5×5 @ 24×24: shifted rows 8.00 ms, windows 9.00 ms"
    assert f"{first} a step: rows are taken" in done.stderr
    assert "16.00 ms, windows 9.00 ms a step: windows are taken" in done.stderr
    assert "gradient by x of convolution 8 → 16" in done.stderr
    assert path.read_text(encoding="utf-8").count("convolve_5x5(") == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["lenet.net", "--data", "mnist"], "add --backend numba"),
        (["mlp.net", "--data", "mnist", "--backend", "numba"], "no convolution"),
    ],
)
def test_what_has_nothing_to_time_is_refused(words, said):
    done = gen(*words, "--tune")
    assert done.exit_code == 2
    assert said in done.stderr


def test_steps_are_timed_by_a_child(tmp_path):
    pytest.importorskip("numba")
    layer = next(tuning.layers_of(parse_network(TEXT)))
    settings = Settings(backend="numba", batch_size=8)
    times = tuning._timed(layer, layer.forward, {}, settings, tmp_path)
    assert set(times) == {"rows", "windows"}
    assert all(0 < one < 5 for one in times.values())
