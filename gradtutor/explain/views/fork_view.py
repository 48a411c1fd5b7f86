"""Where a value is used more than once: what arrives is added, path by path."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from gradtutor.explain.notation.document import Block, Heading, Row, Say
from gradtutor.explain.records.derivation import Send
from gradtutor.explain.records.paths import paths_from
from gradtutor.explain.views.notation_view import View, bracketed
from gradtutor.messages import mark, tr

#: Parts of a sum, and paths, that are shown; with --all: there can be billions.
PARTS, PATHS, MOST_PATHS = 6, 6, 30
#: A path of more edges is not listed.
LONGEST = 12


def fork_blocks(view: View, node: str) -> Iterator[Block]:
    """Yield the sum of what arrives at a fork, and its paths to the output."""
    sends = view.found.arriving.get(node, ())
    if len(sends) < 2:
        return
    name = view.notation.quote(view.name(node))
    yield Say(
        tr(
            "{name} is used {count} times: what arrives is added",
            name=name,
            count=len(sends),
        )
    )
    yield _sum_row(view, node, sends)
    if view.found.is_scalar:
        yield from _paths(view, node)
    count = view.count
    before, behind = count.before.get(node, 0), count.behind[node]
    if before > 1:
        yield Say(_passing(view, name, before, behind))


def _passing(view: View, name: str, before: int, behind: int) -> str:
    """Say that N paths in and P paths out are N × P products, but N + P when added."""
    ends = _large(before), _large(behind)
    products = f"{view.notation.times.join(ends)} = {_large(before * behind)}"
    added = f"{' + '.join(ends)} = {_large(before + behind)}"
    return tr(
        "{before} paths lead to {name} and {behind} lead on: {products} products; "
        "added here first, {added} to follow",
        before=ends[0],
        behind=ends[1],
        name=name,
        products=view.notation.quote(products),
        added=view.notation.quote(added),
    )


def _sum_row(view: View, node: str, sends: Sequence[Send]) -> Row:
    parts = [view.part(send) for send in sends]
    numbers = view.joined([send.gradient for send in sends], " + ")
    if len(sends) > PARTS:
        parts, numbers = (
            [*parts[:PARTS], tr("... ({count} terms)", count=len(sends))],
            "",
        )
    total = view.number(view.found.gradients[node])
    return Row((view.gradient(node), " + ".join(parts), numbers, total), indent=2)


def _paths(view: View, node: str) -> Iterator[Block]:
    """List the paths' products, if they are few; their sum is the gradient."""
    most = MOST_PATHS if view.everything else PATHS
    paths = paths_from(view.edges, node, most, LONGEST)
    for path in paths:
        names = [view.name(node), *(view.name(reader) for reader, _ in path)]
        locals_ = [send.local for _, send in path]
        numbers = view.joined(locals_, view.notation.times)
        factors = [bracketed(view.written(one)) for one in locals_ if one]
        chain = numbers or view.notation.dot.join(factors), _product(view, locals_)
        label = view.notation.quote(view.notation.arrow.join(names))
        yield Row(chain, label=label, indent=2)
    more = view.count.behind[node] - len(paths)
    if more:
        yield Say(_unlisted(more, bool(paths)))


def _unlisted(more: int, some: bool) -> str:
    if more == 1:
        return tr("1 more path, not listed") if some else tr("1 path, not listed")
    count = _large(more)
    if some:
        return tr("{count} more paths, not listed", count=count)
    return tr("{count} paths, not listed", count=count)


def _product(view: View, nodes: Sequence[str | None]) -> str:
    if not view.found.values:
        return ""
    factors = [float(view.found.values[node]) for node in nodes if node]
    product = math.prod(factors)
    if math.isnan(product) and 0.0 in factors:  # routed to nobody: see double-where
        product = 0.0
    return view.notation.number(f"{product + 0.0:.6g}")  # -0 is 0


def count_blocks(view: View) -> Iterator[Block]:
    """Yield how many paths there are against the edges that reverse mode visits."""
    count = view.count
    yield Heading(tr("Paths and edges"))
    yield Say(
        tr(
            "{paths} from {inputs} to the output, {factors} in all.",
            paths=_many(count.paths, "path"),
            inputs=_many(len(view.found.wrt), "input"),
            factors=_many(count.factors, "factor"),
        )
    )
    edges = _many(count.edges, "edge")
    yield Say(tr("Reverse mode visits {edges}, each once.", edges=edges))


#: One and many of what is counted.
COUNTED = {
    "path": (mark("{count} path"), mark("{count} paths")),
    "input": (mark("{count} input"), mark("{count} inputs")),
    "factor": (mark("{count} factor"), mark("{count} factors")),
    "edge": (mark("{count} edge"), mark("{count} edges")),
}


def _many(count: int, word: str) -> str:
    one, many = COUNTED[word]
    return tr(one if count == 1 else many, count=_large(count))


def _large(count: int) -> str:
    """Write a whole number, one of more than twelve digits as a power of ten."""
    digits = len(str(count)) if count < 10**4000 else math.floor(math.log10(count)) + 1
    return str(count) if digits <= 12 else tr("about 10^{digits}", digits=digits - 1)
