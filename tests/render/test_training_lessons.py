"""The lessons of the page that trains show what they say; its other controls work."""

import re
from base64 import b64decode

import numpy as np
import pytest
from browser import prefer, resize
from browser_training import (
    choose,
    click,
    data_of,
    put,
    shown,
    shown_text,
    train,
    weights,
)
from places import ROOT

from gradtutor.graph.check import check_graph
from gradtutor.language import parse_network
from gradtutor.render.page.training.activations import (
    ACTIVATIONS,
    activation_of,
    with_activation,
)
from gradtutor.render.page.training.lessons import LESSONS

EXAM = str(ROOT / "examples" / "exam.net")


def loss(driver):
    return float(shown(driver, "loss-now"))


def right(driver):
    return float(shown(driver, "accuracy-now").split()[0])


# ---- what the lessons say happens ----


def test_a_rate_too_small_crawls_and_one_too_large_grows(page):
    driver = page(EXAM)
    choose(driver, "small-rate")
    assert driver.find_element("id", "land-panel").is_displayed()
    start = loss(driver)
    click(driver, "one", 20)
    assert 0.8 * start < loss(driver) < start
    put(driver, "rate", 0.1)
    train(driver, 100)
    assert loss(driver) < 0.2 * start
    choose(driver, "large-rate")
    click(driver, "one", 20)
    assert loss(driver) > 1.5 * start
    put(driver, "rate", 0.8)
    click(driver, "reset")
    click(driver, "one", 20)
    steps = driver.find_element("css selector", "#land .way").get_attribute("d")
    across = [float(one) for one in re.findall(r"[ML]([-\d.]+)", steps)]
    turns = np.diff(np.sign(np.diff(across)))
    assert (turns != 0).mean() > 0.8  # from side to side
    assert loss(driver) < start


def layer_sizes(driver):
    """Return how large the gradient of each layer is."""
    bars = driver.find_elements("css selector", "#layer-bars meter")
    return [float(one.get_attribute("value")) for one in bars]


def test_dead_neurons_have_no_gradient_and_a_leak_revives_them(page):
    driver = page(EXAM)
    choose(driver, "dead-relu")
    click(driver, "one", 10)
    assert "8 of 8 neurons" in shown(driver, "dead")
    found = weights(driver)
    assert found["b1"] == [-8] * 8
    assert driver.find_elements("css selector", ".neuron.dead")
    stuck = right(driver)
    put(driver, "activation", "leaky_relu")
    train(driver, 200)
    assert right(driver) > stuck + 20
    assert shown_text(driver, "dead") == ""


def test_the_sigmoids_gradient_vanishes_and_another_activation_learns(page):
    driver = page(EXAM)
    choose(driver, "vanishing")
    click(driver, "one", 1)
    first, *_, last = layer_sizes(driver)
    assert last - first > 2  # powers of ten
    train(driver, 200)
    assert right(driver) < 65
    for name in ("relu", "tanh"):
        put(driver, "activation", name)
        click(driver, "reset")
        train(driver, 600)
        assert right(driver) > 90


def test_overfitting_is_stopped_early_at_the_best_weights(page):
    driver = page(EXAM)
    choose(driver, "overfitting")
    assert len(driver.find_elements("css selector", ".point.held")) == 360
    train(driver, 400)
    held = float(shown(driver, "held-now"))
    assert loss(driver) < 0.1 < held
    assert driver.find_elements("css selector", ".curve.held")
    put(driver, "shuffle", False)
    put(driver, "patience", 50)
    click(driver, "reset")
    train(driver, 10_000)
    assert "have not become better" in shown(driver, "alarm")
    best = int(re.search(r"update (\d+)", shown(driver, "alarm"))[1])
    assert int(shown(driver, "update-count")) == best + 50
    assert float(shown(driver, "held-now")) < held / 2
    kept = weights(driver)["W1"]
    click(driver, "reset")
    click(driver, "one", best)
    assert weights(driver)["W1"] == kept


def test_two_layers_without_an_activation_are_one(page):
    driver = page(EXAM)
    choose(driver, "collapse")
    click(driver, "one", 5)
    found = weights(driver)
    first, second = (np.array(found[name]) for name in ("W1", "W2"))
    whole = first.reshape(2, 4) @ second.reshape(4, 1)
    told = re.findall(r"-?\d\.[\de-]+", shown(driver, "product"))
    assert np.array(told[:2], float) == pytest.approx(whole.ravel(), rel=1e-3)
    shift = np.array(found["b1"]) @ second.reshape(4, 1) + found["b2"]
    assert float(told[2]) == pytest.approx(shift.item(), rel=1e-3)
    train(driver, 100)
    assert right(driver) < 75
    put(driver, "activation", "tanh")
    train(driver, 200)
    assert right(driver) > 90


