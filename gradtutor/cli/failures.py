"""What can go wrong, as one record: kind, message, place, what to do, exit code.

Foreseen errors are the classes of this package, click's and the system's. All others
are faults of ours, whose traceback goes to a file.
"""

from __future__ import annotations

import errno
import io
import os
import re
import sys
import traceback
from dataclasses import dataclass, field
from typing import Any

import click

from gradtutor.messages import mark, tr

DONE, FAILED, USAGE, INVALID, MISSING, UNDECIDED = 0, 1, 2, 3, 4, 5
FAULT, INTERRUPTED = 70, 130

#: What the system says, as far as it is translated.
SYSTEM_WORDS = (
    mark("No such file or directory"),
    mark("Permission denied"),
    mark("Is a directory"),
    mark("Not a directory"),
    mark("File exists"),
    mark("File name too long"),
    mark("Read-only file system"),
    mark("Directory not empty"),
    mark("Input/output error"),
)

#: Exit codes by the name of the error's class, so that nothing is imported here.
EXIT_CODES = {
    "MissingEngineError": MISSING,
    "MissingPackageError": MISSING,
    "OutOfTimeError": UNDECIDED,
    "TrainingError": FAILED,
}
KINDS = {
    FAILED: "failed",
    USAGE: "usage",
    INVALID: "invalid",
    MISSING: "missing",
    UNDECIDED: "undecided",
}


@dataclass(frozen=True)
class Failure:
    """Why a command ends without a result.

    Attributes
    ----------
    kind : str
        A word for programs: ``usage``, ``formula-syntax``, ``file``, ``fault``, ...
    message : str
        What is wrong, in one line.
    line, column : int or None
        Where in the text, from 1.
    hint : str
        What to do.
    text : str
        The same for a person, where that has more than message and hint.
    data : dict
        What else belongs to the JSON object.
    """

    kind: str
    message: str
    code: int
    line: int | None = None
    column: int | None = None
    hint: str = ""
    text: str = ""
    data: dict[str, Any] = field(default_factory=dict)

    def shown(self) -> str:
        """Return what a person reads."""
        if self.text:
            return self.text
        return "\n".join(filter(None, [f"gradtutor: {self.message}", self.hint]))

    def to_json(self) -> dict[str, Any]:
        """Return the object that ``--json`` prints."""
        names = ("kind", "message", "line", "column", "hint")
        error = {name: getattr(self, name) for name in names}
        return {"schema": 1, **self.data, "error": error}


