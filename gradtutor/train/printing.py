"""A data set as text for a script: what reads it, checks it, and reads new examples."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from gradtutor.codegen import ScriptData, TextTokens
from gradtutor.codegen.comments.made import comment
from gradtutor.train.call_text import WIDTH, _broken, call_lines, statement
from gradtutor.train.datasets import loaders
from gradtutor.train.loaders import arrays, columns, files, preparing
from gradtutor.train.model import Call, Data, Features, Raw, Targets, literal

#: Modules that a loader may need, by the call that shows it.
MODULES = {
    "csv": "csv.reader(",
    "gzip": "gzip.decompress(",
    "hashlib": "hashlib.sha256(",
    "importlib": "importlib.import_module(",
    "importlib.util": "importlib.util.find_spec(",
    "io": "io.BytesIO(",
}


def script_data(data: Data) -> ScriptData:
    """Return the text of all that a script needs to read this data."""
    raw = data.raw
    plain = _is_plain(data)
    prepares = bool(data.fill or data.scale)
    pieces = [] if plain else list(_glue(data))
    used = [*raw.functions, raw.reader.function]
    if not plain:
        used += _called(data.features.parts + data.features.moves + data.targets.calls)
        used += [columns.together] if data.targets.calls else []
    if prepares:
        used += [preparing.learn, preparing.prepared, preparing.in_own_units]
    used += [columns.without_gaps] if data.complete else []
    used += _for_new(data, plain)
    used += [] if raw.held_out else [loaders.split]
    text = "\n\n\n".join([*map(_source, _with_helpers(used)), *pieces])
    constant = f"{_constants(raw)}\n\n\n" if raw.place else ""
    return ScriptData(
        title=raw.title,
        functions=constant + text,
        imports=("import csv", *_imports(text)),
        load_call=_read_text(raw, "DATA")
        if plain
        else f"load_own({'DATA' * bool(raw.place)})",
        features=_width(data),
        classes=data.targets.count,
        notice=raw.notice,
        package=raw.package,
        test_fraction=data.test_fraction,
        held_out=bool(raw.held_out),
        prepares=prepares,
        new_call=_new_call(data, plain),
        new_suffix=Path(raw.place).suffix if raw.columns and raw.place else ".npz",
        class_names=_listed(_names(data.targets)),
        target_names=_target_names(data),
        text=_text_tokens(data),
        own_npz=Path(raw.place).suffix.lower() == ".npz",
        fill=data.fill,
        scale=data.scale,
    )


def _text_tokens(data: Data) -> TextTokens | None:
    raw = data.raw
    if raw.alphabet is None:
        return None
    return TextTokens(not raw.alphabet, raw.end, _width(data))


def _imports(text: str) -> list[str]:
    """Return the import lines that the text needs; answers are written by csv."""
    used = [name for name, call in MODULES.items() if call in text]
    return [f"import {name}" for name in used if name != "csv"]


def _names(targets: Targets) -> Any:
    names = targets.classes or ()
    return range(len(names)) if names == tuple(range(len(names))) else list(names)


def _target_names(data: Data) -> str:
    """Return the lines that list the columns of numbers; arrays have no names."""
    names = data.targets.names
    told = data.targets.classes is None and (len(names) > 1 or data.raw.columns)
    return _listed(list(names)) if names and told else ""


def _listed(names: Any) -> str:
    """Return the line, or the lines, that list names."""
    *lines, last = _broken(names, 4, "names = ")
    return "\n".join([*lines, last.removesuffix(",")])


def _constants(raw: Raw) -> str:
    """Return what is known of the place, and of a text its alphabet."""
    lines = [_constant("DATA", raw.place)]
    if raw.alphabet is not None:
        lines.append(_constant("ALPHABET", raw.alphabet))
    return "\n".join(lines)


def _constant(name: str, value: str) -> str:
    """Return ``name = value``, in brackets where it fits only so."""
    text = literal(value)
    if len(f"{name} = {text}") <= WIDTH or len(text) + 4 > WIDTH:
        return f"{name} = {text}"
    return f"{name} = (\n    {text}\n)"


def _reads_arrays(raw: Raw) -> bool:
    """Whether new examples are in an array, rather than in a table or in images."""
    return not raw.columns and raw.reader.function is not files.read_images


def _new_call(data: Data, plain: bool) -> str:
    """Return what reads X of new examples in the file ``path``."""
    if data.raw.alphabet is not None:
        return ""
    if data.raw.pair:
        rows = f'rows_of(read_new(path, ["X"]), "X", {_width(data)})'
        return rows if plain else f'features({{"X": {rows}}})'
    if not _reads_arrays(data.raw):
        return f"features({_read_text(data.raw, 'path')})"
    if data.raw.reader.function is files.read_npz and "X" not in data.raw.table:
        names = [part.settings[0] for part in data.features.parts]
        arrays = {name: data.raw.reader.settings[0][name][:1] for name in names}
        return f"features(read_npz(path, {literal(arrays)}))"
    names = ["X"]
    if data.raw.reader.function is files.read_npz:
        names = list(dict.fromkeys([*data.raw.reader.settings[0]["X"][:1], "X"]))
    return f"features(read_new(path, {literal(names)}))"


def _for_new(data: Data, plain: bool) -> list[Callable[..., Any]]:
    """Return the functions that read new examples."""
    if data.raw.alphabet is not None:
        return []
    reads = [files.read_new] if _reads_arrays(data.raw) else []
    return [*reads, arrays.rows_of] if data.raw.pair else reads


def _width(data: Data) -> int:
    width = 1
    for size in data.features.example:
        width *= size
    return width


def _is_plain(data: Data) -> bool:
    """Whether the reader's X and y are taken as they are."""
    if data.raw.alphabet is not None:
        return True
    if data.complete:
        return False
    calls = data.targets.calls
    as_they_are = bool(calls) and (
        calls[0].settings[-1] == range(data.targets.count or 0)
        or (data.targets.classes is None and len(calls) == 1)
    )
    return data.raw.pair and not data.features.moves and as_they_are


