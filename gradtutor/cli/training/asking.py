"""--ask: examples whose answers are told before and after a training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gradtutor.cli.session import Session
from gradtutor.cli.training.starting import Beginning

if TYPE_CHECKING:
    import numpy as np

    from gradtutor.train import Data, RunFolder
    from gradtutor.train.report.asked import Asked


def asked_rows(data: Data, given: Sequence[str]) -> dict[tuple[str, ...], np.ndarray]:
    """Read the examples, before the training, as rows of X."""
    from gradtutor.train.report.asked import example_row

    examples = [
        tuple(cell.strip() for cell in one.strip("[] ").split(",")) for one in given
    ]
    return {example: example_row(data, example) for example in examples}


def told_before_and_after(
    folder: RunFolder,
    begun: Beginning,
    asked: dict[tuple[str, ...], np.ndarray],
    run: Session,
) -> list[Asked]:
    """Say what first and last weights answer to the examples."""
    from gradtutor.train.report.asked import answers_before_and_after, first_weights
    from gradtutor.train.run_folder import network_of
    from gradtutor.train.weights import read_weights

    if not asked:
        return []
    seed = begun.settings["seed"] or 0
    first = first_weights(folder.path / "train.py", seed, begun.start)
    last = read_weights(folder.weights)
    graph = network_of(folder.path)
    found = answers_before_and_after(graph, begun.data, asked, first, last)
    for one in found:
        run.say(one.text)
    return found


def as_objects(answers: Sequence[Asked]) -> list[dict[str, Any]]:
    """Return the answers for --json."""
    return [
        {"example": list(one.example), "answer": one.name}
        | {"before": one.before, "after": one.after}
        for one in answers
    ]
