"""Answers as learners write them, and what they are told: one table a kind of fault."""

from __future__ import annotations

import pytest

from gradtutor.course.kinds import grade
from gradtutor.course.kinds.answer_text import PickError, bare_answer, without_unit
from gradtutor.course.kinds.graders.numbers import read_number, within
from gradtutor.course.kinds.graders.wrong_rules import derive
from gradtutor.course.kinds.picking import picks
from gradtutor.course.learner.telling import told
from gradtutor.course.library.courses import find_lesson, read_course
from gradtutor.course.shown.asking import shown_lesson

COURSE = read_course()


def graded(place, *answer, language="en"):
    """Grade an answer to the first variant; return the verdict and what is told."""
    lesson, number = place.split("/")
    shown = shown_lesson(find_lesson(COURSE, lesson), language, 0)
    question = shown.question(shown.lesson.questions[int(number) - 1].id)
    verdict = grade(
        question,
        answer,
        shown.choices(question),
        shown.lesson.folder,
        shown.choice_texts(question),
    )
    return verdict, "\n".join(told(shown, question, verdict))


@pytest.mark.parametrize(
    ("place", "answer"),
    [
        ("four-layers/2", "d4*w4*sigmoid(z3)*(1-sigmoid(z3))"),  # a3 = sigmoid(z3)
        ("four-layers/2", "d4*w4*a3*(1-sigmoid(z3))"),
        ("chain-rule/2", "df/dx = 32*x + 8"),
        ("chain-rule/2", "∂f/∂x = 8*(4*x + 1)"),
        ("chain-rule/2", "f'(x) = 8*(4*x + 1)"),
        ("chain-rule/2", "y' = 32*x+8"),
        ("mlp-mnist/1", "12,730"),
        ("ecg/1", "400ms"),
        ("ecg/1", "0.4 s"),
        ("ecg/1", "４００"),
        ("activations/1", "4**3"),
        ("activations/1", "= 64"),
        ("activations/1", "≈ 64.0"),
        ("activations/1", "answer: 64"),
        ("activations/1", "The answer is 64."),
        ("activations/1", "答案是６４。"),
        ("activations/1", "答案：64"),
        ("activations/1", "约64"),
        ("activations/1", "$64$"),
        ("chain-rule/2", "= 32x + 8"),
        ("chain-rule/2", "$f'(x) = 8(4x + 1)$"),
        ("chain-rule/2", "答案是 32x＋8"),
        ("four-layers/2", "$d4*w4*a3*(1 - a3)$"),
        ("mlp-mnist/1", "12 730"),
        ("mlp-mnist/1", "12'730"),
        ("mlp-mnist/1", "约 12 730"),
    ],
)
def test_right_answers_in_other_words(place, answer):
    assert graded(place, answer)[0].status == "correct"


@pytest.mark.parametrize(
    ("place", "answer", "mistake"),
    [
        ("chain-rule/3", "cos(8*x)*8*x", "inner-derived-twice"),
        ("chain-rule/2", "(4*x+1)**2", "undifferentiated"),
        ("sigmoid/5", "sigmoid(-2*x)", "undifferentiated"),
        ("linear-regression/1", "(w*x + b - y)**2", "undifferentiated"),
    ],
)
def test_classic_slips_are_named(place, answer, mistake):
    verdict, _ = graded(place, answer)
    assert verdict.status == "wrong"
    if place != "sigmoid/5":  # whose variant may have another factor
        assert verdict.mistakes == (mistake,)


def test_the_point_of_a_feedback_tells_the_two_numbers_apart():
    _, text = graded("losses/2", "(p-y)*p*(1-p)")
    given, wanted = text.split("gives ")[1].split(", and it should be ")
    assert given != wanted.rstrip(".")


def test_an_add_gate_does_not_split_its_gradient():
    values = {"p": -12, "m": 4, "f": 7, "df/df": 1, "df/dm": 0.5, "df/dp": 0}
    values |= {"df/dz": 0.5, "df/dx": 0, "df/dy": 0.5}
    verdict, text = graded("gates/6", *[f"{name}={v}" for name, v in values.items()])
    assert "split-sum" in verdict.mistakes
    assert "does not split" in text


def test_a_max_gate_that_shares_and_a_slope_that_is_skipped():
    words = [
        "m=9",
        "L=27",
        "dL/dm=3",
        "dL/da=0.75",
        "dL/db=0.75",
        "dL/dc=0.75",
        "dL/dd=0.75",
    ]
    assert "shared-max" in graded("pooling/4", *words)[0].mistakes
    verdict, _ = graded("activations/5", *activations_with_skipped_slope())
    assert "skipped-slope" in verdict.mistakes


