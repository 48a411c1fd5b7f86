"""diff of tensors: Hessians, mixed second derivatives, Jacobians, J v and uᵀ J."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.deriving.options import DiffOptions
from gradtutor.cli.drawing.notes import notes
from gradtutor.cli.session import DONE, FAILED, UNDECIDED, Session
from gradtutor.messages import mark, tr

if TYPE_CHECKING:
    from gradtutor.calculus.second_order import LinearMap
    from gradtutor.circuit import Circuit

VERDICTS = {
    True: mark("agrees with finite differences"),
    False: mark("DOES NOT AGREE with finite differences"),
    None: mark("undecided: too few points in the domain"),
}


def _name(
    _context: click.Context, option: click.Parameter, given: str | None
) -> str | None:
    """Take a direction's name; its value stands in --at."""
    if given is None or given.isidentifier():
        return given
    name, sign, value = given.partition("=")
    value = value.strip() if sign and name.strip().isidentifier() else given
    example = f"{option.opts[0]} v --at v={value}"
    message = tr("this is a direction's name; --at has its value: {text}", text=example)
    raise click.BadParameter(message)


def matrix_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --jacobian, --along and --from."""
    for option in (
        click.option(
            "--from",
            "pulled",
            metavar="u",
            callback=_name,
            help="uᵀJ: the Jacobian from the left (reverse mode, VJP).",
        ),
        click.option(
            "--along",
            metavar="v",
            callback=_name,
            help="J v, or with --order 2 H v: along a direction (forward mode, JVP).",
        ),
        click.option("--jacobian", is_flag=True, help="The matrix of all slopes."),
    ):
        command = option(command)
    return command


def wants_matrix(
    circuit: Circuit, pairs: list[tuple[str, ...]], options: DiffOptions
) -> bool:
    """Whether a matrix is asked for, or a second derivative by a tensor.

    A formula with one value for each i, as softmax by its entries, has a Jacobian.
    """
    if options.jacobian or options.directions:
        return True
    graph = circuit.graph
    known = [name for pair in pairs for name in pair if name in graph]
    tensor = any(graph.nodes[name]["shape"] for name in known)
    each = graph.graph.get("free") and graph.nodes[graph.graph["output"]]["shape"]
    return bool(tensor and (options.order > 1 or each))


@dataclass(frozen=True)
class _Asked:
    """One matrix: what it is called, the map, how it is checked."""

    wrt: str
    kind: str
    symbol: str
    linear: LinearMap
    verify: Callable[[], bool | None]
    gradient: str | None = None


def show_matrices(
    run: Session,
    circuit: Circuit,
    pairs: list[tuple[str, ...]],
    point: dict[str, Any],
    options: DiffOptions,
) -> int:
    """Print each matrix, its value at the point given, and its check."""
    from gradtutor.evaluate.point import check_wrt

    if options.order > 2:
        name = next(
            n for pair in pairs for n in pair if circuit.graph.nodes[n]["shape"]
        )
        raise click.UsageError(
            tr(
                "--order {order} is for numbers, and {name} is a tensor; the "
                "Hessian is --order 2",
                order=options.order,
                name=name,
            )
        )
    for pair in pairs:
        check_wrt(circuit.graph, pair)
    _free_names(circuit, options)
    given = {name: point.pop(name) for name in options.directions if name in point}
    rows, lines = [], []
    for asked in _asked(circuit, pairs, options, run.seed or 0):
        row, text = _row(asked, point | _inputs(circuit, point), given, options)
        rows.append(row)
        lines += text
    told = notes(circuit, point) if options.order == 2 else []
    lines += [f"({note})" for note in told]
    head = {"input": circuit.graph.graph["source"], "order": options.order}
    head |= {"notes": told} if told else {}
    data = head | (rows[0] if len(rows) == 1 else {"derivatives": rows})
    run.result(data, "\n".join(lines))
    verdicts = [row["verified"] for row in rows]
    return FAILED if False in verdicts else UNDECIDED if None in verdicts else DONE


def _free_names(circuit: Circuit, options: DiffOptions) -> None:
    """Refuse a direction that is called like something of the formula."""
    taken = {name for _, name in circuit.graph.nodes(data="name")} | set(circuit.inputs)
    for name in options.directions:
        if name in taken:
            message = tr("{name} is in the formula: another name", name=name)
            option = "--along" if name == options.along else "--from"
            raise click.BadParameter(message, param_hint=option)


def _inputs(circuit: Circuit, point: dict[str, Any]) -> dict[str, Any]:
    """Return the values that the text gives its inputs itself."""
    from numpy import asarray

    values = circuit.graph.nodes(data="value")
    own = {name: values[name] for name in circuit.inputs if values[name] is not None}
    return {name: asarray(one, float) for name, one in own.items() if name not in point}


def _asked(
    circuit: Circuit, pairs: list[tuple[str, ...]], options: DiffOptions, seed: int
) -> list[_Asked]:
    from gradtutor.calculus import second_order
    from gradtutor.calculus.symbols import output_name
    from gradtutor.evaluate.matrices import verify_hessian, verify_jacobian

    graph, ties, output = circuit.graph, circuit.ties, output_name(circuit.graph)
    asked = []
    for pair in pairs:
        if options.order == 2:
            rows, columns = pair[0], pair[-1]
            along = options.along or "v"
            linear = second_order.hessian_map(graph, rows, columns, ties, along)
            symbol = _second(output, rows, columns)
            check = _later(verify_hessian, graph, linear, rows, columns, ties, seed)
            asked.append(_Asked(",".join(pair), "hessian", symbol, linear, check))
            continue
        (by,) = pair
        whole = second_order.jacobian_map(graph, by, ties, options.along or "v")
        check = _later(verify_jacobian, graph, whole, by, seed)
        symbol = f"∂{output}/∂{by}"
        pulled = options.pulled
        linear = (
            second_order.transposed_jacobian_map(graph, by, ties, pulled)
            if pulled
            else whole
        )
        kind = "vjp" if pulled else "jvp" if options.along else "jacobian"
        told = _gradient(circuit, by) if kind == "jacobian" else None
        asked.append(_Asked(by, kind, symbol, linear, check, told))
    return asked


def _gradient(circuit: Circuit, by: str) -> str | None:
    """Return the textbook's gradient, which a number's Jacobian is, if it holds."""
    if circuit.graph.nodes[circuit.graph.graph["output"]]["shape"] != ():
        return None
    form = circuit.textbook(by)
    whole = form is not None and not form.domain and "\n" not in form.text
    return form.text if form and whole and circuit.verify(by, form.text) else None


def _later(
    function: Callable[..., bool | None], *args: Any
) -> Callable[[], bool | None]:
    return lambda: function(*args)


def _second(output: str, rows: str, columns: str) -> str:
    """Write ∂²f/∂x², or ∂²f/∂x∂y."""
    below = f"∂{rows}²" if rows == columns else f"∂{rows}∂{columns}"
    return f"∂²{output}/{below}"


def _row(
    asked: _Asked, point: dict[str, Any], given: dict[str, Any], options: DiffOptions
) -> tuple[dict[str, Any], list[str]]:
    """Return one matrix as JSON and as lines."""
    from gradtutor.calculus.symbolic.linear_text import matrix_text
    from gradtutor.gates import show_shape

    linear, verified = asked.linear, asked.verify()
    direction = options.along or options.pulled
    text = None if direction else asked.gradient or matrix_text(linear)
    row: dict[str, Any] = {
        "wrt": asked.wrt,
        "kind": asked.kind,
        "shape": list(linear.shape),
    }
    row |= {"derivative": text, "verified": verified}
    shape = f"   {show_shape(linear.shape)}" if linear.shape else ""
    lines = [f"{asked.symbol} = {text}{shape}"]
    if text is None:
        name = direction or linear.direction
        product = _product(linear)
        row["derivative" if direction else "product"] = product
        *shared, last = product.split("\n")
        lines = [*shared, f"{_applied(asked, name)} = {last}"]
        if not direction:
            lines.append(
                tr(
                    "  (as a matrix {shape} it has no short form; this is its "
                    "product with any {name})",
                    shape=show_shape(linear.shape),
                    name=name,
                )
            )
    value, told = _value(linear, point, given, direction)
    row |= value
    return row, [*lines, *told, f"  ({tr(VERDICTS[verified])})"]


def _applied(asked: _Asked, name: str) -> str:
    """Write what a product with a direction is: (∂²f/∂x²) v, uᵀ (∂f/∂x)."""
    front, back = f"{name}ᵀ ", f" {name}"
    return (
        f"{front}({asked.symbol})" if asked.kind == "vjp" else f"({asked.symbol}){back}"
    )


def _product(linear: LinearMap) -> str:
    """Write the map's product with its direction.

    It is the textbook's form where that has the same values.
    """
    from gradtutor.calculus.forms.shown import ShownForms
    from gradtutor.evaluate.same_values import same_values
    from gradtutor.language import program_text

    if linear.node is None:
        return "0"
    graph = linear.graph
    form = ShownForms(graph).form(linear.node)
    shown = form is not None and not form.domain
    if form and shown and same_values(graph, linear.node, form.text):
        return form.text
    return program_text(graph, linear.node)


def _value(
    linear: LinearMap,
    point: dict[str, Any],
    given: dict[str, Any],
    direction: str | None,
) -> tuple[dict[str, Any], list[str]]:
    """Evaluate at the point given; a product where its direction has a value."""
    from networkx import ancestors
    from numpy import tensordot

    from gradtutor.evaluate.matrices import matrix
    from gradtutor.evaluate.report import plain
    from gradtutor.graph import inputs

    if not point or (direction and direction not in given):
        return {}, []
    node = linear.node
    reached = set() if node is None else {node, *ancestors(linear.graph, node)}
    needed = reached.intersection(inputs(linear.graph)) - {linear.direction}
    if not needed <= point.keys():
        return {}, []
    found = matrix(linear, point)
    if direction:
        along = given[direction]
        found = tensordot(found, along, axes=along.ndim)
    shown = plain(found)
    return {"value": shown}, [tr("  = {shown} at the point given", shown=shown)]
