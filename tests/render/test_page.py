"""The page's file: complete, closed to the outside, safe with any text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import numpy as np
import pytest
from click.testing import CliRunner

import gradtutor as gt
from gradtutor.cli import main
from gradtutor.codegen.text.javascript import (
    TENSOR_GATES,
    expression_javascript,
    javascript_program,
    javascript_text,
    runtime,
)
from gradtutor.gates import GATES, Pointwise
from gradtutor.graph import with_shapes
from gradtutor.render.page.display_names import display_names
from gradtutor.render.page.views import COMBINED, page_views

PRODUCT = "q = x + y\nf = q*z"
PRODUCT_AT = {"x": -2, "y": 5, "z": -4}
LENET = """Sequential([Input(1, 8, 8), Conv2d(2, 3), ReLU(), MaxPool2d(2),
Flatten(), Linear(3)])
loss = CrossEntropyLoss()"""


class Elements(HTMLParser):
    """Every element of a page with its attributes and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict, list[str]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs), []))

    def handle_endtag(self, tag):
        self.found.append((f"/{tag}", {}, []))  # what follows is no text of it

    def handle_data(self, data):
        if self.found:
            self.found[-1][2].append(data)

    def named(self, tag):
        return [
            (attrs, "".join(text)) for name, attrs, text in self.found if name == tag
        ]


def page(tmp_path, text, **at) -> str:
    path = tmp_path / "page.html"
    gt.parse(text).render(path, **at)
    return path.read_text("utf-8")


def data_of(html: str) -> dict:
    (text,) = [
        text
        for attrs, text in Elements(html).named("script")
        if attrs.get("type") == "application/json"
    ]
    return json.loads(text)


# ---- the file ----


def test_the_policy_allows_only_the_script_and_the_style_in_the_file(tmp_path):
    elements = Elements(page(tmp_path, PRODUCT, **PRODUCT_AT))
    (policy,) = [
        attrs["content"] for attrs, _ in elements.named("meta") if "http-equiv" in attrs
    ]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    for tag, rule in (("script", "script-src"), ("style", "style-src")):
        (text,) = [text for attrs, text in elements.named(tag) if "type" not in attrs]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"


def test_nothing_is_loaded_from_elsewhere_and_no_text_is_evaluated(tmp_path):
    html = page(tmp_path, PRODUCT, **PRODUCT_AT)
    for tag, attrs, _ in Elements(html).found:
        for name in ("src", "href", "data", "action", "srcset"):
            target = attrs.get(name, "#")
            assert target.startswith(("#", "data:,")), (tag, target)
        handlers = [name for name in attrs if name.startswith("on")]
        assert not handlers
    script = html.split("<script>")[1]
    for word in (
        r"\beval\b",
        r"new Function",
        "innerHTML",
        "document.write",
        r"import\(",
    ):
        assert not re.search(word, script), word


