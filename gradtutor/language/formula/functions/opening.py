"""What stands for something else: library functions, chained comparisons, methods.

``std(x)`` stands for gates, ``0 < x < 1`` for two comparisons, ``x.shape[0]`` for a
size; each becomes a tree that the walk reads in its place.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import reduce

from gradtutor.gates import SPELLINGS
from gradtutor.language.errors import ArgumentError
from gradtutor.language.formula.arrays import constant_array
from gradtutor.language.formula.functions.aliases import PARAMETERS
from gradtutor.language.formula.functions.forms import EXAMPLES, form_of
from gradtutor.language.formula.functions.library import LIBRARY, Meaning
from gradtutor.language.formula.functions.naming import Named, is_module, named
from gradtutor.language.formula.functions.norms import BY_RANK
from gradtutor.language.formula.letters.sizes import function_name
from gradtutor.language.formula.trees import Numeral, filled, placed
from gradtutor.language.syntax import Source
from gradtutor.messages import tr

#: Numbers of SymPy, S.Half.
SINGLETONS = {"Half": "1/2", "One": "1", "Zero": "0", "Pi": "pi", "Exp1": "exp(1)"}
#: Modules whose std and var divide by n - 1.
UNBIASED = ("torch",)


def opened(source: Source, item: ast.AST) -> ast.expr | None:
    """Return the tree that a piece stands for; None where it stands for itself."""
    opener = OPENERS.get(type(item))
    if opener is None:
        return None
    if item not in source.opened:
        tree = opener(source, item)
        if tree is not None:
            placed(tree, source.places, source.span(item))
        source.opened[item] = tree
    return source.opened[item]


# ---- functions of the library ----


def _call(source: Source, item: ast.Call) -> ast.expr | None:
    if constant_array(source, item) is not None:
        return None
    call = named(source, item)
    builder = form_of(call)
    tree = builder(source, item, call) if builder is not None else None
    if tree is not None:
        return tree
    if call.name in EXAMPLES:
        message = tr("{name} is not called so", name=call.written)
        hint = tr("as in {example}", example=EXAMPLES[call.name])
        raise ArgumentError(message, source.text, source.span(item), hint)
    if call.name not in LIBRARY:
        return None
    given = _given(source, item, call)
    if call.name == "norm" and {"a", "ord"} <= given.keys():
        return _ordered_norm(call, given)
    if call.name in ("std", "var"):
        _set_freedom(source, call, given)
    meaning = LIBRARY[call.name]
    tree = meaning.opened(given)
    if tree is None:
        count = len(LIBRARY[call.name].parameters)
        message = tr(
            "{name} takes up to {count} arguments, not {given}",
            name=call.written,
            count=count,
            given=len(given),
        )
        raise ArgumentError(
            message, source.text, source.span(item), _form(call, meaning)
        )
    return tree


def _form(call: Named, meaning: Meaning) -> str:
    return tr(
        "as in {name}({names})", name=call.written, names=", ".join(meaning.parameters)
    )


def _given(source: Source, item: ast.Call, call: Named) -> dict[str, ast.expr]:
    """Return the arguments by the parameters' names; None counts as not given."""
    meaning = LIBRARY[call.name]
    names = [*meaning.parameters, *["ord"] * (call.name == "norm")]
    if call.name == "norm":  # np.linalg.norm(x, ord, axis)
        names = ["a", "ord", "axis", "keepdims"]
    if len(call.args) > len(names):
        message = tr(
            "{name} takes up to {count} arguments", name=call.written, count=len(names)
        )
        hint = _form(call, meaning)
        raise ArgumentError(message, source.text, source.span(item), hint)
    given = dict(zip(names, call.args, strict=False))
    for keyword in call.keywords:
        name = PARAMETERS.get(str(keyword.arg), str(keyword.arg))
        name = {"p": "ord"}.get(name, name)
        if name not in names and name != "unbiased":
            message = tr(
                "{name} has no keyword {word!r}", name=call.written, word=keyword.arg
            )
            hint = tr("it has {names}", names=", ".join(names[1:])) if names[1:] else ""
            raise ArgumentError(message, source.text, source.span(keyword), hint)
        given[name] = keyword.value
    return {name: tree for name, tree in given.items() if not _is_none(tree)}


def _is_none(tree: ast.expr) -> bool:
    return isinstance(tree, ast.Constant) and tree.value is None


def _ordered_norm(
    call: Named, given: dict[str, ast.expr], *, squared: bool = False
) -> ast.expr:
    """Return a norm of some order as a call that is read once its rank is known.

    ``torch.norm`` and ``x.norm`` take a matrix as one vector, all others do not.
    """
    flat = call.is_method or call.path == "torch" or call.written == "vector_norm"
    flags = {"flat": flat, "squared": squared}
    keywords = [ast.keyword(name, ast.Constant(flags[name])) for name in flags]
    kept = ("axis", "keepdims")
    keywords += [ast.keyword(name, given[name]) for name in kept if name in given]
    return ast.Call(ast.Name(BY_RANK), [given["a"], given["ord"]], keywords)


def _set_freedom(source: Source, call: Named, given: dict[str, ast.expr]) -> None:
    """Divide by n - 1 where PyTorch does, by n where NumPy does, and say so."""
    unbiased = given.pop("unbiased", None)
    if isinstance(unbiased, ast.Constant):
        given["ddof"] = Numeral(int(bool(unbiased.value)))
    if "ddof" not in given and call.prefix in UNBIASED:
        given["ddof"] = Numeral(1)
    if call.is_method and "ddof" not in given:
        note = tr(
            "{name} divides by n, as NumPy's; PyTorch's divides by n - 1",
            name=call.written,
        )
        source.notes.append(note)
    if isinstance(given.get("ddof"), ast.Constant) and not given["ddof"].value:  # type: ignore[attr-defined]
        del given["ddof"]


