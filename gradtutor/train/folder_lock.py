"""One training at a time in a folder.

The lock is the operating system's, on an open file: it ends with the processes that
hold it, however they end, and a child that inherits the file holds it too.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

from gradtutor.errors import TutorError
from gradtutor.messages import tr


class BusyFolderError(TutorError):
    """A folder in which another training runs."""


def hold(folder: Path) -> IO[str]:
    """Lock a folder until the file that is returned is closed.

    Raises
    ------
    BusyFolderError
        When another process holds it.
    """
    file = (folder / ".lock").open("w", encoding="utf-8")
    try:
        _lock(file)
    except OSError:
        file.close()
        raise BusyFolderError(
            tr(
                "another training runs in {folder}: wait for its end, or choose "
                "another --out",
                folder=folder,
            )
        ) from None
    return file


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[str]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