# ---- the loader's own function ----


def _glue(data: Data) -> Iterator[str]:
    """Yield the functions that put the calls together."""
    raw, itself = data.raw, not data.targets.calls
    yield _features_text(data.features)
    if not itself:
        yield _targets_text(data.targets)
    given = "path" if raw.place else ""
    read = _read_text(raw, "path")
    if raw.pair:
        read = f'dict(zip("Xy", {read}, strict=True))'
    name = raw.file if raw.place else raw.title
    yield "\n".join([
        f"def load_own({given}):",
        f'    """{comment("Return X and y of {name}.", name=_in_docstring(name))}"""',
        *_assigned("table", read),
        *_complete(data),
        *(["    X = features(table)", "    return X, X  # the network gives X back"]
          if itself else ["    return together(features(table), targets(table))"]),
    ])  # fmt: skip


def _complete(data: Data) -> list[str]:
    """Return what leaves out rows that miss a cell."""
    call = Call(columns.without_gaps, (list(data.complete),))
    return statement("table", call, "table") if data.complete else []


def _in_docstring(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', "'")


def _assigned(name: str, text: str) -> list[str]:
    return [f"    {name} = {text}"]


def _read_text(raw: Raw, path: str) -> str:
    if raw.alphabet is not None:
        steps = raw.reader.settings[-1]
        return f"{raw.reader.function.__name__}({path}, ALPHABET, {steps})"
    if not raw.place:
        return f"{raw.reader.function.__name__}()"
    return raw.reader.text(path)


def _features_text(features: Features) -> str:
    width = 1
    for size in features.example:
        width *= size
    lines = ["def features(table):", f'    """Return X (rows, {width}) of a table."""']
    if len(features.parts) == 1:
        lines += statement("X", features.parts[0], "table")
    else:
        lines.append("    parts = [")
        for part in features.parts:
            *first, last = call_lines(part, "table", 8, "")
            lines += [*first, f"{last},"]
        lines += ["    ]", "    X = np.column_stack(parts)"]
    for move in features.moves:
        lines += statement("X", move, "X")
    return "\n".join([*lines, "    return X"])


def _targets_text(targets: Targets) -> str:
    kind = "classes by number" if targets.classes else "numbers"
    lines = ["def targets(table):", f'    """Return y of a table: {kind}."""']
    first = "table"
    for call in targets.calls:
        lines += statement("y", call, first)
        first = "y"
    return "\n".join([*lines, "    return y"])


# ---- printed functions ----


def _called(calls: Iterable[Call]) -> list[Callable[..., Any]]:
    return [call.function for call in calls]


def _source(function: Callable[..., Any]) -> str:
    return inspect.getsource(function).rstrip()


def _with_helpers(functions: Iterable[Callable[..., Any]]) -> list[Callable[..., Any]]:
    """Return functions with those of the loaders' modules that they call, once each."""
    known = {
        name: one
        for module in (files, columns, arrays)
        for name, one in vars(module).items()
        if inspect.isfunction(one)
    }
    found: list[Callable[..., Any]] = []

    def add(function: Callable[..., Any]) -> None:
        for node in ast.walk(ast.parse(inspect.getsource(function))):
            name = node.id if isinstance(node, ast.Name) else ""
            if name in known and known[name] is not function:
                add(known[name])
        if function not in found:
            found.append(function)

    for function in functions:
        add(function)
    return found
