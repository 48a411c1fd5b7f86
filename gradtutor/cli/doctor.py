"""doctor: what is installed, what is missing, and how to get it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import click

from gradtutor.cli.session import DONE, MISSING, common_options, session
from gradtutor.messages import mark, tr
from gradtutor.messages.cells import padded

A_PICTURE, CHINESE_FONT = mark("a picture"), mark("Chinese font")


@dataclass(frozen=True)
class Finding:
    """One line of the report; ``ok`` is None where something optional is absent."""

    name: str
    ok: bool | None
    detail: str


@click.command()
@common_options
@click.pass_context
def doctor(context: click.Context, /, **_options: object) -> int:
    """Say what is installed: layout engine, fonts, CuPy, data sets."""
    run = session(context)
    found = findings()
    data = {"findings": [asdict(one) for one in found]}
    run.result(data, findings_text(found))
    return MISSING if any(one.ok is False for one in found) else DONE


def findings() -> list[Finding]:
    """Look at everything that is installed, or could be."""
    return [
        _python(),
        _numpy(),
        _engine(),
        _picture(),
        _fonts(),
        *_extras(),
        *_data(),
    ]


def findings_text(found: Sequence[Finding]) -> str:
    """Write a line for each finding."""
    signs = {True: tr("ok"), False: tr("MISSING"), None: tr("absent")}
    return "\n".join(
        f"{padded(signs[one.ok], 7)}  {padded(tr(one.name), 14)} {one.detail}"
        for one in found
    )


def _python() -> Finding:
    from gradtutor import __version__

    return Finding(
        "gradtutor",
        True,
        tr(
            "{version} on Python {python}",
            version=__version__,
            python=sys.version.split()[0],
        ),
    )


def _numpy() -> Finding:
    import numpy as np

    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return Finding(
        "numpy", True, f"{np.__version__}, BLAS {blas.get('name', 'unknown')}"
    )


def _engine() -> Finding:
    from gradtutor.render import engine_description

    try:
        return Finding("graphviz", True, engine_description())
    except ValueError as error:
        return Finding("graphviz", False, str(error))


def _picture() -> Finding:
    """Draw a circuit for real."""
    from gradtutor.circuit import parse

    try:
        size = len(parse("x*y")._repr_svg_() or "")
    except (ValueError, OSError) as error:
        return Finding(A_PICTURE, False, str(error))
    return Finding(A_PICTURE, True, tr("drew x*y as {size:,} bytes of SVG", size=size))


def _fonts() -> Finding:
    """Look for a font with Chinese letters: the package's, else the machine's."""
    from gradtutor.messages.font import INSTALL, chinese_font, machines_font

    path = chinese_font()
    if path is not None:
        return Finding(CHINESE_FONT, True, path.name)
    family = machines_font()
    return Finding(CHINESE_FONT, True if family else None, family or INSTALL)


def _extras() -> list[Finding]:
    from importlib.util import find_spec

    wanted = {
        "matplotlib": "data",
        "mlxtend": "data",
        "sklearn": "data",
        "pywt": "data",
        "safetensors": "data",
        "typst": "zh",
        "numba": "numba",
        "mpi4py": "mpi",
        "cupy": "cuda12",
        "cudnn": "cudnn12",
        "nvmath": "nvmath",
    }
    return [
        Finding(name, True, tr("installed"))
        if find_spec(name)
        else Finding(name, None, f'pip install "gradtutor[{extra}]"')
        for name, extra in wanted.items()
    ]


def _origin(package: str) -> str:
    return tr("from {package}", package=package) if package else tr("made here")


def _data() -> list[Finding]:
    from gradtutor.train import DATASETS, is_installed

    return [
        Finding(
            f"data {dataset.name}",
            True if is_installed(dataset) else None,
            f"{tr(dataset.description)}, {_origin(dataset.package)}",
        )
        for dataset in DATASETS.values()
    ]
