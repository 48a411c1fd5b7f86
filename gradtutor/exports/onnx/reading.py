"""An ONNX model as a formula with parameters, by which it is drawn and trained."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gradtutor.exports.onnx.operators import READERS, Call
from gradtutor.exports.onnx.reader import OnnxError, Reader, Value
from gradtutor.gates import Shape, show_shape
from gradtutor.graph import add_input, inputs, topological_order
from gradtutor.language import near, program_text
from gradtutor.messages import tr

#: What a formula that was read from a model begins with.
MARK = "# ONNX model"


@dataclass(frozen=True)
class OnnxProgram:
    """A model as text, with its weights by the text's names."""

    text: str
    weights: dict[str, np.ndarray]


def read_onnx(source: Path | bytes) -> OnnxProgram:
    """Read a model's file, or its bytes.

    Raises
    ------
    OnnxError
        When it is none, or has an operator that is not here; the message names it.
    """
    import onnx

    name = source.name if isinstance(source, Path) else "<bytes>"
    try:
        model = (
            onnx.load(str(source))
            if isinstance(source, Path)
            else onnx.load_model_from_string(source)
        )
        onnx.checker.check_model(model)
    except FileNotFoundError:
        raise
    except Exception as error:  # of protobuf, or of the checker: whatever it met
        first = str(error).strip().splitlines() or [type(error).__name__]
        raise OnnxError(
            tr("{name} is no ONNX model: {first}", name=name, first=first[0])
        ) from None
    return read_graph(model.graph, name)


def read_graph(graph: Any, name: str, *, fixed: bool = False) -> OnnxProgram:
    """Read a model's graph into a formula whose last line is the answer.

    Parameters
    ----------
    fixed : bool
        Whether the inputs have the sizes that the model states, rather than any number
        of examples.

    Raises
    ------
    OnnxError
        When it has no single input of examples, or an operator that is not here.
    """
    from onnx import numpy_helper

    reader = Reader()
    for one in graph.initializer:
        reader.arrays[one.name] = numpy_helper.to_array(one)
    given = [one for one in graph.input if one.name not in reader.arrays]
    if not given:
        raise OnnxError(tr("{name} takes no examples", name=name))
    for one in given:
        called = "x" if len(given) == 1 else reader.own_name(one.name)
        shape = _shape(one, name, fixed)
        reader.values[one.name] = Value(add_input(reader.tape.graph, called, shape))
    for node in graph.node:
        _read(reader, node, name)
    answer = reader.node(graph.output[0].name)
    return OnnxProgram(_text(reader, answer, name), reader.weights)


def _shape(value: Any, name: str, fixed: bool) -> Shape:
    """Return an input's shape; the first axis is that of the examples."""
    sizes = value.type.tensor_type.shape.dim
    if fixed:
        return tuple(one.dim_value for one in sizes)
    if not sizes:
        raise OnnxError(
            tr("{name}: {name2} has no axis of examples", name=name, name2=value.name)
        )
    rest = tuple(one.dim_value for one in sizes[1:])
    if not all(rest):
        raise OnnxError(
            tr(
                "{name}: {name2} has sizes that are not known: export it with "
                "fixed ones, but for the examples",
                name=name,
                name2=value.name,
            )
        )
    return ("N", *rest)


def _read(reader: Reader, node: Any, name: str) -> None:
    from onnx import helper

    settings = {one.name: helper.get_attribute_value(one) for one in node.attribute}
    call = Call(node.op_type, tuple(node.input), settings)
    if _folded(reader, call, node.output[0]):
        return
    read = READERS.get(node.op_type) if node.domain in ("", "ai.onnx") else None
    if read is None:
        hint = near(node.op_type, READERS)
        also = f" ({hint})" if hint else ""
        raise OnnxError(
            tr(
                "{name}: the operator {op_type} is not read{also}",
                name=name,
                op_type=node.op_type,
                also=also,
            )
        )
    try:
        reader.values[node.output[0]] = read(reader, call)
    except OnnxError as error:
        raise OnnxError(f"{name}: {error}") from None
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise OnnxError(f"{name}: {node.op_type}: {error}") from None


# ---- what is known before the model runs ----

Fold = Callable[[Call, list[np.ndarray]], Any]


