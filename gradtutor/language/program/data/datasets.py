"""Data sets and their parts: what an example of each looks like."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Data
from gradtutor.language.program.data import arrays
from gradtutor.language.program.data.image_sets import (
    IMAGES,
    Keywords,
    compose,
    folder,
    gray,
    image_set,
    load_data,
    resize,
)
from gradtutor.language.program.values import Class, Instance, Library, Setting, Stack

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter


def _tensor_set(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    return arrays.data_set(args, keywords)


def _split(run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST) -> Any:
    """train_test_split(X, y): each in two, the axes of an example as before."""
    return tuple(_rows(one) for one in args for _ in range(2))


def _rows(value: Any) -> Any:
    if isinstance(value, Data) and value.shape:
        return Data((None, *value.shape[1:]), count=value.count)
    return Data()


def _random_split(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    count = len(args[1]) if len(args) > 1 and isinstance(args[1], list | tuple) else 2
    return [args[0] if args else Data()] * count


def _parser(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    return Instance(None, {})


def _trainer(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    """Lightning's Trainer(max_epochs=3)."""
    epochs = keywords.get("max_epochs")
    return Instance(None, {"__trainer__": epochs if type(epochs) is int else None})


def _first(run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST) -> Any:
    return args[0] if args else Data()


def _next(run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST) -> Any:
    owner = args[0] if args else None
    if isinstance(owner, Instance) and "__batches__" in owner.names:
        return owner.names["__batches__"]
    return Data()


#: Examples of scikit-learn's data sets: rows, features.
TABLES = {
    "load_iris": (150, 4), "load_digits": (1797, 64), "load_wine": (178, 13),
    "load_breast_cancer": (569, 30), "load_diabetes": (442, 10),
    "load_boston": (506, 13), "load_linnerud": (20, 3),
    "fetch_california_housing": (20640, 8), "fetch_covtype": (581012, 54),
    "fetch_olivetti_faces": (400, 4096),
}  # fmt: skip
#: How many classes they have, and those of the data sets below.
CLASSES = {"load_iris": 3, "load_digits": 10, "load_wine": 3, "load_breast_cancer": 2,
           "fetch_covtype": 7, "fetch_olivetti_faces": 40, "make_classification": 2,
           "make_moons": 2, "make_circles": 2, "make_blobs": 3,
           "make_gaussian_quantiles": 3}  # fmt: skip
#: Data sets that scikit-learn makes: features without an argument.
GENERATED = {"make_classification": 20, "make_regression": 100, "make_moons": 2,
             "make_circles": 2, "make_blobs": 2, "make_swiss_roll": 3,
             "make_friedman1": 10, "make_gaussian_quantiles": 2}  # fmt: skip


def _table(name: str) -> Callable[..., Any]:
    """Return load_iris() and the like: data, target, as a pair where asked for."""

    def make(
        run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
    ) -> Any:
        rows, width = TABLES[name]
        run.found.labels = CLASSES.get(name, run.found.labels)
        x, y = Data((rows, width)), Data((rows,), count=True)
        if keywords.get("return_X_y") is True:
            return (x, y)
        return Instance(None, {"data": x, "target": y, "images": Data()})

    return make


def _generated(name: str) -> Callable[..., Any]:
    def make(
        run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
    ) -> Any:
        placed = args[1] if len(args) > 1 and "moons" not in name else None
        width = keywords.get("n_features", placed)
        width = width if type(width) is int else GENERATED[name]
        stated = keywords.get("n_classes", keywords.get("centers"))
        known = stated if type(stated) is int else CLASSES.get(name)
        run.found.labels = known or run.found.labels
        return (Data((None, width)), Data((None,), count=True))

    return make


