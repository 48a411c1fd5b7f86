"""What a program loads its examples by, and when it stops early."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Data
from gradtutor.language.program.data import arrays
from gradtutor.language.program.values import Function, Instance, Method

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

Keywords = Mapping[str, Any]


def _examples(run: Interpreter, dataset: Any) -> Any:
    """Return a data set with its examples; of the text's own class, its first item."""
    cls = dataset.cls if isinstance(dataset, Instance) else None
    item = cls.method("__getitem__") if cls is not None else None
    if not isinstance(item, Function) or "__examples__" in dataset.names:
        return dataset
    row = run.call(Method(dataset, item), [0], {}, item.node)  # type: ignore[arg-type]
    rows = row if isinstance(row, tuple | list) else (row,)
    known = tuple(one if isinstance(one, Data) else Data() for one in rows)
    return Instance(None, {"__examples__": known})


def data_loader(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Instance:
    """DataLoader(dataset, batch_size=64, ...): its batches, and their size."""
    dataset = args[0] if args else keywords.get("dataset")
    size = args[1] if len(args) > 1 else keywords.get("batch_size")
    if type(size) is int and run.found.batch_size is None:
        run.found.batch_size = size
    rows = arrays.batches(_examples(run, dataset))
    return Instance(None, {"__batches__": rows, "dataset": dataset, "batch_size": size})


def loader_of(run: Interpreter, owner: Any) -> Instance | None:
    """Return the loader that a Lightning module or its data have."""
    if not isinstance(owner, Instance) or "__batches__" in owner.names:
        return owner if isinstance(owner, Instance) else None
    if owner.cls is None or owner.cls.method("train_dataloader") is None:
        return None
    for name, args in (("prepare_data", []), ("setup", ["fit"])):
        if owner.cls.method(name) is not None:
            run.call(Method(owner, owner.cls.method(name)), args, {}, owner.cls.node)
    made = run.call(
        Method(owner, owner.cls.method("train_dataloader")), [], {}, owner.cls.node
    )
    return made if isinstance(made, Instance) else None


def early_stopping(
    run: Interpreter, args: list[Any], keywords: Keywords, node: ast.AST
) -> Instance:
    """EarlyStopping(monitor="val_loss", patience=4)."""
    patience = keywords.get("patience", args[2] if len(args) > 2 else 0)
    return Instance(None, {"__patience__": patience if type(patience) is int else 0})
