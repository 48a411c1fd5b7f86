"""The grader: hand-written pairs, every kind of question, readable and unreadable."""

from __future__ import annotations

import math
import time

import pytest
from grader_pairs import DOMAINS, EQUIVALENT, NEAR_MISSES, rows

from gradtutor.course.content.model import Mistake, Question
from gradtutor.course.kinds import grade
from gradtutor.course.kinds.graders.blanks import fill_blanks, read_blanks
from gradtutor.course.kinds.graders.circuits import grade_circuit
from gradtutor.course.kinds.graders.expressions import grade_expression
from gradtutor.course.kinds.graders.numbers import grade_number, read_number
from gradtutor.course.kinds.graders.wrong_rules import RULES, NoRuleError, derive
from gradtutor.course.kinds.picking import PickError
from gradtutor.equality.equivalence import compare

X = {"x": (-3.0, 3.0)}


def question(kind, mistakes=(), **fields):
    return Question("q", kind, 1, fields, tuple(mistakes))


# ---- pairs ----


@pytest.mark.parametrize("table", [EQUIVALENT, NEAR_MISSES])
def test_the_tables_hold_two_hundred_distinct_pairs(table):
    assert len(set(rows(table))) == len(rows(table)) >= 200


@pytest.mark.sampled(3)
@pytest.mark.parametrize("block", EQUIVALENT)
def test_equal_answers_are_right(block):
    verdicts = {
        (reference, answer): compare(answer, reference, DOMAINS[block]).same
        for name, reference, answer in rows(EQUIVALENT)
        if name == block
    }
    assert [pair for pair, same in verdicts.items() if same is not True] == []


@pytest.mark.parametrize("block", NEAR_MISSES)
def test_answers_that_nearly_are_right_are_wrong(block):
    verdicts = {
        (reference, answer): compare(answer, reference, DOMAINS[block]).same
        for name, reference, answer in rows(NEAR_MISSES)
        if name == block
    }
    assert [pair for pair, same in verdicts.items() if same is not False] == []


def test_most_equal_answers_are_proved_and_not_only_tried():
    found = [compare(b, a, DOMAINS["real"]).method for n, a, b in rows(EQUIVALENT)[:90]]
    assert found.count("points") <= 5, found


@pytest.mark.parametrize(
    ("answer", "reference"),
    [
        ("where(abs(x - 1.5) < 1e-9, 0, x)", "x"),  # no point enters that branch
        ("where(x > -10, x, 7)", "x"),
    ],
)
def test_a_branch_that_no_point_entered_is_undecided(answer, reference):
    assert compare(answer, reference, X).same is None


def test_without_points_in_the_domain_it_is_undecided():
    asked = question("expression", answer="log(-1 - x**2)", domain=X)
    verdict = grade_expression(asked, ["x"])
    assert (verdict.status, verdict.notes[0].key) == ("undecided", "no-points")


def test_overflow_of_float64_does_not_decide():
    assert compare("exp(900*x)/exp(899*x)", "exp(x)", {"x": (0.5, 3.0)}).same
    assert compare("exp(900*x)/exp(898*x)", "exp(x)", {"x": (0.5, 3.0)}).same is False


@pytest.mark.parametrize(
    ("answer", "reference", "shapes", "same"),
    [
        ("x.T @ d", "(d.T @ x).T", {"x": (3, 4), "d": (3, 2)}, True),
        ("x.T @ d", "2*(d.T @ x).T", {"x": (3, 4), "d": (3, 2)}, False),
        ("d @ W.T", "d @ W.T", {"W": (4, 2), "d": (3, 2)}, True),
        ("d.T @ x", "x.T @ d", {"x": (3, 4), "d": (3, 2)}, False),  # transposed
        ("sum(d, axis=0)", "d.T @ (1 + 0*sum(d, axis=1))", {"d": (3, 2)}, True),
    ],
)
def test_tensors_are_compared_element_by_element(answer, reference, shapes, same):
    domain = dict.fromkeys(shapes, (-2.0, 2.0))
    assert compare(answer, reference, domain, shapes).same is same


@pytest.mark.parametrize(
    ("answer", "same"),
    [
        ("exp(exp(exp(exp(exp(x)))))", False),
        ("x**x**x**x**x + 10", False),
        ("(x + 1)**1000*(x + 2)**1000 - 7", False),
        ("(x + 1)**1000/(x + 1)**999 - 1", True),
        ("x" + "+x" * 1500 + "-1500*x", True),
        ("-" * 1501 + "x", False),
        ("0*exp(1000*x) + x", True),
    ],
)
def test_hostile_answers_are_graded_in_seconds(answer, same):
    begin = time.monotonic()
    assert compare(answer, "x", {"x": (1.5, 3.0)}).same is same
    assert time.monotonic() - begin < 20, "the proof's limit is 3 s"


