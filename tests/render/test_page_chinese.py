"""The page of a circuit says all it says in the language that is spoken."""

import json
import re

from browser_page import click
from click.testing import CliRunner
from places import ROOT

from gradtutor.cli import main
from gradtutor.messages import speaking
from gradtutor.render.page.sentences import page_sentences

ASSETS = ROOT / "gradtutor" / "render" / "page" / "assets"
SAID = re.compile(r"""say\((?:isLayer \? |isDark\(\) \? )?"([^"]+)"(?: : "([^"]+)")?""")


def test_every_sentence_of_the_script_is_translated():
    code = "\n".join(path.read_text("utf-8") for path in sorted(ASSETS.glob("*.js")))
    used = {text for found in SAID.findall(code) for text in found if text}
    assert len(used) > 30
    assert used <= set(page_sentences())
    with speaking("zh"):
        chinese = page_sentences()
    assert all(
        re.search("[\u3000-\u9fff\uff00-\uffef]", chinese[text]) for text in used
    )


def test_no_english_is_left_on_a_chinese_page(driver, tmp_path):
    path = tmp_path / "page.html"
    at = ["--at", "x=-2,y=5,z=-4", "--lang", "zh", "-o", str(path)]
    done = CliRunner().invoke(main, ["render", "f = max(x, y)*sigmoid(z)", *at])
    assert done.exit_code == 0, done.output
    driver.get(path.as_uri())
    assert driver.execute_script("return document.documentElement.lang") == "zh"
    script = """return JSON.stringify([...document.querySelectorAll('body *')]
      .filter((one) => !one.closest('script, style, noscript, .value, .gradient'))
      .flatMap((one) => [one.getAttribute('aria-label'), one.getAttribute('title'),
        ...[...one.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data)]))"""
    for button in ("next", "last", "back", "back", "fold"):
        click(driver, button)
        for text in filter(None, json.loads(driver.execute_script(script))):
            words = set(re.findall("[A-Za-z]{3,}", text)) - KEPT
            assert not words, text
    assert driver.get_log("browser") == []


#: Names of gates and keys, and of what was typed.
KEPT = {"max", "sigmoid", "exp", "Home", "End", "Enter", "inf", "nan", "where", "torch"}
