"""Layers and models as a program makes them: Sequential, Model, nn.Parameter, Dense."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import Item, read_item
from gradtutor.language.layers.library import ROOTS
from gradtutor.language.layers.more import ALL_LAYERS as LAYERS
from gradtutor.language.layers.training import REGULARISERS
from gradtutor.language.program.containers import as_size
from gradtutor.language.program.fitting import call_node
from gradtutor.language.program.sklearn_models import perceptron
from gradtutor.language.program.values import (
    Data,
    Filled,
    Functional,
    Layer,
    Library,
    Setting,
    Stack,
    Symbol,
)

if TYPE_CHECKING:
    from gradtutor.language.program.interpreter import Interpreter

Keywords = Mapping[str, Any]
#: Keras's arguments for a penalty on a layer's weights.
PENALTIES = ("kernel_regularizer", "bias_regularizer", "activity_regularizer")
#: Layers that hold another one.
WRAPPERS = ("Bidirectional", "TimeDistributed")


#: Arguments that a layer of a program may have and a plain list's may not.
EXTRAS = {
    "GELU": ("approximate",),
    "Flatten": ("start_dim", "end_dim"),
    **dict.fromkeys(
        ("LSTM", "GRU", "RNN", "SimpleRNN"),
        ("bidirectional", "dropout", "recurrent_dropout", "reset_after"),
    ),
    **dict.fromkeys(("AvgPool1d", "AvgPool2d"), ("ceil_mode",)),
}
#: How weights start, which is not read.
INITIALISERS = ("kernel_initializer", "recurrent_initializer", "embeddings_initializer")


def extras(
    name: str, keywords: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Take out what a program's layer may have besides; return both parts."""
    more = {k: v for k, v in keywords.items() if k in EXTRAS.get(name, ())}
    return {k: v for k, v in keywords.items() if k not in more}, more


def make_layer(
    run: Interpreter,
    called: Library,
    args: list[Any],
    keywords: Keywords,
    node: ast.AST,
) -> Any:
    """Read a layer: Dense(10), nn.Conv2d(3, 8, 5), Bidirectional(LSTM(8))."""
    name = called.name
    if name in WRAPPERS and args:
        inner, *args = args
        item = read_item(run.source, call_node(node, name, args, keywords), LAYERS)
        return _registered(run, Layer(_of_library(run, called, item), inner, node))
    if name == "Lambda" and args:
        function, *rest = args
        keywords = {
            k: v for k, v in keywords.items() if "shape" in k and "out" not in k
        }
        item = read_item(run.source, call_node(node, name, rest, keywords), LAYERS)
        return _registered(run, Layer(item, function, node))
    if name == "TransformerEncoder" and args and isinstance(args[0], Layer):
        count = args[1] if len(args) > 1 else keywords.get("num_layers", 1)
        item = args[0].item
        made = [Layer(item, None, node) for _ in range(count)]
        return _registered(run, Stack(list(made), run.span(node)))
    if name == "Flatten" and args:
        keywords = {
            **dict(zip(("start_dim", "end_dim"), args, strict=False)),
            **keywords,
        }
        args = []
    if name == "Residual":
        stack = args[0] if len(args) == 1 and isinstance(args[0], list) else args
        return _registered(run, Stack(list(stack), run.span(node), "Residual"))
    kept, penalty = _penalties(run, keywords, node)
    kept, inner = _activation_layer(kept)
    kept, more = extras(name, kept)
    _note_starts(run, kept)
    item = read_item(run.source, call_node(node, name, args, kept), LAYERS)
    if more:
        item = Item(item.kind, {**item.arguments, **more}, item.span, name)
    item = _of_library(run, called, item)
    if penalty:
        item = Item(item.kind, {**item.arguments, "penalty": penalty}, item.span, name)
    return _registered(run, Layer(item, inner, node))


def _note_starts(run: Interpreter, keywords: dict[str, Any]) -> None:
    """Say that weights do not start as the text has it."""
    given = [word for word in INITIALISERS if keywords.pop(word, None) is not None]
    note = "initialisers are not read: weights start from U(-k, k), k = 1/sqrt(inputs)"
    run.notes += [note] * (bool(given) and note not in run.notes)


def _registered(run: Interpreter, layer: Any) -> Any:
    run.found.models.append(layer)
    return layer


def _of_library(run: Interpreter, called: Library, item: Item) -> Item:
    """Note Keras's conventions where a name is both libraries'."""
    root = ROOTS.get(called.root, run.library)
    if root != "keras" or item.arguments.get("keras"):
        return item
    return Item(item.kind, {**item.arguments, "keras": True}, item.span, item.name)


def _penalties(
    run: Interpreter, keywords: Keywords, node: ast.AST
) -> tuple[dict[str, Any], tuple[tuple[str, float], ...]]:
    """Take the penalties out of a layer's arguments: l2(0.01) on its weights."""
    kept = {k: v for k, v in keywords.items() if k not in PENALTIES}
    given = keywords.get("kernel_regularizer")
    for other in PENALTIES[1:]:
        if keywords.get(other) is not None:
            message = f"{other} is not here"
            raise run.fail(message, node, "leave it out, or use kernel_regularizer")
    if isinstance(given, str) and given in REGULARISERS:
        return kept, ((given.lower(), 0.01),)
    if isinstance(given, Setting):
        strength = given.item.arguments.get("strength", 0.01)
        return kept, ((given.item.kind, float(strength)),)
    return kept, ()


