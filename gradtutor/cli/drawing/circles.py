"""render --as circles: a network of dense layers as a circle a neuron, and edges."""

from __future__ import annotations

import math
from pathlib import Path

import click

from gradtutor.cli.session import DONE, Session
from gradtutor.graph import Graph, has_network
from gradtutor.messages import tr

#: What a layer is called, and how many neurons it has.
Column = tuple[str, int]


def write_circles(run: Session, graph: Graph, output: str | None) -> int:
    """Print a network as columns of signs, or draw it into an .svg file."""
    from gradtutor.course.figures.neurons import neuron_rows, neuron_svg
    from gradtutor.train.writing import write_text

    columns = neuron_columns(graph)
    names, layers = [name for name, _ in columns], [(n, ()) for _, n in columns]
    told = [{"name": name, "neurons": count} for name, count in columns]
    if not output:
        run.result({"columns": told}, neuron_rows(layers, names))
        return DONE
    if Path(output).suffix.lower() != ".svg":
        raise click.UsageError(tr("--as circles draws .svg: {output}", output=output))
    write_text(Path(output), neuron_svg(layers, names, ", ".join(names)))
    run.wrote(output)
    if run.json:
        run.result({"columns": told, "output": output}, "")
    return DONE


def neuron_columns(graph: Graph) -> list[Column]:
    """Return the inputs and each dense layer, called by its activation.

    Raises
    ------
    click.UsageError
        For a formula, and for layers whose neurons are not joined each with each.
    """
    from gradtutor.language.network.echo import layer_rows

    if not has_network(graph):
        raise click.UsageError(tr("this is no network: --as circles draws neurons"))
    sizes = [size for size in graph.nodes["X"]["shape"] if isinstance(size, int)]
    columns: list[Column] = [("X", math.prod(sizes))]
    for row in layer_rows(graph):
        before, count = columns[-1][1], row.shape[-1]
        name, learnt = row.text.partition("(")[0], row.parameters + row.frozen
        one_by_one = count == before and learnt in (0, 2 * count)
        if len(row.shape) == 1 and learnt in (before * count, (before + 1) * count):
            columns.append((name, count))
        elif len(row.shape) == 1 and one_by_one:
            columns[-1] = (name if len(columns) > 1 else "X", count)
        else:
            raise click.UsageError(
                tr("--as circles draws dense layers; {layer} is none", layer=row.text)
            )
    return columns
