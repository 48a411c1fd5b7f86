"""What a gate on whole tensors computes and sends back, read off its declaration.

>>> from gradtutor.gates import GATES
>>> [text for _, text in adjoint_lines(GATES["matmul"])]
['g · Bᵀ', 'Aᵀ · g']
>>> opened_line(GATES["softmax"])
'exp(A)/sum(exp(A), axis=-1, keepdims=True)'
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from gradtutor.calculus.tape import GraphTape
from gradtutor.explain.notation.writing import TERMINAL, write
from gradtutor.gates import (
    Call,
    NoDerivativeError,
    Shape,
    ShapeMismatchError,
    Structural,
)
from gradtutor.graph import Graph, add_gate, add_input, new_graph

#: Shapes of arguments to try, matrices first.
SHAPES: tuple[Shape, ...] = (
    *((2, 3), (3, 4), (2,), (3,), (3, 3), (2, 6, 4), (4, 2, 1), ()),
)
UPSTREAM = "g"
OUT = "out"


def adjoint_lines(gate: Structural) -> tuple[tuple[str, str], ...]:
    """Return, of each argument that gets one, its name and its gradient.

    ``g`` is the gradient at the gate's output, ``out``; matrices have large letters.
    """
    found = _example(gate)
    if found is None or gate.adjoint is None:
        return ()
    graph, args = found
    tape = GraphTape(graph)
    call = Call(args, OUT, graph.nodes[OUT]["attrs"])
    add_input(graph, UPSTREAM, graph.nodes[OUT]["shape"])
    try:
        sent = gate.adjoint(tape, call, UPSTREAM)
    except (NoDerivativeError, ShapeMismatchError):
        return ()
    known = TERMINAL.known({name: name for name in (*args, OUT, UPSTREAM)})
    return tuple(
        (name, write(graph, node, known, TERMINAL))
        for name, node in zip(args, sent, strict=True)
        if node is not None
    )


def opened_line(gate: Structural) -> str:
    """Return a composite's formula in simpler gates; nothing where there is none."""
    found = _example(gate) if gate.opened is not None else None
    if found is None or gate.opened is None:
        return ""
    graph, args = found
    last = gate.opened(GraphTape(graph), Call(args, "", graph.nodes[OUT]["attrs"]))
    known = TERMINAL.known({name: name for name in args})
    return write(graph, last, known, TERMINAL)


def _example(gate: Structural) -> tuple[Graph, tuple[str, ...]] | None:
    """Return the gate on arguments whose shapes fit it, with their names."""
    attrs = {**gate.keywords, **gate.example}
    for shapes in product(SHAPES, repeat=gate.arity[0]):
        graph = new_graph()
        names = [
            add_input(graph, name, shape)
            for name, shape in zip(_names(shapes), shapes, strict=True)
        ]
        try:
            add_gate(graph, gate.name, *names, name=OUT, **attrs)
        except ShapeMismatchError:
            continue
        return graph, tuple(names)
    return None


def _names(shapes: tuple[Shape, ...]) -> Iterator[str]:
    """Yield a, b, c, those of matrices in large letters."""
    for letter, shape in zip("abcd", shapes, strict=False):
        yield letter.upper() if len(shape) > 1 else letter
