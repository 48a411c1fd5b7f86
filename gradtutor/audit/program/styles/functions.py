"""Two functions, forward and backward; or a loss that returns its gradient as well."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from gradtutor.audit.program.calls import (
    Bind,
    Call,
    Const,
    Expr,
    Leaf,
    Pick,
    Ref,
    Rest,
    Row,
    Upstream,
)
from gradtutor.audit.program.naming import (
    CACHE,
    TARGET,
    UPSTREAM,
    bare,
    is_gradient_name,
    stem,
)
from gradtutor.audit.program.plan import RESULT, RETURNED, Draft, Plan
from gradtutor.audit.program.returned import order_of
from gradtutor.audit.program.source import Function, Program, ProgramError
from gradtutor.audit.program.styles.clipping import clip_bounds, is_gentle
from gradtutor.audit.program.usage import Usage
from gradtutor.audit.program.values import SETTINGS, Values, fixed_leaves
from gradtutor.messages import tr

COST = re.compile(
    r"(compute_?|calc_?|calculate_?)?(cost|loss)\w*|cross_entropy\w*|bce\w*|mse\w*",
    re.IGNORECASE,
)


def graded_names(entry: Function) -> set[str]:
    """Return the names that the return statement says are differentiated by."""
    texts = [bare(text) for text in entry.returns if is_gradient_name(bare(text))]
    texts += _keys(entry)
    return {
        other for text in texts for other in (stem(text), text.removeprefix("d"), text)
    } - {""}


def _keys(entry: Function) -> list[str]:
    """Return the keys of the dicts that a function makes: ``grads["W"] = ...``."""
    found = []
    for node in ast.walk(entry.node) if entry.node else ():
        match node:
            case ast.Return(ast.Dict(keys)) | ast.Assign(_, ast.Dict(keys)):
                found += [k.value for k in keys if isinstance(k, ast.Constant)]
            case ast.Assign([ast.Subscript(_, ast.Constant(str(key))), *_]):
                found.append(key)
    return [str(key) for key in found]


def two_functions(
    program: Program,
    forward: Function,
    backward: Function,
    known: set[str],
    returns: Sequence[str] = (),
) -> Draft:
    """Plan the calls of a forward and a backward function.

    Raises
    ------
    ProgramError
        When an argument of backward has no clear meaning.
    """
    values = Values(program, known, graded_names(backward) | set(returns))
    values.add(forward, forward.arguments)
    steps = [_called(forward, values, RESULT)]
    outputs: list[Expr] = [Pick(Ref(RESULT), _place_of_output(forward))]
    cost = _cost(program, forward, backward, values)
    assumed: tuple[str, ...] = ()
    helper = ""
    if cost is not None:
        step, helper, assumed = _cost_step(program, cost, forward, backward, values)
        steps.append(step)
        outputs = [Ref("cost")]
    roles = roles_of(program, forward, backward, values)
    upstreams = [r for r in roles if isinstance(r[1], Upstream)]
    if len(upstreams) > 1:
        places = [_output_for(forward, name) for name, _ in upstreams]
        outputs = [Pick(Ref(RESULT), place) for place in places]
    call = Call(
        Ref(backward.name),
        tuple(value for name, value in roles if name in _positional(backward, roles)),
        tuple((n, v) for n, v in roles if n not in _positional(backward, roles)),
    )
    plan = Plan(
        backward.name,
        forward.name,
        forward=tuple(steps),
        outputs=tuple(outputs),
        backward=(Bind(RETURNED, call),),
        returned=Ref(RETURNED),
        inputs=tuple(values.values.items()),
        leaves=tuple(values.leaves),
        fixed=fixed_leaves(values),
        upstreams=len(upstreams),
        several=backward.returns_tuple,
        helper=helper,
        assumed=assumed,
        texts=backward.returns,
        arguments=backward.arguments,
        gentle=is_gentle(backward),
        clips=clip_bounds(backward),
    )
    plan = replace(plan, order=order_of(plan, returns))
    said = tuple((name, _said(value)) for name, value in roles)
    return _with_output_reading(Draft(plan, values.leaves, (), said), roles, forward)


def _said(value: Expr) -> str:
    match value:
        case Upstream():
            return tr("the gradient of the output")
        case Rest():
            return tr("the cache that forward returns")
        case Pick():
            return tr("a result of forward")
    if not isinstance(value, Leaf):
        return str(value)
    return tr("forward's argument {name}", name=value)


def _positional(function: Function, roles: Sequence[tuple[str, Expr]]) -> set[str]:
    """Return the arguments that can be given by their places: no gap before them."""
    given = [name for name, _ in roles]
    names = []
    for name in function.arguments:
        if name not in given:
            break
        names.append(name)
    return set(names)


def _called(function: Function, values: Values, name: str) -> Bind:
    """Call a function with what its arguments were taken for."""
    given = [(n, values.values[n]) for n in function.arguments if n in values.values]
    first = _positional(function, given)
    return Bind(
        name,
        Call(
            Ref(function.name),
            tuple(v for n, v in given if n in first),
            tuple((n, v) for n, v in given if n not in first),
        ),
    )


def _place_of_output(forward: Function) -> int:
    """Return where the output stands among the results: not where the cache is."""
    names = forward.returns
    if len(names) > 1 and (CACHE.fullmatch(names[0]) or is_gradient_name(names[0])):
        return next((i for i, n in enumerate(names) if not CACHE.fullmatch(n)), 0)
    return 0


def _output_for(forward: Function, upstream: str) -> int:
    """Return which result an upstream gradient belongs to, by its name."""
    names = forward.returns
    for candidate in (stem(upstream), upstream.removeprefix("d"), stem(upstream) + "s"):
        if candidate in names:
            return names.index(candidate)
    return 0


# ---- the arguments of backward ----


def roles_of(
    program: Program, forward: Function, backward: Function, values: Values
) -> list[tuple[str, Expr]]:
    """Return what each argument of backward is given.

    Raises
    ------
    ProgramError
        Naming the argument that has no clear meaning, and what all were taken for.
    """
    found = {n: _role(n, forward, backward, values) for n in backward.arguments}
    required = backward.arguments[: backward.required]
    unclear = [n for n in required if found[n] is None]
    has_upstream = any(isinstance(v, Upstream) for v in found.values())
    only = [n for n, v in values.values.items() if isinstance(v, Leaf)]
    if len(backward.arguments) == len(unclear) == len(forward.arguments) == len(only):
        found[unclear[0]] = Leaf(only[0])  # def dtanh(y), beside def tanh(x)
    elif len(unclear) == 1 and not has_upstream:
        found[unclear[0]] = Upstream()
    elif unclear:
        raise _unclear(program, forward, backward, found, unclear[0])
    number = 0
    kept: list[tuple[str, Expr]] = []
    for name, value in found.items():
        if value is None:
            continue
        if isinstance(value, Upstream):
            value, number = Upstream(number), number + 1
        kept.append((name, value))
    return kept


def _unclear(
    program: Program,
    forward: Function,
    backward: Function,
    found: Mapping[str, Expr | None],
    name: str,
) -> ProgramError:
    taken = [
        tr("{name} is {what}", name=n, what=_said(v))
        for n, v in found.items()
        if v is not None
    ]
    clear = f"\n{'; '.join(taken)}" if taken else ""
    return ProgramError(
        tr(
            "{path}: what is the argument {name!r} of {backward}?{clear}\n"
            "name it like an argument of {forward}, cache, or upstream",
            path=program.path,
            name=name,
            backward=backward.signature,
            clear=clear,
            forward=forward.signature,
        ),
        backward.first_line or None,
    )


def _role(
    name: str, forward: Function, backward: Function, values: Values
) -> Expr | None:
    outputs = forward.returns
    if name in values.values:
        return values.values[name]
    if name in values.leaves:
        return Leaf(name)
    if name in outputs and len(outputs) > 1 and not CACHE.fullmatch(name):
        return Pick(Ref(RESULT), outputs.index(name))
    if name in outputs and not CACHE.fullmatch(name):
        return Ref(RESULT)
    if CACHE.fullmatch(name) and _leaves_something(forward):
        return _cache(name, forward)
    optional = backward.arguments.index(name) >= backward.required
    if optional and name in forward.arguments:
        return None  # both leave it as it is
    if UPSTREAM.fullmatch(name) and not (optional and _is_flag(backward, name)):
        return Upstream()
    if is_gradient_of(name, outputs):
        return Upstream()
    if optional:
        return None
    lower = {n.lower(): v for n, v in values.values.items()}
    if name.lower() in lower and len(lower) == len(values.values):
        return lower[name.lower()]
    if name in SETTINGS:
        return Const(SETTINGS[name])
    return None


def is_gradient_of(name: str, outputs: Sequence[str]) -> bool:
    """Whether a name is that of the gradient of a result: dc_next beside c_next."""
    return stem(name) in outputs and stem(name) != name and not CACHE.fullmatch(name)


def _is_flag(function: Function, name: str) -> bool:
    return function.default(name) in ("None", "True", "False")


def _leaves_something(forward: Function) -> bool:
    return len(forward.returns) != 1 or bool(CACHE.fullmatch(forward.returns[0]))


def _cache(name: str, forward: Function) -> Expr:
    """Return what forward keeps for backward."""
    names = forward.returns
    if name in names and len(names) > 1:
        return Pick(Ref(RESULT), names.index(name))
    if len(names) == 2:
        return Pick(Ref(RESULT), 1 - _place_of_output(forward))
    return Rest(Ref(RESULT))


def _with_output_reading(
    draft: Draft, roles: Sequence[tuple[str, Expr]], forward: Function
) -> Draft:
    """Add the reading in which a derivative of one argument is given the output.

    ``def dtanh(y): return 1 - y*y`` is right for the output of tanh.
    """
    if draft.plan.upstreams or len(roles) != 1 or not isinstance(roles[0][1], Leaf):
        return draft
    if len(draft.plan.leaves) != 1:
        return draft
    call = Call(Ref(draft.plan.function), (Ref(RESULT),))
    note = tr(
        "{function} is given what {forward} returns, not its argument",
        function=draft.plan.function,
        forward=forward.name,
    )
    other = replace(
        draft.plan,
        backward=(Bind(RETURNED, call),),
        assumed=(*draft.plan.assumed, note),
    )
    return replace(draft, alternatives=(replace(draft, plan=other),))


# ---- a cost that stands in another function ----


def _cost(
    program: Program, forward: Function, backward: Function, values: Values
) -> Function | str | None:
    """Return the function of the cost; "" where it is needed and missing; else None."""
    missing = [
        n
        for n in backward.arguments[: backward.required]
        if TARGET.fullmatch(n) and n not in values.values and n not in forward.returns
    ]
    if not missing or len(backward.arguments) < 2:
        return None
    tail = (
        backward.name.partition("propagation")[2]
        or backward.name.partition("backward")[2]
    )
    named = [
        f
        for name, f in program.functions.items()
        if "." not in name
        and COST.fullmatch(name)
        and any(TARGET.fullmatch(a) for a in f.arguments)
        and not any(word in name for word in ("grad", "backward", "prime", "deriv"))
    ]
    same_tail = [f for f in named if tail and f.name.endswith(tail)]
    plain = [f for f in named if "reg" not in f.name.lower().split("_")[-1]]
    chosen = [*same_tail, *plain, *named]
    return chosen[0] if chosen else ""


def _cost_step(
    program: Program,
    cost: Function | str,
    forward: Function,
    backward: Function,
    values: Values,
) -> tuple[Bind, str, tuple[str, ...]]:
    output = Pick(Ref(RESULT), _place_of_output(forward))
    if isinstance(cost, str):
        target = next(n for n in backward.arguments if TARGET.fullmatch(n))
        values.values[target] = values.leaf(target, Usage())
        from gradtutor.audit.program.styles.costs import BINARY, BINARY_SAID

        step = Bind(
            "cost", Call(Ref("cross_entropy_of_columns"), (output, Leaf(target)))
        )
        return step, BINARY, (tr(BINARY_SAID),)
    first = next(
        (a for a in cost.arguments if a in forward.returns and a not in values.values),
        next(a for a in cost.arguments if not TARGET.fullmatch(a)),
    )
    others = [a for a in cost.arguments if a != first]
    values.add(cost, others)
    mine = {
        first: output,
        **{a: values.values[a] for a in others if a in values.values},
    }
    given = [(a, mine[a]) for a in cost.arguments if a in mine]
    places = _positional(cost, given)
    call = Call(
        Ref(cost.name),
        tuple(v for a, v in given if a in places),
        tuple((a, v) for a, v in given if a not in places),
    )
    return Bind("cost", Pick(call, 0)), "", ()


# ---- one function for both ----


def both_in_one(
    program: Program, function: Function, known: set[str], returns: Sequence[str] = ()
) -> Draft:
    """Plan the calls of a function that returns a loss and its gradient."""
    graded = set(returns) | graded_names(function)
    values = Values(program, known, graded)
    values.add(function, function.arguments)
    place, rest = _loss_and_rest(function)
    returned: Expr = Pick(Ref(RESULT), rest[0])
    if len(rest) > 1:
        returned = Row(tuple(Pick(Ref(RESULT), i) for i in rest), "tuple")
    plan = Plan(
        function.name,
        function.name,
        forward=(_called(function, values, RESULT),),
        outputs=(Pick(Ref(RESULT), place),),
        returned=returned,
        inputs=tuple(values.values.items()),
        leaves=tuple(values.leaves),
        fixed=fixed_leaves(values),
        upstreams=0,
        several=len(rest) > 1,
        texts=tuple(function.returns[i] for i in rest),
        arguments=function.arguments,
        gentle=is_gentle(function),
        clips=clip_bounds(function),
    )
    plan = replace(plan, order=order_of(plan, returns))
    said = tuple((n, _said(v)) for n, v in values.values.items())
    return Draft(plan, values.leaves, (), said)


def _is_gradients(text: str) -> bool:
    """Whether a result is a gradient, or a dict of gradients."""
    if not text.startswith("{"):
        return is_gradient_name(text)
    match ast.parse(text, mode="eval").body:
        case ast.Dict(_, values):
            return any(is_gradient_name(bare(ast.unparse(v))) for v in values)
    return False


def _loss_and_rest(function: Function) -> tuple[int, list[int]]:
    """Return where the loss stands among the results, and where the gradients do."""
    names = function.returns
    gradients = [i for i, n in enumerate(names) if _is_gradients(n)]
    plain = [i for i in range(len(names)) if i not in gradients]
    place = next(
        (i for i in plain if re.search(r"loss|cost|J|err|L|nll|E", names[i])), None
    )
    place = plain[0] if place is None else place
    return place, gradients or [i for i in range(len(names)) if i != place]


def returns_both(function: Function) -> bool:
    """Whether a function returns a loss with its gradient."""
    names = function.returns
    gradients = [n for n in names if _is_gradients(n)]
    plain = [n for n in names if not _is_gradients(n)]
    losses = [n for n in plain if re.search(r"loss|cost|^J|nll|^L$|error|^E$", n)]
    return len(names) > 1 and bool(gradients) and bool(losses)
