"""Files as they come: encodings, links, pipes, bombs, headers; each its message."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from gradtutor.cli import main
from gradtutor.cli.streams import decoded
from gradtutor.evaluate import archive
from gradtutor.printable import printable

HEAD = b"\x93NUMPY\x01\x00\x76\x00"
NETWORK = (
    "Sequential([Input(4), Linear(6), ReLU(), Linear(3)])\nloss = CrossEntropyLoss()"
)


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADTUTOR_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def run(*arguments, stdin=None):
    return CliRunner().invoke(main, list(arguments), input=stdin)


# ---- texts ----

READ = {
    "utf-8": b"q = x + y\nf = q*z\n",
    "mark": b"\xef\xbb\xbfq = x + y\nf = q*z\n",
    "windows": b"q = x + y\r\nf = q*z\r\n",
    "old macintosh": b"q = x + y\rf = q*z\r",
    "utf-16": "q = x + y\nf = q*z\n".encode("utf-16"),
    "utf-16, large end first": b"\xfe\xff" + "q = x + y\nf = q*z".encode("utf-16-be"),
    "utf-32": "q = x + y\nf = q*z\n".encode("utf-32"),
}


@pytest.mark.parametrize("content", READ.values(), ids=READ)
def test_a_text_in_any_of_these_is_read(content):
    Path("f.txt").write_bytes(content)
    for done in (run("render", "f.txt", "--json"), run("diff", "f.txt", "--wrt", "x")):
        assert done.exit_code == 0, done.output
    assert run("render", "-", stdin=content).stdout == run("render", "f.txt").stdout


REFUSED = {
    # a text's bytes, and what is said
    "latin-1": ("x*é".encode("latin-1"), "f.txt is not a text file (UTF-8): line 1"),
    "latin-1 below": (b"x\n\ny*\xe9", "line 3: byte 0xe9"),
    "all bytes": (bytes(range(256)), "f.txt is not a text file (UTF-8): line 2"),
    "half a utf-16": (b"\xff\xfex", "f.txt is not a text file"),
    "zero": (b"x\0y", "null bytes"),
    "nothing": (b"", "there is no formula"),
    "escape": (b"x*\x1b[31mred", "x*␛[31mred"),
    "turned": ("x*\u202ey".encode(), "x*�y"),
    "bell": (b"x\a", "x␇"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("command", ["render", "diff", "check"])
def test_a_text_that_is_none_is_told(command, name):
    content, said = REFUSED[name]
    Path("f.txt").write_bytes(content)
    done = run(command, "f.txt")
    assert (done.exit_code, done.stdout) == (3, "") and said in done.stderr
    assert done.stderr.replace("\n", "").isprintable()
    told = json.loads(run(command, "f.txt", "--json").stdout)["error"]
    assert told["message"] and "Traceback" not in done.stderr


def test_decoding_keeps_what_it_cannot_know():
    assert decoded("α\r\nβ".encode()) == "α\nβ"
    assert printable("tab\tline\nβ 中文 é") == "tab\tline\nβ 中文 é"
    assert printable("\x1b]0;title\x07\x9b31m\u2066") == "␛]0;title␇�31m�"


# ---- names, links, pipes, folders ----


def test_names_that_are_no_text_or_hold_escapes_are_shown():
    odd = os.fsdecode(b"na\xffme.txt")
    Path(odd).write_text("x*y")
    assert run("render", odd, "--json").exit_code == 0
    for name, shown in (
        (os.fsdecode(b"go\xffne.net"), "go\\xffne.net"),
        ("\x1b[31mgone.net", "␛[31mgone.net"),
        ("two\x07.txt", "two␇.txt"),
    ):
        done = run("render", name)
        assert done.exit_code == 3 and f"there is no file {shown}" in done.stderr
        told = json.loads(run("render", name, "--json").stdout)
        assert "there is no file" in told["error"]["message"]


@pytest.mark.parametrize(
    "command",
    [
        ["diff", "x*\udca6\udcc1"],
        ["diff", "x*y", "--at", "\udca6\udcc1=2"],
        ["render", "\udca6x"],
        ["lesson", "answer", "activations/1", "\udca6\udcc1"],
    ],
)
def test_bytes_of_another_encoding_are_told(command):
    done = run(*command)
    assert done.exit_code == 3, done.output
    assert "this is no text in UTF-8" in done.stderr
    assert "LC_ALL" in done.stderr


def test_a_word_of_utf_8_is_read_where_the_locale_is_c():
    word = "x*ŷ²".encode().decode("ascii", "surrogateescape")
    assert "ŷ**2" in run("diff", word).output


def test_escapes_in_the_names_of_arrays_and_columns_are_shown():
    np.savez("a.npz", **{"\x1b[31mz": np.ones(1), "x": np.array(1.0)})
    done = run("render", "x*2", "--at", "a.npz")
    assert done.exit_code == 3 and "there is no input '␛[31mz'" in done.stderr.replace(
        "\\x1b", "␛"
    )
    Path("t.csv").write_text("\x1b[2J,b,y\n" + "1,2,0\n3,4,1\n" * 9 + "5,6\n")
    done = run("gen", NETWORK, "--data", "t.csv")
    assert done.exit_code == 3 and "\x1b" not in done.output


def test_links_are_followed_and_their_ends_told():
    Path("f.txt").write_text("x*y")
    Path("link.txt").symlink_to("f.txt")
    Path("lost.txt").symlink_to("nowhere.txt")
    Path("loop.txt").symlink_to("loop.txt")
    assert run("render", "link.txt").exit_code == 0
    assert "there is no file lost.txt" in run("render", "lost.txt").stderr
    assert "Too many levels of symbolic links" in run("render", "loop.txt").stderr


def test_a_picture_goes_where_a_link_points():
    Path("there").mkdir()
    Path("a.dot").symlink_to("there/a.dot")
    assert run("render", "x*y", "-o", "a.dot").exit_code == 0
    assert Path("a.dot").is_symlink() and Path("there/a.dot").is_file()


def test_a_pipe_is_read_once():
    os.mkfifo("pipe.txt")
    writer = threading.Thread(target=lambda: Path("pipe.txt").write_text("x*y"))
    writer.start()
    done = run("render", "pipe.txt")
    writer.join()
    assert done.exit_code == 0 and "x*y" in done.stdout


@pytest.mark.parametrize("name", [".", "..", "/", "sub/", "./sub", "sub.txt"])
def test_a_folder_is_no_formula(name):
    Path("sub").mkdir()
    Path("sub.txt").mkdir()
    done = run("render", name)
    assert done.exit_code == 3
    assert "is a folder" in done.stderr or "Is a directory" in done.stderr


def test_a_folder_named_as_an_input_is_not_in_the_way():
    Path("x").mkdir()
    assert run("diff", "x").exit_code == 0


# ---- arrays ----


def member(name, content):
    with zipfile.ZipFile("a.npz", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, content)


def header(text):
    return HEAD + text.encode().ljust(117) + b"\n"


def saved(**arrays):
    np.savez("a.npz", **arrays)


def cut(count):
    saved(x=np.arange(100.0))
    content = Path("a.npz").read_bytes()
    Path("a.npz").write_bytes(content[:count] if count < 0 else content[count:])


def flipped():
    saved(x=np.arange(100.0))
    content = bytearray(Path("a.npz").read_bytes())
    content[400] ^= 255
    Path("a.npz").write_bytes(content)


CLAIM = "{'descr': '<f8', 'fortran_order': False, 'shape': (%s,), }"
ARRAYS = {
    "no zip": (lambda: Path("a.npz").write_text("hello"), "is no .npz file"),
    "nothing": (lambda: Path("a.npz").write_text(""), "is no .npz file"),
    "begins as one": (lambda: Path("a.npz").write_bytes(b"PK\3\4"), "is no .npz file"),
    "end is cut": (lambda: cut(-40), "is no .npz file"),
    "beginning is cut": (lambda: cut(40), ""),
    "a bit is turned": (flipped, ""),
    "pickled": (lambda: saved(x=np.array([{}], dtype=object)), "holds Python objects"),
    "claims much": (lambda: member("x.npy", header(CLAIM % 10**13)), "it has 0"),
    "claims less": (
        lambda: member("x.npy", header(CLAIM % 1) + bytes(80)),
        "it has 80",
    ),
    "is code": (lambda: member("x.npy", header("open('pwned', 'w')")), "has no header"),
    "is deep": (lambda: member("x.npy", header("(" * 99)), "has no header"),
    "is new": (lambda: member("x.npy", b"\x93NUMPY\x09\x00\x00"), "has no header"),
    "a text in it": (lambda: member("readme.txt", "hello"), "holds readme.txt"),
    "climbs out": (lambda: member("../x.npy", "hello"), "has no header"),
    "a bomb": (lambda: member("x.npy", header(CLAIM % 10**6) + bytes(8 * 10**6)), "MB"),
    "words": (lambda: saved(x=np.array(["a"])), ""),
    "complex": (lambda: saved(x=np.array([1j])), ""),
    "dates": (lambda: saved(x=np.array(["2020-01-01"], dtype="datetime64[D]")), ""),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_that_are_none_are_told(name, monkeypatch):
    monkeypatch.setattr(archive, "SUSPECT_BYTES", 10**6)
    make, said = ARRAYS[name]
    make()
    for arguments in (
        ["render", "x*2", "--at", "a.npz"],
        ["gen", NETWORK, "--data", "a.npz"],
    ):
        done = run(*arguments)
        assert done.exit_code == 3, done.output
        assert said in done.stderr and "a.npz" in done.stderr
        assert len(done.stderr) < 300 and "pickle.load" not in done.stderr
    assert not Path("pwned").exists()


def test_what_is_too_large_is_not_unpacked():
    saved(x=np.zeros(1000))
    with pytest.raises(archive.ArchiveError, match=r"holds 0\.0 GB, more than"):
        archive.array_heads(Path("a.npz"), 1000)
    heads = archive.array_heads(Path("a.npz"))
    assert (heads["x"].shape, heads["x"].dtype) == ((1000,), np.float64)


# ---- encodings of what is printed ----


@pytest.mark.sampled(4)
@pytest.mark.parametrize("encoding", ["gbk", "ascii", "latin-1", "cp1252", "utf-16"])
def test_no_encoding_ends_a_command(encoding):
    environment = os.environ | {"PYTHONIOENCODING": encoding, "COLUMNS": "80"}
    code = (
        "from gradtutor.cli import main\n"
        "import sys\n"
        "for words in (['diff', 'x*y', '--steps', '--at', 'x=1,y=2'],\n"
        "              ['render', 'λ*x', '--json'], ['render', '变量*x'],\n"
        "              ['lesson', 'show', 'momentum-adam', '--lang', 'zh'],\n"
        "              ['lesson', 'list', '--lang', 'zh'], ['explain', 'softmax'],\n"
        "              ['explain', 'misconceptions', '--lang', 'zh'],\n"
        "              ['render', 'λ*变量+'], ['render', '\\udcff.net']):\n"
        "    try: main(words)\n"
        "    except SystemExit as end: print('ended', end.code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=environment, check=True
    )
    text = done.stdout.decode(encoding)
    codes = [line for line in text.splitlines() if line.startswith("ended")]
    assert codes == [f"ended {code}" for code in (0, 0, 0, 0, 0, 0, 0, 3, 3)]
    assert b"Traceback" not in done.stderr and b"fault" not in done.stderr
    (line,) = (line for line in text.splitlines() if line.startswith("{"))
    assert json.loads(line)["nodes"][0]["name"] == "λ"
