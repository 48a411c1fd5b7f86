"""Every sentence has its Chinese, with the same blanks; errors are told in Chinese."""

import gettext
import io
import re
import unicodedata

import pytest
from click.testing import CliRunner
from mistakes import MISTAKES
from places import ROOT
from sentences import blanks, help_texts, roles, sentences, tables

from gradtutor.cli import main
from gradtutor.language import SourceError, parse_formula
from gradtutor.messages import chosen, mark, speaking, tr
from gradtutor.messages.catalogue import catalogue, rooms
from gradtutor.messages.cells import cells

HAN = re.compile("[\u4e00-\u9fff]")
#: Words of English that no Chinese sentence holds.
ENGLISH = re.compile(r"\b(the|is|are|to|not|takes|has|it|write)\b")
#: A quotation is a person's own text, and so is an example after 例如.
QUOTED = re.compile(r"""'[^']*'|"[^"]*"|‘[^’]*’|“[^”]*”|（[^）]*）""")


# ---- the catalogue ----


def test_no_sentence_lacks_its_chinese():
    known = catalogue()
    assert sorted({one.place for one in sentences() if one.key not in known}) == []
    assert [
        text for text in [*help_texts(), *roles(), *tables()] if text not in known
    ] == []


def test_no_chinese_without_its_sentence():
    said = {one.key for one in sentences()} | {*help_texts(), *roles(), *tables()}
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


# ---- help ----


def help_of(*words, language="zh"):
    return CliRunner().invoke(
        main, [*words, "--help"], env={"GRADTUTOR_LANG": language}
    )


def test_help_is_in_chinese_and_then_in_english_again():
    assert "把 EXPRESSION 画成计算图" in help_of("render").output
    assert "Draw EXPRESSION as a circuit" in help_of("render", language="en").output


@pytest.mark.parametrize("name", main.commands)
def test_help_fits_a_terminal(name):
    lines = help_of(name).output.splitlines()
    assert [line for line in lines if HAN.search(line) and cells(line) > 80] == []
    assert not ENGLISH.search(help_of(name).output.replace("not-a-file", ""))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["render"], "错误：缺少参数 'EXPRESSION'"),
        (["train", "mlp.net"], "错误：缺少选项 '--data'"),
        (["diff", "x", "--frob"], "错误：没有选项 '--frob'"),
        (["lesson", "frob"], "错误：没有命令 'frob'"),
        (["diff", "x", "--form", "q"], "错误：'--form' 的值不对：'q' 不是"),
        (["diff", "x", "y"], "这里有 2 个参数，应当只有一个：请加引号"),
        (["diff", "no-such.formula"], "没有文件 no-such.formula"),
        (["render", "x", "-o", "/no/such/place.svg"], "没有这个文件或文件夹"),
        (["check", "2*x", "--at", "x=a"], "x 要一个数"),
    ],
)
def test_wrong_usage_is_told_in_chinese(words, said):
    done = CliRunner().invoke(main, [*words, "--lang", "zh"])
    assert done.exit_code in (2, 3)
    assert said in done.stderr


def test_click_s_own_words_are_compiled():
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    folder = ROOT / "gradtutor" / "messages" / "zh" / "LC_MESSAGES"
    with (folder / "messages.po").open("rb") as file:
        written = read_po(file, locale="zh")
    compiled = io.BytesIO()
    write_mo(compiled, written)
    with (folder / "messages.mo").open("rb") as file:
        kept = gettext.GNUTranslations(file)
    assert {one.id for one in written if not one.string} == set()
    fresh = gettext.GNUTranslations(io.BytesIO(compiled.getvalue()))
    texts = [one.id for one in written if isinstance(one.id, str) and one.id]
    assert [t for t in texts if kept.gettext(t) != fresh.gettext(t)] == []
    pairs = [one.id for one in written if isinstance(one.id, tuple)]
    assert [p for p in pairs if kept.ngettext(*p, 2) != fresh.ngettext(*p, 2)] == []
