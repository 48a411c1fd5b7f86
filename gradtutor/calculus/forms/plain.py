"""Products of names and sums of names, written without sympy: y, 2*x, x + y - 1.

These are the derivatives of plain arithmetic; a test holds each text equal to the one
that sympy's forms give. Whatever is larger is left to those.

>>> from gradtutor.calculus import backward_graph
>>> from gradtutor.language import parse
>>> found = backward_graph(parse("(x + y)*z"))
>>> PlainForms(found.graph).text(found.of_node["z"])
'x + y'
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from gradtutor.calculus.forms.orders import written_products, written_sums
from gradtutor.gates import COPY
from gradtutor.graph import Graph, inputs, node_data, operands
from gradtutor.graph.order import needed

#: The names of a product and how often each stands in it.
Monomial = tuple[tuple[str, int], ...]
#: Products, and what whole number each is multiplied by.
Polynomial = dict[Monomial, int]
#: Most terms, largest whole number, and highest degree that is worked out here.
MAX_TERMS, MAX_NUMBER, MAX_DEGREE = 6, 10**6, 6


def _places(names: Iterable[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}


class PlainForms:
    """The values of one graph as small polynomials with whole numbers.

    Parameters
    ----------
    stops : collection of str
        Named nodes that stay names.
    """

    def __init__(self, graph: Graph, stops: Collection[str] = ()) -> None:
        self.graph, self.stops = graph, set(stops)
        self.known: dict[str, Polynomial | None] = {}

    def text(self, node: str) -> str | None:
        """Write a node; None where it is no product or plain sum of names."""
        found = self._known(node)
        if found is None:
            return None
        if len(found) == 1:
            ((monomial, number),) = found.items()
            return _product(self._ordered(monomial), number)
        return self._sum(found) if found else "0"

    def _ordered(self, monomial: Monomial) -> Monomial:
        """Put names as they were written: in a product, or else in the formula."""
        names = {name for name, _ in monomial}
        if len(names) < 2:
            return monomial
        order = next((one for one in self._products if names <= set(one)), None)
        places = self._order if order is None else _places(order)
        return tuple(sorted(monomial, key=lambda one: places.get(one[0], len(places))))

    @cached_property
    def _order(self) -> dict[str, int]:
        return _places(inputs(self.graph))

    def _written(self, found: Polynomial) -> list[Monomial] | None:
        """Return the terms of a sum of the formula as they stand there."""
        for terms in self._sums:
            if len(terms) == len(found) and dict(terms) == found:
                return [monomial for monomial, _ in terms]
        return None

    @cached_property
    def _sums(self) -> list[list[tuple[Monomial, int]]]:
        """The terms of each sum of the formula whose terms are products of names."""
        result = []
        for terms in written_sums(self.graph):
            forms = [self._known(node) for node, _ in terms]
            signs = [sign for _, sign in terms]
            if all(form is not None and len(form) == 1 for form in forms):
                pairs = [next(iter(form.items())) for form in forms if form]
                result.append(
                    [
                        (one, n * sign)
                        for (one, n), sign in zip(pairs, signs, strict=True)
                    ]
                )
        return result

    def _known(self, node: str) -> Polynomial | None:
        for item in needed(self.graph, node, self.known):
            self.known[item] = self._form(item)
        return self.known[node]

    @cached_property
    def _products(self) -> list[tuple[str, ...]]:
        """The names in each product of the formula, the longest product first."""
        products = written_products(self.graph)
        return [tuple(self._name(node) for node in factors) for factors in products]

    def _name(self, node: str) -> str:
        """Return the name that a factor is a power of; empty for all others."""
        data = node_data(self.graph, node)
        if data["gate"] == "pow":
            base, power = operands(self.graph, node)
            number = node_data(self.graph, power)["gate"] == "number"
            return self._name(base) if number else ""
        if data["gate"] == COPY:
            return self._name(operands(self.graph, node)[0])
        return str(data["name"]) if data["gate"] == "input" else ""

    def _form(self, node: str) -> Polynomial | None:
        data, args = node_data(self.graph, node), operands(self.graph, node)
        forms = [self.known[arg] for arg in args]
        given = [form for form in forms if form is not None]
        if data["shape"] not in ((), None) or len(given) < len(forms):
            return None
        if data["gate"] == "input" or node in self.stops:
            return {((str(data["name"]), 1),): 1}
        if data["gate"] == "number":
            return _number(data["value"], data["text"])
        return _small(_applied(data["gate"], given))

    @cached_property
    def _single(self) -> dict[Monomial, int]:
        """The place of each input as a product of its own."""
        return {((name, 1),): place for name, place in self._order.items()}

    def _sum(self, found: Polynomial) -> str | None:
        """Write x + y - 1 as written, or else a positive term first."""
        names = {monomial: number for monomial, number in found.items() if monomial}
        places = self._single
        ones = all(abs(number) == 1 for number in names.values())
        if not ones or 1 not in names.values() or not places.keys() >= names.keys():
            return None
        order = {
            one: (sign < 0, not one, places.get(one, 0)) for one, sign in found.items()
        }
        known = self._written(found)
        first, *rest = known or sorted(found, key=order.__getitem__)
        text = _product(first, found[first])
        for one in rest:
            sign = " - " if found[one] < 0 else " + "
            text += sign + _product(one, abs(found[one]))
        return text


def _degree(monomial: Monomial) -> int:
    return sum(power for _, power in monomial)


def _number(value: float, text: str) -> Polynomial | None:
    """Return a whole number as a polynomial; 0 has no terms."""
    whole = abs(value) <= MAX_NUMBER and value == int(value) and text not in ("pi", "π")
    return ({(): int(value)} if value else {}) if whole else None


def _applied(gate: str, args: list[Polynomial]) -> Polynomial | None:
    match gate, args:
        case "add", [a, b]:
            return _added(a, b, 1)
        case "sub", [a, b]:
            return _added(a, b, -1)
        case "neg", [a]:
            return {monomial: -number for monomial, number in a.items()}
        case "mul", [a, b] if len(a) <= 1 and len(b) <= 1:
            return _multiplied(a, b)
        case "pow", [a, b] if len(a) == 1 and 0 < b.get((), 0) <= MAX_DEGREE:
            return _power(a, b[()]) if set(b) == {()} else None
    return args[0] if gate == COPY else None


def _added(a: Polynomial, b: Polynomial, sign: int) -> Polynomial:
    total = dict(a)
    for monomial, number in b.items():
        total[monomial] = total.get(monomial, 0) + sign * number
    return {monomial: number for monomial, number in total.items() if number}


def _multiplied(a: Polynomial, b: Polynomial) -> Polynomial:
    """Multiply two single terms; by 0 nothing is left."""
    result: Polynomial = {}
    for (one, x), (other, y) in zip(a.items(), b.items(), strict=False):
        powers: Mapping[str, int] = dict(one)
        joined = {name: powers.get(name, 0) + power for name, power in other}
        result[tuple(sorted((dict(one) | joined).items()))] = x * y
    return result


def _power(a: Polynomial, power: int) -> Polynomial:
    ((monomial, number),) = a.items()
    return {tuple((name, n * power) for name, n in monomial): number**power}


def _small(found: Polynomial | None) -> Polynomial | None:
    if found is None or len(found) > MAX_TERMS:
        return None
    tame = all(abs(number) <= MAX_NUMBER for number in found.values())
    return found if tame and all(_degree(one) <= MAX_DEGREE for one in found) else None


def _product(monomial: Monomial, number: int) -> str:
    """Write -2*x**2*y: the number, then names."""
    factors = [name if power == 1 else f"{name}**{power}" for name, power in monomial]
    if not factors:
        return str(number)
    sign = {1: "", -1: "-"}.get(number, f"{number}*")
    return sign + "*".join(factors)
