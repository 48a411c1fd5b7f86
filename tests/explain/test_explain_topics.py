"""Pages of `gradtutor explain`: examples run as printed, formulas are the program's."""

from __future__ import annotations

import json
import re
import shlex

import numpy as np
import pytest
from click.testing import CliRunner
from networks import printed_optimiser
from places import ROOT

import gradtutor as gt
from gradtutor.cli import main
from gradtutor.explain import gate_rows
from gradtutor.explain.pages.topic_index import find_topic, topic_names
from gradtutor.language import parse_formula
from gradtutor.optimisers import OPTIMISERS

DOCS = ROOT / "docs"
NAMES = topic_names()
COMMAND = re.compile(r"^\s*(?:\S+  +)?(gradtutor \S.*)$", re.MULTILINE)


def run(*arguments):
    return CliRunner(env={"COLUMNS": "80"}).invoke(main, list(arguments))


def shown(command):
    """Run a command as a person copies it from a page; return what it prints."""
    words = shlex.split(command)
    assert words[0] == "gradtutor"
    result = run(*words[1:])
    assert result.exit_code == 0, (command, result.output)
    return result.stdout


def commands_of(name):
    return COMMAND.findall(shown(f"gradtutor explain {name}"))


def in_order(lines, text):
    """Whether the lines stand in the text in this order, whatever their indent."""
    rest = iter(line.strip() for line in text.split("\n"))
    return all(any(line.strip() == one for one in rest) for line in lines)


# ---- examples ----


@pytest.mark.parametrize("name", NAMES["rule"])
def test_a_rules_command_prints_the_steps_of_its_page(name):
    (command,) = commands_of(name)
    page = find_topic(name)
    assert len(page.gradient) >= 2
    assert in_order(page.gradient, shown(command)), shown(command)


@pytest.mark.parametrize("name", [*NAMES["layer"], *NAMES["loss"]])
def test_a_networks_steps_have_the_lines_of_its_page(name):
    page = find_topic(name)
    inputs = [one for one in gt.parse(page.example).variables if one not in ("y", "t")]
    wrt = [word for one in inputs for word in ("--wrt", one)]
    result = run("diff", page.example, "--steps", "--all", *wrt)
    assert result.exit_code == 0, result.output
    for lines in (page.computed[:1] or page.formula[:1], page.gradient):
        assert in_order(lines, result.stdout), (lines, result.stdout)


COMPOSITES = [page for _, page in gate_rows() if page.opens]


@pytest.mark.parametrize("page", COMPOSITES, ids=lambda page: page.name)
def test_a_composites_command_opens_it(page):
    (command,) = commands_of(page.name)[:1]
    opened = json.loads(shown(f"{command} --json"))
    closed = json.loads(shown(f"{command.replace(f'--open {page.name} ', '')} --json"))
    assert len(opened["wires"]) > len(closed["wires"])
    for name, row in closed["inputs"].items():
        slope = opened["inputs"][name]["grad"]
        np.testing.assert_allclose(slope, row["grad"], rtol=1e-12, atol=1e-12)


def test_every_name_of_the_list_has_its_page():
    """A rule, a gate and a misconception may have one name: all are shown."""
    data = json.loads(shown("gradtutor explain --json"))
    names = [*(gate["name"] for gate in data["gates"])]
    names += [
        one
        for kind in ("rules", "layers", "losses", "optimisers")
        for one in data[kind]
    ]
    assert len(names) > 90
    for name in names:
        lines = shown(f"gradtutor explain {name}").split("\n")
        assert any(re.match(rf"{name}( |,|$)", line) for line in lines), name
    both = shown("gradtutor explain power-rule")
    assert both.startswith("power-rule, rule")
    assert "\npower-rule: The power rule\n" in both
    assert "misconception" in json.loads(shown("gradtutor explain sign --json"))
    missing = run("explain", "overwriten-gradient")
    assert (missing.exit_code, "overwritten-gradient?" in missing.stderr) == (3, True)


SHOWN = re.compile(r"```console\n\$ (gradtutor .*)\n((?:.*\n)*?)```")
SHOWN_COMMANDS = [
    pytest.param(command, text, id=command)
    for name in ("explanations.md", "gates.md")
    for command, text in SHOWN.findall((DOCS / name).read_text("utf-8"))
]