def activations_with_skipped_slope():
    """Fill activations/5 rightly, but pass dh on to dz as it is."""
    shown = shown_lesson(find_lesson(COURSE, "activations"), "en", 0)
    at = shown.question("wires").fields["at"]
    x = float(at["x"].strip("()"))
    z = 2 * x + 1
    h = z if z > 0 else 0.1 * z
    e = h - 1.5
    numbers = {"z": z, "h": h, "e": e, "f": e**2, "df/df": 1, "df/de": 2 * e}
    numbers |= {"df/dh": 2 * e, "df/dz": 2 * e, "df/db": 2 * e, "df/dw": 2 * e * x}
    return [f"{name}={value}" for name, value in numbers.items()]


@pytest.mark.parametrize(
    ("given", "wanted", "right"),
    [
        (0.105, 0.105, True),
        (0.1, 0.105, False),
        (0.00472, 0.004719, True),
        (0.0047, 0.00472, True),
        (0.005, 0.00472, False),
        (0.33, 1 / 3, False),
        (0.333, 1 / 3, True),
        (1234, 1230, True),
        (0.0, 1e-17, True),
        (0.001, 0.0, False),
        (-0.105, 0.105, False),
    ],
)
def test_numbers_are_judged_by_three_significant_digits(given, wanted, right):
    assert within(given, wanted) is right


@pytest.mark.parametrize(
    "answer", ["c.", "选c", "选项 C", "option c", "(c)", "c)", "C、", "ｃ。", "答案：c"]
)
def test_an_option_is_picked_as_people_write_it(answer):
    assert picks([answer], ["add", "mul", "copy"]) == ("copy",)


def test_an_option_is_picked_by_its_text():
    texts = {"a": "`(4, 3)`", "b": "(3,2)", "c": "(1, 1)"}
    assert picks(["(3,2)"], ["c", "a", "b"], texts) == ("b",)
    assert picks(["(4,3)", "(1, 1)"], ["c", "a", "b"], texts) == ("a", "c")
    assert picks(["b"], ["copy", "add"], {"copy": "x", "add": "y"}) == ("add",)
    with pytest.raises(PickError) as caught:  # the text of one, the number of another
        picks(["2"], ["one", "two"], {"one": "2", "two": "3"})
    assert caught.value.key == "two-options"


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("dL/dw = 2", "2"),
        ("d²f/dx² = 6*x", "6*x"),
        ("x >= 0", "x >= 0"),
        ("a == b", "a == b"),
        ("f(x, y) := x*y", "x*y"),
        ("x²", "x²"),
    ],
)
def test_a_claim_s_left_side_is_taken_off(text, bare):
    assert bare_answer(text) == bare


def test_units_are_read_in_their_kind():
    assert read_number("0.2 s", "ms") == pytest.approx(200)
    assert read_number("9.03dB", "dB") == 9.03
    for unit, key in (("ms", "other-unit"), ("", "no-unit")):
        with pytest.raises(PickError) as caught:
            without_unit("3 dB", unit)
        assert caught.value.key == key


def test_the_inner_function_stays_where_it_is():
    assert derive("inner-derived-twice", "sin(4*x**2)", "x", "") == ["8*x*cos(8*x)"]
    assert derive("inner-derived-twice", "exp(x**2)", "x", "") == ["2*x*exp(2*x)"]


@pytest.mark.parametrize(
    ("lesson", "file", "old", "new", "name"),
    [
        ("momentum-adam", "adam.py", "BETA2**t", "BETA2*t", "times-step-too"),
        ("softmax", "softmax.py", "max(axis=1, keepdims=True)", "max()", "one-maximum"),
    ],
)
def test_code_that_ends_in_nan_is_told_why(tmp_path, lesson, file, old, new, name):
    solution = (COURSE.folder / lesson / "solution" / file).read_text(encoding="utf-8")
    assert old in solution
    (tmp_path / file).write_text(solution.replace(old, new, 1), encoding="utf-8")
    number = next(
        n
        for n, one in enumerate(find_lesson(COURSE, lesson).questions, 1)
        if one.kind == "code"
    )
    verdict, text = graded(f"{lesson}/{number}", str(tmp_path / file))
    assert verdict.mistakes == (name,), text
    assert "nan" in text
    _, chinese = graded(f"{lesson}/{number}", str(tmp_path / file), language="zh")
    assert not any(word in chinese for word in (" is ", " the "))
