"""Sheets: the same numbers each time, keys that pass their own grader, files."""

import json
import subprocess

import pytest
from click.testing import CliRunner
from places import ROOT

from gradtutor.cli import main
from gradtutor.course.content.problems import ContentError
from gradtutor.course.kinds import grade
from gradtutor.course.library.courses import read_course
from gradtutor.teach.roster import RosterError, copies, students_of
from gradtutor.teach.solved import answer_text
from gradtutor.teach.spec import read_sheet

EXAMPLES = sorted((ROOT / "examples" / "sheets").glob("*.toml"))


def called(*words, code=0):
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code == code, done.output
    return done


def sheet_of(text, folder):
    path = folder / "sheet.toml"
    path.write_text('schema = 1\ntitle.en = "A"\ntitle.zh = "甲"\n' + text)
    return read_sheet(path, read_course())


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_key_passes_its_own_grader(path, language):
    for exercise in read_sheet(path, read_course()).exercises:
        for variant in range(0, exercise.count, 3):
            shown = exercise.shown(variant, language)
            question = shown.question(exercise.question)
            if question.kind == "code":
                continue
            answer = answer_text(shown, question).strip("`")
            verdict = grade(question, [answer], shown.choices(question))
            assert verdict.status == "correct", (exercise.number, variant, answer)


def test_numbers_depend_on_the_student_and_the_seed_only():
    sheet = read_sheet(EXAMPLES[0], read_course())
    class_ = students_of("id,name\n" + "\n".join(f"{n},S{n}" for n in range(40)))
    first = {one.name: one.variants for one in copies(sheet, class_, 0)}
    again = {one.name: one.variants for one in copies(sheet, class_[::-1], 0)}
    other = {one.name: one.variants for one in copies(sheet, class_, 1)}
    assert first == again != other
    assert len(set(first.values())) > 5


def test_versions_a_and_b_differ_wherever_they_can():
    sheet = read_sheet(EXAMPLES[0], read_course())
    a, b = copies(sheet, students_of("Ada\nBob\nCy"), 0, versions=2)
    assert [one.key for one in a.students] == ["Ada", "Cy"]
    for exercise, x, y in zip(sheet.exercises, a.variants, b.variants, strict=True):
        assert x != y or exercise.count == 1


@pytest.mark.parametrize(
    "text, words",
    [
        ("", "no student"),
        ("name,id\n,", "no student"),
        ("name,id\nAda,1\nBob,1\n", "row 3"),
        ("name\nAda\nAda\n", "give each student a number"),
    ],
)
def test_a_roster_that_cannot_be_read_is_refused(text, words):
    with pytest.raises(RosterError, match=words):
        students_of(text)


@pytest.mark.parametrize(
    "text, line, words",
    [
        ('[[exercise]]\nquestion = "gates/nine"\n', 5, "no question 'nine'"),
        ('[[exercise]]\nquestion = "gats/1"\n', 5, "gates"),
        ('[[exercise]]\nkind = "draw"\n', 5, "kind = one of"),
        ('[[exercise]]\nkind = "derive"\nof = "sin("\nwrt = "x"\n', 4, "closed"),
        ('[[exercise]]\nkind = "derive"\nof = "{a}*x"\nwrt = "x"\n', 4, "parameters"),
        ('[[exercise]]\nkind = "derive"\nof = "3"\nwrt = "x"\n', 4, "has no x"),
        ('[[exercise]]\nkind = "number"\n', 4, "answer is missing"),
        (
            '[[exercise]]\nkind = "wrong-line"\ncode = "a\\na"\nwrong = [["a", "b"]]\n',
            4,
            "exactly one line",
        ),
        ("", 1, "exercise is missing"),
    ],
)
def test_a_mistake_in_a_specification_has_its_line(tmp_path, text, line, words):
    with pytest.raises(ContentError) as caught:
        sheet_of(text, tmp_path)
    (problem,) = caught.value.problems
    assert problem.line == line
    assert words in str(problem)


def test_sheets_are_written_in_every_format_with_their_keys(tmp_path):
    roster = tmp_path / "class.csv"
    roster.write_text("姓名,学号\n韩梅梅,7\n李雷,8\n", encoding="utf-8")
    out = tmp_path / "out"
    formats = [word for one in ("html", "pdf", "md") for word in ("--format", one)]
    path = EXAMPLES[0]
    done = called(
        *("--lang", "zh", "--json", "teach", "sheet", path, "--roster", roster),
        *("-o", out, *formats),
    )
    data = json.loads(done.stdout)
    assert data["schema"] == 1
    assert data["copies"] == data["students"] == 2
    assert sorted(p.name for p in (out / "sheets").glob("7.*")) == [
        *("7.html", "7.md", "7.pdf")
    ]
    text = (out / "sheets" / "7.html").read_text(encoding="utf-8")
    assert "韩梅梅" in text
    assert "<img" in text and 'src="http' not in text
    key = (out / "keys" / "7.md").read_text(encoding="utf-8")
    assert "前错不连累" in key


def test_the_pdf_holds_the_words_and_the_chinese_letters(tmp_path):
    out = tmp_path / "out"
    called(
        *("--lang", "zh", "teach", "sheet", EXAMPLES[0], "--versions", "2"),
        *("-o", out, "--format", "pdf"),
    )
    try:
        done = subprocess.run(
            ["pdftotext", out / "sheets" / "B.pdf", "-"], capture_output=True, text=True
        )
    except FileNotFoundError:
        pytest.skip("no pdftotext")
    assert "反向传播" in done.stdout
    assert "卷别 B" in done.stdout


@pytest.mark.parametrize("title", ['title = "Sheet"', 'title.en = "Sheet"'])
def test_a_count_is_exact_and_a_title_may_be_plain(title, tmp_path):
    path = tmp_path / "s.toml"
    path.write_text(
        f'{title}\n[[exercise]]\nkind = "number"\nanswer = "784*{{n}} + {{n}}"\n'
        'parameters = { n = [10] }\ntext.en = "How many?"\ntext.zh = "几个？"\n'
    )
    sheet = read_sheet(path, read_course())
    assert sheet.titles == {"en": "Sheet", "zh": "Sheet"}
    shown = sheet.exercises[0].shown(0, "en")
    question = shown.question(sheet.exercises[0].question)
    given = ["7850", "7850.2", "7849", "7840"]
    statuses = [grade(question, [one], ()).status for one in given]
    assert statuses == ["correct", "correct", "wrong", "wrong"]


def test_a_blank_may_be_called_as_in_programs(tmp_path):
    text = '[[exercise]]\nkind = "circuit"\nformula = "f = x*z"\nat = { x = 3, z = -4 }'
    sheet = sheet_of(text, tmp_path)
    shown = sheet.exercises[0].shown(0, "en")
    question = shown.question(sheet.exercises[0].question)
    answer = "f=-12 df/df=1 dz=3 dx=-4"
    assert grade(question, [answer], ()).status == "correct"
