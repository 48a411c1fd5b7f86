"""A class is graded: right, wrong, broken and hostile answers; killed and resumed."""

import csv
import json
import re
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner
from places import WHOLE

from gradtutor.cli import main
from gradtutor.course.library.courses import read_course
from gradtutor.teach.report import report_csv, summary, summary_text
from gradtutor.teach.sheets import read_given
from gradtutor.teach.solved import answer_text
from gradtutor.teach.submissions import answers_of, read_submissions
from gradtutor.teach.work import Row

#: A whole class, or as many as are still at work when the first ones are done.
SIZE = 300 if WHOLE else 90

SPEC = """
schema = 1
title.en = "Slopes"
title.zh = "斜率"
[[exercise]]
kind = "derive"
of = "sin({k}*x**2)"
wrt = "x"
points = 2
parameters = { k = [2, 3, 4] }
[[exercise]]
kind = "circuit"
formula = "q = x + y; f = q*z"
at = { x = "{a}", y = 5, z = -4 }
points = 7
parameters = { a = [-2, 1, 3] }
[[exercise]]
question = "gates/max"
"""


def called(*words, code=0):
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code == code, done.output
    return done


@pytest.fixture
def class_(tmp_path):
    """Make a sheet for students 1 to SIZE; return its folder and what was given."""
    (tmp_path / "spec.toml").write_text(SPEC, encoding="utf-8")
    rows = "".join(f"{n},Student {n}\n" for n in range(1, SIZE + 1))
    (tmp_path / "class.csv").write_text("id,name\n" + rows, encoding="utf-8")
    called(
        *("teach", "sheet", tmp_path / "spec.toml", "--format", "md"),
        *("--roster", tmp_path / "class.csv", "-o", tmp_path / "out", "--quiet"),
    )
    return tmp_path, read_given(tmp_path / "out", read_course())


def key(given, student, number):
    exercise = given.sheet.exercises[number - 1]
    shown = exercise.shown(given.copies[student].variants[number - 1], "en")
    return answer_text(shown, shown.question(exercise.question)).strip("`")


def graded(folder, answers, *words):
    report = folder / "report.csv"
    command = ("teach", "grade", answers, "--sheet", folder / "out", "-o", report)
    done = called("--json", *command, "--processes", "2", *words)
    with report.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    return {(row["student"], int(row["exercise"])): row for row in rows}, json.loads(
        done.stdout
    )


HOSTILE = [
    "__import__('os').system('true')",
    "9**9**9**9**9",
    "(" * 5000,
    "x" * 30_000,
    "=HYPERLINK(1)",
    "\x1b[31mred",
    "1e999999*x",
    "lambda: 0",
]


def test_a_class_killed_and_resumed(class_):
    folder, given = class_
    answers = folder / "answers.csv"
    with answers.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "1", "2", "3"])
        for n in range(1, SIZE + 1):
            row = [key(given, str(n), one) for one in (1, 2, 3)]
            if n % 3 == 1:  # the inner derivative is missing
                row[0] = row[0].replace("x*cos", "cos") if n % 2 else "cos(x)"
            if n % 3 == 2:
                row[0] = HOSTILE[n % len(HOSTILE)]
                row[1] = "q=1"
            writer.writerow([n, *row])
        writer.writerow(["stranger", "1", "2", "3"])
    command = [
        *(sys.executable, "-m", "gradtutor", "teach", "grade", answers),
        *("--sheet", folder / "out", "-o", folder / "report.csv"),
    ]
    child = subprocess.Popen(list(map(str, command)), stderr=subprocess.DEVNULL)
    log = folder / "report.log"
    for _ in range(3000):
        if log.is_file() and len(log.read_bytes().splitlines()) > 40:
            break
        time.sleep(0.02)
    child.kill()
    child.wait()
    before = log.read_text(encoding="utf-8").splitlines()
    assert 40 < len(before) < 3 * SIZE, "killed in the middle"
    assert not (folder / "report.csv").exists()
    rows, data = graded(folder, answers)
    after = log.read_text(encoding="utf-8").splitlines()
    assert after[: len(before) - 1] == before[:-1], "nothing is graded twice"
    assert len(rows) == 3 * SIZE + 1
    assert data["summary"]["students"] == SIZE, "a stranger is none of the class"
    for n in range(1, SIZE + 1):
        first, second, third = (rows[str(n), one] for one in (1, 2, 3))
        assert third["verdict"] == "correct"
        if n % 3 == 0:
            assert (first["verdict"], second["points"]) == ("correct", "7")
        else:
            assert first["verdict"] in ("wrong", "invalid", "undecided", "fault")
            assert first["points"] == "0"
            assert first["feedback"]
    assert rows["stranger", 0]["verdict"] == "fault"


