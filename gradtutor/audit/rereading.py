"""Other readings of the same arguments: a gradient that is right in one is right."""

from __future__ import annotations

from dataclasses import replace

from gradtutor.audit.task import Task


def other_targets(task: Task) -> Task | None:
    """Return the task with the ones of a target in its rows, not its columns, or so."""
    turned = {"onehot": "onehot0", "onehot0": "onehot"}
    hot = {n: a for n, a in task.arguments.items() if a.kind in turned and a.shape}
    if not hot:
        return None
    new = {n: replace(a, kind=turned[a.kind]) for n, a in hot.items()}
    return replace(task, arguments={**task.arguments, **new})


def of_vectors(task: Task) -> Task | None:
    """Return the task with ``w`` and ``y`` as vectors, where matrices were guessed.

    ``np.mean((X @ w - y)**2)`` runs with both; its gradient may be meant for one.
    """
    small = {n: task.arguments[n] for n in task.guessed if n.islower() and n != "x"}
    shapes = {n: a.shape for n, a in small.items()}
    if len(shapes) < 2 or any(len(shape) != 2 for shape in shapes.values()):
        return None
    if len({shape[1] for shape in shapes.values()}) > 1 or task.plan.has_upstream:
        return None
    new = {n: replace(a, shape=a.shape[:1]) for n, a in small.items()}
    names = " and ".join(new)
    plan = replace(
        task.plan, assumed=(*task.plan.assumed, f"{names} were taken for vectors")
    )
    return replace(task, plan=plan, arguments={**task.arguments, **new})
