"""Lessons as pages: the command line's verdicts, offline, by keyboard alone."""

from __future__ import annotations

import html
import itertools
import json
import re
import threading
import urllib.error
import urllib.request
from dataclasses import replace

import pytest
from browser import resize
from click.testing import CliRunner
from grader_pairs import DOMAINS, EQUIVALENT, NEAR_MISSES, rows

from gradtutor.cli import main
from gradtutor.cli.lesson.lesson_state import open_classroom
from gradtutor.cli.lesson.serving import Desk
from gradtutor.cli.session import Session
from gradtutor.course.content.model import Question
from gradtutor.course.kinds import grade, kind_of
from gradtutor.course.kinds.graders.circuits import Wires, circuit
from gradtutor.course.kinds.graders.expressions import candidates, grade_expression
from gradtutor.course.kinds.graders.numbers import reference, wrong_number
from gradtutor.course.learner.telling import told
from gradtutor.course.library.courses import find_lesson, read_course
from gradtutor.course.locale.words import words
from gradtutor.course.shown.asking import shown_lesson
from gradtutor.course.web import markup
from gradtutor.course.web.content import lesson_data
from gradtutor.course.web.functions_js import functions_js
from gradtutor.course.web.markup import html as marked
from gradtutor.course.web.pages import ASSETS, GRADER
from gradtutor.course.web.server import LessonServer
from gradtutor.course.web.site import write_site

COURSE = read_course(None)


@pytest.fixture(scope="module")
def grader(driver, tmp_path_factory):
    """Return the page's grader alone: a function of questions and answers."""
    path = tmp_path_factory.mktemp("grader") / "grader.html"
    parts = [functions_js(), f"const WORDS = {json.dumps(words())};"]
    parts += [(ASSETS / f"{name}.js").read_text("utf-8") for name in GRADER]
    parts.append("globalThis.gradeAnswer = gradeAnswer; globalThis.toldOf = toldOf;")
    script = "\n".join(parts).replace("</", "<\\/")
    path.write_text(f'<meta charset="utf-8"><script>{script}</script>', "utf-8")

    def run(question, answers, language="en"):
        if driver.current_url != path.as_uri():  # another test has the browser too
            driver.get(path.as_uri())
        return driver.execute_script(
            """const [question, answers, language] = arguments;
            return answers.map((answer) => {
              const verdict = gradeAnswer(question, answer);
              const told = question.words ? toldOf(question, verdict, language) : [];
              return { ...verdict, told };
            });""",
            question,
            answers,
            language,
        )

    return run


# ---- verdicts ----


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("table", "status"), [(EQUIVALENT, "correct"), (NEAR_MISSES, "wrong")]
)
def test_held_answers_get_the_command_lines_verdict(grader, table, status):
    wrong = []
    for block, reference_text, answer in rows(table):
        domain = {k: tuple(map(float, v)) for k, v in DOMAINS[block].items()}
        fields = {"answer": reference_text, "domain": domain}
        question = Question("q", "expression", 1, fields)
        data = {"kind": "expression", "grading": kind_of(question).page(question)}
        (found,) = grader(data, [answer])
        if found["status"] != status:
            wrong.append((block, reference_text, answer, found["status"]))
    assert wrong == []


#: An answer, and what people write around it.
WRITTEN = ("= {}", "≈{}", "$y = {}$", "答案是{}。", "answer: {}", r"\({}\)", "约 {}")


def plain(text: str) -> str:
    bare = html.unescape(re.sub(r"<[^>]+>", "", text))
    return " ".join(re.sub(r"[*`]", "", bare).split())  # what Markdown may take


def answers_to(question, choices):
    """Return answers of all kinds: what the page sends, and the command's words."""
    fields = question.fields
    if question.kind == "expression":
        right = fields["answer"]
        texts = [right, *(text for _, text in candidates(question))]
        texts += [f"{form}({right})" for form in ("-", "3*", "1/", "2 + ")]
        texts += ["0", "x$", next(iter(fields["domain"]))]
        texts += [form.format(right) for form in WRITTEN]
        return [(text, [text]) for text in texts]
    if question.kind == "number":
        wanted = reference(fields["answer"])
        numbers = [wanted, -wanted, wanted * 1.02, 12345.678, 0.37]
        numbers += [wrong_number(one, wanted) for one in question.mistakes]
        texts = [repr(float(one)) for one in numbers]
        texts += ["1,5", "50%", "a b", "1/0", "3 furlongs", "0.5 ms"]
        texts += [form.format(wanted) for form in WRITTEN] + ["12 345", "1'234"]
        return [(text, [text]) for text in texts]
    if question.kind == "choice":
        picks = [[one] for one in choices]
        if "several" in fields:
            picks += [list(pair) for pair in itertools.combinations(choices, 2)]
            picks += [list(fields["several"])]
        return [(pick, pick) for pick in picks]
    if question.kind == "order":
        orders = [*itertools.islice(itertools.permutations(choices), 30)]
        return [(list(one), list(one)) for one in orders]
    return circuit_answers(question)


