"""Values for inputs: ``x=-2, W=[[1,2],[3,4]]``, a file of arrays, or random ones.

>>> read_point("x=-2, k=1/3, W=[[1,2],[3,4]]")["x"]
array(-2.)
"""

from __future__ import annotations

import ast
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from gradtutor.errors import TutorError
from gradtutor.evaluate.archive import ArchiveError, array_heads
from gradtutor.evaluate.values import Array, node_values
from gradtutor.graph import Graph, Span, inputs, is_class_label
from gradtutor.language.errors import ArgumentError, SourceError, near
from gradtutor.language.formula import parse_formula
from gradtutor.language.literals import literal
from gradtutor.language.syntax import Source
from gradtutor.messages import tr

#: A text of values is read as the keywords of a call.
OPENING = "point("
#: The index of a name before its equals sign: x₁ = 3.
SUBSCRIPTED = re.compile(r"(?<=\w)[₀-₉]+(?=\s*[=＝])")
#: LaTeX's word for λ, which Python keeps for itself; as long as it was.
LAMBDA, LETTER = re.compile(r"(?<!\w)lambda((?:_?\d+)?)(?=\s*=)"), r"λ\1     "
#: Of all values together; a circuit with more is not for people.
MAX_BYTES = 2**30
#: Names that stand for values, and are no inputs.
NAMED = {"inf": np.inf, "nan": np.nan}


class PointError(TutorError):
    """Values that cannot be used: an unreadable file, an input that does not exist."""


def read_points(texts: Iterable[str]) -> dict[str, Array]:
    """Read several ``--at`` texts, each pairs ``name=value`` or an .npz file's path.

    Raises
    ------
    PointError
        When a file cannot be read.
    gradtutor.language.SourceError
        With the place of the mistake in a text.
    """
    point: dict[str, Array] = {}
    for text in texts:
        is_file = text.endswith(".npz") and "=" not in text
        point |= read_file(Path(text)) if is_file else read_point(text)
    return point


def read_file(path: Path) -> dict[str, Array]:
    """Read the arrays of an .npz file, all of numbers.

    Raises
    ------
    PointError
        When there is none, or it holds something else.
    """
    try:
        for name, head in array_heads(path, MAX_BYTES).items():
            if head.dtype.kind not in "biuf":
                message = tr(
                    "{path}: {name} is of type {dtype}, not of numbers",
                    path=path,
                    name=name,
                    dtype=head.dtype,
                )
                raise PointError(message)
        with np.load(path, allow_pickle=False) as arrays:
            return {
                unicodedata.normalize("NFKC", name): arrays[name].astype(np.float64)
                for name in arrays  # names as Python, and so the parser, reads them
            }
    except FileNotFoundError:
        raise PointError(tr("there is no file {path}", path=path)) from None
    except (ArchiveError, zipfile.BadZipFile, zlib.error) as error:
        raise PointError(str(error)) from None


def read_point(text: str) -> dict[str, Array]:
    """Read ``x=-2, y=5``: numbers, formulas of numbers, and lists of numbers.

    Raises
    ------
    gradtutor.language.SourceError
        With the place of the mistake.
    """
    try:
        named = LAMBDA.sub(LETTER, SUBSCRIPTED.sub(_indexed, text))
        source = Source(f"{OPENING}{named})")
        return {str(item.arg): _value(source, item) for item in _keywords(source)}
    except (
        SourceError
    ) as error:  # speak of the person's text, without our call around it
        start, end = (max(0, place - len(OPENING)) for place in error.span)
        hint = error.hint or tr("write values as x=-2,y=5")
        slip = _slip(text) or (error.message, (start, end), hint)
        message, place, hint = slip
        raise type(error)(message, text, place, hint) from None


def _indexed(name: re.Match[str]) -> str:
    """Write ``x₁`` as formulas read it, ``x_1``."""
    return f"_{unicodedata.normalize('NFKC', name[0])}"


def _slip(text: str) -> tuple[str, Span, str] | None:
    """Know a usual slip in values: what and where it is, what to write instead."""
    plain = unicodedata.normalize("NFKC", text)
    comma = re.search(r"(?<==)(-?\d+),(\d+)(?=\s*(,\s*[^\W\d]|$))", plain)
    if comma:
        whole, part = comma[1], comma[2]
        hint = tr(
            "write {whole}.{part}; a list stands in brackets: [{whole}, {part}]",
            whole=whole,
            part=part,
        )
        return tr("a comma stands between values"), comma.span(0), hint
    colon = re.search(r"(?:^|(?<=,))\s*([^\W\d]\w*)\s*(:)\s*([^,]*)", plain)
    if colon:
        hint = tr("write {name}={value}", name=colon[1], value=colon[3].strip())
        return tr("a value follows an equals sign"), colon.span(2), hint
    return None