# ---- expressions ----

PRODUCT = question(
    "expression",
    [Mistake("forgot-inner", "cos(x**2)"), Mistake("flipped", derive="sign")],
    answer="2*x*cos(x**2)",
    domain=X,
    of="sin(x**2)",
    wrt="x",
)


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        ("2*x*cos(x^2)", "correct", None),
        ("cos(x*x)*(x + x)", "correct", None),
        ("cos(x**2)", "wrong", "forgot-inner"),
        ("-x*2*cos(x**2)", "wrong", "flipped"),
        ("1/(2*x*cos(x**2))", "wrong", "reciprocal"),
        ("2*x", "wrong", "local-only"),
        ("x*cos(x**2)", "wrong", "factor"),
        ("2*x*cos(x**2) + 1", "wrong", "offset"),
        ("2*abs(x)*cos(x**2)", "wrong", "partly-right"),
        ("2.001*x*cos(x**2)", "wrong", "factor"),
        ("2*x*cos(x**2.001)", "wrong", "undefined"),
        ("7", "wrong", "no-variable"),
        ("x**3", "wrong", "differs"),
        ("2*x*cos(x**2", "invalid", "unreadable"),
        ("2*x*cos(y**2)", "invalid", "unreadable"),
        ("2x cos(x^2", "invalid", "unreadable"),
        ("__import__('os')", "invalid", "unreadable"),
        ("", "invalid", "unreadable"),
        ("x: (3,)", "invalid", "unreadable"),
    ],
)
def test_expression(answer, status, said):
    verdict = grade_expression(PRODUCT, [answer])
    names = [*verdict.mistakes, *(note.key for note in verdict.notes)]
    assert (verdict.status, names) == (status, [said] if said else [])


def test_a_piece_that_few_points_enter_is_found():
    asked = question("expression", answer="x", domain=X)
    verdict = grade_expression(asked, ["where(x > 2.96, 5, x)"])
    assert (verdict.status, verdict.notes[0].key) == ("wrong", "partly-right")
    assert float(verdict.notes[0].values["wrong_at"].removeprefix("x = ")) > 2.96


def test_a_typing_mistake_has_its_caret():
    verdict = grade_expression(PRODUCT, ["2*x*cos(x^2) +* 1"])
    assert "^" in verdict.notes[0].values["message"].splitlines()[-2]


def test_a_rounded_answer_is_told_so():
    asked = question("expression", answer="x/3 + x**2", domain={"x": (1.0, 3.0)})
    verdict = grade_expression(asked, ["0.333*x + x**2"])
    assert [note.key for note in verdict.notes] == ["rounded"]


# ---- wrong rules ----


@pytest.mark.parametrize(
    ("rule", "of", "wrong"),
    [
        ("integrated", "3*x**2", ["x**3"]),
        ("no-inner-derivative", "(3*x + 1)**2", ["2*(3*x + 1)"]),
        ("no-inner-derivative", "exp(-x)", ["exp(-x)"]),
        ("no-inner-derivative", "sigmoid(2*x)", ["sigmoid(2*x)*(1 - sigmoid(2*x))"]),
        ("product-of-derivatives", "x**2*sin(x)", ["2*x*cos(x)"]),
        ("product-of-derivatives", "5*x*exp(x)", ["5*exp(x)"]),
        ("quotient-order", "sin(x)/(x + 9)", ["(sin(x) - (x + 9)*cos(x))/(x + 9)**2"]),
        ("power-kept", "x**5", ["5*x**5"]),
        ("exponential-as-power", "exp(x)", ["x*exp(x - 1)"]),
        ("local-only", "sin(x**2)", ["2*x"]),
        ("overwritten", "x*sin(x)", ["sin(x)", "x*cos(x)"]),
        ("no-inner-derivative", "relu(3*x - 1)", ["where(3*x - 1 > 0, 1, 0)"]),
        ("inner-derived-twice", "max(x**2, 1)", ["where(2*x > 1, 1, 0)*2*x"]),
        ("product-of-derivatives", "x*floor(x)", ["0"]),
        (
            "local-only",
            "tanh(swish(x))",
            ["sigmoid(x) + x*sigmoid(x)*(1 - sigmoid(x))"],
        ),
    ],
)
def test_wrong_rules_make_the_wrong_answers_of_a_textbook(rule, of, wrong):
    made = derive(rule, of, "x", "0")
    for text in wrong:
        same = [compare(one, text, {"x": (0.3, 3.0)}, prove=False).same for one in made]
        assert any(same), f"{rule} of {of}: {made}, not {text}"


