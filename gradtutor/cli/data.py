"""data: list the data sets, or write one to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gradtutor.cli.session import DONE, common_options, session
from gradtutor.messages import tr
from gradtutor.messages.cells import paragraph


@click.group()
def data() -> None:
    """List the data sets, or write one to a file."""


@data.command("list")
@common_options
@click.pass_context
def list_data(context: click.Context, /, **_options: object) -> int:
    """List the data sets with size, source and licence."""
    run = session(context)
    rows = dataset_rows()
    run.result({"datasets": rows}, "\n\n".join(map(dataset_text, rows)))
    return DONE


def dataset_rows() -> list[dict[str, Any]]:
    """Return what there is to know of each data set."""
    from gradtutor.train import DATASETS, is_installed

    return [
        {
            "name": one.name,
            "description": one.description,
            "rows": one.rows,
            "features": one.features,
            "classes": one.classes,
            "targets": one.targets,
            "package": one.package or None,
            "installed": is_installed(one),
            "licence": one.licence,
            "sha256": one.sha256,
        }
        for one in DATASETS.values()
    ]


def dataset_text(row: dict[str, Any]) -> str:
    """Write a data set's three lines."""
    if row["classes"]:
        kind = tr("{count} classes", count=row["classes"])
    elif row["targets"] > 1:
        kind = tr("to {count}, regression", count=row["targets"])
    else:
        kind = tr("regression")
    here = "" if row["installed"] else '  (pip install "gradtutor[data]")'
    where = (
        tr("in package {package}", package=row["package"])
        if row["package"]
        else tr("made here")
    )
    return (
        f"{row['name']}: {tr(row['description'])}{here}\n"
        f"  {row['rows']} x {row['features']}, {kind}, {where}\n"
        f"{paragraph(tr(row['licence']), 79, '  ')}"
    )


@data.command("fetch")
@click.argument("name")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="[default: NAME.npz]"
)
@common_options
@click.pass_context
def fetch_data(
    context: click.Context, /, name: str, output: Path | None, **_options: object
) -> int:
    """Write the data set NAME to an .npz file, split into train and test."""
    from gradtutor.train import fetch

    run = session(context)
    path = output or Path(f"{name}.npz")
    found = fetch(name, path, run.seed or 0)
    run.say(tr(found.licence))
    result = {"path": str(path), "name": found.name, "licence": found.licence}
    run.result(result, str(path))
    return DONE
