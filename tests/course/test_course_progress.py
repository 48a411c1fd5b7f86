"""Progress: the log, the learner's files, the commands around them."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from course_lesson import SOLUTION, STARTER, write_lesson

from gradtutor.cli import main
from gradtutor.course.learner.progress_log import append, events, state
from gradtutor.course.locale.words import words

RIGHT = {
    "slope": ["2*2*x"],
    "value": ["-1"],
    "gate": ["copy"],
    "wires": ["q=3", "df/dq=-4", "df/dz=3", "df/dx=-4"],
    "steps": ["dloss", "dz", "dw"],
}


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path):
    """Work in an empty folder, beside a folder with one lesson."""
    write_lesson(tmp_path / "own")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("GRADTUTOR_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def run(*words, stdin=None):
    own = ["--lessons", str(Path("../own"))]
    return CliRunner().invoke(main, ["lesson", words[0], *own, *words[1:]], input=stdin)


def loads(*words, code=0, stdin=None):
    done = run(words[0], "--json", *words[1:], stdin=stdin)
    assert done.exit_code == code, done.output
    data = json.loads(done.stdout)
    assert data["schema"] == 1
    return data


@pytest.fixture
def started():
    return loads("start", "tiny", "--variant", "1")


# ---- the log ----


def test_a_torn_line_loses_only_itself(tmp_path):
    append({"event": "start", "lesson": "a", "variant": 2})
    log = tmp_path / "state" / "lessons.jsonl"
    with log.open("a", encoding="utf-8") as file:
        file.write('{"event": "answer", "lesson": "a", "ques')  # the power went
    append({"event": "skip", "lesson": "a", "question": "q"})
    assert [event["event"] for event in events()] == ["start", "skip"]
    assert state(events(), "a").question("q").status == "skipped"


@pytest.mark.parametrize("line", [b"\xff\xfe\n", b"[1]\n", b'{"event": 3}\n', b"\n"])
def test_foreign_lines_are_passed_over(line, tmp_path):
    append({"event": "start", "lesson": "a", "variant": 2})
    log = tmp_path / "state" / "lessons.jsonl"
    log.write_bytes(line + log.read_bytes())
    assert state(events(), "a").variant == 2


def write_many(name):
    for n in range(50):
        append({"event": "answer", "lesson": name, "question": str(n) * 200})


def test_writers_at_the_same_time_lose_nothing():
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_many, args=(str(n),)) for n in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    found = events()
    counts = [sum(one["lesson"] == str(n) for one in found) for n in range(3)]
    assert (len(found), counts) == (150, [50, 50, 50])


def test_a_log_that_cannot_be_written_is_one_error(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GRADTUTOR_HOME", str(tmp_path / "file" / "state"))
    done = run("start", "tiny")
    assert done.exit_code == 3
    assert len(done.stderr.strip().splitlines()) == 1
    assert "file" in done.stderr


def test_a_full_disk_is_an_error_and_loses_one_line(monkeypatch):
    append({"event": "start", "lesson": "a", "variant": 2})
    real = os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda handle, data: real(handle, data[:9]))
        with pytest.raises(OSError, match="space"):
            append({"event": "hint", "lesson": "a", "question": "q", "tier": 1})
    append({"event": "skip", "lesson": "a", "question": "q"})
    assert [event["event"] for event in events()] == ["start", "skip"]


# ---- a lesson from start to end ----


def test_start_writes_files_and_pictures_and_keeps_the_variant(started):
    assert started["parameters"] == {"a": 2, "b": -1, "c": -1}
    folder = Path(started["folder"])
    assert folder == Path("gradtutor-lessons/tiny").resolve()
    assert (folder / "layer.py").read_text() == STARTER
    for name in ("circuit.svg", "curve.svg"):
        assert (folder / name).read_text().rstrip().endswith("</svg>")
    (folder / "layer.py").write_text("mine")
    again = loads("start", "tiny")
    assert (again["variant"], again["kept"]) == (0, [str(folder / "layer.py")])
    assert (folder / "layer.py").read_text() == "mine"
    assert run("start", "tiny", "--variant", "2").exit_code == 2
    assert run("start", "tiny", "--variant", "9").exit_code == 2


def test_seeds_draw_every_variant():
    drawn = {loads("start", "tiny", "--seed", str(n))["variant"] for n in range(1)}
    for n in range(1, 12):
        loads("reset", "tiny")
        drawn.add(loads("start", "tiny", "--seed", str(n))["variant"])
    assert drawn == {0, 1, 2, 3}


def test_answering_skipping_resuming(started):
    assert loads("next")["question"] == "slope"
    data = loads("next", "--skip")
    assert data["question"] == "value"
    for name in ("value", "gate", "wires", "steps"):
        loads("answer", name, *RIGHT[name])
    Path(started["folder"], "layer.py").write_text(SOLUTION)
    assert loads("answer", "tiny/6")["verdict"] == "correct"
    assert loads("next")["question"] == "slope"  # what was skipped comes last
    loads("solution", "slope")
    assert loads("answer", "slope", *RIGHT["slope"])["verdict"] == "correct"
    (row,) = loads("status")["lessons"]
    assert [one["status"] for one in row["detail"]] == ["shown", *["right"] * 5]
    assert (row["right"], row["done"]) == (5, 6)
    assert loads("next")["next"] is None
    assert loads("check-all")["right"] == 6


def test_without_start_the_first_numbers_are_used_and_kept():
    loads("answer", "tiny/value", "-1")
    assert loads("start", "tiny", "--seed", "5")["variant"] == 0


def test_reset_keeps_what_was_written(started):
    file = Path(started["folder"], "layer.py")
    for n, backup in enumerate(("layer.py.bak", "layer.py.bak2", "layer.py.bak3")):
        file.write_text(f"mine {n}")
        (row,) = loads("reset", "tiny")["reset"]
        assert row["backups"] == [str(file.with_name(backup))]
        assert file.with_name(backup).read_text() == f"mine {n}"
        assert file.read_text() == STARTER
    assert loads("reset", "tiny")["reset"] == [{"lesson": "tiny", "backups": []}]
    assert loads("status")["lessons"][0]["started"] is False
    assert run("reset").exit_code == 2


def test_check_all_tells_what_is_wrong_now(started):
    assert loads("check-all")["checked"] == []
    loads("answer", "value", "-1")
    loads("answer", "gate", "add", code=1)
    Path(started["folder"], "layer.py").write_text(SOLUTION.replace("x.T @ dz", "W"))
    data = loads("check-all", code=1)
    verdicts = {row["question"]: row["verdict"] for row in data["checked"]}
    assert verdicts == {"value": "correct", "gate": "wrong", "code": "wrong"}


def test_a_wrong_retry_leaves_a_right_answer_as_status_and_check_all_say(started):
    assert loads("answer", "slope", "4*x")["status"] == "right"
    again = loads("answer", "slope", "x", code=1)
    assert (again["verdict"], again["status"]) == ("wrong", "right")
    assert "that answer still counts" in run("answer", "slope", "5*x").stdout
    assert loads("check-all")["checked"][0]["verdict"] == "correct"
    detail = loads("status")["lessons"][0]["detail"][0]
    assert (detail["status"], detail["tries"], detail["answer"]) == (
        "right",
        3,
        ["4*x"],
    )


def test_code_that_is_broken_after_it_was_right_is_open_again(started):
    path = Path(started["folder"], "layer.py")
    path.write_text(SOLUTION)
    assert loads("answer", "code")["status"] == "right"
    path.write_text(SOLUTION.replace("x.T @ dz", "W"))
    assert loads("check-all", code=1)["checked"][0]["verdict"] == "wrong"
    questions = loads("status")["lessons"][0]["detail"]
    assert {one["id"]: one["status"] for one in questions}["code"] == "open"


@pytest.mark.parametrize(
    ("words", "code", "verdict"),
    [
        (["slope", "4*x"], 0, "correct"),
        (["1", "-4*x"], 1, "wrong"),
        (["tiny/slope", "--", "-4*x"], 1, "wrong"),
        (["slope", "4*x*"], 3, "invalid"),
        (["slope", "where(x > -9, 4*x, 0)"], 5, "undecided"),
        (["value", "-1,0"], 3, "invalid"),
        (["gate", "z"], 3, "invalid"),
        (["wires", "q=3"], 3, "invalid"),
        (["code", "nowhere.py"], 3, "invalid"),
    ],
)
def test_exit_codes(started, words, code, verdict):
    data = loads("answer", *words, code=code)
    assert data["verdict"] == verdict
    counted = verdict != "invalid"
    detail = loads("status")["lessons"][0]["detail"]
    assert sum(one["tries"] for one in detail) == counted


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "tinny"], "did you mean tiny?"),
        (["show", "../own/tiny"], "there is no lesson “../own”"),
        (["answer", "tiny/slop", "x"], "did you mean slope?"),
        (["answer", "tiny/9", "x"], "1 to 6"),
        (["hint"], "No lesson is started"),
        (["next"], "No lesson is started"),
    ],
)
def test_what_is_not_there_is_one_error(words, said):
    done = run(*words)
    assert done.exit_code == 3
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_answers_come_from_a_pipe_or_a_file(started):
    assert loads("answer", "slope", "-", stdin="4*x\n")["verdict"] == "correct"
    Path("wires.txt").write_text("q = 3\ndf/dq = -4\ndf/dz = 3\ndf/dx = -4\n")
    assert loads("answer", "wires", "--file", "wires.txt")["verdict"] == "correct"
    assert run("answer", "slope").exit_code == 2
    assert run("answer", "slope", "--file", "none.txt").exit_code == 3


def test_hints_come_in_three_tiers(started):
    texts = [loads("hint", "slope")["text"] for _ in range(4)]
    assert texts == [f"hint {n} of slope (en)" for n in (1, 2, 3, 3)]


ENDLESS = SOLUTION.replace("    dz =", "    while True:\n        pass\n    dz =", 1)


@pytest.mark.parametrize(
    "program",
    [ENDLESS, "import sys\nsys.exit(0)\n", "def backward(:\n", ""],
    ids=["endless", "exit", "syntax", "empty"],
)
def test_hostile_code_is_one_error(started, program, monkeypatch):
    from gradtutor.course.kinds.graders import programs as code

    monkeypatch.setattr(code, "TIMEOUT", 1.0)
    file = Path(started["folder"], "layer.py")
    file.write_text(program)
    done = run("answer", "code")
    assert done.exit_code == (5 if "while" in program else 3), done.output
    assert "Traceback" not in done.output
    if "while" in program:
        assert "did not end within 1 s. Is there" in done.stdout
        assert re.search("at line [89]: `(while True:|pass)`", done.stdout)
        assert "--timeout" not in done.output


# ---- languages ----


def test_the_language_is_remembered(started):
    assert "小课" in run("show", "tiny", "--lang", "zh").stdout
    assert "小课" in run("show", "tiny").stdout
    assert run("answer", "value", "5").stdout.startswith("✗ 还不对。")
    assert "Tiny" in run("show", "tiny", "--lang", "en").stdout


def test_a_learner_reads_the_parser_s_words_in_chinese(started):
    said = run("answer", "slope", "4*x*(1 + sn(x)", "--lang", "zh").stderr
    assert said.splitlines()[1:] == ["  4*x*(1 + sn(x)", "      ^"]
    assert "不计入：第 1 行第 5 列：'(' 没有配对的右括号" in said
    assert "是不是 sin？" in run("answer", "slope", "4*sn(x)").stderr
    assert "没有名为 'q' 的函数" in run("answer", "value", "q(2)").stderr
    assert "不是这道题的变量" in run("answer", "wires", "q=3", "df/dq=a").stderr


def test_the_engine_speaks_both_languages_with_the_same_blanks():
    import string

    def names(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert [
        key for key, told in words().items() if names(told["en"]) != names(told["zh"])
    ] == []
    assert [
        key
        for key, told in words().items()
        if told["zh"].isascii() and "{" not in told["zh"]
    ] == []


# ---- watch, and the program as a person runs it ----


def test_watch_once(started):
    Path(started["folder"], "layer.py").write_text(SOLUTION)
    assert loads("watch", "--once")["verdict"] == "correct"


def test_watch_checks_each_save_and_ends_with_ctrl_c(started):
    file = Path(started["folder"], "layer.py")
    words = ["lesson", "watch", "tiny", "--lessons", "../own", "--json"]
    program = subprocess.Popen(
        [sys.executable, "-m", "gradtutor", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"WATCHFILES_FORCE_POLLING": "1"},
    )
    try:
        first = json.loads(program.stdout.readline())
        time.sleep(1.0)  # until it watches
        file.write_text(SOLUTION)
        second = json.loads(program.stdout.readline())
        assert (first["verdict"], second["verdict"]) == ("wrong", "correct")
        program.send_signal(signal.SIGINT)
        assert program.wait(20) == 130
        assert "Traceback" not in program.stderr.read()
    finally:
        program.kill()
        program.communicate()


def test_a_folder_without_an_order_is_a_course(tmp_path):
    data = json.loads(run("list", "--json").stdout)
    (part,) = data["parts"]
    assert [row["name"] for row in part["lessons"]] == ["tiny"]
    done = CliRunner().invoke(main, ["lesson", "list", "--lessons", str(tmp_path)])
    assert done.exit_code == 3
    assert "there are no lessons in" in done.stderr


def test_the_lesson_in_a_terminal_has_eighty_columns(started):
    shown = run("show", "tiny").stdout
    assert "┤" in shown
    assert "picture: " in shown
    assert "Question 2 of 6" in shown
    assert "{" not in shown.replace("{x}", "")
