"""The command line: thin commands over the library, heavy imports inside them."""

from __future__ import annotations

import click

from gradtutor.blas import take_one_thread
from gradtutor.cli.answering import predict
from gradtutor.cli.checking.check import check
from gradtutor.cli.data import data
from gradtutor.cli.deriving.derivative import diff
from gradtutor.cli.doctor import doctor
from gradtutor.cli.drawing.circuit import render
from gradtutor.cli.entry import TutorGroup
from gradtutor.cli.explain import explain
from gradtutor.cli.lesson import lesson
from gradtutor.cli.session import Session, common_options, no_colour
from gradtutor.cli.teach import teach
from gradtutor.cli.training.exporting import export
from gradtutor.cli.training.network import gen, train


@click.group(cls=TutorGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gradtutor")
@common_options
@click.pass_context
def main(
    context: click.Context,
    as_json: bool,
    quiet: bool,
    seed: int | None,
    lang: str | None,
) -> None:
    """Type a formula or a network; see, check and train its gradients."""
    take_one_thread()
    context.obj = Session(as_json, quiet, seed, lang)
    context.color = False if no_colour() else None


COMMANDS = (
    *(render, diff, check, gen, train, predict, export),
    *(data, explain, lesson, teach, doctor),
)
for command in COMMANDS:
    main.add_command(command)
