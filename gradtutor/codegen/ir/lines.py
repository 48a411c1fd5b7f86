"""A program as lines: operations with the formula above each group, and arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from gradtutor.codegen.ir.loop import Loop, Row
from gradtutor.codegen.ir.memory import Block
from gradtutor.codegen.ir.operands import Array, Value
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.text.numpy_text import compose
from gradtutor.gates import show_shape
from gradtutor.graph import Graph, copied
from gradtutor.language.formula.unparse import expression_text

Group = tuple[list[Op], tuple[str, ...]]


def groups_of(program: Program, reference: Graph) -> Iterator[Group]:
    """Yield the operations that make one array, with the formula that they are."""
    named = named_nodes(reference)
    reference = _said(reference, program.printer.names)
    ops: list[Op] = []
    for op, following in zip(program.ops, [*program.ops[1:], None], strict=True):
        ops.append(op)
        if following is None or not _same_array(op, following):
            formula = _formula(program, reference, named, ops)
            if formula or following is None:  # what has no name belongs to the next
                yield ops, formula
                ops = []


def named_nodes(reference: Graph) -> dict[str, str]:
    """Return the first node of each name."""
    names = [(data["name"], node) for node, data in reference.nodes(data=True)]
    return {name: node for name, node in reversed(names) if name}


def _said(reference: Graph, names: Mapping[str, str]) -> Graph:
    """Return a graph whose nodes are called as the script calls them: h[t]."""
    if not names:
        return reference
    result = copied(reference)
    for _, data in result.nodes(data=True):
        data["name"] = names.get(data["name"], data["name"])
    return result


def _same_array(op: Op, following: Op) -> bool:
    if not op.outputs or not following.outputs or op.number:
        return False
    if "loop" in (op.kind, following.kind):
        return False
    whole = isinstance(op.out, Value) and isinstance(following.out, Value)
    return op.written[0] is following.written[0] and (whole or op.out == following.out)


def _formula(
    program: Program, reference: Graph, named: Mapping[str, str], ops: list[Op]
) -> tuple[str, ...]:
    """Write what a group computes, in the language of formulas."""
    op = ops[-1]
    inside = [program.name(node) for node in op.inside]
    whole = [out.array.name for out in op.outputs if isinstance(out, Value)]
    return tuple(formula_texts(reference, named, (*inside, op.number, *whole)))


def formula_texts(
    reference: Graph, named: Mapping[str, str], names: Sequence[str]
) -> Iterator[str]:
    """Yield what the nodes of these names are, with their shapes."""
    for name in names:
        node = named.get(name)
        if node is not None and reference.nodes[node]["gate"] != "input":
            shape = show_shape(reference.nodes[node]["shape"] or ())
            name = reference.nodes[node]["name"]
            text = f"{name} = {expression_text(reference, node, limit=140)}"
            text = name if "…" in text else text
            yield text if shape == "()" else f"{text}  {shape}"


def group_lines(program: Program, groups: Sequence[Group]) -> Iterator[str]:
    """Yield formulas as comments, each once, and below them the operations."""
    said = set()
    for ops, formulas in groups:
        for formula in formulas:
            if formula not in said:
                yield f"# {formula}"
                said.add(formula)
        for op in ops:
            if isinstance(op, Loop):
                yield from _loop_lines(program, op)
            else:
                yield program.statement(op)


def _loop_lines(program: Program, loop: Loop) -> Iterator[str]:
    """Write a loop: inside, each name of a row stands for its text outside."""
    names = {
        one.name: compose(f"a[{one.index}]", [program.text(one.operand)])
        if isinstance(one, Row)
        else program.text(one.operand)
        for one in (*loop.reads, *loop.writes)
    }
    body = replace(loop.body, printer=replace(loop.body.printer, names=names))
    yield loop.head
    for line in group_lines(body, list(groups_of(body, loop.reference))):
        yield f"    {line}"


# ---- arrays ----

#: What makes an array that is filled once.
MADE: dict[float | None, str] = {None: "np.ones", 0.0: "np.zeros", 1.0: "np.ones"}


def array_texts(
    blocks: Sequence[Block], kept: Sequence[Array], memory: Callable[[str], str]
) -> Iterator[tuple[str, str]]:
    """Yield each array's name and the expression that makes it.

    Parameters
    ----------
    memory : callable
        Writes how memory is made, given NumPy's expression of it.
    """
    for position, block in enumerate(blocks):
        for array in block.arrays:
            cut = "spaced" if array.spaced else "part"
            sizes = ", ".join([f"blocks[{position}]", *_sizes(array)])
            yield array.name, f"{cut}({sizes})"
    for array in kept:
        kind = "narrow(dtype)" if array.dtype == "half" else "dtype"
        yield array.name, memory(f"{_made(array)}, {kind})")


def _made(array: Array) -> str:
    """Write what makes an array that is filled once, up to its type."""
    size = ", ".join(_sizes(array))
    shape = size if len(array.shape) == 1 else f"({size})"
    if array.filling in MADE:
        return f"{MADE[array.filling]}({shape}"
    filling = repr(array.filling).replace("inf", "np.inf")
    return f"np.full({shape}, {filling}"


def _sizes(array: Array) -> list[str]:
    return [size.text for size in array.shape]
