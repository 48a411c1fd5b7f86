"""What the frame's templates say of ranks, shards, texts and the step's calls."""

from __future__ import annotations

import json
import textwrap
from typing import Any

from gradtutor.codegen.backends import backend_of
from gradtutor.codegen.backends.target import Target
from gradtutor.codegen.comments.made import comment
from gradtutor.codegen.script.places import Facts, active_features, comparable
from gradtutor.codegen.script.signature import Signature, step_signature
from gradtutor.codegen.settings import ScriptData, Settings, TextTokens
from gradtutor.codegen.text.wrapping import WIDTH
from gradtutor.optimisers import OPTIMISERS


def frame_facts(settings: Settings, data: ScriptData, facts: Facts) -> dict[str, Any]:
    """Return what the frame says beyond the facts of the step and the evaluation."""
    backend = backend_of(settings)
    labels = f", {data.classes}" if data.classes else ""
    on = backend.target(labels, tokens=facts["stepped"])
    weights = "parameters, statistics" if facts["statistics"] else "parameters"
    clock = bool(facts["masks"]) and not backend.draws_masks
    statistics, ranks = bool(facts["statistics"]), bool(settings.parallel)
    step = step_signature(
        settings.half, settings.scaled, ranks, statistics, settings.sharded, clock
    )
    return {
        "features": active_features(settings, data, facts),
        "on": on,
        "step": step,
        "weights": weights,
        "needs_lines": textwrap.wrap(_needs_words(settings, data), WIDTH),
        "batch_size": _batch_size(settings),
        "counts": ", scaler.counts" if settings.scaled else "",
        "step_head": _step_head(settings, facts),
        "batch_loss": _batch_loss(settings, step),
        "check_result": "loss" if comparable(settings, facts) else "",
        "predicted_loss": _predicted_loss(facts),
        "saved_shapes": "(SHAPES | STATISTICS)" if statistics else "SHAPES",
        "scheduled": _scheduled(settings),
        "shown_data": "X_train, y_train, X, y" if data.features == 1 else "_, _, X, y",
        "loader": "raw_data" if data.prepares else "load_data",
        "loaded_words": " as they are in the file" if data.prepares else "",
        "take_y": f"{on.xp}.ascontiguousarray(y[rows].T).reshape({turned})"
        if (turned := facts["target_shape"])
        else "y[rows]",
        **_judging(facts, weights),
        **_owner(settings),
        **_rank_facts(settings, facts["layout"], on),
        **(_text_facts(data.text) if data.text else {}),
    }


def _needs_words(settings: Settings, data: ScriptData) -> str:
    """Say which packages a script needs."""
    packages = backend_of(settings).needs(settings)
    ranks = ["mpi4py"] if settings.parallel else []
    if data.package:
        return comment(
            "It needs only {libraries} and, for the data, the package {package}:",
            libraries=", ".join([*packages, *ranks]),
            package=data.package,
        )
    libraries = ", ".join(packages)
    if ranks:
        libraries = comment("{first} and {last}", first=libraries, last=ranks[0])
    return comment("It needs only {libraries}:", libraries=libraries)


def _batch_size(settings: Settings) -> str:
    if settings.optimiser != "gd":
        return str(settings.batch_size)
    why = "more than there are: gradient descent takes them all at once"
    return f"{settings.batch_size:_}  # {why}"


def _step_head(settings: Settings, facts: Facts) -> list[str]:
    """Return the first lines of a step, which unpack what it is given."""
    unpack, names, used = facts["unpack"], facts["parameters"], facts["used"]
    if settings.one_kernel:
        return []
    lines = []
    if not settings.half:
        lines.append(unpack("parameters", names))
    elif used.intersection(names):
        lines.append(unpack("parameters", names, used))
    halves = [f"{name}_half" for name in names]
    if settings.half and used.intersection(halves):
        lines.append(unpack("halves", halves, used))
    lines.append(unpack("gradients", facts["gradient_names"]))
    lines.append(f"N = X.shape[{facts['batch_axis']}]")
    lines += ["dtype = gradients[0].dtype"] * settings.half
    kind = "dtype" if settings.half else "X.dtype"
    shard = ", shard" if settings.sharded else ""
    made = f"arrays(N, {kind}{shard})"
    space = facts["space"]
    lines.append(f"{space} = {made}" if space else unpack(made, facts["array_names"]))
    return [*lines, *["share = own.share"] * bool(settings.parallel)]


def _batch_loss(settings: Settings, step: Signature) -> str:
    if settings.sharded:
        return "sharded_loss_and_gradients(parameters, gradient, X, y)"
    return step.call(12, statistics="statistics")


def _predicted_loss(facts: Facts) -> str:
    """Return the loss of a batch by the functions around predict."""
    if facts["layout"] == "rows":
        return "evaluate(views(theta), X, y)[0]"
    return f"judge(views(theta), X, y){'[0]' if facts['accuracy'] else ''}"


def _scheduled(settings: Settings) -> str:
    """Return the learning rate of an epoch, from the first one's."""
    given = settings.schedule_settings
    return {
        "constant": "rate",
        "step": f"rate * {given.get('gamma', 0.1)}"
        f" ** ((epoch - 1) // {given.get('step_size', 10)})",
        "cosine": "rate * (1 + math.cos(math.pi * (epoch - 1) / epochs)) / 2",
        "warmup": f"rate * min(1, epoch / {given.get('epochs', 5)})",
    }[settings.schedule]


def _judging(facts: Facts, weights: str) -> dict[str, Any]:
    """Return the lines from a batch to its loss, and what they are called."""
    first = f"{facts['prediction']} = predict({weights}, X)"
    if facts["judges_all"]:
        first = facts["unpack"]("parameters", facts["parameters"])
    counted = bool(facts["accuracy"])
    return {
        "judging_lines": [first, *facts["loss_lines"]],
        "evaluated_words": "and the accuracy on a whole data set"
        if counted
        else "on a whole data set; there is no accuracy",
        "judged_words": " and how many of its answers are right" if counted else "",
        "loss_format": ".4f" if counted else ".6g",
        "accuracy_words": "   test accuracy {test_accuracy:.4f}" if counted else "",
    }


def _owner(settings: Settings) -> dict[str, str]:
    """Return whose a checkpoint is: another network, optimiser, ... cannot go on."""
    parts = [OPTIMISERS[settings.optimiser].title]
    parts += ["validation"] * bool(settings.patience)
    parts += backend_of(settings).owner
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
    words = "this rank's share of the loss" if ranks else "the loss of a batch"
    return {
        "step_words": f"Compute {words} and write its gradient into `gradients`.",
        "evaluate": "evaluate_all" if ranks else "evaluate",
        "own_argument": ", own" if ranks else "",
        "own_rows": "own.rows" if ranks else "N",
        "moves": "(own.whole, 2))[own.rows]" if ranks else "(X.shape[-1], 2))",
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


def _text_facts(text: TextTokens) -> dict[str, Any]:
    """Return how a script writes texts: lines that end, or one that just goes on."""
    ends = text.ends
    count = "256" if text.bytes else "len(ALPHABET)"
    return {
        "temperature": "0.5" if ends else "0.8",
        "prompt": '""' if ends else '"\\n"',
        "length": text.steps if ends else 400,
        "token_count": f"{count} + 1" if ends else count,
        "text_end": "" if ends else ', end="\\n\\n"',
        "decoded_words": ", up to the first end" if ends else "",
        "decoding": 'bytes(tokens).decode(errors="replace")'
        if text.bytes
        else '"".join(ALPHABET[token] for token in tokens)',
    }
