"""Nothing in a picture lies on anything else: measured over tables and at random."""

from __future__ import annotations

import io
import itertools
import re

import numpy as np
import pytest
from PIL import Image
from places import ROOT

import gradtutor as gt
from gradtutor.render import Style
from gradtutor.render.engines import layout
from gradtutor.render.placing.crossings import crossed_heads
from gradtutor.render.positions import positions
from gradtutor.render.style import THEMES
from gradtutor.render.writers.dot import dot_text

CELL = """i = sigmoid(w_xi*x + w_hi*h + b_i)
f = sigmoid(w_xf*x + w_hf*h + b_f)
g = tanh(w_xg*x + w_hg*h + b_g)
o = sigmoid(w_xo*x + w_ho*h + b_o)
c1 = f*c + i*g
h1 = o*tanh(c1)"""
NETWORK = """h1 = tanh(w11*x1 + w12*x2 + b1)
h2 = tanh(w21*x1 + w22*x2 + b2)
h3 = tanh(w31*x1 + w32*x2 + b3)
y = sigmoid(v1*h1 + v2*h2 + v3*h3 + c)"""
KALMAN = """K = P*H/(H*P*H + R)
x_new = x_pred + K*(z - H*x_pred)
P_new = (1 - K*H)*P
cost = x_new**2 + P_new"""
FORMULAS = {
    "LSTM cell": CELL,
    "2-3-1 net": NETWORK,
    "Kalman": KALMAN,
    "cubic": "a*x**2*y + b*x*y**2 - c*(x - y)**3 + d",
    "forks": "a = x*y\nb = a + x\nc = a*b + y\nd = c*a + b\nf = d*c + x*d",
    "norm": "mu = mean(x); v = mean((x - mu)**2); sum(g*(x - mu)/sqrt(v + 1e-5))",
}
ONE = ["exp({})", "tanh({})", "-({})", "({})**2", "log(1 + exp({}))", "abs({})"]
TWO = ["{} + {}", "{} - {}", "{}*{}", "{}/{}", "max({}, {})"]
NAMES = ["x", "y", "w_1", "alpha", "h_prev", "the_learning_rate_of_all_layers"]


def random_program(seed):
    """Return a few lines in which values are read again and again."""
    rng = np.random.default_rng(seed)
    known, lines = list(rng.permutation(NAMES)[:3]), []
    for name in ("a", "b", "c", "d", "e", "g")[: rng.integers(3, 7)]:
        parts = [str(rng.choice(known)) for _ in range(2)]
        parts = [rng.choice(ONE).format(p) if rng.random() < 0.5 else p for p in parts]
        lines.append(f"{name} = {rng.choice(TWO).format(*parts)}")
        known.append(name)
    read = " ".join(line.split("=")[1] for line in lines)
    last = [n for n in known if not re.search(rf"\b{n}\b", read)]
    return "\n".join([*lines, "f = " + " + ".join(last)])


def laid_out(text, way, seed=0, **more):
    """Return a formula's drawing at random values, and its positions."""
    circuit, rng = gt.parse(text), np.random.default_rng(seed)
    scale, shape = 10.0 ** rng.choice([-9, 0, 0, 8]), (4,) if "mean(x)" in text else ()
    at = {name: scale * rng.normal() for name in circuit.inputs}
    at |= {"x": scale * rng.normal(size=shape)} if "x" in at else {}
    style = Style(direction=way, **more)
    with np.errstate(all="ignore"):
        drawing = circuit.drawing(style, **at)
    return drawing, positions(dot_text(drawing, style.colours))


def inside(place, points, room):
    """Whether points lie in a box, so many points of paper from its edge."""
    x, y = np.abs(np.array(points) - (place.x, place.y)).T
    return bool(((x < place.width / 2 - room) & (y < place.height / 2 - room)).any())


def check(drawing, places):
    """Hold that no number, gate or wire lies on another."""
    assert list(crossed_heads(places)) == []
    for (one, a), (other, b) in itertools.combinations(places.places.items(), 2):
        apart = abs(a.x - b.x) - (a.width + b.width) / 2 > -1.0
        assert apart or abs(a.y - b.y) - (a.height + b.height) / 2 > -1.0, (one, other)
    for ends, curve in places.curves.items():
        others = [place for name, place in places.places.items() if name not in ends]
        points = curve.flat()
        assert not any(inside(place, points, 1.5) for place in others), ends
    for place in places.places.values():
        assert place.x - place.width / 2 > -1
        assert place.x + place.width / 2 < places.width + 1
    assert len(drawing.boxes) < len(places.places)


@pytest.mark.parametrize("way", ["LR", "TB"])
@pytest.mark.parametrize("name", FORMULAS)
def test_nothing_lies_on_anything(name, way):
    check(*laid_out(FORMULAS[name], way))


