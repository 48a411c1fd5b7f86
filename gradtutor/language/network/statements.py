"""The statements of a network's text: its layers, its loss, its optimiser."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from gradtutor.language.errors import ArgumentError, FormulaSyntaxError, LimitError
from gradtutor.language.layers.items import MAX_LEVELS, Item, called_name, read_item
from gradtutor.language.layers.library import library_of
from gradtutor.language.layers.spellings import LAYERS, Spelling
from gradtutor.language.layers.training import (
    LOSS_WORDS,
    LOSSES,
    OPTIMISER_WORDS,
    OPTIMISERS,
    REGULARISERS,
    SCHEDULE_WORDS,
    SCHEDULES,
)
from gradtutor.language.syntax import Source
from gradtutor.messages import tr

MAX_LAYERS = 1000
#: Calls that a pasted text may have and that change nothing here.
IDLE = ("summary", "print", "build", "to", "cuda", "cpu", "train", "double", "float")


class TrainingText:
    """What a text says of its training: the loss, the optimiser, the schedule."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.loss: Item | None = None
        self.optimiser: Item | None = None
        self.regulariser: Item | None = None
        self.schedule: Item | None = None

    def setting(self, name: str, value: ast.expr) -> bool:
        """Read ``loss = ...`` and the like; return whether it was one of these."""
        match name:
            case "loss" | "criterion" | "loss_fn" | "loss_function":
                self.loss = self._word_or_item(value, LOSS_WORDS, LOSSES)
            case "optimizer" | "optimiser":
                self.optimiser = self._word_or_item(value, OPTIMISER_WORDS, OPTIMISERS)
            case "regularization" | "regularisation" | "regularizer":
                self.regulariser = read_item(self.source, value, REGULARISERS)
            case "schedule" | "scheduler" | "lr_scheduler":
                self.schedule = self._word_or_item(value, SCHEDULE_WORDS, SCHEDULES)
            case _:
                return False
        return True

    def _word_or_item(
        self, node: ast.expr, words: Mapping[str, str], table: Mapping[str, Spelling]
    ) -> Item:
        """Read a loss or an optimiser, by call or by Keras's word for it."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if node.value.lower() not in words:
                known = dict.fromkeys(words, Spelling(""))
                return read_item(self.source, node, known)
            call = ast.Call(ast.Name(words[node.value.lower()]), [], [])
            item = read_item(self.source, ast.copy_location(call, node), table)
            return Item(item.kind, item.arguments, item.span, node.value)
        if isinstance(node, ast.Call) and node.args and _is_model(node.args[0]):
            node.args.pop(0)  # Adam(model.parameters(), ...), StepLR(optimizer, ...)
        return read_item(self.source, node, table)


class NetworkText(TrainingText):
    """The layers, the loss and the optimiser of a text, in any order."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.layers: list[Item] = []
        self.names: dict[str, ast.expr] = {}
        self.library = library_of(source.tree)
        for statement in source.tree.body:
            _write_out(statement, self.names)
            self._statement(statement)
        if not self.layers:
            raise FormulaSyntaxError(
                tr("the network has no layers"),
                source.text,
                (0, 1),
                "Sequential([...])",
            )
        if self.loss is None:
            hint = tr("add a line: loss = CrossEntropyLoss()")
            raise FormulaSyntaxError(
                tr("the network has no loss"), source.text, (0, 1), hint
            )

    def _statement(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Import() | ast.ImportFrom() | ast.Expr(ast.Constant(str())):
                return
            case ast.Assign(targets=[ast.Name(name)], value=value) if self.setting(
                name, value
            ):
                return
            case ast.Assign(targets=[ast.Name(name)], value=value) if _is_plain(value):
                self.names[name] = value
            case ast.Assign(value=ast.Call() as value) | ast.Expr(ast.Call() as value):
                self._call(value)
            case _:
                raise self._foreign(statement)

    def _foreign(self, statement: ast.stmt | ast.expr) -> FormulaSyntaxError:
        message = tr("this is not a line of a network")
        hint = tr("it has Sequential([...]), loss = ... and optimizer = ...")
        if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.Call):
            hint = tr("write the layers as a list: model = Sequential([...])")
        span = self.source.span(statement)
        return FormulaSyntaxError(message, self.source.text, span, hint)

    def _call(self, call: ast.Call) -> None:
        name = called_name(call)
        inner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if name == "Sequential":
            self._list_of(call)
        elif name == "add":
            self.layers += [self._layer(item) for item in call.args]
        elif name == "compile":
            given = [*zip(("optimizer", "loss"), call.args, strict=False)]
            given += [(one.arg or "", one.value) for one in call.keywords]
            for key, value in given:
                if key in ("loss", "optimizer"):
                    self.setting(key, value)
        elif name in IDLE and isinstance(inner, ast.Call):  # Sequential(...).to(device)
            self._call(inner)
        elif name in LAYERS or name in ("", "Model"):  # Keras's functional style
            raise self._foreign(call)
        elif name not in IDLE:
            table = {"Sequential": Spelling("sequential")}
            read_item(self.source, call, table)

    def _list_of(self, call: ast.Call) -> None:
        if self.layers:
            message = tr("this is a second Sequential: a text has one network")
            span = self.source.span(call)
            hint = tr("write all layers into one list")
            raise ArgumentError(message, self.source.text, span, hint)
        self.layers += [self._layer(item) for item in _listed(call)]
        if len(self.layers) > MAX_LAYERS:
            message = tr("a network has at most {limit} layers", limit=MAX_LAYERS)
            raise LimitError(message, self.source.text, self.source.span(call))

    def _layer(self, node: ast.expr) -> Item:
        return read_item(self.source, node, LAYERS)


