"""The comments of scripts in Chinese: the code is the same, every sentence is said."""

import ast
import io
import re
import tokenize

import pytest
from click.testing import CliRunner

from gradtutor.cli import main
from gradtutor.codegen.comments import in_chinese
from gradtutor.codegen.comments.sentences import (
    CODE,
    messages,
    printed_in_chinese,
    said,
)
from gradtutor.codegen.comments.translating import SAFE
from gradtutor.messages.cells import cells

HAN = re.compile("[\u4e00-\u9fff]")
#: Two words of English, and no formula.
ENGLISH = re.compile(r"^(?!\s*mpiexec).*[a-z]{3,} [a-z]{2,}", re.DOTALL)
MESSAGES = messages()
SENTENCE = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}")
ROWS = "a,b,y\n" + "".join(f"{n},{n % 3},{n % 2}\n" for n in range(60))
SCRIPTS = (
    "exam.net --data rows.csv --y y --schedule cosine --patience 3 --clip 1",
    "mlp.net --data mnist --optimizer adamw --parallel mpi",
    "eeg.net --data eeg",
    "ecg.net --data ecg --backend numba",
    "lenet.net --data mnist --backend cupy --conv cudnn --products nvmath",
    "lenet.net --data mnist --backend cupy --conv implicit",
    "mlp.net --data mnist --backend cupy --one-kernel",
    "gpt.net --data names --backend cupy --precision float16",
)


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scripts")
    (folder / "rows.csv").write_text(ROWS)
    found = {}
    for line in SCRIPTS:
        words = line.replace("rows.csv", str(folder / "rows.csv")).split()
        texts = []
        for language in ("en", "zh"):
            path = folder / "net.py"
            done = CliRunner().invoke(
                main, ["gen", *words, "--comments", language, "-o", str(path)]
            )
            assert done.exit_code == 0, done.output
            texts.append(path.read_text(encoding="utf-8"))
        found[line] = texts
    return found


def code(script):
    """Return every token but comments, blank lines and strings."""
    tokens = tokenize.generate_tokens(io.StringIO(script).readline)
    left_out = (tokenize.COMMENT, tokenize.NL, tokenize.STRING)
    return [t.string for t in tokens if t.type not in left_out]


def strings(script):
    """Return every string but docstrings, as it stands there."""
    tokens = tokenize.generate_tokens(io.StringIO(script).readline)
    texts = [t.string for t in tokens if t.type == tokenize.STRING]
    return [text for text in texts if '"""' not in text]


def comments(script):
    """Yield what a person reads: comments, and the paragraphs of docstrings."""
    for token in tokenize.generate_tokens(io.StringIO(script).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
    for node in ast.walk(ast.parse(script)):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef):
            yield from re.split(r"\n\s*\n", ast.get_docstring(node) or "")
        if isinstance(node, ast.keyword) and node.arg == "help":
            yield str(getattr(node.value, "value", ""))


def is_english(text):
    return ENGLISH.search(text) and not HAN.search(text) and " = " not in text


@pytest.mark.parametrize("line", SCRIPTS)
def test_the_code_is_the_same(scripts, line):
    english, chinese = scripts[line]
    assert SAFE in chinese
    chinese = chinese.replace(SAFE, "")
    assert code(chinese) == code(english)
    for one, other in zip(strings(english), strings(chinese), strict=True):
        inner = one.removeprefix("f")[1:-1]
        anew = {inner, MESSAGES.get(inner, inner), said(inner) or inner}
        assert other in {one.replace(inner, text) for text in anew}, "code stays"
    assert len(HAN.findall(chinese)) > 1000


def test_no_message_is_said_in_english(scripts):
    """What a script prints or ends with, as a person reads it."""
    left = set()
    for _, chinese in scripts.values():
        for node in ast.walk(ast.parse(chinese)):
            if isinstance(node, ast.Call | ast.Raise) and says(node):
                texts = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant)]
                left |= {t for t in map(str, texts) if SENTENCE.search(t)}
    assert {one for one in left if "pip install" not in one} == set()


def says(node):
    """Whether a node prints, or ends the script with words."""
    called = ast.unparse(node.exc or node) if isinstance(node, ast.Raise) else ""
    name = called.split("(")[0] or ast.unparse(getattr(node, "func", node))
    return name in ("print", "sys.exit", "SystemExit", "parser.error")


@pytest.mark.parametrize("text", sorted(MESSAGES))
def test_a_message_has_the_same_code_in_both_languages(text):
    assert sorted(CODE.findall(MESSAGES[text])) == sorted(CODE.findall(text)) or (
        " or " in text
    )


@pytest.mark.parametrize("line", SCRIPTS)
def test_every_sentence_is_said_in_chinese(scripts, line):
    english, chinese = scripts[line]
    network = english[: english.index("It needs only")]
    left = [text for text in comments(chinese) if is_english(text)]
    told = " ".join(network.split())
    assert [text for text in left if " ".join(text.split()) not in told] == []
    wide = [one for one in chinese.split("\n") if cells(one) > 88]
    assert [one for one in wide if one not in english] == []


def test_what_is_no_sentence_stays():
    script = 'x = 1  # z1 = X @ W1\n"""a # b"""\n# my own words\n'
    assert in_chinese(script) == script


@pytest.mark.parametrize(
    ("line", "chinese"),
    [
        (
            "epoch 3: the loss is nan; lower --learning-rate",
            "第 3 轮：损失是 nan；请减小 --learning-rate",
        ),
        ("interrupted: nothing was saved", "已中断：什么也没有保存"),
        ("of my own: stays", "of my own: stays"),
    ],
)
def test_what_an_english_script_printed_is_said_in_chinese(line, chinese):
    assert printed_in_chinese(line) == chinese
