"""Data sets and their parts: what an example of each looks like."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gradtutor.language.program import arrays
from gradtutor.language.program.values import Data, Instance

if TYPE_CHECKING:
    from gradtutor.language.program.interpreter import Interpreter

Keywords = Mapping[str, Any]
#: An example's axes, channels first, of the sets that tutorials use.
IMAGES = {
    **dict.fromkeys(("MNIST", "FashionMNIST", "KMNIST", "QMNIST"), (1, 28, 28)),
    **dict.fromkeys(("CIFAR10", "CIFAR100"), (3, 32, 32)),
    "SVHN": (3, 32, 32),
}
#: The same of ``keras.datasets``, as it loads them.
KERAS_SETS = {
    **dict.fromkeys(("mnist", "fashion_mnist"), (28, 28)),
    **dict.fromkeys(("cifar10", "cifar100"), (32, 32, 3)),
    "boston_housing": (13,),
}


def _load_data(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    """keras.datasets.mnist.load_data(): images and labels, to train and to test."""
    owner = getattr(getattr(node, "func", None), "value", None)
    word = getattr(owner, "attr", getattr(owner, "id", ""))
    shape = KERAS_SETS.get(word)
    images = Data((None, *shape)) if shape else Data()
    part = (images, Data((None,), count=True))
    return (part, part)


def _image_set(name: str) -> Callable[..., Any]:
    def make(
        run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
    ) -> Any:
        shape = _resized(IMAGES[name], keywords.get("transform"))
        return Instance(None, {"__examples__": (Data(shape), Data((), count=True))})

    return make


def _folder(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    """ImageFolder("leaves/", transform=...): colour images of the size given."""
    transform = keywords.get("transform", args[1] if len(args) > 1 else None)
    shape = _resized((3, None, None), transform)
    return Instance(None, {"__examples__": (Data(shape), Data((), count=True))})


def _resized(shape: tuple[Any, ...], transform: Any) -> tuple[Any, ...]:
    """Return an image's axes after Resize, Grayscale and the like."""
    parts = (
        transform.names.get("__parts__", []) if isinstance(transform, Instance) else []
    )
    for part in parts if isinstance(parts, list | tuple) else []:
        if not isinstance(part, Instance):
            continue
        size = part.names.get("__size__")
        if isinstance(size, int):
            size = (size, size)
        if isinstance(size, list | tuple) and len(size) == 2:
            shape = (shape[0], *size)
        if part.names.get("__channels__"):
            shape = (part.names["__channels__"], *shape[1:])
    return shape


def _compose(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    return Instance(None, {"__parts__": args[0] if args else []})


def _resize(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    return Instance(None, {"__size__": args[0] if args else keywords.get("size")})


def _gray(run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST) -> Any:
    return Instance(None, {"__channels__": args[0] if args else 1})


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


DATASETS: dict[str, Callable[..., Any]] = {
    "load_data": _load_data,
    **{name: _image_set(name) for name in IMAGES},
    "ImageFolder": _folder,
    "Compose": _compose,
    **dict.fromkeys(
        ("Resize", "CenterCrop", "RandomCrop", "RandomResizedCrop"), _resize
    ),
    "Grayscale": _gray,
    "TensorDataset": _tensor_set,
    "train_test_split": _split,
    "random_split": _random_split,
    "ArgumentParser": _parser,
    "Trainer": _trainer,
    "iter": _first,
    "next": _next,
    "tqdm": _first,
    "trange": lambda run, args, *_: range(args[0]) if type(args[0]) is int else Data(),
    "SimpleNamespace": lambda run, args, keywords, node: Instance(None, dict(keywords)),
    "Namespace": lambda run, args, keywords, node: Instance(None, dict(keywords)),
}
