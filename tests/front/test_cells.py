"""What cells show: Jupyter, VS Code and Colab by mimetype, marimo by its protocols."""

from __future__ import annotations

import sys
import types

import pytest
from browser import resize
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import gradtutor as gt
from gradtutor.front.cells import live

WIDGET = "application/vnd.jupyter.widget-view+json"
NET = (
    "Sequential([Input(64), Linear(8), ReLU(), Linear(10)])\nloss = CrossEntropyLoss()"
)
AT = {"x": -2.0, "y": 5.0, "z": -4.0}


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADTUTOR_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def circuit():
    return gt.circuit(lambda x, y, z: (x + y) * z, **AT)


SHOWN = {
    "circuit": (circuit, "image/svg+xml"),
    "picture": (lambda: circuit().show(), "image/svg+xml"),
    "frames": (lambda: circuit().frames(), "image/svg+xml"),
    "network": (lambda: gt.network(NET), "image/svg+xml"),
    "formula": (lambda: circuit().diff("x"), "text/latex"),
    "steps": (lambda: circuit().steps(), "text/markdown"),
    "script": (lambda: gt.network(NET).script("digits"), "text/markdown"),
    "answer": (lambda: gt.lesson("gates").answer(1, 3), "text/markdown"),
    "check": (lambda: circuit().check(), "text/html"),
    "page": (lambda: gt.explain("relu"), "text/html"),
    "live page": (lambda: circuit().page(), WIDGET),
    "lesson": (lambda: gt.lesson("gates"), WIDGET),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_cell_gets_its_mimetype_and_a_text(name):
    from IPython.core.interactiveshell import InteractiveShell

    make, kind = SHOWN[name]
    data, _ = InteractiveShell.instance().display_formatter.format(make())
    assert kind in data and data["text/plain"]
    if kind == WIDGET:  # where no widget is shown, as on a page on paper: the frame
        assert data["text/html"].startswith("<iframe srcdoc=")


@pytest.mark.parametrize("make", [SHOWN["live page"][0], SHOWN["lesson"][0]])
def test_without_anywidget_a_cell_shows_the_frame(make, monkeypatch):
    monkeypatch.setattr("gradtutor.readings.page.find_spec", lambda _name: None)
    found = make()._repr_mimebundle_()
    data = found[0] if isinstance(found, tuple) else found
    assert data.keys() == {"text/html", "text/plain"}


# ---- marimo ----


@pytest.fixture
def marimo(monkeypatch):
    """Stand in for marimo: what it shows is noted."""
    shown = []
    module = types.ModuleType("marimo")
    module.running_in_notebook = lambda: True
    module.Html = lambda text: ("html", text)
    module.output = types.SimpleNamespace(replace=shown.append)
    monkeypatch.setitem(sys.modules, "marimo", module)
    return shown


def test_marimo_shows_widgets_frames_and_the_curve_as_it_grows(marimo, monkeypatch):
    assert type(circuit().page()._display_()).__name__ == "PageWidget"
    assert gt.lesson("gates")._display_().title.startswith("Four gates")
    monkeypatch.setattr("gradtutor.readings.page.find_spec", lambda _name: None)
    kind, text = circuit().page()._display_()
    assert kind == "html" and text.startswith("<iframe")
    monkeypatch.setattr(live, "PAUSE", 0)
    gt.network(NET).train("digits", epochs=3)
    assert len(marimo) >= 4
    assert "epoch 3/3" in marimo[-1][1] and "<svg" in marimo[-1][1]


# ---- a lesson's fields ----


def test_a_lesson_in_a_cell_is_answered_in_its_fields_and_counts(driver, tmp_path):
    lesson = gt.lesson("gates")
    page = lesson.page()
    heard = "addEventListener('message', (event) => got.push(event.data.gradtutor))"
    (tmp_path / "cell.html").write_text(
        f"<!doctype html><meta charset=utf-8><script>window.got = []; {heard}</script>"
        + page._repr_html_(),
        "utf-8",
    )
    resize(driver, 1000)
    driver.get((tmp_path / "cell.html").as_uri())
    driver.switch_to.frame(driver.find_element(By.TAG_NAME, "iframe"))
    for text in ("999", "-2"):
        field = driver.find_element(By.ID, "field-add")
        field.clear()
        field.send_keys(text, Keys.ENTER)
    told = driver.find_element(By.CSS_SELECTOR, "#question-add .told").text
    assert told.startswith("✓")
    pictures = "return [...document.images].every((one) => one.src.startsWith('data:'))"
    assert driver.execute_script(pictures)
    driver.switch_to.default_content()
    got = driver.execute_script("return window.got")
    assert [one["verdict"] for one in got] == ["wrong", "correct"]
    for one in got:
        page.widget.values = one
    assert lesson.status["add"] == "right" and driver.get_log("browser") == []