HOSTILE = [
    "x*y  # </script><script>alert(1)</script>",
    "x*y  # <!-- <img src=x onerror=alert(1)> & \" ' ` ${x}",
    "权重*ñ_1 + θ  # 日本 <b>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_cannot_break_out_of_the_page(text, tmp_path):
    circuit = gt.parse(text)
    html = page(tmp_path, text, **dict.fromkeys(circuit.inputs, 2.0))
    elements = Elements(html)
    tags = {tag for tag, _, _ in elements.found}
    assert not tags & {"img", "b"}
    assert len(elements.named("script")) == 2
    ((_, heading),) = elements.named("h1")
    assert heading == text
    assert {one["name"] for one in data_of(html)["inputs"]} == set(circuit.inputs)


def test_the_code_has_no_word_of_the_person(tmp_path):
    html = page(tmp_path, "marker_word*other_word", marker_word=1, other_word=2)
    code = html.split("<script>")[1]
    assert "marker_word" not in code
    assert "other_word" not in code


def test_values_that_json_cannot_hold_are_there(tmp_path):
    data = data_of(page(tmp_path, "x*y*z", x=np.nan, y=-np.inf, z=1e-300))
    assert [one["value"] for one in data["inputs"]] == [["nan"], ["-inf"], [1e-300]]


def test_the_same_bytes_every_time(tmp_path):
    pages = {page(tmp_path, LENET) for _ in range(2)}
    assert len(pages) == 1


# ---- the command ----


def run(*args):
    return CliRunner().invoke(main, list(args))


def test_the_command_writes_a_page_and_says_so(tmp_path):
    path = tmp_path / "c.html"
    done = run("render", PRODUCT, "--at", "x=-2,y=5,z=-4", "-o", str(path))
    assert done.exit_code == 0, done.stderr
    assert done.stderr == f"wrote {path}\n"
    assert path.read_text("utf-8").startswith("<!doctype html>")


def test_without_values_they_are_random_and_it_says_so(tmp_path):
    done = run("render", "x*log(y)", "-o", str(tmp_path / "c.html"))
    assert done.exit_code == 0
    assert "random values for x, y: give your own with --at" in done.stderr


def test_a_forgotten_value_is_named(tmp_path):
    done = run("render", "x*y", "--at", "x=1", "-o", str(tmp_path / "c.html"))
    assert (done.exit_code, "add --at y=..." in done.stderr) == (3, True), done.stderr
    assert not (tmp_path / "c.html").exists()


NETWORK = (
    "Sequential([Input(4), Linear(3), ReLU(), Linear(2)])\nloss = CrossEntropyLoss()"
)


@pytest.mark.parametrize(
    ("label", "code", "said"),
    [(1, 0, "random values for W1, b1, W2, b2"), (5, 3, "5 is no class: with 2")],
)
def test_a_network_needs_its_data_alone_and_labels_that_are_classes(
    label, code, said, tmp_path
):
    path, at = tmp_path / "c.html", f"X=[[1,2,3,4]],y=[{label}]"
    done = run("render", NETWORK, "--at", at, "-o", str(path), "--json")
    assert (done.exit_code, said in done.stderr) == (code, True), done.stderr
    assert path.exists() == (code == 0)
    (shown,) = [json.loads(line) for line in done.stdout.splitlines()]
    if code == 0:
        assert shown == {"schema": 1, "output": str(path)}
    else:
        assert said in shown["error"]["message"]


def test_a_network_too_large_shows_shapes(tmp_path):
    text = "Sequential([Input(4096), Linear(1024), ReLU(), Linear(10)])\nloss = 'mse'"
    (note,) = gt.parse(text).render(tmp_path / "c.html")
    assert "shapes" in note
    data = data_of((tmp_path / "c.html").read_text("utf-8"))
    assert data["numbers"] is False
    assert ["N", 4096] in [one["shape"] for one in data["inputs"]]


def test_too_many_gates_are_refused(tmp_path):
    text = "\n".join(["x = sin(x)"] * 2001)
    done = run("render", text, "--at", "x=1", "-o", str(tmp_path / "c.html"))
    assert (done.exit_code, "too many for a page" in done.stderr) == (3, True)


def test_an_unknown_suffix_names_the_page_too(tmp_path):
    done = run("render", "x", "--at", "x=1", "-o", str(tmp_path / "c.bmp"))
    assert done.exit_code == 3
    assert ".html" in done.stderr


# ---- the program ----


@pytest.mark.parametrize("gate", GATES)
def test_every_gate_has_javascript(gate):
    entry = GATES[gate]
    if isinstance(entry, Pointwise):
        assert "np." not in javascript_text(gate)
        if entry.kink:
            assert expression_javascript(entry.kink.at)
    else:
        opens = entry.opened is not None
        assert opens or re.search(rf"^  {gate}[:(]", runtime(), re.MULTILINE), gate
        assert opens or gate in TENSOR_GATES


def test_a_program_reads_only_what_is_written():
    graph = with_shapes(gt.parse(LENET).graph, {"X": (1, 8, 8, 2), "y": (2,)})
    program = javascript_program(graph, [graph.graph["output"]])
    written = {program.slots[name] for name in gt.parse(LENET).inputs}
    for line in program.lines:
        target, text = line.split(" = ", 1)
        assert {int(n) for n in re.findall(r"v\[(\d+)\]", text)} <= written, line
        written.add(int(target[2:-1]))


def test_unnamed_values_get_names_that_are_free():
    names = display_names(gt.parse("t1 = a*b\nexp(t1*c) + t1*2").graph)
    assert list(names.values()).count("t1") == 2  # the value and its copy
    assert len({name for node, name in names.items() if "copy" not in node}) == len(
        [node for node in names if "copy" not in node]
    )


# ---- views ----


def views(text, **shapes):
    return page_views(with_shapes(gt.parse(text).graph, shapes))


def test_three_composites_open_in_every_combination():
    found = views("sigmoid(x) + sigmoid(y)*softplus(z)")
    assert sorted(len(view.open) for view in found) == [0, 1, 1, 1, 2, 2, 2, 3]
    (everything,) = [view for view in found if len(view.open) == COMBINED]
    framed = [box.cluster for box in everything.boxes if box.cluster]
    assert {framed.count(key) for key in everything.open} <= {3, 4, 5}
    assert not any(box.key for box in everything.boxes)


def test_more_composites_open_one_at_a_time_or_all():
    found = views(" + ".join(f"sigmoid(x{i})" for i in range(5)))
    assert sorted(len(view.open) for view in found) == [0, 1, 1, 1, 1, 1, 5]


@pytest.mark.parametrize("count", [1, 2, 5, 20, 30, 60])
def test_the_drawings_together_are_bounded(count):
    found = views(" + ".join(f"sigmoid(x{i})" for i in range(count)))
    boxes = sum(len(view.boxes) for view in found)
    assert boxes < 2000, (count, len(found), boxes)
    assert [len(found[0].open), len(found[-1].open)] == [0, count]
    assert (len(found) > 2) == (count in (2, 5, 20))


def test_a_network_folds_to_its_layers():
    folded, *_ = views(LENET, X=(1, 8, 8, 2), y=(2,))
    titles = [box.title for box in folded.boxes if box.kind == "layer"]
    assert titles == [
        *("Conv2d(2, 3)", "ReLU", "MaxPool2d(2)", "Flatten", "Linear(3)"),
        "CrossEntropyLoss",
    ]
    assert [box.kind for box in folded.boxes].count("input") == 2  # X and y


def test_a_residual_network_folds_without_a_cycle():
    text = (
        "Sequential([Input(4), Linear(4), Residual([Linear(4), ReLU()]), Linear(2)])\n"
        "loss = 'mse'"
    )
    folded, *_ = views(text, X=(2, 4), y=(2, 2))
    for _, source, target in folded.wires:
        assert source < target, (folded.boxes[source], folded.boxes[target])


def test_every_box_and_wire_of_every_view_is_drawn(tmp_path):
    html = page(tmp_path, LENET)
    data = data_of(html)
    drawings = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert len(drawings) == len(data["views"])
    for place, (view, drawing) in enumerate(zip(data["views"], drawings, strict=True)):
        ids = {item.get("id") for item in ET.fromstring(drawing).iter()}
        wanted = {f"v{place}-n{i}" for i in range(len(view["boxes"]))}
        for i in range(len(view["wires"])):
            wanted |= {f"v{place}-w{i}{end}" for end in ("", "-a", "-b")}
        wanted |= {f"v{place}-{key}" for key in view["open"]}
        assert wanted <= ids, wanted - ids