def _is_model(node: ast.expr) -> bool:
    return isinstance(node, ast.Name | ast.Call)  # model.parameters(), list(...)


def _is_plain(value: ast.expr) -> bool:
    """Whether a value is a number, a word or a tuple, as in classes = 10."""
    if isinstance(value, ast.Tuple | ast.List):
        return all(isinstance(item, ast.Constant) for item in value.elts)
    return isinstance(value, ast.Constant)


def _write_out(statement: ast.stmt, names: Mapping[str, ast.expr]) -> None:
    """Put the values of named numbers into the arguments of calls."""
    if not names:
        return

    def written(node: ast.expr) -> ast.expr:
        return names.get(node.id, node) if isinstance(node, ast.Name) else node

    for node in ast.walk(statement):
        if isinstance(node, ast.Call):
            node.args = [written(item) for item in node.args]
        elif isinstance(node, ast.keyword):
            node.value = written(node.value)
        elif isinstance(node, ast.Tuple | ast.List):
            node.elts = [written(item) for item in node.elts]
        elif isinstance(node, ast.BinOp):
            node.left, node.right = written(node.left), written(node.right)


def _listed(call: ast.Call, level: int = 0) -> Iterator[ast.expr]:
    """Yield the layers of Sequential([a, b]), of Sequential(a, b), of nested ones."""
    given = [*call.args, *[one.value for one in call.keywords if one.arg == "layers"]]
    for part in given:
        items = part.elts if isinstance(part, ast.List | ast.Tuple) else [part]
        for item in items:
            name = called_name(item) if isinstance(item, ast.Call) else ""
            if name == "Sequential" and level < MAX_LEVELS:
                yield from _listed(item, level + 1)  # type: ignore[arg-type]
            elif name == "OrderedDict":
                yield from _values(item)
            else:
                yield item


def _values(call: ast.expr) -> Iterator[ast.expr]:
    """Yield the layers of OrderedDict([("name", layer), ...])."""
    for node in ast.iter_child_nodes(call):
        if isinstance(node, ast.List | ast.Tuple):
            for pair in node.elts:
                yield (
                    pair.elts[-1] if isinstance(pair, ast.Tuple) and pair.elts else pair
                )
