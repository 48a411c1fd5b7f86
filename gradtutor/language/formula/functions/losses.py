"""Losses of libraries, of each entry or of all of them: PyTorch's and optax's.

The definitions are those of their documentation; ``reduction`` says how the entries
come together, PyTorch's default is their mean.

>>> sorted(ENTRIES)[:2]
['gaussian_nll_loss', 'huber_loss']
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from gradtutor.language.errors import ArgumentError
from gradtutor.language.formula.functions.naming import Named
from gradtutor.language.formula.trees import filled
from gradtutor.language.syntax import Source
from gradtutor.messages import tr


@dataclass(frozen=True)
class Entry:
    """What a loss is of one entry: its text, and the parameters behind a and b."""

    text: str
    more: tuple[str, ...] = ()
    defaults: dict[str, str] = field(default_factory=dict)


SQUARED = Entry("(a - b)**2")
ABSOLUTE = Entry("abs(a - b)")
DISTANCE = "sqrt(sum(({one} - {two} + 1e-6)**2, axis=-1))"
TRIPLET = f"{DISTANCE.format(one='a', two='b')} - {DISTANCE.format(one='a', two='c')}"
ENTRIES = {
    "mse_loss": SQUARED,
    "mse": SQUARED,
    "l1_loss": ABSOLUTE,
    "huber_loss": Entry(
        "where(abs(a - b) < delta, (a - b)**2/2, delta*(abs(a - b) - delta/2))",
        ("delta",),
        {"delta": "1"},
    ),
    "smooth_l1_loss": Entry(
        "where(abs(a - b) < beta, (a - b)**2/(2*beta), abs(a - b) - beta/2)",
        ("beta",),
        {"beta": "1"},
    ),
    "kl_div": Entry("b*(log(b) - a)"),
    "soft_margin_loss": Entry("softplus(-b*a)"),
    "poisson_nll_loss": Entry("exp(a) - b*a"),
    "gaussian_nll_loss": Entry("(log(c) + (a - b)**2/c)/2", ("c",)),
    "margin_ranking_loss": Entry(
        "max(0, margin - c*(a - b))", ("c", "margin"), {"margin": "0"}
    ),
    "triplet_margin_loss": Entry(
        f"max(0, {TRIPLET} + margin)", ("c", "margin"), {"margin": "1"}
    ),
}
#: Losses that gates have whole.
OF_GATES = (
    "binary_cross_entropy",
    "bce_with_logits",
    "cross_entropy",
    "mse",
    "mse_loss",
    "binary_cross_entropy_with_logits",
)
#: Libraries whose losses are of each entry.
PER_ENTRY = {"optax"}
ALSO = {
    "input": "a",
    "target": "b",
    "log_target": "",
    "full": "",
    "eps": "",
    "var": "c",
}
REDUCTIONS = {
    "mean": "mean({entries})",
    "sum": "sum({entries})",
    "none": "{entries}",
    "batchmean": "sum({entries})/size(a, axis=0)",
}


def reduced(source: Source, item: ast.Call, call: Named) -> ast.expr | None:
    """Read a loss with its reduction; a gate's mean stays the gate."""
    if call.name == "kl_div" and call.prefix in ("scipy", "special"):
        return filled("a*log(a/b) - a + b", **dict(zip("ab", call.args, strict=False)))
    keywords = {str(one.arg): one.value for one in call.keywords}
    word = keywords.pop("reduction", None)
    default = "none" if call.prefix in PER_ENTRY else "mean"
    how = word.value if isinstance(word, ast.Constant) else default
    if call.name in OF_GATES:
        return _of_gate(source, item, call, how) if word is not None else None
    given = _arguments(call, keywords)
    if given is None or how not in REDUCTIONS:
        raise _refused(source, item, call)
    entries = ENTRIES[call.name].text
    return filled(REDUCTIONS[str(how)].format(entries=entries), **given)


def _of_gate(
    source: Source, item: ast.Call, call: Named, how: object
) -> ast.expr | None:
    if len(call.args) != 2:
        return None
    given = dict(zip("ab", call.args, strict=True))
    if how == "mean":
        return ast.Call(ast.Name(call.written), list(call.args), [])
    entries = ENTRIES[call.name].text if call.name in ENTRIES else ""
    if how == "sum":
        text = f"sum({entries})" if entries else f"size(a)*{call.name}(a, b)"
        return filled(text, **given)
    if how == "none" and entries:
        return filled(entries, **given)
    raise _refused(source, item, call)


def _arguments(
    call: Named, keywords: dict[str, ast.expr]
) -> dict[str, ast.expr] | None:
    """Return the arguments by the letters of the text; None where one is unknown."""
    entry = ENTRIES[call.name]
    names = ["a", "b", *entry.more]
    if len(call.args) > len(names):
        return None
    given = dict(zip(names, call.args, strict=False))
    for name, value in keywords.items():
        letter = ALSO.get(name, name)
        plain = isinstance(value, ast.Constant) and value.value in (False, None)
        if letter not in names and not (plain and letter == ""):
            return None
        given[letter] = value
    defaults = {name: filled(text) for name, text in entry.defaults.items()}
    whole = {**defaults, **given}
    return whole if set(names) <= whole.keys() else None


def _refused(source: Source, item: ast.Call, call: Named) -> ArgumentError:
    named = [str(one.arg) for one in call.keywords]
    word = "reduction" if "reduction" in named else "".join(named[:1])
    message = tr("{name} has no keyword {word!r}", name=call.written, word=word)
    if not named:
        message = tr("{name} is not called so", name=call.written)
    more = ENTRIES[call.name].more if call.name in ENTRIES else ()
    names = ", ".join(["a", "b", *more])
    hint = tr("as in {name}({names})", name=call.written, names=names)
    return ArgumentError(message, source.text, source.span(item), hint)