def circuit_answers(question):
    graph, at, blanks = circuit(question)
    right = Wires(graph, at, {}).expected
    found = [{blank.key: right[blank.key] for blank in blanks}]
    for blank in blanks:
        for factor, shift in ((-1, 0), (1, 1), (0.5, 0)):
            found.append({**found[0], blank.key: found[0][blank.key] * factor + shift})
    labels = {blank.key: blank.label for blank in blanks}
    return [
        (
            {key: repr(value) for key, value in one.items()},
            [f"{labels[key]}={value!r}" for key, value in one.items()],
        )
        for one in found
    ]


def by_program(shown, question, given):
    choices, texts = shown.choices(question), shown.choice_texts(question)
    if question.kind == "expression":
        return grade_expression(question, given, prove=False)
    return grade(question, given, choices, shown.lesson.folder, texts)


@pytest.mark.sampled(12)
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", COURSE.names)
def test_a_page_says_of_every_answer_what_the_command_line_says(
    grader, name, language, monkeypatch
):
    # The words are compared: formulas of sentences as they are written.
    monkeypatch.setattr(markup, "in_sentence", html.escape)
    lesson = find_lesson(COURSE, name)
    shown, data = shown_lesson(lesson, language, 1), lesson_data(lesson, 1)
    different = []
    for one in lesson.questions:
        question, page = shown.question(one.id), data["questions"][one.id]
        if one.kind == "code" or page["grading"].get("by") == "terminal":
            continue
        answers = answers_to(question, shown.choices(question))
        if language == "zh":
            answers = answers[:4]
        found = grader(page, [answer for answer, _ in answers], language)
        for (_, given), mine in zip(answers, found, strict=True):
            verdict = by_program(shown, question, given)
            theirs = [plain(marked(text)) for text in told(shown, question, verdict)]
            ours = [plain(text) for text in mine["told"]]
            same = (mine["status"], mine["mistakes"]) == (
                verdict.status,
                list(verdict.mistakes),
            )
            unread = verdict.status == "invalid" and verdict.notes[0].key in (
                "unreadable",
                "blank-number",
            )
            if not same or (ours != theirs and not unread):
                different.append((one.id, given, verdict.status, theirs, mine))
    assert different == [], [(o, g, s, m["status"]) for o, g, s, _, m in different]


# ---- the site ----

PROGRESS = "document.getElementById('progress').textContent"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    course = read_course(None)
    few = [one for one in course.parts if "gates" in one.lessons]
    write_site(replace(course, parts=tuple(few)), folder)
    return folder


@pytest.fixture
def page(driver, site):
    """Open a page of the site with nothing remembered; its console stays silent."""

    def open_(name, width=1280):
        resize(driver, width)
        driver.get((site / f"{name}.html").as_uri())
        driver.execute_script("localStorage.clear()")
        driver.refresh()
        return driver

    yield open_
    assert driver.get_log("browser") == []


def press(driver, *keys):
    from selenium.webdriver import ActionChains

    ActionChains(driver).send_keys(*keys).perform()


def focused(driver, script="document.activeElement.id"):
    return driver.execute_script(f"return {script}")


def tab_to(driver, test, limit=80):
    """Press Tab until the focused element passes."""
    from selenium.webdriver import Keys

    for _ in range(limit):
        press(driver, Keys.TAB)
        if driver.execute_script(f"const e = document.activeElement; return {test}"):
            return
    raise AssertionError(f"no element with {test} was reached")


def verdict(driver, question):
    script = f"document.querySelector('#question-{question} .told').dataset.verdict"
    return driver.execute_script(f"return {script}")


def test_a_lesson_is_answered_by_keyboard_alone(page):
    from selenium.webdriver import ActionChains, Keys

    driver = page("gates")
    wanted = driver.execute_script(
        """const lesson = JSON.parse(document.getElementById("lesson").textContent);
        const key = "gradtutor gradtutor", kept = JSON.parse(localStorage.getItem(key));
        const mine = lesson.variants[kept["variant gates"]];
        return mine.questions.add.grading.wanted;"""
    )
    tab_to(driver, "e.id === 'field-add'")
    press(driver, "12345", Keys.ENTER)
    assert verdict(driver, "add") == "wrong"
    for _ in range(4):  # back from the verdict over the buttons to the field
        ActionChains(driver).key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(
            Keys.SHIFT
        ).perform()
    assert focused(driver) == "field-add"
    press(driver, *[Keys.BACKSPACE] * 5, repr(wanted), Keys.ENTER)
    assert verdict(driver, "add") == "correct"
    assert "1 of 7" in focused(
        driver, "document.getElementById('progress').textContent"
    )
    tab_to(driver, "e.type === 'radio' && e.name === 'of-max'")
    press(driver, Keys.SPACE)
    tab_to(driver, "e.type === 'submit'")
    press(driver, Keys.ENTER)
    assert verdict(driver, "max") in ("correct", "wrong")
    tab_to(driver, "e.className === 'down'")
    before = focused(driver, "document.querySelector('.order li').dataset.name")
    press(driver, Keys.ENTER)
    assert focused(driver, "document.querySelector('.order li').dataset.name") != before
    driver.refresh()
    assert "1 of 7" in focused(
        driver, "document.getElementById('progress').textContent"
    )


