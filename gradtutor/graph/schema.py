"""The form of a graph in JSON: of a node it follows from its gate's declaration."""

from __future__ import annotations

import keyword
import math
from functools import cache
from typing import Any

from gradtutor.gates import COPY, GATES, LEAVES, TIE_RULES, Shape
from gradtutor.gates.structural.cells import CELLS
from gradtutor.graph.build import whole_attributes
from gradtutor.graph.forms import (
    ANYTHING,
    COUNT,
    FINITE,
    FLAG,
    NULL,
    NUMBER,
    POSITIVE,
    TEXT,
    WHOLE,
    Form,
    Kind,
    Number,
    Record,
    Settings,
    Several,
    either,
    one_of,
    refuse,
    spelled,
    tuple_of,
)
from gradtutor.messages import mark, tr

NAME = Kind(
    "a name",
    (str,),
    lambda value: value.isidentifier() and not keyword.iskeyword(value),
)
NODE = spelled(r"[^\W\d]\w*(\.\w+)*", mark("the name of a node"))
SIZE = either(
    COUNT, spelled(r"(\d+\*)?[^\W\d]\w*(\*[^\W\d]\w*)*", mark("a size such as N"))
)
SHAPE = tuple_of(SIZE)
WORD = spelled(r"\w*", "a word")
STEP = either(POSITIVE, tuple_of(POSITIVE, 1, 2))
FILLING = Number(mark("a number that is not nan"), lambda value: not math.isnan(value))

#: What each attribute of a gate may be; a gate has those that its keywords name.
ATTRIBUTES: dict[str, Form] = {
    "axis": either(NULL, WHOLE, tuple_of(WHOLE)),
    "axes": either(NULL, tuple_of(WHOLE)),
    "keepdims": FLAG,
    "eps": Kind(
        mark("a number from 0 on"), (int, float), lambda value: 0 <= value < 1e300
    ),
    "subscripts": spelled(r"[A-Za-z,> -]*", mark("subscripts such as ij,jk->ik")),
    "shape": tuple_of(WHOLE),
    "widths": tuple_of(tuple_of(COUNT, 2, 3)),
    "value": FILLING,
    "place": WHOLE,
    "cuts": tuple_of(tuple_of(either(NULL, COUNT), 2, 3)),
    "at": tuple_of(either(WHOLE, tuple_of(either(NULL, WHOLE), 3, 3)), 1),
    "kernel": tuple_of(POSITIVE, 1, 2),
    "stride": either(NULL, STEP),
    "dilation": STEP,
    "padding": either(
        one_of("same", "valid"),
        COUNT,
        tuple_of(either(COUNT, tuple_of(COUNT, 2, 2)), 1, 2),
    ),
    "groups": POSITIVE,
    "cell": one_of(*CELLS),
    "backwards": FLAG,
    "bias": FLAG,
    "of": one_of("z", "reach"),
    "ties": one_of(*TIE_RULES),
}

# ---- nodes ----

ANY: dict[str, Form] = {
    "gate": TEXT,
    "name": either(NULL, NAME),
    "shape": either(NULL, SHAPE),
    "span": either(NULL, tuple_of(COUNT, 2, 2)),
    "id": NODE,
}
INPUT = Record(
    ANY
    | {
        "name": NAME,
        "shape": SHAPE,
        "role": one_of(
            *("input", "parameter", "frozen", "label", "mask", "statistic", "constant")
        ),
        "value": ANYTHING,  # its form follows from the shape
        "fan_in": POSITIVE,
        "start": WORD,
    },
    optional=("value", "fan_in", "start"),
    others=either(NULL, FLAG, FINITE, TEXT),  # of a parameter: its layer, its module
)
NUMBER_NODE = Record(
    ANY
    | {
        "name": NULL,
        "shape": tuple_of(SIZE, 0, 0),
        "value": NUMBER,
        "text": spelled(r"[\w.+-]{1,400}", mark("the text of a number")),
    }
)


@cache
def attributes_form(gate: str) -> Record:
    """Return the form of a gate's attributes: its keywords.

    One whose default says "none" or "no" may be left out.
    """
    keywords = getattr(GATES.get(gate), "keywords", {})
    optional = [key for key, usual in keywords.items() if usual in (None, False)]
    return Record({key: ATTRIBUTES[key] for key in keywords}, tuple(optional))


@cache
def node_form(gate: str) -> Record:
    """Return the form of a node of this gate."""
    if gate in ("input", "number"):
        return INPUT if gate == "input" else NUMBER_NODE
    return Record(ANY | {"attrs": attributes_form(gate)})


def node_attributes(node: Any, path: str) -> dict[str, Any]:
    """Return a node's entries as the graph holds them.

    Raises
    ------
    GraphError
        With the path of what does not fit, such as ``nodes[3].attrs.axis``.
    """
    gate = node.get("gate") if isinstance(node, dict) else None
    if not isinstance(gate, str) or gate not in (*GATES, *LEAVES, COPY):
        raise refuse(gate, f"{path}.gate", tr("a gate's name"))
    found = node_form(gate)(node, path)
    if gate == "input" and "value" in found:
        found["value"] = _tensor(found["value"], found["shape"], f"{path}.value")
    if gate in GATES:
        found["attrs"] = whole_attributes(gate, found["attrs"])
    return found


def _tensor(value: Any, shape: Shape, path: str) -> Any:
    """Return a number, or lists of a shape."""
    if not shape:
        return NUMBER(value, path)
    if not isinstance(value, list) or len(value) != shape[0]:
        raise refuse(value, path, tr("a list of {count} entries", count=shape[0]))
    return [_tensor(one, shape[1:], f"{path}[{k}]") for k, one in enumerate(value)]


# ---- wires, and the whole ----

WIRE = Record({"source": NODE, "target": NODE, "key": COUNT})
NETWORK = Record(
    {
        "prediction": NODE,
        "loss": WORD,
        "classes": either(NULL, COUNT),
        "optimiser": WORD,
        "learning_rate": either(NULL, FINITE),
        "optimiser_settings": Settings(either(FLAG, FINITE)),
        "schedule": WORD,
        "schedule_settings": Settings(FINITE),
        "statistics": Several(NODE),
        "momentum": Settings(FINITE),
        "notes": Several(TEXT),
    },
    others=either(
        NULL, FLAG, FINITE, TEXT, Several(TEXT), Settings(either(TEXT, FINITE))
    ),
)
FACTS = Record(
    {
        "source": TEXT,
        "output": NODE,
        "network": NETWORK,
        "declared": Settings(TEXT),
    },
    ("network", "declared"),
)
DOCUMENT = Record(
    {
        "schema": WHOLE,
        "directed": FLAG,
        "multigraph": FLAG,
        "graph": FACTS,
        "nodes": Several(ANYTHING),
        "edges": Several(WIRE),
    },
    optional=("directed", "multigraph"),
)