class Failed(click.ClickException):
    """Ends a command with a failure that it describes itself."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def failure_of(error: BaseException) -> Failure:
    """Say what went wrong and, where the error knows it, where and what to do."""
    if isinstance(error, Failed):
        return error.failure
    if isinstance(error, click.ClickException):
        return _of_usage(error)
    if isinstance(error, SystemExit):  # of a loader, whose text goes into scripts
        return Failure("invalid", str(error.code), INVALID)
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return Failure("interrupted", tr("interrupted"), INTERRUPTED)
    if isinstance(error, MemoryError):
        return Failure("memory", tr("not enough memory for this"), INVALID)
    if isinstance(error, UnicodeEncodeError) and "surrogates" in error.reason:
        hint = tr("set the terminal and LC_ALL to UTF-8")
        return Failure("invalid", tr("this is no text in UTF-8"), INVALID, hint=hint)
    if isinstance(error, OSError):
        return Failure("file", _of_system(error), INVALID)
    return _of_ours(error) if _is_ours(error) else _of_fault(error)


def _of_usage(error: click.ClickException) -> Failure:
    page = io.StringIO()
    error.show(page)
    hint = ""
    context = getattr(error, "ctx", None)
    if context is not None:
        hint = tr(
            "{command_path} --help says how it is used",
            command_path=context.command_path,
        )
    message, text = error.format_message(), page.getvalue().rstrip("\n")
    code = error.exit_code
    kind = KINDS.get(code, "failed") if isinstance(error, click.UsageError) else "file"
    return Failure(kind, message, code, hint=hint, text=text)


def _of_system(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return tr(
            "the disk is full: {name}", name=error.filename or tr("nothing was written")
        )
    if error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{tr(error.strerror)}"
    return str(error)


def _is_ours(error: BaseException) -> bool:
    """Whether an error is meant for a person: one of our classes, or a ValueError.

    A ValueError counts when a ``raise`` of this package made it, as the loaders' do,
    whose text goes into scripts; one of NumPy's or of ``float`` does not.
    """
    import dis

    if type(error).__module__.partition(".")[0] == "gradtutor":
        return True
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    if type(error) is not ValueError or place is None:
        return False
    module = str(place.tb_frame.f_globals.get("__name__", ""))
    step = place.tb_frame.f_code.co_code[place.tb_lasti]
    return module.startswith("gradtutor.") and step == dis.opmap["RAISE_VARARGS"]


def _of_ours(error: BaseException) -> Failure:
    """Describe an error of this package; its class is the kind."""
    from gradtutor.evaluate import MissingValueError
    from gradtutor.graph import ShapeError
    from gradtutor.language import SourceError, SourceShapeError

    if isinstance(error, ShapeError) and error.source:
        error = SourceShapeError(str(error), error.source, error.span or (0, 1))
    name = type(error).__name__.replace("ValueError", "Invalid")
    kind = re.sub(r"(?<!^)(?=[A-Z])", "-", name.removesuffix("Error")).lower()
    code = EXIT_CODES.get(name, INVALID)
    if isinstance(error, SourceError):
        text = f"gradtutor: {error}"
        place = error.line, error.column
        return Failure(kind, error.message, code, *place, error.hint, text)
    hint = str(getattr(error, "hint", ""))
    line = getattr(error, "line", None)
    if isinstance(error, MissingValueError):
        text = tr(
            "gradtutor: {error}: add --at {name}=...", error=error, name=error.name
        )
        hint = tr("add --at {name}=...", name=error.name)
        return Failure("missing-value", str(error), code, hint=hint, text=text)
    return Failure(kind, str(error), code, line, hint=hint)


# ---- faults of ours ----


def _of_fault(error: BaseException) -> Failure:
    """Write the traceback to a file and ask for a report; one line in all."""
    said = " ".join(f"{type(error).__name__}: {error}".split())
    if len(said) > 120:
        said = said[:119] + "…"
    try:
        hint = tr("please report it with the file {path}", path=write_log(error))
    except Exception as failed:  # whatever it is, the message must come
        hint = tr(
            "please report it; its log could not be written ({failed})", failed=failed
        )
    message = tr("a fault of gradtutor, not of your input: {said}", said=said)
    text = f"gradtutor: {message}; {hint}"
    return Failure("fault", message, FAULT, hint=hint, text=text)


def write_log(error: BaseException) -> str:
    """Write the traceback of a fault, and what was run, to a file of its own.

    It lies in the folder ``faults`` of ``GRADTUTOR_HOME``, or of the platform's place
    for logs.

    Returns
    -------
    str
        The file's path.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    import platform
    import tempfile
    from datetime import datetime
    from pathlib import Path

    import platformdirs

    from gradtutor import __version__

    own = os.environ.get("GRADTUTOR_HOME")
    place = platformdirs.user_log_path("gradtutor", appauthor=False)
    folder = (Path(own).expanduser() if own else place) / "faults"
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now().astimezone()
    lines = [
        f"gradtutor {__version__}, Python {platform.python_version()}, "
        f"{platform.platform()}",
        now.isoformat(timespec="seconds"),
        repr(sys.argv),
        "",
        *_traceback(error),
    ]
    handle, name = tempfile.mkstemp(".log", f"{now:%Y-%m-%d-%H%M%S}-", folder)
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write("\n".join(lines) + "\n")
    return name


def _traceback(error: BaseException) -> list[str]:
    """Return the traceback's lines; of a recursion, its two ends."""
    lines = "".join(traceback.format_exception(error)).splitlines()
    return lines if len(lines) <= 400 else [*lines[:200], "...", *lines[-200:]]
