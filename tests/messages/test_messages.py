"""Every sentence has its Chinese, with the same blanks; errors are told in Chinese."""

import re
import unicodedata

import pytest
from click.testing import CliRunner
from mistakes import MISTAKES
from sentences import blanks, sentences

from gradtutor.cli import main
from gradtutor.language import SourceError, parse_formula
from gradtutor.messages import chosen, mark, speaking, tr
from gradtutor.messages.catalogue import catalogue, rooms

HAN = re.compile("[\u4e00-\u9fff]")
#: Words of English that no Chinese sentence holds.
ENGLISH = re.compile(r"\b(the|is|are|to|not|takes|has|it|write)\b")
#: A quotation is a person's own text, and so is an example after 例如.
QUOTED = re.compile(r"""'[^']*'|"[^"]*"|‘[^’]*’|“[^”]*”|（[^）]*）""")


# ---- the catalogue ----


def test_no_sentence_lacks_its_chinese():
    known = catalogue()
    assert sorted({one.place for one in sentences() if one.key not in known}) == []


def test_no_chinese_without_its_sentence():
    said = {one.key for one in sentences()}
    assert sorted(set(catalogue()) - said) == []


def test_a_sentence_stands_in_one_room():
    places = [key for room in rooms().values() for key in room]
    assert len(places) == len(set(places))


def test_both_texts_have_the_same_blanks():
    filled = {one.key for one in sentences() if one.filled or one.filled is None}
    pairs = [(key, zh) for key, zh in catalogue().items() if key in filled]
    assert [key for key, zh in pairs if blanks(key) != blanks(zh)] == []


def test_every_blank_is_filled():
    wrong = [
        (one.place, one.filled)
        for one in sentences()
        if one.filled and blanks(one.key) != one.filled
    ]
    assert wrong == []


def test_the_chinese_is_chinese():
    def bare(text):
        return re.sub(r"\{\w[^}]*\}", "", text)

    untold = [
        zh
        for key, zh in catalogue().items()
        if re.search("[a-z]{2}", bare(key)) and not HAN.search(bare(zh))
    ]
    assert untold == []


# ---- saying it ----


def test_a_message_is_said_again_in_another_language():
    said = tr("there is no gate {name!r}", name="sn")
    with speaking("zh"):
        assert tr(said) == "没有名为 'sn' 的函数"
    assert said == "there is no gate 'sn'"
    assert mark("there is no formula") == "there is no formula"


@pytest.mark.parametrize(
    ("remembered", "environment", "language"),
    [
        (None, {}, "en"),
        (None, {"LANG": "zh_CN.UTF-8"}, "zh"),
        (None, {"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        (None, {"LC_ALL": "", "LC_MESSAGES": "zh_TW", "LANG": "en_US"}, "zh"),
        ("zh", {"LANG": "de_DE.UTF-8"}, "zh"),
        ("zh", {"GRADTUTOR_LANG": "en"}, "en"),
        (None, {"GRADTUTOR_LANG": "zh", "LC_ALL": "C"}, "zh"),
        (None, {"GRADTUTOR_LANG": "fr", "LANG": "zh_CN"}, "zh"),
    ],
)
def test_what_chooses_the_language(remembered, environment, language):
    assert chosen(remembered, environment) == language


# ---- errors ----


@pytest.mark.parametrize("text", [row[0] for row in MISTAKES])
def test_every_mistake_of_a_formula_is_told_in_chinese(text):
    with speaking("zh"), pytest.raises(SourceError) as caught:
        parse_formula(text)
    with speaking("zh"):
        first, _, _, *hint = str(caught.value).split("\n")
    for line in [first, *hint]:
        words = QUOTED.sub("", line.partition("例如")[0])
        assert HAN.search(line), line
        assert not ENGLISH.search(words), line


@pytest.mark.parametrize("command", ["diff", "render", "check"])
@pytest.mark.parametrize("text", [row[0] for row in MISTAKES if len(row[0]) < 200])
def test_the_commands_tell_it_in_chinese(command, text):
    done = CliRunner().invoke(main, [command, "--lang", "zh", "--", text])
    told = done.stderr.splitlines()
    assert done.exit_code in (2, 3)
    assert HAN.search(told[0]), done.stderr


def test_the_caret_stands_under_wide_signs():
    with speaking("zh"), pytest.raises(SourceError) as caught:
        parse_formula("权重 + sigmiod(x)")
    _, line, caret, *_ = str(caught.value).split("\n")
    before = line[: line.index("sigmiod")]
    wide = sum(1 + (unicodedata.east_asian_width(sign) in "WF") for sign in before)
    assert caret.index("^") == wide