def _openml(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    name = str(args[0] if args else keywords.get("name", "")).lower()
    known = name.replace("-", "_") in ("mnist_784", "fashion_mnist")
    x, y = Data((70000, 784) if known else None), Data((None,), count=True)
    run.found.labels = 10 if known else run.found.labels
    if keywords.get("return_X_y") is True:
        return (x, y)
    return Instance(None, {"data": x, "target": y})


def _padded(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    """pad_sequences(x, maxlen=200): rows of so many whole numbers."""
    length = args[1] if len(args) > 1 else keywords.get("maxlen")
    return Data((None, length if type(length) is int else None), count=True)


def _slices(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    """tf.data.Dataset.from_tensor_slices((x, y)): an example has a row of each."""
    given = args[0] if args else Data()
    parts = given if isinstance(given, tuple | list) else (given,)
    rows = tuple(_rows(one) for one in parts)
    batches = rows if isinstance(given, tuple | list) else rows[0]
    return Instance(None, {"__batches__": batches})


def _scaled(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    return Instance(None, {"__same__": True})


def _pipeline(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    """Pipeline([("scale", ...), ("mlp", MLPClassifier())]): the network in it."""
    waiting = [*args, *keywords.values()]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, Stack):
            return one
        waiting += one if isinstance(one, list | tuple) else ()
    return Data()


def _estimator(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    """Skorch's NeuralNetClassifier(Module, max_epochs=10, lr=0.1, ...)."""
    module = args[0] if args else keywords.get("module")
    words = {k[8:]: v for k, v in keywords.items() if k.startswith("module__")}
    model = run.call(module, [], words, node) if isinstance(module, Class) else module
    found = run.found
    epochs, size = keywords.get("max_epochs", 10), keywords.get("batch_size", 128)
    found.epochs = epochs if type(epochs) is int else found.epochs
    found.batch_size = size if type(size) is int else found.batch_size
    for key, kind in (("optimizer", "optimiser"), ("criterion", "loss")):
        given = keywords.get(key)
        rate = {"lr": keywords.get("lr", 0.01)} if kind == "optimiser" else {}
        usual = Library("torch.optim.SGD" if rate else "torch.nn.NLLLoss")
        called = given if isinstance(given, Library | Class) else usual
        made = given if isinstance(given, Setting) else run.call(called, [], rate, node)
        if isinstance(made, Setting):
            found.compiled[kind] = made
    return Instance(None, {"__estimator__": model})


def _named_values(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Instance:
    """SimpleNamespace(lr=0.1), ConfigDict({"lr": 0.1}): settings by their names."""
    first = args[0] if args and isinstance(args[0], dict) else {}
    return Instance(None, {**first, **keywords})


DATASETS: dict[str, Callable[..., Any]] = {
    "load_data": load_data,
    **{name: image_set(name) for name in IMAGES},
    "ImageFolder": folder,
    "Compose": compose,
    **dict.fromkeys(
        ("Resize", "CenterCrop", "RandomCrop", "RandomResizedCrop"), resize
    ),
    "Grayscale": gray,
    "TensorDataset": _tensor_set,
    "train_test_split": _split,
    **{name: _table(name) for name in TABLES},
    **{name: _generated(name) for name in GENERATED},
    "fetch_openml": _openml,
    **dict.fromkeys(
        (
            "make_pipeline",
            "Pipeline",
            "GridSearchCV",
            "RandomizedSearchCV",
            "BaggingClassifier",
            "TransformedTargetRegressor",
        ),
        _pipeline,
    ),
    **dict.fromkeys(
        (
            "NeuralNetClassifier",
            "NeuralNetRegressor",
            "NeuralNet",
            "NeuralNetBinaryClassifier",
        ),
        _estimator,
    ),
    **dict.fromkeys(("pad_sequences",), _padded),
    **dict.fromkeys(("from_tensor_slices", "from_tensors"), _slices),
    **dict.fromkeys(
        ("StandardScaler", "MinMaxScaler", "RobustScaler", "Normalizer"), _scaled
    ),
    "random_split": _random_split,
    "ArgumentParser": _parser,
    "Trainer": _trainer,
    "iter": _first,
    "next": _next,
    "tqdm": _first,
    "trange": lambda run, args, *_: range(args[0]) if type(args[0]) is int else Data(),
    **dict.fromkeys(
        (
            "SimpleNamespace",
            "Namespace",
            "ConfigDict",
            "EasyDict",
            "AttrDict",
            "Munch",
            "edict",
        ),
        _named_values,
    ),
}
