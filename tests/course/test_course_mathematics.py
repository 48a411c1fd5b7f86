"""Formulas of lessons as mathematics, and products in their prose as products."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from browser import resize
from places import ROOT

from gradtutor.course.library.courses import find_lesson, read_course
from gradtutor.course.shown.lesson_terminal import markdown_text
from gradtutor.course.web.markup import html
from gradtutor.course.web.mathematics import display, unread
from gradtutor.course.web.mathematics.formula import formula
from gradtutor.course.web.pages import lesson_page
from gradtutor.course.web.site import PLACE
from gradtutor.evaluate import node_values
from gradtutor.graph import inputs
from gradtutor.language import parse_formula

LESSONS = sorted((ROOT / "lessons").glob("*/text.*.md"))


def blocks(path):
    return re.findall(r"^```math\n(.*?)^```", path.read_text("utf-8"), re.M | re.S)


def test_every_block_of_the_lessons_is_read_whole_in_both_languages():
    assert [(path, unread(one)) for path in LESSONS for one in blocks(path)
            if unread(one)] == []  # fmt: skip
    counts = [len(blocks(path)) for path in LESSONS]
    assert sum(counts) >= 100 and counts[::2] == counts[1::2]


# ---- what is drawn means what was written ----


def value(part, at):
    """Work out a formula by what a reader sees: bars, raised and lowered parts."""
    kids = part.children
    match part.tag:
        case "mn":
            return float(part.text)
        case "mi":
            return at[part.text]
        case "mfrac":
            return value(kids[0], at) / value(kids[1], at)
        case "msup":
            return value(kids[0], at) ** value(kids[1], at)
        case "msqrt":
            return value(kids[0], at) ** 0.5
        case "msub":
            return at[kids[0].text + kids[1].text]
        case "mrow" if part.inner:
            return value(part.inner, at)
        case "mrow" if kids[1:2] and kids[1].text == "\u2061":
            return {"exp": np.exp, "log": np.log}[kids[0].text](value(kids[2], at))
    return added(kids, at)


def added(kids, at):
    """Add terms, each the product of what stands between the signs."""
    terms = [[1.0]]
    for kid in kids:
        if kid.tag == "mo" and kid.text in "+−":
            terms.append([-1.0 if kid.text == "−" else 1.0])
        elif kid.tag != "mo":
            terms[-1].append(value(kid, at))
    return sum(np.prod(term) for term in terms if term != [1.0])


FORMULAS = [
    "a*b/c - d",
    "a/b*c/d",
    "-a**2 + (-b)*c",
    "(a + b)/(c - d)",
    "exp(-(a - 1)**2)/2",
    "a - b*(c - d)*2",
    "(1 - a)*b**2/(c + 1)",
    "log(exp(x1) + exp(x2)) - x1",
    "sqrt(a*a + b)/c",
    "a/(b/c)",
    "a**-2*b",
    "1/(1 + exp(-a))*(1 - 1/(1 + exp(-a)))",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_on_a_page_has_the_value_of_the_text(text):
    graph = parse_formula(text)
    names = inputs(graph)
    rng = np.random.default_rng(0)
    for _ in range(3):
        at = dict(zip(names, rng.uniform(0.5, 2, len(names)), strict=True))
        output = graph.graph["output"]
        wanted = node_values(graph, at, [output])[output]
        assert value(formula(text), at) == pytest.approx(float(wanted), rel=1e-12)


DRAWN = [
    ("∂L/∂w", "<mfrac><mrow><mo>∂</mo><mi>L</mi></mrow>"
              "<mrow><mo>∂</mo><mi>w</mi></mrow></mfrac>"),
    ("Σ a / Σ b", "<mfrac><mrow><mo>∑</mo><mi>a</mi></mrow>"
                  "<mrow><mo>∑</mo><mi>b</mi></mrow></mfrac>"),
    ("r·∂L/∂w", "<mrow><mi>r</mi><mo>·</mo><mfrac>"),
    ("ŷ", "<mover><mi>y</mi><mo>^</mo></mover>"),
    ("X.T @ dZ", "<msup><mi>X</mi><mo>⊤</mo></msup>"),
    ("w[i+1]", "<msub><mi>w</mi><mrow><mi>i</mi><mo>+</mo><mn>1</mn></mrow></msub>"),
    ("a < b", "<mi>a</mi><mo>&lt;</mo><mi>b</mi>"),
    ("损失 = -log(p)", "<mi>损失</mi><mo>=</mo>"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), DRAWN)
def test_signs_are_drawn_as_textbooks_have_them(text, wanted):
    assert wanted in formula(text).markup()


@pytest.mark.parametrize(
    "text", ["", "x +", "(a", "a b", "if x: y", "<b>", "a]", "= ="]
)
def test_what_is_no_formula_stays_text(text):
    assert formula(text) is None
    assert "<b>" not in display(f"{text}  x = 1")


# ---- prose ----

PRODUCTS = "2*1 + 3*3 + 5*(-7) = -24; (a - y)**2 + b**2; {w}*{x}, p*q, **bold** *so*"


def test_products_in_prose_are_no_emphasis_on_pages_and_in_a_terminal():
    shown = html(PRODUCTS)
    assert "*" not in re.sub(r"<math.*?</math>|<code.*?</code>", "", shown).replace(
        "{w}*{x}", ""
    )
    assert 'alttext="2*1 + 3*3 + 5*(-7)"' in shown
    assert "<strong>bold</strong> <em>so</em>" in shown
    bare = re.sub(r"\x1b\[[\d;]*m", "", markdown_text(PRODUCTS, styled=True))
    assert "2*1 + 3*3 + 5*(-7) = -24; (a - y)**2 + b**2" in " ".join(bare.split())


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: "/".join(path.parts[-2:]))
def test_emphasis_in_a_lesson_is_of_words(path):
    for text in re.findall(r"<em>(.*?)</em>", html(path.read_text("utf-8")), re.S):
        assert not re.search(r"[\d=+()]", text), text


#: A sentence, and the formulas that a page sets in it.
SENTENCES = [
    ("Take f = w², with its gradient 2·w.", ["f", "= w²", "2·w"]),
    ("取 h = 1e-12，误差是 x + h。", ["h", "= 1e-12", "x + h"]),
    ("∂L/∂w 是 2·e·x，不是 2e", ["∂L/∂w", "2·e·x"]),
    ("a 2·x of one, I = 3", ["2·x", "I", "= 3"]),
    ("p_1/p_2 = exp(z_1 - z_2)", ["p_1/p_2", "= exp(z_1 - z_2)"]),
    ("and/or, 2-8-1, 784-128-10, lesson 3, A or B, 50 % (see below)", []),
    ("2 * X.T @ error; (3, 2) @ (2, 4) = (3, 4)", []),
    ("`w*x` is code, *so* what", []),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "found"), SENTENCES)
def test_formulas_in_a_sentence_are_set(sentence, found):
    assert re.findall(r'<math alttext="(.*?)">', html(sentence)) == found


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: "/".join(path.parts[-2:]))
def test_formulas_in_a_lesson_are_whole(path):
    """Before and behind a formula stands no sign that it should have taken along."""
    shown = re.sub(r"<code.*?</code>|<pre.*?</pre>", "", html(path.read_text("utf-8")))
    shown = re.sub(r"\{[a-z]\w*(:[^}]*)?\}", "3", shown)
    for one in re.findall(r"[=+·/] <math|</math> [=+·/*] \S*", shown):
        assert one in ("+ <math",) or "math> =" in one, one


# ---- in a browser ----


def test_a_page_sets_formulas_and_stays_as_wide_as_a_phone(driver, tmp_path):
    course, found = read_course(None), []
    for name in ("softmax", "matrix-form"):
        page = lesson_page(course, find_lesson(course, name), [0], PLACE)
        (tmp_path / f"{name}.html").write_text(page, "utf-8")
    for name, width in itertools.product(("softmax", "matrix-form"), (900, 390)):
        driver.get((tmp_path / f"{name}.html").as_uri())
        resize(driver, width)
        bars = "return [...document.querySelectorAll('.math mfrac')].map(f =>"
        bars += " f.getBoundingClientRect().height)"
        found += driver.execute_script(bars)
        wide = driver.execute_script("return document.documentElement.scrollWidth")
        assert wide <= width
    driver.get_log("browser")  # pictures were not written
    assert len(found) >= 8 and min(found) > 30
