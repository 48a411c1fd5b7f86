"""The page in a real browser: stepping, typing, and everybody can use it."""

from __future__ import annotations

import numpy as np
import pytest
from browser import prefer, resize
from browser_page import (
    LENET,
    NEURON,
    NEURON_AT,
    check_wires,
    click,
    on_wires,
    press,
    text_of,
    write,
)

import gradtutor as gt

# ---- stepping ----

PRODUCT = "q = x + y\nf = q*z"


def test_the_keyboard_walks_through_the_circuit(driver, opened):
    from selenium.webdriver import Keys

    opened(PRODUCT, x=-2, y=5, z=-4)
    press(driver, Keys.HOME)
    assert text_of(driver, "phase").startswith("start")
    assert [back for _, back in on_wires(driver).values()] == [None] * 5
    said, known = [], []
    for _ in range(6):
        press(driver, Keys.ARROW_RIGHT)
        said.append(text_of(driver, "live"))
        values, gradients = zip(*on_wires(driver).values(), strict=True)
        known.append(tuple(sum(x is not None for x in y) for y in (values, gradients)))
    assert said[0] == "q = x + y = -2 + 5 = 3"
    assert said[1] == "f = q*z = 3 × (-4) = -12"
    assert said[2] == "∂f/∂f = 1"
    assert "∂f/∂q = ∂f/∂f · ∂f/∂q = 1 × (-4) = -4" in said[3]
    assert "∂f/∂x = ∂f/∂q · ∂q/∂x = -4 × 1 = -4" in said[4]
    assert said[5].startswith("f = -12. ∂f/∂x = z = -4")
    assert known == [(4, 0), (5, 0), (5, 1), (5, 3), (5, 5), (5, 5)]
    press(driver, Keys.ARROW_LEFT)
    assert text_of(driver, "live") == said[4]
    press(driver, Keys.END)
    assert text_of(driver, "phase") == "all steps done"


def test_the_page_opens_at_the_start_and_home_leads_there(driver, opened):
    from selenium.webdriver import Keys

    opened(PRODUCT, at_start=True, x=-2, y=5, z=-4)
    assert text_of(driver, "phase").startswith("start")
    assert text_of(driver, "gradient0") == "" and "f =" not in text_of(
        driver, "explain"
    )
    click(driver, "last")
    driver.execute_script(
        """const box = document.querySelector(".view:not([hidden]) .gate");
        box.focus();
        box.dispatchEvent(new MouseEvent("click", { bubbles: true }));"""
    )
    press(driver, Keys.HOME)
    assert text_of(driver, "phase").startswith("start")
    press(driver, Keys.ARROW_RIGHT)
    assert text_of(driver, "live") == "q = x + y = -2 + 5 = 3"


def test_a_fork_adds_up(driver, opened):
    opened("f = max(x*y, x + z)", x=2, y=3, z=4)
    click(driver, "back")
    assert "∂f/∂x = 1.5 + 0.5 = 2" in text_of(driver, "explain")


def test_each_use_of_a_fork_has_a_name_of_its_own(driver, opened):
    opened("f = x*x", x=3)
    for button in ("first", "next", "next", "next", "next"):
        click(driver, button)
    said = text_of(driver, "explain")
    for use in (1, 2):
        local = f"∂f/∂(use {use} of x)"
        assert f"∂f/∂x via f = ∂f/∂f · {local} = 1 × 3 = 3" in said
        assert f"local derivative: {local} = x = 3" in said
    assert "∂f/∂x = " not in said
    click(driver, "next")
    assert "∂f/∂x = 3 + 3 = 6" in text_of(driver, "explain")


