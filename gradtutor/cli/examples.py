"""The networks that come along: `gradtutor gen lenet.net` works where no file is."""

from __future__ import annotations

from pathlib import Path

import click

from gradtutor.messages import tr


def examples() -> dict[str, Path]:
    """Return the networks in the wheel, or those beside an editable checkout, by name.

    >>> "lenet.net" in examples()
    True
    """
    package = Path(__file__).parent.parent
    for folder in (package / "examples", package.parent / "examples"):
        if found := {path.name: path for path in sorted(folder.glob("*.net"))}:
            return found
    return {}


def example_instead(argument: str) -> Path | None:
    """Return the example that stands in for a file that is not there, and say so.

    Parameters
    ----------
    argument : str
        What the command line names: ``lenet.net`` or ``examples/lenet.net``.
    """
    path = Path(argument)
    found = examples().get(path.name)
    if found is None or path.parent not in (Path(), Path("examples")):
        return None
    context = click.get_current_context(silent=True)  # none where Python asks
    if context is not None and not context.params.get("quiet"):
        said = tr(
            "there is no file {argument} here: taking the example that comes along",
            argument=argument,
        )
        click.echo(f"gradtutor: {said}", err=True)
    return found


def no_such_file(argument: str) -> str:
    """Say that there is no such file, and of networks which ones come along."""
    if not argument.endswith(".net"):
        return tr("there is no file {argument}", argument=argument)
    return tr(
        "there is no file {argument} (those that come along: {names})",
        argument=argument,
        names=", ".join(examples()),
    )