def test_the_language_changes_in_place_and_what_was_typed_stays(page):
    driver = page("gates")
    driver.execute_script("document.getElementById('field-add').value = '7'")
    for lang, word in (("zh-CN", "检查"), ("en", "Check")):
        driver.execute_script("document.getElementById('language').click()")
        assert focused(driver, "document.documentElement.lang") == lang
        assert word in focused(driver, "document.body.innerText")
        assert focused(driver, "document.getElementById('field-add').value") == "7"
    driver.execute_script("document.getElementById('language').click()")
    driver.execute_script("location.href = 'index.html'")
    assert "加" in focused(driver, "document.getElementById('parts').innerText")


def test_a_circuit_is_live_in_the_page(page):
    driver = page("gates")
    driver.execute_script("document.querySelector('figcaption button').click()")
    frame = driver.find_element("css selector", "iframe.live")
    driver.switch_to.frame(frame)
    assert driver.execute_script("return document.getElementById('figure') !== null")
    driver.switch_to.default_content()


@pytest.mark.sampled(2)
@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_is_wider_than_its_window(page, site, width):
    for path in sorted(site.glob("*.html")):
        driver = page(path.stem, width)
        assert focused(driver, "document.documentElement.scrollWidth") <= width


# ---- the server ----


@pytest.fixture
def served(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADTUTOR_HOME", str(tmp_path))
    monkeypatch.setenv("LANG", "C")
    desk = Desk(open_classroom(Session()))
    with LessonServer(0, desk.page, desk.actions) as server:
        desk.served = f"/{server.word}/"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def sent(url, data=None, **headers):
    """Return the status and the body of a request."""
    body = None if data is None else json.dumps(data).encode()
    own = {"Content-Type": "application/json"} | headers
    request = urllib.request.Request(url, body, own)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_progress_is_shared_with_the_command_line(served):
    answer = {"lesson": "gates", "question": "add", "answer": ["-2"]}
    status, body = sent(f"{served.url}answer", answer)
    assert status == 200 and json.loads(body)["status"] == "correct"
    done = CliRunner().invoke(main, ["lesson", "list", "--json"])
    parts = json.loads(done.stdout)["parts"]
    (row,) = [r for p in parts for r in p["lessons"] if r["name"] == "gates"]
    assert row["right"] == 1
    CliRunner().invoke(main, ["lesson", "answer", "gates/2", "14"])
    _, page = sent(f"{served.url}gates")
    config = re.search(r'id="config">(.*?)</script>', page)[1]
    states = json.loads(config)["states"]
    assert states["mul"]["status"] == "right" and states["add"]["status"] == "right"
    assert json.loads(sent(f"{served.url}language", {"language": "zh"})[1])
    assert '"language":"zh"' in sent(f"{served.url}gates")[1]


def test_the_server_answers_its_own_page_alone(served):
    port, url = served.server_port, served.url
    assert served.server_address[0] == "127.0.0.1"
    assert sent(url)[0] == sent(f"{url}gates")[0] == 200
    assert sent(f"{url}pictures/gates/circuit-0.svg")[0] == 200
    assert sent(f"{url}pictures/gates/circuit-0.html")[0] == 200
    answer = {"lesson": "gates", "question": "add", "answer": ["-2"]}
    refused = [
        (f"http://127.0.0.1:{port}/", None, {}),
        (f"http://127.0.0.1:{port}/gates", None, {}),
        (f"{url}../../etc/passwd", None, {}),
        (f"{url}pictures/gates/../../x-0.svg", None, {}),
        (f"{url}pictures/nothing/x-0.svg", None, {}),
        (url, None, {"Host": "evil.example"}),
        (f"{url}answer", answer, {"Origin": "http://evil.example"}),
        (f"{url}answer", answer, {"Content-Type": "text/plain"}),
        (f"{url}answer", [1], {}),
        (f"{url}answer", {"lesson": "gates"}, {}),
        (f"{url}answer", {**answer, "question": "none"}, {}),
        (f"{url}page", answer, {}),
        (f"{url}language", {"language": "xx"}, {}),
    ]
    for where, data, headers in refused:
        assert sent(where, data, **headers)[0] in (400, 404), (where, data, headers)