OPEN_ALL = "a = x*y\nb = sigmoid(a)\nc = b + 1\nf = c*sigmoid(c)"


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("steps", "phase", "said"),
    [
        (0, "start", ""),
        (1, "forward", "a = x*y"),
        (3, "forward", "c = b + 1"),
        (7, "the gradient starts", "∂f/∂f = 1"),
        (11, "backward", "∂f/∂b"),
        (14, "all steps done", "f = "),
    ],
)
def test_open_all_and_close_all_keep_the_step(steps, phase, said, driver, opened):
    opened(OPEN_ALL, x=1, y=2)
    click(driver, "first")
    for _ in range(steps):
        click(driver, "next")
    before = text_of(driver, "live"), text_of(driver, "phase")
    assert phase in before[1]
    assert said in before[0]
    for button in ("Close all", "Open all"):
        click(driver, "fold")
        assert text_of(driver, "fold") == button
        assert phase in text_of(driver, "phase")
        assert said in text_of(driver, "live")
    assert (text_of(driver, "live"), text_of(driver, "phase")) == before


def test_in_a_large_circuit_one_opens_all(driver, opened):
    names = [f"x{i}" for i in range(30)]
    text = " + ".join(f"sigmoid({name})" for name in names)
    opened(text, **dict.fromkeys(names, 1))
    assert "all open at once" in text_of(driver, "notes")
    for title in ("Close all", "Open all"):
        click(driver, "fold")
        assert text_of(driver, "fold") == title
    driver.execute_script(
        """document.querySelector(".view:not([hidden]) .badge")
          .dispatchEvent(new MouseEvent("click", { bubbles: true }))"""
    )
    assert text_of(driver, "fold") == "Close all"


def test_tab_reaches_everything_in_order_with_a_ring(driver, opened):
    from selenium.webdriver import Keys

    opened(PRODUCT, x=-2, y=5, z=-4)
    reached = []
    for _ in range(22):
        press(driver, Keys.TAB)
        name, ring = driver.execute_script(
            """const at = document.activeElement;
            const look = getComputedStyle(at.querySelector?.(":scope > ellipse") ?? at);
            const width = Math.max(parseFloat(look.outlineWidth) || 0,
              parseFloat(look.strokeWidth) >= 3 ? 3 : 0);
            const name = at.id || at.className?.baseVal || at.className || at.tagName;
            return [name, width >= 2];"""
        )
        reached.append(name)
        assert ring or name == "BODY", name
    wanted = ["skip", "theme", "first", "back", "smaller", "fit", "larger", "v0-n2"]
    wanted += [f"{kind}{k}" for k in range(3) for kind in ("field", "slider")]
    wanted = [one + "-0" if one.startswith("field") else one for one in wanted]
    places = [reached.index(name) for name in wanted]
    assert places == sorted(places), reached


def test_a_wire_lights_its_way_to_the_output(driver, opened):
    from selenium.webdriver import Keys

    opened("f = max(x*y, x + z)", x=2, y=3, z=-1)

    def lit() -> set[str]:
        script = """const lit = ".view:not([hidden]) .label.lit";
          return [...document.querySelectorAll(lit)]
            .map((one) => one.getAttribute("aria-label").split(":")[0])"""
        return set(driver.execute_script(script))

    driver.execute_script(
        """const y = [...document.querySelectorAll(".label")].find((one) =>
          one.getAttribute("aria-label").startsWith("Wire of y:"));
        y.dispatchEvent(new PointerEvent("pointerenter"));"""
    )
    assert lit() == {"Wire of y", "Wire of t1", "Wire of f"}
    driver.execute_script(
        """for (const one of document.querySelectorAll(".label"))
          one.dispatchEvent(new PointerEvent("pointerleave"));"""
    )
    assert lit() == set()
    driver.execute_script(
        """[...document.querySelectorAll(".gate")].find((one) =>
        one.textContent.trim() === "+").focus()"""
    )
    press(driver, Keys.ARROW_DOWN)
    assert "Wire of f" in lit()
    assert "Wire of t1" not in lit()


# ---- inputs ----


def test_typing_sliding_and_nudging(driver, opened):
    from selenium.webdriver import Keys

    circuit = opened(PRODUCT, x=-2, y=5, z=-4)
    field = driver.find_element("id", "field0-0")
    field.clear()
    field.send_keys("1/4")
    check_wires(driver, circuit, {"x": 0.25, "y": 5, "z": -4})
    field.send_keys(Keys.ARROW_UP)
    check_wires(driver, circuit, {"x": 0.35, "y": 5, "z": -4})
    slider = driver.find_element("id", "slider1")
    slider.send_keys(Keys.ARROW_RIGHT)
    y = float(slider.get_attribute("value"))
    assert 5 < y < 5.1
    check_wires(driver, circuit, {"x": 0.35, "y": y, "z": -4})
    assert driver.find_element("id", "field1-0").get_attribute("value") == str(y)


