"""Classes whose arrays are their weights: Nielsen's ``Network``, ``TwoLayerNet``.

Where a product has the weights first, ``np.dot(w, a) + b``, an example is a column: the
columns of the weights are taken as rows then, and the batch is counted in.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.bare.parts import check_alone, check_moved
from gradtutor.language.program.bare.written_losses import take_loss, written_loss
from gradtutor.language.program.held.arrays import as_weights_of
from gradtutor.language.program.models.settings import make_setting
from gradtutor.language.program.values import Class, Function, Weight
from gradtutor.language.program.walking.decorators import give_method
from gradtutor.language.program.walking.instances import make_instance
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

#: What a class of arrays calls its way from an input to an output, the likeliest first.
FORWARD = ("forward", "__call__", "feedforward", "feed_forward", "forward_pass",
           "forward_propagation", "forward_prop", "forwardprop", "think", "loss",
           "predict", "query", "call")  # fmt: skip
PRODUCTS = ("dot", "matmul")


def of_arrays(run: Interpreter, cls: Class) -> Any:
    """Return an object whose arrays are its weights; None where it has none."""
    forward = forward_of_arrays(cls)
    if forward is None:
        return None
    if forward.name not in ("forward", "__call__"):
        give_method(cls, "forward", forward)
    found = [one for one in run.found.objects if one.cls is cls]
    given = run.starts.get(id(found[-1]), {}) if found else {}
    check_alone(run, cls)
    model = make_instance(run, cls, [], given, cls.node)  # as it was before training
    check_moved(run, model, forward)
    if not as_weights_of(run, model, cls.node):
        return None
    if weights_first(forward):
        model.names = {k: as_rows(v) for k, v in model.names.items()}
        model.names["__mapped__"] = True
    notes = [
        tr("the arrays of {name} are taken as its weights", name=cls.name),
        own_steps(cls.name),
    ]
    run.notes += [one for one in notes if one not in run.notes]
    _loss_of(run, cls)
    return model


def own_steps(name: str) -> str:
    """Return the note that a text's own gradient and its steps are not used."""
    return tr(
        "{name}'s own steps of training are not read: gradtutor works the gradient "
        "out; --epochs, --optimizer and --learning-rate say the rest",
        name=name,
    )


def _loss_of(run: Interpreter, cls: Class) -> None:
    """Take the loss that a class works out, or that its error is the slope of."""
    of_two_logarithms(run)
    line = _difference(cls)
    if run.found.losses_used or line is None:
        return
    if _takes_logarithms(cls) and written_loss(run, cls.node.body, _is_error) is None:
        return
    take_loss(run, cls.node.body, _is_error, line)


def of_two_logarithms(run: Interpreter) -> None:
    """Take binary cross-entropy where a text writes it out: log(a) and log(1 - a)."""
    if any(one.kind == "loss" for one in run.found.settings):
        return
    for node in ast.walk(run.source.tree):
        if not isinstance(node, ast.stmt) or isinstance(node, ast.ClassDef):
            continue
        inside = [one for one in ast.walk(node) if isinstance(one, ast.Call)]
        taken = {ast.unparse(one.args[0]) for one in inside if _is_logarithm(one)}
        for one in inside:
            match one.args:
                case [ast.BinOp(ast.Constant(1 | 1.0), ast.Sub(), a)] if (
                    _is_logarithm(one) and ast.unparse(a) in taken
                ):
                    make_setting(run, "BCELoss", [], {}, one)
                    run.notes.append(
                        tr(
                            "line {line}: log(1 - a) is of binary cross-entropy: "
                            "BCELoss, its mean, is taken",
                            line=one.lineno,
                        )
                    )
                    return


def _is_logarithm(call: ast.Call) -> bool:
    word = getattr(call.func, "attr", getattr(call.func, "id", ""))
    return word == "log" and len(call.args) == 1


def _takes_logarithms(cls: Class) -> bool:
    """Whether a class works a cross-entropy out, as far as its logarithms tell."""
    words = (getattr(one, "attr", "") for one in ast.walk(cls.node))
    return not {"log", "log2", "log_softmax"}.isdisjoint(words)


def _difference(cls: Class) -> ast.AST | None:
    """Return where outputs and targets are told apart: output - y, y - self.a2."""
    return next(filter(_is_error, ast.walk(cls.node)), None)


def _is_error(node: ast.AST) -> bool:
    match node:
        case ast.BinOp(left, ast.Sub(), right):
            names = {getattr(one, "id", "").lower() for one in (left, right)}
            return bool(names & TARGETS)
    return False


