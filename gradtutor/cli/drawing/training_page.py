"""render --train: the page that trains a network, or goes down a formula."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.arguments import read_text
from gradtutor.cli.drawing.options import RenderOptions
from gradtutor.cli.session import DONE, Session
from gradtutor.messages import tr

if TYPE_CHECKING:
    import numpy as np

    from gradtutor.graph import Graph
    from gradtutor.render.page.training.lessons import Lesson
    from gradtutor.render.page.training.page_data import Training
    from gradtutor.render.page.training.point_sets import PointSet
    from gradtutor.train import Data

#: The data set of a network that names none, by how many features it takes.
USUAL = {1: "line", 2: "exam", 64: "digits", 400: "mnist20", 784: "mnist"}

#: Examples of a lesson: a page of less than a megabyte has no room for all.
IMAGES = 600


def write_training_page(
    run: Session, expression: str, point: dict[str, Any], options: RenderOptions
) -> int:
    """Write the page; say what it holds."""
    from gradtutor.render import Style
    from gradtutor.render.page.training.training_page import training_page
    from gradtutor.render.picture import write_bytes

    output = options.output
    if not output or not output.lower().endswith(".html"):
        raise click.UsageError(tr("--train writes a page: give -o page.html"))
    training = _training(run, read_text(expression), point, options.dataset)
    style = Style(digits=options.digits, theme=options.theme)
    content = training_page(training, options.ties, style, run.seed or 0)
    write_bytes(Path(output), content)
    run.wrote(output)
    if run.json:
        sets = [one.name for one in training.sets]
        run.result({"output": output, "bytes": len(content), "data": sets}, "")
    return DONE


def _training(
    run: Session, text: str, point: dict[str, Any], dataset: str | None
) -> Training:
    from gradtutor.graph import has_network
    from gradtutor.language import parse
    from gradtutor.render.page.training.page_data import Training

    if dataset is None:
        shapes = {name: value.shape for name, value in point.items()}
        graph = parse(text, shapes)
        if not has_network(graph):
            return Training(_checked(graph, point), given=point)
        dataset = _usual(graph)
    if point:
        raise click.UsageError(
            tr("--at is for a formula without data: a network draws its weights")
        )
    return _with_data(run, text, dataset)


def _checked(graph: Graph, point: dict[str, Any]) -> Graph:
    from gradtutor.evaluate.point import check_names
    from gradtutor.graph import inputs, with_shapes

    check_names(graph, point)
    shaped = with_shapes(graph, {name: value.shape for name, value in point.items()})
    shapes = [shaped.nodes[name]["shape"] or () for name in inputs(shaped)]
    if any(isinstance(size, str) for shape in shapes for size in shape):
        raise click.UsageError(tr("which data is it to learn? give --data NAME"))
    return shaped


def _usual(graph: Graph) -> str:
    """Return the data set for as many features as a network takes."""
    width = graph.nodes["X"]["shape"][-1] if "X" in graph else None
    if width in USUAL and len(graph.nodes["X"]["shape"]) == 2:
        return USUAL[width]
    raise click.UsageError(tr("which data is it to learn? give --data NAME"))


def _with_data(run: Session, text: str, dataset: str) -> Training:
    """Fit the data to the network, add other sets for a plane, and the lessons."""
    from dataclasses import replace

    training, notes = _fitted(text, dataset)
    for note in notes:
        run.say(f"gradtutor: {note}")
    return replace(training, lessons=_lessons())


def _fitted(text: str, dataset: str) -> tuple[Training, list[str]]:
    from gradtutor.graph import network_of
    from gradtutor.language import parse_network
    from gradtutor.render.page.training.page_data import Training
    from gradtutor.render.page.training.point_sets import PointSet
    from gradtutor.train import data_for

    data = data_for(dataset, text)
    example, classes = data.features.example, data.targets.count
    graph = parse_network(text, example, classes)
    answer = parse_network(text, example, classes, training=False)
    notes = [*network_of(graph)["notes"], *data.notes]
    X, y = _arrays(data)
    own = PointSet(Path(dataset).stem, _title(dataset), X, y)
    plane = dataset in ("exam", "line")
    sets = _plane_sets(own, classes) if plane else [own]
    return Training(graph, answer, sets, classes), notes


def _lessons() -> list[tuple[Lesson, Training]]:
    """Return the lessons with their networks, an equal network once.

    The lesson on images is left out where the package with the digits is missing.
    """
    from importlib.util import find_spec

    from gradtutor.render.page.training.lessons import LESSONS

    made: dict[str, Training] = {}
    found = []
    for lesson in LESSONS:
        if lesson.data == "digits" and find_spec("sklearn") is None:
            continue
        if lesson.text not in made:
            made[lesson.text] = _lesson_training(lesson)
        found.append((lesson, made[lesson.text]))
    return found


def _lesson_training(lesson: Lesson) -> Training:
    """Fit a lesson's data; of images as many as a lesson needs."""
    from dataclasses import replace

    training, _ = _fitted(lesson.text, lesson.data)
    few = [replace(one, X=one.X[:IMAGES], y=one.y[:IMAGES]) for one in training.sets]
    return replace(training, sets=few)


def _arrays(data: Data) -> tuple[np.ndarray, np.ndarray]:
    """Return the examples, filled and scaled as the script does it."""
    import numpy as np

    from gradtutor.train.loaders.preparing import learn, prepared

    X, y = data.arrays()
    if data.fill or data.scale:
        learned = learn(X, "X", data.fill, data.scale)  # type: ignore[no-untyped-call]
        X = prepared(X, "X", learned)  # type: ignore[no-untyped-call]
        if data.targets.count is None and data.scale:
            learned = learn(y, "y", "", data.scale)  # type: ignore[no-untyped-call]
            y = prepared(y, "y", learned)  # type: ignore[no-untyped-call]
    return np.asarray(X, np.float64), np.asarray(y)


def _plane_sets(own: PointSet, classes: int | None) -> list[PointSet]:
    from gradtutor.render.page.training.point_sets import PointSet, spiral, wave, xor

    if classes is None:
        return [own, PointSet("wave", tr("points near a wave"), *wave())]
    arms = PointSet("spiral", tr("a spiral"), *spiral(min(classes, 6)))
    four = PointSet("xor", tr("four squares (xor)"), *xor())
    return [own, four, arms] if classes == 2 else [arms, own, four]


def _title(dataset: str) -> str:
    known = {
        "exam": tr("exam results (made up)"),
        "line": tr("points near a line"),
        "digits": tr("handwritten digits, 8 x 8"),
    }
    return known.get(dataset, Path(dataset).name)