# ---- what is no call ----


def _comparison(source: Source, item: ast.Compare) -> ast.expr | None:
    """Read a < b < c as (a < b)*(b < c)."""
    if len(item.ops) < 2:
        return None
    sides = [item.left, *item.comparators]
    each: list[ast.expr] = [
        ast.Compare(left, [op], [right])
        for left, op, right in zip(sides, item.ops, sides[1:], strict=False)
    ]
    return reduce(lambda left, right: filled("a*b", a=left, b=right), each)


def _decides(item: ast.expr) -> bool:
    """Whether a part is a condition, 1 or 0."""
    match item:
        case ast.Compare():
            return True
        case ast.BoolOp(_, values):
            return all(map(_decides, values))
        case ast.UnaryOp(ast.Not(), operand):
            return _decides(operand)
        case ast.BinOp(left, ast.BitAnd() | ast.BitOr(), right):
            return _decides(left) and _decides(right)
    return False


def _logic(source: Source, item: ast.BoolOp) -> ast.expr | None:
    """Read and, or of conditions as the product and the larger one."""
    if not _decides(item):
        return None
    text = "a*b" if isinstance(item.op, ast.And) else "max(a, b)"
    return reduce(lambda left, right: filled(text, a=left, b=right), item.values)


def _operation(source: Source, item: ast.BinOp) -> ast.expr | None:
    """Read a norm's square without its root, & and | of conditions, a % b, a // b."""
    match item:
        case ast.BinOp(ast.Call() as norm, ast.Pow(), ast.Constant(2)):
            call = named(source, norm)
            if call.name == "norm":
                given = _given(source, norm, call)
                if {"a", "ord"} <= given.keys():
                    return _ordered_norm(call, given, squared=True)
                return LIBRARY["norm_squared"].opened(given)
        case ast.BinOp(left, ast.BitAnd() | ast.BitOr() as op, right) if _decides(item):
            text = "a*b" if isinstance(op, ast.BitAnd) else "max(a, b)"
            return filled(text, a=left, b=right)
        case ast.BinOp(left, ast.Mod() | ast.FloorDiv() as op, right):
            name = "remainder" if isinstance(op, ast.Mod) else "floor_divide"
            return LIBRARY[name].opened({"a": left, "b": right})
    return None


def _negation(source: Source, item: ast.UnaryOp) -> ast.expr | None:
    if isinstance(item.op, ast.Not | ast.Invert) and _decides(item.operand):
        return filled("a == 0", a=item.operand)
    return None


def _attribute(source: Source, item: ast.Attribute) -> ast.expr | None:
    """Read np.pi, math.e, x.size, and x.max(dim=1).values."""
    if is_module(source, item.value):
        known = {"pi": "pi", "e": "exp(1)", "E": "exp(1)", "inf": "inf"}
        known |= {"oo": "inf"}
        return filled(known[item.attr]) if item.attr in known else None
    if isinstance(item.value, ast.Name | ast.Attribute) and item.attr in SINGLETONS:
        name = item.value.id if isinstance(item.value, ast.Name) else item.value.attr
        return filled(SINGLETONS[item.attr]) if name == "S" else None
    if item.attr == "values":
        return _largest(source, item.value)
    if item.attr in ("size", "mT", "H"):
        return filled("size(a)" if item.attr == "size" else "a.T", a=item.value)
    return None


def _subscript(source: Source, item: ast.Subscript) -> ast.expr | None:
    """Read x.shape[0] as a size, and rows chosen by a name as gather.

    slogdet(A)[1] is log|det A|, x.max(dim=1)[0] the largest numbers of the rows.
    """
    match item:
        case ast.Subscript(ast.Call(args=[matrix]) as call, ast.Constant(1)):
            if function_name(call) == "slogdet":
                return filled("log(abs(det(a)))", a=matrix)
        case ast.Subscript(ast.Call() as call, ast.Constant(0)):
            return _largest(source, call)
        case ast.Subscript(ast.Attribute(value, "shape"), ast.Constant(int()) as axis):
            return filled("size(a, axis=n)", a=value, n=ast.Constant(axis.value))
        case ast.Subscript(value, ast.Name() as index):
            return filled("gather(a, n)", a=value, n=index)
    return None


def _largest(source: Source, call: ast.expr) -> ast.expr | None:
    """Return x.max(dim=1) of PyTorch, whose answer has values and places; else None."""
    if not isinstance(call, ast.Call) or function_name(call) not in ("max", "min"):
        return None
    along = any(one.arg == "dim" for one in call.keywords)
    return call if along or named(source, call).prefix == "torch" else None


def _indicator(_source: Source, item: ast.List) -> ast.expr | None:
    """Read [x > 0], Iverson's bracket, as the condition: 1 or 0."""
    return item.elts[0] if len(item.elts) == 1 and _decides(item.elts[0]) else None


OPENERS: dict[type, Callable[..., ast.expr | None]] = {
    ast.List: _indicator,
    ast.Call: _call,
    ast.Compare: _comparison,
    ast.BoolOp: _logic,
    ast.BinOp: _operation,
    ast.UnaryOp: _negation,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
}
assert not LIBRARY.keys() & SPELLINGS.keys() - {"var"}
