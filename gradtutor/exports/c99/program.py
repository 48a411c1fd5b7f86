"""A whole C99 file: the network's answers, and with it a step of its training."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gradtutor.calculus import backward_graph
from gradtutor.codegen.gpu.c_text import C99
from gradtutor.codegen.optimisers.device import Places, kernel_lines
from gradtutor.codegen.optimisers.plan import Plan, plan_of
from gradtutor.exports.c99.arrays import (
    Arrays,
    _whole,
    example_view,
    flat_weights,
    stored_arrays,
    weight_lines,
)
from gradtutor.exports.c99.loops import Body, looped
from gradtutor.exports.c99.writer import KNOWN, Values, c_name, sizes_for
from gradtutor.exports.onnx.writer import NoOperatorError
from gradtutor.exports.opening import opened
from gradtutor.graph import Graph, inputs, network_of
from gradtutor.messages import tr
from gradtutor.optimisers import OPTIMISERS

HEAD = """// Written by gradtutor: {title}. C99, no library but the mathematical one:
//
//     cc -std=c99 -O2 -c {name}.c
//     cc -std=c99 -O2 -DMAIN {name}.c -lm -o {name} && ./{name} < numbers.txt
//
// No memory is allocated: all arrays are static, so that one call runs at a time.

#include <math.h>
#include <tgmath.h>

typedef float T;
"""
MAIN = """
#ifdef MAIN
#include <stdio.h>

// Read examples, numbers with blanks between, and print a line of answers for each.
int main(void) {{
  static float x[{inputs}], answer[{outputs}];
  int count = 0;
  while (scanf("%f", &x[count]) == 1) {{
    if (++count < {inputs}) continue;
    predict(x, answer);
    for (int i = 0; i < {outputs}; ++i) printf(i ? " %.9g" : "%.9g", (double)answer[i]);
    printf("\\n");
    count = 0;
  }}
  return count != 0;
}}
#endif
"""


def prediction_program(graph: Graph, arrays: Arrays, name: str) -> str:
    """Return a C99 file with ``void predict(const float *x, float *answer)``.

    Parameters
    ----------
    graph : Graph
        A network as it answers.
    arrays : mapping
        Parameters, running statistics, and what scales columns.
    name : str
        The file's name, without its suffix.

    Raises
    ------
    NoOperatorError
        When a gate has no loop here.
    """
    weights = weight_lines(graph, arrays, "static const float")
    lines = [HEAD.format(title="a trained network", name=name), *weights]
    return "\n".join([*lines, *_predict(graph, arrays), MAIN.format(**_counts(graph))])


def training_program(
    graph: Graph, answering: Graph, arrays: Arrays, name: str, examples: int
) -> str:
    """Return a C99 file with a step of training besides ``predict``.

    ``float train_step(const float *x, const float *y, float learning_rate)`` moves the
    weights by the network's optimiser against the gradient of a batch's loss, which it
    returns.

    Parameters
    ----------
    graph, answering : Graph
        The network as it is trained, and as it answers.
    examples : int
        How many a batch has.

    Raises
    ------
    NoOperatorError
        When a gate has no loop here, the network draws random numbers, or keeps running
        statistics.
    """
    if inputs(graph, "mask") or network_of(graph)["statistics"]:
        said = tr("dropout and batch normalisation are not trained in C")
        raise NoOperatorError(tr("{said}: leave --train out", said=said))
    if any(name in arrays for name in ("X_mean", "X_fill")):
        said = tr("a step in C takes numbers as they are, this training scaled them")
        raise NoOperatorError(tr("{said}: leave --train out", said=said))
    facts = network_of(graph)
    settings = dict(facts["optimiser_settings"])
    plan = plan_of(OPTIMISERS[_optimiser(facts)], settings)
    title = "a network with a step of its training"
    parts = [HEAD.format(title=title, name=name), *flat_weights(graph, arrays)]
    parts += _predict(answering, arrays)
    parts += [*_loss(graph, examples), *_step(plan), MAIN.format(**_counts(answering))]
    return "\n".join(parts)


def _optimiser(facts: Mapping[str, Any]) -> str:
    """Return the optimiser: SGD(momentum=0.9) is momentum."""
    settings = facts["optimiser_settings"]
    if facts["optimiser"] == "sgd" and settings.get("momentum"):
        return "nesterov" if settings.get("nesterov") else "momentum"
    return str(facts["optimiser"])


# ---- weights ----


# ---- functions ----


def _counts(graph: Graph) -> dict[str, int]:
    answer = network_of(graph)["prediction"]
    return {
        "inputs": math.prod(sizes_for(graph.nodes["X"]["shape"], 1)),
        "outputs": math.prod(sizes_for(graph.nodes[answer]["shape"], 1)),
    }


def _predict(graph: Graph, arrays: Arrays) -> list[str]:
    whole, (answer,) = opened(graph, [network_of(graph)["prediction"]], KNOWN)
    counts = _counts(graph)
    scaled = "X_mean" in arrays or "X_fill" in arrays
    x = example_view("scaled" if scaled else "x", whole.nodes["X"]["shape"], 1)
    values = Values(whole, 1, {**stored_arrays(whole), "X": x}, "p")
    values.compute([answer])
    found = values.view(answer)
    out = Body(found.shape)
    to = example_view("answer", whole.nodes[answer]["shape"], 1)
    value = found.place(out.indices)
    out.lines.append(f"{to.place(out.indices)} = {value};")
    lines = [*values.declared, ""]
    if scaled:
        lines.append(f"static float scaled[{counts['inputs']}];")
    said = f"{counts['inputs']} numbers in x to {counts['outputs']} in answer"
    lines.append(f"// Answer one example: {said}.")
    lines.append("void predict(const float *x, float *answer) {")
    if scaled:
        lines.append(f"  for (int i = 0; i < {counts['inputs']}; ++i)")
        lines.append(f"    scaled[i] = {_scaling(arrays)};")
    lines += _indented([*values.lines, *looped(out)])
    if "y_mean" in arrays:
        lines.append(f"  for (int i = 0; i < {counts['outputs']}; ++i)")
        lines.append("    answer[i] = answer[i] * y_deviation[i] + y_mean[i];")
    return ["", *lines, "}"]


def _scaling(arrays: Arrays) -> str:
    """Return a column's number filled and scaled as the training did."""
    value = "(isnan(x[i]) ? X_fill[i] : x[i])" if "X_fill" in arrays else "x[i]"
    return f"({value} - X_mean[i]) / X_deviation[i]" if "X_mean" in arrays else value


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"  {line}" if line else "" for line in lines]


