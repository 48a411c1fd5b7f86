"""The statements of a network's text: its layers, its loss, its optimiser."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from gradtutor.language.errors import FormulaSyntaxError
from gradtutor.language.items import Item, called_name, read_item
from gradtutor.language.layers import (
    LAYERS,
    LOSS_WORDS,
    LOSSES,
    OPTIMISER_WORDS,
    OPTIMISERS,
    REGULARISERS,
    SCHEDULE_WORDS,
    SCHEDULES,
    Spelling,
)
from gradtutor.language.syntax import Source


class NetworkText:
    """The layers, the loss and the optimiser of a text, in any order."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.layers: list[Item] = []
        self.loss: Item | None = None
        self.optimiser: Item | None = None
        self.regulariser: Item | None = None
        self.schedule: Item | None = None
        for statement in source.tree.body:
            self._statement(statement)
        if not self.layers:
            raise FormulaSyntaxError(
                "the network has no layers", source.text, (0, 1), "Sequential([...])"
            )
        if self.loss is None:
            hint = "add a line: loss = CrossEntropyLoss()"
            raise FormulaSyntaxError(
                "the network has no loss", source.text, (0, 1), hint
            )

    def _statement(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Import() | ast.ImportFrom():
                return
            case ast.Assign(targets=[ast.Name(name)], value=value) if self._setting(
                name, value
            ):
                return
            case ast.Assign(value=ast.Call() as value) | ast.Expr(ast.Call() as value):
                self._call(value)
            case _:
                message = "this is not a line of a network"
                hint = "it has Sequential([...]), loss = ... and optimizer = ..."
                span = self.source.span(statement)
                raise FormulaSyntaxError(message, self.source.text, span, hint)

    def _setting(self, name: str, value: ast.expr) -> bool:
        """Read ``loss = ...`` and the like; return whether it was one of these."""
        match name:
            case "loss" | "criterion" | "loss_fn":
                self.loss = self._word_or_item(value, LOSS_WORDS, LOSSES)
            case "optimizer" | "optimiser":
                self.optimiser = self._word_or_item(value, OPTIMISER_WORDS, OPTIMISERS)
            case "regularization" | "regularisation" | "regularizer":
                self.regulariser = read_item(self.source, value, REGULARISERS)
            case "schedule" | "scheduler":
                self.schedule = self._word_or_item(value, SCHEDULE_WORDS, SCHEDULES)
            case _:
                return False
        return True

    def _call(self, call: ast.Call) -> None:
        match called_name(call):
            case "Sequential":
                self.layers += [self._layer(item) for item in _listed(call)]
            case "add":
                self.layers += [self._layer(item) for item in call.args]
            case "compile":
                for keyword in call.keywords:
                    if keyword.arg in ("loss", "optimizer"):
                        self._setting(keyword.arg, keyword.value)
            case _:
                read_item(self.source, call, {"Sequential": Spelling("sequential")})

    def _layer(self, node: ast.expr) -> Item:
        return read_item(self.source, node, LAYERS)

    def _word_or_item(
        self, node: ast.expr, words: dict[str, str], table: dict[str, Spelling]
    ) -> Item:
        """Read a loss or an optimiser, by call or by Keras's word for it."""
        if isinstance(node, ast.Constant) and node.value in words:
            kind = words[str(node.value)]
            return Item(kind, {}, self.source.span(node), str(node.value))
        return read_item(self.source, node, table)


def _listed(call: ast.Call) -> Iterator[ast.expr]:
    """Yield the layers of Sequential([a, b]) and of Sequential(a, b)."""
    for item in call.args:
        yield from item.elts if isinstance(item, ast.List | ast.Tuple) else [item]
