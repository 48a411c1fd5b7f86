"""Execute a person's file, statement by statement; pass over plots and downloads."""

from __future__ import annotations

import ast
import io
import linecache
import os
import sys
import types
from pathlib import Path
from typing import Any

from gradtutor.audit.sandbox.child.limits import TimeUp, start_clock
from gradtutor.audit.sandbox.child.older import (
    NUMBER,
    Unbracketed,
    number,
    restore,
)
from gradtutor.audit.sandbox.child.recording.instrument import (
    NODE,
    RETURNED,
    instrument,
)
from gradtutor.audit.sandbox.child.recording.recorder import Recorder
from gradtutor.audit.sandbox.child.reports import AFTER
from gradtutor.audit.sandbox.child.standins import install
from gradtutor.audit.sandbox.child.widening import Widened

#: What is not passed over where it fails: without it functions are missing.
NEEDED = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
#: The folders that ``from ..a import b`` may speak of: above the file's, and its own.
PACKAGES = ("beside", "beside.up", "beside.up.here")
SLOW = 0.3  # of the time for one statement outside functions
LOOP = 0.05  # for a loop, which trains
#: What a text that is not there reads as.
SAMPLE = "the\nquick\nbrown\nfox\njumps\nover\nthe\nlazy\ndog\n"


def load(
    text: str, path: str, recorder: Recorder | None, first_site: int = 0
) -> tuple[types.ModuleType, list[dict[str, Any]]]:
    """Execute a module's text, instrumented if there is a recorder."""
    tree = ast.parse(text, path)
    sites = instrument(tree, first_site) if recorder else []
    module = types.ModuleType(Path(path).stem or "code")
    module.__file__ = path
    if recorder:
        vars(module).update(
            {NODE: recorder.node, AFTER: recorder.after, RETURNED: recorder.returned}
        )
    sys.modules[module.__name__] = module  # as dataclasses and the like expect
    lines = text.splitlines(keepends=True)
    linecache.cache[path] = (len(text), None, lines, path)
    exec(compile(tree, path, "exec"), vars(module))
    return module, sites


def load_person(
    text: str,
    path: str,
    folder: Path,
    recorder: Recorder | None,
    seconds: float,
    *,
    wide: bool = False,
) -> tuple[types.ModuleType, list[dict[str, Any]], list[str]]:
    """Execute a person's file; what only plots, trains or reads data may fail.

    Parameters
    ----------
    wide : bool
        Whether numbers that the text makes single or half are double.

    Returns
    -------
    tuple
        The module, the sites, and what was passed over, as text.
    """
    tree = ast.parse(text, path)
    if wide:
        Widened().visit(tree)
    sites = instrument(tree) if recorder else []
    Unbracketed().visit(tree)
    restore()
    module = types.ModuleType(Path(path).stem or "code")
    module.__file__ = path
    vars(module).update({NUMBER: number, "xrange": range, "unicode": str})
    vars(module)["open"] = _open
    _in_its_package(module, folder)
    if recorder:
        vars(module).update(
            {NODE: recorder.node, AFTER: recorder.after, RETURNED: recorder.returned}
        )
    sys.modules[module.__name__] = module
    linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
    install(folder)
    passed: list[str] = []
    for statement in tree.body:
        _execute(statement, module, path, passed, seconds)
    return module, sites, passed


def _open(file: Any, mode: str = "r", *args: Any, **keywords: Any) -> Any:
    """Open a file; a text to be read that is not there is a sample."""
    try:
        return open(file, mode, *args, **keywords)  # noqa: PTH123 (the person's own call)
    except FileNotFoundError:
        if mode not in ("r", "rt"):
            raise
        return io.StringIO(SAMPLE)


def _in_its_package(module: types.ModuleType, folder: Path) -> None:
    """Let ``from .layers import *`` find the files beside, and data as well."""
    places = (folder.parent.parent, folder.parent, folder)
    for name, place in zip(PACKAGES, places, strict=True):
        package = types.ModuleType(name)
        package.__path__ = [str(place)]
        sys.modules[name] = package
    module.__package__ = PACKAGES[-1]
    if folder.is_dir():
        os.chdir(folder)


def _execute(
    statement: ast.stmt,
    module: types.ModuleType,
    path: str,
    passed: list[str],
    seconds: float,
) -> None:
    code = compile(ast.Module([statement], []), path, "exec")
    needed = isinstance(statement, NEEDED)
    if not needed:
        loop = isinstance(statement, ast.For | ast.While)
        start_clock((LOOP if loop else SLOW) * seconds)
    try:
        exec(code, vars(module))
    except (Exception, TimeUp) as error:
        if needed:
            raise
        passed.append(f"line {statement.lineno}: {type(error).__name__}")
    finally:
        if not needed:
            start_clock(seconds)
