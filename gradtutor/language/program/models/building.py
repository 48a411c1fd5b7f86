"""Models as a program makes them: Sequential, Model, nn.Parameter."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import Item, read_item
from gradtutor.language.layers.training import REGULARISERS
from gradtutor.language.program.array_values import Data, Filled
from gradtutor.language.program.data.containers import as_size
from gradtutor.language.program.data.guessing import is_open
from gradtutor.language.program.data.known import numbers_of
from gradtutor.language.program.held.freezing import keep
from gradtutor.language.program.models.layers.reading import registered
from gradtutor.language.program.models.settings import call_node
from gradtutor.language.program.models.sklearn_models import perceptron
from gradtutor.language.program.values import (
    Functional,
    Layer,
    Library,
    Setting,
    Stack,
    Symbol,
    Unknown,
    Weight,
)
from gradtutor.language.program.weights import run_weight
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

Keywords = Mapping[str, Any]

# ---- models ----


def _listed(given: list[Any]) -> tuple[list[Any], dict[str, int]]:
    """Return the layers of Sequential([a, b]), (a, b), (OrderedDict(...))."""
    if len(given) == 1 and isinstance(given[0], list | tuple | dict):
        (given,) = given
    if isinstance(given, dict):
        pairs = list(given.items())
    else:
        pairs = [_pair(one, "") or ("", one) for one in given]
    words = {key: i for i, (key, _) in enumerate(pairs) if key}
    return [layer for _, layer in pairs], words


def _pair(value: Any, place: str) -> tuple[str, Any] | None:
    """Return ("conv1", layer); a name that the text does not tell is its place."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        return None
    key, layer = value
    if isinstance(key, Unknown | Data):
        key = place
    return (key, layer) if isinstance(key, str) else None


def _sequential(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Stack:
    given = args or [keywords.get("layers", [])]
    layers, words = _listed([one for one in given if not isinstance(one, str)])
    run.found.parts |= {id(one) for one in layers}
    made = Stack(layers, run.span(node), words=words)
    registered(run, made)
    return made


def _module_list(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Stack:
    layers, words = _listed(args or [[]])
    run.found.parts |= {id(one) for one in layers}
    return Stack(layers, run.span(node), "ModuleList", words)


def _module_dict(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Stack:
    made = _module_list(run, args, keywords, node)
    made.name = "ModuleDict"
    return made


def _model(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Functional:
    given = dict(zip(("inputs", "outputs"), args, strict=False)) | dict(keywords)
    inputs, outputs = (given.get(k, given.get(k[:-1])) for k in ("inputs", "outputs"))
    if inputs is None or outputs is None:
        raise run.fail(
            tr("a model has inputs and outputs"), node, "Model(inputs, outputs)"
        )
    made = Functional(inputs, outputs, run.span(node))
    for part in _called(outputs):
        run.found.parts.add(id(part))
    registered(run, made)
    return made


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
    listed = given if isinstance(given, list | tuple) else []
    pairs = (_pair(one, str(place)) for place, one in enumerate(listed))
    return dict(one for one in pairs if one is not None)


def _parameter(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    """nn.Parameter(torch.randn(3, 4)): a weight of the text's own."""
    given = args[0] if args else keywords.get("data")
    kept = keywords.get("trainable") is False or keywords.get("requires_grad") is False
    kept = kept or args[1:2] == [False]
    if kept and numbers_of(given) is not None:
        return given
    if type(given) in (int, float):  # torch.tensor(1.0)
        return Weight((), run.span(node), given)  # type: ignore[arg-type]
    shape = given.shape if isinstance(given, Data | Filled | Weight) else None
    if shape is None:
        return run.unknown(tr("the sizes of this parameter are not in the text"), node)
    made = run_weight(run, tuple(map(as_size, shape)), node, "uniform")
    if kept and isinstance(made, Weight):
        keep(run, made, node)
        return made
    filled = given if isinstance(given, Filled) else None
    plain = filled is not None and not (filled.lower or filled.counted)
    if isinstance(made, Weight) and filled is not None and plain:
        words = {0.0: "zeros", 1.0: "ones"}
        start: Any = words.get(filled.value, filled.value)
        return Weight(made.shape, made.span, start)
    return made


def _regulariser(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Setting:
    name = getattr(getattr(node, "func", None), "attr", "") or "l2"
    kind = name if name in REGULARISERS else _called_name(node)
    given = [v for k, v in keywords.items() if k in ("l", "l1", "l2")]
    given = [0.01 if is_open(run, one) else one for one in [*args, *given]]
    read = call_node(node, kind, given[:1], {})
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


def _scalar_network(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    """Read micrograd's MLP(3, [4, 4, 1]): layers with ReLU, the last one without."""
    given = {**dict(zip(("nin", "nouts"), args, strict=False)), **keywords}
    first, widths = given.get("nin"), given.get("nouts")
    if type(first) is not int or not isinstance(widths, list | tuple):
        return run.unknown(tr("the sizes of this network are not in the text"), node)
    span, layers = run.span(node), list[Any]()
    for before, width in itertools.pairwise([first, *widths]):
        facts = {"in_features": before, "units": width}
        layers.append(Layer(Item("linear", facts, span, "Layer"), None, node))
        layers.append(Layer(Item("relu", {}, span, "relu"), None, node))
    return registered(run, Stack(layers[:-1], span, "Sequential"))


MAKERS: dict[str, Callable[..., Any]] = {
    "Sequential": _sequential,
    "ModuleList": _module_list,
    "ModuleDict": _module_dict,
    "Model": _model,
    "OrderedDict": _ordered,
    "Parameter": _parameter,
    **dict.fromkeys(("l1", "l2", "L1", "L2"), _regulariser),
    "get": _activation,
    "MLP": _scalar_network,
    **dict.fromkeys(("MLPClassifier", "MLPRegressor"), perceptron),
}