def test_the_table_of_rules_is_whole():
    from gradtutor.course.locale.words import words

    assert [name for name in RULES if f"mistake {name}" not in words()] == []


def test_a_rule_that_says_nothing_says_so():
    with pytest.raises(NoRuleError, match="one place"):
        derive("overwritten", "sin(x)", "x", "cos(x)")


# ---- numbers ----


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1/3", 1 / 3),
        ("0.5", 0.5),
        ("-.5", -0.5),
        ("+2", 2.0),
        ("exp(-2)", math.exp(-2)),
        ("2*pi", 2 * math.pi),
        ("−3", -3.0),
        ("１２．５", 12.5),
        ("inf", math.inf),
        ("-∞", -math.inf),
    ],
)
def test_numbers_are_read(text, value):
    assert read_number(text) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "key", "hint"),
    [
        ("1,5", "decimal-comma", "1.5"),
        ("50%", "percent", "0.5"),
        ("x", "unreadable", "numbers only"),
        ("", "unreadable", "no formula"),
        ("1/0", "not-finite", "inf"),
        ("[1, 2]", "unreadable", "this must be one number"),
    ],
)
def test_what_is_no_number_says_what_to_write(text, key, hint):
    with pytest.raises(PickError) as caught:
        read_number(text)
    assert caught.value.key == key
    assert hint in str(caught.value.values)


NUMBER = question("number", [Mistake("sum", "2 + 5")], answer="2*5", tolerance=0.01)


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (["10"], "correct", None),
        (["9.91"], "correct", None),  # one per cent
        (["9.8"], "wrong", "near-number"),
        (["7"], "wrong", "sum"),
        (["-10"], "wrong", "sign"),
        (["0.1"], "wrong", "inverse"),
        (["3"], "wrong", "number-off"),
        (["nan"], "wrong", "number-off"),
        (["10", "11"], "invalid", "one-answer"),
    ],
)
def test_number(answer, status, said):
    verdict = grade_number(NUMBER, answer)
    names = [*verdict.mistakes, *(note.key for note in verdict.notes)]
    assert (verdict.status, names) == (status, [said] if said else [])


# ---- choices and orders ----

GATES = ["add", "mul", "max", "copy"]


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (["copy"], "correct", ["copy"]),
        (["d"], "correct", ["copy"]),
        (["4"], "correct", ["copy"]),
        (["(D)"], "correct", ["copy"]),
        (["a"], "wrong", ["add"]),
        (["Ａ"], "wrong", ["add"]),
        (["a", "d"], "invalid", ["one-option"]),
        (["e"], "invalid", ["no-option"]),
        (["0"], "invalid", ["no-option"]),
        ([""], "invalid", ["nothing"]),
    ],
)
def test_choice(answer, status, said):
    verdict = grade(question("choice", options=GATES, answer="copy"), answer, GATES)
    names = [*verdict.mistakes, *(note.key for note in verdict.notes)]
    assert (verdict.status, names) == (status, said)


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (["b,d"], "correct", []),
        (["（Ｂ），４"], "correct", []),
        (["d", "b"], "correct", []),
        (["b"], "wrong", ["option-missing"]),
        (["a"], "wrong", ["add", "options-missing"]),
        (["a,b,d"], "wrong", ["add"]),
        (["b,b"], "invalid", ["picked-twice"]),
    ],
)
def test_choice_of_several(answer, status, said):
    asked = question("choice", options=GATES, several=["mul", "copy"])
    verdict = grade(asked, answer, GATES)
    names = [*verdict.mistakes, *(note.key for note in verdict.notes)]
    assert (verdict.status, names) == (status, said)


STEPS = ["loss", "dz", "dw", "dx"]
BEFORE = [("loss", "dz"), ("dz", "dw"), ("dz", "dx")]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (["loss,dz,dw,dx"], "correct"),
        (["a", "b", "d", "c"], "correct"),  # dx before dw is as good
        (["1 2 3 4"], "correct"),
        (["dz", "loss", "dw", "dx"], "wrong"),
        (["loss,dz,dw"], "invalid"),
        (["loss,loss,dw,dx"], "invalid"),
    ],
)
def test_order(answer, status):
    asked = question("order", items=STEPS, before=BEFORE)
    assert grade(asked, answer, STEPS).status == status


# ---- circuits ----

