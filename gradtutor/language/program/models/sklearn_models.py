"""scikit-learn's multilayer perceptrons: settings as layers, loss and optimiser."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import Item
from gradtutor.language.program.values import Layer, Setting, Stack
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

#: Defaults of MLPClassifier and MLPRegressor (scikit-learn 1.4).
DEFAULTS: dict[str, Any] = {
    "hidden_layer_sizes": (100,), "activation": "relu", "solver": "adam",
    "alpha": 1e-4, "batch_size": "auto", "learning_rate_init": 1e-3, "max_iter": 200,
    "momentum": 0.9, "nesterovs_momentum": True,
}  # fmt: skip
ACTIVATIONS = {"relu": "relu", "tanh": "tanh", "logistic": "sigmoid", "identity": ""}


def perceptron(
    run: Interpreter, args: list[Any], keywords: Mapping[str, Any], node: ast.AST
) -> Stack:
    """Read MLPClassifier(hidden_layer_sizes=(45, 20), ...); the data tell the ends."""
    func = getattr(node, "func", None)
    name = getattr(func, "attr", getattr(func, "id", "MLPClassifier"))
    given = DEFAULTS | dict(
        zip(("hidden_layer_sizes", "activation"), args, strict=False)
    )
    given |= dict(keywords)
    span, sizes = run.span(node), given["hidden_layer_sizes"]
    layers = []
    for size in sizes if isinstance(sizes, list | tuple) else (sizes,):
        layers.append(Layer(Item("linear", {"units": size}, span, name), None, node))
        kind = ACTIVATIONS.get(given["activation"], "relu")
        if kind:
            layers.append(Layer(Item(kind, {}, span, name), None, node))
    layers.append(Layer(Item("linear", {"units": None}, span, name), None, node))
    stack = Stack(layers, span, name)
    run.found.models.append(stack)
    _settings(run, stack, name, given, span)
    return stack


def _settings(
    run: Interpreter, stack: Stack, name: str, given: Mapping[str, Any], span: Any
) -> None:
    found = run.found
    kind = "cross_entropy" if name == "MLPClassifier" else "mse_loss"
    found.compiled["loss"] = Setting("loss", Item(kind, {}, span, name))
    solver = given["solver"] if given["solver"] in ("adam", "sgd") else "adam"
    if solver != given["solver"]:
        run.notes.append(
            tr(
                "the solver {solver!r} is not here: adam is taken",
                solver=given["solver"],
            )
        )
    settings: dict[str, Any] = {"learning_rate": given["learning_rate_init"]}
    if solver == "sgd":
        settings |= {"momentum": given["momentum"]}
        settings |= {"nesterov": bool(given["nesterovs_momentum"])}
    item = Item(solver, settings, span, solver)
    found.compiled["optimiser"] = Setting("optimiser", item, solver)
    found.epochs = given["max_iter"]
    size = given["batch_size"]
    found.batch_size = size if type(size) is int else None
    if given.get("early_stopping") is True:
        found.stop_early = given.get("n_iter_no_change", 10)
    if given["alpha"]:
        batch = found.batch_size or 200  # "auto": the largest batch that it takes
        found.penalty = float(given["alpha"]) / (2 * batch)
        run.notes.append(
            tr(
                "alpha={alpha} is the penalty alpha/(2 n) · Σ w², n examples a "
                "batch: here n = {batch}",
                alpha=f"{given['alpha']:g}",
                batch=batch,
            )
        )
    found.trained.append(stack)
