"""What the frame's templates say of ranks, shards, the target and the step's calls."""

from __future__ import annotations

import json
from typing import Any

from gradtutor.codegen.script.places import Facts, active_features, comparable
from gradtutor.codegen.script.signature import Signature, step_signature
from gradtutor.codegen.script.target import Device, Target
from gradtutor.codegen.settings import ScriptData, Settings
from gradtutor.optimisers import OPTIMISERS


def frame_facts(settings: Settings, data: ScriptData, facts: Facts) -> dict[str, Any]:
    """Return what the frame says beyond the facts of the step and the evaluation."""
    cupy = settings.backend == "cupy"
    labels = f", {data.classes}" if data.classes else ""
    on = Device(labels, facts["stepped"]) if cupy else Target()
    weights = "parameters, statistics" if facts["statistics"] else "parameters"
    step = step_signature(
        settings.half,
        settings.scaled,
        bool(settings.parallel),
        bool(facts["statistics"]),
        settings.sharded,
        cupy and bool(facts["masks"]),
    )
    return {
        "features": active_features(settings, data, facts),
        "on": on,
        "step": step,
        "weights": weights,
        "margin": " " * (8 if cupy else 12),
        "zeros": "zeros" if cupy else "empty",
        "counts": ", scaler.counts" if settings.scaled else "",
        "arrays_call": _arrays_call(settings),
        "batch_loss": _batch_loss(settings, step),
        "check_result": "loss" if comparable(settings, facts) else "",
        "predicted_loss": _predicted_loss(facts),
        "saved_shapes": "(SHAPES | STATISTICS)" if facts["statistics"] else "SHAPES",
        "loss_format": ".4f" if facts["accuracy"] else ".6g",
        "accuracy_words": "   test accuracy {test_accuracy:.4f}"
        if facts["accuracy"]
        else "",
        **_owner(settings),
        **_rank_facts(settings, facts["layout"], on),
    }


def _arrays_call(settings: Settings) -> str:
    kind = "dtype" if settings.half else "X.dtype"
    return f"arrays(N, {kind}{', shard' if settings.sharded else ''})"


def _batch_loss(settings: Settings, step: Signature) -> str:
    if settings.sharded:
        return "sharded_loss_and_gradients(parameters, gradient, X, y)"
    return step.call(12, statistics="statistics")


def _predicted_loss(facts: Facts) -> str:
    """Return the loss of a batch by the functions around predict."""
    if facts["layout"] == "rows":
        return "evaluate(views(theta), X, y)[0]"
    return f"judge(views(theta), X, y){'[0]' if facts['accuracy'] else ''}"


def _owner(settings: Settings) -> dict[str, str]:
    """Return whose a checkpoint is: another network, optimiser, ... cannot go on."""
    parts = [OPTIMISERS[settings.optimiser].title]
    parts += ["validation"] * bool(settings.patience)
    parts += ["CuPy"] * (settings.backend == "cupy")
    parts += [settings.precision] * settings.half
    return {
        "owner": ", ".join(map(json.dumps, parts)),
        "owner_words": ", data split" if settings.patience else "",
    }


def _rank_facts(settings: Settings, layout: str, on: Target) -> dict[str, Any]:
    """Return what one of several ranks does on its part, one process on all."""
    ranks = bool(settings.parallel)
    rows = "rows" if ranks else "batch"
    checked = "own.rows" if ranks else ":examples"
    taken = "own.rows" if ranks else "slice(0, examples)"
    by_rows = layout == "rows"
    return {
        "evaluate": "evaluate_all" if ranks else "evaluate",
        "own_argument": ", own" if ranks else "",
        "own_rows": "own.rows" if ranks else "N",
        "run_main": "run_rank(main)" if ranks else "main()",
        "examples": "own".format if ranks else "len({})".format,
        "over_ranks": "COMM.allreduce({})".format if ranks else "{}".format,
        "gathered": f"X_train[{rows}], y_train[{rows}]"
        if by_rows
        else f"take(X_train, y_train, {rows})",
        "checked": f"{on.double(f'X[{checked}]')}, {on.targets(f'y[{checked}]')}"
        if by_rows
        else f"take({on.double('X')}, {on.targets('y')}, {taken})",
    }
