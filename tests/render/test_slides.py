"""Slides and films hold a frame a step: as many as the steps, with their lines."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

import gradtutor as gt
from gradtutor.cli import main
from gradtutor.render import Style
from gradtutor.render.moving.film import LAST, RATE, SHOWN

TEXT, AT = "q = x + y; f = q*z", {"x": -2, "y": 5, "z": -4}


@pytest.fixture(scope="module")
def drawings():
    return gt.parse(TEXT).frames(Style(), **AT)


def test_a_slide_a_step_with_its_line_and_its_numbers(drawings, tmp_path):
    pptx = pytest.importorskip("pptx")
    place = tmp_path / "talk.pptx"
    gt.parse(TEXT).save(place, **AT)
    deck = pptx.Presentation(str(place))
    assert len(deck.slides) == len(drawings)
    for slide, drawing in zip(deck.slides, drawings, strict=True):
        texts = [one.text_frame.text for one in slide.shapes if one.has_text_frame]
        assert {line for line in drawing.caption if line} <= set(texts)
        for wire in drawing.wires:
            if not wire.gradient.hidden:
                assert wire.gradient.head in texts
    ovals = [one for one in deck.slides[0].shapes if one.name in ("q", "f")]
    assert [one.text_frame.text for one in ovals] == ["+", "×"]


def test_nothing_jumps_from_slide_to_slide(tmp_path):
    pptx = pytest.importorskip("pptx")
    place = tmp_path / "talk.pptx"
    gt.parse(TEXT).save(place, **AT)
    places = [
        {one.name: (one.left, one.top) for one in slide.shapes if one.name in "qf"}
        for slide in pptx.Presentation(str(place)).slides
    ]
    assert all(one == places[0] for one in places)


def shapes_of(path, text, style=None, **at):
    pptx = pytest.importorskip("pptx")
    gt.parse(text).save(path, style or Style(), **at)
    deck = pptx.Presentation(str(path))
    return deck, list(deck.slides[-1].shapes)


@pytest.mark.parametrize("way", ["LR", "TB"])
@pytest.mark.parametrize(
    ("text", "at"),
    [
        (TEXT, AT),
        ("x*y + exp(x)", {"x": 1e-12, "y": 3}),
        ("the_learning_rate_of_layers*x", {"the_learning_rate_of_layers": 1, "x": 2}),
        ("sum(tanh(W @ x))", {"W": [[1, 2], [3, 4]], "x": [1, -1]}),
    ],
)  # fmt: skip
def test_numbers_of_a_slide_lie_on_it_and_not_on_each_other(text, at, way, tmp_path):
    deck, shapes = shapes_of(tmp_path / "a.pptx", text, Style(direction=way), **at)
    texts = [one for one in shapes if one.has_text_frame and one.text_frame.text]
    rooms = []
    for one in texts:
        assert one.left >= 0 <= one.top, one.text_frame.text
        assert one.left + one.width <= deck.slide_width
        assert one.top + one.height <= deck.slide_height
        rooms.append(room_of(one))
    for count, (left, top, right, low) in enumerate(rooms):
        for a, b, c, d in rooms[:count]:
            assert left >= c or right <= a or top >= d or low <= b


def room_of(shape):
    """Return the room of a shape's letters, at half their size in width."""
    lines = shape.text_frame.paragraphs
    size = max(one.font.size or 0 for one in lines)
    wide = size * max(len(one.text) for one in lines) / 2
    middle, high = shape.left + shape.width / 2, 0.9 * size * len(lines)
    sides = {2: middle - wide / 2, 1: shape.left, 3: shape.left + shape.width - wide}
    left, across = sides[lines[0].alignment], shape.top + shape.height / 2
    return left, across - high / 2, left + wide, across + high / 2


def test_a_large_tensor_is_a_picture_on_the_slide(tmp_path):
    at = {"W": [[0.1 * i * j for i in range(8)] for j in range(6)]}
    _, shapes = shapes_of(tmp_path / "a.pptx", "W: (6, 8)\nsum(tanh(W))", **at)
    maps = [one for one in shapes if one.shape_type == 13]
    assert len(maps) == 4
    assert {one.image.size for one in maps} == {(8 * 12, 6 * 12)}


def test_long_captions_stay_on_the_slide(tmp_path):
    text = "a = x*y\nb = a + x\nc = a*b + y\nf = c*a + b"
    deck, _ = shapes_of(tmp_path / "a.pptx", text, x=1.5, y=-2)
    most = max(one.top + one.height for slide in deck.slides for one in slide.shapes)
    assert most <= deck.slide_height


def test_a_page_a_step_all_of_one_size(drawings, tmp_path):
    pypdf = pytest.importorskip("pypdf")
    place = tmp_path / "talk.pdf"
    words = ["render", TEXT, "--at", "x=-2,y=5,z=-4", "--animate", "-o", str(place)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    pages = pypdf.PdfReader(str(place)).pages
    assert len(pages) == len(drawings)
    assert (
        len({(float(p.mediabox.width), float(p.mediabox.height)) for p in pages}) == 1
    )


def test_a_film_lasts_as_long_as_its_frames(tmp_path):
    ffmpeg = pytest.importorskip("imageio_ffmpeg")
    place = tmp_path / "talk.mp4"
    short = gt.parse("x*y")
    short.save(place, x=1, y=2)
    count = len(short.frames(x=1, y=2))
    pictures, seconds = ffmpeg.count_frames_and_secs(str(place))
    assert seconds == pytest.approx(SHOWN * (count - 1) + LAST, abs=2 / RATE)
    assert pictures == pytest.approx(seconds * RATE, abs=2)