CIRCUIT = question(
    "circuit",
    formula="q = x + y; f = q*z",
    at={"x": "-2", "y": "5", "z": "-4"},
    blanks=[
        "value q",
        "value f",
        "gradient f",
        "gradient q",
        "gradient z",
        "gradient x",
    ],
)
RIGHT = {"q": 3, "f": -12, "df/df": 1, "df/dq": -4, "df/dz": 3, "df/dx": -4}


def filled(**changes):
    own = RIGHT | {name.replace("_", "/"): value for name, value in changes.items()}
    return [f"{name}={value}" for name, value in own.items()]


@pytest.mark.parametrize(
    ("changes", "slips"),
    [
        ({}, {}),
        ({"q": 4, "f": -16, "df_dz": 4}, {"q": None}),  # the rest follows from the slip
        ({"df_dq": 4, "df_dx": 4}, {"df/dq": "sign"}),
        ({"df_dq": 3, "df_dx": 3}, {"df/dq": "swapped"}),
        ({"df_dz": -4}, {"df/dz": "swapped"}),
        ({"df_dx": 1}, {"df/dx": "local-only"}),
        ({"df_dx": 7}, {"df/dx": None}),
        ({"f": 12}, {"f": "sign"}),
        ({"q": 4}, {"q": None}),  # f and df/dz as they truly are
    ],
)
def test_one_slip_in_a_circuit_is_one_error(changes, slips):
    verdict = grade_circuit(CIRCUIT, filled(**changes))
    found = {
        note.values["name"]: note.values["mistake"] or None for note in verdict.notes
    }
    assert found == slips
    assert verdict.status == ("wrong" if slips else "correct")
    assert [name for name, ok in verdict.parts.items() if not ok] == list(slips)


FORK = question(
    "circuit",
    formula="a = 3*x; b = x*x; f = max(a, y) + b",
    at={"x": "5", "y": "7"},
    blanks=["gradient a", "gradient y", "gradient x"],
)


@pytest.mark.parametrize(
    ("answer", "slips"),
    [
        ("df/da=1 df/dy=0 df/dx=13", {}),
        (
            "df/da=0 df/dy=1 df/dx=10",
            {"df/da": "routed-wrong", "df/dy": "routed-wrong"},
        ),
        ("df/da=1 df/dy=0 df/dx=3", {"df/dx": "overwritten"}),
        ("df/da=1 df/dy=0 df/dx=5", {"df/dx": "overwritten"}),
        ("df/da=1 df/dy=0 df/dx=75", {"df/dx": "no-copy-sum"}),
    ],
)
def test_forks_and_max_gates(answer, slips):
    verdict = grade_circuit(FORK, [answer])
    found = {note.values["name"]: note.values["mistake"] for note in verdict.notes}
    assert found == slips


@pytest.mark.parametrize(
    "answer",
    [
        ["q=3", "f=-12", "df/df=1", "df/dq=-4", "df/dz=3", "df/dx=-4"],
        ["q = 3, f = -12, df/df = 1; df/dq = -4, df/dz = 3, df/dx = -4"],
        ["value q=3 value f=-12 gradient f=1 gradient q=-4 grad z=3 gradient x=-4"],
        ["∂f/∂x=-4 ∂f/∂f=1 ∂f/∂q=-4 ∂f/∂z=3 f=-12 q=3"],
        ["3", "-12", "1", "-4", "3", "-4"],
        ["q=6/2 f=−12 df/df=1 df/dq=-4.0 df/dz=3 df/dx=-4"],
        ["3，-12，1，-4，3，-4"],
        ["３、－１２、１、－４；３；－４"],
        ["ｑ＝３，ｆ＝－１２，df/df=1，df/dq=-4，df/dz=3，df/dx=-4"],
    ],
)
def test_blanks_are_read_in_every_spelling(answer):
    assert grade_circuit(CIRCUIT, answer).status == "correct"


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        (["q=3"], "blanks-missing"),
        ([*filled(), "p=1"], "blank-unknown"),
        ([*filled(), "q=3"], "blank-twice"),
        (["three"], "blank-form"),
        (["3 9"], "blanks-count"),
        (["3，9，1，1，1，1，1"], "blanks-count"),
        (["q=x", *filled()[1:]], "blank-number"),
        (["nonsense", *filled()], "blank-form"),
    ],
)
def test_blanks_that_cannot_be_read_are_not_counted(answer, key):
    verdict = grade_circuit(CIRCUIT, answer)
    assert (verdict.status, verdict.notes[0].key) == ("invalid", key)


def test_blanks_keep_their_numbers():
    blanks = read_blanks(["value q", "gradient q"], "f")
    assert fill_blanks(["df/dq=-1e-3 q=2"], blanks) == {
        "gradient q": -0.001,
        "value q": 2,
    }
