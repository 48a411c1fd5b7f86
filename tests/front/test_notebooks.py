"""The notebooks run to their ends; ``--rewrite`` stores what they show."""

from __future__ import annotations

import nbformat
import pytest
from nbclient import NotebookClient
from places import ROOT

NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
#: What only a live kernel can show, and what differs from run to run.
LIVE = "application/vnd.jupyter.widget-view+json"
SHOWN = {"circuits": "∂f/∂", "networks": "test accuracy", "own_gradient": "dz = dout"}


def executed(path, folder):
    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources=resources
    ).execute()
    return notebook


def tidied(notebook):
    """Take out what needs a kernel, and times."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop(LIVE, None)
    return notebook


def texts(notebook) -> str:
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            found.append(output.get("text", ""))
            found += [str(one) for one in output.get("data", {}).values()]
    return "\n".join(found)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_what_it_promises(
    path, tmp_path, monkeypatch, request
):
    monkeypatch.setenv("GRADTUTOR_HOME", str(tmp_path / "home"))
    notebook = tidied(executed(path, tmp_path))
    assert SHOWN[path.stem] in texts(notebook)
    if request.config.getoption("--rewrite"):
        nbformat.write(notebook, path)
    stored = nbformat.read(path, as_version=4)
    for ours, theirs in zip(notebook.cells, stored.cells, strict=True):
        kinds = [one.get("data", {}).keys() for one in ours.get("outputs", ())]
        assert kinds == [
            one.get("data", {}).keys() for one in theirs.get("outputs", ())
        ]


def test_there_are_three():
    assert {path.stem for path in NOTEBOOKS} == SHOWN.keys()