def _cut(_call: Call, args: list[np.ndarray]) -> Any:
    starts, ends, *rest = args[1:]
    axes = rest[0] if rest else range(len(starts))
    steps = rest[1] if len(rest) > 1 else [1] * len(starts)
    places = [slice(None)] * args[0].ndim
    for axis, *cut in zip(axes, starts, ends, steps, strict=True):
        places[int(axis)] = slice(*map(int, cut))
    return args[0][tuple(places)]


def _axes(call: Call, args: list[np.ndarray]) -> tuple[int, ...]:
    given = args[1] if len(args) > 1 else call.get("axes") or ()
    return tuple(int(one) for one in given)


#: Operators on numbers that are known: shapes, and what models make of them.
FOLDS: dict[str, Fold] = {
    "Gather": lambda call, args: np.take(args[0], args[1], axis=call.get("axis", 0)),
    "Concat": lambda call, args: np.concatenate(args, axis=call.get("axis")),
    "Unsqueeze": lambda call, args: np.expand_dims(args[0], _axes(call, args)),
    "Squeeze": lambda call, args: np.squeeze(args[0], _axes(call, args) or None),
    "Cast": lambda _call, args: args[0],
    "Identity": lambda _call, args: args[0],
    "Slice": _cut,
    "Transpose": lambda call, args: np.transpose(args[0], call.get("perm")),
    "Reshape": lambda _call, args: args[0].reshape([int(one) for one in args[1]]),
    "Mul": lambda _call, args: args[0] * args[1],
    "Add": lambda _call, args: args[0] + args[1],
}


def _folded(reader: Reader, call: Call, out: str) -> bool:
    """Work out what does not depend on the examples; return whether it was such."""
    from onnx import numpy_helper

    if call.kind == "Constant":
        key, value = next(iter(call.settings.items()))
        is_tensor = key == "value"
        made = numpy_helper.to_array(value) if is_tensor else np.array(value)
        reader.arrays[out] = made
        return True
    if call.kind == "Shape" and call.args[0] in reader.values:
        shape = reader.shape(reader.node(call.args[0]))
        sizes = [one if isinstance(one, int) else -1 for one in shape]
        reader.arrays[out] = np.array(sizes, np.int64)
        reader.shapes[out] = call.args[0]
        return True
    args = [reader.arrays.get(one) for one in call.args if one]
    known = [one for one in args if one is not None]
    whole = known and known[0].dtype.kind in "iu"
    if call.kind not in FOLDS or len(known) < len(args) or not whole:
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reader.arrays[out] = np.asarray(FOLDS[call.kind](call, known))
    return True


# ---- text ----


def _text(reader: Reader, answer: str, name: str) -> str:
    """Write the graph as a formula: declarations, and as its last line the answer."""
    graph = reader.tape.graph
    needed = set(topological_order(graph, [answer]))
    said = [f"{MARK} {name}"]
    for one in (one for one in inputs(graph) if one in needed):
        data = graph.nodes[one]
        word = "parameter " if data["role"] == "parameter" else ""
        said.append(f"{one}: {word}{show_shape(data['shape'])}")
    *lines, last = program_text(graph, answer).splitlines()
    return "\n".join([*said, *lines, f"prediction = {last}", ""])


def trainable(text: str) -> str:
    """Return a model's formula with a loss, where it has none of its own.

    Several outputs are the logits of classes, or after a Softmax their probabilities;
    one output is compared with a number.
    """
    if not text.startswith(MARK):
        return text
    from gradtutor.language import parse_formula

    graph = parse_formula(text)
    output = graph.graph["output"]
    shape = graph.nodes[output]["shape"]
    called = graph.nodes[output]["name"]
    if len(shape) != 2:
        raise OnnxError(
            tr(
                "the model answers {shape}: a loss is here for rows of answers",
                shape=shape,
            )
        )
    if shape[1] == 1:
        return f"{text}y: target (N, 1)\nloss = mean(({called} - y)**2)\n"
    if graph.nodes[output]["gate"] == "softmax":
        return f"{text}y: target (N,)\nloss = nll_loss({called}, y)\n"
    return f"{text}y: target (N,)\nloss = cross_entropy({called}, y)\n"