def _loss(graph: Graph, examples: int) -> list[str]:
    """Return the function of a batch's loss, which writes the gradient."""
    names = inputs(graph, "parameter")
    backward = backward_graph(graph, wrt=names)
    slopes = [backward.of_node[name] for name in names]
    whole, (loss, *slopes) = opened(
        backward.graph, [graph.graph["output"], *slopes], KNOWN
    )
    given = stored_arrays(whole)
    for name in ("X", "y"):
        if name in whole:
            array = name.lower()
            given[name] = example_view(array, whole.nodes[name]["shape"], examples)
    values = Values(whole, examples, given)
    values.compute([loss, *slopes])
    for name, node in zip(names, slopes, strict=True):
        found = values.view(node)
        to = _whole(f"d_{c_name(name)}", graph.nodes[name]["shape"], examples)
        body = Body(found.shape)
        value = found.place(body.indices)
        body.lines.append(f"{to.place(body.indices)} = {value};")
        values.lines += looped(body)
    answer = values.view(loss).place(())
    used = {
        name: f"  (void){name.lower()};" for name in ("X", "y") if name not in whole
    }
    return [
        "",
        *values.declared,
        "",
        f"enum {{ EXAMPLES = {examples} }};",
        "",
        "// Return the loss of a batch, and write its gradient.",
        "static float loss_and_gradient(const float *x, const float *y) {",
        *used.values(),
        *_indented(values.lines),
        f"  return {answer};",
        "}",
    ]


def _step(plan: Plan) -> list[str]:
    """Return the step: the optimiser's formulas on every number."""
    state = plan.entry.state
    lines = [f"static float kept_{name}[PARAMETERS];" for name in state]
    places = Places("steps + 1", "learning_rate_now", "gradient[i]", _element, C99)
    body = list(kernel_lines(plan, places=places))
    uses = "steps" in " ".join(body)
    return [
        "",
        *lines,
        *["static int steps = 0;"] * uses,
        "",
        f"// Move the weights against the gradient: {plan.entry.about}",
        "float train_step(const float *x, const float *y, float learning_rate_now) {",
        "  const float loss = loss_and_gradient(x, y);",
        "  for (int i = 0; i < PARAMETERS; ++i) {",
        *(f"    {line}" for line in body),
        "  }",
        *["  ++steps;"] * uses,
        "  return loss;",
        "}",
    ]


def _element(array: str) -> str:
    """Return the element i of theta, or of an array that the optimiser keeps."""
    return f"{array if array == 'theta' else f'kept_{array}'}[i]"
