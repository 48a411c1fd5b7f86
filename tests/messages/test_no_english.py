"""Under ``--lang zh`` no command says English, but for names and code."""

import json
import re
import shlex

import pytest
from click.testing import CliRunner
from commands import COMMANDS, FILES
from places import ROOT, WHOLE
from sentences import untranslated

from gradtutor.cli import main

SHEETS = ROOT / "examples" / "sheets"

#: Words that only an English sentence has, and those that head a table or judge.
ENGLISH = re.compile(
    r"\b(the|is|are|not|takes|has|it|write|of|and|with|for|by|this|that|no|an"
    r"|analytic|numeric|right|wrong|WRONG|ok|proved|undecided|correct"
    r"|epochs?|examples?|optimiser|parameters|rows|classes)\b",
    re.ASCII,
)
#: What people, programs and Python call something: quoted, a command, a call, a file.
NAMES = re.compile(
    r"'[^']*'|\"[^\"]*\"|`[^`]*`|（[^（）]*）|\([^()]*\)|\[[^\[\]]*\]"
    r"|\$ .*|gradtutor [a-z].*|main .*|--[\w-]+|[\w./-]+-[\w-]+"
    r"|\w*Error: .*|TOML.*|[\w.]+ = .*|^ +return .*|^\w+(, \w+)+$",
    re.ASCII,
)


def said(line):
    """Return what a command prints, on both streams."""
    words = [word.replace("{sheets}", str(SHEETS)) for word in shlex.split(line)]
    done = CliRunner().invoke(main, ["--lang", "zh", *words], env={"COLUMNS": "80"})
    assert done.exit_code != 70, done.stderr
    assert isinstance(done.exception, SystemExit | None), (line, done.exception)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def where(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zh")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_no_command_says_english(where, monkeypatch):
    monkeypatch.chdir(where)
    monkeypatch.setenv("GRADTUTOR_HOME", str(where / "home"))
    english = {}
    for line in COMMANDS if WHOLE else COMMANDS[::2]:
        found = [
            one
            for one in said(line).splitlines()
            if ENGLISH.search(NAMES.sub(" ", one))
        ]
        if found:
            english[line] = found
    assert english == {}, json.dumps(english, ensure_ascii=False, indent=1)


def test_no_error_escapes_the_catalogue():
    assert list(untranslated()) == []