def test_an_error_is_carried_forward_and_an_open_blank_is_wrong(class_):
    folder, given = class_
    answers = folder / "answers.csv"
    x = given.sheet.exercises[1].shown(given.copies["1"].variants[1], "en")
    a = float(x.question("exercise-2").fields["at"]["x"].strip("()"))
    q = a + 6  # one too many; what follows is computed rightly from it
    rest = f"df/df=1 df/dz={q} df/dq=-4 df/dx=-4 df/dy=-4"
    answers.write_text(f"id,2\n1,q={q} f={-4 * q} {rest}\n２,df/df=1\n")
    rows, _ = graded(folder, answers)
    assert rows["1", 2]["points"] == "6"
    assert rows["2", 2]["points"] == "1", rows["2", 2]
    assert rows["2", 1]["verdict"] == "missing"


def test_a_report_is_in_the_language_of_the_sheets():
    rows = [
        Row("7", "张三", 1, 0, 2, "wrong", "no-inner-derivative", "漏乘了。"),
        Row("8", "李四", 1, 0, 2, "missing"),
        Row("9", "王五", 1, 0, 2, "wrong", "own-name", "两个都要算进去。"),
    ]
    chinese = report_csv(rows, "zh").splitlines()
    assert chinese[0] == "学号,姓名,题号,得分,满分,判定,误解,评语"
    assert chinese[1] == "7,张三,1,0,2,错误,漏掉了内层导数,漏乘了。"
    assert "未作答" in chinese[2]
    assert report_csv(rows, "en").splitlines()[0].startswith("student,name,exercise")
    found = summary(rows, 2, "zh")
    assert found.titles["own-name"] == "两个都要算进去。"
    assert not re.search(r"[a-z]{3}", summary_text(found, "zh"))


def test_files_and_folders_of_students_are_found(class_):
    folder, given = class_
    place = folder / "handed in"
    (place / "Student 3").mkdir(parents=True)
    (place / "7.txt").write_text("1: 2*x\n2) q=3\nf=4\n3. b\n", encoding="utf-8")
    (place / "Student 8_assign.json").write_text('{"1": "cos(x)"}', encoding="utf-8")
    (place / "Student 3" / "a.md").write_text(
        "第1题：x\n第 3 题：a\n", encoding="utf-8"
    )
    (place / "9.txt").write_bytes(b"\xff\xfe\x00")
    (place / "10.ipynb").write_text(
        json.dumps({"cells": [{"cell_type": "markdown", "source": ["3: a"]}]})
    )
    (place / "11.ipynb").write_text("{", encoding="utf-8")
    found = {one.student: one for one in read_submissions(place, given)}
    assert found["7"].answers == {1: "2*x", 2: "q=3\nf=4", 3: "b"}
    assert found["8"].answers == {1: "cos(x)"}
    assert found["3"].answers == {1: "x", 3: "a"}
    assert "UTF-8" in found["9"].problem
    assert found["10"].answers == {3: "a"}
    assert found["11"].problem
    rows, _ = graded(folder, place)
    assert rows["9", 1]["verdict"] == "fault"
    assert len(rows) == 3 * SIZE


def test_numbers_of_exercises_are_told_from_numbers_of_answers():
    assert answers_of("1: 2\n2: 3.5\n") == {1: "2", 2: "3.5"}
    assert answers_of("1:\n3.5\n2) 4") == {1: "3.5", 2: "4"}
    assert answers_of("just text") == {}


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "id,name\n1,2\n"])
def test_a_table_without_columns_of_answers_is_refused(class_, text):
    folder, _ = class_
    (folder / "a.csv").write_text(text)
    done = called(
        *("teach", "grade", folder / "a.csv", "--sheet", folder / "out"),
        *("-o", folder / "r.csv"),
        code=3,
    )
    assert "columns" in done.stderr
    assert not (folder / "r.csv").exists()
