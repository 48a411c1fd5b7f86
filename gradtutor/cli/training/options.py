"""The options that gen and train share, as the command line has them."""

from __future__ import annotations

import math
from typing import Any

import click

from gradtutor.cli.drawing.circuit import ties_option
from gradtutor.messages import tr
from gradtutor.optimisers import OPTIMISERS


class Positive(click.FloatRange):
    """A number from 0 on, which nan and infinity are not."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the number."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(tr("{value} is not a finite number", value=value), param, ctx)
        return number


positive = Positive(min=0, min_open=True)
not_negative = Positive(min=0)


class BackendChoice(click.Choice[str]):
    """The names of all back ends, which are read when they are asked for."""

    def __init__(self) -> None:
        self.case_sensitive = True

    @property
    def choices(self) -> tuple[str, ...]:  # type: ignore[override]
        """The names, in the order of the table."""
        from gradtutor.codegen.backend_names import backend_names

        return backend_names()


def _filling(_context: object, _option: object, given: str | None) -> str | None:
    """Check that missing numbers are filled by mean, median or a number, or dropped."""
    if given not in (None, "mean", "median", "drop"):
        try:
            number = float(given or "")
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise click.BadParameter(
                tr("{given!r} is not mean, median, drop or a number", given=given)
            )
    return given


#: The options that gen and train share, the last of --help first.
OPTIONS = (
    click.option("--backend", type=BackendChoice(),
                 default="numpy",
                 help="numba compiles loops around BLAS; cupy is for a GPU."),
    click.option("--precision",
                 type=click.Choice(["float32", "tf32", "bfloat16", "float16"]),
                 default="float32",
                 help="Of products on a GPU; weights and sums are float32."),
    click.option("--conv", type=click.Choice(["windows", "implicit", "cudnn"]),
                 default="windows",
                 help="Convolution on a GPU: windows and a product, the same with "
                 "windows never written, or cuDNN's."),
    click.option("--products", type=click.Choice(["ctypes", "nvmath"]),
                 default="ctypes",
                 help="Who calls cuBLASLt on a GPU: the script, or nvmath-python."),
    click.option("--one-kernel", is_flag=True,
                 help="On a GPU: all steps of an epoch in one kernel, for small "
                 "networks of rows."),
    click.option("--tune", is_flag=True,
                 help="With numba: time both ways of each convolution, shifted "
                 "rows and windows, and take the faster."),
    ties_option,
    click.option("--parallel", type=click.Choice(["mpi"]),
                 help="Ranks (processes) that share each batch."),
    click.option("--threads", type=click.IntRange(1, 256),
                 help="Cut each batch into so many shards worked on at once. "
                 "Default: none; large products share the idle cores."),
    click.option("--shift", type=click.IntRange(min=0),
                 help="Move training images by up to so many pixels."),
    click.option("--clip", type=not_negative,
                 help="Largest norm of the gradient; 0 for any."),
    click.option("--patience", type=click.IntRange(min=0), default=0,
                 help="Stop after so many epochs without a better validation."),
    click.option("--schedule",
                 type=click.Choice(["constant", "step", "cosine", "warmup"])),
    click.option("--optimizer", type=click.Choice(list(OPTIMISERS))),
    click.option("--learning-rate", type=positive,
                 help="Default: the network's, else 0.001 for Adam, 0.1 for SGD."),
    click.option("--batch-size", type=click.IntRange(min=1),
                 help="Default: the network's, else 32; GD takes all examples "
                 "at once."),
    click.option("--epochs", type=click.IntRange(min=1),
                 help="Default: the network's, else 10."),
    click.option("--scale", type=click.Choice(["standard", "pixels", "none"]),
                 help="Bring columns to mean 0 and deviation 1, as learned from "
                 "the training part; or divide by 255.  [default: bytes by 255]"),
    click.option("--fill", metavar="mean|median|NUMBER|drop", callback=_filling,
                 help="What stands in for missing numbers; drop leaves such rows "
                 "out."),
    click.option("--drop", metavar="NAMES", help="Columns that are left out."),
    click.option("--y", metavar="NAMES",
                 help="The columns, or the array, of targets."),
    click.option("--x", metavar="NAMES",
                 help="The columns, or the array, of features."),
    click.option("--data", "dataset", required=True, metavar="NAME",
                 help="A name that `data list` shows; a .csv, .tsv, .npz, .npy or "
                 ".parquet file; X.npy,y.npy; a folder of images."),
)  # fmt: skip


def training_options(command: Any) -> Any:
    """Add the options that gen and train share."""
    for option in OPTIONS:
        command = option(command)
    return command
