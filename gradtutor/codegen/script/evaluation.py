"""What the script's templates say of a prediction, its loss and its accuracy."""

from __future__ import annotations

from typing import Any

from gradtutor.codegen.backends import backend_of
from gradtutor.codegen.layout import Layout
from gradtutor.codegen.rewrite.masks import with_numbers_for_masks
from gradtutor.codegen.settings import ScriptData, Settings
from gradtutor.codegen.step import Step
from gradtutor.codegen.text.statements import Statement, statements
from gradtutor.codegen.text.wrapping import WIDTH, wrapped
from gradtutor.gates import show_shape
from gradtutor.graph import Graph, NetworkFacts, network_of, operands


def evaluation_facts(
    graph: Graph, evaluation: Graph, step: Step, data: ScriptData, settings: Settings
) -> dict[str, Any]:
    """Return the lines of a prediction and its loss, and all functions called."""
    evaluation = with_numbers_for_masks(evaluation)
    answer = network_of(evaluation)["prediction"]
    judged = judged_loss(evaluation)
    whole = reads_more(evaluation, judged, answer)
    predicting = statements(evaluation, [answer])
    both = [answer] if not whole or data.classes is not None else []
    judging = statements(evaluation, [*both, judged], () if whole else [answer])
    lines = [*step.forward, *step.backward]
    plain = [line.text for line in (*predicting, *judging)]
    names = network_of(evaluation)["statistics"]
    backend = backend_of(settings)
    around = backend.around(graph, settings)
    functions = backend.functions([*lines, *plain], step.loops, around, settings)
    sizes = [show_shape(evaluation.nodes[name]["shape"]) for name in names]
    facts = {
        "prediction": evaluation.nodes[answer]["name"],
        "predict_lines": [_line(line) for line in predicting],
        "data_loss": evaluation.nodes[judged]["name"],
        "judges_all": whole,
        "stepped": data.classes is not None and len(graph.nodes["y"]["shape"]) > 1,
        "same_loss": judged == evaluation.graph["output"],
        "loss_lines": [_line(line) for line in judging if whole or line.node != answer],
        "overflow": any("np.exp(" in line for line in lines) or "np.exp(-" in functions,
        "statistics": list(zip(names, sizes, strict=True)),
        "statistic_names": list(names),
        **Layout(graph.nodes["X"]["shape"]).texts(evaluation, answer),
        **_accuracy(evaluation, answer, data),
        **_scores(evaluation, answer),
        **_numbers(evaluation),
    }
    return {key: backend.written(value) for key, value in facts.items()} | {
        "helpers": functions
    }


def judged_loss(evaluation: Graph) -> str:
    """Return the loss of an evaluation, which no penalty is part of."""
    formula = network_of(evaluation).get("formula")
    if "data_loss" in evaluation and not formula:
        return "data_loss"
    return str(evaluation.graph["output"])


def reads_more(graph: Graph, loss: str, answer: str) -> bool:
    """Whether a loss is made of more than the answer and the targets."""
    waiting, seen = [loss], {answer}
    while waiting:
        node = waiting.pop()
        if graph.nodes[node].get("role") not in (None, "label"):
            return True
        for arg in operands(graph, node):
            if arg not in seen:
                seen.add(arg)
                waiting.append(arg)
    return False


def _accuracy(graph: Graph, answer: str, data: ScriptData) -> dict[str, str]:
    """Return how right answers are counted."""
    if data.classes is None:
        return {"accuracy": "", "accuracy_each": ""}
    name, shape = graph.nodes[answer]["name"], graph.nodes[answer]["shape"]
    right = f"{name}.argmax(axis=1) == y"
    if len(graph.nodes["y"]["shape"]) > 1:  # a class at every step, below 0 for none
        right = f"{name}.reshape(-1, {shape[-1]}).argmax(axis=1) == y.reshape(-1)"
        count = f"np.sum({right}) / np.sum(y >= 0)"
        return {"accuracy": count, "accuracy_each": right}
    if shape[-1] == 1:
        loss = network_of(graph)["loss"]
        threshold = "0" if loss in ("bce_with_logits", "hinge_loss") else "0.5"
        right = f"({name}[:, 0] > {threshold}) == y"
    return {"accuracy": f"np.mean({right})", "accuracy_each": right}


#: Scores of classes by the loss: as a softmax, as a sigmoid, or as they are.
SOFTMAX = (
    "    scores = np.exp(answers - answers.max(axis=1, keepdims=True))\n"
    "    scores /= scores.sum(axis=1, keepdims=True)"
)
SIGMOID = "    scores = np.exp(-np.logaddexp(0, -answers))"
PLAIN = "    scores = answers"
SCORES = {
    "cross_entropy": (SOFTMAX, "p"),
    "bce_with_logits": (SIGMOID, "p"),
    "nll_loss": (PLAIN, "p"),
    "binary_cross_entropy": (PLAIN, "p"),
}


def _scores(graph: Graph, answer: str) -> dict[str, str]:
    """Return how answers become a score for each class, and what it is called."""
    loss = network_of(graph)["loss"]
    lines, word = SCORES.get(loss, (PLAIN, "score"))
    if graph.nodes[answer]["shape"][-1] == 1:  # the other class has the rest
        other = "-scores" if loss == "hinge_loss" else "1 - scores"
        lines += f"\n    scores = np.hstack([{other}, scores])"
    return {"score_lines": lines, "score_word": word}


def _numbers(graph: Graph) -> dict[str, Any]:
    """Return how answers that are no classes are told: as probabilities of labels."""
    loss = network_of(graph)["loss"]
    lines, word = SCORES.get(loss, (PLAIN, ""))
    return {
        "tells_labels": loss in (*SCORES, "hinge_loss"),
        "number_lines": "" if lines == PLAIN else lines,
        "number_rows": "answers" if lines == PLAIN else "scores",
        "number_header": f'[f"{word}({{name}})" for name in names]'
        if word
        else "names",
    }


def prediction_words(network: NetworkFacts, data: ScriptData) -> str:
    """Say what a prediction is, a sentence with a blank for the shape."""
    if data.classes is None:
        return "Return the prediction for a batch X of shape {shape}."
    if network["loss"] == "cross_entropy":
        return "Return the logits for a batch X of shape {shape}."
    return "Return the class scores for a batch X of shape {shape}."


def _line(line: Statement) -> str:
    """Write ``z1 = X @ W1 + b1  # (N, 128)``."""
    code = f"{line.name} = {line.text}"
    comment = f"  # {line.shape}" if line.shape != "()" else ""
    if len(code + comment) <= WIDTH - 4:
        return code + comment
    return "\n    ".join(wrapped([code]))
