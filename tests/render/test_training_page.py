"""The page that trains: its numbers are the script's, and its controls work."""

import importlib.util
import re

import numpy as np
import pytest
from browser import prefer, requests, resize
from browser_training import click, command, data_of, put, shown, shown_text, weights
from click.testing import CliRunner
from places import ROOT

from gradtutor.cli import main

EXAM = str(ROOT / "examples" / "exam.net")
LINE = str(ROOT / "examples" / "line.net")
THREE = (
    "Sequential([Input(2), Linear(6), ReLU(), Linear(3)])\nloss = CrossEntropyLoss()\n"
)


# ---- the numbers are the program's ----


def script_of(source, data, optimiser, folder):
    """Return the NumPy script of `gradtutor gen` as a module."""
    path = folder / "trained.py"
    options = ["--data", data, "--optimizer", optimiser, "-o", str(path)]
    command("gen", source, *options)
    spec = importlib.util.spec_from_file_location("trained", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def trained(module, title, rate, X, y, size, steps):
    """Make so many updates by the script's own functions, in the order of the data."""
    theta = module.initial_parameters(np.random.default_rng(0)).astype(np.float64)
    gradient = np.empty_like(theta)
    optimiser = getattr(module, title)(theta, rate)
    parameters, gradients = module.views(theta), module.views(gradient)
    for step in range(steps):
        start = size * (step % -(-len(X) // size))
        part = slice(start, start + size)
        module.loss_and_gradients(parameters, gradients, X[part], y[part])
        optimiser.step(theta, gradient)
    return dict(zip(module.SHAPES, parameters, strict=True))


RATES = [
    ("sgd", "SGD", 0.3),
    ("momentum", "Momentum", 0.05),
    ("nesterov", "Nesterov", 0.05),
    ("rmsprop", "RMSProp", 0.01),
    ("adam", "Adam", 0.02),
]


def same_after_a_hundred(driver, module, title, rate, size):
    """Make a hundred updates here and there, and compare every weight."""
    points = data_of(driver)["sets"][0]
    X, y = np.array(points["X"]), np.array(points["y"])
    put(driver, "rate", rate)
    put(driver, "batch", size)
    click(driver, "reset")
    click(driver, "one", 100)
    found = weights(driver)
    assert found["update"] == 100
    first = trained(module, title, rate, X, y, len(X), 0)
    for name, array in trained(module, title, rate, X, y, size or len(X), 100).items():
        assert np.abs(array - first[name]).max() > 0.01
        assert np.abs(np.array(found[name]) - array.ravel()).max() < 1e-9


def test_a_hundred_updates_are_the_scripts(page, tmp_path):
    driver = page(EXAM)
    put(driver, "shuffle", False)
    offered = driver.find_elements("css selector", "#optimiser option")
    assert [one.get_attribute("value") for one in offered] == [one[0] for one in RATES]
    for optimiser, title, rate in RATES:
        put(driver, "optimiser", optimiser)
        module = script_of(EXAM, "exam", optimiser, tmp_path)
        points = data_of(driver)["sets"][0]
        assert np.array_equal(np.float32(points["X"]), module.load_exam()[0])
        for size in (0, 48):
            same_after_a_hundred(driver, module, title, rate, size)


ACTIVATIONS = {
    "relu": "ReLU(), ",
    "leaky_relu": "LeakyReLU(0.01), ",
    "tanh": "Tanh(), ",
    "sigmoid": "Sigmoid(), ",
    "identity": "",
}


def test_a_hundred_updates_with_every_activation_are_the_scripts(page, tmp_path):
    driver = page(EXAM)
    put(driver, "shuffle", False)
    offered = driver.find_elements("css selector", "#activation option")
    assert [one.get_attribute("value") for one in offered] == list(ACTIVATIONS)
    for name, spelled in ACTIVATIONS.items():
        layers = f"Input(2), Linear(8), {spelled}Linear(1)"
        path = tmp_path / "other.net"
        path.write_text(f"Sequential([{layers}])\nloss = BCEWithLogitsLoss()\n")
        module = script_of(str(path), "exam", "adam", tmp_path)
        put(driver, "activation", name)
        same_after_a_hundred(driver, module, "Adam", 0.02, 0)


def test_three_classes_and_a_line_are_the_scripts(page, tmp_path):
    cases = [(THREE, "exam", 1, "sgd", "SGD"), (LINE, "line", 0, "adam", "Adam")]
    for source, data, place, optimiser, title in cases:
        driver = page(source)
        put(driver, "optimiser", optimiser)
        put(driver, "rate", 0.1)
        put(driver, "batch", 0)
        put(driver, "shuffle", False)
        points = data_of(driver)["sets"][place]
        put(driver, "set", points["name"])
        X, y = np.array(points["X"]), np.array(points["y"])
        path = str(tmp_path / "own.net") if "\n" in source else source
        module = script_of(path, data, optimiser, tmp_path)
        click(driver, "one", 100)
        found = weights(driver)
        wanted = trained(module, title, 0.1, X, y, len(X), 100)
        for name, array in wanted.items():
            assert np.abs(np.array(found[name]) - array.ravel()).max() < 1e-9


def test_descent_on_a_formula(page):
    driver = page("(a - 1)**2 + 5*(b - a)**2", "--at", "a=-1,b=1")
    put(driver, "rate", 0.02)
    a, b = -1.0, 1.0
    for _ in range(50):
        da, db = 2 * (a - 1) - 10 * (b - a), 10 * (b - a)
        a, b = a - 0.02 * da, b - 0.02 * db
    click(driver, "one", 50)
    found = weights(driver)
    assert [*found["a"], *found["b"]] == pytest.approx([a, b], abs=1e-12)
    assert driver.find_element("id", "land-panel").is_displayed()
    labels = driver.find_elements("css selector", ".circuit-panel .label")
    seen = [re.findall(r"\S+", one.get_property("textContent")) for one in labels]
    numbers = {text for row in seen for text in row}
    assert len(labels) > 8
    assert any(f"{a:.2f}" in text for text in numbers)
    assert any(f"{(a - 1) ** 2 + 5 * (b - a) ** 2:.2f}" in text for text in numbers)


def test_a_formulas_data_stay(page):
    at = ["--at", "x=[0,1,2],y=[1,3,5],a=0,b=0"]
    driver = page("mean((a*x + b - y)**2)", *at)
    own = data_of(driver)["networks"]["own"]
    assert [one["name"] for one in own["parameters"]] == ["a", "b"]
    click(driver, "one", 2000)
    found = weights(driver)
    assert [*found["a"], *found["b"]] == pytest.approx([2, 1], abs=1e-6)


# ---- controls ----


def test_the_buttons(page):
    driver = page(EXAM)
    start = weights(driver)
    click(driver, "epoch")
    assert shown(driver, "update-count") == "13"  # 400 examples by 32
    assert shown(driver, "epoch-count") == "1"
    click(driver, "reset")
    assert weights(driver) == start
    click(driver, "fresh")
    assert weights(driver)["W1"] != start["W1"]
    click(driver, "play")
    driver.execute_async_script("setTimeout(arguments[0], 600)")
    click(driver, "play")
    made = int(shown(driver, "update-count"))
    driver.execute_async_script("setTimeout(arguments[0], 200)")
    assert made > 0
    assert int(shown(driver, "update-count")) == made


def test_nothing_plays_by_itself(page):
    driver = page(EXAM)
    prefer(driver, reduced_motion="reduce")
    driver.refresh()
    driver.execute_async_script("setTimeout(arguments[0], 200)")
    assert shown(driver, "update-count") == "0"
    prefer(driver, reduced_motion="")


def test_too_large_a_rate_is_told(page):
    driver = page(LINE)
    put(driver, "rate", 1e6)
    click(driver, "one", 40)
    assert "learning rate is too large" in shown(driver, "alarm")
    click(driver, "reset")
    assert shown(driver, "alarm") == ""
    put(driver, "rate", "fast")
    assert driver.find_element("id", "rate").get_attribute("aria-invalid") == "true"


def count(driver):
    return len(driver.find_elements("css selector", "#plane .point"))


def test_points_by_mouse(page):
    from selenium.webdriver import ActionChains, Keys

    driver = page(EXAM)
    plane = driver.find_element("id", "plane")
    before, loss = count(driver), shown(driver, "loss-now")
    ActionChains(driver).move_to_element_with_offset(plane, -100, 130).click().perform()
    assert count(driver) == before + 1
    assert shown(driver, "loss-now") != loss
    point = driver.find_element("css selector", ".point.chosen")
    place = point.get_attribute("transform")
    ActionChains(driver).move_to_element(point).click_and_hold().move_by_offset(
        20, -10
    ).release().perform()
    chosen = driver.find_element("css selector", ".point.chosen")
    assert count(driver) == before + 1
    assert chosen.get_attribute("transform") != place
    ActionChains(driver).key_down(Keys.SHIFT).click(chosen).key_up(Keys.SHIFT).perform()
    assert count(driver) == before


def test_points_by_keys(page):
    from selenium.webdriver import Keys

    driver = page(EXAM)
    plane, before = driver.find_element("id", "plane"), count(driver)
    plane.send_keys("a")
    assert count(driver) == before + 1
    plane.send_keys("1")
    assert "class 1" in shown_text(driver, "live")
    place = driver.find_element("css selector", ".chosen").get_attribute("transform")
    plane.send_keys(Keys.ARROW_LEFT)
    moved = driver.find_element("css selector", ".chosen").get_attribute("transform")
    assert moved != place
    plane.send_keys(Keys.DELETE)
    assert count(driver) == before
    plane.send_keys(Keys.PAGE_DOWN)
    assert driver.find_elements("css selector", ".chosen")


def test_without_points_nothing_is_trained(page):
    source = "Sequential([Input(1), Linear(1)])\nloss = MSELoss()\n"
    driver = page(source)
    put(driver, "set", "wave")
    script = """const svg = document.getElementById('plane');
    for (let i = 0; i < 60; i++) for (const key of ['PageDown', 'Delete'])
      svg.dispatchEvent(new KeyboardEvent('keydown', {key}));"""
    driver.execute_script(script)
    assert count(driver) == 0
    click(driver, "one")
    assert "no data points" in shown(driver, "alarm")


def test_images_show_loss_weights_accuracy_and_a_pad_to_draw(page):
    driver = page(str(ROOT / "examples" / "digits-relu.net"))
    assert not driver.find_element("id", "plane").is_displayed()
    assert "625, drawn at random" in driver.find_element("tag name", "main").text
    assert len(driver.find_elements("css selector", "#matrices canvas")) == 6
    before = float(shown(driver, "accuracy-now").split()[0])
    click(driver, "epoch", 5)
    assert float(shown(driver, "accuracy-now").split()[0]) > before + 30


def test_pointing_at_a_wire_shows_what_is_kept_for_it(page):
    driver = page(EXAM)
    click(driver, "one", 2)
    script = """document.querySelector('.weight[data-name=W1]')
      .dispatchEvent(new PointerEvent('pointerover', {bubbles: true}))"""
    driver.execute_script(script)
    text = shown(driver, "weight")
    assert re.match(r"W1\[0, 0\] = -?0\.\d+, gradient = .*, m = .*, v = ", text), text


def test_a_phone_scrolls_in_one_direction(page):
    driver = page(EXAM, width=360)
    wide = driver.execute_script("return document.documentElement.scrollWidth")
    assert wide <= 360
    resize(driver, 1280)


def test_chinese_has_no_english_left(page):
    driver = page(EXAM, "--lang", "zh")
    assert driver.execute_script("return document.documentElement.lang") == "zh"
    click(driver, "one")
    parts = driver.find_elements(
        "css selector", "button, h1, h2, p, label, dt, summary"
    )
    for part in parts:
        words = part.get_property("textContent")
        for english in ("Point", "update", "weights", "Learning", " the "):
            assert english not in words, words


def test_the_page_asks_nobody(page):
    driver = page(EXAM)
    requests(driver)
    click(driver, "one", 3)
    assert requests(driver) == []


# ---- what a page cannot train ----

PAGE = ("--train", "-o", "{}/p.html")
BCE = "loss = BCEWithLogitsLoss()"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((EXAM, "--train"), "-o page.html"),
        ((EXAM, "--train", "-o", "{}/p.svg"), "-o page.html"),
        (("3*4", "--train", "-o", "{}/p.html"), "no parameter"),
        (("x: (N, 2)\nw: parameter (2,)\nmean(x @ w)", *PAGE), "give --data"),
        ((f"Sequential([Input(2), Dropout(0.5), Linear(1)])\n{BCE}", *PAGE), "dropout"),
        ((EXAM, "--train", "-o", "{}/p.html", "--data", "nothing"), "nothing"),
        ((str(ROOT / "examples" / "lenet.net"), "--train", "-o", "{}/p.html"), "data"),
    ],
)
def test_what_cannot_be_trained_is_told(arguments, said, tmp_path):
    given = [one.replace("{}", str(tmp_path)) for one in arguments]
    done = CliRunner().invoke(main, ["render", *given])
    assert done.exit_code in (2, 3)
    assert said in done.stderr
    assert not list(tmp_path.iterdir())