#: What targets are called.
TARGETS = {"y", "t", "target", "targets", "label", "labels", "y_true", "y_train",
           "expected", "truth", "desired", "y_batch"}  # fmt: skip


def forward_of_arrays(cls: Class) -> Function | None:
    """Return the method that goes from an input to an output."""
    methods = (cls.method(name) for name in FORWARD)
    found = [one for one in methods if isinstance(one, Function)]
    made = next((one for one in found if _takes_an_input(one)), None)
    return made or next(filter(None, (_with_input(cls, one) for one in found)), None)


def _with_input(cls: Class, function: Function) -> Function | None:
    """Return a method whose input stands in self.input as one that takes it.

    What it works out last, ``self.output``, is its output.
    """
    start = cls.method("__init__")
    if len(function.node.args.args) != 1 or not isinstance(start, Function):
        return None
    given = {one.arg for one in start.node.args.args}
    held = [
        name
        for one in ast.walk(start.node)
        for name in _set_attributes(one)
        if isinstance(one, ast.Assign)
        and isinstance(one.value, ast.Name)
        and one.value.id in given
    ]
    used = {getattr(one, "attr", "") for one in ast.walk(function.node)}
    made = [name for one in ast.walk(function.node) for name in _set_attributes(one)]
    inputs = [name for name in held if name in used]
    if len(inputs) != 1 or not made or isinstance(function.node, ast.Lambda):
        return None
    node = copy.deepcopy(function.node)
    own = ast.parse(f"self.{inputs[0]} = X\nself.{made[-1]}").body
    output = ast.Return(own[1].value)  # type: ignore[attr-defined]
    node.args.args.append(ast.arg("X"))
    node.body = [own[0], *node.body, output]
    for one in (*ast.walk(own[0]), *ast.walk(output), node.args.args[-1]):
        ast.copy_location(one, function.node)
    return replace(function, node=node)


def _set_attributes(node: ast.AST) -> list[str]:
    """Return the attributes of ``self`` that an assignment gives a value."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [one.attr for one in targets if isinstance(one, ast.Attribute)]


def _takes_an_input(function: Function) -> bool:
    """Whether a method is of an input alone: ``loss`` gives scores without targets."""
    spec = function.node.args
    needed = len(spec.args) - len(spec.defaults) - 1
    if function.name == "loss":
        return needed == 1 and len(spec.args) > 2
    return needed == 1 or (needed == 0 and len(spec.args) > 1)


def weights_first(function: Function) -> bool:
    """Whether the first product that the input comes to has it on the right."""
    words = [one.arg for one in function.node.args.args if one.arg != "self"]
    same = set(words[:1])
    for node in ast.walk(function.node):
        match node:  # the same numbers, as an array, turned
            case ast.Assign([ast.Name(name)], value) if not _calls(value, PRODUCTS):
                if not same.isdisjoint(one.id for one in _all_names(value)):
                    same.add(name)
    for node in ast.walk(function.node):
        match node:
            case ast.BinOp(left, ast.MatMult(), right):
                pair = left, right
            case ast.Call(ast.Attribute(attr=word), [left, right]) if word in PRODUCTS:
                pair = left, right
            case ast.Call(ast.Name(word), [left, right]) if word in PRODUCTS:
                pair = left, right
            case ast.Call(ast.Attribute(left, word), [right]) if word in PRODUCTS:
                pair = left, right
            case _:
                continue
        sides = [isinstance(one, ast.Name) and one.id in same for one in pair]
        if any(sides):
            return sides[1]
    return False


def _all_names(node: ast.AST) -> Iterator[ast.Name]:
    return (one for one in ast.walk(node) if isinstance(one, ast.Name))


def _calls(node: ast.AST, words: tuple[str, ...]) -> bool:
    """Whether a value is a product, or a call of the text's own."""
    return any(
        isinstance(one, ast.MatMult)
        or getattr(one, "attr", getattr(one, "id", "")) in words
        for one in ast.walk(node)
    )


def as_rows(value: Any) -> Any:
    """Return weights (k, 1), columns that are added to a column, as (k,)."""
    if isinstance(value, Weight) and len(value.shape) == 2 and value.shape[1] == 1:
        return replace(value, shape=value.shape[:1])
    if isinstance(value, dict):
        return {key: as_rows(one) for key, one in value.items()}
    return type(value)(map(as_rows, value)) if type(value) in (list, tuple) else value