@pytest.mark.parametrize("word", ["two", "1+", "__proto__", "1e", "0x", "1//3", "-"])
def test_a_word_that_is_no_number_is_refused_and_nothing_lost(word, driver, opened):
    from selenium.webdriver import Keys

    circuit = opened(PRODUCT, x=-2, y=5, z=-4)
    field = driver.find_element("id", "field0-0")
    field.clear()
    field.send_keys(word)
    assert field.get_attribute("aria-invalid") == "true"
    assert f"“{word}” is no number" in text_of(driver, "error0")
    field.send_keys(Keys.TAB)
    assert text_of(driver, "error0") == ""
    value = float(field.get_attribute("value"))
    check_wires(driver, circuit, {"x": value, "y": 5, "z": -4})


# ---- for everybody ----

HOSTILE = (
    "x*y  # </script><script>document.title = 1</script><img src=x onerror=alert(1)>"
)


def test_a_hostile_comment_is_only_text(driver, opened):
    opened(HOSTILE, x=1, y=2)
    assert driver.title == HOSTILE.replace("  ", " ")
    assert driver.find_elements("tag name", "img") == []


PAGES = {
    "formula": ("f = max(x*y, x + z)", {"x": 2, "y": 3, "z": -1}),
    "tensor": ("sum(tanh(W @ x))", {"W": np.eye(3), "x": np.ones(3)}),
    "network": (LENET, {}),
}


@pytest.mark.parametrize("name", PAGES)
def test_everything_that_can_be_used_has_a_name(name, driver, opened):
    text, at = PAGES[name]
    opened(text, **at)
    driver.execute_cdp_cmd("Accessibility.enable", {})
    tree = driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    used = {
        "button",
        "textbox",
        "slider",
        "link",
        "group",
        "region",
        "table",
        "heading",
    }
    counted: dict[str, int] = {}
    for node in tree:
        role = node.get("role", {}).get("value")
        if role in used and not node.get("ignored"):
            counted[role] = counted.get(role, 0) + 1
            named = node.get("name", {}).get("value", "").strip()
            assert named or role == "group", node
    assert counted["button"] >= 10
    assert counted["heading"] >= 4
    ids = driver.execute_script(
        "return [...document.querySelectorAll('[id]')].map((one) => one.id)"
    )
    assert len(ids) == len(set(ids))
    live = driver.find_element("id", "live")
    assert live.get_attribute("aria-live") == "polite"


