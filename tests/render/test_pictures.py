"""Pictures: each is written, whole and the same twice, and says the right numbers."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from gradtutor.train import MissingPackageError
from gradtutor.train.report import boundaries, labels, line_pictures, pictures

RNG = np.random.default_rng(0)
IMAGES, LABELS = RNG.random((7, 8, 8)), np.array([0, 1, 2, 1, 0, 2, 2])
GUESSES = np.array([0, 1, 1, 1, 0, 2, 0])
POINTS = RNG.standard_normal((60, 2))
CLEAN = np.sin(np.arange(128) / 8)
NOISE = np.where(np.arange(128) % 2, 1.0, -1.0)


def above_line(points):
    return 1 / (1 + np.exp(-3 * (points[:, :1] + points[:, 1:])))


def draw_predictions(path):
    pictures.write_predictions(IMAGES, LABELS, GUESSES, path)


def draw_confusion(path):
    pictures.write_confusion(LABELS, GUESSES, 3, path)


def draw_signals(path):
    denoised = CLEAN + 0.1 * NOISE
    line_pictures.write_signals(CLEAN, CLEAN + NOISE, denoised, 64, path)


def draw_boundary(path):
    y = POINTS.sum(axis=1) > 0
    stars = [("[4, 5]: 0.31 → 0.98", np.array([4, 5]))]
    names, called = ("length", "width"), ("no", "yes")
    boundaries.write_boundary(POINTS, y, above_line, path, names, called, stars)


def draw_line(path):
    lines = {"closed form": (1.0, -2.0), "gradient-descent": (1.01, 2.0)}
    line_pictures.write_line(POINTS[:, 0], POINTS[:, 1], lines, path)


PICTURES = {
    draw_predictions: ["5 of 7 right", "label 0, guess 0", "✗ label 2, guess 1"],
    draw_confusion: ["accuracy 0.7143 (5 of 7)", "label", "guess"],
    draw_signals: ["clean", "time (s)", "denoised: SNR 16.9 dB (grey: clean)"],
    draw_boundary: [
        "decision boundary",
        "class no",
        "class yes",
        "length",
        "width",
        "probability of class yes",
        "[4, 5]: 0.31 → 0.98",
    ],
    draw_line: [
        "closed form: y = 1.000 − 2.000 x",
        "gradient-descent: y = 1.010 + 2.000 x",
    ],
}


@pytest.mark.parametrize("draw", PICTURES)
def test_png_is_large_enough_to_read_and_not_blank(draw, tmp_path):
    from matplotlib.image import imread

    draw(tmp_path / "a.PNG")
    pixels = imread(tmp_path / "a.PNG", format="png")
    assert pixels.shape[0] > 400
    assert pixels.shape[1] > 400
    assert pixels.std() > 0.05


@pytest.mark.parametrize("draw", PICTURES)
def test_svg_parses_and_is_the_same_twice(draw, tmp_path):
    for name in ("a.svg", "b.svg"):
        draw(tmp_path / name)
    assert ET.parse(tmp_path / "a.svg").getroot().tag.endswith("svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


@pytest.mark.parametrize(("draw", "said"), PICTURES.items())
def test_text_in_the_picture(draw, said, tmp_path):
    with mpl.rc_context({"svg.fonttype": "none"}):  # words, not outlines
        draw(tmp_path / "a.svg")
    words = [w.strip() for w in ET.parse(tmp_path / "a.svg").getroot().itertext()]
    assert set(said) <= set(words), words


@pytest.mark.parametrize("draw", PICTURES)
def test_no_text_is_cut_off(draw, tmp_path, monkeypatch):
    """Titles, labels and legends lie within the figure."""
    drawn = []
    save = Figure.savefig
    monkeypatch.setattr(
        Figure,
        "savefig",
        lambda self, *a, **k: (drawn.append(self), save(self, *a, **k)),
    )
    draw(tmp_path / "a.png")
    box = drawn[0].get_tightbbox()  # inches
    assert min(box.x0, box.y0) > -0.02, box
    assert np.all(np.array([box.x1, box.y1]) < drawn[0].get_size_inches() + 0.02), box


def test_the_matrix_counts_labels_by_row_and_guesses_by_column():
    figure = Figure()
    counts = np.array([[2, 0, 0], [0, 2, 0], [1, 1, 1]])
    pictures._matrix(figure, counts, ["a", "b", "long name"])
    axes = figure.axes[0]
    cells = {text.get_position(): text.get_text() for text in axes.texts}
    assert [[cells[c, r] for c in range(3)] for r in range(3)] == [
        ["2", "0", "0"],
        ["0", "2", "0"],
        ["1", "1", "1"],
    ]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("guess", "label")


def test_the_matrix_of_labels_and_guesses(monkeypatch, tmp_path):
    seen = []
    monkeypatch.setattr(
        pictures, "_matrix", lambda _, counts, names: seen.append(counts)
    )
    draw_confusion(tmp_path / "a.png")
    np.testing.assert_array_equal(seen[0], [[2, 0, 0], [0, 2, 0], [1, 1, 1]])


def test_the_boundary_lies_where_the_probability_is_a_half():
    axes = Figure().subplots()
    sides = np.stack([np.linspace(-1, 3, 201), np.linspace(0, 5, 201)], axis=1)
    probability = np.tile(np.linspace(0, 1, 201), (201, 1))  # rises along x only
    boundaries._landscape(axes.figure, axes, sides, probability, "1")
    black = axes.collections[-1].get_paths()[0].vertices
    np.testing.assert_allclose(black[:, 0], 1, atol=1e-6)


def test_a_classifier_that_never_doubts_has_no_boundary(tmp_path):
    path = tmp_path / "a.svg"
    with mpl.rc_context({"svg.fonttype": "none"}):
        y = np.zeros(60)
        boundaries.write_boundary(POINTS, y, lambda grid: np.zeros(len(grid)), path)
    assert "decision boundary" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("n", [0, 101])
def test_too_few_or_too_many_images_are_refused(n, tmp_path):
    images, labels = np.zeros((n, 4, 4)), np.zeros(n)
    with pytest.raises(ValueError, match=f"{n} images: a picture shows 1 to 100"):
        pictures.write_predictions(images, labels, labels, tmp_path / "a.png")


@pytest.mark.parametrize("draw", PICTURES)
def test_other_endings_are_refused(draw, tmp_path):
    with pytest.raises(ValueError, match=r"\.png or \.svg"):
        draw(tmp_path / "a.pdf")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("draw", PICTURES)
def test_without_matplotlib_the_error_says_what_to_install(draw, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingPackageError, match="pip install"):
        draw(tmp_path / "a.png")


def test_areas_of_three_classes_have_their_names(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 2))
    y = np.arange(30) % 3
    path = tmp_path / "areas.svg"
    boundaries.write_areas(
        X, y, lambda at: (at[:, 0] > 0) + (at[:, 1] > 0), path, ("hours", "mark"),
        ("red", "green", "blue"),
    )  # fmt: skip
    text = path.read_text("utf-8")
    assert all(word in text for word in ("hours", "mark", "class red", "class blue"))


def test_each_neuron_has_an_image_of_its_weights(tmp_path):
    path = tmp_path / "w.svg"
    pictures.write_weights_sheet(np.linspace(-2, 1, 64 * 3).reshape(64, 3), 8, path)
    text = path.read_text("utf-8")
    assert text.count("<image") == 3 and "weights of the first layer" in text


def test_labels_are_counted_by_rows_and_one_by_one(tmp_path):
    y = np.array([[1, 0], [1, 1], [0, 1], [0, 0]])
    answers = np.array([[2.0, -1], [3, -2], [1, 4], [-1, -3]])
    pair = labels.labels_of(y, answers, "bce_with_logits")
    found = labels.label_measures(*pair, ("beach", "trees"))
    assert found["label_accuracy"] == 0.75 and found["rows_right"] == 0.5
    assert found["labels"]["beach"] == {"precision": 0.666667, "recall": 1.0}
    assert found["labels"]["trees"] == {"precision": 1.0, "recall": 0.5}
    assert "0.7500 right" in labels.label_text(found)
    labels.write_labels(found, tmp_path / "l.svg")
    assert "trees" in (tmp_path / "l.svg").read_text("utf-8")
    assert labels.labels_of(y, answers, "mse_loss") is None
    assert labels.labels_of(y + 1, answers, "bce_with_logits") is None
