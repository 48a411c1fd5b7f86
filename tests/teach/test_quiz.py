"""Quizzes are read back: Moodle's XML by its rules, QTI as a package of XML."""

import base64
import xml.etree.ElementTree as ET
import zipfile

import pytest
from click.testing import CliRunner
from lxml import etree
from places import ROOT

from gradtutor.cli import main
from gradtutor.teach.quiz.moodle import accepted

SCHEMA = etree.XMLSchema(etree.parse(ROOT / "tests" / "data" / "moodle.xsd"))
EXAMPLES = sorted((ROOT / "examples" / "sheets").glob("*.toml"))

#: What Moodle's own reader (question/format/xml/format.php) needs of each type.
NEEDED = {
    "category": {"category"},
    "multichoice": {"name", "questiontext", "single", "shuffleanswers", "answer"},
    "numerical": {"name", "questiontext", "answer"},
    "cloze": {"name", "questiontext"},
    "essay": {"name", "questiontext", "responseformat"},
}


def export(path, folder, language="en", *words):
    xml, qti = folder / "q.xml", folder / "q.zip"
    command = [
        *("--lang", language, "teach", "export", str(path), "--variants", "3"),
        *("--moodle", str(xml), "--qti", str(qti), *words),
    ]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    return ET.parse(xml).getroot(), zipfile.ZipFile(qti)


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_moodle_reads_every_question(path, tmp_path):
    quiz, package = export(path, tmp_path)
    SCHEMA.assertValid(etree.parse(tmp_path / "q.xml"))
    names = []
    for question in quiz:
        kind = question.get("type")
        assert NEEDED[kind] <= {child.tag for child in question}
        if kind == "category":
            assert question.findtext("category/text").startswith("$course$/")
            continue
        names.append(question.findtext("name/text"))
        answers = question.findall("answer")
        shares = [float(one.get("fraction")) for one in answers]
        if kind == "multichoice":
            assert sum(share for share in shares if share > 0) == pytest.approx(100)
            texts = [one.findtext("text") for one in answers]
            assert len(set(texts)) == len(texts) > 1
        if kind == "numerical":
            assert shares[0] == 100 and not any(shares[1:])
            assert all(float(one.findtext("tolerance")) > 0 for one in answers)
        _pictures_are_inside(question)
    assert len(set(names)) == len(names)
    for name in package.namelist():
        if name.endswith(".xml"):
            ET.fromstring(package.read(name))


def _pictures_are_inside(question):
    text = question.find("questiontext")
    for file in text.findall("file"):
        assert f"@@PLUGINFILE@@/{file.get('name')}" in text.findtext("text")
        assert b"<svg" in base64.b64decode(file.text)


def test_a_known_mistake_has_its_feedback(tmp_path):
    spec = tmp_path / "s.toml"
    spec.write_text(
        'schema = 1\ntitle.en = "A"\ntitle.zh = "甲"\n[[exercise]]\nkind = "derive"\n'
        'of = "sin(x**2)"\nwrt = "x"\n[[exercise]]\nkind = "number"\nanswer = "4"\n'
        'title.en = "The side"\ntitle.zh = "边长"\n',
        encoding="utf-8",
    )
    quiz, _ = export(spec, tmp_path, "zh")
    said = {
        one.findtext("text"): one.findtext("feedback/text")
        for one in quiz.iter("answer")
    }
    names = [one.findtext("name/text") for one in quiz if one.find("name") is not None]
    assert names == ["01 求导 1", "02 边长 1"]
    assert "内层" in said["<p><code>cos(x**2)</code></p>"]
    right, _ = [one for one in quiz.iter("answer") if one.get("fraction") == "100"]
    assert "2*x*cos(x**2)" in right.findtext("text")


def test_shares_are_those_that_moodle_accepts():
    shares = [accepted(100 / n) for n in (1, 2, 3, 6, 7, 9)]
    assert shares == [100, 50, 33.33333, 16.66667, 14.28571, 11.11111]
    assert [accepted(-100 / n) for n in (8, 11, 13)] == [-12.5, -10, -10]


def test_without_a_format_it_is_wrong_usage():
    done = CliRunner().invoke(main, ["teach", "export", str(EXAMPLES[0])])
    assert done.exit_code == 2
    assert "--moodle" in done.stderr


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('fraction="100"', 'fraction="99"'),
        ("<single>true", "<single>yes"),
        ('type="multichoice"', 'type="multi"'),
        ("<answernumbering>abc", "<answernumbering>iii"),
        ('encoding="base64"', 'encoding="hex"'),
        ("<defaultgrade>", "<defaultgrade>-"),
        ("</answer>", "</answer><answr/>"),
    ],
)
def test_the_schema_finds_what_moodle_would_not_read(right, wrong, tmp_path):
    for path in EXAMPLES:
        export(path, tmp_path)
        text = (tmp_path / "q.xml").read_text("utf-8")
        if right in text:
            break
    assert right in text
    broken = etree.fromstring(text.replace(right, wrong, 1).encode())
    assert not SCHEMA.validate(broken)
