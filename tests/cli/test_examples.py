"""The networks that come along: found without a file, and never instead of one."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from places import ROOT

from gradtutor.cli import main
from gradtutor.cli.examples import examples


def run(folder, monkeypatch, *arguments):
    monkeypatch.chdir(folder)
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


@pytest.mark.parametrize("name", ["mlp.net", "examples/mlp.net"])
def test_an_example_stands_in_for_a_file_that_is_not_there(tmp_path, monkeypatch, name):
    done = run(tmp_path, monkeypatch, "gen", name, "--data", "mnist")
    assert done.exit_code == 0, done.stderr
    said = f"there is no file {name} here: taking the example that comes along"
    assert done.stderr.startswith(f"gradtutor: {said}\n")
    assert "Linear(128)" in done.stdout
    quiet = run(tmp_path, monkeypatch, "gen", name, "--data", "mnist", "--quiet")
    assert (quiet.stdout, quiet.stderr) == (done.stdout, "")


def test_a_persons_own_file_comes_first(tmp_path, monkeypatch):
    text = "Sequential([Input(784), Linear(10)])\nloss = CrossEntropyLoss()"
    (tmp_path / "mlp.net").write_text(text)
    done = run(tmp_path, monkeypatch, "gen", "mlp.net", "--data", "mnist")
    assert (done.exit_code, "comes along" in done.stderr) == (0, False)
    assert "Linear(128)" not in done.stdout


@pytest.mark.parametrize(
    ("name", "words"),
    [("leNet5.net", "lenet.net"), ("work/mlp.net", "mlp.net"), ("no.txt", "no.txt")],
)
def test_other_names_are_no_examples(tmp_path, monkeypatch, name, words):
    done = run(tmp_path, monkeypatch, "gen", name, "--data", "mnist")
    assert (done.exit_code, done.stdout) == (3, "")
    assert f"there is no file {name}" in done.stderr and words in done.stderr


def test_the_help_page_names_them_all(tmp_path, monkeypatch):
    page = " ".join(run(tmp_path, monkeypatch, "gen", "--help").stdout.split())
    assert sorted(examples()) == sorted(
        path.name for path in ROOT.glob("examples/*.net")
    )
    for name in examples():
        assert name in page


def test_the_message_is_no_part_of_the_json(tmp_path, monkeypatch):
    done = run(tmp_path, monkeypatch, "gen", "mlp.net", "--data", "mnist", "--json")
    assert json.loads(done.stdout)["schema"] == 1
    assert "comes along" in done.stderr
