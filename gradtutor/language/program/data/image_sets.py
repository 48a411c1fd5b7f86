"""Image data sets of Keras and torchvision: their shapes and classes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Data
from gradtutor.language.program.values import Instance

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

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


def load_data(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    """keras.datasets.mnist.load_data(): images and labels, to train and to test."""
    owner = getattr(getattr(node, "func", None), "value", None)
    word = getattr(owner, "attr", getattr(owner, "id", ""))
    shape = KERAS_SETS.get(word)
    images = Data((None, *shape)) if shape else Data((None,))
    part = (images, Data((None,), count=True))
    return (part, part)


def image_set(name: str) -> Callable[..., Any]:
    """Return what stands for an image data set's class."""

    def make(
        run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
    ) -> Any:
        shape = _resized(IMAGES[name], keywords.get("transform"))
        return Instance(None, {"__examples__": (Data(shape), Data((), count=True))})

    return make


def folder(run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST) -> Any:
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


def compose(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    """Return several transforms as one."""
    return Instance(None, {"__parts__": args[0] if args else []})


def resize(run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST) -> Any:
    """Return a transform to a size."""
    return Instance(None, {"__size__": args[0] if args else keywords.get("size")})


def gray(run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST) -> Any:
    """Return a transform to one channel."""
    return Instance(None, {"__channels__": args[0] if args else 1})