def _keywords(source: Source) -> list[ast.keyword]:
    """Return the pairs of the call that the text was put into."""
    match source.tree.body:
        case [ast.Expr(ast.Call(ast.Name(), [], keywords))]:
            return keywords
    place = (len(OPENING), len(source.text) - 1)
    raise ArgumentError(tr("these are not values"), source.text, place)


def _value(source: Source, item: ast.keyword) -> Array:
    given = literal(source, item.value)
    if given is not None:
        return np.asarray(given.value, dtype=np.float64)
    graph = None
    cut = (
        isinstance(part, ast.BinOp) and isinstance(part.op, ast.FloorDiv | ast.Mod)
        for part in ast.walk(item.value)
    )
    if not isinstance(item.value, ast.List | ast.Tuple) and not any(cut):
        graph = _formula(source, item.value)
    if graph is None or set(inputs(graph)) - NAMED.keys():
        message = tr("{name} needs a number, or a list of numbers", name=item.arg)
        raise ArgumentError(message, source.text, source.span(item.value))
    return node_values(graph, NAMED)[graph.graph["output"]]


def _formula(source: Source, node: ast.expr) -> Graph:
    """Read a value that is a formula; its mistakes are at its place in the text."""
    try:
        return parse_formula(source.segment(node))
    except SourceError as error:
        shift = source.span(node)[0]
        place = error.span[0] + shift, error.span[1] + shift
        raise type(error)(error.message, source.text, place, error.hint) from None


def check_names(graph: Graph, point: Mapping[str, ArrayLike]) -> None:
    """Refuse values for inputs that the graph does not have.

    Raises
    ------
    PointError
        Naming the input, and the one probably meant.
    """
    names = inputs(graph)
    for name in point:
        if name not in names:
            hint = near(name, names) or tr(
                "the inputs are {names}", names=", ".join(names) or tr("none")
            )
            raise PointError(
                tr("there is no input {name!r}: {hint}", name=name, hint=hint)
            )


def check_wrt(graph: Graph, names: Iterable[str]) -> None:
    """Refuse to differentiate by what the graph does not have, and by class labels.

    Raises
    ------
    PointError
        Naming the input.
    """
    names = list(names)
    check_names(graph, dict.fromkeys(names, 0.0))
    for name in names:
        if is_class_label(graph, name):
            raise PointError(
                tr("{name} holds class labels: there is no derivative by it", name=name)
            )


def random_point(graph: Graph, seed: int) -> dict[str, Array]:
    """Draw a value for every input; N and other named sizes become small numbers.

    Half of all seeds draw normal numbers, a quarter positive ones and a quarter
    probabilities, so that formulas with logarithms, roots and arcsines find points of
    their domain too.
    """
    rng = np.random.default_rng(seed)
    sizes: dict[object, int] = {}
    point = {}
    for name in inputs(graph):
        data = graph.nodes[name]
        if data["role"] == "constant" and data.get("value") is not None:
            point[name] = np.asarray(data["value"], dtype=np.float64)
            continue
        shape = []
        for size in graph.nodes[name]["shape"] or ():
            fresh = (
                sizes.setdefault(size, 3 + len(sizes))
                if isinstance(size, str)
                else size
            )
            shape.append(fresh)
        point[name] = _draw(rng, graph.nodes[name]["role"], shape, seed)
    return point


def _draw(rng: np.random.Generator, role: str, shape: list[int], seed: int) -> Array:
    """Draw one input; weights are as small as in training, labels are class 0."""
    if role == "label":
        return np.zeros(shape)
    if role in ("parameter", "frozen"):
        fan_in = shape[0] if shape else 1
        return np.asarray(rng.normal(0, 1 / np.sqrt(max(fan_in, 1)), shape))
    if seed % 2 == 0:
        return np.asarray(rng.normal(0, 1.2, shape))
    low, high = (0.2, 2.5) if seed % 4 == 1 else (0.05, 0.95)
    return np.asarray(rng.uniform(low, high, shape))
