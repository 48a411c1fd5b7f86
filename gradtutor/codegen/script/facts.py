"""What the script's template says about parameters, the step and the evaluation."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradtutor.codegen.layout import Layout
from gradtutor.codegen.script.device_functions import as_cupy, device_facts, used_around
from gradtutor.codegen.script.functions import printed_functions
from gradtutor.codegen.settings import ScriptData, Settings
from gradtutor.codegen.step import Step
from gradtutor.codegen.text.statements import Statement, statements
from gradtutor.codegen.text.wrapping import WIDTH, wrapped
from gradtutor.gates import show_shape
from gradtutor.gates.shapes import size_product
from gradtutor.graph import Graph, inputs, operands


def parameter_facts(graph: Graph) -> dict[str, Any]:
    """Return what the template says about the parameters."""
    names = inputs(graph, "parameter")
    return {
        "parameters": names,
        "gradient_names": [f"d{name}" for name in names],
        "shapes": [(name, show_shape(graph.nodes[name]["shape"])) for name in names],
        "fans": [(name, graph.nodes[name].get("fan_in", 1)) for name in names],
        "scaled": any(name.startswith("gamma") for name in names),
        "starts": starts(graph, names),
        "constants": constants(graph),
    }


def constants(graph: Graph) -> list[tuple[str, str]]:
    """Return the numbers of a formula: ``k`` and ``np.array([1, 2])``."""
    names = inputs(graph, "constant")
    return [(name, constant_text(graph.nodes[name])) for name in names]


def constant_text(data: Mapping[str, Any]) -> str:
    """Write an array as it was made, ``np.tril(np.ones((4, 4)))``, or its numbers."""
    made = data.get("made")
    if not made:
        numbers = repr(np.array(data["value"]).tolist()).replace(".0,", ",")
        return f"np.array({numbers.replace('.0]', ']')}, np.float32)"
    return f"{array_call(ast.parse(made, mode='eval').body)}.astype(np.float32)"


def array_call(node: ast.expr) -> str:
    """Write ``tril(ones(4, 4))`` in NumPy's words, whose sizes are one tuple."""
    return ast.unparse(_InNumpy().visit(node))


class _InNumpy(ast.NodeTransformer):
    """Puts ``np.`` before each function, and sizes into a tuple."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        node.args = [self.visit(one) for one in node.args]
        func = node.func
        if isinstance(func, ast.Attribute) and not isinstance(func.value, ast.Name):
            func.value = self.visit(func.value)  # a method: x.reshape(2, 3)
            return node
        name = func.attr if isinstance(func, ast.Attribute) else func.id  # type: ignore[attr-defined]
        node.func = ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load())
        if name in ("ones", "zeros") and len(node.args) > 1:
            node.args = [ast.Tuple(node.args, ast.Load())]
        return node


def starts(graph: Graph, names: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return each parameter's distribution and size, where a formula states them."""
    if not graph.graph["network"].get("formula"):
        return []
    nodes = graph.nodes
    return [
        (name, nodes[name]["start"], repr(nodes[name]["start_scale"])) for name in names
    ]


def step_facts(graph: Graph, step: Step, settings: Settings) -> dict[str, Any]:
    """Return the lines of a step and the arrays that it writes."""
    masks = inputs(graph, "mask")
    as_device = as_cupy if settings.backend == "cupy" else lambda lines: lines
    return {
        "forward_lines": as_device(wrapped(step.forward)),
        "backward_lines": as_device(wrapped(step.backward)),
        "loss": step.loss,
        "blocks": step.blocks,
        "arrays": as_device(step.arrays),
        "array_names": step.names,
        "memory_words": _memory_words(step, settings.batch_size),
        "masks": masks,
        "mask_rates": [(name, graph.nodes[name]["rate"]) for name in masks],
        "statistic_lines": _statistic_lines(graph, step),
        "momentum": _momentum(graph.graph["network"]),
        "needs_two": needs_two_examples(graph),
        "cupy": settings.backend == "cupy",
        "xp": "cp" if settings.backend == "cupy" else "np",
        "halves": [f"{name}_half" for name in inputs(graph, "parameter")],
        "half_batch": step.half_batch,
        "bfloat16": settings.half and settings.precision == "bfloat16",
        "used": _words([*step.forward, *step.backward]),
        **device_facts(graph),
    }