CONTRAST = """
const rgb = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
const light = (text) => rgb(text).map((c) => c / 255)
  .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const behind = (one) => {
  const colour = getComputedStyle(one).backgroundColor;
  return /, 0\\)$|transparent/.test(colour) ? behind(one.parentElement) : colour;
};
const words = "p, span, h1, h2, h3, button, td, th, text, summary";
return [...document.querySelectorAll(words)]
  .filter((one) => one.textContent.trim() && one.getClientRects().length)
  .filter((one) => !one.disabled)
  .map((one) => {
    const look = getComputedStyle(one), isSvg = one.tagName === "text";
    const ink = light(isSvg ? look.fill : look.color), paper = light(behind(one));
    const [high, low] = ink > paper ? [ink, paper] : [paper, ink];
    return [(high + 0.05) / (low + 0.05), one.textContent];
  }).filter(([ratio]) => ratio < 4.5);
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_contrast_is_enough(scheme, driver, opened):
    prefer(driver, color_scheme=scheme)
    opened(gt.parse(NEURON).close(), **NEURON_AT)
    click(driver, "back")
    assert driver.execute_script(CONTRAST) == []
    paper = "return getComputedStyle(document.body).backgroundColor"
    before = driver.execute_script(paper)
    click(driver, "theme")
    assert driver.execute_script(paper) != before
    assert driver.execute_script(CONTRAST) == []
    prefer(driver, color_scheme="light")


@pytest.mark.parametrize("width", [360, 768, 1600])
@pytest.mark.parametrize("name", PAGES)
def test_the_page_fits_its_width(name, width, driver, opened):
    text, at = PAGES[name]
    opened(text, **at)
    resize(driver, width)
    whole, small = driver.execute_script(
        """const small = [...document.querySelectorAll("button, input[type=text]")]
          .filter((one) => one.getClientRects().length)
          .filter((one) => one.getBoundingClientRect().height < 24);
        return [document.documentElement.scrollWidth, small.length];"""
    )
    assert whole <= width
    assert small == 0


def test_the_table_has_every_value_and_follows(driver, opened):
    opened(PRODUCT, x=-2, y=5, z=-4)
    driver.execute_script("document.querySelector('.table').open = true")
    script = """return [...document.querySelectorAll("#rows tr")].map((row) =>
      [...row.children].map((cell) => cell.textContent))"""
    write(driver, {"x": -1})
    assert driver.execute_script(script) == [
        ["x", "input", "-1", "-4"],
        ["y", "input", "5", "-4"],
        ["q", "x + y", "4", "-4"],
        ["z", "input", "-4", "4"],
        ["f", "q*z", "-16", "1"],
    ]


def test_on_paper_there_is_the_circuit_and_no_button(driver, opened):
    opened(PRODUCT, x=-2, y=5, z=-4)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    shown = driver.execute_script(
        """return [...document.querySelectorAll("button, svg")]
          .filter((one) => one.getClientRects().length).map((one) => one.tagName)"""
    )
    colours = driver.execute_script(
        """return [...new Set([...document.querySelectorAll("svg text, .gradient")]
          .map(getComputedStyle).flatMap((one) => [one.fill, one.color]))]"""
    )
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert shown == ["svg"]
    assert colours == ["rgb(0, 0, 0)"]


def test_a_wide_circuit_is_whole_on_paper(driver, opened):
    opened("f = " + "sin(" * 30 + "x" + ")" * 30, x=0.5)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    widths = driver.execute_script(
        """const svg = document.querySelector(".view:not([hidden]) svg");
        const right = svg.getBoundingClientRect().right;
        return [right, document.body.scrollWidth, innerWidth]"""
    )
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert max(widths[:2]) <= widths[2]


def test_no_number_runs_over_another(driver, opened):
    opened("q = x*y\nf = sigmoid(q) + z", x=-123.456, y=5, z=1e-7)
    write(driver, {"x": -123456.789, "y": -1e300})
    overlaps = driver.execute_script(
        """const boxes = [...document.querySelectorAll(".view:not([hidden]) .label")]
          .map((one) => one.querySelector(".room").getBoundingClientRect());
        const texts = [...document.querySelectorAll(".view:not([hidden]) .label")]
          .map((one) => [...one.querySelectorAll("text")])
          .map((all) => all.map((text) => text.getBoundingClientRect()));
        return texts.flatMap((own, i) => own.filter((t) =>
          t.left < boxes[i].left - 1 || t.right > boxes[i].right + 1)).length;"""
    )
    assert overlaps == 0


def scrolled(driver):
    figure = "document.getElementById('figure')"
    script = f"return [{figure}.scrollLeft, {figure}.scrollTop]"
    return driver.execute_script(script)


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_a_wide_page_opens_at_its_first_gate(driver, tmp_path, direction):
    wide = "+".join(f"tanh(w{i}*x+{i})" for i in range(20))
    gt.parse(wide).render(tmp_path / "page.html", gt.Style(direction=direction))
    resize(driver, 1280)
    driver.get((tmp_path / "page.html").as_uri())
    assert scrolled(driver)[0 if direction == "LR" else 1] == 0
    inside = """
      const rectangle = (id) => document.getElementById(id).getBoundingClientRect();
      const figure = rectangle("figure");
      const data = JSON.parse(document.getElementById("data").textContent);
      const box = rectangle(`v0-n${data.views[0].steps[0]}`);
      return box.left >= figure.left && box.right <= figure.right
        && box.top >= figure.top && box.bottom <= figure.bottom;"""
    assert driver.execute_script(inside)
