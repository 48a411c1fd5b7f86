"""What gen and train accept, as typed keywords; the command line reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypedDict

import click

Ties = Literal["torch", "left", "right", "both"]


class ScriptOptions(TypedDict, total=False):
    """The options of ``gradtutor train`` that its script has, by the same names."""

    backend: str
    precision: Literal["float32", "tf32", "bfloat16", "float16"]
    conv: Literal["windows", "implicit", "cudnn"]
    products: Literal["ctypes", "nvmath"]
    one_kernel: bool
    tune: bool
    ties: Ties
    parallel: Literal["mpi"]
    threads: int
    shift: int
    clip: float
    patience: int
    schedule: Literal["constant", "step", "cosine", "warmup"]
    optimizer: str
    learning_rate: float
    batch_size: int
    epochs: int
    scale: Literal["standard", "pixels", "none"]
    fill: str | float
    drop: str | list[str]
    x: str | list[str]
    y: str | list[str]
    seed: int


class GenOptions(ScriptOptions, total=False):
    """Those of ``gradtutor gen``, with what is of a script alone."""

    comments: Literal["en", "zh"]


def read_options(
    command: click.Command, data: str, options: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a command's options as it would have read them from a terminal.

    Raises
    ------
    click.UsageError
        As the command line does.
    """
    words = ["network", "--data", data]
    for name, value in options.items():
        flag = f"--{name.replace('_', '-')}"
        if isinstance(value, bool):
            words += [flag] * value
        elif value is not None:
            words += [flag, _word(value)]
    with command.make_context(command.name, words) as context:
        read = dict(context.params)
    read.pop("network")
    return read


def _word(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
