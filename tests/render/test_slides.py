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