def test_what_images_wish_is_answers_minus_labels(page):
    driver = page(EXAM)
    choose(driver, "wishes")
    put(driver, "shuffle", False)
    put(driver, "batch", 5)
    click(driver, "reset")
    rows = driver.find_elements("css selector", "#wishes tr")
    assert len(rows) == 12  # images, ten classes, the weights
    cells = [row.find_elements("tag name", "td") for row in rows[1:-1]]
    seen = [
        [float(re.sub("[▲▼ ]", "", c.text).replace("−", "-")) for c in r] for r in cells
    ]
    found, points = weights(driver), data_of(driver)["sets"][-1]
    scale = points["X"]["scale"]
    X = np.frombuffer(b64decode(points["X"]["bytes"]), np.uint8)
    X, y = X.reshape(-1, 64)[:5] / scale, np.array(points["y"][:5])
    hidden = np.maximum(X @ np.reshape(found["W1"], (64, 16)) + found["b1"], 0)
    z = hidden @ np.reshape(found["W2"], (16, 10)) + found["b2"]
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    wishes = (np.eye(10)[y] - p).T
    wanted = np.column_stack([wishes, wishes.mean(axis=1)])
    assert np.array(seen) == pytest.approx(wanted, abs=0.0051)


def test_every_lesson_is_left_as_it_was_found(page):
    driver = page(EXAM)
    start = weights(driver)
    for lesson in LESSONS:
        choose(driver, lesson.name)
        assert shown(driver, "lesson-about")
        assert driver.find_element("tag name", "h1").text == lesson.title
    choose(driver, "")
    assert weights(driver) == start
    assert shown(driver, "lesson-about") == ""


def test_another_activation_is_a_sound_graph_of_the_same_parameters():
    for lesson in LESSONS:
        graph = parse_network(lesson.text, (64,) if "64" in lesson.text else None, None)
        for name in ACTIVATIONS if activation_of(graph) else ():
            other = with_activation(graph, name)
            check_graph(other)
            assert activation_of(other) == ("" if name == "identity" else name)


# ---- inside one update ----


def test_an_update_gate_by_gate(page):
    driver = page(EXAM)
    gates = 7
    start = weights(driver)
    click(driver, "one-gate", 2)
    assert shown(driver, "walk-phase") == f"forward, gate 2 of {gates}"
    assert re.match(r"z1 = .* = \[\[-?\d", shown(driver, "walk-lines"))
    click(driver, "one-pass")
    assert shown(driver, "walk-phase") == f"forward, gate {gates} of {gates}"
    click(driver, "one-gate", 2)
    assert shown(driver, "walk-phase") == f"backward, gate 2 of {gates}"
    assert "∂loss/∂" in shown(driver, "walk-lines")
    assert weights(driver) == start
    click(driver, "one-pass", 2)
    assert weights(driver)["update"] == 1


