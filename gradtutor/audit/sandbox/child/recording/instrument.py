"""Rewrite a person's functions so that every value passes a recorder.

``q = x + y`` becomes ``q = node(3, node(1, x) + node(2, y)); after(7, "q", q)``: each
expression and each read of a variable has a number, its site; after each assignment the
new value is reported. The text's meaning stays: ``node`` hands its value on.
"""

from __future__ import annotations

import ast
from typing import Any

from gradtutor.audit.sandbox.child.reports import call, reports, written
from gradtutor.audit.sandbox.child.sites import described

NODE, RETURNED = "__gradtutor_node__", "__gradtutor_ret__"
WRAPPED = (
    ast.Name,
    ast.BinOp,
    ast.UnaryOp,
    ast.Call,
    ast.Subscript,
    ast.Attribute,
    ast.IfExp,
)
#: Their arguments are no part of the mathematics, or are written to.
SKIPPED_KEYWORDS = {"out", "axis", "keepdims", "dtype", "shape", "axes", "where"}


def instrument(tree: ast.Module, first_site: int = 0) -> list[dict[str, Any]]:
    """Rewrite a module in place.

    Returns
    -------
    list of dict
        For each site: ``site``, ``op`` (``Mult``, ``exp``, ``name``), ``name``,
        ``text``, ``line``, ``parent`` (a site or -1), ``place`` (which argument of the
        parent), ``axis`` and ``keepdims`` of a reduction, ``target`` (the name that is
        assigned to, or empty).
    """
    walker = _Instrument(_modules(tree), first_site)
    walker.visit(tree)
    ast.fix_missing_locations(tree)
    return walker.sites


def _modules(tree: ast.Module) -> set[str]:
    """Return the names that imports give to modules: np, math."""
    found = {"np", "numpy", "math"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
    return found


class _Instrument(ast.NodeTransformer):
    def __init__(self, modules: set[str], first_site: int) -> None:
        self.modules = modules
        self.first = first_site
        self.sites: list[dict[str, Any]] = []
        self.parents: list[
            tuple[int, int]
        ] = []  # (site, place) of the open expressions
        self.inside = 0

    # ---- statements ----

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Rewrite a function's body; its expressions have no parent outside."""
        self.inside += 1
        outer, self.parents = self.parents, []
        node.body = self._body(node.body)
        self.parents = outer
        self.inside -= 1
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        """Rewrite what a lambda computes, and report it."""
        self.inside += 1
        line = ast.Constant(node.body.lineno)
        node.body = call(RETURNED, [line, self.visit(node.body)], node.body)
        self.inside -= 1
        return node

    def _body(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        for statement in statements:
            done = self.visit(statement)
            out += done if isinstance(done, list) else [done]
        return out

    def visit_Assign(self, node: ast.Assign) -> Any:
        """Report the assigned values after the assignment."""
        after = [one for target in node.targets for one in reports(target, node)]
        node.value = self._value(node.value, node.targets)
        return [node, *after] if self.inside else node

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        """Report the value that was added to."""
        after = reports(node.target, node)
        node.value = self.visit(node.value)
        return [node, *after] if self.inside else node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        """Treat ``x: float = 2`` as an assignment."""
        if node.value is None or not self.inside:
            return node
        after = reports(node.target, node)
        node.value = self._value(node.value, [node.target])
        return [node, *after]

    def visit_Expr(self, node: ast.Expr) -> Any:
        """Report what a call on a line of its own writes into."""
        after = written(node) if self.inside else []
        node.value = self.visit(node.value)
        return [node, *after]

    def visit_Return(self, node: ast.Return) -> Any:
        """Report what is returned."""
        if node.value is not None and self.inside:
            value = self.visit(node.value)
            node.value = call(RETURNED, [ast.Constant(node.lineno), value], node.value)
        return node

    def visit_match_case(self, node: ast.match_case) -> Any:
        node.body = self._body(node.body)  # a pattern is no expression
        return node

    def _value(self, value: ast.expr, targets: list[ast.expr]) -> ast.expr:
        """Visit an assignment's value; its sites know what they are assigned to."""
        before = len(self.sites)
        done: ast.expr = self.visit(value)
        pairs = [(targets[0], value)]
        if isinstance(value, ast.Tuple) and isinstance(targets[0], ast.Tuple):
            pairs = list(zip(targets[0].elts, value.elts, strict=False))
        names = {(v.lineno, v.col_offset, v.end_col_offset): t for t, v in pairs}
        for site in self.sites[before:]:
            target = names.get(site["span"])
            if target is not None and site["parent"] < 0:
                site["target"] = ast.unparse(target)
        return done

    # ---- expressions ----

    def visit(self, node: ast.AST) -> Any:
        """Wrap an expression in ``node(site, ...)``, its parts first."""
        if isinstance(node, ast.Call) and not self.inside:
            node.args = [self.visit(arg) for arg in node.args]  # defvjp(f, lambda ...)
            return node
        if isinstance(node, ast.expr) and (not self.inside or self._opaque(node)):
            return node if not isinstance(node, ast.Lambda) else self.visit_Lambda(node)
        if not (isinstance(node, WRAPPED) and self._floats(node)):
            return super().visit(node)
        site = self._site(node)
        parts = self._parts(node)
        for place, (owner, field, part) in enumerate(parts):
            self.parents.append((site, place))
            done = self.visit(part)
            self.parents.pop()
            if isinstance(field, int):
                owner[field] = done
            else:
                setattr(owner, field, done)
        return call(NODE, [ast.Constant(site), node], node)

    def _opaque(self, node: ast.expr) -> bool:
        """Whether nothing in an expression is looked at: it has no derivative."""
        stored = isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)
        return stored or isinstance(node, ast.Compare | ast.JoinedStr | ast.Constant)

    def _floats(self, node: ast.expr) -> bool:
        if isinstance(node, ast.UnaryOp):
            return isinstance(node.op, ast.USub)
        return not (isinstance(node, ast.Attribute) and self._is_module(node.value))

    def _is_module(self, node: ast.expr) -> bool:
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self.modules

    def _parts(self, node: ast.expr) -> list[tuple[Any, Any, ast.expr]]:
        """Return an operation's arguments in order, with the fields that hold them."""
        match node:
            case ast.BinOp(left, _, right):
                return [(node, "left", left), (node, "right", right)]
            case ast.UnaryOp(_, operand):
                return [(node, "operand", operand)]
            case ast.Subscript(value):
                return [(node, "value", value)]
            case ast.Attribute(value):
                return (
                    []
                    if isinstance(value, ast.Name) and value.id == "self"
                    else [(node, "value", value)]
                )
            case ast.IfExp(_, body, orelse):
                return [(node, "body", body), (node, "orelse", orelse)]
            case ast.Call(function, args, keywords):
                parts: list[tuple[Any, Any, ast.expr]] = []
                if self._is_method(function):
                    parts.append((function, "value", function.value))  # type: ignore[attr-defined]
                parts += [(args, i, arg) for i, arg in enumerate(args)]
                return parts + [
                    (item, "value", item.value)
                    for item in keywords
                    if item.arg not in SKIPPED_KEYWORDS
                ]
        return []

    def _is_method(self, function: ast.expr) -> bool:
        return isinstance(function, ast.Attribute) and not self._is_module(function)

    def _site(self, node: ast.expr) -> int:
        parent, place = self.parents[-1] if self.parents else (-1, 0)
        site = self.first + len(self.sites)
        self.sites.append(
            {
                "site": site,
                **described(node),
                "parent": parent,
                "place": place,
                "target": "",
            }
        )
        return site
