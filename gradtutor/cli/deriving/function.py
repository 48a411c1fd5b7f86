"""diff -o: the value and the gradient as a function in a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.arguments import ExpressionCommand
from gradtutor.cli.deriving.options import DiffOptions
from gradtutor.cli.session import DONE, Session
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.circuit import Circuit

LANGUAGES = ("numpy", "jax", "torch", "c", "latex", "js")
SUFFIXES = {".py": "numpy", ".c": "c", ".tex": "latex", ".js": "js"}


class FunctionCommand(ExpressionCommand):
    """A command that takes ``--lang numpy`` as ``--as numpy``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read --lang with a programming language as --as."""
        words = list(args)
        for place, word in enumerate(words):
            name, _, value = word.partition("=")
            if name != "--lang":
                continue
            if value in LANGUAGES:
                words[place] = f"--as={value}"
            elif not value and words[place + 1 : place + 2] in ([x] for x in LANGUAGES):
                words[place] = "--as"
        return super().parse_args(ctx, words)


def function_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add -o and --as."""
    for option in (
        click.option(
            "--as",
            "written",
            type=click.Choice(LANGUAGES),
            help="What -o writes. [default: by the suffix: .py numpy, .c, .tex, .js]",
        ),
        click.option(
            "-o",
            "--output",
            type=click.Path(),
            help="Write value and gradient as a function into this file; - prints it.",
        ),
    ):
        command = option(command)
    return command


def wants_function(options: DiffOptions) -> bool:
    """Whether a function is asked for."""
    return bool(options.output or options.written)


def write_function(
    run: Session,
    circuit: Circuit,
    pairs: list[tuple[str, ...]],
    point: dict[str, Any],
    options: DiffOptions,
) -> int:
    """Write the function; without a file it is printed.

    The point's values give the sizes that a language needs, no more.
    """
    from gradtutor.render import write_bytes

    language = _language(options)
    if options.order > 1:
        raise click.UsageError(tr("-o writes a function with --order 1"))
    text = _text(circuit, [name for name, *_ in pairs], point, language)
    output = options.output
    data = {"input": circuit.graph.graph["source"], "language": language}
    if output in (None, "-"):
        run.result(data | {"text": text}, text.rstrip("\n"))
        return DONE
    write_bytes(Path(output), text.encode())
    run.result(data | {"output": output}, tr("wrote {name}", name=output))
    return DONE


def _language(options: DiffOptions) -> str:
    written, output = options.written, options.output
    if written:
        return str(written)
    suffix = Path(output or "").suffix.lower() if output != "-" else ".py"
    if suffix not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        raise click.UsageError(
            tr(
                "{output}: a function's file ends with {known}; or name it by --as",
                output=output,
                known=known,
            )
        )
    return SUFFIXES[suffix]


def _text(
    circuit: Circuit, names: list[str], point: dict[str, Any], language: str
) -> str:
    from gradtutor.calculus.symbols import output_name
    from gradtutor.codegen.function import function_text, has_tensors
    from gradtutor.explain.views.gradient_latex import gradient_document
    from gradtutor.graph import with_shapes

    if language == "latex":
        forms = {name: circuit.textbook(name) for name in names}
        texts = {
            name: form.text if form else circuit.diff(name)
            for name, form in forms.items()
        }
        return gradient_document(circuit.graph, output_name(circuit.graph), texts)
    graph = circuit.graph
    if any(shape is None for _, shape in graph.nodes(data="shape")):
        graph = with_shapes(graph, {})
    if language == "c" and has_tensors(graph):
        sizes = {name: value.shape for name, value in point.items()}
        graph = with_shapes(graph, sizes)
        from gradtutor.exports.c99.function import tensors_c

        return tensors_c(graph, names, circuit.ties)
    return function_text(graph, names, language, circuit.ties)