@pytest.mark.parametrize(("command", "text"), SHOWN_COMMANDS)
def test_the_documents_about_explanations_show_what_is_printed(
    command, text, monkeypatch
):
    monkeypatch.chdir(DOCS.parent)
    lines = [line.rstrip() for line in shown(command).strip("\n").split("\n")]
    assert lines == text.rstrip("\n").split("\n")


# ---- formulas ----


def _rows(numbers):
    return np.exp(numbers) / np.exp(numbers).sum(-1, keepdims=True)


def _picked(p, y):
    return p[np.arange(len(y)), y.astype(int)]


def _yes_no(z, y):
    p = 1 / (1 + np.exp(-z))
    return -np.mean(np.where(y > 0, np.log(p), np.log(1 - p)))


#: What NumPy says the loss is, from the scores and the truth.
LOSSES = {
    "cross_entropy": lambda z, y: -np.mean(np.log(_picked(_rows(z), y))),
    "log_likelihood": lambda z, y: -np.mean(np.log(_picked(_rows(z), y))),
    "binary_cross_entropy": _yes_no,
    "bce_with_logits": _yes_no,
}


@pytest.mark.parametrize("name", LOSSES)
def test_a_losss_textbook_form_is_what_is_computed(name):
    page = find_topic(name)
    rng = np.random.default_rng(5)
    z = rng.normal(size=(4, 3))
    whole = rng.integers(0, 2, (4, 3)) if "bce" in name or "binary" in name else None
    y = rng.integers(0, 3, 4) if whole is None else whole
    wanted = LOSSES[name](z, y.astype(float))
    texts = ["\n".join(page.formula), *page.computed]
    assert len(texts) == 3
    assert page.source
    for text in texts:
        circuit = gt.parse(text, {"z1": z.shape, "y": y.shape})
        assert circuit.value(z1=z, y=y) == pytest.approx(wanted, rel=1e-12), text
        assert all(row.ok for row in circuit.check(z1=z, y=y) if "z1" in row.name)


@pytest.mark.parametrize("name", NAMES["optimiser"])
def test_an_optimisers_update_is_what_its_code_does(name):
    """Five steps from the equations, one line after the other, and by the class."""
    page, entry = find_topic(name), OPTIMISERS[name]
    assert page.source
    assert page.how == "in place"
    rng = np.random.default_rng(7)
    theta = rng.normal(size=6)
    optimiser = printed_optimiser(name)(theta, 0.1)
    known = {"learning_rate": 0.1, **entry.constants}
    known |= dict.fromkeys(entry.state, np.zeros(6))
    known["theta"] = theta.copy()
    for t in range(1, 6):
        g = rng.normal(size=6)
        known |= {"g": g, "t": float(t)}
        for line in page.formula:
            left, right = line.split(" = ")
            known[left] = value(right, known)
        optimiser.step(theta, g)
        assert known["theta"] == pytest.approx(theta, rel=1e-12), (t, page.formula)


def value(text, known):
    names = gt.Circuit(parse_formula(text)).inputs
    given = {one: known[one] for one in names}
    circuit = gt.parse(text, {one: np.shape(x) for one, x in given.items()})
    return circuit.value(**given)


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_the_first_step_without_the_correction_is_three_times_too_large(name):
    """The number that Adam's page states, from the page's own update."""
    page = find_topic(name)
    settings = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "learning_rate": 0.1}
    settings |= {"weight_decay": 0.0, "m": 0.0, "v": 0.0, "g": 0.7, "t": 1.0}

    def first_step(lines):
        known = {**settings, "theta": 0.0}
        for line in lines:
            left, right = line.split(" = ")
            known[left] = value(right, known)
        return known["theta"]

    plain = [re.sub(r"(_hat = [mv])/.*", r"\1", line) for line in page.formula]
    assert plain != list(page.formula)
    corrected, bare = first_step(page.formula), first_step(plain)
    assert corrected == pytest.approx(-0.1, rel=1e-6)
    assert bare / corrected == pytest.approx(3.16, abs=0.01)
    theta = np.zeros(1)
    printed_optimiser(name)(theta, 0.1).step(theta, np.array([0.7]))
    assert theta[0] == pytest.approx(corrected, rel=1e-9)
