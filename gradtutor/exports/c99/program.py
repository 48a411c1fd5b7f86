"""A whole C99 file: the network's answers, and with it a step of its training."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from gradtutor.calculus import backward_graph
from gradtutor.codegen.optimisers.device import kernel_lines
from gradtutor.codegen.optimisers.plan import Plan, plan_of
from gradtutor.exports.c99.gates import c99
from gradtutor.exports.c99.loops import Body, looped
from gradtutor.exports.c99.views import View, row_strides
from gradtutor.exports.c99.writer import KNOWN, Values, array_lines, c_name, sizes_for
from gradtutor.exports.onnx.writer import NoOperatorError
from gradtutor.exports.opening import opened
from gradtutor.gates import Shape
from gradtutor.graph import Graph, inputs, topological_order, weights
from gradtutor.messages import tr
from gradtutor.optimisers import OPTIMISERS

Arrays = Mapping[str, np.ndarray]
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
    weights = _weights(graph, arrays, "static const float")
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
    if inputs(graph, "mask") or graph.graph["network"]["statistics"]:
        said = tr("dropout and batch normalisation are not trained in C")
        raise NoOperatorError(tr("{said}: leave --train out", said=said))
    if any(name in arrays for name in ("X_mean", "X_fill")):
        said = tr("a step in C takes numbers as they are, this training scaled them")
        raise NoOperatorError(tr("{said}: leave --train out", said=said))
    facts = graph.graph["network"]
    settings = dict(facts["optimiser_settings"])
    plan = plan_of(OPTIMISERS[_optimiser(facts)], settings)
    title = "a network with a step of its training"
    parts = [HEAD.format(title=title, name=name), *_flat_weights(graph, arrays)]
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


def _weights(graph: Graph, arrays: Arrays, kind: str) -> list[str]:
    lines: list[str] = []
    used = topological_order(graph, [graph.graph["network"]["prediction"]])
    for name in inputs(graph, "parameter", "frozen", "statistic"):
        if name in used:
            lines += array_lines(f"w_{c_name(name)}", arrays[name], kind)
    return [*lines, *_given(graph, arrays, used)]


def _given(graph: Graph, arrays: Arrays, used: Collection[str]) -> list[str]:
    """Return the formula's own numbers, and what scales columns."""
    lines: list[str] = []
    for name in (one for one in inputs(graph, "constant") if one in used):
        value = np.array(graph.nodes[name]["value"])
        lines += array_lines(f"w_{c_name(name)}", value, "static const float")
    for name in ("X_fill", "X_mean", "X_deviation", "y_mean", "y_deviation"):
        if name in arrays:
            lines += array_lines(name, arrays[name], "static const float")
    return lines


def _flat_weights(graph: Graph, arrays: Arrays) -> list[str]:
    """Return the parameters as parts of one array, which a step moves in one loop."""
    names, trained = weights(graph), inputs(graph, "parameter")
    flat = np.concatenate([np.ravel(arrays[name]) for name in names])
    moved = sum(int(np.size(arrays[name])) for name in trained)
    lines = [f"enum {{ PARAMETERS = {moved} }};"]
    lines += array_lines("theta", flat, "static float")
    lines.append("static float gradient[PARAMETERS];")
    start = 0
    for name in names:
        lines.append(f"#define w_{c_name(name)} (theta + {start})")
        if name in trained:
            lines.append(f"#define d_{c_name(name)} (gradient + {start})")
        start += int(np.size(arrays[name]))
    used = topological_order(graph, [graph.graph["output"]])
    return [*lines, *_given(graph, arrays, used)]


def _stored(graph: Graph) -> dict[str, View]:
    """Return the parameters and given numbers as the file has them."""
    roles = ("parameter", "frozen", "statistic", "constant")
    return {
        name: _whole(f"w_{c_name(name)}", graph.nodes[name]["shape"], 1)
        for name in inputs(graph, *roles)
    }


def _whole(array: str, shape: Shape, examples: int) -> View:
    sizes = sizes_for(shape, examples)
    return View(array, sizes, row_strides(sizes))


def _examples(array: str, shape: Shape, examples: int) -> View:
    """Return examples that lie one after the other, in the graph's order of axes."""
    sizes = sizes_for(shape, examples)
    if not shape or "N" not in shape:
        return View(array, sizes, row_strides(sizes))
    batch = shape.index("N")
    first = View(array, (), ())
    order = [batch, *(axis for axis in range(len(shape)) if axis != batch)]
    turned = tuple(sizes[axis] for axis in order)
    first = View(array, turned, row_strides(turned))
    return first.turned([order.index(axis) for axis in range(len(shape))])


# ---- functions ----


def _counts(graph: Graph) -> dict[str, int]:
    answer = graph.graph["network"]["prediction"]
    return {
        "inputs": math.prod(sizes_for(graph.nodes["X"]["shape"], 1)),
        "outputs": math.prod(sizes_for(graph.nodes[answer]["shape"], 1)),
    }


def _predict(graph: Graph, arrays: Arrays) -> list[str]:
    whole, (answer,) = opened(graph, [graph.graph["network"]["prediction"]], KNOWN)
    counts = _counts(graph)
    scaled = "X_mean" in arrays or "X_fill" in arrays
    x = _examples("scaled" if scaled else "x", whole.nodes["X"]["shape"], 1)
    values = Values(whole, 1, {**_stored(whole), "X": x}, "p")
    values.compute([answer])
    found = values.view(answer)
    out = Body(found.shape)
    to = _examples("answer", whole.nodes[answer]["shape"], 1)
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
    given = _stored(whole)
    for name in ("X", "y"):
        if name in whole:
            array = name.lower()
            given[name] = _examples(array, whole.nodes[name]["shape"], examples)
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
    body = [_line(line, state) for line in kernel_lines(plan, scaled=False)]
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


def _line(line: str, state: Sequence[str]) -> str:
    """Return a line of the optimiser's kernel as C99 for element i."""
    line = line.replace("clock[0]", "steps")
    line = line.replace("current_rate[0]", "learning_rate_now")
    line = re.sub(r"= gradient;", "= gradient[i];", line)
    line = re.sub(r"\btheta\b", "theta[i]", line)
    for name in state:
        line = re.sub(rf"\b{name}\b", f"kept_{name}[i]", line)
    return c99(line)