@pytest.mark.parametrize("way", ["LR", "TB"])
@pytest.mark.parametrize("seed", range(40))
@pytest.mark.sampled(8)
def test_nothing_lies_on_anything_at_random(seed, way):
    more = [
        {},
        {"captions": True},
        {"show": "both"},
        {"title": "T", "caption": "c"},
        {"rows": 2},
    ]
    check(*laid_out(random_program(seed), way, seed, **more[seed % 5]))


# ---- rows ----


@pytest.mark.parametrize("name", FORMULAS)
def test_rows_keep_every_number(name):
    whole, _ = laid_out(FORMULAS[name], "LR")
    cut, places = laid_out(FORMULAS[name], "LR", rows=3)
    check(cut, places)
    numbers = [{w.wire: (w.value, w.gradient) for w in d.wires} for d in (whole, cut)]
    assert numbers[0] == numbers[1]
    assert len({wire.id for wire in cut.wires}) == len(cut.wires)
    assert places.width < positions(dot_text(whole, Style().colours)).width
    rows = [[places.places[b.id] for b in cut.boxes if b.id in frame.members]
            for frame in cut.frames]  # fmt: skip
    for upper, lower in itertools.pairwise(rows[::-1]):
        assert min(one.y for one in upper) > max(one.y for one in lower)


def test_a_long_circuit_is_drawn_in_rows_by_itself():
    text = "x"
    for count in range(1, 31):
        text = f"({text} + w{count})"
    at = dict.fromkeys(gt.parse(text).inputs, 1.0)
    drawing = gt.parse(text).drawing(**at)
    assert len(drawing.frames) == 2
    assert not drawing.drawn_frames
    assert not gt.parse(text).drawing(Style(rows=1), **at).frames
    told = [box.lines[0].text for box in drawing.boxes if box.form == "bare"]
    assert told.count("(1)") == 2


# ---- gaps ----


@pytest.mark.parametrize("way", ["LR", "TB"])
def test_a_png_has_no_gap_between_a_wire_and_its_numbers(way):
    drawing, places = laid_out(FORMULAS["cubic"], way)
    png = layout(dot_text(drawing, Style().colours), "png")
    ink = np.asarray(Image.open(io.BytesIO(png)).convert("L")) < 128
    pad = (np.array(ink.shape[::-1]) / 2 - (places.width, places.height)) / 2
    for wire in drawing.wires:
        place = places.places[wire.id]
        x = round(2 * (place.x + pad[0]))
        y = round(2 * (places.height - place.y + pad[1]))
        across = ink.T if way == "TB" else ink
        along, at = (y, x) if way == "TB" else (x, y)
        reach = round(place.height if way == "TB" else place.width) + 2  # a point
        rule = across[at - 3 : at + 4, along - reach : along + reach]
        assert rule.any(axis=0).all(), wire.id


# ---- contrast ----

CSS = ROOT / "gradtutor" / "render" / "page"


def light(colour):
    """Return the relative luminance of WCAG 2.2."""
    digits = colour.removeprefix("#")
    digits = digits if len(digits) == 6 else "".join(2 * one for one in digits)
    parts = np.array(list(bytes.fromhex(digits))) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def contrast(one, other):
    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_every_colour_of_a_picture_can_be_read_from_afar(theme):
    colours = THEMES[theme]
    for name in ("ink", "faint", "value", "gradient", "alarm", "plus", "minus"):
        for ground in (colours.paper, colours.gate):
            assert contrast(getattr(colours, name), ground) >= 4.5, (name, ground)


def test_every_colour_of_the_pages_texts_can_be_read_from_afar():
    texts = [
        (CSS / "assets" / "page.css").read_text(),
        (CSS / "training" / "assets" / "training.css").read_text(),
    ]
    rules = re.findall(r"(:root[^{]*)\{([^{}]*--paper[^{}]*)\}", texts[0])
    signs = re.findall(r"(:root[^{]*)\{([^{}]*--negative[^{}]*)\}", texts[1])
    assert (len(rules), len(signs)) == (4, 3)
    for selector, rule in rules:
        colours = dict(re.findall(r"--([\w-]+): (#\w+)", rule))
        dark = light(colours["paper"]) < 0.5
        for other, more in signs:
            if ("dark" in other or "light" in other) == dark:
                found = dict(re.findall(r"--(positive|negative): (#\w+)", more))
                colours |= found
        for name in ("ink", "faint", "value", "gradient", "alarm", "accent",
                     "positive", "negative"):  # fmt: skip
            for ground in ("paper", "panel", "gate"):
                assert contrast(colours[name], colours[ground]) >= 4.5, (
                    selector, name, ground,
                )  # fmt: skip