def test_an_update_wire_by_wire(page):
    driver = page(EXAM)
    click(driver, "one-wire", 2)
    text = shown(driver, "walk-lines")
    numbers = [float(one) for one in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", text)[-4:]]
    x, w, product, total = numbers
    assert product == pytest.approx(x * w, rel=1e-2)
    assert "X[1] · W1[1, 0]" in text
    assert len(driver.find_elements("css selector", ".weight.lit")) == 1
    assert total != product


def test_a_formulas_gates_in_numbers(page):
    driver = page("(a - 1)**2 + 5*(b - a)**2", "--at", "a=-1,b=1")
    click(driver, "one-pass")
    click(driver, "one-gate", 3)
    text = shown(driver, "walk-lines")
    upstream, local, sent = re.search(
        r"= (\S+) × \(?([^\s)]+)\)? = (\S+)", text
    ).groups()
    assert float(upstream) * float(local) == pytest.approx(float(sent))
    assert driver.find_elements("css selector", ".circuit .focus")


def test_a_weights_chain_rule_and_what_is_shown_on_the_wires(page):
    from selenium.webdriver import Keys

    driver = page(EXAM)
    put(driver, "batch", 1)
    click(driver, "one")
    wires = driver.find_element("id", "neurons")
    wires.send_keys(Keys.ARROW_RIGHT)
    assert shown(driver, "weight").startswith("W1[0, 0] = ")
    said = shown(driver, "weight-chain")
    x, dz, dw = re.search(r"= (\S+) × (\S+) = (\S+)", said).groups()
    assert float(x) * float(dz) == pytest.approx(float(dw), rel=1e-2)
    wires.send_keys(Keys.ARROW_RIGHT)
    assert shown(driver, "weight").startswith("W1[0, 1] = ")
    options = driver.find_elements("css selector", "#shown-part option")
    assert [one.text for one in options] == ["value", "gradient", "m", "v"]
    label = "#neurons .neuron + text"
    texts = []
    for part in ("theta", "gradient", "m", "v"):
        put(driver, "shown-part", part)
        found = driver.find_elements("css selector", label)
        texts.append([one.get_property("textContent") for one in found])
    assert len({tuple(row) for row in texts}) == 4
    put(driver, "optimiser", "sgd")
    assert len(driver.find_elements("css selector", "#shown-part option")) == 2


# ---- a digit drawn by hand ----


def test_a_digit_is_drawn_by_pointer_and_by_keys(page):
    from selenium.webdriver import ActionChains, Keys

    driver = page(EXAM)
    choose(driver, "wishes")
    click(driver, "epoch", 2)
    pad = driver.find_element("id", "drawn-pad")
    driver.execute_script("arguments[0].scrollIntoView()", pad)
    empty = shown(driver, "drawn-answers")
    ActionChains(driver).move_to_element_with_offset(
        pad, 0, -40
    ).click_and_hold().move_by_offset(0, 80).release().perform()
    drawn = shown(driver, "drawn-answers")
    assert drawn != empty
    shares = [float(one) for one in re.findall(r": ([\d.]+) %", drawn)]
    assert sum(shares) == pytest.approx(100, abs=1)
    click(driver, "drawn-clear")
    assert shown(driver, "drawn-answers") == empty
    pad.send_keys(Keys.SHIFT, Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    assert shown(driver, "drawn-answers") != empty
    assert "the network answers" in shown_text(driver, "live")
    before = int(shown(driver, "update-count"))
    click(driver, "drawn-add")
    click(driver, "epoch")
    assert int(shown(driver, "update-count")) == before + 19  # 601 by 32


# ---- for everybody ----


@pytest.mark.parametrize("lesson", ["", "overfitting", "wishes"])
def test_a_phone_scrolls_in_one_direction(lesson, page):
    driver = page(EXAM, width=360)
    choose(driver, lesson)
    click(driver, "one", 3)
    wide = driver.execute_script("return document.documentElement.scrollWidth")
    assert wide <= 360
    resize(driver, 1280)


UNNAMED = """
const all = document.querySelectorAll("button, select, input, [tabindex], [role]");
const isLive = (one) => ["status", "alert"].includes(one.role);
const seen = [...all].filter((one) => one.offsetParent && !isLive(one));
const isNamed = (one) => one.textContent.trim() || one.labels?.length
  || one.getAttribute('aria-label') || one.getAttribute('aria-labelledby');
return seen.filter((one) => !isNamed(one)).map((one) => one.outerHTML);"""


def test_every_control_has_a_name(page):
    driver = page(EXAM)
    for lesson in ("", "wishes"):
        choose(driver, lesson)
        unnamed = driver.execute_script(UNNAMED)
        assert unnamed == []


def test_it_is_drawn_in_dark_and_in_print(page):
    driver = page(EXAM)
    prefer(driver, color_scheme="dark")
    paper = "return getComputedStyle(document.body).backgroundColor"
    dark = driver.execute_script(paper)
    prefer(driver, color_scheme="light")
    assert driver.execute_script(paper) != dark
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert not driver.find_element("id", "settings").is_displayed()
    assert driver.find_element("id", "plane").is_displayed()
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


FRAMES = """
const [milliseconds, done] = arguments, start = performance.now();
let frames = 0;
const count = (now) => {
  frames++;
  if (now - start > milliseconds) done(frames);
  else requestAnimationFrame(count);
};
requestAnimationFrame(count);"""


def busy(driver):
    """Return the seconds of the processor that the page has taken."""
    found = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return {one["name"]: one["value"] for one in found}["TaskDuration"]


def test_a_large_network_plays_at_sixty_frames_a_second(page):
    """A frame costs less than a sixtieth of a second of the processor's time."""
    driver = page(str(ROOT / "examples" / "digits-relu.net"))
    driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    click(driver, "play")
    before = busy(driver)
    frames = driver.execute_async_script(FRAMES, 1500)
    spent = busy(driver) - before
    click(driver, "play")
    driver.execute_cdp_cmd("Performance.disable", {})
    print(f"{1000 * spent / frames:.1f} ms a frame, {frames / 1.5:.0f} frames a second")
    assert int(shown(driver, "update-count")) > 10
    assert spent / frames < 1 / 60