def evaluation_facts(
    graph: Graph, evaluation: Graph, step: Step, data: ScriptData, settings: Settings
) -> dict[str, Any]:
    """Return the lines of a prediction and its loss, and all functions called."""
    answer = evaluation.graph["network"]["prediction"]
    judged = judged_loss(evaluation)
    whole = reads_more(evaluation, judged, answer)
    predicting = statements(evaluation, [answer])
    both = [answer] if not whole or data.classes is not None else []
    judging = statements(evaluation, [*both, judged], () if whole else [answer])
    lines = [*step.forward, *step.backward]
    plain = [line.text for line in (*predicting, *judging)]
    names = evaluation.graph["network"]["statistics"]
    around = used_around(graph, settings)
    functions = printed_functions([*lines, *plain], step.loops, settings, around)
    sizes = [show_shape(evaluation.nodes[name]["shape"]) for name in names]
    facts = {
        "prediction": evaluation.nodes[answer]["name"],
        "predict_lines": [_line(line) for line in predicting],
        "data_loss": evaluation.nodes[judged]["name"],
        "judges_all": whole,
        "stepped": data.classes is not None and len(graph.nodes["y"]["shape"]) > 1,
        "same_loss": judged == evaluation.graph["output"],
        "loss_lines": [_line(line) for line in judging if whole or line.node != answer],
        "helpers": functions,
        "overflow": any("np.exp(" in line for line in lines) or "np.exp(-" in functions,
        "statistics": list(zip(names, sizes, strict=True)),
        "statistic_names": list(names),
        **Layout(graph.nodes["X"]["shape"]).texts(evaluation, answer),
        **_accuracy(evaluation, answer, data),
        **_scores(evaluation, answer),
    }
    if settings.backend != "cupy":
        return facts
    helpers = facts.pop("helpers")
    return {key: as_cupy(value) for key, value in facts.items()} | {"helpers": helpers}


def judged_loss(evaluation: Graph) -> str:
    """Return the loss of an evaluation, which no penalty is part of."""
    formula = evaluation.graph["network"].get("formula")
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


def _words(lines: Sequence[str]) -> set[str]:
    """Return the names in code, comments left out."""
    code = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    return set(re.findall(r"\w+", code))


def _momentum(network: Mapping[str, Any]) -> Any:
    """Return the one weight of a new batch's statistics, or each layer's own."""
    weights = {k: round(v, 6) for k, v in network.get("momentum", {}).items()}
    return min(weights.values()) if len(set(weights.values())) == 1 else weights


def _memory_words(step: Step, batch: int) -> str:
    """Say what sharing saves, in MB."""
    peak, without = step.peak_bytes(batch), step.unshared_bytes(batch)
    if peak == without:
        return ""
    return (
        f":\n    {peak / 1e6:.2f} MB for N = {batch} instead of {without / 1e6:.2f} MB"
    )


def _statistic_lines(graph: Graph, step: Step) -> list[tuple[str, str, str]]:
    """Return name, text and factor of each statistic: a variance is unbiased.

    Keras's is biased where rows are normalised: BatchNormalization after Dense.
    """
    lines = []
    keras = graph.graph["network"].get("library") == "keras"
    for name, text in step.statistics:
        number = _numbers_a_channel(graph, name)
        size = "N" if number == 1 else f"{number} * N"
        unbiased = name.startswith("var") and not (keras and number == 1)
        factor = f" * {size} / ({size} - 1)" if unbiased else ""
        lines.append((name, text, factor))
    return lines


def _numbers_a_channel(graph: Graph, name: str) -> int:
    """Return of how many numbers of one example each statistic is taken."""
    (source,) = operands(graph, name)
    count = str(size_product(graph.nodes[source]["shape"])).split("*")
    channels = size_product(graph.nodes[name]["shape"])
    return int(count[0]) // int(channels) if count[0].isdigit() else 1


def needs_two_examples(graph: Graph) -> bool:
    """Whether a batch of one has no variance: where rows are normalised."""
    names = graph.graph["network"]["statistics"]
    return any(_numbers_a_channel(graph, name) == 1 for name in names)


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
        loss = graph.graph["network"]["loss"]
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
    loss = graph.graph["network"]["loss"]
    lines, word = SCORES.get(loss, (PLAIN, "score"))
    if graph.nodes[answer]["shape"][-1] == 1:  # the other class has the rest
        other = "-scores" if loss == "hinge_loss" else "1 - scores"
        lines += f"\n    scores = np.hstack([{other}, scores])"
    return {"score_lines": lines, "score_word": word}


def prediction_words(network: dict[str, str], data: ScriptData) -> str:
    """Say what a prediction is."""
    if data.classes is None:
        return "the prediction"
    return "the logits" if network["loss"] == "cross_entropy" else "the class scores"


def _line(line: Statement) -> str:
    """Write ``z1 = X @ W1 + b1  # (N, 128)``."""
    code = f"{line.name} = {line.text}"
    comment = f"  # {line.shape}" if line.shape != "()" else ""
    if len(code + comment) <= WIDTH - 4:
        return code + comment
    return "\n    ".join(wrapped([code]))
