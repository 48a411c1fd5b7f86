"""Count the parameters of tests/inputs/public by PyTorch and Keras themselves.

Needs ``torch`` and ``keras`` (with KERAS_BACKEND=torch) in an environment of their own:
``python tests/data/count_parameters.py tests/inputs/public/*.py``. Every statement of a
file is run by itself, so that missing data do not stop the model's definition.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.abc
import importlib.machinery
import io
import signal
import sys
import types
from pathlib import Path

import keras
import torch

SECONDS = 6  # for one statement
ABSENT = ("torchvision", "matplotlib", "sklearn", "pandas", "d2l", "torchmetrics",
          "pytorch_lightning", "lightning", "requests", "PIL", "tqdm")  # fmt: skip


class Absent(types.ModuleType):
    """A module that is not there: whatever is asked of it is another one."""

    def __getattr__(self, name: str) -> Absent:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(name)

    def __call__(self, *_args: object, **_kwargs: object) -> Absent:
        return Absent("result")

    def __iter__(self) -> object:
        return iter(())


class Finder(importlib.abc.MetaPathFinder):
    """Finds the modules of `ABSENT`."""

    def find_spec(self, name: str, *_: object) -> object:
        known = name.split(".")[0] in ABSENT
        found = importlib.machinery.ModuleSpec(name, self, is_package=True)
        return found if known else None

    def create_module(self, spec: object) -> Absent:
        return Absent(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        module.__path__ = []


def like_tensorflow() -> types.ModuleType:
    """Return a module with Keras and its functions by TensorFlow's names."""
    made = types.ModuleType("tensorflow")
    for name in dir(keras.ops):
        setattr(made, name, getattr(keras.ops, name))
    made.keras, made.nn, made.math = keras, keras.ops, keras.ops
    made.function = lambda f=None, **_: f or (lambda g: g)
    for name in [one for one in sys.modules if one.startswith("keras.")]:
        sys.modules[f"tensorflow.{name}"] = sys.modules[name]
    sys.modules["tensorflow.keras"] = keras
    return made


def late(*_: object) -> None:
    raise TimeoutError


def counts(path: str) -> dict[str, int]:
    """Return the number of trained numbers of each model of a file, by its name."""
    names: dict[str, object] = {"__name__": "program"}
    quiet = io.StringIO()
    for statement in ast.parse(Path(path).read_text()).body:
        signal.alarm(SECONDS)
        with (
            contextlib.suppress(BaseException),
            contextlib.redirect_stdout(quiet),
            contextlib.redirect_stderr(quiet),
        ):
            exec(compile(ast.Module([statement], []), path, "exec"), names)
        signal.alarm(0)
    found = {}
    for name, value in names.items():
        if isinstance(value, keras.Model):
            found[name] = value.count_params()
        elif isinstance(value, torch.nn.Module):
            trained = [p.numel() for p in value.parameters() if p.requires_grad]
            found[name] = sum(trained)
    return found


if __name__ == "__main__":
    sys.meta_path.insert(0, Finder())
    sys.modules["tensorflow"] = like_tensorflow()
    signal.signal(signal.SIGALRM, late)
    for file in sys.argv[1:]:
        print(Path(file).stem, counts(file))