def _activation_layer(keywords: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """Take activation=LeakyReLU(0.1), a layer, out of the arguments."""
    given = keywords.get("activation")
    if isinstance(given, Layer) or type(given).__name__ == "Function":
        return {k: v for k, v in keywords.items() if k != "activation"}, given
    return keywords, None


# ---- models ----


def _listed(given: list[Any]) -> tuple[list[Any], dict[str, int]]:
    """Return the layers of Sequential([a, b]), (a, b), (OrderedDict(...))."""
    if len(given) == 1 and isinstance(given[0], list | tuple | dict):
        (given,) = given
    if isinstance(given, dict):
        pairs = list(given.items())
    else:
        pairs = [one if _is_pair(one) else ("", one) for one in given]
    words = {key: i for i, (key, _) in enumerate(pairs) if key}
    return [layer for _, layer in pairs], words


def _is_pair(value: Any) -> bool:
    pair = isinstance(value, list | tuple) and len(value) == 2
    return pair and isinstance(value[0], str)


def _sequential(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Stack:
    given = args or [keywords.get("layers", [])]
    layers, words = _listed([one for one in given if not isinstance(one, str)])
    run.found.parts |= {id(one) for one in layers}
    return _registered(run, Stack(layers, run.span(node), words=words))  # type: ignore[no-any-return]


def _module_list(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Stack:
    layers, words = _listed(args or [[]])
    run.found.parts |= {id(one) for one in layers}
    return Stack(layers, run.span(node), "ModuleList", words)


def _model(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Functional:
    given = dict(zip(("inputs", "outputs"), args, strict=False)) | dict(keywords)
    inputs, outputs = (given.get(k, given.get(k[:-1])) for k in ("inputs", "outputs"))
    if inputs is None or outputs is None:
        raise run.fail("a model has inputs and outputs", node, "Model(inputs, outputs)")
    made = Functional(inputs, outputs, run.span(node))
    for part in _called(outputs):
        run.found.parts.add(id(part))
    return _registered(run, made)  # type: ignore[no-any-return]


def _called(outputs: Any) -> list[Any]:
    """Return the layers that a Keras model's outputs are made by."""
    found, seen, waiting = [], set(), [outputs]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list | tuple):
            waiting += one
        elif isinstance(one, Symbol) and id(one) not in seen:
            seen.add(id(one))
            found.append(one.call)
            waiting += [*one.args, *one.keywords.values()]
        elif isinstance(one, Layer):
            found.append(one)
    return found


def _ordered(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> dict[str, Any]:
    given = args[0] if args else {}
    if isinstance(given, dict):
        return dict(given)
    return {one[0]: one[1] for one in given if _is_pair(one)}


def _parameter(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    """nn.Parameter(torch.randn(3, 4)): a weight of the text's own."""
    from gradtutor.language.program.methods import run_weight

    given = args[0] if args else keywords.get("data")
    if keywords.get("trainable") is False or keywords.get("requires_grad") is False:
        return given
    shape = given.shape if isinstance(given, Data | Filled) else None
    if shape is None:
        return run.unknown("the sizes of this parameter are not in the text", node)
    ones = isinstance(given, Filled) and given.value == 1.0
    zero = isinstance(given, Filled) and given.value == 0.0
    start = "ones" if ones else "zeros" if zero else "uniform"
    return run_weight(run, tuple(map(as_size, shape)), node, start)


def _regulariser(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Setting:
    name = getattr(getattr(node, "func", None), "attr", "") or "l2"
    kind = name if name in REGULARISERS else _called_name(node)
    given = [v for k, v in keywords.items() if k in ("l", "l1", "l2")]
    read = call_node(node, kind, [*args, *given][:1], {})
    item = read_item(run.source, read, REGULARISERS)
    return Setting("regulariser", item, run.source.segment(node))


def _called_name(node: ast.AST) -> str:
    func = getattr(node, "func", None)
    word = getattr(func, "id", "") or getattr(func, "attr", "")
    return word if word in REGULARISERS else "l2"


def _activation(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    """activations.get("relu"): the function of that name; of None, no change."""
    given = args[0] if args else None
    if given is None:
        return Library("activations.linear")
    return Library(f"activations.{given}") if isinstance(given, str) else given


MAKERS: dict[str, Callable[..., Any]] = {
    "Sequential": _sequential,
    "ModuleList": _module_list,
    "ModuleDict": _module_list,
    "Model": _model,
    "OrderedDict": _ordered,
    "Parameter": _parameter,
    **dict.fromkeys(("l1", "l2", "L1", "L2"), _regulariser),
    "get": _activation,
    **dict.fromkeys(("MLPClassifier", "MLPRegressor"), perceptron),
}
